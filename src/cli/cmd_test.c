/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

int
cmd_test (const struct verb *verb, struct options *options)
{
  sigpolicy_test *test = NULL;
  sigpolicy_error *error = NULL;
  char *text = NULL;
  int status = 0;

  if (options->n_arguments != 1)
    return complain_usage (verb, "give one file of test cases");
  if (options->insecure_policy)
    return complain_usage (verb, "--insecure-policy cannot be used with test: it reads no policy");
  if (sigpolicy_test_run (options->arguments[0], options->policy, options->clock, &test, &error) < 0
      || sigpolicy_test_format (test, options->format, format_flags (options), &text, &error) < 0)
    status = complain_error (error);
  else if (!options->quiet)
    status = print_text (options, &text);
  if (status == 0 && sigpolicy_test_count (test, 0))
    status = EXIT_REJECTED;
  free (text);
  sigpolicy_test_free (test);
  return status;
}
