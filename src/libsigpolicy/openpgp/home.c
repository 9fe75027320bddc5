/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"

#include "util/fs.h"
#include "util/limits.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

/* The homes of this process: the one list that a signal must find. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sp_home *homes;
static bool ended; /* no home is made any more */

/* Removes what is below an open directory, at most depth levels down; never follows a link. */
static void
empty_directory (int fd, unsigned depth)
{
  DIR *directory = fdopendir (fd);
  struct dirent *entry;

  if (!directory)
    {
      (void)close (fd);
      return;
    }
  while ((entry = readdir (directory)) != NULL)
    {
      const char *name = entry->d_name;
      if (strcmp (name, ".") == 0 || strcmp (name, "..") == 0
          || unlinkat (dirfd (directory), name, 0) == 0 || !depth)
        continue;
      int below = openat (dirfd (directory), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (below >= 0)
        empty_directory (below, depth - 1);
      (void)unlinkat (dirfd (directory), name, AT_REMOVEDIR);
    }
  (void)closedir (directory);
}

/* A gpg that was just killed may still finish what it was writing: look again, for a while. */
static void
remove_home (const char *path)
{
  for (int tries = 0; tries < 100; tries++)
    {
      int fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (fd < 0)
        return;
      empty_directory (fd, 2);
      if (rmdir (path) == 0)
        return;
      (void)sched_yield ();
    }
}

/* gpg.conf: nothing of the user's, nothing that asks, starts or fetches anything. */
static int
configure (const struct sp_home *home, sp_time now, bool faked, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (4096);
  cleanup_free char *path = sp_asprintf (err, "%s/gpg.conf", home->path);
  time_t seconds = (time_t)now;
  struct tm tm;
  char stamp[32];

  if (!path)
    return SIGPOLICY_E_NO_MEMORY;
  sp_buf_str (&text,
              "batch\nno-tty\nno-autostart\nno-auto-key-retrieve\ndisable-dirmngr\n"
              "trust-model always\nno-verbose\nno-greeting\nlock-never\nno-random-seed-file\n"
              "no-auto-check-trustdb\n");
  sp_buf_printf (&text, "max-output %lu\n", SP_SIGNED_TEXT_BYTES_MAX);
  if (faked && gmtime_r (&seconds, &tm) && strftime (stamp, sizeof stamp, "%Y%m%dT%H%M%S", &tm))
    sp_buf_printf (&text, "faked-system-time %s!\n", stamp);
  if (sp_buf_check (&text, err) < 0)
    return sigpolicy_error_code (*err);
  return sp_fs_write (path, sp_buf_view (&text), err);
}

int
sp_home_new (sp_time now, bool faked, struct sp_home **ret, sigpolicy_error **err)
{
  const char *directory = getenv ("TMPDIR");
  if (!directory || directory[0] != '/')
    directory = "/tmp";
  struct sp_home *home = sp_calloc (1, sizeof *home, err);
  if (!home)
    return SIGPOLICY_E_NO_MEMORY;
  home->path = sp_asprintf (err, "%s/sigpolicy-gpg.XXXXXX", directory);
  if (!home->path)
    {
      free (home);
      return SIGPOLICY_E_NO_MEMORY;
    }
  /* Made and listed in one step, as a signal sees it. */
  (void)pthread_mutex_lock (&lock);
  bool made = !ended && mkdtemp (home->path) != NULL;
  int errnum = ended ? ECANCELED : errno;
  if (made)
    {
      home->next = homes;
      homes = home;
    }
  (void)pthread_mutex_unlock (&lock);
  if (!made)
    {
      int rc = sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                               errnum, "making a temporary directory in '%s'", directory);
      free (home->path);
      free (home);
      return rc < 0 ? sp_error_hint (err, "set TMPDIR to a directory that can be written") : rc;
    }
  int rc = configure (home, now, faked, err);
  if (rc < 0)
    {
      sp_home_free (home);
      return sp_error_class (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK);
    }
  *ret = home;
  return 0;
}

void
sp_home_free (struct sp_home *home)
{
  if (!home)
    return;
  remove_home (home->path);
  (void)pthread_mutex_lock (&lock);
  for (struct sp_home **at = &homes; *at; at = &(*at)->next)
    if (*at == home)
      {
        *at = home->next;
        break;
      }
  (void)pthread_mutex_unlock (&lock);
  free (home->path);
  free (home);
}

/* Does the command line of a process name one of the homes? The list is locked. */
static bool
uses_a_home (const char *command, size_t length)
{
  for (const struct sp_home *home = homes; home; home = home->next)
    if (memmem (command, length, home->path, strlen (home->path) + 1))
      return true;
  return false;
}

static void
kill_users_of_homes (void)
{
  DIR *proc = opendir ("/proc");
  struct dirent *entry;

  while (proc && (entry = readdir (proc)) != NULL)
    {
      char path[300], command[4096];
      if (!isdigit ((unsigned char)entry->d_name[0]))
        continue;
      (void)snprintf (path, sizeof path, "/proc/%s/cmdline", entry->d_name);
      int fd = open (path, O_RDONLY | O_CLOEXEC);
      if (fd < 0)
        continue;
      ssize_t length = read (fd, command, sizeof command);
      (void)close (fd);
      long pid = strtol (entry->d_name, NULL, 10);
      if (length > 0 && pid > 1 && pid != getpid () && uses_a_home (command, (size_t)length))
        (void)kill ((pid_t)pid, SIGKILL);
    }
  if (proc)
    (void)closedir (proc);
}

void
sp_openpgp_remove_homes (void)
{
  (void)pthread_mutex_lock (&lock);
  ended = true;
  if (homes)
    kill_users_of_homes ();
  for (const struct sp_home *home = homes; home; home = home->next)
    remove_home (home->path);
  (void)pthread_mutex_unlock (&lock);
}
