/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "report/report.h"

int
sigpolicy_report_new (sigpolicy_context *context, const sigpolicy_audit *audit,
                      const sigpolicy_results *images, const sigpolicy_results *containers,
                      sigpolicy_report **ret_report, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  struct sp_report *report = NULL;
  int rc = sp_api_is_ready (context) && audit && ret_report
               ? sp_report_new (&context->inner, sp_api_audit_report (audit),
                                (const struct sp_results *)images,
                                (const struct sp_results *)containers, &report, &mine)
               : sp_api_misuse_of (context, "context, audit or ret_report", &mine);
  if (rc < 0)
    return sp_api_done (err, &mine, rc);
  *ret_report = (sigpolicy_report *)report;
  return SIGPOLICY_OK;
}

void
sigpolicy_report_free (sigpolicy_report *report)
{
  sp_report_free ((struct sp_report *)report);
}

int
sigpolicy_report_since (sigpolicy_report *report, const void *text, size_t size, const char *label,
                        sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = report && text
               ? sp_report_since ((struct sp_report *)report, sp_view_n (text, size), label, &mine)
               : sp_api_misuse ("report or text", &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_report_format (const sigpolicy_report *report, sigpolicy_format format, char **ret_text,
                         sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  const struct sp_report *inner = (const struct sp_report *)report;
  char *text = NULL;

  if (!report || !ret_text || (format != SIGPOLICY_FORMAT_HTML && format != SIGPOLICY_FORMAT_JSON))
    return sp_api_done (err, &mine, sp_api_misuse ("report, format or ret_text", &mine));
  text = format == SIGPOLICY_FORMAT_HTML ? sp_report_html (inner, &mine)
                                         : sp_report_to_json (inner, &mine);
  if (!text)
    return sp_api_done (err, &mine, sigpolicy_error_code (mine));
  *ret_text = text;
  return SIGPOLICY_OK;
}
