/* SPDX-License-Identifier: Apache-2.0 */
#include "ci/ci.h"

#include "util/codec.h"
#include "util/limits.h"

/* JUnit's XML, as continuous integration shows it. */

static void
put (struct sp_buf *out, const char *text)
{
  sp_escape_xml (sp_view_str (text), out);
}

static const char *
severity_name (sigpolicy_severity severity)
{
  static const char *const names[] = { "info", "low", "medium", "high", "critical" };
  return names[severity];
}

static void
put_failure (struct sp_buf *out, const struct sp_ci_document *document,
             const struct sp_ci_result *result)
{
  const struct sp_ci_rule *rule = &document->rules[result->rule];
  const char *element = result->undecided ? "error" : "failure";

  sp_buf_printf (out, ">\n      <%s type=\"", element);
  put (out, document->names_whole ? rule->id : severity_name (result->severity));
  sp_buf_str (out, "\" message=\"");
  put (out, result->message);
  sp_buf_str (out, "\">");
  if (result->file)
    put (out, result->file);
  if (result->line)
    sp_buf_printf (out, ":%u", result->line);
  if (result->line && result->column)
    sp_buf_printf (out, ":%u", result->column);
  sp_buf_byte (out, '\n');
  put (out, rule->meaning);
  if (result->fix)
    {
      sp_buf_str (out, "\nfix: ");
      put (out, result->fix);
    }
  sp_buf_printf (out, "</%s>\n    </testcase>\n", element);
}

static void
put_case (struct sp_buf *out, const struct sp_ci_document *document,
          const struct sp_ci_result *result)
{
  const struct sp_ci_rule *rule = &document->rules[result->rule];

  sp_buf_str (out, "    <testcase classname=\"");
  put (out, rule->area);
  sp_buf_str (out, "\" name=\"");
  if (!document->names_whole)
    put (out, rule->id);
  if (!document->names_whole && result->name)
    sp_buf_byte (out, ' ');
  if (result->name)
    put (out, result->name);
  sp_buf_byte (out, '"');
  if (result->passed)
    sp_buf_str (out, "/>\n");
  else
    put_failure (out, document, result);
}

char *
sp_ci_junit (const struct sp_ci_document *document, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);
  size_t failures = 0, errors = 0;
  char now[SP_TIME_TEXT_SIZE];

  for (size_t i = 0; i < document->n_results; i++)
    if (!document->results[i].passed)
      *(document->results[i].undecided ? &errors : &failures) += 1;
  sp_time_format (document->now, now);
  now[19] = '\0';
  sp_buf_printf (&out,
                 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                 "<testsuites tests=\"%zu\" failures=\"%zu\">\n"
                 "  <testsuite name=\"sigpolicy %s\" tests=\"%zu\" failures=\"%zu\" "
                 "errors=\"%zu\" skipped=\"0\" time=\"0\" timestamp=\"%s\">\n",
                 document->n_results, failures, document->verb, document->n_results, failures,
                 errors, now);
  for (size_t i = 0; i < document->n_results; i++)
    put_case (&out, document, &document->results[i]);
  sp_buf_str (&out, "  </testsuite>\n</testsuites>\n");
  return sp_buf_steal (&out, err);
}
