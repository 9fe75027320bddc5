/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <errno.h>
#include <ftw.h>
#include <sched.h>
#include <sys/auxv.h>
#include <unistd.h>

/*
 * The kernel takes the rights from the process that judges, which costs next to nothing. Programs
 * of the user's are started by another one, which reads none of what this one reads, and is made
 * before: for a registry a child, which waits for a credential helper to be asked for; for run and
 * Kamal's hook the process that was called, whose child is the one that judges.
 */

static char private_directory[4096]; /* "": there is none */
static bool is_parent, is_child;
static const char *parts; /* NULL: the verb is not confined */

/* --- the private directory -------------------------------------------------------------------- */

/* Where temporary files go: as the library chooses. */
static const char *
temporary_directory (void)
{
  const char *directory = secure_getenv ("TMPDIR");
  return directory && directory[0] == '/' ? directory : "/tmp";
}

/* Without it gpg cannot be asked, which is said by whoever needs to. */
static void
make_private (void)
{
  int length = snprintf (private_directory, sizeof private_directory, "%s/sigpolicy.XXXXXX",
                         temporary_directory ());
  if (length < 0 || (size_t)length >= sizeof private_directory || !mkdtemp (private_directory))
    private_directory[0] = '\0';
}

static int
remove_one (const char *path, const struct stat *st, int type, struct FTW *where)
{
  (void)st;
  (void)type;
  (void)where;
  (void)remove (path);
  return 0;
}

void
confine_clean_up (void)
{
  if (is_child || !private_directory[0])
    return;
  for (int tries = 0; tries < 100; tries++)
    {
      if (rmdir (private_directory) == 0 || errno == ENOENT)
        return;
      /* What is in it is removed by whoever made it, unless that was ended. No link is followed. */
      if (is_parent)
        (void)nftw (private_directory, remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
      (void)sched_yield ();
    }
}

/* --- which verb ------------------------------------------------------------------------------- */

/* A verb's verb, or what it was asked to do, may be another matter than the verb. */
static enum confinement
confinement_of (const struct verb *verb, const struct options *options)
{
  const char *first = options->n_arguments ? options->arguments[0] : "";
  const struct verb *row = verb;

  if (verb->verbs & V_TRUST)
    row = find_help (verb->name, first);
  if (verb->verbs & V_IMAGE)
    return options->n_arguments > 1 && strcmp (options->arguments[1], "show") == 0 ? FILES_ONLY
                                                                                   : NOT_CONFINED;
  if (verb->verbs & V_HOOK)
    return strcmp (first, "oci") == 0     ? FILES_ONLY
           : strcmp (first, "kamal") == 0 ? STARTS_PROGRAMS
                                          : MAY_ASK_REGISTRIES;
  /* It changes what the host trusts. */
  if (verb->verbs & V_AUDIT && options->fix && !options->dry_run)
    return NOT_CONFINED;
  /* gpg works in the user's own home, writes there, and may start a keyboxd. */
  if (verb->verbs & V_STANDALONE_VERIFY && !options->public_key_file)
    return NOT_CONFINED;
  return row ? row->confinement : NOT_CONFINED;
}

static bool
is_on_registry (const struct verb *verb, const char *image)
{
  static const char docker[] = "docker:", chart[] = "oci:";
  const char *scheme = verb->verbs & V_CHART ? chart : docker;
  return strncmp (image, scheme, strlen (scheme)) == 0;
}

static bool
asks_registries (const struct verb *verb, const struct options *options,
                 enum confinement confinement)
{
  if (confinement == FILES_ONLY || options->offline || options->manifest)
    return false;
  if (verb->verbs & V_HOOK || options->batch)
    return true;
  /* Behind an image of run stands its command. */
  int n = verb->verbs & V_RUN && options->n_arguments ? 1 : options->n_arguments;
  for (int i = 0; i < n; i++)
    if (is_on_registry (verb, options->arguments[i]))
      return true;
  return false;
}

/* What the user has asked to be written. */
static const char *
file_of (const struct verb *verb, const struct options *options)
{
  return verb->verbs & V_AUDIT ? options->write_baseline : options->html;
}

/* --- what came of it -------------------------------------------------------------------------- */

const char *
confine_parts (void)
{
  return parts;
}

static void
say_parts (const struct sandbox_parts *got, const struct sandbox *wanted)
{
  if (got->landlock_abi)
    complain ("sandbox: Landlock (ABI %d): files are read and not written", got->landlock_abi);
  else
    complain ("sandbox: no Landlock: %s", strerror (got->landlock));
  if (got->filter)
    complain ("sandbox: no seccomp: %s", strerror (got->filter));
  else
    complain ("sandbox: seccomp: %s", wanted->network ? "registries can be reached" : "no network");
}

static int
check_parts (const struct options *options, const struct sandbox_parts *got,
             const struct sandbox *wanted)
{
  static const char *const words[2][2] = { { "", "seccomp" }, { "landlock", "landlock seccomp" } };

  parts = words[got->landlock_abi > 0][got->filter == 0];
  if (options->verbose)
    say_parts (got, wanted);
  if (!options->sandbox || strcmp (options->sandbox, "require") != 0
      || (got->landlock_abi && !got->filter))
    return 0;
  complain ("--sandbox require: %s is not available here: %s",
            got->landlock_abi ? "seccomp" : "Landlock",
            strerror (got->landlock_abi ? got->filter : got->landlock));
  return EXIT_INTERNAL;
}

/* --- all of it -------------------------------------------------------------------------------- */

static int
read_choice (const struct verb *verb, const struct options *options, bool *ret_on,
             bool *ret_required)
{
  const char *choice = options->sandbox ? options->sandbox : sandbox_by_default ? "auto" : "off";

  *ret_required = strcmp (choice, "require") == 0;
  *ret_on = *ret_required || strcmp (choice, "auto") == 0;
  return *ret_on || strcmp (choice, "off") == 0
             ? 0
             : complain_usage (verb, "--sandbox takes auto, require or off, not '%s'", choice);
}

static int
confine_verb (const struct verb *verb, const struct options *options, enum confinement confinement,
              enum side *ret_side)
{
  struct sandbox wanted = { .network = asks_registries (verb, options, confinement),
                            .file = file_of (verb, options) };
  struct sandbox_parts got;

  make_private ();
  int status = confinement == STARTS_PROGRAMS ? parent_fork (ret_side)
               : wanted.network               ? parent_fork_starter (verb, options)
                                              : 0;
  is_parent = *ret_side == SIDE_PARENT;
  is_child = *ret_side == SIDE_CONFINED;
  if (status != 0 || is_parent)
    return status;
  if (!is_child && private_directory[0])
    wanted.remove = temporary_directory ();
  wanted.private = private_directory[0] ? private_directory : NULL;
  char *remove = wanted.remove ? strdup (wanted.remove) : NULL;
  if ((wanted.remove && !remove)
      || (wanted.private && setenv ("TMPDIR", private_directory, 1) != 0))
    {
      free (remove);
      return complain_error (NULL);
    }
  wanted.remove = remove;
  status = wanted.network ? 0 : home_look_up ();
  if (status == 0)
    {
      sandbox_enter (&wanted, verb->drop_in ? 1 : EXIT_INTERNAL, &got);
      status = check_parts (options, &got, &wanted);
    }
  free (remove);
  return status;
}

int
confine (const struct verb *verb, const struct options *options, enum side *ret_side)
{
  enum confinement confinement = confinement_of (verb, options);
  bool on = false, required = false;

  *ret_side = SIDE_ALONE;
  int status = read_choice (verb, options, &on, &required);
  if (status != 0)
    return status;
  if (confinement == NOT_CONFINED)
    return required && verb->verbs ? complain_usage (
               verb,
               "--sandbox require: this command cannot be confined; see SANDBOX in sigpolicy(1)")
                                   : 0;
  /* With more rights than our caller, the environment cannot say where the private directory is. */
  if (getauxval (AT_SECURE))
    {
      if (!required)
        on = false;
      else
        {
          complain ("--sandbox require: not possible in a set-user-ID program or with added "
                    "capabilities");
          return EXIT_INTERNAL;
        }
    }
  parts = "";
  if (on)
    return confine_verb (verb, options, confinement, ret_side);
  if (options->verbose)
    complain ("sandbox: off");
  return 0;
}
