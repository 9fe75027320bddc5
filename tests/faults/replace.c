/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Preloaded by replace.t: of the system calls by which a file is replaced, number $FAULT_AT fails
 * as $FAULT_HOW says (an errno), is cut short ("short"), or the process is killed before it
 * ("kill") or behind it ("killed"); or it is asked to end ("TERM"), or asked so where the call
 * never returns ("stuck"). Then $FAULT_MARK is made, so that the test knows where the calls end.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define EXPORT __attribute__ ((visibility ("default")))

static const char *how;

/* Is it this call's turn? */
static bool
is_due (void)
{
  static unsigned long calls, at;
  if (!calls++)
    {
      const char *text = secure_getenv ("FAULT_AT");
      at = text ? strtoul (text, NULL, 10) : 0;
      how = secure_getenv ("FAULT_HOW");
    }
  if (calls != at || !how)
    return false;
  const char *mark = secure_getenv ("FAULT_MARK");
  long fd = syscall (SYS_openat, AT_FDCWD, mark ? mark : "", O_CREAT | O_WRONLY, 0600);
  if (fd >= 0)
    (void)syscall (SYS_close, fd);
  if (strcmp (how, "kill") == 0)
    (void)kill (getpid (), SIGKILL);
  if (strcmp (how, "TERM") == 0 || strcmp (how, "stuck") == 0)
    (void)kill (getpid (), SIGTERM);
  while (strcmp (how, "stuck") == 0)
    (void)pause ();
  return true;
}

/* After a call that was due and not refused. */
static void
end (bool due)
{
  int errnum = errno;
  if (due && strcmp (how, "killed") == 0)
    (void)kill (getpid (), SIGKILL);
  errno = errnum;
}

/* The errno of a refusal, or 0. */
static int
refusal (bool due)
{
  static const struct
  {
    const char *name;
    int errnum;
  } names[] = { { "ENOSPC", ENOSPC }, { "EIO", EIO }, { "EACCES", EACCES }, { "EINTR", EINTR } };
  for (size_t i = 0; due && i < sizeof names / sizeof *names; i++)
    if (strcmp (how, names[i].name) == 0)
      return names[i].errnum;
  return 0;
}

/* A call that is refused, or made by the C library; type is that of its result. */
#define CALL(type, name, parameters, arguments)                                \
  do                                                                           \
    {                                                                          \
      bool due = is_due ();                                                    \
      int errnum = refusal (due);                                              \
      type (*real) parameters = (type (*) parameters)dlsym (RTLD_NEXT, #name); \
      type result = -1;                                                        \
      if (errnum)                                                              \
        errno = errnum;                                                        \
      else                                                                     \
        result = real arguments;                                               \
      end (due);                                                               \
      return result;                                                           \
    }                                                                          \
  while (0)

EXPORT int
open (const char *path, int flags, ...)
{
  va_list args;
  va_start (args, flags);
  mode_t mode = va_arg (args, mode_t);
  va_end (args);
  if (!strstr (path, "policy.json"))
    return (int)syscall (SYS_openat, AT_FDCWD, path, flags, mode);
  CALL (int, open, (const char *, int, ...), (path, flags, mode));
}

EXPORT ssize_t
write (int fd, const void *bytes, size_t size)
{
  if (fd <= STDERR_FILENO)
    return syscall (SYS_write, fd, bytes, size);
  bool due = is_due ();
  int errnum = refusal (due);
  if (errnum)
    {
      errno = errnum;
      return -1;
    }
  ssize_t done = syscall (SYS_write, fd, bytes, due && size > 1 ? size / 2 : size);
  end (due);
  return done;
}

EXPORT int
ftruncate (int fd, off_t size)
{
  CALL (int, ftruncate, (int, off_t), (fd, size));
}

EXPORT int
fsync (int fd)
{
  CALL (int, fsync, (int), (fd));
}

EXPORT int
fchmod (int fd, mode_t mode)
{
  CALL (int, fchmod, (int, mode_t), (fd, mode));
}

EXPORT int
flock (int fd, int operation)
{
  CALL (int, flock, (int, int), (fd, operation));
}

EXPORT int
link (const char *old, const char *new)
{
  CALL (int, link, (const char *, const char *), (old, new));
}

EXPORT int
rename (const char *old, const char *new)
{
  CALL (int, rename, (const char *, const char *), (old, new));
}

EXPORT int
unlink (const char *path)
{
  CALL (int, unlink, (const char *), (path));
}
