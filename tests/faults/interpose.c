/* SPDX-License-Identifier: Apache-2.0 */
#undef _FORTIFY_SOURCE /* its inline functions have the names that are defined here */
#include "interpose.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <unwind.h>

struct faults *faults;

const char *const fault_call_names[N_CALLS] = {
#define X(name, errors) [CALL_##name] = #name,
  FAULT_CALLS (X)
#undef X
};

static void *real[N_CALLS];
static void *real_syscall;
static bool active;      /* this process, or what it was forked from, is under test */
static unsigned process; /* which of them it is */
static atomic_uint allocations, calls, calls_of[N_CALLS];
static unsigned mark;
static _Thread_local bool unwatched; /* within the loader or the resolver */
static _Thread_local bool speaking;  /* the result is being written: too late to hold it back */
static uint64_t descriptors[4];      /* open at the beginning */

__attribute__ ((constructor)) static void
find_real (void)
{
  for (int i = 0; i < N_CALLS; i++)
    real[i] = dlsym (RTLD_NEXT, fault_call_names[i]);
  real_syscall = dlsym (RTLD_NEXT, "syscall");
}

/* --- what is asked for ------------------------------------------------------------------------ */

struct unwound
{
  void **stack;
  int depth, max;
};

static _Unwind_Reason_Code
unwind_one (struct _Unwind_Context *context, void *data)
{
  struct unwound *unwound = data;
  if (unwound->depth == unwound->max)
    return _URC_END_OF_STACK;
  unwound->stack[unwound->depth++] = (void *)_Unwind_GetIP (context);
  return _URC_NO_REASON;
}

int
faults_stack (void **stack, int max)
{
  struct unwound unwound = { stack, 0, max };
  (void)_Unwind_Backtrace (unwind_one, &unwound);
  return unwound.depth;
}

/* Those of this file and allocations.c are among them. */
#define OWN_FRAMES 9

static bool
is_own (const void *address)
{
  extern const char __executable_start[], etext[];
  return (const char *)address >= __executable_start && (const char *)address < etext;
}

static void
record (struct fault_site *sites, atomic_uint *n, struct fault_site site, bool with_stack)
{
  void *stack[FAULT_DEPTH];
  uint64_t hash = 14695981039346656037U;
  unsigned slot = atomic_fetch_add (n, 1);

  if (slot >= FAULT_SITES_MAX)
    return;
  /* Our own functions, or the innermost of a library's and the one of ours that called it: who
   * called that is another story. */
  int depth = with_stack ? faults_stack (stack, FAULT_DEPTH) : 0;
  for (int i = 0, own = 0, foreign = 0; i < depth && own < OWN_FRAMES; i++)
    {
      if (is_own (stack[i]))
        own = foreign ? OWN_FRAMES : own + 1;
      else if (foreign++ >= faults->foreign_frames)
        continue;
      hash = (hash ^ (uintptr_t)stack[i]) * 1099511628211U;
    }
  site.stack = hash;
  site.process = (uint16_t)process;
  sites[slot] = site;
}

static bool
is_asked (enum fault_kind kind, unsigned at)
{
  return faults->kind == kind && faults->process == process
         && (at == faults->at || (faults->persistent && at > faults->at));
}

/* Sends the signal, if that is what is asked for; otherwise the call is to fail. */
static bool
fire (void)
{
  if (atomic_fetch_add (&faults->fired, 1) == 0)
    faults->depth = faults_stack (faults->stack, FAULT_DEPTH);
  if (faults->what < FAULT_SIGNAL)
    return true;
  struct stat st;
  bool known = !speaking && gettid () == getpid ()
               && ((__typeof__ (fstat) *)real[CALL_fstat]) (STDOUT_FILENO, &st) == 0;
  faults->spoken = known ? st.st_size : -1;
  ((__typeof__ (kill) *)real[CALL_kill]) (getpid (), faults->what - FAULT_SIGNAL);
  return false;
}

bool
faults_allocation (const void *caller)
{
  if (!active || process != 0 || unwatched)
    return false;
  unsigned at = atomic_fetch_add (&allocations, 1) + 1;
  if (faults->recording)
    record (faults->allocations, &faults->n_allocations,
            (struct fault_site){ .at = at, .caller = caller }, faults->stacks == FAULT_ALLOCATION);
  return is_asked (FAULT_ALLOCATION, at) && fire ();
}

/* 0, or how this call is to fail. */
static int
fault (enum fault_call call, const void *caller)
{
  if (!active)
    return 0;
  unsigned order = atomic_fetch_add (&calls, 1) + 1;
  unsigned at = atomic_fetch_add (&calls_of[call], 1) + 1;
  int saved = errno;
  if (faults->recording)
    record (
        faults->calls, &faults->n_calls,
        (struct fault_site){ .at = at, .order = order, .call = (uint16_t)call, .caller = caller },
        faults->stacks == FAULT_CALL);
  bool now = (faults->what >= FAULT_SIGNAL
                  ? is_asked (FAULT_CALL, order)
                  : is_asked (FAULT_CALL, at) && faults->call == call && faults->caller == caller)
             && fire ();
  errno = saved;
  return now ? faults->what : 0;
}

static bool
is_open (int fd)
{
  return ((__typeof__ (fcntl) *)real[CALL_fcntl]) (fd, F_GETFD) >= 0;
}

/* Where did it crash? */
static void
on_crash (int number)
{
  if (!faults->crash_depth)
    faults->crash_depth = faults_stack (faults->crash, FAULT_DEPTH);
  (void)signal (number, SIG_DFL);
  (void)raise (number);
}

void
faults_begin (void)
{
  static const int crashes[] = { SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE };
  for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
    (void)signal (crashes[i], on_crash);
  for (int fd = 0; fd < 256; fd++)
    if (is_open (fd))
      descriptors[fd / 64] |= UINT64_C (1) << fd % 64;
  mark = allocations_mark ();
  active = true;
}

void
faults_end (void)
{
  if (!active || process != 0)
    return;
  active = false;
  for (int fd = 0; fd < 256; fd++)
    if (is_open (fd) && !(descriptors[fd / 64] >> fd % 64 & 1))
      faults->descriptors++;
  allocations_leaks (mark, faults);
}

/* --- the calls -------------------------------------------------------------------------------- */

#define CALL_REAL(name) ((__typeof__ (name) *)real[CALL_##name])

/* A call that says -1 or NULL, and errno. */
#define FAILS(name, failure)                                         \
  do                                                                 \
    {                                                                \
      int error = fault (CALL_##name, __builtin_return_address (0)); \
      if (error)                                                     \
        {                                                            \
          errno = error;                                             \
          return failure;                                            \
        }                                                            \
    }                                                                \
  while (0)

#define SIMPLE(type, failure, name, parameters, ...) \
  type name parameters                               \
  {                                                  \
    FAILS (name, failure);                           \
    return CALL_REAL (name) (__VA_ARGS__);           \
  }

SIMPLE (int, -1, access, (const char *path, int mode), path, mode)
SIMPLE (int, -1, dup, (int fd), fd)
SIMPLE (int, -1, dup2, (int from, int to), from, to)
SIMPLE (int, -1, execv, (const char *path, char *const *argv), path, argv)
SIMPLE (int, -1, execve, (const char *path, char *const *argv, char *const *env), path, argv, env)
SIMPLE (int, -1, execvp, (const char *path, char *const *argv), path, argv)
SIMPLE (int, -1, faccessat, (int dir, const char *path, int mode, int flags), dir, path, mode,
        flags)
SIMPLE (int, -1, connect, (int fd, const struct sockaddr *address, socklen_t size), fd, address,
        size)
SIMPLE (DIR *, NULL, fdopendir, (int fd), fd)
SIMPLE (int, -1, fchmod, (int fd, mode_t mode), fd, mode)
SIMPLE (int, -1, fchown, (int fd, uid_t user, gid_t group), fd, user, group)
SIMPLE (ssize_t, -1, fgetxattr, (int fd, const char *name, void *value, size_t size), fd, name,
        value, size)
SIMPLE (ssize_t, -1, flistxattr, (int fd, char *names, size_t size), fd, names, size)
SIMPLE (int, -1, flock, (int fd, int how), fd, how)
SIMPLE (FILE *, NULL, fopen, (const char *path, const char *mode), path, mode)
SIMPLE (int, -1, fsetxattr, (int fd, const char *name, const void *value, size_t size, int flags),
        fd, name, value, size, flags)
SIMPLE (int, -1, fstat, (int fd, struct stat *st), fd, st)
SIMPLE (int, -1, fsync, (int fd), fd)
SIMPLE (int, -1, ftruncate, (int fd, off_t size), fd, size)
SIMPLE (char *, NULL, getcwd, (char *buffer, size_t size), buffer, size)
SIMPLE (ssize_t, -1, getdents64, (int fd, void *entries, size_t size), fd, entries, size)
SIMPLE (ssize_t, -1, getrandom, (void *bytes, size_t size, unsigned flags), bytes, size, flags)
SIMPLE (int, -1, kill, (pid_t pid, int number), pid, number)
SIMPLE (int, -1, link, (const char *from, const char *to), from, to)
SIMPLE (int, -1, lstat, (const char *path, struct stat *st), path, st)
SIMPLE (int, -1, mkdir, (const char *path, mode_t mode), path, mode)
SIMPLE (char *, NULL, mkdtemp, (char *path), path)
SIMPLE (DIR *, NULL, opendir, (const char *path), path)
SIMPLE (int, -1, pipe, (int fds[2]), fds)
SIMPLE (int, -1, poll, (struct pollfd * fds, nfds_t n, int timeout), fds, n, timeout)
SIMPLE (struct dirent *, NULL, readdir, (DIR * directory), directory)
SIMPLE (ssize_t, -1, readlink, (const char *path, char *buffer, size_t size), path, buffer, size)
SIMPLE (char *, NULL, realpath, (const char *path, char *resolved), path, resolved)
SIMPLE (int, -1, rename, (const char *from, const char *to), from, to)
SIMPLE (int, -1, rmdir, (const char *path), path)
SIMPLE (int, -1, select, (int n, fd_set *in, fd_set *out, fd_set *except, struct timeval *timeout),
        n, in, out, except, timeout)
SIMPLE (int, -1, setitimer,
        (__itimer_which_t which, const struct itimerval *timer, struct itimerval *old), which,
        timer, old)
SIMPLE (int, -1, sigaction, (int number, const struct sigaction *action, struct sigaction *old),
        number, action, old)
SIMPLE (int, -1, signalfd, (int fd, const sigset_t *set, int flags), fd, set, flags)
SIMPLE (int, -1, sigpending, (sigset_t * set), set)
SIMPLE (int, -1, socket, (int domain, int type, int protocol), domain, type, protocol)
SIMPLE (int, -1, socketpair, (int domain, int type, int protocol, int fds[2]), domain, type,
        protocol, fds)
SIMPLE (int, -1, stat, (const char *path, struct stat *st), path, st)
SIMPLE (int, -1, statvfs, (const char *path, struct statvfs *fs), path, fs)
SIMPLE (int, -1, unlink, (const char *path), path)
SIMPLE (int, -1, unlinkat, (int dir, const char *path, int flags), dir, path, flags)
SIMPLE (pid_t, -1, waitpid, (pid_t pid, int *status, int flags), pid, status, flags)

/* The descriptor is gone all the same: close(2). */
int
close (int fd)
{
  int error = fault (CALL_close, __builtin_return_address (0));
  int rc = CALL_REAL (close) (fd);
  if (error)
    {
      errno = error;
      return -1;
    }
  return rc;
}

ssize_t
read (int fd, void *bytes, size_t size)
{
  int error = fault (CALL_read, __builtin_return_address (0));
  if (error == FAULT_SHORT)
    size = size ? 1 : 0;
  else if (error)
    {
      errno = error;
      return -1;
    }
  return CALL_REAL (read) (fd, bytes, size);
}

ssize_t
write (int fd, const void *bytes, size_t size)
{
  speaking = fd == STDOUT_FILENO;
  int error = fault (CALL_write, __builtin_return_address (0));
  speaking = false;
  if (error == FAULT_SHORT)
    size = size ? 1 : 0;
  else if (error)
    {
      errno = error;
      return -1;
    }
  return CALL_REAL (write) (fd, bytes, size);
}

ssize_t
send (int fd, const void *bytes, size_t size, int flags)
{
  int error = fault (CALL_send, __builtin_return_address (0));
  if (error == FAULT_SHORT)
    size = size ? 1 : 0;
  else if (error)
    {
      errno = error;
      return -1;
    }
  return CALL_REAL (send) (fd, bytes, size, flags);
}

ssize_t
recv (int fd, void *bytes, size_t size, int flags)
{
  int error = fault (CALL_recv, __builtin_return_address (0));
  if (error == FAULT_END)
    return 0;
  if (error == FAULT_SHORT)
    size = size ? 1 : 0;
  else if (error)
    {
      errno = error;
      return -1;
    }
  return CALL_REAL (recv) (fd, bytes, size, flags);
}

/* Words on standard error may be lost; results may not. */
size_t
fwrite (const void *bytes, size_t size, size_t count, FILE *file)
{
  int error = file == stdout ? fault (CALL_fwrite, __builtin_return_address (0)) : 0;
  if (error)
    {
      errno = error == FAULT_SHORT ? EIO : error;
      return 0;
    }
  return CALL_REAL (fwrite) (bytes, size, count, file);
}

int
fflush (FILE *file)
{
  int error = file == stdout ? fault (CALL_fflush, __builtin_return_address (0)) : 0;
  if (error)
    {
      errno = error == FAULT_SHORT ? EIO : error;
      return EOF;
    }
  return CALL_REAL (fflush) (file);
}

pid_t
fork (void)
{
  FAILS (fork, -1);
  unsigned number = active ? atomic_fetch_add (&faults->processes, 1) + 1 : 0;
  pid_t pid = CALL_REAL (fork) ();
  if (pid == 0 && active)
    {
      process = number;
      atomic_store (&calls, 0);
      for (int i = 0; i < N_CALLS; i++)
        atomic_store (&calls_of[i], 0);
    }
  return pid;
}

/* Those that return the error. */
int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*function) (void *),
                void *data)
{
  int error = fault (CALL_pthread_create, __builtin_return_address (0));
  return error ? error : CALL_REAL (pthread_create) (thread, attributes, function, data);
}

int
pthread_sigmask (int how, const sigset_t *set, sigset_t *old)
{
  int error = fault (CALL_pthread_sigmask, __builtin_return_address (0));
  return error ? error : CALL_REAL (pthread_sigmask) (how, set, old);
}

int
sigwait (const sigset_t *set, int *number)
{
  int error = fault (CALL_sigwait, __builtin_return_address (0));
  return error ? error : CALL_REAL (sigwait) (set, number);
}

int
getpwuid_r (uid_t uid, struct passwd *entry, char *buffer, size_t size, struct passwd **ret)
{
  int error = fault (CALL_getpwuid_r, __builtin_return_address (0));
  if (error)
    {
      *ret = NULL;
      return error;
    }
  unwatched = true;
  error = CALL_REAL (getpwuid_r) (uid, entry, buffer, size, ret);
  unwatched = false;
  return error;
}

/* libc's loader, locales and name services fail as a whole: an allocation that fails within them,
 * all its callers being libc's, is not ours to survive. */
void *
dlopen (const char *path, int mode)
{
  if (fault (CALL_dlopen, __builtin_return_address (0)))
    path = "/nowhere/module.so"; /* so that dlerror(3) says something */
  else if (active && path && faults->recording && faults->n_modules < FAULT_MODULES)
    (void)snprintf (faults->modules[faults->n_modules++], sizeof *faults->modules, "%s", path);
  unwatched = true;
  void *handle = CALL_REAL (dlopen) (path, mode);
  unwatched = false;
  return handle;
}

locale_t
newlocale (int mask, const char *name, locale_t base)
{
  /* The locale "C" is there always: asking for it needs nothing that could be wanting. */
  if (strcmp (name, "C") != 0)
    FAILS (newlocale, (locale_t)0);
  unwatched = true;
  locale_t locale = CALL_REAL (newlocale) (mask, name, base);
  unwatched = false;
  return locale;
}

/* No name has an address: a test asks no network. */
int
getaddrinfo (const char *host, const char *service, const struct addrinfo *hints,
             struct addrinfo **ret)
{
  (void)host, (void)service, (void)hints, (void)ret;
  errno = fault (CALL_getaddrinfo, __builtin_return_address (0));
  switch (errno)
    {
    case 0:
      return EAI_NONAME;
    case EAGAIN:
      return EAI_AGAIN;
    case ENOMEM:
      return EAI_MEMORY;
    default:
      return EAI_SYSTEM;
    }
}

/* Those with arguments that depend on others. */
int
open (const char *path, int flags, ...)
{
  va_list args;
  va_start (args, flags);
  mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg (args, mode_t) : 0;
  va_end (args);
  FAILS (open, -1);
  return CALL_REAL (open) (path, flags, mode);
}

int
openat (int dir, const char *path, int flags, ...)
{
  va_list args;
  va_start (args, flags);
  mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg (args, mode_t) : 0;
  va_end (args);
  FAILS (openat, -1);
  return CALL_REAL (openat) (dir, path, flags, mode);
}

int
fcntl (int fd, int command, ...)
{
  va_list args;
  va_start (args, command);
  void *argument = va_arg (args, void *);
  va_end (args);
  FAILS (fcntl, -1);
  return CALL_REAL (fcntl) (fd, command, argument);
}

int
prctl (int option, ...)
{
  unsigned long arguments[4];
  va_list args;
  va_start (args, option);
  for (int i = 0; i < 4; i++)
    arguments[i] = va_arg (args, unsigned long);
  va_end (args);
  FAILS (prctl, -1);
  return CALL_REAL (prctl) (option, arguments[0], arguments[1], arguments[2], arguments[3]);
}

/* openat2(2) has no function of its own. */
long
syscall (long number, ...)
{
  long arguments[6];
  va_list args;
  va_start (args, number);
  for (int i = 0; i < 6; i++)
    arguments[i] = va_arg (args, long);
  va_end (args);
  if (number == SYS_openat2)
    FAILS (openat2, -1);
  return ((__typeof__ (syscall) *)real_syscall) (number, arguments[0], arguments[1], arguments[2],
                                                 arguments[3], arguments[4], arguments[5]);
}
