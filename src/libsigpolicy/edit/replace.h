/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EDIT_REPLACE_H
#define SP_EDIT_REPLACE_H

#include "util/alloc.h"
#include "util/buf.h"

/*
 * Files that others read while we change them. A file is replaced, never written to: whoever reads
 * it, and whatever happens to us, finds the old bytes or the new ones.
 *
 * The new bytes are written to .NAME.sigpolicy beside it, which is the lock, too: one editor at a
 * time has it, and the next one begins with what the first one made. It takes over owner, mode, and
 * extended attributes, is on the disk before it is renamed, and the old file stays as NAME.bak. A
 * temporary file that a killed editor left is taken over by the next one.
 *
 * Symlinks are followed on purpose: the file that a link leads to is replaced, and the link stays.
 */

/* Remove what this process has not put in its place yet, as a signal ends it. Any thread. */
void sp_replace_clean_up (void);

/* Append the new content to out. old is empty when there is no file. May be asked more than once,
 * when somebody else changes the file meanwhile. */
typedef int sp_replace_make (void *context, bool exists, struct sp_view old, struct sp_buf *out,
                             sigpolicy_error **err);

/*
 * Replace the file at path, which has at most bytes_max bytes. Nothing is done when the new content
 * is the old one. *ret_backup is the name of the backup, or NULL where there was no file or nothing
 * was done; to free(). warnings: what is not as it was. Failure: what make said;
 * UNAVAILABLE/could-not-look with errno; NOT_FOUND when there is no directory.
 */
int sp_replace_file (const char *path, size_t bytes_max, sp_replace_make *make, void *context,
                     char **ret_backup, struct sp_strv *warnings,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
