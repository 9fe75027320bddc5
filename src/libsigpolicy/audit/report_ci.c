/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "ci/ci.h"

/* Findings as results: each is one that failed, and each rule without a finding is one that passed.
 */

static int
add_rules (struct sp_ci_document *document, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < SP_N_RULES; i++)
    {
      const struct sp_audit_rule *rule = &sp_rules[i];
      rc = sp_ci_add_rule (document,
                           (struct sp_ci_rule){ rule->id, rule->area, rule->title, rule->meaning,
                                                rule->fix, rule->severity },
                           err);
    }
  return rc;
}

static int
add_findings (const struct sp_audit_report *report, struct sp_ci_document *document,
              sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < report->len; i++)
    {
      const struct sp_finding *finding = &report->items[i];
      struct sp_ci_result result = { .rule = (size_t)(finding->rule - sp_rules),
                                     .severity = finding->severity,
                                     .name = finding->scope,
                                     .file = finding->file,
                                     .location = finding->json_path,
                                     .line = finding->line,
                                     .column = finding->column,
                                     .message = finding->message,
                                     .fix = finding->fix };
      rc = sp_finding_fingerprint (finding, result.fingerprint, err);
      if (rc == 0)
        rc = sp_ci_add (document, result, err);
    }
  return rc;
}

static int
add_passed (const struct sp_audit_report *report, struct sp_ci_document *document,
            sigpolicy_error **err)
{
  cleanup_free bool *found = sp_calloc (SP_N_RULES, sizeof *found, err);
  int rc = found ? 0 : SIGPOLICY_E_NO_MEMORY;

  for (size_t i = 0; rc == 0 && i < report->len; i++)
    found[report->items[i].rule - sp_rules] = true;
  for (size_t i = 0; rc == 0 && i < SP_N_RULES; i++)
    if (!found[i])
      rc = sp_ci_add (document, (struct sp_ci_result){ .rule = i, .passed = true }, err);
  return rc;
}

char *
sp_report_ci (const struct sp_audit_report *report, sigpolicy_format format, sigpolicy_error **err)
{
  cleanup_free char *summary = sp_asprintf (err, "%zu findings", report->len);
  cleanup_ci struct sp_ci_document document
      = { .verb = "audit", .now = report->now, .summary = summary };

  int rc = summary ? add_rules (&document, err) : SIGPOLICY_E_NO_MEMORY;
  if (rc == 0)
    rc = add_findings (report, &document, err);
  if (rc == 0)
    rc = add_passed (report, &document, err);
  if (rc < 0)
    return NULL;
  return format == SIGPOLICY_FORMAT_SARIF    ? sp_ci_sarif (&document, err)
         : format == SIGPOLICY_FORMAT_JUNIT  ? sp_ci_junit (&document, err)
         : format == SIGPOLICY_FORMAT_GITHUB ? sp_ci_github (&document, err)
                                             : sp_ci_gitlab (&document, err);
}
