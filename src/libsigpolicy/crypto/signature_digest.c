/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/signature_digest.h"

#include "crypto/crypto_int.h"

#include <openssl/rsa.h>

SP_DEFINE_CLEANUP (EVP_PKEY_CTX *, EVP_PKEY_CTX_free);

/* Every kind of key that signs bundles, by the name that Sigstore gives it. */
static const struct details
{
  enum sp_key_kind kind;
  unsigned bits; /* 0: of any size */
  const char *name;
  enum sp_hash hash;
} table[] = {
  { SP_KEY_ECDSA, 256, "PKIX_ECDSA_P256_SHA_256", SP_HASH_SHA256 },
  { SP_KEY_ECDSA, 384, "PKIX_ECDSA_P384_SHA_384", SP_HASH_SHA384 },
  { SP_KEY_ECDSA, 521, "PKIX_ECDSA_P521_SHA_512", SP_HASH_SHA512 },
  { SP_KEY_RSA, 2048, "PKIX_RSA_PKCS1V15_2048_SHA256", SP_HASH_SHA256 },
  { SP_KEY_RSA, 3072, "PKIX_RSA_PKCS1V15_3072_SHA256", SP_HASH_SHA256 },
  { SP_KEY_RSA, 4096, "PKIX_RSA_PKCS1V15_4096_SHA256", SP_HASH_SHA256 },
  { SP_KEY_ED25519, 0, "PKIX_ED25519_PH", SP_HASH_SHA512 },
};

static const struct details *
find (const struct sp_public_key *key)
{
  for (size_t i = 0; i < sizeof table / sizeof *table && !key->refusal[0]; i++)
    if (table[i].kind == key->kind && (!table[i].bits || table[i].bits == key->bits))
      return &table[i];
  return NULL;
}

const char *
sp_public_key_details (const struct sp_public_key *key, enum sp_hash *ret_hash)
{
  const struct details *details = find (key);
  if (details && ret_hash)
    *ret_hash = details->hash;
  return details ? details->name : NULL;
}

bool
sp_public_key_verify_pure (const struct sp_public_key *key, struct sp_view message,
                           struct sp_view signature)
{
  SP_CLEANUP (EVP_MD_CTX_free_p) EVP_MD_CTX *context = EVP_MD_CTX_new ();
  bool good
      = key->kind == SP_KEY_ED25519 && context
        && EVP_DigestVerifyInit_ex (context, NULL, NULL, sp_openssl (), NULL, key->key, NULL) == 1
        && EVP_DigestVerify (context, (const unsigned char *)signature.data, signature.len,
                             (const unsigned char *)(message.len ? message.data : ""), message.len)
               == 1;
  ERR_clear_error ();
  return good;
}

static bool
verify_ed25519ph (const struct sp_public_key *key, struct sp_view digest, struct sp_view signature)
{
  unsigned char raw[32];
  size_t length = sizeof raw;
  return EVP_PKEY_get_raw_public_key (key->key, raw, &length) == 1 && length == sizeof raw
         && sp_ed25519ph_verify (raw, (const unsigned char *)digest.data, signature);
}

bool
sp_public_key_verify_digest (const struct sp_public_key *key, enum sp_hash hash,
                             struct sp_view digest, struct sp_view signature)
{
  static const char *const names[] = { "SHA256", "SHA384", "SHA512" };

  if (digest.len != sp_hash_bytes (hash) || key->refusal[0])
    return false;
  if (key->kind == SP_KEY_ED25519)
    return hash == SP_HASH_SHA512 && verify_ed25519ph (key, digest, signature);
  if (key->kind != SP_KEY_ECDSA && key->kind != SP_KEY_RSA)
    return false;
  /* OpenSSL writes an ECDSA signature anew and compares, so nothing but strict DER passes. */
  SP_CLEANUP (EVP_PKEY_CTX_free_p)
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey (sp_openssl (), key->key, NULL);
  EVP_MD *md = EVP_MD_fetch (sp_openssl (), names[hash], NULL);
  bool good = context && md && EVP_PKEY_verify_init (context) == 1
              && (key->kind != SP_KEY_RSA
                  || EVP_PKEY_CTX_set_rsa_padding (context, RSA_PKCS1_PADDING) == 1)
              && EVP_PKEY_CTX_set_signature_md (context, md) == 1
              && EVP_PKEY_verify (context, (const unsigned char *)signature.data, signature.len,
                                  (const unsigned char *)digest.data, digest.len)
                     == 1;
  EVP_MD_free (md);
  ERR_clear_error ();
  return good;
}
