/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/diff.h"

#include "ci/ci.h"
#include "model/words.h"
#include "util/alloc.h"
#include "util/limits.h"

#include <time.h>

/* Changes as results: a looser one failed, a different one is a warning, a stricter one a note. */

enum
{
  LOOSER,
  DIFFERENT,
  STRICTER,
};

static const struct sp_ci_rule rules[] = {
  [LOOSER] = { "policy-looser", "diff", "the new policy accepts more images",
               "all images that were accepted before are accepted, and more", NULL,
               SIGPOLICY_SEVERITY_HIGH },
  [DIFFERENT]
  = { "policy-different", "diff", "the new policy accepts other images",
      "another key, kind of signature or identity is required", NULL, SIGPOLICY_SEVERITY_MEDIUM },
  [STRICTER] = { "policy-stricter", "diff", "the new policy accepts fewer images",
                 "only images that were accepted before are accepted, but not all", NULL,
                 SIGPOLICY_SEVERITY_INFO },
};

static const char *
file_of (const struct sp_diff *diff)
{
  const char *path = sp_policy_path (diff->after);
  return path ? path : "policy.json";
}

/* docker "quay.io/ns", an image, or "default". */
static void
put_name (struct sp_buf *out, const struct sp_diff_row *row)
{
  if (row->image)
    sp_words_str (out, row->image);
  else if (!row->has_transport)
    sp_buf_str (out, "default");
  else
    {
      sp_buf_printf (out, "%s ", sp_transport_name (row->transport));
      sp_words_quoted (out, sp_view_head (row->name, SP_SHOWN_BYTES_MAX));
      sp_buf_str (out, row->name.len > SP_SHOWN_BYTES_MAX ? "..." : "");
    }
}

static void
put_requirements (struct sp_buf *out, const struct sp_policy_match *match)
{
  const struct sp_requirements *list = &match->scope->requirements;
  for (size_t i = 0; i < list->len; i++)
    {
      sp_buf_str (out, i ? " and " : "");
      sp_words_requirement (out, &list->items[i]);
    }
}

/* One row: its name and its message are kept in texts. */
static int
add_row (const struct sp_diff *diff, const struct sp_diff_row *row, struct sp_strv *texts,
         struct sp_ci_document *document, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf name = SP_BUF (SP_OUTPUT_BYTES_MAX);
  cleanup_buf struct sp_buf message = SP_BUF (SP_OUTPUT_BYTES_MAX);
  size_t rule = row->change == SIGPOLICY_CHANGE_LOOSER      ? LOOSER
                : row->change == SIGPOLICY_CHANGE_DIFFERENT ? DIFFERENT
                                                            : STRICTER;
  struct sp_ci_result result = { .rule = rule,
                                 .passed = row->change == SIGPOLICY_CHANGE_NONE,
                                 .severity = rules[rule].severity,
                                 .file = file_of (diff),
                                 .line = row->after.scope->line,
                                 .column = row->after.scope->column };

  put_name (&name, row);
  sp_buf_add (&message, sp_buf_view (&name));
  sp_buf_printf (&message, ": %s. Before: ", rules[rule].title);
  put_requirements (&message, &row->before);
  sp_buf_str (&message, ". After: ");
  put_requirements (&message, &row->after);
  int rc = sp_strv_take (texts, sp_buf_steal (&name, err), err);
  if (rc == 0)
    rc = sp_strv_take (texts, sp_buf_steal (&message, err), err);
  if (rc < 0)
    return rc;
  result.name = result.location = texts->items[texts->len - 2];
  result.message = texts->items[texts->len - 1];
  const char *const parts[] = { rules[rule].id, result.file, result.name, result.message };
  rc = sp_ci_fingerprint (parts, sizeof parts / sizeof *parts, result.fingerprint, err);
  return rc == 0 ? sp_ci_add (document, result, err) : rc;
}

static char *
summarise (const struct sp_diff *diff, sigpolicy_error **err)
{
  return sp_asprintf (err, "%zu looser, %zu different, %zu stricter, %zu same",
                      sp_diff_count (diff, SIGPOLICY_CHANGE_LOOSER),
                      sp_diff_count (diff, SIGPOLICY_CHANGE_DIFFERENT),
                      sp_diff_count (diff, SIGPOLICY_CHANGE_STRICTER),
                      sp_diff_count (diff, SIGPOLICY_CHANGE_NONE));
}

char *
sp_diff_ci (const struct sp_diff *diff, sigpolicy_format format, sigpolicy_error **err)
{
  cleanup_free char *summary = summarise (diff, err);
  cleanup_strv struct sp_strv texts = { 0 };
  cleanup_ci struct sp_ci_document document
      = { .verb = "diff", .now = (sp_time)time (NULL), .summary = summary, .names_whole = true };

  int rc = summary ? 0 : SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; rc == 0 && i < sizeof rules / sizeof *rules; i++)
    rc = sp_ci_add_rule (&document, rules[i], err);
  for (size_t i = 0; rc == 0 && i < diff->n_rows; i++)
    if (!diff->rows[i].unused)
      rc = add_row (diff, &diff->rows[i], &texts, &document, err);
  if (rc < 0)
    return NULL;
  return format == SIGPOLICY_FORMAT_SARIF   ? sp_ci_sarif (&document, err)
         : format == SIGPOLICY_FORMAT_JUNIT ? sp_ci_junit (&document, err)
                                            : sp_ci_github (&document, err);
}

/* --- Markdown --------------------------------------------------------------------------------- */

#define SHOWN 100 /* a comment has its limits */

static void
put_side (struct sp_buf *out, const char *which, const struct sp_policy_match *match)
{
  cleanup_buf struct sp_buf words = SP_BUF (SP_OUTPUT_BYTES_MAX);

  put_requirements (&words, match);
  sp_buf_printf (out, "  \n  %s, line %u: ", which, match->scope->line);
  sp_ci_markdown (out, words.data);
  if (words.failed)
    out->failed = words.failed;
}

static void
put_row (struct sp_buf *out, const struct sp_diff_row *row, const char *change)
{
  cleanup_buf struct sp_buf name = SP_BUF (SP_OUTPUT_BYTES_MAX);

  put_name (&name, row);
  sp_buf_printf (out, "- **%s** ", change);
  sp_ci_markdown (out, name.data);
  if (name.failed)
    out->failed = name.failed;
  put_side (out, "before", &row->before);
  put_side (out, "after", &row->after);
  if (row->example)
    {
      sp_buf_str (out, "  \n  example: ");
      sp_ci_markdown (out, row->example);
    }
  sp_buf_byte (out, '\n');
}

char *
sp_diff_markdown (const struct sp_diff *diff, sigpolicy_error **err)
{
  static const struct
  {
    sigpolicy_change change;
    const char *word;
  } order[] = { { SIGPOLICY_CHANGE_LOOSER, "looser" },
                { SIGPOLICY_CHANGE_DIFFERENT, "different" },
                { SIGPOLICY_CHANGE_STRICTER, "stricter" } };
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);
  cleanup_free char *summary = summarise (diff, err);

  if (!summary)
    return NULL;
  sp_buf_printf (&out, "### sigpolicy diff: %s\n\n", summary);
  for (size_t i = 0; i < sizeof order / sizeof *order; i++)
    {
      size_t count = sp_diff_count (diff, order[i].change), shown = 0;
      for (size_t j = 0; j < diff->n_rows && shown < SHOWN; j++)
        if (diff->rows[j].change == order[i].change && !diff->rows[j].unused)
          {
            put_row (&out, &diff->rows[j], order[i].word);
            shown++;
          }
      if (count > shown)
        sp_buf_printf (&out, "- and %zu more are %s\n", count - shown, order[i].word);
    }
  return sp_buf_steal (&out, err);
}
