/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto_int.h"
#include "crypto/signature_digest.h"

#include "crypto/der.h"

/* Both halves of the longest signature that IEEE P1363 gives: two numbers on P-521. */
#define P1363_MAX 132

/* The two numbers of an ECDSA signature in DER, which must be that to the byte. */
static bool
take_numbers (struct sp_view signature, struct sp_view ret[2])
{
  struct sp_view content;
  bool good = sp_der_take (&signature, SP_DER_SEQUENCE, &content) && !signature.len;

  for (size_t i = 0; i < 2 && good; i++)
    good = sp_der_take (&content, SP_DER_INTEGER, &ret[i]) && sp_der_is_integer (ret[i])
           && !((unsigned char)ret[i].data[0] & 0x80);
  return good && !content.len;
}

bool
sp_public_key_holds (const struct sp_public_key *key, enum sp_digest kind, struct sp_view digest,
                     struct sp_view signature)
{
  struct sp_view numbers[2];

  switch (key->kind)
    {
    case SP_KEY_ECDSA:
      return take_numbers (signature, numbers)
             && sp_ec_key_holds (key->ec, digest, numbers[0], numbers[1]);
    case SP_KEY_RSA:
      return sp_rsa_key_holds (key->rsa, kind, digest, signature);
    case SP_KEY_ED25519:
    case SP_KEY_DSA:
    case SP_KEY_X25519:
    case SP_KEY_UNKNOWN:
      break;
    }
  return false;
}

/* There is no equation for Ed25519: OpenSSL sets a provider up for the first one that is asked for.
 */
bool
sp_public_key_verify_pure (const struct sp_public_key *key, struct sp_view message,
                           struct sp_view signature)
{
  if (key->kind != SP_KEY_ED25519 || !sp_openssl ())
    return false;
  SP_CLEANUP (EVP_PKEY_free_p)
  EVP_PKEY *loaded = EVP_PKEY_new_raw_public_key_ex (sp_openssl (), "ED25519", NULL, key->ed25519,
                                                     sizeof key->ed25519);
  SP_CLEANUP (EVP_MD_CTX_free_p) EVP_MD_CTX *context = EVP_MD_CTX_new ();
  bool good
      = loaded && context
        && EVP_DigestVerifyInit_ex (context, NULL, NULL, sp_openssl (), NULL, loaded, NULL) == 1
        && EVP_DigestVerify (context, (const unsigned char *)signature.data, signature.len,
                             (const unsigned char *)(message.len ? message.data : ""), message.len)
               == 1;
  ERR_clear_error ();
  return good;
}

/* Over a digest of the message. */
static bool
holds_over (enum sp_digest kind, const struct sp_public_key *key, struct sp_view message,
            struct sp_view signature)
{
  unsigned char digest[SP_DIGEST_BYTES_MAX];
  size_t length = sp_digest (kind, &message, 1, digest);
  return length
         && sp_public_key_holds (key, kind, sp_view_n ((const char *)digest, length), signature);
}

/* Over SHA-256, but for Ed25519, which hashes on its own. */
static bool
holds (const struct sp_public_key *key, struct sp_view message, struct sp_view signature)
{
  return key->kind == SP_KEY_ED25519 ? sp_public_key_verify_pure (key, message, signature)
                                     : holds_over (SP_DIGEST_SHA256, key, message, signature);
}

/* Begins with a SEQUENCE of two INTEGERs, whatever follows them: then it counts as DER, and must
 * be that to the byte. */
static bool
looks_like_der (struct sp_view signature)
{
  struct sp_view content, r, s;
  return sp_der_take (&signature, SP_DER_SEQUENCE, &content)
         && sp_der_take (&content, SP_DER_INTEGER, &r) && sp_der_is_integer (r)
         && sp_der_take (&content, SP_DER_INTEGER, &s) && sp_der_is_integer (s);
}

static int
no (sigpolicy_error **err, sigpolicy_reason reason, const char *text)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, reason, "%s", text);
}

static int
verify_ecdsa (const struct sp_public_key *key, struct sp_view message, struct sp_view signature,
              bool *ret_raw, sigpolicy_error **err)
{
  unsigned char digest[SP_DIGEST_BYTES_MAX];

  if (looks_like_der (signature))
    return holds (key, message, signature)
               ? 0
               : no (err, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                     "invalid signature when validating ASN.1 encoded signature");
  if (!signature.len || signature.len % 2 || signature.len > P1363_MAX)
    return no (err, SIGPOLICY_REASON_BAD_SIGNATURE, "ecdsa: Invalid IEEE_P1363 encoded bytes");
  size_t half = signature.len / 2, length = sp_digest (SP_DIGEST_SHA256, &message, 1, digest);
  if (!length
      || !sp_ec_key_holds (key->ec, sp_view_n ((const char *)digest, length),
                           sp_view_head (signature, half), sp_view_from (signature, half)))
    return no (err, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
               "invalid signature when validating IEEE_P1363 encoded signature");
  *ret_raw = true;
  return 0;
}

int
sp_public_key_verify (const struct sp_public_key *key, struct sp_view message,
                      struct sp_view signature, bool *ret_raw, sigpolicy_error **err)
{
  if (sp_public_key_refusal (key))
    return no (err, SIGPOLICY_REASON_KEY_NOT_TRUSTED, sp_public_key_refusal (key));
  switch (key->kind)
    {
    case SP_KEY_ECDSA:
      return verify_ecdsa (key, message, signature, ret_raw, err);
    case SP_KEY_RSA:
      return holds (key, message, signature)
                 ? 0
                 : no (err,
                       signature.len == (key->bits + 7) / 8 ? SIGPOLICY_REASON_KEY_NOT_TRUSTED
                                                            : SIGPOLICY_REASON_BAD_SIGNATURE,
                       "crypto/rsa: verification error");
    case SP_KEY_ED25519:
      if (!sp_openssl ())
        return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_ENGINE_MISSING,
                             "OpenSSL cannot be started");
      return holds (key, message, signature)
                 ? 0
                 : no (err,
                       signature.len == 64 ? SIGPOLICY_REASON_KEY_NOT_TRUSTED
                                           : SIGPOLICY_REASON_BAD_SIGNATURE,
                       "failed to verify signature");
    case SP_KEY_DSA:
    case SP_KEY_X25519:
    case SP_KEY_UNKNOWN:
      break;
    }
  return no (err, SIGPOLICY_REASON_KEY_NOT_TRUSTED, "unsupported public key type");
}

bool
sp_public_key_verify_der (const struct sp_public_key *key, struct sp_view message,
                          struct sp_view signature)
{
  return key->kind == SP_KEY_ECDSA && looks_like_der (signature) && holds (key, message, signature);
}

const char *
sp_public_key_other_digest (const struct sp_public_key *key, struct sp_view message,
                            struct sp_view signature)
{
  static const struct
  {
    unsigned bits;
    enum sp_digest kind;
    const char *name;
  } others[] = { { 384, SP_DIGEST_SHA384, "SHA-384" }, { 521, SP_DIGEST_SHA512, "SHA-512" } };

  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (key->kind == SP_KEY_ECDSA && key->bits == others[i].bits
        && holds_over (others[i].kind, key, message, signature))
      return others[i].name;
  return NULL;
}

bool
sp_signature_may_be_of (enum sp_key_kind kind, struct sp_view signature)
{
  enum
  {
    ED25519_BYTES = 64,
    RSA_BYTES_MIN = 128,
    RSA_BYTES_MAX = 2048,
  };

  switch (kind)
    {
    case SP_KEY_ECDSA:
      return looks_like_der (signature) || signature.len == ED25519_BYTES || signature.len == 96
             || signature.len == P1363_MAX;
    case SP_KEY_RSA:
      return signature.len >= RSA_BYTES_MIN && signature.len <= RSA_BYTES_MAX
             && signature.len % 64 == 0 && !looks_like_der (signature);
    case SP_KEY_ED25519:
      return signature.len == ED25519_BYTES && !looks_like_der (signature);
    case SP_KEY_DSA:
    case SP_KEY_X25519:
    case SP_KEY_UNKNOWN:
      break;
    }
  return false;
}

const char *
sp_key_kind_name (enum sp_key_kind kind)
{
  static const char *const names[]
      = { [SP_KEY_ECDSA] = "ECDSA", [SP_KEY_RSA] = "RSA",       [SP_KEY_ED25519] = "Ed25519",
          [SP_KEY_DSA] = "DSA",     [SP_KEY_X25519] = "X25519", [SP_KEY_UNKNOWN] = "unknown" };
  return names[kind];
}

bool
sp_public_key_verify_over (const struct sp_public_key *key, enum sp_digest kind,
                           struct sp_view message, struct sp_view signature)
{
  unsigned char digest[SP_DIGEST_BYTES_MAX];

  if (kind == SP_DIGEST_SHA1)
    return false;
  if (key->kind != SP_KEY_ED25519)
    return holds_over (kind, key, message, signature);
  size_t length = sp_digest (kind, &message, 1, digest);
  return length
         && sp_public_key_verify_pure (key, sp_view_n ((const char *)digest, length), signature);
}
