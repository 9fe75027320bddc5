/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "explain/results.h"
#include "util/clock.h"

#include <time.h>

static struct sp_results *
inner (sigpolicy_results *results)
{
  return (struct sp_results *)results;
}

int
sigpolicy_results_new (sigpolicy_results **ret_results, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!ret_results)
    return sp_api_done (err, &mine, sp_api_misuse ("ret_results", &mine));
  struct sp_results *results = sp_calloc (1, sizeof *results, &mine);
  if (!results)
    return sp_api_done (err, &mine, SIGPOLICY_E_NO_MEMORY);
  results->now = (sp_time)time (NULL);
  *ret_results = (sigpolicy_results *)results;
  return SIGPOLICY_OK;
}

void
sigpolicy_results_free (sigpolicy_results *results)
{
  if (results)
    sp_results_clear (inner (results));
  free (results);
}

int
sigpolicy_results_add (sigpolicy_results *results, const sigpolicy_verdict *verdict,
                       const char *label, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = results && verdict
               ? sp_results_add (inner (results), sp_api_verdict (verdict), label, &mine)
               : sp_api_misuse ("results or verdict", &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_results_format (const sigpolicy_results *results, sigpolicy_format format,
                          char **ret_text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!results || !ret_text)
    return sp_api_done (err, &mine, sp_api_misuse ("results or ret_text", &mine));
  char *text = sp_results_format ((const struct sp_results *)results, format, &mine);
  if (!text)
    return sp_api_done (err, &mine, sigpolicy_error_code (mine));
  *ret_text = text;
  return SIGPOLICY_OK;
}
