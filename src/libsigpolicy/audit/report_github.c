/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "util/limits.h"

/* Workflow commands of GitHub, which become annotations. */

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
