/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html.h"
#include "report/report.h"

#include "model/words.h"
#include "util/limits.h"

/* A page about what changes between two policies. */

#define ROWS_MAX 5000U

static const struct
{
  sigpolicy_change change;
  const char *word, *class, *heading;
} kinds[] = {
  { SIGPOLICY_CHANGE_LOOSER, "looser", "state bad", "Looser: more images are accepted" },
  { SIGPOLICY_CHANGE_DIFFERENT, "different", "state unsigned",
    "Different: other signatures are required" },
  { SIGPOLICY_CHANGE_STRICTER, "stricter", "state signed", "Stricter: fewer images are accepted" },
};
#define N_KINDS (sizeof kinds / sizeof *kinds)

static void
put_side (struct sp_buf *out, const char *which, const struct sp_policy_match *match)
{
  const struct sp_requirements *list = &match->scope->requirements;

  sp_html_put (out, "<dt>");
  sp_html_text (out, which);
  sp_buf_printf (out, ", line %u</dt><dd>", match->scope->line);
  for (size_t i = 0; i < list->len; i++)
    {
      cleanup_buf struct sp_buf words = SP_BUF (SP_OUTPUT_BYTES_MAX);
      sp_words_requirement (&words, &list->items[i]);
      if (i)
        sp_html_put (out, " and ");
      sp_html_text (out, words.data);
      if (words.failed)
        out->failed = words.failed;
    }
  sp_html_put (out, "</dd>\n");
}

static void
put_row (struct sp_buf *out, const struct sp_diff_row *row, size_t kind)
{
  cleanup_buf struct sp_buf name = SP_BUF (SP_OUTPUT_BYTES_MAX);

  if (row->image)
    sp_words_str (&name, row->image);
  else if (row->has_transport)
    {
      sp_buf_printf (&name, "%s ", sp_transport_name (row->transport));
      sp_words_quoted (&name, sp_view_head (row->name, SP_SHOWN_BYTES_MAX));
    }
  else
    sp_buf_str (&name, "default");
  sp_html_put (out, "<article class=\"card\"><h3><span");
  sp_html_attribute (out, "class", kinds[kind].class);
  sp_html_put (out, ">");
  sp_html_text (out, kinds[kind].word);
  sp_html_put (out, "</span> <code>");
  sp_html_text (out, name.data);
  if (name.failed)
    out->failed = name.failed;
  sp_html_put (out, "</code></h3>\n<dl class=\"facts\">");
  put_side (out, "Before", &row->before);
  put_side (out, "After", &row->after);
  if (row->example)
    {
      sp_html_put (out, "<dt>Example</dt><dd><code>");
      sp_html_text (out, row->example);
      sp_html_put (out, "</code></dd>");
    }
  sp_html_put (out, "</dl></article>\n");
}

static void
put_policy (struct sp_buf *out, const char *which, const struct sp_policy *policy)
{
  const char *path = sp_policy_path (policy);
  sp_html_put (out, "<dt>");
  sp_html_text (out, which);
  sp_html_put (out, "</dt><dd><code>");
  sp_html_text (out, path ? path : "standard input");
  sp_html_put (out, "</code> <span class=\"quiet\">SHA-256 ");
  sp_html_text (out, sp_policy_sha256 (policy));
  sp_html_put (out, "</span></dd>\n");
}

char *
sp_report_diff_html (const struct sp_diff *diff, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);

  sp_html_begin (&out, "What changes between two signature policies");
  sp_html_put (&out, "<header><h1>What changes between two signature policies</h1></header>\n<main "
                     "id=\"main\">\n<dl class=\"facts\">\n");
  put_policy (&out, "Before", diff->before);
  put_policy (&out, "After", diff->after);
  sp_html_put (&out, "</dl>\n<ul class=\"tiles\">\n");
  for (size_t i = 0; i < N_KINDS; i++)
    {
      sp_html_put (&out, "<li><b>");
      sp_html_number (&out, sp_diff_count (diff, kinds[i].change));
      sp_html_put (&out, "</b> ");
      sp_html_text (&out, kinds[i].word);
      sp_html_put (&out, "</li>\n");
    }
  sp_html_put (&out, "<li><b>");
  sp_html_number (&out, sp_diff_count (diff, SIGPOLICY_CHANGE_NONE));
  sp_html_put (&out, "</b> same</li>\n</ul>\n");
  for (size_t i = 0; i < N_KINDS; i++)
    {
      size_t count = sp_diff_count (diff, kinds[i].change), shown = 0;
      if (!count)
        continue;
      sp_html_put (&out, "<section><h2>");
      sp_html_text (&out, kinds[i].heading);
      sp_html_put (&out, "</h2>\n");
      for (size_t j = 0; j < diff->n_rows && shown < ROWS_MAX; j++)
        if (diff->rows[j].change == kinds[i].change && !diff->rows[j].unused)
          {
            put_row (&out, &diff->rows[j], i);
            shown++;
          }
      if (count > shown)
        sp_buf_printf (&out,
                       "<p class=\"quiet\">%zu more are in 'sigpolicy diff --format "
                       "json'.</p>\n",
                       count - shown);
      sp_html_put (&out, "</section>\n");
    }
  sp_html_end (&out);
  return sp_buf_steal (&out, err);
}
