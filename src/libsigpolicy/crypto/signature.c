/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto_int.h"

#include "crypto/der.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>

/* Both halves of the longest signature that IEEE P1363 gives: two numbers on P-521. */
#define P1363_MAX 132

SP_DEFINE_CLEANUP (ECDSA_SIG *, ECDSA_SIG_free);

/* Padding of RSA is PKCS #1 v1.5 by default. */
static bool
holds_over (const char *digest, const struct sp_public_key *key, struct sp_view message,
            struct sp_view signature)
{
  SP_CLEANUP (EVP_MD_CTX_free_p) EVP_MD_CTX *context = EVP_MD_CTX_new ();
  bool good
      = context
        && EVP_DigestVerifyInit_ex (context, NULL, digest, sp_openssl (), NULL, key->key, NULL) == 1
        && EVP_DigestVerify (context, (const unsigned char *)signature.data, signature.len,
                             (const unsigned char *)(message.len ? message.data : ""), message.len)
               == 1;
  ERR_clear_error ();
  return good;
}

/* SHA-256 for all but Ed25519, which hashes on its own. */
static bool
holds (const struct sp_public_key *key, struct sp_view message, struct sp_view signature)
{
  return holds_over (key->kind == SP_KEY_ED25519 ? NULL : "SHA256", key, message, signature);
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

/* The DER of two numbers of half the length each. */
static unsigned char *
from_p1363 (struct sp_view signature, int *ret_length)
{
  SP_CLEANUP (ECDSA_SIG_free_p) ECDSA_SIG *numbers = ECDSA_SIG_new ();
  const unsigned char *bytes = (const unsigned char *)signature.data;
  int half = (int)(signature.len / 2);
  BIGNUM *r = BN_bin2bn (bytes, half, NULL), *s = BN_bin2bn (bytes + half, half, NULL);
  unsigned char *der = NULL;

  if (!numbers || !r || !s || ECDSA_SIG_set0 (numbers, r, s) != 1)
    {
      BN_free (r);
      BN_free (s);
      return NULL;
    }
  *ret_length = i2d_ECDSA_SIG (numbers, &der);
  return der;
}

static int
no (sigpolicy_error **err, sigpolicy_reason reason, const char *text)
{
  ERR_clear_error ();
  return sp_error_set (err, SIGPOLICY_E_REJECTED, reason, "%s", text);
}

static int
verify_ecdsa (const struct sp_public_key *key, struct sp_view message, struct sp_view signature,
              bool *ret_raw, sigpolicy_error **err)
{
  int length = 0;

  /* OpenSSL writes the signature anew and compares, so nothing but strict DER passes. */
  if (looks_like_der (signature))
    return holds (key, message, signature)
               ? 0
               : no (err, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                     "invalid signature when validating ASN.1 encoded signature");
  if (!signature.len || signature.len % 2 || signature.len > P1363_MAX)
    return no (err, SIGPOLICY_REASON_BAD_SIGNATURE, "ecdsa: Invalid IEEE_P1363 encoded bytes");
  unsigned char *der = from_p1363 (signature, &length);
  bool good
      = der && length > 0 && holds (key, message, sp_view_n ((const char *)der, (size_t)length));
  OPENSSL_free (der);
  if (!good)
    return no (err, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
               "invalid signature when validating IEEE_P1363 encoded signature");
  *ret_raw = true;
  return 0;
}

int
sp_public_key_verify (const struct sp_public_key *key, struct sp_view message,
                      struct sp_view signature, bool *ret_raw, sigpolicy_error **err)
{
  if (key->refusal[0])
    return no (err, SIGPOLICY_REASON_KEY_NOT_TRUSTED, key->refusal);
  switch (key->kind)
    {
    case SP_KEY_ECDSA:
      return verify_ecdsa (key, message, signature, ret_raw, err);
    case SP_KEY_RSA:
      /* The length must be the modulus's to the byte; OpenSSL holds that. */
      return holds (key, message, signature)
                 ? 0
                 : no (err,
                       signature.len == (key->bits + 7) / 8 ? SIGPOLICY_REASON_KEY_NOT_TRUSTED
                                                            : SIGPOLICY_REASON_BAD_SIGNATURE,
                       "crypto/rsa: verification error");
    case SP_KEY_ED25519:
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
  const char *digest = key->kind != SP_KEY_ECDSA ? NULL
                       : key->bits == 384        ? "SHA-384"
                       : key->bits == 521        ? "SHA-512"
                                                 : NULL;
  return digest && looks_like_der (signature) && holds_over (digest, key, message, signature)
             ? digest
             : NULL;
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
  static const char *const names[] = {
    [SP_DIGEST_SHA256] = "SHA256", [SP_DIGEST_SHA384] = "SHA384", [SP_DIGEST_SHA512] = "SHA512"
  };
  unsigned char digest[SP_DIGEST_BYTES_MAX];

  if (key->refusal[0] || kind == SP_DIGEST_SHA1)
    return false;
  switch (key->kind)
    {
    case SP_KEY_RSA:
    case SP_KEY_ECDSA:
      return holds_over (names[kind], key, message, signature);
    case SP_KEY_ED25519:
      {
        size_t length = sp_digest (kind, &message, 1, digest);
        return length
               && holds_over (NULL, key, sp_view_n ((const char *)digest, length), signature);
      }
    case SP_KEY_DSA:
    case SP_KEY_X25519:
    case SP_KEY_UNKNOWN:
      break;
    }
  return false;
}
