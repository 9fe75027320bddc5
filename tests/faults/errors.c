/* SPDX-License-Identifier: Apache-2.0 */
#include "errors.h"

#include <errno.h>

/*
 * Not ENOENT for what is there: that is no fault but another world, in which, say, the second
 * signature does not exist. The same with ENOTDIR, ELOOP and EACCES where a file is only looked
 * for.
 */
static const int path_errors[] = { EIO, ENOMEM, ETIMEDOUT, 0 };
static const int open_errors[] = { EACCES, EMFILE, ENFILE, EIO, ENOMEM, EINTR, 0 };
static const int read_errors[] = { EIO, EINTR, EAGAIN, ENOMEM, EISDIR, FAULT_SHORT, 0 };
static const int write_errors[]
    = { ENOSPC, EIO, EDQUOT, EROFS, EINTR, EAGAIN, EPIPE, FAULT_SHORT, 0 };
static const int close_errors[] = { EIO, EINTR, ENOSPC, 0 };
static const int stat_errors[] = { EIO, EACCES, ENOMEM, EOVERFLOW, 0 };
static const int remove_errors[] = { EBUSY, EACCES, EIO, EROFS, 0 };
static const int slots_errors[] = { EMFILE, ENFILE, ENOMEM, EINTR, 0 };
static const int fork_errors[] = { EAGAIN, ENOMEM, ENOSYS, 0 };
static const int exec_errors[] = { EACCES, ENOENT, ENOEXEC, ENOMEM, EIO, ETXTBSY, 0 };
static const int wait_errors[] = { EINTR, ENOMEM, EINVAL, 0 };
static const int control_errors[] = { EINVAL, EPERM, EAGAIN, 0 };
static const int connect_errors[]
    = { ECONNREFUSED, ENETUNREACH, ETIMEDOUT, EACCES, ENOMEM, EINTR, 0 };
static const int send_errors[] = { EPIPE, ECONNRESET, ENOBUFS, EINTR, EAGAIN, FAULT_SHORT, 0 };
static const int receive_errors[]
    = { ECONNRESET, ETIMEDOUT, ENOMEM, EINTR, EAGAIN, FAULT_SHORT, FAULT_END, 0 };
/* As what getaddrinfo(3) makes of them. */
static const int resolve_errors[] = { EAGAIN, ENOMEM, EIO, 0 };
static const int thread_errors[] = { EAGAIN, ENOMEM, EPERM, 0 };
static const int random_errors[] = { EAGAIN, EINTR, ENOSYS, 0 };
static const int kill_errors[] = { EPERM, ESRCH, 0 };

#define X(name, errors) [CALL_##name] = errors##_errors,
const int *const fault_errors[N_CALLS] = { FAULT_CALLS (X)
#undef X
};
