/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_REFERENCE_DIGEST_H
#define SP_REFERENCE_DIGEST_H

#include "util/error.h"
#include "util/view.h"

/*
 * Is this a digest: sha256:, sha384: or sha512: and exactly as many lower-case hex digits as it
 * needs?
 *
 * Returns 0, or REJECTED/bad-signature with the established texts "invalid checksum digest format",
 * "unsupported digest algorithm", "invalid checksum digest length", in that library's order of
 * checks. The caller re-classes. No digest from an untrusted document reaches a
 * path or a URL without this.
 */
int sp_digest_check (struct sp_view digest, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* "sha256:" and 64 digits, with the final NUL. */
#define SP_SHA256_TEXT_SIZE 72

/* Exactly 64 lower-case hex digits: an image ID. */
bool sp_digest_is_hex64 (struct sp_view text);

#endif
