/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "util/limits.h"

/* JUnit's XML, as continuous integration shows it. */

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
