/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <sys/auxv.h>
#include <unistd.h>

/*
 * Whose home it is decides on policy, configuration and storage. Where HOME says nothing, a name
 * service does, which may need a local socket: it is asked before the sandbox takes those away. A
 * home that is not known then would be another configuration.
 */

#define ROOTLESS "_CONTAINERS_ROOTLESS_UID"

static bool is_looked_up, is_given; /* by HOME */
static unsigned outside;            /* who root is outside this user namespace; 0: root */
static char *homes[2];              /* of this process's user, and of that one; or NULL */

static char *
home_of (uid_t uid)
{
  struct passwd entry, *found = NULL;
  char buffer[4096];

  return getpwuid_r (uid, &entry, buffer, sizeof buffer, &found) == 0 && found && found->pw_dir[0]
             ? strdup (found->pw_dir)
             : NULL;
}

static uid_t
own_user (void)
{
  const char *rootless = secure_getenv (ROOTLESS);
  char *end = NULL;

  errno = 0;
  unsigned long value = rootless ? strtoul (rootless, &end, 10) : 0;
  return rootless && rootless[0] && !errno && !*end && value <= UINT_MAX ? (uid_t)value
         : getauxval (AT_SECURE)                                         ? geteuid ()
                                                                         : getuid ();
}

static unsigned
user_outside (void)
{
  unsigned long inside, first, count, found = 0;
  FILE *map
      = geteuid () == 0 && !secure_getenv (ROOTLESS) ? fopen ("/proc/self/uid_map", "re") : NULL;

  while (map && fscanf (map, "%lu %lu %lu", &inside, &first, &count) == 3)
    if (inside == 0 && count)
      found = first;
  if (map)
    (void)fclose (map);
  return (unsigned)found;
}

/* HOME, where our caller said nothing. */
static int
use (const char *home)
{
  int rc = is_given ? 0 : home ? setenv ("HOME", home, 1) : unsetenv ("HOME");
  return rc == 0 ? 0 : complain_error (NULL);
}

int
home_look_up (void)
{
  const char *home = secure_getenv ("HOME");

  if (is_looked_up)
    return 0;
  is_looked_up = true;
  is_given = home && home[0];
  outside = user_outside ();
  if (!is_given)
    {
      homes[0] = home_of (own_user ());
      homes[1] = outside ? home_of (outside) : NULL;
    }
  return use (homes[0]);
}

bool
home_has_outside (void)
{
  return outside != 0;
}

int
home_be_outside (bool yes)
{
  char number[16];

  (void)snprintf (number, sizeof number, "%u", outside);
  int rc = yes ? setenv (ROOTLESS, number, 1) : unsetenv (ROOTLESS);
  return rc == 0 ? use (homes[yes]) : complain_error (NULL);
}
