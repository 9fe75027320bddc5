/* SPDX-License-Identifier: Apache-2.0 */
#include "edit/replace.h"

#include "edit/attributes.h"
#include "util/alloc.h"
#include "util/fs.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>

/* How often the file may change while we look at it. */
#define TRIES_MAX 100

struct job
{
  char *path; /* of the file itself, no link */
  char *directory, *temporary, *link_name, *backup;
  int fd;        /* of the temporary file, locked; -1: none */
  bool finished; /* the temporary file is no longer ours */
  pid_t process; /* whose it is, while it is registered */
  struct job *next;
};

/* Those whose temporary files are there, so that a thread that ends the process removes them. */
static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
static struct job *registered;

static void
forget (struct job *job)
{
  (void)pthread_mutex_lock (&registry);
  for (struct job **at = &registered; *at; at = &(*at)->next)
    if (*at == job)
      {
        *at = job->next;
        break;
      }
  (void)pthread_mutex_unlock (&registry);
}

static void
register_job (struct job *job)
{
  job->process = getpid ();
  job->next = registered;
  registered = job;
}

void
sp_replace_clean_up (void)
{
  (void)pthread_mutex_lock (&registry);
  for (struct job *job = registered; job; job = job->next)
    if (job->process == getpid ())
      {
        (void)unlink (job->link_name);
        if (!job->finished)
          (void)unlink (job->temporary);
      }
  (void)pthread_mutex_unlock (&registry);
}

static int
failed (const char *verb, const char *path, sigpolicy_error **err)
{
  int code = errno == ENOENT ? SIGPOLICY_E_NOT_FOUND : SIGPOLICY_E_UNAVAILABLE;
  return sp_error_errno (
      err, code, errno == ENOENT ? SIGPOLICY_REASON_NOT_FOUND : SIGPOLICY_REASON_COULD_NOT_LOOK,
      errno, "%s %s", verb, path);
}

static void
job_clear (struct job *job)
{
  forget (job);
  /* Still under the lock: whoever waits for it sees that its file is gone. */
  if (job->fd >= 0 && !job->finished)
    (void)unlink (job->temporary);
  if (job->fd >= 0)
    (void)close (job->fd);
  free (job->path);
  free (job->directory);
  free (job->temporary);
  free (job->link_name);
  free (job->backup);
}

/* Where a file is that may not be there, through all links. */
static char *
real_path (const char *path, sigpolicy_error **err)
{
  char *real = realpath (path, NULL);
  struct stat st;

  if (real)
    return real;
  if (errno == ENOMEM)
    {
      (void)sp_error_no_memory (err);
      return NULL;
    }
  if (errno != ENOENT || lstat (path, &st) == 0)
    {
      (void)failed ("open", path, err); /* among others, a link that leads nowhere */
      return NULL;
    }
  return sp_strdup (path, err);
}

static int
set_names (const char *path, struct job *job, sigpolicy_error **err)
{
  job->path = real_path (path, err);
  if (!job->path)
    return sigpolicy_error_code (*err);
  const char *slash = strrchr (job->path, '/');
  const char *name = slash ? slash + 1 : job->path;
  job->directory = slash ? sp_view_dup (sp_view_n (job->path, (size_t)(name - job->path)), err)
                         : sp_strdup ("./", err);
  if (job->directory)
    job->temporary = sp_asprintf (err, "%s.%s.sigpolicy", job->directory, name);
  if (job->temporary)
    job->link_name = sp_asprintf (err, "%s.bak", job->temporary);
  if (job->link_name)
    job->backup = sp_asprintf (err, "%s.bak", job->path);
  return job->backup ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* Is the file that was opened (and waited for) still the one of that name? */
static bool
is_still_there (int fd, const char *path)
{
  struct stat opened, named;
  return fstat (fd, &opened) == 0 && lstat (path, &named) == 0 && opened.st_dev == named.st_dev
         && opened.st_ino == named.st_ino;
}

/* The directory may be one in which others can write, too: nothing but a plain file of our own is
 * taken. *ret_gone: what was opened is no longer there; another editor's has become the file, and
 * may have its second name. */
static int
check_ours (const struct job *job, bool *ret_gone, sigpolicy_error **err)
{
  struct stat st;
  if (fstat (job->fd, &st) < 0)
    return failed ("stat", job->temporary, err);
  if (S_ISREG (st.st_mode) && st.st_uid == geteuid () && st.st_nlink <= 1)
    return 0;
  *ret_gone = !is_still_there (job->fd, job->temporary);
  if (*ret_gone)
    return 0;
  return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                       "%s is not a regular file of this user: check it, and remove it",
                       job->temporary);
}

/* flock(2), waiting or not; *ret_busy: somebody else has it. */
static int
take (struct job *job, int operation, bool *ret_busy, sigpolicy_error **err)
{
  *ret_busy = false;
  while (flock (job->fd, operation) < 0)
    {
      *ret_busy = errno == EWOULDBLOCK;
      if (errno != EINTR)
        return *ret_busy ? 0 : failed ("flock", job->temporary, err);
    }
  return 0;
}

/* Open it and, if nobody has it, take it: under the lock of the registry, so that there is no
 * moment at which it is ours and nobody knows. */
static int
open_temporary (struct job *job, bool *ret_busy, bool *ret_gone, sigpolicy_error **err)
{
  int rc = 0;

  (void)pthread_mutex_lock (&registry);
  job->fd = open (job->temporary, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
  if (job->fd < 0)
    rc = failed ("open", job->temporary, err);
  if (rc == 0)
    rc = check_ours (job, ret_gone, err);
  if (rc == 0 && !*ret_gone)
    rc = take (job, LOCK_EX | LOCK_NB, ret_busy, err);
  if (rc == 0 && !*ret_gone && !*ret_busy && is_still_there (job->fd, job->temporary))
    register_job (job);
  (void)pthread_mutex_unlock (&registry);
  return rc;
}

static int
lock (struct job *job, sigpolicy_error **err)
{
  for (;;)
    {
      bool busy = false, gone = false, waited = false;
      int rc = open_temporary (job, &busy, &gone, err);
      if (rc == 0 && busy)
        {
          rc = take (job, LOCK_EX, &busy, err);
          waited = true;
        }
      if (rc == 0 && !gone && is_still_there (job->fd, job->temporary))
        {
          if (waited)
            {
              (void)pthread_mutex_lock (&registry);
              register_job (job);
              (void)pthread_mutex_unlock (&registry);
            }
          return 0;
        }
      forget (job);
      if (job->fd >= 0)
        (void)close (job->fd);
      job->fd = -1;
      if (rc < 0)
        return rc;
    }
}

static int
write_all (struct job *job, struct sp_view bytes, sigpolicy_error **err)
{
  if (ftruncate (job->fd, 0) < 0 || lseek (job->fd, 0, SEEK_SET) < 0)
    return failed ("truncate", job->temporary, err);
  while (bytes.len)
    {
      ssize_t done = write (job->fd, bytes.data, bytes.len);
      if (done < 0 && errno == EINTR)
        continue;
      if (done < 0)
        return failed ("write", job->temporary, err);
      bytes = sp_view_from (bytes, (size_t)done);
    }
  return 0;
}

/* The old file under its second name. A link costs nothing and is whole at once. */
static int
keep_backup (struct job *job, sigpolicy_error **err)
{
  const char *link_name = job->link_name;
  (void)unlink (link_name);
  if (link (job->path, link_name) < 0)
    return failed ("link", link_name, err);
  int rc = rename (link_name, job->backup) < 0 ? failed ("rename", link_name, err) : 0;
  /* When both are names of one file already, rename(2) leaves both. */
  (void)unlink (link_name);
  return rc;
}

static int
sync_directory (const struct job *job, sigpolicy_error **err)
{
  cleanup_close int fd = open (job->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0 && fsync (fd) == 0)
    return 0;
  (void)failed ("fsync", job->directory, err);
  return sp_error_while (err, "writing the new %s to the disk", job->path);
}

static bool
same_time (const struct timespec *a, const struct timespec *b)
{
  return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* Has nobody else, who does not know of our lock, written to the file since then? */
static bool
is_unchanged (const struct job *job, bool existed, const struct stat *then)
{
  struct stat now;
  if (lstat (job->path, &now) < 0)
    return !existed && errno == ENOENT;
  return existed && now.st_dev == then->st_dev && now.st_ino == then->st_ino
         && now.st_size == then->st_size && same_time (&now.st_mtim, &then->st_mtim)
         && same_time (&now.st_ctim, &then->st_ctim);
}

/* Another name than the backup, which a killed editor may have left, keeps the old content. */
static bool
has_other_name (const struct job *job, const struct stat *st)
{
  struct stat backup;
  bool is_backup = lstat (job->backup, &backup) == 0 && backup.st_dev == st->st_dev
                   && backup.st_ino == st->st_ino;
  return st->st_nlink > (is_backup ? 2U : 1U);
}

static int
warn (const struct job *job, const struct stat *st, bool other_group, struct sp_strv *warnings,
      sigpolicy_error **err)
{
  int rc = 0;
  sp_strv_clear (warnings);
  *warnings = (struct sp_strv){ 0 };
  if (has_other_name (job, st))
    rc = sp_strv_take (
        warnings,
        sp_asprintf (err, "%s has another hard link, which keeps the old content", job->path), err);
  if (rc == 0 && other_group)
    rc = sp_strv_take (warnings,
                       sp_asprintf (err,
                                    "%s belonged to the group %lu, which is not yours: it belongs "
                                    "to your group now, with no more rights than before",
                                    job->path, (unsigned long)st->st_gid),
                       err);
  return rc;
}

static int
put_in_place (struct job *job, bool existed, sigpolicy_error **err)
{
  if (fsync (job->fd) < 0)
    return failed ("fsync", job->temporary, err);
  int rc = existed ? keep_backup (job, err) : 0;
  if (rc < 0)
    return rc;
  if (rename (job->temporary, job->path) < 0)
    return failed ("rename", job->temporary, err);
  job->finished = true;
  return sync_directory (job, err);
}

/* One try; *ret_again when the file changed under our hands. */
static int
try_replace (struct job *job, size_t bytes_max, sp_replace_make *make, void *context,
             bool *ret_again, bool *ret_backup, struct sp_strv *warnings, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf old = SP_BUF (bytes_max), new = SP_BUF (bytes_max);
  cleanup_close int fd = open (job->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  bool exists = fd >= 0;
  struct stat st = { 0 };
  bool other_group = false;

  *ret_again = *ret_backup = false;
  if (!exists && errno != ENOENT)
    return failed ("open", job->path, err);
  if (exists && fstat (fd, &st) < 0)
    return failed ("stat", job->path, err);
  if (exists && !S_ISREG (st.st_mode))
    return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                         "read %s: not a regular file", job->path);
  int rc = exists ? sp_fs_read_fd (fd, job->path, &old, err) : 0;
  if (rc == 0)
    rc = make (context, exists, sp_buf_view (&old), &new, err);
  if (rc == 0)
    rc = sp_buf_check (&new, err);
  if (rc < 0 || (exists && sp_view_equal (sp_buf_view (&old), sp_buf_view (&new))))
    return rc;
  rc = write_all (job, sp_buf_view (&new), err);
  if (rc == 0)
    rc = sp_attributes_copy (exists ? fd : -1, job->fd, job->temporary, &other_group, err);
  if (rc == 0 && exists)
    rc = warn (job, &st, other_group, warnings, err);
  if (rc < 0)
    return rc;
  *ret_again = !is_unchanged (job, exists, &st);
  *ret_backup = exists;
  return *ret_again ? 0 : put_in_place (job, exists, err);
}

int
sp_replace_file (const char *path, size_t bytes_max, sp_replace_make *make, void *context,
                 char **ret_backup, struct sp_strv *warnings, sigpolicy_error **err)
{
  SP_CLEANUP (job_clear) struct job job = { .fd = -1 };
  bool again = true, backup = false;

  int rc = set_names (path, &job, err);
  if (rc == 0)
    rc = lock (&job, err);
  for (unsigned tries = 0; rc == 0 && again && tries < TRIES_MAX; tries++)
    rc = try_replace (&job, bytes_max, make, context, &again, &backup, warnings, err);
  if (rc == 0 && again)
    rc = sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                       "%s keeps being changed by another program: try again", job.path);
  if (rc == 0)
    *ret_backup = backup ? steal (&job.backup) : NULL;
  return rc;
}
