/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#define POLICY_BYTES     (16U * 1024U * 1024U)
#define REFERENCES_BYTES (16U * 1024U * 1024U)

/* A policy file, or "-". */
static int
open_policy (const char *path, sigpolicy_policy **ret)
{
  sigpolicy_error *error = NULL;
  void *bytes = NULL;
  size_t size = 0;
  int rc;

  if (strcmp (path, "-") != 0)
    rc = sigpolicy_policy_load (path, ret, &error);
  else
    {
      rc = sigpolicy_file_read (path, POLICY_BYTES, &bytes, &size, &error);
      if (rc == 0)
        rc = sigpolicy_policy_parse (bytes, size, NULL, ret, &error);
      free (bytes);
    }
  return rc < 0 ? complain_error (error) : 0;
}

/* An image name on each line; "#" begins a comment line. */
static int
add_images (const char *path, sigpolicy_diff *diff)
{
  sigpolicy_error *error = NULL;
  void *bytes = NULL;
  size_t size = 0;
  unsigned number = 0;
  int status = 0;

  if (sigpolicy_file_read (path, REFERENCES_BYTES, &bytes, &size, &error) < 0)
    return complain_error (error);
  char *end = (char *)bytes + size;
  for (char *line = bytes, *next; line < end && status == 0; line = next)
    {
      next = memchr (line, '\n', (size_t)(end - line));
      next = next ? next : end;
      number++;
      char *last = next;
      while (last > line && strchr (" \t\r", last[-1]))
        last--;
      *last = '\0';
      if (*line && *line != '#' && sigpolicy_diff_add_image (diff, line, &error) < 0)
        {
          status = sigpolicy_exit_status (sigpolicy_error_code (error));
          complain ("%s:%u: %s", path, number, sigpolicy_error_text (error));
          sigpolicy_error_free (error);
        }
      next++;
    }
  free (bytes);
  return status;
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

  if (sigpolicy_diff_format (diff, options->format, format_flags (options), &text, &error) < 0)
    return complain_error (error);
  if (!options->quiet)
    status = print_result (text);
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
    return complain_usage (verb, "two policies are needed: the old one and the new one");
  size_t standard_input = options->references && strcmp (options->references, "-") == 0;
  for (int i = 0; i < 2; i++)
    standard_input += strcmp (options->arguments[i], "-") == 0;
  if (standard_input > 1)
    return complain_usage (verb, "standard input (-) can be read once");
  int status = choose_threshold (verb, options, &threshold);
  if (status == 0)
    status = open_policy (options->arguments[0], &before);
  if (status == 0)
    status = open_policy (options->arguments[1], &after);
  if (status == 0 && sigpolicy_diff_new (before, after, &diff, &error) < 0)
    status = complain_error (error);
  if (status == 0 && options->references)
    status = add_images (options->references, diff);
  if (status == 0)
    status = report (options, diff, threshold);
  sigpolicy_diff_free (diff);
  sigpolicy_policy_free (before);
  sigpolicy_policy_free (after);
  return status;
}
