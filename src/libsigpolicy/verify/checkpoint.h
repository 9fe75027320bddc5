/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_CHECKPOINT_H
#define SP_VERIFY_CHECKPOINT_H

#include "crypto/digest.h"
#include "model/trusted_root.h"

#include <stdint.h>

/* The head of a log's tree, as a signed note (C2SP): who keeps it, its size, its root, and lines of
 * signatures behind a blank line. */
struct sp_checkpoint
{
  struct sp_view text; /* what is signed */
  struct sp_view origin;
  int64_t size;
  unsigned char root[SP_SHA256_BYTES];
  struct sp_view signatures; /* lines that are well-formed */
  size_t n_signatures;
};

/* Read one; nothing is verified. The views look into text. Failure: REJECTED/not-in-log; limit. */
int sp_checkpoint_parse (struct sp_view text, struct sp_checkpoint *ret,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * Is it signed by the log? Of a log of Rekor's first version every line must be its signature; of
 * the second version one line must be under the log's name and key, and lines of others, such as
 * witnesses, do not count. *ret_others counts these. Failure: REJECTED/not-in-log.
 */
enum sp_log_version
{
  SP_LOG_V1,
  SP_LOG_V2,
};
int sp_checkpoint_verify (const struct sp_checkpoint *checkpoint, const struct sp_trusted_log *log,
                          enum sp_log_version version, size_t *ret_others,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
