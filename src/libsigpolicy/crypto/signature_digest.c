/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/signature_digest.h"

#include "crypto/crypto_int.h"

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
  for (size_t i = 0; i < sizeof table / sizeof *table && !sp_public_key_refusal (key); i++)
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
sp_public_key_verify_digest (const struct sp_public_key *key, enum sp_hash hash,
                             struct sp_view digest, struct sp_view signature)
{
  if (digest.len != sp_hash_bytes (hash))
    return false;
  if (key->kind == SP_KEY_ED25519)
    return hash == SP_HASH_SHA512
           && sp_ed25519ph_verify (key->ed25519, (const unsigned char *)digest.data, signature);
  return sp_public_key_holds (key, sp_hash_digest (hash), digest, signature);
}
