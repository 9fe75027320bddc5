/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_PUBLIC_KEY_H
#define SP_CRYPTO_PUBLIC_KEY_H

#include "crypto/digest.h"
#include "util/buf.h"

/*
 * Public keys that verify signatures: ECDSA on P-224, P-256, P-384 and P-521, RSA, Ed25519. What
 * kinds and encodings load is narrower than what OpenSSL would take: named curves, uncompressed
 * points, RSA with its NULL parameters.
 */
enum sp_key_kind
{
  SP_KEY_ECDSA,
  SP_KEY_RSA,
  SP_KEY_ED25519,
  SP_KEY_DSA, /* the rest load and verify nothing */
  SP_KEY_X25519,
  SP_KEY_UNKNOWN, /* of a certificate only */
};

struct sp_public_key;

/* The first PEM block: PUBLIC KEY (RFC 5280) or RSA PUBLIC KEY (RFC 8017). Failure:
 * KEY/key-unusable with the established text. */
int sp_public_key_from_pem (struct sp_view text, struct sp_public_key **ret,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A SubjectPublicKeyInfo. One of an unknown algorithm is SP_KEY_UNKNOWN. Failure as above. */
int sp_public_key_from_spki (struct sp_view der, struct sp_public_key **ret,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The same from bare numbers, the highest byte first; of Ed25519, its 32 bytes. */
int sp_public_key_from_rsa (struct sp_view modulus, struct sp_view exponent,
                            struct sp_public_key **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
enum sp_raw_curve
{
  SP_CURVE_P256,
  SP_CURVE_P384,
  SP_CURVE_P521,
  SP_CURVE_ED25519,
};
int sp_public_key_from_point (enum sp_raw_curve curve, struct sp_view point,
                              struct sp_public_key **ret,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The DER of an ECDSA signature of these numbers. */
void sp_ecdsa_signature_append (struct sp_buf *out, struct sp_view r, struct sp_view s);

enum sp_key_kind sp_public_key_kind (const struct sp_public_key *key);

/* Its SubjectPublicKeyInfo; empty for the kinds that nobody writes anew: DSA and unknown ones. */
struct sp_view sp_public_key_spki (const struct sp_public_key *key);

/* "sha256:" and the hex digest of its SubjectPublicKeyInfo. */
const char *sp_public_key_fingerprint (const struct sp_public_key *key);

/* Below the strength that people should use today: RSA under 2048 bits, P-224. */
bool sp_public_key_is_weak (const struct sp_public_key *key);

/*
 * Does the signature hold for the message: ECDSA or RSA PKCS #1 v1.5 over its SHA-256, or pure
 * Ed25519? An ECDSA signature may be DER, or as IEEE P1363 writes it; *ret_raw tells the latter.
 * Failure: REJECTED with the established text; the reason is key-not-trusted for what has the form
 * of a signature, else bad-signature.
 */
int sp_public_key_verify (const struct sp_public_key *key, struct sp_view message,
                          struct sp_view signature, bool *ret_raw,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The same, and nothing but ECDSA with a DER signature; false is all that a failure says. */
bool sp_public_key_verify_der (const struct sp_public_key *key, struct sp_view message,
                               struct sp_view signature);

/* The same over another digest, without any other form; Ed25519 signs the digest, as OpenPGP does
 * it (RFC 9580, 5.2.3.3). */
bool sp_public_key_verify_over (const struct sp_public_key *key, enum sp_digest kind,
                                struct sp_view message, struct sp_view signature);

/* Of a signature that failed, for what is said about it: the digest that goes with the key's curve,
 * where the signature holds over that one; else NULL. */
const char *sp_public_key_other_digest (const struct sp_public_key *key, struct sp_view message,
                                        struct sp_view signature);

/* Do these bytes have the form of a signature by a key of that kind, whoever's? Those of an Ed25519
 * key and of P-256 as IEEE P1363 writes them look alike. */
bool sp_signature_may_be_of (enum sp_key_kind kind, struct sp_view signature);

/* What people call the kind: "ECDSA", "RSA", "Ed25519", "DSA", "X25519", "unknown". */
const char *sp_key_kind_name (enum sp_key_kind kind);

/* The rule that keeps a key from verifying anything, such as a modulus that is too short; or NULL.
 */
const char *sp_public_key_refusal (const struct sp_public_key *key);

void sp_public_key_free (struct sp_public_key *key);

SP_DEFINE_CLEANUP (struct sp_public_key *, sp_public_key_free);
#define cleanup_public_key SP_CLEANUP (sp_public_key_free_p)

#endif
