/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/store_int.h"

#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>
#include <time.h>

/*
 * Reading what others may be writing. podman takes an exclusive lock before it changes anything in
 * a directory of its storage, and writes a new value into the lock file then. A lock of the open
 * file description is held against those, and is not lost when another part of this process closes
 * the same file.
 */

#define POLL_NS 5000000L

bool
sp_store_state_equal (const struct sp_store_state *a, const struct sp_store_state *b)
{
  if (a->lock_len != b->lock_len || memcmp (a->lock, b->lock, sizeof a->lock) != 0)
    return false;
  for (size_t i = 0; i < sizeof a->files / sizeof *a->files; i++)
    if (a->files[i].dev != b->files[i].dev || a->files[i].ino != b->files[i].ino
        || a->files[i].size != b->files[i].size
        || a->files[i].modified.tv_sec != b->files[i].modified.tv_sec
        || a->files[i].modified.tv_nsec != b->files[i].modified.tv_nsec
        || a->files[i].changed.tv_sec != b->files[i].changed.tv_sec
        || a->files[i].changed.tv_nsec != b->files[i].changed.tv_nsec)
      return false;
  return true;
}

static int
could_not (sigpolicy_error **err, int errnum, const struct sp_store_directory *directory,
           const char *file)
{
  return sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, errnum,
                         "open %s/%s/%s", directory->root, directory->name, file);
}

/* A file of the directory, or none: *ret_fd is -1 where it is not there, or not for us. */
static int
open_file (int root, const struct sp_store_directory *directory, const char *file, int *ret_fd,
           sigpolicy_error **err)
{
  cleanup_free char *path = sp_asprintf (err, "%s/%s", directory->name, file);
  struct stat st;

  *ret_fd = -1;
  if (!path)
    return SIGPOLICY_E_NO_MEMORY;
  cleanup_close int fd = sp_fs_open_beneath (root, path);
  if (fd < 0)
    return errno == ENOENT || errno == EACCES || errno == EPERM
               ? 0
               : could_not (err, errno, directory, file);
  if (fstat (fd, &st) < 0)
    return could_not (err, errno, directory, file);
  if (S_ISREG (st.st_mode))
    *ret_fd = sp_steal_fd (&fd);
  return 0;
}

/* The shared lock, waited for until the deadline; *ret_locked is false where locks are not to be
 * had. */
static int
take_lock (int fd, const struct sp_store_directory *directory, unsigned lock_ms, bool *ret_locked,
           sigpolicy_error **err)
{
  struct timespec start, now;

  (void)clock_gettime (CLOCK_MONOTONIC, &start);
  for (;;)
    {
      struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
      *ret_locked = fcntl (fd, F_OFD_SETLK, &lock) == 0;
      if (*ret_locked || (errno != EAGAIN && errno != EACCES && errno != EINTR))
        return 0;
      (void)clock_gettime (CLOCK_MONOTONIC, &now);
      long long waited
          = (now.tv_sec - start.tv_sec) * 1000LL + (now.tv_nsec - start.tv_nsec) / 1000000L;
      if (waited >= (long long)lock_ms)
        return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                             "%s/%s/%s is locked by another process for more than %u ms",
                             directory->root, directory->name, directory->lock, lock_ms);
      (void)nanosleep (&(struct timespec){ .tv_nsec = POLL_NS }, NULL);
    }
}

static int
read_state (int root, int lock, const struct sp_store_directory *directory,
            struct sp_store_state *ret, sigpolicy_error **err)
{
  struct stat st;

  memset (ret, 0, sizeof *ret);
  if (lock >= 0)
    {
      ssize_t got = pread (lock, ret->lock, sizeof ret->lock, 0);
      if (got < 0)
        return could_not (err, errno, directory, directory->lock);
      ret->lock_len = (size_t)got;
    }
  for (size_t i = 0; i < sizeof directory->files / sizeof *directory->files; i++)
    {
      if (!directory->files[i])
        continue;
      cleanup_free char *path = sp_asprintf (err, "%s/%s", directory->name, directory->files[i]);
      if (!path)
        return SIGPOLICY_E_NO_MEMORY;
      if (fstatat (root, path, &st, 0) < 0)
        {
          if (errno == ENOENT)
            continue;
          return could_not (err, errno, directory, directory->files[i]);
        }
      ret->files[i].dev = st.st_dev;
      ret->files[i].ino = st.st_ino;
      ret->files[i].size = st.st_size;
      ret->files[i].modified = st.st_mtim;
      ret->files[i].changed = st.st_ctim;
    }
  return 0;
}

/* One try; *ret_changed: whatever came of it counts for nothing. */
static int
look_once (const struct sp_store_directory *directory, unsigned lock_ms,
           sp_store_read_function *read, void *data, bool *ret_changed, sigpolicy_error **err)
{
  cleanup_close int root = -1, lock = -1;
  struct sp_store_state before, after;
  bool locked = false;

  *ret_changed = false;
  int rc = sp_fs_open_dir (directory->root, &root, err);
  if (rc == 0 && directory->lock)
    rc = open_file (root, directory, directory->lock, &lock, err);
  if (rc == 0 && lock >= 0)
    rc = take_lock (lock, directory, lock_ms, &locked, err);
  if (rc == 0)
    rc = read_state (root, lock, directory, &before, err);
  if (rc < 0)
    return rc;

  struct sp_store_look look = { root, directory, &before };
  cleanup_error sigpolicy_error *failed = NULL, *unknown = NULL;
  rc = read (&look, data, &failed);
  int known = read_state (root, lock, directory, &after, &unknown);
  if (known < 0)
    return sp_error_copy (unknown, err);
  /* Also what was read under the lock: not everybody who writes may know of it. */
  *ret_changed = !sp_store_state_equal (&before, &after);
  return rc < 0 ? sp_error_copy (failed, err) : 0;
}

int
sp_store_look (const struct sp_store_directory *directory, unsigned lock_ms,
               sp_store_read_function *read, void *data, sigpolicy_error **err)
{
  bool changed = true;
  int rc = 0;

  for (unsigned tries = 0; tries < SP_STORE_TRIES; tries++)
    {
      sp_error_clear (err);
      rc = look_once (directory, lock_ms, read, data, &changed, err);
      if (!changed || rc == SIGPOLICY_E_NO_MEMORY)
        return rc;
    }
  sp_error_clear (err);
  return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                       "%s/%s does not stop changing while it is read", directory->root,
                       directory->name);
}

int
sp_store_look_read (const struct sp_store_look *look, const char *name, struct sp_buf *buf,
                    sigpolicy_error **err)
{
  cleanup_free char *path = sp_asprintf (err, "%s/%s", look->directory->name, name);
  return path ? sp_fs_read_beneath (look->fd, look->directory->root, path, buf, err)
              : SIGPOLICY_E_NO_MEMORY;
}

int
sp_store_look_read_any (const struct sp_store_look *look, const char *name, struct sp_buf *buf,
                        sigpolicy_error **err)
{
  int rc = sp_store_look_read (look, name, buf, err);
  if (rc < 0 && sp_error_errnum (*err) == ENOENT)
    {
      sp_error_clear (err);
      return 0;
    }
  return rc;
}

int
sp_store_look_failed (const struct sp_store_look *look, const char *name, sigpolicy_error **err)
{
  cleanup_free char *path = NULL;
  cleanup_error sigpolicy_error *no_memory = NULL;

  path = sp_asprintf (&no_memory, "%s/%s/%s", look->directory->root, look->directory->name, name);
  (void)sp_error_class (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK);
  (void)sp_error_position (err, path, 0, 0, NULL);
  return sp_error_while (err, "reading '%s'", path ? path : name);
}
