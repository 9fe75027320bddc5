/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

int
cmd_explain (const struct verb *verb, struct options *options)
{
  sigpolicy_context *context = NULL;
  sigpolicy_error *error = NULL;
  char *text = NULL;

  if (options->n_arguments != 1)
    return complain_usage (verb, "give one image name");
  int status = open_context (options, &context);
  if (status != 0)
    return status;
  if (sigpolicy_explain (context, options->arguments[0], options->format, format_flags (options),
                         &text, &error)
      < 0)
    status = complain_error (error);
  else if (!options->quiet)
    status = print_text (options, &text);
  free (text);
  sigpolicy_context_free (context);
  return status;
}
