/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "util/limits.h"

/* The textfile of Prometheus' node exporter. */

static void
put_metric (struct sp_buf *out, const char *name, const char *help)
{
  sp_buf_printf (out, "# HELP sigpolicy_audit_%s %s\n# TYPE sigpolicy_audit_%s gauge\n", name, help,
                 name);
}

char *
sp_report_prom (const struct sp_audit_report *report, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);

  put_metric (&out, "findings", "Findings of the last audit, by severity.");
  for (int severity = SIGPOLICY_SEVERITY_CRITICAL; severity >= 0; severity--)
    {
      size_t n = 0;
      for (size_t i = 0; i < report->len; i++)
        n += (int)report->items[i].severity == severity;
      sp_buf_printf (&out, "sigpolicy_audit_findings{severity=\"%s\"} %zu\n",
                     sp_severity_name ((sigpolicy_severity)severity), n);
    }
  put_metric (&out, "rule_findings", "Findings of the last audit, by rule.");
  for (size_t r = 0; r < sp_n_rules; r++)
    {
      size_t n = 0;
      for (size_t i = 0; i < report->len; i++)
        n += report->items[i].rule == &sp_rules[r];
      if (n)
        sp_buf_printf (&out, "sigpolicy_audit_rule_findings{rule=\"%s\"} %zu\n", sp_rules[r].id, n);
    }
  put_metric (&out, "suppressed_findings", "Findings that a suppression or the baseline answers.");
  sp_buf_printf (&out, "sigpolicy_audit_suppressed_findings %zu\n",
                 report->n_suppressed + report->n_known);
  put_metric (&out, "scopes", "Scopes of the policy, with its default.");
  sp_buf_printf (&out, "sigpolicy_audit_scopes %zu\n", report->n_scopes);
  put_metric (&out, "keys", "Key files and key data that the policy names.");
  sp_buf_printf (&out, "sigpolicy_audit_keys %zu\n", report->n_keys);
  put_metric (&out, "timestamp_seconds", "When the audit was made.");
  sp_buf_printf (&out, "sigpolicy_audit_timestamp_seconds %lld\n", (long long)report->now);
  return sp_buf_steal (&out, err);
}
