/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"

#include "util/fs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/wait.h>

/* The homes of this process: the one list that a signal must find. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sp_home *homes;
static bool ended; /* no home is made any more */
static bool own;   /* every child is gpg's: sp_home_own_process() */

/*
 * Calls visit() for each entry of an open directory, but for "." and "..". This and what uses it
 * allocate nothing: they clean up also where memory has run out.
 */
static void
each_entry (int fd, void (*visit) (int fd, const char *name, void *data), void *data)
{
  _Alignas(struct dirent64) char entries[4096];
  ssize_t got;

  while ((got = getdents64 (fd, entries, sizeof entries)) > 0)
    for (ssize_t at = 0; at < got;)
      {
        const struct dirent64 *entry = (const struct dirent64 *)(const void *)(entries + at);
        at += entry->d_reclen;
        if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
          visit (fd, entry->d_name, data);
      }
}

/* Removes an entry and what is below it, at most depth levels down; never follows a link. */
static void
remove_entry (int fd, const char *name, void *data)
{
  unsigned depth = *(unsigned *)data;

  if (unlinkat (fd, name, 0) == 0 || !depth)
    return;
  cleanup_close int below = openat (fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  depth--;
  if (below >= 0)
    each_entry (below, remove_entry, &depth);
  (void)unlinkat (fd, name, AT_REMOVEDIR);
}

/* A gpg that was just killed may still finish what it was writing: look again, for a while. */
static void
remove_home (const struct sp_home *home)
{
  struct stat named;

  for (int tries = 0; home->fd >= 0 && tries < 100; tries++)
    {
      unsigned depth = 2;
      /* Where another has its path by now, that is not ours to remove. */
      int errnum = lstat (home->path, &named) == 0 ? 0 : errno;
      bool is_ours
          = errnum == 0 && named.st_dev == home->made.st_dev && named.st_ino == home->made.st_ino;
      (void)lseek (home->fd, 0, SEEK_SET);
      each_entry (home->fd, remove_entry, &depth);
      if (is_ours ? rmdir (home->path) == 0 || errno == ENOENT : errnum == 0 || errnum == ENOENT)
        return;
      (void)sched_yield ();
    }
}

/* Opens what was just made, and keeps cleaners off: systemd-tmpfiles leaves alone what is locked.
 */
static bool
hold (struct sp_home *home)
{
  struct stat named;

  home->fd = open (home->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (home->fd < 0 || fstat (home->fd, &home->made) != 0)
    return false;
  (void)flock (home->fd, LOCK_EX | LOCK_NB);
  (void)snprintf (home->name, home->name_size, "/proc/%ld/fd/%d", (long)home->process, home->fd);
  /* /proc may be missing, another namespace's, or closed to us. */
  if (stat (home->name, &named) != 0 || named.st_dev != home->made.st_dev
      || named.st_ino != home->made.st_ino)
    (void)snprintf (home->name, home->name_size, "%s", home->path);
  return true;
}

static void
home_release (struct sp_home *home)
{
  if (home->fd >= 0)
    (void)close (home->fd);
  free (home->path);
  free (home->name);
  free (home);
}

/* Both texts are allocated before there is something to clean up. */
static struct sp_home *
home_alloc (const char *directory, sigpolicy_error **err)
{
  static const char pattern[] = "/sigpolicy-gpg.XXXXXX";
  struct sp_home *home = sp_calloc (1, sizeof *home, err);

  if (!home)
    return NULL;
  home->fd = -1;
  home->process = getpid ();
  home->path = sp_asprintf (err, "%s%s", directory, pattern);
  home->name_size = home->path ? strlen (home->path) + 64 : 0;
  home->name = home->path ? sp_calloc (1, home->name_size, err) : NULL;
  if (home->name)
    return home;
  home_release (home);
  return NULL;
}

int
sp_home_new (struct sp_home **ret, sigpolicy_error **err)
{
  const char *directory = secure_getenv ("TMPDIR");
  if (!directory || directory[0] != '/')
    directory = "/tmp";
  struct sp_home *home = home_alloc (directory, err);
  if (!home)
    return SIGPOLICY_E_NO_MEMORY;
  /* Made and listed in one step, as a signal sees it. */
  (void)pthread_mutex_lock (&lock);
  bool made = !ended && mkdtemp (home->path) != NULL;
  bool held = made && hold (home);
  int errnum = ended ? ECANCELED : errno;
  if (made)
    {
      home->next = homes;
      homes = home;
    }
  (void)pthread_mutex_unlock (&lock);
  if (held)
    {
      *ret = home;
      return 0;
    }
  (void)sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, errnum,
                        "making a temporary directory in '%s'", directory);
  if (made)
    (void)rmdir (home->path);
  if (made)
    sp_home_free (home);
  else
    home_release (home);
  return sp_error_hint (err, "set TMPDIR to a directory that can be written");
}

static bool
is_as_made (const struct sp_home *home, const struct stat *st)
{
  return st->st_dev == home->made.st_dev && st->st_ino == home->made.st_ino
         && st->st_uid == home->made.st_uid && st->st_mode == home->made.st_mode;
}

/* The file that gpg keeps keys in: GnuPG 2.1 and later. */
static const char ring[] = "pubring.kbx";

void
sp_home_seal (struct sp_home *home)
{
  home->has_keys = faccessat (home->fd, ring, F_OK, 0) == 0;
}

int
sp_home_check (const struct sp_home *home, sigpolicy_error **err)
{
  struct stat held, named;

  if (home->process != getpid ())
    {
      (void)sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                          "the private directory of gpg belongs to another process");
      return sp_error_hint (err, "make a new context in a process that was forked");
    }
  if (fstat (home->fd, &held) != 0 || lstat (home->path, &named) != 0 || !is_as_made (home, &held)
      || !is_as_made (home, &named) || (home->has_keys && faccessat (home->fd, ring, F_OK, 0) != 0))
    {
      (void)sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                          "the private directory of gpg, '%s', was removed or replaced",
                          home->path);
      return sp_error_hint (
          err,
          "do not remove it while sigpolicy runs; set TMPDIR to have it made in another directory");
    }
  return 0;
}

void
sp_home_free (struct sp_home *home)
{
  if (!home)
    return;
  /* A forked child leaves the home to its parent, and stays off a list that somebody may have been
   * changing when it was forked. */
  if (home->process != getpid ())
    {
      if (home->fd >= 0)
        (void)close (home->fd);
      home->fd = -1;
      return;
    }
  remove_home (home);
  (void)pthread_mutex_lock (&lock);
  for (struct sp_home **at = &homes; *at; at = &(*at)->next)
    if (*at == home)
      {
        *at = home->next;
        break;
      }
  (void)pthread_mutex_unlock (&lock);
  home_release (home);
}

/* A file of a process, /proc/PID/NAME; how much there was to read, or -1. */
static ssize_t
read_process (int proc, const char *pid, const char *name, char *buffer, size_t size)
{
  char path[64];

  if (snprintf (path, sizeof path, "%s/%s", pid, name) >= (int)sizeof path)
    return -1;
  cleanup_close int fd = openat (proc, path, O_RDONLY | O_CLOEXEC);
  return fd < 0 ? -1 : read (fd, buffer, size);
}

/* Does its command line name one of the homes? The list is locked. */
static bool
uses_a_home (int proc, const char *pid)
{
  char command[4096];
  ssize_t length = read_process (proc, pid, "cmdline", command, sizeof command);
  if (length <= 0)
    return false;
  for (const struct sp_home *home = homes; home; home = home->next)
    if (home->process == getpid ()
        && memmem (command, (size_t)length, home->name, strlen (home->name) + 1))
      return true;
  return false;
}

/* A child that is no daemon: an agent that gpg started for its user goes on. */
static bool
is_child (int proc, const char *pid)
{
  char text[512];
  int parent = 0, session = 0;
  ssize_t length = read_process (proc, pid, "stat", text, sizeof text - 1);
  if (length <= 0)
    return false;
  text[length] = '\0';
  /* proc(5): the name, in parentheses, may hold anything */
  const char *at = strrchr (text, ')');
  return at && sscanf (at, ") %*c %d %*d %d", &parent, &session) == 2 && parent == getpid ()
         && session == getsid (0);
}

static void
end_process (int proc, const char *name, void *data)
{
  unsigned *ended_now = data;
  if (!isdigit ((unsigned char)name[0]))
    return;
  pid_t pid = (pid_t)strtol (name, NULL, 10);
  if (pid <= 1 || pid == getpid () || !(own ? is_child (proc, name) : uses_a_home (proc, name))
      || kill (pid, SIGKILL) != 0)
    return;
  ++*ended_now;
  while (own && waitpid (pid, NULL, 0) < 0 && errno == EINTR)
    ;
}

/* What was forked while we looked at others comes to us when its parent ends: look until there was
 * nobody twice. */
static void
end_processes (void)
{
  siginfo_t info;
  for (unsigned tries = 0, quiet = 0; tries < 100 && quiet < 2; tries++)
    {
      if (own && waitid (P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD)
        return;
      unsigned ended_now = 0;
      cleanup_close int proc = open ("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (proc >= 0)
        each_entry (proc, end_process, &ended_now);
      if (proc >= 0 && !ended_now)
        quiet++;
      else
        quiet = 0;
    }
}

void
sp_openpgp_remove_homes (void)
{
  (void)pthread_mutex_lock (&lock);
  ended = true;
  if (own || homes)
    end_processes ();
  for (const struct sp_home *home = homes; home; home = home->next)
    if (home->process == getpid ())
      remove_home (home);
  (void)pthread_mutex_unlock (&lock);
}

/* --- a process of our own --------------------------------------------------------------------- */

/* No process is started while others are ended, nor after that: its thread waits for the end. */
static void
before_fork (void)
{
  (void)pthread_mutex_lock (&lock);
  if (!ended)
    return;
  (void)pthread_mutex_unlock (&lock);
  for (;;)
    (void)pause ();
}

static void
after_fork (void)
{
  (void)pthread_mutex_unlock (&lock);
}

int
sp_home_own_process (sigpolicy_error **err)
{
  if (own)
    return 0;
  if (pthread_atfork (before_fork, after_fork, after_fork) != 0)
    return sp_error_no_memory (err);
  own = true;
  return 0;
}
