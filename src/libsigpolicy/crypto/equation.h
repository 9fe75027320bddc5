/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_EQUATION_H
#define SP_CRYPTO_EQUATION_H

#include "crypto/digest.h"

/*
 * ECDSA (FIPS 186-5, 6.4.2) and RSASSA-PKCS1-v1_5 (RFC 8017, 8.2.2), by their equations over
 * OpenSSL's points and numbers. What OpenSSL has for whole signatures sets up a provider with all
 * its algorithms first, which takes five times as long as the verification. There are no secrets in
 * it. Keys are for any thread, once they are made.
 */

/* A point of P-224, P-256, P-384 or P-521. */
struct sp_ec_key;

/* An uncompressed point, which must be one of that curve. */
int sp_ec_key_new (unsigned curve_bits, struct sp_view point, struct sp_ec_key **ret,
                   sigpolicy_error **err);
void sp_ec_key_free (struct sp_ec_key *key);

/* Is (r, s), two numbers as big-endian bytes, a signature of that digest? Of a digest that is
 * longer than the curve, the first bytes count. */
bool sp_ec_key_holds (const struct sp_ec_key *key, struct sp_view digest, struct sp_view r,
                      struct sp_view s);

struct sp_rsa_key;

/* Of two positive numbers; NULL without memory. */
struct sp_rsa_key *sp_rsa_key_new (struct sp_view modulus, struct sp_view exponent);
void sp_rsa_key_free (struct sp_rsa_key *key);

unsigned sp_rsa_key_bits (const struct sp_rsa_key *key);

/* The rule of RSA that the numbers break, in the established words; or NULL. A key that is refused
 * holds for nothing. */
const char *sp_rsa_key_refusal (const struct sp_rsa_key *key);

/* Is it a signature of that digest, SHA-256, SHA-384 or SHA-512, as long as the modulus to the
 * byte? */
bool sp_rsa_key_holds (const struct sp_rsa_key *key, enum sp_digest kind, struct sp_view digest,
                       struct sp_view signature);

#endif
