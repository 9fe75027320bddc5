/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

int
cmd_signatures (const struct verb *verb, struct options *options)
{
  sigpolicy_context *context = NULL;
  sigpolicy_request *request = NULL;
  sigpolicy_error *error = NULL;
  char *text = NULL;

  int status = open_request (verb, options, &request);
  if (status == 0)
    status = open_context (options, &context);
  if (status == 0
      && sigpolicy_signatures_list (context, request, options->format, format_flags (options),
                                    &text, NULL, &error)
             < 0)
    status = complain_error (error);
  if (status == 0 && !options->quiet)
    status = print_result (text);
  free (text);
  sigpolicy_request_free (request);
  sigpolicy_context_free (context);
  return status;
}
