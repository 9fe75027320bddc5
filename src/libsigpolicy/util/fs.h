/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_UTIL_FS_H
#define SP_UTIL_FS_H

#include "util/alloc.h"
#include "util/buf.h"

#include <fcntl.h>

/*
 * Bounded reads. Every file is opened once, without blocking, and must be a regular file: a FIFO,
 * socket, device or directory is an error, never a wait. The limit is the buffer's. On failure
 * sp_error_errnum() tells ENOENT from the rest; the class is NOT_FOUND for ENOENT and UNAVAILABLE
 * otherwise ("limit" is REJECTED), for the caller to re-class. Messages begin "open PATH:" or "read
 * PATH:", which is the established text.
 *
 * Symlinks are followed: the administrator's own files are commonly linked, and so may a user's be.
 */
int sp_fs_read (const char *path, struct sp_buf *buf, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The same without reading, for what is read piece by piece. The fd is the caller's to close. */
int sp_fs_open (const char *path, int *ret_fd, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Standard input and the like: read to the end, of whatever kind it is. name is for messages. */
int sp_fs_read_fd (int fd, const char *name, struct sp_buf *buf,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A file, or standard input for "-". */
int sp_fs_read_input (const char *path, struct sp_buf *buf,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* An image directory, to read files below it. The fd is the caller's to close. */
int sp_fs_open_dir (const char *path, int *ret_fd, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * Read a file of an image directory. Symlinks are followed as long as they stay below the
 * directory: an image is somebody else's bytes. One that leaves is EXDEV, class REJECTED.
 */
int sp_fs_read_beneath (int dir, const char *dir_path, const char *name, struct sp_buf *buf,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Open a file below a directory as above, without reading it; -1 with errno. It may be of any kind.
 */
int sp_fs_open_beneath (int dir, const char *name);

/* Whether a path exists for the effective user, following symlinks. What may not be looked at is
 * not there; a fault of the machine is UNAVAILABLE/could-not-look, as it says nothing. */
int sp_fs_exists (const char *path, bool *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * The names in a directory that wants() takes, sorted, so that of several faults always the same is
 * met; at most limit of them. directory is its fd. Fails as sp_fs_read() does, with "open PATH:" or
 * "readdirent PATH:".
 */
int sp_fs_list (const char *path, bool (*wants) (int directory, const char *name), size_t limit,
                struct sp_strv *names, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Remove empty and "." elements and resolve ".." by text alone; never touches the file system. */
char *sp_fs_clean (const char *path, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * The absolute path of an image, as containers-policy.json(5) scopes name it: cleaned by text
 * first, then all symlinks resolved; only the last element may be missing. This is not realpath(3).
 * Messages begin "lstat PATH:".
 */
char *sp_fs_resolve (const char *path, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* $HOME, else the home of the user in the password database; NULL without an error when there is
 * none. */
char *sp_fs_home (sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
