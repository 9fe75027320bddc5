/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_int.h"

#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

/* Moves line and the start of its text on to offset at. */
static void
count_lines (struct sp_view text, size_t from, size_t at, struct sp_json_line *position)
{
  while (from < at)
    {
      const char *newline = memchr (text.data + from, '\n', at - from);
      if (!newline)
        return;
      from = (size_t)(newline - text.data) + 1;
      position->line++;
      position->start = (uint32_t)from;
    }
}

int
sp_json_index_lines (struct sp_json *json, sigpolicy_error **err)
{
  size_t n_lines = json->text.len / SP_JSON_LINE_STEP + 1;
  struct sp_json_line position = { 1, 0 };

  json->lines = sp_calloc (n_lines, sizeof *json->lines, err);
  if (!json->lines)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; i < n_lines; i++)
    {
      json->lines[i] = position;
      if (i + 1 < n_lines)
        count_lines (json->text, i * SP_JSON_LINE_STEP, (i + 1) * SP_JSON_LINE_STEP, &position);
    }
  return 0;
}

void
sp_json_position_of_offset (struct sp_view text, size_t at, unsigned *ret_line,
                            unsigned *ret_column)
{
  struct sp_json_line position = { 1, 0 };
  count_lines (text, 0, at, &position);
  *ret_line = position.line;
  *ret_column = (unsigned)(at - position.start) + 1;
}

int
sp_json_error_at_offset (struct sp_view text, size_t at, sigpolicy_error **err)
{
  unsigned line, column;
  sp_json_position_of_offset (text, at, &line, &column);
  return sp_error_position (err, NULL, line, column, NULL);
}

void
sp_json_position (const struct sp_json *json, sp_json_node node, unsigned *ret_line,
                  unsigned *ret_column)
{
  uint32_t at = sp_json_entry (json, node)->start;
  size_t step = at / SP_JSON_LINE_STEP;
  struct sp_json_line position = json->lines[step];
  count_lines (json->text, step * SP_JSON_LINE_STEP, at, &position);
  *ret_line = position.line;
  *ret_column = at - position.start + 1;
}

/* Letters, digits, "_" and "-", and no digit in front. */
static bool
plain_word (struct sp_view key)
{
  for (size_t i = 0; i < key.len; i++)
    {
      char c = key.data[i];
      bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
      if (!letter && (i == 0 || ((c < '0' || c > '9') && c != '-')))
        return false;
    }
  return key.len > 0;
}

void
sp_json_path_key (struct sp_view key, struct sp_buf *path)
{
  if (plain_word (key))
    {
      if (path->len)
        sp_buf_byte (path, '.');
      sp_buf_add (path, sp_view_head (key, SP_SHOWN_BYTES_MAX));
      return;
    }
  sp_buf_byte (path, '[');
  sp_quote (sp_view_head (key, SP_SHOWN_BYTES_MAX), path);
  sp_buf_byte (path, ']');
}

void
sp_json_path_index (size_t index, struct sp_buf *path)
{
  sp_buf_printf (path, "[%zu]", index);
}

/* From the root down, into the entry whose nodes hold the one that is looked for. The path of a key
 * is that of its value. */
static void
write_path (const struct sp_json *json, sp_json_node node, struct sp_buf *path)
{
  sp_json_node at = SP_JSON_ROOT;
  while (at < node && path->len < SP_SHOWN_BYTES_MAX)
    {
      struct sp_json_iter it = sp_json_iter (json, at);
      bool object = sp_json_type_of (json, at) == SP_JSON_OBJECT;
      while (sp_json_next (&it) && sp_json_behind (json, it.value) <= node)
        continue;
      if (object)
        sp_json_path_key (it.key, path);
      else
        sp_json_path_index (it.index, path);
      at = it.value;
    }
  if (at < node)
    sp_buf_str (path, "...");
}

int
sp_json_error_at (const struct sp_json *json, sp_json_node node, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf path = SP_BUF (16 * SP_SHOWN_BYTES_MAX);
  unsigned line, column;

  write_path (json, node, &path);
  if (path.failed)
    return sp_error_no_memory (err);
  sp_json_position (json, node, &line, &column);
  return sp_error_position (err, NULL, line, column, path.len ? path.data : NULL);
}

int
sp_json_error (const struct sp_json *json, sp_json_node node, sigpolicy_error **err, int code,
               sigpolicy_reason reason, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  (void)sp_error_vset (err, code, reason, format, args);
  va_end (args);
  return sp_json_error_at (json, node, err);
}
