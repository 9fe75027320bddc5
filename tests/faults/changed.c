/* SPDX-License-Identifier: Apache-2.0 */
#include "changed.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BYTES_MAX 65536

struct bytes
{
  size_t size;
  char data[BYTES_MAX];
};

static const char *path; /* NULL: there is none */
static struct bytes before, after, now;

static void
read_bytes (const char *name, struct bytes *ret)
{
  int fd = open (name, O_RDONLY | O_CLOEXEC);
  ssize_t size = fd < 0 ? -1 : read (fd, ret->data, sizeof ret->data);
  ret->size = size < 0 ? 0 : (size_t)size;
  if (fd >= 0)
    (void)close (fd);
}

static bool
is (const struct bytes *wanted)
{
  return now.size == wanted->size && memcmp (now.data, wanted->data, now.size) == 0;
}

/* Calls visit() for what is beside the file. */
static void
each_other (void (*visit) (const char *other, void *data), void *data)
{
  const char *name = strrchr (path, '/') + 1;
  char other[PATH_MAX];
  struct dirent *entry;
  int length = (int)(name - path);

  (void)snprintf (other, sizeof other, "%.*s", length, path);
  DIR *directory = opendir (other);
  while (directory && (entry = readdir (directory)))
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0
        && strcmp (entry->d_name, name) != 0
        && snprintf (other, sizeof other, "%.*s%s", length, path, entry->d_name)
               < (int)sizeof other)
      visit (other, data);
  if (directory)
    (void)closedir (directory);
}

static void
remove_other (const char *other, void *data)
{
  (void)data;
  (void)unlink (other);
}

/* The old file is kept as NAME.bak. */
static bool
is_copy (const char *other)
{
  size_t length = strlen (path);
  return strncmp (other, path, length) == 0 && strcmp (other + length, ".bak") == 0;
}

struct others
{
  bool bad_copy, left;
};

static void
note_other (const char *other, void *data)
{
  struct others *others = data;
  if (is_copy (other))
    {
      read_bytes (other, &now);
      others->bad_copy = !is (&before);
    }
  else
    others->left = true;
}

void
changed_begin (const char *name)
{
  path = name;
  if (path)
    read_bytes (path, &before);
}

void
changed_restore (void)
{
  if (!path)
    return;
  each_other (remove_other, NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0 || write (fd, before.data, before.size) != (ssize_t)before.size || close (fd) != 0)
    abort ();
}

void
changed_keep (void)
{
  if (path)
    read_bytes (path, &after);
}

const char *
changed_problem (bool succeeded)
{
  struct others others = { 0 };

  if (!path)
    return NULL;
  read_bytes (path, &now);
  if (!is (&after) && !is (&before))
    return "the file is neither as it was nor as it is to be";
  if (succeeded && !is (&after))
    return "the file is not changed";
  each_other (note_other, &others);
  return others.bad_copy            ? "the copy of the file is not what it was"
         : succeeded && others.left ? "something is left beside the file"
                                    : NULL;
}
