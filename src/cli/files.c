/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

/* The command's own files: what it is given to read, and what it is told to write. */

#define CHUNK 65536UL

/* "open FILE: no such file or directory" */
static int
fail (char **ret_why, int errnum, const char *verb, const char *path)
{
  char buffer[128];
  const char *words = strerror_r (errnum, buffer, sizeof buffer);
  int first = tolower ((unsigned char)words[0]);

  if (errnum == ENOMEM
      || asprintf (ret_why, "%s %s: %c%s", verb, path, first, words[0] ? words + 1 : "") < 0)
    *ret_why = NULL;
  return !*ret_why ? EXIT_INTERNAL : errnum == ENOENT ? EXIT_NOT_FOUND : EXIT_UNAVAILABLE;
}

static int refuse (char **ret_why, int status, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

static int
refuse (char **ret_why, int status, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  int size = vasprintf (ret_why, format, args);
  va_end (args);
  if (size < 0)
    *ret_why = NULL;
  return *ret_why ? status : EXIT_INTERNAL;
}

/* All that a descriptor has, and a NUL behind it. */
static int
read_all (int fd, const char *name, size_t limit, void **ret_bytes, size_t *ret_size,
          char **ret_why)
{
  size_t size = 0, capacity = 0;
  char *bytes = NULL;

  for (;;)
    {
      if (size + 1 >= capacity)
        {
          capacity = capacity ? 2 * capacity : CHUNK;
          char *more = realloc (bytes, capacity);
          if (!more)
            {
              free (bytes);
              return fail (ret_why, ENOMEM, "read", name);
            }
          bytes = more;
        }
      ssize_t got = read (fd, bytes + size, capacity - size - 1);
      if (got < 0 && errno == EINTR)
        continue;
      int status = got < 0 ? fail (ret_why, errno, "read", name) : 0;
      size += got > 0 ? (size_t)got : 0;
      if (status == 0 && size > limit)
        status = refuse (ret_why, EXIT_REJECTED, "%s: exceeded maximum allowed size of %zu bytes",
                         name, limit);
      if (status != 0)
        free (bytes);
      if (status != 0)
        return status;
      if (got == 0)
        break;
    }
  bytes[size] = '\0';
  *ret_bytes = bytes;
  *ret_size = size;
  return 0;
}

int
read_file (const char *path, size_t limit, void **ret_bytes, size_t *ret_size, char **ret_why)
{
  struct stat st;

  *ret_why = NULL;
  if (strcmp (path, "-") == 0)
    return read_all (STDIN_FILENO, "standard input", limit, ret_bytes, ret_size, ret_why);
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), status;
  if (fd < 0)
    return fail (ret_why, errno, "open", path);
  if (fstat (fd, &st) < 0)
    status = fail (ret_why, errno, "read", path);
  else if (S_ISDIR (st.st_mode))
    status = fail (ret_why, EISDIR, "read", path);
  else if (!S_ISREG (st.st_mode))
    status = refuse (ret_why, EXIT_UNAVAILABLE, "read %s: not a regular file", path);
  else
    status = read_all (fd, path, limit, ret_bytes, ret_size, ret_why);
  (void)close (fd);
  return status;
}

int
write_file (const char *path, const void *bytes, size_t size, char **ret_why)
{
  const char *at = bytes;
  int status = 0;

  *ret_why = NULL;
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);
  if (fd < 0)
    return fail (ret_why, errno, "open", path);
  while (size && status == 0)
    {
      ssize_t done = write (fd, at, size);
      if (done < 0 && errno != EINTR)
        status = fail (ret_why, errno, "write", path);
      at += done > 0 ? done : 0;
      size -= done > 0 ? (size_t)done : 0;
    }
  if (close (fd) < 0 && status == 0)
    status = fail (ret_why, errno, "close", path);
  return status;
}

int
complain_file (int status, char *why)
{
  complain ("%s", why ? why : "out of memory");
  free (why);
  return status;
}
