/* SPDX-License-Identifier: Apache-2.0 */
#include "model/engines.h"

#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"
#include "util/root.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#define STATUS   "/var/lib/dpkg/status"
#define PODMAN   SP_ENGINE_ASKED
#define SAID_MAX 256UL
#define WAIT_MS  5000

/* The first release that is built with the containers image library 5.40; CRI-O has none yet. */
static const struct
{
  const char *name;
  unsigned long major, minor;
} known[SP_ENGINES_MAX] = {
  { "podman", 6, 0 },
  { "skopeo", 1, 23 },
  { "cri-o", ULONG_MAX, 0 },
  { "buildah", 1, 44 },
};

/* How a version of an engine reads; false for a name that is no engine's. */
static bool
find_generation (const char *name, const char *version, enum sp_generation *ret)
{
  char *end = NULL;
  unsigned long major = strtoul (version, &end, 10);
  unsigned long minor = *end == '.' ? strtoul (end + 1, NULL, 10) : 0;

  for (size_t i = 0; i < SP_ENGINES_MAX; i++)
    if (strcmp (known[i].name, name) == 0)
      {
        bool is_new
            = major > known[i].major || (major == known[i].major && minor >= known[i].minor);
        *ret = is_new ? SP_GENERATION_5_40 : SP_GENERATION_OLD;
        return true;
      }
  return false;
}

/* The digits and dots at the front, without the epoch of a Debian version. */
static void
take_version (struct sp_view text, char version[32])
{
  size_t colon = sp_view_find (text, ':'), len = 0;
  if (colon != SP_VIEW_NONE)
    text = sp_view_from (text, colon + 1);
  while (len < text.len && len < 31
         && ((text.data[len] >= '0' && text.data[len] <= '9') || text.data[len] == '.'))
    len++;
  if (len)
    memcpy (version, text.data, len);
  version[len] = '\0';
}

static void
add (struct sp_engines *engines, const char *name, struct sp_view version)
{
  struct sp_engine engine = { .name = name };
  take_version (version, engine.version);
  if (engine.version[0] && engines->len < SP_ENGINES_MAX
      && find_generation (name, engine.version, &engine.generation))
    engines->items[engines->len++] = engine;
}

/* --- by dpkg's record ------------------------------------------------------------------------- */

/* The value of a field of a paragraph; empty where it has none. */
static struct sp_view
field (struct sp_view paragraph, const char *name)
{
  size_t len = strlen (name);
  while (paragraph.len)
    {
      struct sp_view line = sp_view_head (paragraph, sp_view_find (paragraph, '\n'));
      if (line.len > len && memcmp (line.data, name, len) == 0)
        return sp_view_from (line, len);
      paragraph = sp_view_from (paragraph, line.len < paragraph.len ? line.len + 1 : line.len);
    }
  return paragraph;
}

/* Of a package that is installed; "Package: " is the first field. */
static struct sp_view
installed (struct sp_view text, const char *package)
{
  char start[64];
  int len = snprintf (start, sizeof start, "Package: %s\n", package);

  for (struct sp_view left = text; left.len;)
    {
      const char *found = memmem (left.data, left.len, start, (size_t)len);
      if (!found)
        break;
      left = sp_view_from (left, (size_t)(found - left.data));
      const char *end = memmem (left.data, left.len, "\n\n", 2);
      struct sp_view paragraph = sp_view_head (left, end ? (size_t)(end - left.data) : left.len);
      bool is_first = left.data == text.data || left.data[-1] == '\n';
      struct sp_view status = field (paragraph, "Status: ");
      size_t space = sp_view_find_last (status, ' ');
      if (is_first && space != SP_VIEW_NONE
          && sp_view_is (sp_view_from (status, space + 1), "installed"))
        return field (paragraph, "Version: ");
      left = sp_view_from (left, paragraph.len);
    }
  return sp_view_n (NULL, 0);
}

static int
read_record (const char *root, struct sp_buf *text, bool *ret_exists, sigpolicy_error **err)
{
  bool is_fault = false;

  int rc = sp_root_read (root, STATUS, text, &is_fault, err);
  *ret_exists = rc == 0;
  if (rc == 0 || rc == SIGPOLICY_E_NO_MEMORY)
    return rc;
  /* One that is there and cannot be read is not the same as none: another reader would be chosen.
   */
  int errnum = sp_error_errnum (*err);
  if (errnum != ENOENT && errnum != ENOTDIR)
    return sp_error_class (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK);
  sp_error_clear (err);
  return 0;
}

int
sp_engines_version (const char *root, const char *const *packages, char ret[32],
                    sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_DPKG_STATUS_BYTES_MAX);
  bool exists = false;

  ret[0] = '\0';
  int rc = read_record (root, &text, &exists, err);
  for (size_t i = 0; rc == 0 && exists && packages[i] && !ret[0]; i++)
    take_version (installed (sp_buf_view (&text), packages[i]), ret);
  return rc;
}

/* --- by what podman says ---------------------------------------------------------------------- */

/* Nobody but root may have put it there. */
static bool
is_roots (const char *path)
{
  struct stat st;
  return stat (path, &st) == 0 && S_ISREG (st.st_mode) && st.st_uid == 0
         && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

/* The first bytes that it prints, until it ends or the time is over. */
static size_t
listen_to (int fd, char said[SAID_MAX])
{
  size_t len = 0;
  for (;;)
    {
      struct pollfd wait = { .fd = fd, .events = POLLIN };
      int ready = poll (&wait, 1, WAIT_MS);
      if (ready < 0 && errno == EINTR)
        continue;
      ssize_t got = ready > 0 && len < SAID_MAX ? read (fd, said + len, SAID_MAX - len) : 0;
      if (got <= 0)
        return len;
      len += (size_t)got;
    }
}

static size_t
ask_podman (char said[SAID_MAX])
{
  static char name[] = PODMAN, option[] = "--version", path[] = "PATH=/usr/bin:/bin";
  static char *const arguments[] = { name, option, NULL }, *const environment[] = { path, NULL };
  posix_spawn_file_actions_t actions;
  cleanup_close int out = -1, in = -1;
  int ends[2];
  pid_t child = 0;
  size_t len = 0;

  if (!is_roots (PODMAN) || pipe2 (ends, O_CLOEXEC) < 0)
    return 0;
  out = ends[0];
  in = ends[1];
  if (posix_spawn_file_actions_init (&actions) != 0)
    return 0;
  int errnum = posix_spawn_file_actions_adddup2 (&actions, in, STDOUT_FILENO);
  if (!errnum)
    errnum = posix_spawn_file_actions_addopen (&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (!errnum)
    errnum = posix_spawn_file_actions_addopen (&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  if (!errnum)
    errnum = posix_spawn (&child, PODMAN, &actions, NULL, arguments, environment);
  (void)posix_spawn_file_actions_destroy (&actions);
  if (errnum)
    return 0;
  (void)close (sp_steal_fd (&in));
  len = listen_to (out, said);
  (void)kill (child, SIGKILL);
  while (waitpid (child, NULL, 0) < 0 && errno == EINTR)
    continue;
  return len;
}

/* "podman version 5.8.6" */
static void
ask_once (struct sp_engines *ret)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static struct sp_engines answer;
  static bool is_known;
  static const struct sp_view words = SP_VIEW ("podman version ");
  char said[SAID_MAX];

  (void)pthread_mutex_lock (&lock);
  if (!is_known)
    {
      struct sp_view text = sp_view_n (said, ask_podman (said));
      if (sp_view_starts (text, words))
        add (&answer, known[0].name, sp_view_from (text, words.len));
      is_known = true;
    }
  *ret = answer;
  (void)pthread_mutex_unlock (&lock);
}

int
sp_engines_find (const char *root, struct sp_engines *ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_DPKG_STATUS_BYTES_MAX);
  struct sp_engines engines = { 0 };
  bool has_record = false;

  int rc = read_record (root, &text, &has_record, err);
  if (rc < 0)
    return rc;
  for (size_t i = 0; has_record && i < SP_ENGINES_MAX; i++)
    add (&engines, known[i].name, installed (sp_buf_view (&text), known[i].name));
  for (size_t i = 0; i < engines.len; i++)
    engines.items[i].is_packaged = true;
  if (!has_record && !root[0])
    ask_once (&engines);
  *ret = engines;
  return 0;
}
