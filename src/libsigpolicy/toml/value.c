/* SPDX-License-Identifier: Apache-2.0 */
#include "toml/toml_int.h"

#include "util/alloc.h"
#include "util/limits.h"

/* Values of every type. Arrays and inline tables recurse, to a fixed depth. */

static int
read_string (struct sp_toml_reader *reader, struct sp_toml_item *item, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_TOML_BYTES_MAX);
  int rc = sp_toml_read_string (reader, false, &text, err);
  if (rc < 0)
    return rc;
  item->node.text.len = text.len;
  item->text_memory = sp_buf_steal (&text, err);
  item->node.text.data = item->text_memory;
  return item->text_memory ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* Everything that keeps its spelling. */
static int
keep_text (struct sp_toml_reader *reader, struct sp_toml_item *item, size_t end,
           sigpolicy_error **err)
{
  struct sp_view text = sp_view_n (reader->text.data + reader->at, end - reader->at);
  item->text_memory = sp_view_dup (text, err);
  item->node.text = sp_view_n (item->text_memory, text.len);
  reader->at = end;
  return item->text_memory ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
read_element (struct sp_toml_reader *reader, struct sp_toml_item *array, bool *ret_end,
              sigpolicy_error **err)
{
  sp_toml_skip_lines (reader);
  if (sp_toml_byte (reader) != ']')
    {
      int rc = sp_toml_read_value (reader, array, NULL, err);
      if (rc < 0)
        return rc;
      sp_toml_skip_lines (reader);
      if (sp_toml_byte (reader) == ',')
        {
          reader->at++;
          return 0;
        }
    }
  if (sp_toml_byte (reader) != ']')
    return sp_toml_expected (reader, "',' or ']'", err);
  reader->at++;
  *ret_end = true;
  return 0;
}

/* Of one line, without a comma behind the last entry: that came with TOML 1.1. */
static int
read_entry (struct sp_toml_reader *reader, struct sp_toml_item *table, bool *ret_end,
            sigpolicy_error **err)
{
  sp_toml_skip_blanks (reader);
  if (table->node.n_children || sp_toml_byte (reader) != '}')
    {
      int rc = sp_toml_read_pair (reader, table, err);
      if (rc < 0)
        return rc;
      sp_toml_skip_blanks (reader);
      if (sp_toml_byte (reader) == ',')
        {
          reader->at++;
          return 0;
        }
    }
  if (sp_toml_byte (reader) != '}')
    return sp_toml_expected (reader, "',' or '}'", err);
  reader->at++;
  *ret_end = true;
  return 0;
}

static int
read_collection (struct sp_toml_reader *reader, struct sp_toml_item *item, sigpolicy_error **err)
{
  bool end = false;
  int rc = 0;

  if (reader->depth == SP_TOML_DEPTH_MAX)
    return sp_toml_too_much (sp_toml_here (reader), "levels of arrays and inline tables",
                             SP_TOML_DEPTH_MAX, err);
  reader->depth++;
  reader->at++;
  while (rc == 0 && !end)
    rc = item->node.type == SP_TOML_ARRAY ? read_element (reader, item, &end, err)
                                          : read_entry (reader, item, &end, err);
  reader->depth--;
  return rc;
}

/* What the value at the cursor is, by how it begins, and where it ends when that is known. */
static int
recognise (const struct sp_toml_reader *reader, enum sp_toml_type *ret_type, int64_t *ret_integer,
           size_t *ret_end, sigpolicy_error **err)
{
  char c = sp_toml_byte (reader);
  *ret_end = reader->at + 1;
  if (c == '[' || c == '{')
    *ret_type = c == '[' ? SP_TOML_ARRAY : SP_TOML_TABLE;
  else if (sp_toml_at_string (reader))
    *ret_type = SP_TOML_STRING;
  else if (sp_toml_starts (reader, "true") || sp_toml_starts (reader, "false"))
    {
      *ret_type = SP_TOML_BOOLEAN;
      *ret_end = reader->at + (c == 't' ? strlen ("true") : strlen ("false"));
    }
  else
    {
      int rc = sp_toml_read_number (reader, ret_type, ret_integer, ret_end, err);
      if (rc == 0 && *ret_end == reader->at)
        rc = sp_toml_expected (reader, "a value", err);
      return rc;
    }
  return 0;
}

int
sp_toml_read_value (struct sp_toml_reader *reader, struct sp_toml_item *parent,
                    const struct sp_toml_key *key, sigpolicy_error **err)
{
  enum sp_toml_type type = SP_TOML_STRING;
  int64_t integer = 0;
  size_t end = 0;

  int rc = recognise (reader, &type, &integer, &end, err);
  if (rc < 0)
    return rc;
  struct sp_toml_item *item
      = sp_toml_add (reader->toml, parent, type, SP_TOML_WRITTEN, key, sp_toml_here (reader), err);
  if (!item)
    return sigpolicy_error_code (*err);
  if (type == SP_TOML_ARRAY || type == SP_TOML_TABLE)
    return read_collection (reader, item, err);
  if (type == SP_TOML_STRING)
    return read_string (reader, item, err);
  item->node.integer = type == SP_TOML_INTEGER ? integer : 0;
  item->node.boolean = type == SP_TOML_BOOLEAN && sp_toml_byte (reader) == 't';
  return keep_text (reader, item, end, err);
}
