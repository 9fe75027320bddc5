/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "audit/diff.h"
#include "report/report.h"

static const struct sp_diff *
inner (const sigpolicy_diff *diff)
{
  return (const struct sp_diff *)diff;
}

int
sigpolicy_diff_new (sigpolicy_policy *before, sigpolicy_policy *after, sigpolicy_diff **ret_diff,
                    sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  struct sp_diff *diff = NULL;
  int rc = before && after && ret_diff
               ? sp_diff_new (sp_api_policy (before), sp_api_policy (after), &diff, &mine)
               : sp_api_misuse ("before, after or ret_diff", &mine);
  if (rc < 0)
    return sp_api_done (err, &mine, rc);
  *ret_diff = (sigpolicy_diff *)diff;
  return SIGPOLICY_OK;
}

void
sigpolicy_diff_free (sigpolicy_diff *diff)
{
  sp_diff_free ((struct sp_diff *)diff);
}

int
sigpolicy_diff_add_image (sigpolicy_diff *diff, const char *image, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = diff && image ? sp_diff_add_image ((struct sp_diff *)diff, image, &mine)
                         : sp_api_misuse ("diff or image", &mine);
  return sp_api_done (err, &mine, rc);
}

size_t
sigpolicy_diff_count (const sigpolicy_diff *diff, sigpolicy_change change)
{
  return diff ? sp_diff_count (inner (diff), change) : 0;
}

static char *
write_diff (const struct sp_diff *diff, sigpolicy_format format, unsigned flags,
            sigpolicy_error **err)
{
  switch (format)
    {
    case SIGPOLICY_FORMAT_TEXT:
      return sp_diff_text (diff, flags, err);
    case SIGPOLICY_FORMAT_JSON:
    case SIGPOLICY_FORMAT_JSONL:
      return sp_diff_json (diff, format == SIGPOLICY_FORMAT_JSON, flags, err);
    case SIGPOLICY_FORMAT_SARIF:
    case SIGPOLICY_FORMAT_JUNIT:
    case SIGPOLICY_FORMAT_GITHUB:
      return sp_diff_ci (diff, format, err);
    case SIGPOLICY_FORMAT_MARKDOWN:
      return sp_diff_markdown (diff, err);
    case SIGPOLICY_FORMAT_HTML:
      return sp_report_diff_html (diff, err);
    case SIGPOLICY_FORMAT_PROM:
    case SIGPOLICY_FORMAT_TAP:
    case SIGPOLICY_FORMAT_GITLAB:
      break;
    }
  (void)sp_api_misuse ("format", err);
  return NULL;
}

int
sigpolicy_diff_format (const sigpolicy_diff *diff, sigpolicy_format format, unsigned flags,
                       char **ret_text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!diff || !ret_text)
    return sp_api_done (err, &mine, sp_api_misuse ("diff or ret_text", &mine));
  char *text = write_diff (inner (diff), format, flags, &mine);
  if (!text)
    return sp_api_done (err, &mine, sigpolicy_error_code (mine));
  *ret_text = text;
  return SIGPOLICY_OK;
}
