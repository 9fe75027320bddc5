/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_UTIL_VERIFIED_H
#define SP_UTIL_VERIFIED_H

#include "util/buf.h"

/*
 * Bytes that a signature covers. Only what verified them makes one that is not empty,
 * sp_keyring_verify() and sp_sigstore_verify(): what takes this type states nothing that was not
 * verified.
 */
struct sp_verified_bytes
{
  struct sp_buf bytes;
};

/* clang-format off */
#define SP_VERIFIED_BYTES(ceiling) { SP_BUF (ceiling) }
/* clang-format on */

static inline void
sp_verified_clear (struct sp_verified_bytes *verified)
{
  sp_buf_clear (&verified->bytes);
}

#define cleanup_verified SP_CLEANUP (sp_verified_clear)

#endif
