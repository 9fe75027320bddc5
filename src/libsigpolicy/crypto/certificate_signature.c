/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/certificate_int.h"
#include "crypto/crypto_int.h"
#include "crypto/signature_digest.h"

#include <openssl/rsa.h>

/* The salt of RSASSA-PSS is as long as the digest, and its mask of the same digest. OpenSSL takes
 * signatures that are shorter than the modulus, too. */
static bool
pss_holds (const struct sp_certificate *certificate, const struct sp_certificate *issuer)
{
  static const char *const names[] = {
    [SP_DIGEST_SHA256] = "SHA256", [SP_DIGEST_SHA384] = "SHA384", [SP_DIGEST_SHA512] = "SHA512"
  };
  SP_CLEANUP (EVP_MD_CTX_free_p) EVP_MD_CTX *context = EVP_MD_CTX_new ();
  X509 *x509 = sp_certificate_x509 (issuer);
  EVP_PKEY *key = x509 ? X509_get0_pubkey (x509) : NULL;
  EVP_PKEY_CTX *parameters = NULL;
  struct sp_view signature = sp_buf_view (&certificate->signature), tbs = certificate->tbs;

  bool good = context && key && signature.len == (size_t)EVP_PKEY_get_size (key)
              && EVP_DigestVerifyInit_ex (context, &parameters, names[certificate->digest],
                                          sp_openssl (), NULL, key, NULL)
                     == 1
              && EVP_PKEY_CTX_set_rsa_padding (parameters, RSA_PKCS1_PSS_PADDING) == 1
              && EVP_PKEY_CTX_set_rsa_pss_saltlen (parameters, RSA_PSS_SALTLEN_DIGEST) == 1
              && EVP_DigestVerify (context, (const unsigned char *)signature.data, signature.len,
                                   (const unsigned char *)tbs.data, tbs.len)
                     == 1;
  ERR_clear_error ();
  return good;
}

bool
sp_certificate_is_signed_by (const struct sp_certificate *certificate,
                             const struct sp_certificate *issuer)
{
  struct sp_view signature = sp_buf_view (&certificate->signature), tbs = certificate->tbs;
  unsigned char digest[SP_DIGEST_BYTES_MAX];

  if (certificate->is_pss)
    return pss_holds (certificate, issuer);
  if (certificate->algorithm == SP_ALGORITHM_ED25519)
    return sp_public_key_verify_pure (issuer->key, tbs, signature);
  size_t length = certificate->digest == SP_DIGEST_SHA1
                      ? 0
                      : sp_digest (certificate->digest, &tbs, 1, digest);
  return length
         && sp_public_key_holds (issuer->key, certificate->digest,
                                 sp_view_n ((const char *)digest, length), signature);
}
