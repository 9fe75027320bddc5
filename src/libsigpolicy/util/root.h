/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_UTIL_ROOT_H
#define SP_UTIL_ROOT_H

#include "util/alloc.h"
#include "util/buf.h"

#include <sys/stat.h>

/* The files of a host, whose "/" may be a directory of ours: root is that directory, "" for none.
 */

/* Where path really is: made absolute, every link followed as if root were "/"; what does not exist
 * stays as it is. Without the root in front. To free(). */
char *sp_root_resolve (const char *root, const char *path,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The same with the root in front, as the system calls want it. To free(). */
char *sp_root_path (const char *root, const char *path, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A fault of the machine, such as too many open files, says nothing about the host: the functions
 * below fail with UNAVAILABLE for one. Anything else about a file is for findings. */

/* 0 or an errno; *ret_real (may be NULL) is what sp_root_resolve() says, to free(). Negative:
 * a failure. */
int sp_root_stat (const char *root, const char *path, struct stat *ret, char **ret_real,
                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
/* On failure *ret_is_fault tells that it is one of the machine, or no memory. */
int sp_root_read (const char *root, const char *path, struct sp_buf *buf, bool *ret_is_fault,
                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The names in a directory, sorted; none when there is no such directory. *ret_errnum tells. */
int sp_root_list (const char *root, const char *path, struct sp_strv *names, int *ret_errnum,
                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
