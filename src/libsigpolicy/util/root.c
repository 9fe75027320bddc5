/* SPDX-License-Identifier: Apache-2.0 */
#include "util/root.h"

#include "util/fs.h"
#include "util/limits.h"

#include <dirent.h>
#include <errno.h>

#define LINKS_MAX 40 /* as many as the kernel follows */

/* What is so because of how the files are. */
static bool
is_of_files (int errnum)
{
  static const int known[] = { 0,      ENOENT, ENOTDIR,      EACCES, EPERM, ELOOP,
                               EISDIR, EINVAL, ENAMETOOLONG, EXDEV,  ENXIO, ESTALE };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (errnum == known[i])
      return true;
  return false;
}

static int
fail (const char *verb, const char *path, int errnum, sigpolicy_error **err)
{
  return sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, errnum,
                         "%s %s", verb, path);
}

static char *
absolute (const char *root, const char *path, sigpolicy_error **err)
{
  if (path[0] == '/' || root[0])
    return sp_asprintf (err, "%s%s", path[0] == '/' ? "" : "/", path);
  cleanup_free char *cwd = getcwd (NULL, 0);
  return sp_asprintf (err, "%s/%s", cwd ? cwd : "", path);
}

/* The link at root + path, as a path of its own in the root; NULL without an error: it is none. */
static char *
follow (const char *root, const char *path, struct sp_view rest, sigpolicy_error **err)
{
  cleanup_free char *full = sp_asprintf (err, "%s%s", root, path);
  char target[SP_PATH_BYTES_MAX];

  if (!full)
    return NULL;
  ssize_t len = readlink (full, target, sizeof target - 1);
  if (len < 0 && !is_of_files (errno))
    (void)fail ("readlink", full, errno, err);
  if (len <= 0)
    return NULL;
  target[len] = '\0';
  size_t slash = sp_view_find_last (sp_view_str (path), '/');
  return sp_asprintf (err, "%.*s/%s%s%.*s", target[0] == '/' ? 0 : (int)slash, path, target,
                      rest.len ? "/" : "", (int)rest.len, rest.data);
}

/* Element by element from "/": what is left is begun anew behind each link. ".." goes up from where
 * the link led, and never above the root. */
char *
sp_root_resolve (const char *root, const char *path, sigpolicy_error **err)
{
  cleanup_free char *todo = absolute (root, path, err);
  cleanup_buf struct sp_buf done = SP_BUF (2 * SP_PATH_BYTES_MAX);
  unsigned links = 0;

  if (!todo)
    return NULL;
  struct sp_view left = sp_view_str (todo);
  while (left.len)
    {
      size_t slash = sp_view_find (left, '/');
      struct sp_view element = sp_view_head (left, slash);
      left = slash == SP_VIEW_NONE ? sp_view_from (left, left.len) : sp_view_from (left, slash + 1);
      if (!element.len || sp_view_is (element, "."))
        continue;
      if (sp_view_is (element, ".."))
        {
          size_t parent = sp_view_find_last (sp_buf_view (&done), '/');
          done.len = parent == SP_VIEW_NONE ? 0 : parent;
          if (done.capacity)
            done.data[done.len] = '\0';
          continue;
        }
      sp_buf_byte (&done, '/');
      sp_buf_add (&done, element);
      if (sp_buf_check (&done, err) < 0)
        return NULL;
      cleanup_free char *next = links < LINKS_MAX ? follow (root, done.data, left, err) : NULL;
      if (*err)
        return NULL;
      if (next)
        {
          links++;
          done.len = 0;
          done.data[0] = '\0';
          free (todo);
          todo = steal (&next);
          left = sp_view_str (todo);
        }
    }
  if (!done.len)
    sp_buf_byte (&done, '/');
  return sp_buf_steal (&done, err);
}

/* The same with the root in front, as the system calls want it. */
static char *
outside (const char *root, const char *path, char **ret_real, sigpolicy_error **err)
{
  cleanup_free char *real = sp_root_resolve (root, path, err);
  char *full = real ? sp_asprintf (err, "%s%s", root, real) : NULL;
  if (full && ret_real)
    *ret_real = steal (&real);
  return full;
}

char *
sp_root_path (const char *root, const char *path, sigpolicy_error **err)
{
  return outside (root, path, NULL, err);
}

int
sp_root_stat (const char *root, const char *path, struct stat *ret, char **ret_real,
              sigpolicy_error **err)
{
  cleanup_free char *full = outside (root, path, ret_real, err);
  if (!full)
    return sigpolicy_error_code (*err);
  if (lstat (full, ret) == 0)
    return 0;
  return is_of_files (errno) ? errno : fail ("lstat", full, errno, err);
}

int
sp_root_read (const char *root, const char *path, struct sp_buf *buf, bool *ret_is_fault,
              sigpolicy_error **err)
{
  cleanup_free char *full = outside (root, path, NULL, err);
  int rc = full ? sp_fs_read (full, buf, err) : sigpolicy_error_code (*err);

  *ret_is_fault = rc < 0 && (rc == SIGPOLICY_E_NO_MEMORY || !is_of_files (sp_error_errnum (*err)));
  return rc;
}

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

int
sp_root_list (const char *root, const char *path, struct sp_strv *names, int *ret_errnum,
              sigpolicy_error **err)
{
  cleanup_free char *full = outside (root, path, NULL, err);
  const struct dirent *entry;
  int rc = 0;

  *ret_errnum = 0;
  if (!full)
    return sigpolicy_error_code (*err);
  DIR *directory = opendir (full);
  if (!directory)
    {
      *ret_errnum = errno;
      return is_of_files (errno) ? 0 : fail ("open", full, errno, err);
    }
  errno = 0;
  while (rc == 0 && names->len < SP_AUDIT_ENTRIES_MAX && (entry = readdir (directory)))
    {
      if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
        rc = sp_strv_add (names, sp_view_str (entry->d_name), err);
      errno = 0;
    }
  if (rc == 0 && errno)
    rc = fail ("readdirent", full, errno, err);
  (void)closedir (directory);
  if (rc == 0 && names->len)
    qsort (names->items, names->len, sizeof *names->items, compare_names);
  return rc;
}
