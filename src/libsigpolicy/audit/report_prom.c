/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "ci/ci.h"
#include "util/limits.h"

/* The textfile of Prometheus' node exporter. */

/* A key may be in several files: each is a series of its own. */
static void
put_expiries (struct sp_buf *out, const struct sp_audit_report *report)
{
  sp_ci_metric (out, "audit_key_expiry_timestamp_seconds",
                "Expiry of each key and certificate in the policy, in seconds since 1970; none for "
                "those that never expire.");
  for (size_t i = 0; i < report->n_known_keys; i++)
    {
      const struct sp_known_key *key = &report->keys[i];
      if (!key->expires || !key->fingerprint)
        continue;
      sp_buf_str (out, "sigpolicy_audit_key_expiry_timestamp_seconds{fingerprint=");
      sp_ci_label (out, key->fingerprint);
      sp_buf_str (out, ",owner=");
      sp_ci_label (out, key->owner ? key->owner : "");
      sp_buf_str (out, ",file=");
      sp_ci_label (out, key->file);
      sp_buf_printf (out, ",kind=\"%s\",number=\"%zu\"} %lld\n", key->kind, i + 1,
                     (long long)key->expires);
    }
  sp_ci_metric (out, "audit_keys_expired", "Keys and certificates that have expired.");
  size_t n = 0;
  for (size_t i = 0; i < report->n_known_keys; i++)
    n += report->keys[i].expires && report->keys[i].expires <= report->now;
  sp_buf_printf (out, "sigpolicy_audit_keys_expired %zu\n", n);
}

char *
sp_report_prom (const struct sp_audit_report *report, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);

  sp_ci_metric (&out, "audit_findings", "Findings of the last audit, by severity.");
  for (int severity = SIGPOLICY_SEVERITY_CRITICAL; severity >= 0; severity--)
    {
      size_t n = 0;
      for (size_t i = 0; i < report->len; i++)
        n += (int)report->items[i].severity == severity;
      sp_buf_printf (&out, "sigpolicy_audit_findings{severity=\"%s\"} %zu\n",
                     sp_severity_name ((sigpolicy_severity)severity), n);
    }
  sp_ci_metric (&out, "audit_rule_findings", "Findings of the last audit, by rule.");
  for (size_t r = 0; r < SP_N_RULES; r++)
    {
      size_t n = 0;
      for (size_t i = 0; i < report->len; i++)
        n += report->items[i].rule == &sp_rules[r];
      if (n)
        sp_buf_printf (&out, "sigpolicy_audit_rule_findings{rule=\"%s\"} %zu\n", sp_rules[r].id, n);
    }
  sp_ci_metric (&out, "audit_suppressed_findings",
                "Findings that are suppressed or in the baseline.");
  sp_buf_printf (&out, "sigpolicy_audit_suppressed_findings %zu\n",
                 report->n_suppressed + report->n_known);
  sp_ci_metric (&out, "audit_scopes", "Scopes of the policy, including its default.");
  sp_buf_printf (&out, "sigpolicy_audit_scopes %zu\n", report->n_scopes);
  sp_ci_metric (&out, "audit_keys", "Key files and key data that the policy names.");
  sp_buf_printf (&out, "sigpolicy_audit_keys %zu\n", report->n_keys);
  put_expiries (&out, report);
  sp_ci_metric (&out, "audit_timestamp_seconds", "Time of the audit, in seconds since 1970.");
  sp_buf_printf (&out, "sigpolicy_audit_timestamp_seconds %lld\n", (long long)report->now);
  return sp_buf_steal (&out, err);
}
