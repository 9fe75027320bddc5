/* SPDX-License-Identifier: Apache-2.0 */
#include "render/render.h"

#include "util/cleanup.h"

int
sigpolicy_verdict_format (const sigpolicy_verdict *verdict, sigpolicy_format format, unsigned flags,
                          char **ret_text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  char *text = NULL;

  if (!verdict || !ret_text)
    (void)sp_error_set (&mine, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                        "verdict or ret_text is NULL");
  else
    text = format == SIGPOLICY_FORMAT_TEXT
               ? sp_render_text (verdict, flags, &mine)
               : sp_render_json (verdict, format == SIGPOLICY_FORMAT_JSON, &mine);
  if (text)
    {
      *ret_text = text;
      return SIGPOLICY_OK;
    }
  int rc = sigpolicy_error_code (mine);
  if (err)
    *err = steal (&mine);
  return rc;
}
