/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_DIGEST_H
#define SP_CRYPTO_DIGEST_H

#include "util/error.h"
#include "util/view.h"

#define SP_SHA256_BYTES 32

/* SHA-256. INTERNAL when OpenSSL cannot. */
int sp_sha256 (struct sp_view bytes, unsigned char ret[SP_SHA256_BYTES],
               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* "sha256:" and 64 lower-case digits; the array has SP_SHA256_TEXT_SIZE (72) bytes. */
int sp_sha256_text (struct sp_view bytes, char ret[72], sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* SHA-1, for OpenPGP fingerprints alone: nothing rests on it. */
#define SP_SHA1_BYTES 20
int sp_sha1 (struct sp_view bytes, unsigned char ret[SP_SHA1_BYTES],
             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
