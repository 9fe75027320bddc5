/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Starts gpg with limits: what it reads came from a stranger. GPGME runs this in place of gpg;
 * every argument is passed on, behind one of ours. It is small and static, so that it costs next to
 * nothing.
 *
 * It is named gpg so that GPGME, which looks for a program of that name in PATH, can be led to it.
 */
#include "util/limits.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * What GPGME is told when it asks for a version, as it does before all else and again for each
 * home, to know what options it may use: the oldest gpg that we take. gpg itself is not started for
 * it. An older one does nothing when it is: it does not know an option that we put in front.
 */
static const char version[] = "gpg (GnuPG) " GPG_VERSION_MIN "\n";

static int
tell_version (void)
{
  if (access (GPG_PATH, X_OK) != 0)
    {
      perror ("sigpolicy: " GPG_PATH);
      return 127;
    }
  return write (STDOUT_FILENO, version, sizeof version - 1) == sizeof version - 1 ? 0 : 126;
}

/* Where gpg ends at once when it does not know an option. This one came with 2.1.23, the candidate
 * for 2.2.0; it forbids what is forbidden anyway. */
static char newest_option[] = "--disable-dirmngr";

/*
 * What stands in place of the trust model that our library sets: no options file is read, so that
 * only this counts. Nothing of the user's, nothing that asks, starts or fetches anything.
 */
static const char *const private_options[] = {
  "--no-options",
  "--batch",
  "--no-tty",
  "--no-autostart",
  "--no-auto-key-retrieve",
  "--disable-dirmngr",
  "--trust-model=always",
  "--no-verbose",
  "--no-greeting",
  "--lock-never",
  "--no-random-seed-file",
  "--no-auto-check-trustdb",
};

#define N_PRIVATE_OPTIONS (sizeof private_options / sizeof *private_options)

/* Puts what a trust model of ours stands for, "sigpolicy" or "sigpolicy-user" and perhaps "@" and a
 * time, behind *n arguments. False: it is none of ours. */
static bool
expand_model (char *model, char **arguments, size_t *n)
{
  static const char ours[] = "sigpolicy", users[] = "-user";
  static char clock[] = "--faked-system-time", ceiling[64];
  char *rest = model;

  if (strncmp (rest, ours, sizeof ours - 1) != 0)
    return false;
  rest += sizeof ours - 1;
  if (strncmp (rest, users, sizeof users - 1) == 0)
    rest += sizeof users - 1;
  else
    {
      memcpy (arguments + *n, private_options, sizeof private_options);
      *n += N_PRIVATE_OPTIONS;
      (void)snprintf (ceiling, sizeof ceiling, "--max-output=%lu", SP_SIGNED_TEXT_BYTES_MAX);
      arguments[(*n)++] = ceiling;
    }
  if (*rest == '@')
    {
      arguments[(*n)++] = clock;
      arguments[(*n)++] = rest + 1;
    }
  return true;
}

static char **
guard_arguments (int argc, char **argv)
{
  static const char option[] = "--trust-model=";
  char **guarded = calloc ((size_t)argc * (N_PRIVATE_OPTIONS + 3) + 2, sizeof *guarded);
  size_t n = 0;

  if (!guarded || argc < 1)
    return NULL;
  guarded[n++] = argv[0];
  guarded[n++] = newest_option;
  for (int i = 1; i < argc; i++)
    {
      bool is_model = strncmp (argv[i], option, sizeof option - 1) == 0;
      if (!is_model || !expand_model (argv[i] + sizeof option - 1, guarded, &n))
        guarded[n++] = argv[i];
    }
  return guarded;
}

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
  static char path[] = "PATH=/usr/bin:/bin", locale[] = "LC_ALL=C", zone[] = "TZ=UTC0";
  char *environment[] = { path, locale, zone, NULL };
  char **arguments = guard_arguments (argc, argv);
  sigset_t none;

  if (argc == 2 && strcmp (argv[1], "--version") == 0)
    return tell_version ();
  (void)sigemptyset (&none);
  (void)signal (SIGPIPE, SIG_DFL);
  (void)signal (SIGALRM, SIG_DFL);
  if (!arguments || sigprocmask (SIG_SETMASK, &none, NULL) != 0
      || limit (RLIMIT_AS, SP_GPG_ADDRESS_SPACE_BYTES) != 0
      || limit (RLIMIT_CPU, SP_GPG_CPU_SECONDS) != 0 || limit (RLIMIT_CORE, 0) != 0
      || limit (RLIMIT_FSIZE, 16 * SP_MIB) != 0)
    {
      perror ("sigpolicy: setting limits of gpg");
      return 126;
    }
  (void)alarm (SP_GPG_WALL_SECONDS);
  execve (GPG_PATH, arguments, environment);
  perror ("sigpolicy: " GPG_PATH);
  return 127;
}
