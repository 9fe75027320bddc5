/* SPDX-License-Identifier: Apache-2.0 */
#include "ci/ci.h"

#include "util/limits.h"

/* Workflow commands of GitHub, which become annotations. */

/* A line break would end the command; in a property, what ends one is escaped too. */
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
sp_ci_github (const struct sp_ci_document *document, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);

  for (size_t i = 0; i < document->n_results; i++)
    {
      const struct sp_ci_result *result = &document->results[i];
      if (result->passed)
        continue;
      sp_buf_str (&out, result->severity >= SIGPOLICY_SEVERITY_HIGH     ? "::error "
                        : result->severity == SIGPOLICY_SEVERITY_MEDIUM ? "::warning "
                                                                        : "::notice ");
      if (result->file)
        {
          sp_buf_str (&out, "file=");
          put_command (&out, result->file, true);
          sp_buf_byte (&out, ',');
        }
      if (result->line)
        sp_buf_printf (&out, "line=%u,", result->line);
      if (result->line && result->column)
        sp_buf_printf (&out, "col=%u,", result->column);
      sp_buf_str (&out, "title=");
      put_command (&out, document->rules[result->rule].id, true);
      sp_buf_str (&out, "::");
      put_command (&out, result->message, false);
      if (result->fix)
        {
          sp_buf_str (&out, ". Fix: ");
          put_command (&out, result->fix, false);
        }
      sp_buf_byte (&out, '\n');
    }
  sp_buf_printf (&out, "::debug::sigpolicy %s: %s\n", document->verb, document->summary);
  return sp_buf_steal (&out, err);
}
