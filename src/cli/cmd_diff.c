/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#define POLICY_BYTES (16U * 1024U * 1024U)

/* A policy file, or "-". */
static int
open_policy (const char *path, sigpolicy_policy **ret)
{
  sigpolicy_error *error = NULL;
  void *bytes = NULL;
  size_t size = 0;
  char *why = NULL;

  if (strcmp (path, "-") != 0)
    return sigpolicy_policy_load (path, ret, &error) < 0 ? complain_error (error) : 0;
  int status = read_file (path, POLICY_BYTES, &bytes, &size, &why);
  if (status != 0)
    return complain_file (status, why);
  if (sigpolicy_policy_parse (bytes, size, NULL, ret, &error) < 0)
    status = complain_error (error);
  free (bytes);
  return status;
}

static int
add_image (void *diff, const char *image, sigpolicy_error **error)
{
  return sigpolicy_diff_add_image (diff, image, error);
}

/* Which changes make the exit status 1. */
static int
choose_threshold (const struct verb *verb, const struct options *options, sigpolicy_change *ret)
{
  const char *name = options->fail_on ? options->fail_on : "looser";

  *ret = strcmp (name, "different") == 0 ? SIGPOLICY_CHANGE_DIFFERENT : SIGPOLICY_CHANGE_LOOSER;
  if (*ret == SIGPOLICY_CHANGE_LOOSER && strcmp (name, "looser") != 0)
    return complain_usage (verb, "--fail-on takes looser or different, not '%s'", name);
  return 0;
}

static int
report (const struct options *options, const sigpolicy_diff *diff, sigpolicy_change threshold)
{
  sigpolicy_error *error = NULL;
  char *text = NULL;
  int status = 0;

  if (options->html)
    {
      if (sigpolicy_diff_format (diff, SIGPOLICY_FORMAT_HTML, 0, &text, &error) < 0)
        return complain_error (error);
      status = write_page (options->html, text);
      free (text);
      text = NULL;
    }
  if (status != 0)
    return status;
  if (sigpolicy_diff_format (diff, options->format, format_flags (options), &text, &error) < 0)
    return complain_error (error);
  if (!options->quiet && !(options->html && strcmp (options->html, "-") == 0))
    status = print_text (options, &text);
  free (text);
  for (int change = (int)threshold; status == 0 && change <= SIGPOLICY_CHANGE_LOOSER; change++)
    if (sigpolicy_diff_count (diff, (sigpolicy_change)change) > 0)
      status = EXIT_REJECTED;
  return status;
}

int
cmd_diff (const struct verb *verb, struct options *options)
{
  sigpolicy_policy *before = NULL, *after = NULL;
  sigpolicy_diff *diff = NULL;
  sigpolicy_error *error = NULL;
  sigpolicy_change threshold = SIGPOLICY_CHANGE_LOOSER;

  if (options->n_arguments != 2)
    return complain_usage (verb, "give two policies: the old one and the new one");
  size_t standard_input = options->references && strcmp (options->references, "-") == 0;
  for (int i = 0; i < 2; i++)
    standard_input += strcmp (options->arguments[i], "-") == 0;
  if (standard_input > 1)
    return complain_usage (verb, "standard input (-) can be read only once");
  int status = choose_threshold (verb, options, &threshold);
  if (status == 0)
    status = open_policy (options->arguments[0], &before);
  if (status == 0)
    status = open_policy (options->arguments[1], &after);
  if (status == 0 && sigpolicy_diff_new (before, after, &diff, &error) < 0)
    status = complain_error (error);
  if (status == 0 && options->references)
    status = read_references (options->references, add_image, diff);
  if (status == 0)
    status = report (options, diff, threshold);
  sigpolicy_diff_free (diff);
  sigpolicy_policy_free (before);
  sigpolicy_policy_free (after);
  return status;
}
