/* SPDX-License-Identifier: Apache-2.0 */
#include "util/fs.h"

#include "util/alloc.h"
#include "util/debug.h"
#include "util/limits.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#ifdef HAVE_LINUX_OPENAT2_H
#  include <linux/openat2.h>
#endif

#define CHUNK 65536 /* of a file whose size is not known */

/* The class of a file that cannot be had: absent, or unknown. */
static int
failed (sigpolicy_error **err, int errnum, const char *verb, const char *path)
{
  int code = errnum == ENOENT ? SIGPOLICY_E_NOT_FOUND : SIGPOLICY_E_UNAVAILABLE;
  return sp_error_errno (
      err, code, errnum == ENOENT ? SIGPOLICY_REASON_NOT_FOUND : SIGPOLICY_REASON_COULD_NOT_LOOK,
      errnum, "%s %s", verb, path);
}

/* size is that of a regular file, or 0 where it is not known: when that much comes though more was
 * asked for, it was all. */
static int
read_all (int fd, const char *name, size_t size, struct sp_buf *buf, sigpolicy_error **err)
{
  size_t before = buf->len;

  for (;;)
    {
      size_t room;
      char extra;
      char *at = sp_buf_room (buf, size && size < CHUNK ? size + 1 : CHUNK, &room);
      /* At the limit: one byte more tells "exactly full" from "too long". */
      bool full = !at && !buf->failed;
      ssize_t got = buf->failed ? -1 : read (fd, full ? &extra : at, full ? 1 : room);
      if (buf->failed || (full && got > 0))
        {
          if (!buf->failed)
            buf->failed = SP_BUF_FULL;
          int rc = sp_buf_check (buf, err);
          return rc < 0 ? sp_error_while (err, "reading '%s'", name) : rc;
        }
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        return failed (err, errno, "read", name);
      if (got == 0)
        return 0;
      sp_buf_filled (buf, (size_t)got);
      if (size && (size_t)got < room && buf->len - before == size)
        return 0;
    }
}

int
sp_fs_read_fd (int fd, const char *name, struct sp_buf *buf, sigpolicy_error **err)
{
  return read_all (fd, name, 0, buf, err);
}

static int
check_regular (int fd, const char *path, size_t *ret_size, sigpolicy_error **err)
{
  struct stat st;
  if (fstat (fd, &st) < 0)
    return failed (err, errno, "read", path);
  if (S_ISDIR (st.st_mode))
    return failed (err, EISDIR, "read", path);
  if (!S_ISREG (st.st_mode))
    {
      (void)sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                          "read %s: not a regular file", path);
      return sp_error_stricter (err, "S8");
    }
  *ret_size = (size_t)st.st_size;
  return 0;
}

static int
open_regular (const char *path, int *ret_fd, size_t *ret_size, sigpolicy_error **err)
{
  cleanup_close int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return failed (err, errno, "open", path);
  int rc = check_regular (fd, path, ret_size, err);
  if (rc == 0)
    *ret_fd = sp_steal_fd (&fd);
  return rc;
}

int
sp_fs_open (const char *path, int *ret_fd, sigpolicy_error **err)
{
  size_t size = 0;
  return open_regular (path, ret_fd, &size, err);
}

/* Which file was read, or why not. */
static int
traced (const char *path, const struct sp_buf *buf, int rc, sigpolicy_error **err)
{
  if (rc == 0)
    sp_debug ("file: %s, %zu bytes", path, buf->len);
  else
    sp_debug ("file: %s", sigpolicy_error_message (*err));
  return rc;
}

int
sp_fs_read (const char *path, struct sp_buf *buf, sigpolicy_error **err)
{
  cleanup_close int fd = -1;
  size_t size = 0;
  int rc = open_regular (path, &fd, &size, err);
  if (rc == 0)
    rc = read_all (fd, path, size, buf, err);
  return traced (path, buf, rc, err);
}

int
sp_fs_read_input (const char *path, struct sp_buf *buf, sigpolicy_error **err)
{
  return strcmp (path, "-") == 0 ? sp_fs_read_fd (STDIN_FILENO, "standard input", buf, err)
                                 : sp_fs_read (path, buf, err);
}

int
sp_fs_open_dir (const char *path, int *ret_fd, sigpolicy_error **err)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return failed (err, errno, "open", path);
  *ret_fd = fd;
  return 0;
}

/* Where a descriptor leads, by the kernel's word. */
static bool
descriptor_path (int fd, char path[PATH_MAX])
{
  char link[64];
  (void)snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink (link, path, PATH_MAX - 1);
  if (length <= 0)
    return false;
  path[length] = '\0';
  return true;
}

/* For kernels and sandboxes without openat2(2): open without reading, then look where that led. */
static int
open_checked (int dir, const char *name)
{
  char base[PATH_MAX], found[PATH_MAX], again[64];
  cleanup_close int place = openat (dir, name, O_PATH | O_CLOEXEC);
  if (place < 0)
    return -1;
  if (!descriptor_path (dir, base) || !descriptor_path (place, found))
    {
      errno = EXDEV;
      return -1;
    }
  struct sp_view parent = sp_view_str (base), file = sp_view_str (found);
  if (!sp_view_starts (file, parent)
      || (file.len > parent.len && !sp_view_is (parent, "/") && file.data[parent.len] != '/'))
    {
      errno = EXDEV;
      return -1;
    }
  (void)snprintf (again, sizeof again, "/proc/self/fd/%d", place);
  return open (again, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

int
sp_fs_open_beneath (int dir, const char *name)
{
#ifdef HAVE_LINUX_OPENAT2_H
  struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                          .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
  int fd = (int)syscall (SYS_openat2, dir, name, &how, sizeof how);
  if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
    return fd;
#endif
  return open_checked (dir, name);
}

int
sp_fs_read_beneath (int dir, const char *dir_path, const char *name, struct sp_buf *buf,
                    sigpolicy_error **err)
{
  cleanup_free char *path = sp_asprintf (err, "%s/%s", dir_path, name);
  if (!path)
    return SIGPOLICY_E_NO_MEMORY;
  cleanup_close int fd = sp_fs_open_beneath (dir, name);
  if (fd < 0 && errno == EXDEV)
    {
      (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_COULD_NOT_LOOK,
                          "open %s: the link leaves the image directory", path);
      return sp_error_stricter (err, "S8");
    }
  if (fd < 0)
    return traced (path, buf, failed (err, errno, "open", path), err);
  size_t size = 0;
  int rc = check_regular (fd, path, &size, err);
  if (rc == 0)
    rc = read_all (fd, path, size, buf, err);
  return traced (path, buf, rc, err);
}

int
sp_fs_exists (const char *path, bool *ret, sigpolicy_error **err)
{
  bool found = faccessat (AT_FDCWD, path, F_OK, AT_EACCESS) == 0;
  if (!found)
    switch (errno)
      {
      case ENOENT:
      case ENOTDIR:
      case EACCES:
      case EPERM:
      case ELOOP:
      case ENAMETOOLONG:
        break;
      default:
        return failed (err, errno, "stat", path);
      }
  *ret = found;
  return 0;
}

char *
sp_fs_clean (const char *path, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (2 * SP_PATH_BYTES_MAX);
  struct sp_view left = sp_view_str (path);
  bool rooted = path[0] == '/';
  size_t floor = 0; /* what ".." may not remove: the root, or leading ".." */

  if (rooted)
    {
      sp_buf_byte (&out, '/');
      floor = 1;
    }
  while (left.len)
    {
      size_t slash = sp_view_find (left, '/');
      struct sp_view piece = sp_view_head (left, slash);
      left = slash == SP_VIEW_NONE ? sp_view_from (left, left.len) : sp_view_from (left, slash + 1);
      if (!piece.len || sp_view_is (piece, "."))
        continue;
      if (sp_view_is (piece, "..") && out.len > floor)
        {
          size_t parent = sp_view_find_last (sp_buf_view (&out), '/');
          out.len = parent == SP_VIEW_NONE || parent < floor ? floor : parent;
          out.data[out.len] = '\0';
          continue;
        }
      if (sp_view_is (piece, "..") && rooted)
        continue;
      if (out.len && out.data[out.len - 1] != '/')
        sp_buf_byte (&out, '/');
      sp_buf_add (&out, piece);
      if (sp_view_is (piece, ".."))
        floor = out.len;
    }
  if (!out.len)
    sp_buf_byte (&out, '.');
  return sp_buf_steal (&out, err);
}

/* Does it lead where its text says? Then it need not be resolved part by part. */
static bool
has_no_links (const char *path)
{
#ifdef HAVE_LINUX_OPENAT2_H
  struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };
  cleanup_close int fd = (int)syscall (SYS_openat2, AT_FDCWD, path, &how, sizeof how);
  return fd >= 0;
#else
  (void)path;
  return false;
#endif
}

/* Absolute by the working directory, cleaned by text, then every symlink resolved; all must exist.
 */
static char *
resolve_existing (const char *path, sigpolicy_error **err)
{
  cleanup_free char *joined = NULL;

  if (path[0] == '/')
    joined = sp_strdup (path, err);
  else
    {
      cleanup_free char *cwd = getcwd (NULL, 0);
      if (!cwd)
        {
          failed (err, errno, "getwd", ".");
          return NULL;
        }
      joined = sp_asprintf (err, "%s/%s", cwd, path);
    }
  if (!joined)
    return NULL;
  cleanup_free char *clean = sp_fs_clean (joined, err);
  if (!clean)
    return NULL;
  if (has_no_links (clean))
    return steal (&clean);
  char *resolved = realpath (clean, NULL);
  if (!resolved)
    failed (err, errno, "lstat", clean);
  return resolved;
}

char *
sp_fs_resolve (const char *path, sigpolicy_error **err)
{
  struct stat st;
  struct sp_view text = sp_view_str (path);

  if (text.len >= SP_PATH_BYTES_MAX)
    {
      failed (err, ENAMETOOLONG, "lstat", "the path");
      return NULL;
    }
  /* Most paths are what they lead to. */
  if (path[0] == '/')
    {
      cleanup_free char *clean = sp_fs_clean (path, err);
      if (!clean)
        return NULL;
      if (strcmp (clean, path) == 0 && has_no_links (clean))
        return steal (&clean);
    }
  if (lstat (text.len ? path : ".", &st) == 0)
    return resolve_existing (path, err);
  if (errno != ENOENT)
    {
      failed (err, errno, "lstat", path);
      return NULL;
    }

  size_t slash = sp_view_find_last (text, '/');
  struct sp_view file = slash == SP_VIEW_NONE ? text : sp_view_from (text, slash + 1);
  cleanup_free char *parent = slash == SP_VIEW_NONE
                                  ? sp_strdup (".", err)
                                  : sp_view_dup (sp_view_head (text, slash ? slash : 1), err);
  if (!parent)
    return NULL;
  cleanup_free char *directory = resolve_existing (parent, err);
  if (!directory)
    return NULL;
  if (!file.len || sp_view_is (file, ".") || sp_view_is (file, ".."))
    {
      failed (err, ENOENT, "lstat", path);
      return NULL;
    }
  return sp_asprintf (err, "%s/%.*s", sp_view_is (sp_view_str (directory), "/") ? "" : directory,
                      (int)file.len, file.data);
}

char *
sp_fs_home (sigpolicy_error **err)
{
  const char *home = secure_getenv ("HOME");
  if (home && home[0])
    return sp_strdup (home, err);

  /* With more rights than our caller, it is not the caller's. */
  uid_t uid = getauxval (AT_SECURE) ? geteuid () : getuid ();
  const char *rootless = secure_getenv ("_CONTAINERS_ROOTLESS_UID");
  if (rootless && rootless[0])
    {
      char *end = NULL;
      errno = 0;
      unsigned long value = strtoul (rootless, &end, 10);
      if (!errno && end && !*end && value <= UINT_MAX)
        uid = (uid_t)value;
    }
  struct passwd entry, *found = NULL;
  char buffer[4096];
  if (getpwuid_r (uid, &entry, buffer, sizeof buffer, &found) != 0 || !found || !found->pw_dir[0])
    return NULL;
  return sp_strdup (found->pw_dir, err);
}
