/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "ask/chart_check.h"
#include "explain/chart.h"

#include <sigpolicy/chart.h>

static struct sp_chart_verifier *
inner (sigpolicy_chart_verifier *verifier)
{
  return (struct sp_chart_verifier *)verifier;
}

static const struct sp_chart_answer *
answer_of (const sigpolicy_chart_result *result)
{
  return (const struct sp_chart_answer *)result;
}

int
sigpolicy_chart_verifier_new (sigpolicy_chart_verifier **ret_verifier, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!ret_verifier)
    return sp_api_done (err, &mine, sp_api_misuse ("ret_verifier", &mine));
  struct sp_chart_verifier *verifier = sp_calloc (1, sizeof *verifier, &mine);
  if (!verifier)
    return sp_api_done (err, &mine, SIGPOLICY_E_NO_MEMORY);
  *ret_verifier = (sigpolicy_chart_verifier *)verifier;
  return SIGPOLICY_OK;
}

void
sigpolicy_chart_verifier_free (sigpolicy_chart_verifier *verifier)
{
  sp_chart_verifier_free (inner (verifier));
}

int
sigpolicy_chart_verifier_add_keyring (sigpolicy_chart_verifier *verifier, const char *path,
                                      sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = verifier && path ? sp_strv_add (&inner (verifier)->keyrings, sp_view_str (path), &mine)
                            : sp_api_misuse ("verifier or path", &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_chart_verifier_add_signer (sigpolicy_chart_verifier *verifier, const char *fingerprint,
                                     sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = verifier && fingerprint
               ? sp_chart_verifier_add_signer (inner (verifier), fingerprint, &mine)
               : sp_api_misuse ("verifier or fingerprint", &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_chart_verifier_set_provenance (sigpolicy_chart_verifier *verifier, const char *path,
                                         sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = verifier ? sp_keep (&inner (verifier)->provenance, path, &mine)
                    : sp_api_misuse ("verifier", &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_chart_verify (sigpolicy_context *context, const sigpolicy_chart_verifier *verifier,
                        const char *chart, sigpolicy_chart_result **ret_result,
                        sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  struct sp_chart_answer *answer = NULL;
  int rc = sp_api_is_ready (context) && verifier && chart && ret_result
               ? sp_chart_check (&context->inner, (const struct sp_chart_verifier *)verifier, chart,
                                 &answer, &mine)
               : sp_api_misuse_of (context, "an argument", &mine);
  if (rc == 0)
    *ret_result = (sigpolicy_chart_result *)answer;
  return sp_api_done (err, &mine, rc);
}

void
sigpolicy_chart_result_free (sigpolicy_chart_result *result)
{
  sp_chart_answer_free ((struct sp_chart_answer *)result);
}

sigpolicy_answer
sigpolicy_chart_result_answer (const sigpolicy_chart_result *result)
{
  return result && answer_of (result)->outcome.answer == SP_ANSWER_ACCEPTED ? SIGPOLICY_ACCEPTED
                                                                            : SIGPOLICY_REJECTED;
}

int
sigpolicy_chart_result_code (const sigpolicy_chart_result *result)
{
  return result ? answer_of (result)->outcome.code : SIGPOLICY_E_INTERNAL;
}

const char *
sigpolicy_chart_result_warning (const sigpolicy_chart_result *result, size_t index)
{
  return result && index < answer_of (result)->warnings.len
             ? answer_of (result)->warnings.items[index]
             : NULL;
}

int
sigpolicy_chart_result_format (const sigpolicy_chart_result *result, sigpolicy_format format,
                               unsigned flags, char **ret_text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!result || !ret_text)
    return sp_api_done (err, &mine, sp_api_misuse ("result or ret_text", &mine));
  char *text
      = format == SIGPOLICY_FORMAT_TEXT
            ? sp_explain_chart_text (answer_of (result), flags, &mine)
            : sp_explain_chart_json (answer_of (result), format == SIGPOLICY_FORMAT_JSON, &mine);
  if (!text)
    return sp_api_done (err, &mine, sigpolicy_error_code (mine));
  *ret_text = text;
  return SIGPOLICY_OK;
}
