/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "util/limits.h"

/* What programs read that do not read JSON: JUnit's XML, workflow commands of GitHub, and the
 * textfile of Prometheus' node exporter. */

/* --- JUnit --------------------------------------------------------------------------------------
 */

static void
put_xml (struct sp_buf *out, const char *text)
{
  for (; *text; text++)
    switch (*text)
      {
      case '&':
        sp_buf_str (out, "&amp;");
        break;
      case '<':
        sp_buf_str (out, "&lt;");
        break;
      case '>':
        sp_buf_str (out, "&gt;");
        break;
      case '"':
        sp_buf_str (out, "&quot;");
        break;
      default:
        sp_buf_byte (out, *text);
      }
}

static bool
has_finding (const struct sp_audit_report *report, const struct sp_rule *rule)
{
  for (size_t i = 0; i < report->len; i++)
    if (report->items[i].rule == rule)
      return true;
  return false;
}

static void
put_failure (struct sp_buf *out, const struct sp_finding *finding)
{
  sp_buf_printf (out, "    <testcase classname=\"%s\" name=\"%s", finding->rule->area,
                 finding->rule->id);
  if (finding->scope)
    {
      sp_buf_byte (out, ' ');
      put_xml (out, finding->scope);
    }
  sp_buf_str (out, "\">\n      <failure type=\"");
  sp_buf_str (out, sp_severity_name (finding->severity));
  sp_buf_str (out, "\" message=\"");
  put_xml (out, finding->message);
  sp_buf_str (out, "\">");
  if (finding->file)
    put_xml (out, finding->file);
  if (finding->line)
    sp_buf_printf (out, ":%u:%u", finding->line, finding->column);
  sp_buf_str (out, "\n");
  put_xml (out, finding->rule->meaning);
  sp_buf_str (out, "\nfix: ");
  put_xml (out, finding->fix);
  sp_buf_str (out, "</failure>\n    </testcase>\n");
}

/* Each finding is a test that failed, each rule without one a test that passed. */
char *
sp_report_junit (const struct sp_audit_report *report, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);
  size_t passed = 0;
  char now[SP_TIME_TEXT_SIZE];

  for (size_t i = 0; i < sp_n_rules; i++)
    passed += !has_finding (report, &sp_rules[i]);
  sp_time_format (report->now, now);
  now[19] = '\0';
  sp_buf_printf (&out,
                 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                 "<testsuites tests=\"%zu\" failures=\"%zu\">\n"
                 "  <testsuite name=\"sigpolicy audit\" tests=\"%zu\" failures=\"%zu\" "
                 "errors=\"0\" skipped=\"0\" time=\"0\" timestamp=\"%s\">\n",
                 passed + report->len, report->len, passed + report->len, report->len, now);
  for (size_t i = 0; i < report->len; i++)
    put_failure (&out, &report->items[i]);
  for (size_t i = 0; i < sp_n_rules; i++)
    if (!has_finding (report, &sp_rules[i]))
      sp_buf_printf (&out, "    <testcase classname=\"%s\" name=\"%s\"/>\n", sp_rules[i].area,
                     sp_rules[i].id);
  sp_buf_str (&out, "  </testsuite>\n</testsuites>\n");
  return sp_buf_steal (&out, err);
}

/* --- GitHub
 * --------------------------------------------------------------------------------------- */

/* Texts have no line breaks; in a property, what ends one is escaped too. */
static void
put_command (struct sp_buf *out, const char *text, bool is_property)
{
  for (; *text; text++)
    if (*text == '%' || *text == '\r' || *text == '\n'
        || (is_property && (*text == ':' || *text == ',')))
      sp_buf_printf (out, "%%%02X", (unsigned)(unsigned char)*text);
    else
      sp_buf_byte (out, *text);
}

char *
sp_report_github (const struct sp_audit_report *report, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);

  for (size_t i = 0; i < report->len; i++)
    {
      const struct sp_finding *finding = &report->items[i];
      sp_buf_str (&out, finding->severity >= SIGPOLICY_SEVERITY_HIGH     ? "::error "
                        : finding->severity == SIGPOLICY_SEVERITY_MEDIUM ? "::warning "
                                                                         : "::notice ");
      if (finding->file)
        {
          sp_buf_str (&out, "file=");
          put_command (&out, finding->file, true);
          sp_buf_byte (&out, ',');
        }
      if (finding->line)
        sp_buf_printf (&out, "line=%u,col=%u,", finding->line, finding->column);
      sp_buf_printf (&out, "title=%s::", finding->rule->id);
      put_command (&out, finding->message, false);
      sp_buf_str (&out, ". Fix: ");
      put_command (&out, finding->fix, false);
      sp_buf_byte (&out, '\n');
    }
  sp_buf_printf (&out, "::debug::sigpolicy audit: %zu findings\n", report->len);
  return sp_buf_steal (&out, err);
}

/* --- Prometheus
 * ------------------------------------------------------------------------------------- */

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
