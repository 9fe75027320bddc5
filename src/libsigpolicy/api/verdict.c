/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "explain/explain.h"

void
sigpolicy_verdict_free (sigpolicy_verdict *verdict)
{
  sp_verdict_free ((struct sp_verdict *)verdict);
}

sigpolicy_answer
sigpolicy_verdict_answer (const sigpolicy_verdict *verdict)
{
  return verdict && sp_api_verdict (verdict)->outcome.answer == SP_ANSWER_ACCEPTED
             ? SIGPOLICY_ACCEPTED
             : SIGPOLICY_REJECTED;
}

int
sigpolicy_verdict_code (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->outcome.code : SIGPOLICY_E_INTERNAL;
}

sigpolicy_reason
sigpolicy_verdict_reason (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->outcome.reason : SIGPOLICY_REASON_INTERNAL;
}

const char *
sigpolicy_verdict_message (const sigpolicy_verdict *verdict)
{
  return verdict && sp_api_verdict (verdict)->outcome.message
             ? sp_api_verdict (verdict)->outcome.message
             : "";
}

const char *
sigpolicy_verdict_digest (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->digest : NULL;
}

const char *
sigpolicy_verdict_pinned (const sigpolicy_verdict *verdict)
{
  return sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED ? sp_api_verdict (verdict)->pinned
                                                                  : NULL;
}

const char *
sigpolicy_verdict_platform (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->platform : NULL;
}

int
sigpolicy_verdict_is_list (const sigpolicy_verdict *verdict)
{
  return verdict && sp_api_verdict (verdict)->role == SP_ROLE_LIST;
}

const char *
sigpolicy_verdict_warning (const sigpolicy_verdict *verdict, unsigned number)
{
  return verdict && number < sp_api_verdict (verdict)->warnings.len
             ? sp_api_verdict (verdict)->warnings.items[number]
             : NULL;
}

int
sigpolicy_verdict_format (const sigpolicy_verdict *verdict, sigpolicy_format format, unsigned flags,
                          char **ret_text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!verdict || !ret_text)
    return sp_api_done (err, &mine, sp_api_misuse ("verdict or ret_text", &mine));
  char *text = format == SIGPOLICY_FORMAT_TEXT
                   ? sp_explain_verdict_text (sp_api_verdict (verdict), flags, &mine)
                   : sp_explain_verdict_json (sp_api_verdict (verdict),
                                              format == SIGPOLICY_FORMAT_JSON, &mine);
  if (!text)
    return sp_api_done (err, &mine, sigpolicy_error_code (mine));
  *ret_text = text;
  return SIGPOLICY_OK;
}
