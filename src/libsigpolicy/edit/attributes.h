/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EDIT_ATTRIBUTES_H
#define SP_EDIT_ATTRIBUTES_H

#include "util/error.h"

/*
 * Give the file that takes another one's place its owner, mode and extended attributes: access
 * lists, the SELinux label, what users keep there. from is -1 where there was no file: then all may
 * read the new one. Whatever cannot be kept is a failure, UNAVAILABLE; path is for messages. IMA's
 * and EVM's digests of the old bytes stay behind.
 *
 * An owner may not give a file to a group that is not his: then it has the group of the process,
 * which *ret_other_group tells, and nobody but its owner may do more with it than before.
 */
int sp_attributes_copy (int from, int to, const char *path, bool *ret_other_group,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
