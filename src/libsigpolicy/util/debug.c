/* SPDX-License-Identifier: Apache-2.0 */
#include "util/debug.h"

#include "util/cleanup.h"
#include "util/codec.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

static atomic_int debug_fd = -1;

void
sp_debug_to (int fd)
{
  atomic_store (&debug_fd, fd);
}

bool
sp_debug_is_on (void)
{
  return atomic_load (&debug_fd) >= 0;
}

void
sp_debug (const char *format, ...)
{
  int fd = atomic_load (&debug_fd), saved = errno;
  cleanup_free char *text = NULL, *line = NULL;
  va_list args;

  if (fd < 0)
    return;
  va_start (args, format);
  int length = vasprintf (&text, format, args);
  va_end (args);
  if (length < 0)
    text = NULL;
  /* One call for each line, so that lines of several threads stay whole. */
  if (text && sp_make_printable (&text) && asprintf (&line, "debug: %s\n", text) > 0)
    {
      ssize_t written = write (fd, line, strlen (line));
      (void)written;
    }
  errno = saved;
}
