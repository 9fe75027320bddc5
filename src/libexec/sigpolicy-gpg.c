/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Starts gpg with limits: what it reads came from a stranger. GPGME runs this in place of gpg;
 * every argument is passed on. It is small and static, so that it costs next to nothing.
 */
#include "util/limits.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static int
limit (int resource, rlim_t value)
{
  struct rlimit now;
  if (getrlimit ((__rlimit_resource_t)resource, &now) != 0)
    return -1;
  if (now.rlim_max != RLIM_INFINITY && now.rlim_max < value)
    value = now.rlim_max;
  struct rlimit wanted = { value, value };
  return setrlimit ((__rlimit_resource_t)resource, &wanted);
}

int
main (int argc, char **argv)
{
  static char path[] = "PATH=/usr/bin:/bin", locale[] = "LC_ALL=C.UTF-8", zone[] = "TZ=UTC0";
  char *environment[] = { path, locale, zone, NULL };
  sigset_t none;
  (void)argc;

  (void)sigemptyset (&none);
  (void)signal (SIGPIPE, SIG_DFL);
  (void)signal (SIGALRM, SIG_DFL);
  if (sigprocmask (SIG_SETMASK, &none, NULL) != 0
      || limit (RLIMIT_AS, SP_GPG_ADDRESS_SPACE_BYTES) != 0
      || limit (RLIMIT_CPU, SP_GPG_CPU_SECONDS) != 0 || limit (RLIMIT_CORE, 0) != 0
      || limit (RLIMIT_FSIZE, 16 * SP_MIB) != 0)
    {
      perror ("sigpolicy-gpg: setting limits");
      return 126;
    }
  (void)alarm (SP_GPG_WALL_SECONDS);
  execve (GPG_PATH, argv, environment);
  perror ("sigpolicy-gpg: " GPG_PATH);
  return 127;
}
