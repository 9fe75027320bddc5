/* SPDX-License-Identifier: Apache-2.0 */
#include "show/show_int.h"

#include "model/words.h"
#include "reference/image_name.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

/* --- the table: columns as Go's tabwriter sets them, at least 12 wide, two spaces between --------
 */

#define N_COLUMNS      5
#define COLUMN_MIN     12
#define COLUMN_PADDING 2

/* Characters, as the columns count them. */
static size_t
count_runes (struct sp_view text)
{
  size_t count = 0;
  for (unsigned rune; text.len; count++)
    {
      int length = sp_utf8_next (text, &rune);
      text = sp_view_from (text, length > 0 ? (size_t)length : 1);
    }
  return count;
}

static void
get_cells (const struct sp_show_row *row, struct sp_view cells[N_COLUMNS])
{
  cells[0] = row->is_default                         ? sp_view_str ("all")
             : sp_view_is (row->transport, "docker") ? sp_view_str ("repository")
                                                     : row->transport;
  cells[1] = row->is_default ? sp_view_str ("default") : row->scope;
  cells[2] = sp_view_str (sp_show_type (row->type));
  cells[3] = sp_buf_view (&row->id);
  cells[4] = row->store;
}

static void
widen (const struct sp_view cells[N_COLUMNS], size_t widths[N_COLUMNS])
{
  for (size_t i = 0; i < N_COLUMNS; i++)
    {
      size_t width = count_runes (cells[i]) + COLUMN_PADDING;
      widths[i] = width > widths[i] ? width : widths[i];
    }
}

static void
put_line (const struct sp_view cells[N_COLUMNS], const size_t widths[N_COLUMNS], struct sp_buf *out)
{
  for (size_t i = 0; i < N_COLUMNS; i++)
    {
      sp_show_line (cells[i], out);
      for (size_t at = count_runes (cells[i]); i + 1 < N_COLUMNS && at < widths[i]; at++)
        sp_buf_byte (out, ' ');
    }
  sp_buf_byte (out, '\n');
}

static void
put_table (const struct sp_show *show, const struct sp_show_rows *rows, struct sp_buf *out)
{
  static const struct sp_view heading[N_COLUMNS]
      = { SP_VIEW ("TRANSPORT"), SP_VIEW ("NAME"), SP_VIEW ("TYPE"), SP_VIEW ("ID"),
          SP_VIEW ("STORE") };
  size_t widths[N_COLUMNS] = { COLUMN_MIN, COLUMN_MIN, COLUMN_MIN, COLUMN_MIN, 0 };
  struct sp_view cells[N_COLUMNS];

  if (!show->no_heading)
    widen (heading, widths);
  for (size_t i = 0; i < rows->len; i++)
    {
      get_cells (&rows->items[i], cells);
      widen (cells, widths);
    }
  if (!show->no_heading)
    put_line (heading, widths, out);
  for (size_t i = 0; i < rows->len; i++)
    {
      get_cells (&rows->items[i], cells);
      put_line (cells, widths, out);
    }
}

/* --- JSON, as Go's encoder writes it ------------------------------------------------------------
 */

static void
put_string (struct sp_view text, struct sp_buf *out)
{
  sp_buf_byte (out, '"');
  while (text.len)
    {
      unsigned rune = 0xfffd;
      int length = sp_utf8_next (text, &rune);
      unsigned char byte = (unsigned char)text.data[0];
      if (length <= 0)
        sp_buf_str (out, "\\ufffd");
      else if (byte == '"' || byte == '\\')
        sp_buf_printf (out, "\\%c", byte);
      else if (byte == '\n' || byte == '\r' || byte == '\t')
        sp_buf_str (out, byte == '\n' ? "\\n" : byte == '\r' ? "\\r" : "\\t");
      else if (byte < 0x20 || byte == '<' || byte == '>' || byte == '&' || rune == 0x2028
               || rune == 0x2029)
        sp_buf_printf (out, "\\u%04x", rune);
      else
        sp_buf_add (out, sp_view_head (text, (size_t)length));
      text = sp_view_from (text, length > 0 ? (size_t)length : 1);
    }
  sp_buf_byte (out, '"');
}

static void
put_member (const char *name, struct sp_view value, const char *indent, bool first,
            struct sp_buf *out)
{
  sp_buf_printf (out, "%s\n%s\"%s\": ", first ? "" : ",", indent, name);
  put_string (value, out);
}

static void
put_json_key (const struct sp_show_key *key, bool first, struct sp_buf *out)
{
  static const char indent[] = "        ";
  char when[SP_TIME_TEXT_SIZE];

  sp_buf_str (out, first ? "\n      {" : ",\n      {");
  put_member ("kind", sp_view_str (key->kind), indent, true, out);
  put_member ("source", sp_view_str (key->source), indent, false, out);
  if (key->fingerprint)
    put_member ("fingerprint", sp_view_str (key->fingerprint), indent, false, out);
  if (key->name)
    put_member ("name", sp_view_str (key->name), indent, false, out);
  if (key->expires)
    {
      sp_time_format (key->expires, when);
      put_member ("expires", sp_view_str (when), indent, false, out);
    }
  if (key->revoked)
    sp_buf_printf (out, ",\n%s\"revoked\": true", indent);
  if (key->why)
    put_member ("unusable", sp_view_str (key->why), indent, false, out);
  sp_buf_str (out, "\n      }");
}

/* Members that podman does not write, behind its own. */
static int
put_json_details (const struct sp_show_row *row, struct sp_buf *out, sigpolicy_error **err)
{
  cleanup_show_keys struct sp_show_keys keys = { 0 };
  cleanup_buf struct sp_buf words = SP_BUF (SP_OUTPUT_BYTES_MAX);

  sp_buf_printf (out, ",\n    \"line\": %u", row->line);
  if (!row->requirement)
    return 0;
  sp_words_requirement (&words, row->requirement);
  put_member ("words", sp_buf_view (&words), "    ", false, out);
  int rc = sp_show_keys_read (row, &keys, err);
  if (rc < 0)
    return rc;
  sp_buf_str (out, ",\n    \"material\": [");
  for (size_t i = 0; i < keys.len; i++)
    put_json_key (&keys.items[i], i == 0, out);
  sp_buf_str (out, keys.len ? "\n    ]" : "]");
  return sp_buf_check (&words, err);
}

static int
put_json (const struct sp_show *show, const struct sp_show_rows *rows, struct sp_buf *out,
          sigpolicy_error **err)
{
  int rc = 0;

  if (!rows->len)
    {
      sp_buf_str (out, "null\n");
      return 0;
    }
  sp_buf_byte (out, '[');
  for (size_t i = 0; rc == 0 && i < rows->len; i++)
    {
      const struct sp_show_row *row = &rows->items[i];
      struct sp_view cells[N_COLUMNS];
      get_cells (row, cells);
      sp_buf_str (out, i ? ",\n  {" : "\n  {");
      put_member ("transport", cells[0], "    ", true, out);
      if (cells[1].len)
        {
          put_member ("name", row->is_default ? sp_view_str ("* (default)") : cells[1], "    ",
                      false, out);
          put_member ("repo_name", cells[1], "    ", false, out);
        }
      if (cells[4].len)
        put_member ("sigstore", cells[4], "    ", false, out);
      put_member ("type", cells[2], "    ", false, out);
      if (cells[3].len)
        put_member ("gpg_id", cells[3], "    ", false, out);
      if (show->details)
        rc = put_json_details (row, out, err);
      sp_buf_str (out, "\n  }");
    }
  sp_buf_str (out, "\n]\n");
  return rc;
}

/* --- what applies to an image -------------------------------------------------------------------
 */

/* A name without a transport is docker's. */
static int
parse_image (const char *text, struct sp_image_name **ret, sigpolicy_error **err)
{
  struct sp_view name = sp_view_str (text);
  size_t colon = sp_view_find (name, ':');
  enum sp_transport transport;

  if (colon != SP_VIEW_NONE && sp_transport_find (sp_view_head (name, colon), &transport))
    return sp_image_name_parse (name, ret, err);
  cleanup_free char *docker = sp_asprintf (err, "docker://%s", text);
  return docker ? sp_image_name_parse (sp_view_str (docker), ret, err) : SIGPOLICY_E_NO_MEMORY;
}

/* Keep the rows of the scope that decides. */
static int
select_rows (const struct sp_show *show, const struct sp_policy *policy, struct sp_show_rows *rows,
             sigpolicy_error **err)
{
  cleanup_image_name struct sp_image_name *image = NULL;
  size_t kept = 0;

  int rc = parse_image (show->image, &image, err);
  if (rc < 0)
    return rc;
  struct sp_policy_match match = sp_policy_lookup (policy, image);
  for (size_t i = 0; i < rows->len; i++)
    {
      struct sp_show_row *row = &rows->items[i];
      bool applies
          = row->requirement >= match.scope->requirements.items
            && row->requirement < match.scope->requirements.items + match.scope->requirements.len;
      if (applies)
        rows->items[kept++] = *row;
      else
        sp_buf_clear (&row->id);
    }
  rows->len = kept;
  return 0;
}

static void
warn (struct sp_buf *warnings, const sigpolicy_error *error)
{
  sp_buf_str (warnings, "verification refuses this policy: ");
  sp_buf_str (warnings, sigpolicy_error_text (error));
  sp_buf_byte (warnings, '\n');
}

static int
show_rows (const struct sp_show *show, struct sp_view text, struct sp_show_rows *rows,
           struct sp_buf *out, struct sp_buf *warnings, sigpolicy_error **err)
{
  cleanup_json_tree struct sp_json_tree *tree = NULL;
  cleanup_show_store struct sp_show_store *store = NULL;
  cleanup_policy struct sp_policy *policy = NULL;
  cleanup_error sigpolicy_error *refused = NULL;

  if (sp_json_tree_parse (text, SP_POLICY_DEPTH_MAX, SP_JSON_NODES_MAX, &tree, err) < 0)
    {
      (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
      return sp_error_place (err, show->policy_path, 0, 0, NULL);
    }
  if (sp_policy_parse (text, show->policy_path, &policy, &refused) < 0)
    {
      if (show->image || sigpolicy_error_code (refused) == SIGPOLICY_E_NO_MEMORY)
        return sp_error_copy (refused, err);
      warn (warnings, refused);
    }
  int rc = sp_show_store_load (show->registries_d, &store, err);
  if (rc == 0)
    rc = sp_show_rows_read (tree, policy, store, rows, warnings, err);
  if (rc == 0 && show->image)
    rc = select_rows (show, policy, rows, err);
  if (rc < 0)
    return rc;
  if (show->form == SP_SHOW_JSON)
    return put_json (show, rows, out, err);
  if (show->details)
    return sp_show_put_details (show, rows, out, err);
  put_table (show, rows, out);
  return 0;
}

int
sp_show (const struct sp_show *show, struct sp_buf *out, struct sp_buf *warnings,
         sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_POLICY_BYTES_MAX);
  struct sp_show_rows rows = { 0 };

  if (sp_fs_read (show->policy_path, &text, err) < 0)
    {
      (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
      return sp_error_place (err, show->policy_path, 0, 0, NULL);
    }
  if (show->form == SP_SHOW_RAW)
    {
      sp_buf_add (out, sp_buf_view (&text));
      sp_buf_byte (out, '\n');
      return sp_buf_check (out, err);
    }
  int rc = show_rows (show, sp_buf_view (&text), &rows, out, warnings, err);
  sp_show_rows_clear (&rows);
  if (rc == 0)
    rc = sp_buf_check (warnings, err);
  return rc < 0 ? rc : sp_buf_check (out, err);
}
