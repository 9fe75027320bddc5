/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/trial_int.h"

#include "model/words.h"
#include "util/codec.h"
#include "util/limits.h"

/* What came of the cases: text, TAP (the Test Anything Protocol), JUnit's XML. */

/* "accepted", "rejected: no-signature", "never accepted unsigned". */
static void
put_expected (struct sp_buf *out, const struct sp_trial_case *it)
{
  if (it->kind != SP_TRIAL_IMAGE)
    sp_buf_str (out, it->kind == SP_TRIAL_NEVER_UNSIGNED ? "never accepted unsigned"
                                                         : "always rejected");
  else
    sp_buf_str (out, it->accepted ? "accepted" : "rejected");
  if (it->reason != SIGPOLICY_REASON_INTERNAL)
    sp_buf_printf (out, ": %s", sigpolicy_reason_slug (it->reason));
}

/* Why a case failed: a label and a text on each line, behind an indentation. */
static void
put_why (struct sp_buf *out, const struct sp_trial *trial, const struct sp_trial_case *it,
         const char *indent, const char *separator)
{
  sp_buf_printf (out, "%sexpected%s ", indent, separator);
  put_expected (out, it);
  sp_buf_printf (out, "\n%sgot%s      %s\n", indent, separator, it->got);
  sp_buf_printf (out, "%spolicy%s   ", indent, separator);
  sp_words_str (out, sp_policy_path (trial->policy));
  sp_buf_printf (out, ":%u, %s\n", it->policy_line, it->policy_scope);
  if (it->example)
    {
      sp_buf_printf (out, "%sexample%s  ", indent, separator);
      sp_words_str (out, it->example);
      sp_buf_byte (out, '\n');
    }
  if (it->detail)
    {
      sp_buf_printf (out, "%sneeds%s    ", indent, separator);
      sp_words_str (out, it->detail);
      sp_buf_byte (out, '\n');
    }
}

static void
put_text (struct sp_buf *out, const struct sp_trial *trial, unsigned flags)
{
  for (size_t i = 0; i < trial->n_cases; i++)
    {
      const struct sp_trial_case *it = &trial->cases[i];
      if (it->passed && !(flags & SIGPOLICY_FORMAT_VERBOSE))
        continue;
      sp_buf_str (out, it->passed ? "passed  " : "failed  ");
      sp_words_str (out, trial->path);
      sp_buf_printf (out, ":%u  ", it->line);
      sp_words_str (out, it->name);
      sp_buf_byte (out, '\n');
      if (!it->passed)
        put_why (out, trial, it, "  ", "");
    }
  if (trial->n_unread)
    sp_buf_printf (
        out, "note: %zu key files do not exist here: each file name counts as a different key\n",
        trial->n_unread);
  sp_buf_printf (out, "%zu passed, %zu failed\n", sp_trial_count (trial, true),
                 sp_trial_count (trial, false));
}

/* A "#" would begin a directive. */
static void
put_tap_name (struct sp_buf *out, const char *name)
{
  for (; *name; name++)
    if (*name == '#' || *name == '\\')
      sp_buf_printf (out, "\\%c", *name);
    else
      sp_buf_byte (out, *name);
}

static void
put_tap (struct sp_buf *out, const struct sp_trial *trial)
{
  sp_buf_printf (out, "1..%zu\n", trial->n_cases);
  for (size_t i = 0; i < trial->n_cases; i++)
    {
      const struct sp_trial_case *it = &trial->cases[i];
      sp_buf_printf (out, "%s %zu - ", it->passed ? "ok" : "not ok", i + 1);
      put_tap_name (out, it->name);
      sp_buf_byte (out, '\n');
      if (!it->passed)
        put_why (out, trial, it, "# ", ":");
    }
}

static void
put_junit (struct sp_buf *out, const struct sp_trial *trial)
{
  char now[SP_TIME_TEXT_SIZE];
  size_t failed = sp_trial_count (trial, false);

  sp_time_format (trial->now, now);
  now[19] = '\0';
  sp_buf_printf (out,
                 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                 "<testsuites tests=\"%zu\" failures=\"%zu\">\n"
                 "  <testsuite name=\"sigpolicy test\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
                 "skipped=\"0\" time=\"0\" timestamp=\"%s\">\n",
                 trial->n_cases, failed, trial->n_cases, failed, now);
  for (size_t i = 0; i < trial->n_cases; i++)
    {
      const struct sp_trial_case *it = &trial->cases[i];
      sp_buf_str (out, "    <testcase classname=\"");
      sp_escape_xml (sp_view_str (trial->path), out);
      sp_buf_str (out, "\" name=\"");
      sp_escape_xml (sp_view_str (it->name), out);
      sp_buf_str (out, it->passed ? "\"/>\n" : "\">\n      <failure message=\"");
      if (it->passed)
        continue;
      cleanup_buf struct sp_buf why = SP_BUF (SP_OUTPUT_BYTES_MAX);
      put_why (&why, trial, it, "", ":");
      sp_escape_xml (sp_view_str (it->got), out);
      sp_buf_str (out, "\">");
      sp_escape_xml (sp_buf_view (&why), out);
      sp_buf_str (out, "</failure>\n    </testcase>\n");
    }
  sp_buf_str (out, "  </testsuite>\n</testsuites>\n");
}

char *
sp_trial_format (const struct sp_trial *trial, sigpolicy_format format, unsigned flags,
                 sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);

  if (format == SIGPOLICY_FORMAT_TAP)
    put_tap (&out, trial);
  else if (format == SIGPOLICY_FORMAT_JUNIT)
    put_junit (&out, trial);
  else
    put_text (&out, trial, flags);
  return sp_buf_steal (&out, err);
}
