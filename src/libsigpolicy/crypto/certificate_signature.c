/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/certificate_int.h"
#include "crypto/crypto_int.h"

#include <openssl/rsa.h>

/* The salt of RSASSA-PSS is as long as the digest, and its mask of the same digest. */
static bool
set_padding (const struct sp_certificate *certificate, EVP_PKEY_CTX *context)
{
  return !certificate->is_pss
         || (EVP_PKEY_CTX_set_rsa_padding (context, RSA_PKCS1_PSS_PADDING) == 1
             && EVP_PKEY_CTX_set_rsa_pss_saltlen (context, RSA_PSS_SALTLEN_DIGEST) == 1);
}

/* OpenSSL takes ECDSA signatures in strict DER only, but those of RSASSA-PSS also when they are
 * shorter than the modulus. */
bool
sp_certificate_is_signed_by (const struct sp_certificate *certificate,
                             const struct sp_certificate *issuer)
{
  SP_CLEANUP (EVP_MD_CTX_free_p) EVP_MD_CTX *context = EVP_MD_CTX_new ();
  EVP_PKEY *key = issuer->key->key;
  EVP_PKEY_CTX *parameters = NULL;
  struct sp_view signature = sp_buf_view (&certificate->signature), tbs = certificate->tbs;

  if (!key
      || (certificate->algorithm == SP_ALGORITHM_RSA
          && signature.len != (size_t)EVP_PKEY_get_size (key)))
    return false;
  bool good = context
              && EVP_DigestVerifyInit_ex (context, &parameters, certificate->digest, sp_openssl (),
                                          NULL, key, NULL)
                     == 1
              && set_padding (certificate, parameters)
              && EVP_DigestVerify (context, (const unsigned char *)signature.data, signature.len,
                                   (const unsigned char *)tbs.data, tbs.len)
                     == 1;
  ERR_clear_error ();
  return good;
}
