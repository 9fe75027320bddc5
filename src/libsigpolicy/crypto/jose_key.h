/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_JOSE_KEY_H
#define SP_CRYPTO_JOSE_KEY_H

#include "util/error.h"
#include "util/view.h"

/*
 * Public keys as a JSON Web Key gives them (RFC 7518, section 6), as far as signed schema 1
 * manifests need them: nothing is verified with such a key, it only has to be one.
 */

/* 48 base32 digits in groups of four, joined by colons, and the final NUL. */
#define SP_JOSE_KEY_ID_SIZE 60

/* The bytes of a coordinate on "P-256", "P-384" or "P-521"; 0 for any other curve. */
size_t sp_jose_ec_length (struct sp_view curve);

/*
 * The key ID: the first 240 bits of the SHA-256 of the key's SubjectPublicKeyInfo. It is "" for a
 * point that is not on the curve, which has none. The coordinates have the curve's length.
 */
int sp_jose_ec_key_id (struct sp_view curve, struct sp_view x, struct sp_view y,
                       char ret[SP_JOSE_KEY_ID_SIZE], sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* modulus and exponent are big-endian, of any length, and may begin with zeros. */
int sp_jose_rsa_key_id (struct sp_view modulus, struct sp_view exponent,
                        char ret[SP_JOSE_KEY_ID_SIZE], sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
