/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

static int
set_up (const struct options *options, sigpolicy_chart_verifier **ret)
{
  sigpolicy_error *error = NULL;
  int rc = sigpolicy_chart_verifier_new (ret, &error);

  for (size_t i = 0; i < options->keyrings.len && rc == 0; i++)
    rc = sigpolicy_chart_verifier_add_keyring (*ret, options->keyrings.items[i], &error);
  for (size_t i = 0; i < options->signers.len && rc == 0; i++)
    rc = sigpolicy_chart_verifier_add_signer (*ret, options->signers.items[i], &error);
  if (rc == 0)
    rc = sigpolicy_chart_verifier_set_provenance (*ret, options->prov, &error);
  return rc < 0 ? complain_error (error) : 0;
}

static int
report (const struct options *options, const sigpolicy_chart_result *result)
{
  int status = exit_status (sigpolicy_chart_result_code (result)), written = 0;
  sigpolicy_error *error = NULL;
  const char *warning;
  char *text = NULL;

  for (size_t i = 0; (warning = sigpolicy_chart_result_warning (result, i)); i++)
    complain ("warning: %s", warning);
  if (sigpolicy_chart_result_format (result, options->format, format_flags (options), &text, &error)
      < 0)
    return complain_error (error);
  if (!options->quiet)
    written = print_text (options, &text);
  free (text);
  return written ? written : status;
}

int
cmd_chart (const struct verb *verb, struct options *options)
{
  sigpolicy_chart_verifier *verifier = NULL;
  sigpolicy_chart_result *result = NULL;
  sigpolicy_context *context = NULL;
  sigpolicy_error *error = NULL;

  if (!options->n_arguments || strcmp (options->arguments[0], "verify") != 0)
    return complain_usage (verb, "the verb is 'chart verify'");
  if (options->n_arguments != 2 || !options->keyrings.len)
    return complain_usage (verb, "give --keyring and one chart");
  int status = open_context (options, &context);
  if (status == 0)
    status = set_up (options, &verifier);
  if (status == 0
      && sigpolicy_chart_verify (context, verifier, options->arguments[1], &result, &error) < 0)
    status = complain_error (error);
  if (status == 0)
    status = report (options, result);
  sigpolicy_chart_result_free (result);
  sigpolicy_chart_verifier_free (verifier);
  sigpolicy_context_free (context);
  return status;
}
