/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULTS_INTERPOSE_H
#define TESTS_FAULTS_INTERPOSE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A program that defines malloc(), open() and so on itself is asked first by everything in its
 * process, the libraries included. interpose.c does so: it counts these calls, and lets one of them
 * fail. allocations.c is the allocator behind it. What the program starts (gpg) is left alone.
 *
 * Interposed functions need no privileges, where ptrace(2) and seccomp(2) may be forbidden in a
 * container, and they fail a call as its caller sees it. Calls that libc makes for itself, the
 * open() within opendir(), fail with the function around them.
 */

/* Every call that can fail, with what it can fail of: a list of errors.c. */
/* clang-format off */
#define FAULT_CALLS(X) \
  X (access, path) X (close, close) X (connect, connect) X (dlopen, path) X (dup, slots) \
  X (dup2, slots) X (execv, exec) X (execve, exec) X (execvp, exec) X (faccessat, path) \
  X (fchmod, control) X (fchown, control) X (fcntl, control) X (fdopendir, open) \
  X (fflush, write) X (fgetxattr, control) X (flistxattr, control) X (flock, control) \
  X (fopen, open) X (fork, fork) X (fsetxattr, control) X (fstat, stat) X (fsync, write) \
  X (ftruncate, write) X (fwrite, write) X (getaddrinfo, resolve) X (getcwd, path) \
  X (getdents64, stat) X (getpwuid_r, open) X (getrandom, random) X (kill, kill) \
  X (link, write) X (lstat, path) X (mkdir, write) X (mkdtemp, write) X (newlocale, slots) X (open, open) \
  X (openat, open) X (openat2, open) X (opendir, open) X (pipe, slots) X (poll, wait) \
  X (prctl, control) X (pthread_create, thread) X (pthread_sigmask, control) X (read, read) \
  X (readdir, stat) X (readlink, path) X (realpath, path) X (recv, receive) X (rename, write) \
  X (rmdir, remove) X (select, wait) X (send, send) X (setitimer, control) \
  X (sigaction, control) X (signalfd, open) X (sigpending, control) X (sigwait, thread) \
  X (socket, slots) X (socketpair, slots) X (stat, path) X (statvfs, stat) X (unlink, remove) \
  X (unlinkat, remove) X (waitpid, wait) X (write, write)
/* clang-format on */

enum fault_call
{
#define X(name, errors) CALL_##name,
  FAULT_CALLS (X)
#undef X
      N_CALLS,
};

enum fault_kind
{
  FAULT_NONE,
  FAULT_ALLOCATION,
  FAULT_CALL,
};

/* In place of an error: a byte is read or written and no more; the other side has closed; a signal
 * is sent, and the call goes on. */
#define FAULT_SHORT  1000
#define FAULT_END    1001
#define FAULT_SIGNAL 2000

#define FAULT_SITES_MAX 100000
#define FAULT_DEPTH     24
#define FAULT_LEAKS     64
#define FAULT_MODULES   8

/* One allocation or call of the run that was recorded. */
struct fault_site
{
  uint64_t stack; /* a hash of the callers */
  uint32_t at;    /* counted from 1 in its process, a call among those of its function */
  uint32_t order; /* among all calls */
  uint16_t process, call;
  const void *caller;
};

/* What the process under test and its forks share with who runs them. */
struct faults
{
  /* asked for */
  bool recording;
  enum fault_kind stacks; /* of what the stacks are recorded; the others are only counted */
  int foreign_frames;     /* so many of a library's functions make a stack distinct */
  enum fault_kind kind;
  unsigned process;   /* 0, or a fork of it, counted from 1 */
  unsigned at, call;  /* a signal arrives at any function, an error at this one */
  const void *caller; /* and only where it was called from here */
  bool persistent;    /* all that follow fail too */
  int what;           /* an error, FAULT_SHORT or FAULT_SIGNAL + number */
  unsigned watch;     /* the allocation whose stack is wanted */

  /* found */
  atomic_uint processes;
  atomic_uint fired;
  int crash_depth;
  void *crash[FAULT_DEPTH];
  char modules[FAULT_MODULES][256]; /* what it opened with dlopen(3) */
  atomic_uint n_modules;
  off_t spoken; /* bytes on standard output when the signal was sent; -1 while it is written, or
                 * another thread sent it */
  int depth;
  void *stack[FAULT_DEPTH];
  unsigned leaks, leak[FAULT_LEAKS];    /* how many at the end, and the numbers of the first */
  const void *leak_caller[FAULT_LEAKS]; /* of malloc() */
  size_t leaked;
  unsigned descriptors; /* open at the end that were not at the beginning */
  int watched_depth;
  void *watched[FAULT_DEPTH];
  atomic_uint n_allocations, n_calls;
  struct fault_site allocations[FAULT_SITES_MAX], calls[FAULT_SITES_MAX];
};

extern struct faults *faults;
extern const char *const fault_call_names[N_CALLS];

/* From here on, this process is under test. */
void faults_begin (void);
/* It ends, by exit(): what did it leave? */
void faults_end (void);

/* --- between interpose.c and allocations.c ---------------------------------------------------- */

/* Must this allocation fail? */
bool faults_allocation (const void *caller);
int faults_stack (void **stack, int max);

/* Allocations made since the mark that nothing refers to any more. */
unsigned allocations_mark (void);
void allocations_leaks (unsigned since, struct faults *ret);

#endif
