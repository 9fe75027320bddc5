/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_KEY_FILES_H
#define SP_ASK_KEY_FILES_H

#include "model/policy.h"

/* The contents of key sources as they are now. */
struct sp_key_files
{
  struct sp_buf *contents; /* of those that are files */
  struct sp_view *views;   /* of all of them */
  size_t len;
};

/* Reads all, in order; one that cannot be read fails the whole, even if another holds the right
 * key. Failure: KEY/key-unusable, "open PATH: ...". */
int sp_key_files_read (const struct sp_key_sources *sources, struct sp_key_files *ret,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_key_files_clear (struct sp_key_files *files);

#define cleanup_key_files SP_CLEANUP (sp_key_files_clear)

#endif
