/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "explain/explain.h"

int
sigpolicy_explain (sigpolicy_context *context, const char *name, sigpolicy_format format,
                   unsigned flags, char **ret_text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  cleanup_explanation struct sp_explanation explanation = { 0 };
  if (!sp_api_is_ready (context) || !name || !ret_text)
    return sp_api_done (err, &mine, sp_api_misuse_of (context, "context, name or ret_text", &mine));
  char *text = sp_explanation_gather (&context->inner, name, &explanation, &mine) == 0
                   ? sp_explain_name (&explanation, format, flags, &mine)
                   : NULL;
  if (!text)
    return sp_api_done (err, &mine, sigpolicy_error_code (mine));
  *ret_text = text;
  return SIGPOLICY_OK;
}
