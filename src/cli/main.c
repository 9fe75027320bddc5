/* SPDX-License-Identifier: Apache-2.0 */
#include "hook.h"
#include "sandbox.h"

#include <libgen.h>

/* Called through a link named skopeo: only skopeo's verbs are ours to answer, and its usage errors
 * are exit status 1. */
static int
not_ours (const char *name)
{
  return fatal (
      NULL,
      "unknown command \"%s\": this skopeo is sigpolicy, which has only standalone-verify, "
      "standalone-sign, manifest-digest and untrusted-signature-dump-without-verification",
      name);
}

/* The screen that --help is about: a verb's verb has one of its own. */
static const struct verb *
help_of (const struct verb *verb, const struct options *options)
{
  if (!verb || !options->n_arguments)
    return verb;
  const struct verb *found = find_help (verb->name, options->arguments[0]);
  return found ? found : verb;
}

static int
unknown_verb (const struct options *options)
{
  if (!options->n_arguments)
    return complain_usage (NULL, "name a verb, such as verify");
  const char *name = options->arguments[0], *meant = nearest_verb (name);
  return meant ? complain_usage (NULL, "unknown verb '%s': did you mean '%s'?", name, meant)
               : complain_usage (NULL, "unknown verb '%s'", name);
}

/* Within this process, once it is as confined as the verb has it. */
static int
run_here (const struct verb *verb, struct options *options)
{
  unsigned flags = SIGPOLICY_INIT_OWN_PROCESS | (options->debug ? SIGPOLICY_INIT_DEBUG : 0);
  sigpolicy_error *error = NULL;

  return sigpolicy_global_init (flags, &error) < 0 ? complain_error (error)
                                                   : verb->run (verb, options);
}

/* What the confined child has found out is all that counts here: that "run" is to go on is nothing
 * that its exit status says. */
static int
run_in_child (const struct verb *verb, const struct options *options)
{
  char *reference = NULL;

  int status = parent_serve (verb, options, &reference);
  if (status == 0 && verb->verbs & V_RUN && !reference)
    {
      complain ("the confined process names no image that was asked for");
      status = EXIT_INTERNAL;
    }
  else if (status == 0 && verb->verbs & V_RUN)
    status = run_command (options, reference);
  free (reference);
  return status;
}

static int
run_verb (const struct verb *verb, struct options *options)
{
  enum side side = SIDE_ALONE;

  int status = record_open (verb, options);
  if (status == 0)
    status = process_prepare ();
  if (status == 0)
    status = confine (verb, options, &side);
  if (status == 0)
    status = process_begin (side == SIDE_PARENT ? 0 : options->timeout,
                            verb->drop_in ? 1 : EXIT_UNAVAILABLE);
  if (status == 0)
    status = side == SIDE_PARENT ? run_in_child (verb, options) : run_here (verb, options);
  process_end (verb->verbs & V_STANDALONE_SIGN);
  return status;
}

int
command_main (int argc, char **argv)
{
  struct options options = { 0 };
  const struct verb *verb = NULL;
  bool as_skopeo = argc > 0 && strcmp (basename (argv[0]), "skopeo") == 0;

  int status = process_distrust ();
  if (status != 0)
    return status;

  if (argc > 1 && strcmp (argv[1], "__complete") == 0)
    return complete_words (argv + 2, argc - 2);
  char **spelled = hook_spell (&argc, argv);
  status = spelled ? parse_options (argc, spelled, &options, &verb) : complain_error (NULL);
  if (as_skopeo && (!verb || !verb->drop_in) && !options.help)
    status = not_ours (options.n_arguments ? options.arguments[0] : verb ? verb->name : "");
  else if (as_skopeo && status == EXIT_USAGE)
    status = 1;
  else if (status == 0 && options.help)
    status = print_help (help_of (verb, &options));
  else if (status == 0 && options.version)
    status = cmd_version (verb, &options);
  else if (status == 0 && !verb)
    status = unknown_verb (&options);
  else if (status == 0)
    status = run_verb (verb, &options);
  /* podman has one status for all that goes wrong. */
  if (verb && verb->verbs & V_IMAGE && status != 0)
    status = EXIT_PODMAN;
  options_clear (&options);
  if (spelled != argv)
    free (spelled);
  return status;
}
