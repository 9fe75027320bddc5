/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "model/words.h"
#include "util/limits.h"

/* For people: by severity, in 80 columns. */

#define COLUMNS 80U
#define SHOWN   5U /* findings of one rule and severity, unless all are asked for */

/* Words, broken at spaces; a word that is longer than a line stays whole. */
void
sp_report_words (struct sp_buf *out, const char *label, const char *text)
{
  unsigned at = 2 + 5;
  bool is_first = true;

  sp_buf_printf (out, "  %-5s", label);
  while (*text)
    {
      size_t len = strcspn (text, " ");
      if (!is_first && at + 1 + len > COLUMNS)
        {
          sp_buf_str (out, "\n       ");
          at = 7;
        }
      else if (!is_first)
        {
          sp_buf_byte (out, ' ');
          at++;
        }
      sp_buf_add (out, sp_view_n (text, len));
      at += (unsigned)len;
      text += len;
      text += strspn (text, " ");
      is_first = false;
    }
  sp_buf_byte (out, '\n');
}

static void
put_position (struct sp_buf *out, const struct sp_finding *finding)
{
  if (!finding->file)
    return;
  sp_buf_str (out, finding->file);
  if (finding->line)
    sp_buf_printf (out, ":%u:%u", finding->line, finding->column);
}

static void
put_finding (struct sp_buf *out, const struct sp_finding *finding, unsigned flags, bool is_first)
{
  sp_buf_printf (out, "\n%s  %s: %s\n", sp_severity_name (finding->severity), finding->rule->id,
                 finding->rule->title);
  sp_report_words (out, "", finding->message);
  if (finding->file)
    {
      sp_buf_str (out, "  at   ");
      put_position (out, finding);
      sp_buf_byte (out, '\n');
    }
  if (finding->json_path && finding->json_path[0])
    sp_buf_printf (out, "       %s\n", finding->json_path);
  if (is_first || (flags & SIGPOLICY_FORMAT_VERBOSE))
    sp_report_words (out, "why", finding->rule->meaning);
  sp_report_words (out, "fix", finding->fix);
  if (finding->command)
    sp_buf_printf (out, "  run  %s\n", finding->command);
}

/* Its number among those of the same rule and severity that are together: from 0. */
static size_t
number_of (const struct sp_audit_report *report, size_t index, size_t counts[])
{
  for (size_t i = 0; i < SP_N_RULES; i++)
    if (report->items[index].rule == &sp_rules[i])
      return counts[i]++;
  return 0;
}

/* What several findings come to in one file of registries.d, as one snippet. */
static int
put_snippets (struct sp_buf *out, const struct sp_audit_report *report, sigpolicy_error **err)
{
  for (size_t i = 0; i < report->len; i++)
    {
      const struct sp_fix *change = &report->items[i].change;
      bool is_first = change->kind == SP_FIX_STORAGE && change->scope;
      for (size_t k = 0; is_first && k < i; k++)
        is_first = report->items[k].change.kind != SP_FIX_STORAGE || !report->items[k].change.scope
                   || strcmp (report->items[k].change.file, change->file) != 0;
      if (!is_first)
        continue;
      sp_buf_str (out, "\n");
      sp_words_str (out, change->file);
      sp_buf_str (out, " needs:\n    docker:\n");
      for (size_t k = i; k < report->len; k++)
        {
          const struct sp_fix *other = &report->items[k].change;
          bool is_new = other->kind == SP_FIX_STORAGE && other->scope
                        && strcmp (other->file, change->file) == 0;
          for (size_t m = i; is_new && m < k; m++)
            is_new = !sp_fix_is_same (&report->items[m].change, other);
          cleanup_free char *snippet = is_new ? sp_fix_snippet (other, err) : NULL;
          if (is_new && !snippet)
            return SIGPOLICY_E_NO_MEMORY;
          /* Without the line "docker:", which is there. */
          for (const char *line = snippet ? strchr (snippet, '\n') + 1 : ""; *line;)
            {
              size_t len = strcspn (line, "\n");
              sp_buf_str (out, "    ");
              sp_words (out, sp_view_n (line, len));
              sp_buf_byte (out, '\n');
              line += len + (line[len] == '\n');
            }
        }
    }
  return 0;
}

static void
put_summary (struct sp_buf *out, const struct sp_audit_report *report)
{
  bool any = false;

  sp_buf_byte (out, '\n');
  for (int severity = SIGPOLICY_SEVERITY_CRITICAL; severity >= 0; severity--)
    {
      size_t n = 0;
      for (size_t i = 0; i < report->len; i++)
        n += (int)report->items[i].severity == severity;
      if (n)
        sp_buf_printf (out, "%s%zu %s", any ? ", " : "", n,
                       sp_severity_name ((sigpolicy_severity)severity));
      any = any || n;
    }
  sp_buf_printf (out, "%s: %zu file%s, %zu scope%s, %zu key%s", any ? "" : "no findings",
                 report->files.len, report->files.len == 1 ? "" : "s", report->n_scopes,
                 report->n_scopes == 1 ? "" : "s", report->n_keys, report->n_keys == 1 ? "" : "s");
  if (report->by && strcmp (report->by, "default") != 0)
    sp_buf_printf (out, "; reader %s (by %s)", report->generation, report->by);
  if (report->n_hidden)
    sp_buf_printf (out, "; %zu not shown", report->n_hidden);
  if (report->n_suppressed)
    sp_buf_printf (out, "; %zu suppressed", report->n_suppressed);
  if (report->n_known)
    sp_buf_printf (out, "; %zu in the baseline", report->n_known);
  sp_buf_byte (out, '\n');
}

char *
sp_report_text (const struct sp_audit_report *report, unsigned flags, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);
  cleanup_free size_t *counts = sp_calloc (SP_N_RULES, sizeof *counts, err);

  if (!counts)
    return NULL;
  for (size_t i = 0; i < report->len; i++)
    {
      size_t number = number_of (report, i, counts);
      if (number < SHOWN || (flags & SIGPOLICY_FORMAT_VERBOSE))
        put_finding (&out, &report->items[i], flags, number == 0);
    }
  for (size_t i = 0; i < SP_N_RULES && !(flags & SIGPOLICY_FORMAT_VERBOSE); i++)
    if (counts[i] > SHOWN)
      sp_buf_printf (&out, "\n%zu more of %s: --verbose shows all\n", counts[i] - SHOWN,
                     sp_rules[i].id);
  if (put_snippets (&out, report, err) < 0)
    return NULL;
  put_summary (&out, report);
  /* Begins with an empty line where there is anything; the first is one too many. */
  char *text = sp_buf_steal (&out, err);
  if (text)
    memmove (text, text + 1, strlen (text));
  return text;
}
