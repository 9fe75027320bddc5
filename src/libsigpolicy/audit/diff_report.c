/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/diff.h"

#include "json/write.h"
#include "model/words.h"
#include "util/limits.h"

static const char *const names[] = {
  [SIGPOLICY_CHANGE_NONE] = "same",
  [SIGPOLICY_CHANGE_STRICTER] = "stricter",
  [SIGPOLICY_CHANGE_DIFFERENT] = "different",
  [SIGPOLICY_CHANGE_LOOSER] = "looser",
};

/* What is said first. */
static const sigpolicy_change order[] = { SIGPOLICY_CHANGE_LOOSER, SIGPOLICY_CHANGE_DIFFERENT,
                                          SIGPOLICY_CHANGE_STRICTER, SIGPOLICY_CHANGE_NONE };
#define N_CHANGES (sizeof order / sizeof *order)

/* A scope that no image has is of interest to who wants to see everything. */
static bool
is_shown (const struct sp_diff_row *row, unsigned flags)
{
  return (row->change != SIGPOLICY_CHANGE_NONE && !row->unused) || flags & SIGPOLICY_FORMAT_VERBOSE;
}

static const char *
label (const struct sp_policy *policy, const char *otherwise)
{
  const char *path = sp_policy_path (policy);
  return path ? path : otherwise;
}

/* --- words ------------------------------------------------------------------------------------ */

static void
side_text (struct sp_buf *out, const char *which, const struct sp_policy *policy,
           const struct sp_policy_match *match, const struct sp_diff_row *row)
{
  const struct sp_requirements *requirements = &match->scope->requirements;
  bool own = match->transport
             && sp_view_equal (row->name, sp_view_n (match->scope->name, match->scope->name_len));

  for (size_t i = 0; i < requirements->len; i++)
    {
      sp_buf_printf (out, "  %-9s", i ? "" : which);
      sp_buf_str (out, i ? " and " : " ");
      sp_words_requirement (out, &requirements->items[i]);
      sp_buf_byte (out, '\n');
    }
  sp_buf_str (out, "            ");
  sp_words_str (out, label (policy, which));
  sp_buf_printf (out, ":%u", match->scope->line);
  if ((row->has_transport && !own) || row->image)
    {
      sp_buf_str (out, ", ");
      sp_words_scope (out, match);
    }
  sp_buf_byte (out, '\n');
}

static void
row_text (struct sp_buf *out, const struct sp_diff *diff, const struct sp_diff_row *row)
{
  sp_buf_printf (out, "%-10s ", names[row->change]);
  if (row->image)
    sp_words_str (out, row->image);
  else if (!row->has_transport)
    sp_buf_str (out, "default");
  else
    {
      sp_buf_printf (out, "%s ", sp_transport_name (row->transport));
      sp_words_quoted (out, row->name);
    }
  sp_buf_byte (out, '\n');
  side_text (out, "before", diff->before, &row->before, row);
  side_text (out, "after", diff->after, &row->after, row);
  if (row->unused)
    sp_buf_str (out, "  note      no image has this scope, so it has no effect\n");
  if (row->example)
    {
      sp_buf_str (out, "  example   ");
      sp_words_str (out, row->example);
      sp_buf_byte (out, '\n');
    }
}

char *
sp_diff_text (const struct sp_diff *diff, unsigned flags, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);

  for (size_t i = 0; i < N_CHANGES; i++)
    for (size_t j = 0; j < diff->n_rows; j++)
      if (diff->rows[j].change == order[i] && is_shown (&diff->rows[j], flags))
        row_text (&out, diff, &diff->rows[j]);
  for (size_t i = 0; i < N_CHANGES; i++)
    sp_buf_printf (&out, "%s%zu %s", i ? ", " : "", sp_diff_count (diff, order[i]),
                   names[order[i]]);
  sp_buf_byte (&out, '\n');
  return sp_buf_steal (&out, err);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void
policy_json (struct sp_json_out *out, const struct sp_policy *policy)
{
  sp_json_write_str (out, "path", sp_policy_path (policy));
  sp_json_write_str (out, "sha256", sp_policy_sha256 (policy));
  sp_json_write_close (out);
}

static int
side_json (struct sp_json_out *out, const struct sp_policy_match *match, sigpolicy_error **err)
{
  const struct sp_requirements *requirements = &match->scope->requirements;
  int rc = 0;

  sp_json_write_bool (out, "default", !match->transport);
  if (match->transport)
    sp_json_write_view (out, "scope", sp_view_n (match->scope->name, match->scope->name_len));
  else
    sp_json_write_null (out, "scope");
  sp_json_write_int (out, "line", match->scope->line);
  sp_json_write_open (out, "requirements", true);
  for (size_t i = 0; i < requirements->len && rc == 0; i++)
    {
      cleanup_buf struct sp_buf words = SP_BUF (SP_OUTPUT_BYTES_MAX);
      sp_words_requirement (&words, &requirements->items[i]);
      rc = sp_buf_check (&words, err);
      sp_json_write_open (out, NULL, false);
      sp_json_write_str (out, "type", sp_requirement_type_name (requirements->items[i].type));
      sp_json_write_int (out, "line", requirements->items[i].line);
      sp_json_write_view (out, "words", sp_buf_view (&words));
      sp_json_write_close (out);
    }
  sp_json_write_close (out);
  sp_json_write_close (out);
  return rc;
}

static int
row_json (struct sp_json_out *out, const struct sp_diff_row *row, sigpolicy_error **err)
{
  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "change", names[row->change]);
  sp_json_write_str (out, "transport",
                     row->has_transport ? sp_transport_name (row->transport) : NULL);
  if (row->image)
    sp_json_write_str (out, "image", row->image);
  else
    {
      if (row->has_transport)
        sp_json_write_view (out, "scope", row->name);
      else
        sp_json_write_null (out, "scope");
      sp_json_write_bool (out, "unused", row->unused);
      sp_json_write_str (out, "example", row->example);
    }
  sp_json_write_open (out, "before", false);
  int rc = side_json (out, &row->before, err);
  if (rc == 0)
    {
      sp_json_write_open (out, "after", false);
      rc = side_json (out, &row->after, err);
    }
  sp_json_write_close (out);
  return rc;
}

static int
rows_json (struct sp_json_out *out, const struct sp_diff *diff, bool images, unsigned flags,
           sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; i < N_CHANGES; i++)
    for (size_t j = 0; rc == 0 && j < diff->n_rows; j++)
      {
        const struct sp_diff_row *row = &diff->rows[j];
        if (row->change == order[i] && is_shown (row, flags) && !row->image == !images)
          rc = row_json (out, row, err);
      }
  return rc;
}

char *
sp_diff_json (const struct sp_diff *diff, bool indented, unsigned flags, sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *out = sp_json_write_new (false, err);

  if (!out)
    return NULL;
  sp_json_write_str (out, "schema", "sigpolicy-diff/1");
  sp_json_write_open (out, "before", false);
  policy_json (out, diff->before);
  sp_json_write_open (out, "after", false);
  policy_json (out, diff->after);
  sp_json_write_open (out, "counts", false);
  sp_json_write_int (out, "looser", (int64_t)sp_diff_count (diff, SIGPOLICY_CHANGE_LOOSER));
  sp_json_write_int (out, "different", (int64_t)sp_diff_count (diff, SIGPOLICY_CHANGE_DIFFERENT));
  sp_json_write_int (out, "stricter", (int64_t)sp_diff_count (diff, SIGPOLICY_CHANGE_STRICTER));
  sp_json_write_int (out, "same", (int64_t)sp_diff_count (diff, SIGPOLICY_CHANGE_NONE));
  sp_json_write_close (out);
  sp_json_write_open (out, "scopes", true);
  int rc = rows_json (out, diff, false, flags, err);
  sp_json_write_close (out);
  sp_json_write_open (out, "images", true);
  if (rc == 0)
    rc = rows_json (out, diff, true, flags, err);
  sp_json_write_close (out);
  if (rc < 0)
    return NULL;
  return sp_json_write_text (out, indented ? SP_JSON_INDENTED : SP_JSON_ONE_LINE, err);
}
