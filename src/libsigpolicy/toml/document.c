/* SPDX-License-Identifier: Apache-2.0 */
#include "toml/toml_int.h"

#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

#include <search.h>

/* A document line by line: [headers], [[headers]] and key = value. */

bool
sp_toml_newline (struct sp_toml_reader *reader)
{
  if (sp_toml_byte (reader) == '\r') /* of which one alone was refused */
    reader->at++;
  if (sp_toml_byte (reader) != '\n')
    return false;
  reader->at++;
  reader->line++;
  reader->line_start = reader->at;
  return true;
}

void
sp_toml_skip_blanks (struct sp_toml_reader *reader)
{
  while (sp_toml_byte (reader) == ' ' || sp_toml_byte (reader) == '\t')
    reader->at++;
}

static void
skip_comment (struct sp_toml_reader *reader)
{
  if (sp_toml_byte (reader) == '#')
    while (sp_toml_byte (reader) && !strchr ("\r\n", sp_toml_byte (reader)))
      reader->at++;
}

void
sp_toml_skip_lines (struct sp_toml_reader *reader)
{
  do
    {
      sp_toml_skip_blanks (reader);
      skip_comment (reader);
    }
  while (sp_toml_newline (reader));
}

/* --- keys ----------------------------------------------------------------------------------- */

static bool
is_bare (char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
         || c == '-';
}

/* A bare or quoted part of a key. */
static int
read_key (struct sp_toml_reader *reader, struct sp_toml_key *key, sigpolicy_error **err)
{
  sp_buf_clear (&key->text);
  key->position = sp_toml_here (reader);
  if (sp_toml_at_string (reader))
    return sp_toml_read_string (reader, true, &key->text, err);
  if (!is_bare (sp_toml_byte (reader)))
    return sp_toml_expected (reader, "a key", err);
  for (; is_bare (sp_toml_byte (reader)); reader->at++)
    sp_buf_byte (&key->text, sp_toml_byte (reader));
  return sp_buf_check (&key->text, err);
}

/* A dot behind a part of a key, with blanks round it, which are passed over in any case. */
static bool
read_dot (struct sp_toml_reader *reader)
{
  sp_toml_skip_blanks (reader);
  if (sp_toml_byte (reader) != '.')
    return false;
  reader->at++;
  sp_toml_skip_blanks (reader);
  return true;
}

static int
check_parts (size_t parts, const struct sp_toml_key *key, sigpolicy_error **err)
{
  return parts < SP_TOML_DEPTH_MAX
             ? 0
             : sp_toml_too_much (key->position, "parts in a key", SP_TOML_DEPTH_MAX, err);
}

#define cleanup_key SP_CLEANUP (clear_key)

static void
clear_key (struct sp_toml_key *key)
{
  sp_buf_clear (&key->text);
}

/* clang-format off */
#define KEY { .text = SP_BUF (SP_TOML_BYTES_MAX) }
/* clang-format on */

int
sp_toml_read_pair (struct sp_toml_reader *reader, struct sp_toml_item *table, sigpolicy_error **err)
{
  cleanup_key struct sp_toml_key key = KEY;
  size_t parts = 0;

  int rc = read_key (reader, &key, err);
  while (rc == 0 && read_dot (reader))
    {
      rc = check_parts (++parts, &key, err);
      if (rc == 0)
        rc = sp_toml_pass_dotted (reader->toml, reader->section, &table, &key, err);
      if (rc == 0)
        rc = read_key (reader, &key, err);
    }
  if (rc == 0 && sp_toml_byte (reader) != '=')
    rc = sp_toml_expected (reader, "'='", err);
  if (rc == 0)
    rc = sp_toml_check_new (reader->toml, table, &key, err);
  if (rc < 0)
    return rc;
  reader->at++;
  sp_toml_skip_blanks (reader);
  return sp_toml_read_value (reader, table, &key, err);
}

/* [a.b] or [[a.b]]: *table becomes what it opens. */
static int
read_header (struct sp_toml_reader *reader, struct sp_toml_item **table, sigpolicy_error **err)
{
  cleanup_key struct sp_toml_key key = KEY;
  bool element = sp_toml_starts (reader, "[[");
  const char *end = element ? "]]" : "]";
  size_t parts = 0;

  reader->at += strlen (end);
  reader->section++;
  *table = reader->toml->root;
  sp_toml_skip_blanks (reader);
  int rc = read_key (reader, &key, err);
  while (rc == 0 && read_dot (reader))
    {
      rc = check_parts (++parts, &key, err);
      if (rc == 0)
        rc = sp_toml_pass_header (reader->toml, table, &key, err);
      if (rc == 0)
        rc = read_key (reader, &key, err);
    }
  if (rc == 0 && !sp_toml_starts (reader, end))
    rc = sp_toml_expected (reader, element ? "']]'" : "']'", err);
  if (rc < 0)
    return rc;
  reader->at += strlen (end);
  return element ? sp_toml_open_element (reader->toml, table, &key, err)
                 : sp_toml_open_table (reader->toml, table, &key, err);
}

/* --- the whole ------------------------------------------------------------------------------ */

/* Nothing may stand anywhere that is no UTF-8 or a control character other than tabs and line
 * breaks, not even in a comment. */
static int
check_bytes (struct sp_toml_reader reader, sigpolicy_error **err)
{
  unsigned rune = 0;
  int length;
  while ((length = sp_utf8_next (sp_toml_rest (&reader), &rune)) > 0)
    {
      bool alone = rune == '\r' && !sp_toml_starts (&reader, "\r\n");
      if ((rune < ' ' && rune != '\t' && rune != '\n' && rune != '\r') || rune == 0x7f || alone)
        {
          int rc = sp_toml_fault (sp_toml_here (&reader), err, "control character U+%04X", rune);
          return rune ? rc : sp_error_hint (err, "is this UTF-16? Save the file as UTF-8");
        }
      reader.at += (size_t)length;
      if (rune == '\n')
        {
          reader.line++;
          reader.line_start = reader.at;
        }
    }
  if (length < 0)
    return 0;
  (void)sp_toml_fault (sp_toml_here (&reader), err, "a byte that is no UTF-8: 0x%02x",
                       (unsigned char)sp_toml_byte (&reader));
  return sp_error_hint (err, "save the file as UTF-8");
}

static int
read_line (struct sp_toml_reader *reader, struct sp_toml_item **table, sigpolicy_error **err)
{
  int rc = sp_toml_byte (reader) == '[' ? read_header (reader, table, err)
                                        : sp_toml_read_pair (reader, *table, err);
  if (rc < 0)
    return rc;
  sp_toml_skip_blanks (reader);
  skip_comment (reader);
  if (reader->at < reader->text.len && !sp_toml_newline (reader))
    return sp_toml_expected (reader, "the end of the line", err);
  return 0;
}

static void
keep (void *data)
{
  (void)data;
}

int
sp_toml_parse (struct sp_view text, struct sp_toml **ret, sigpolicy_error **err)
{
  static const struct sp_view mark = SP_VIEW ("\xef\xbb\xbf");
  cleanup_toml struct sp_toml *toml = sp_calloc (1, sizeof *toml, err);
  struct sp_toml_reader reader = { .toml = toml, .text = text, .line = 1 };

  if (!toml)
    return SIGPOLICY_E_NO_MEMORY;
  if (text.len > SP_TOML_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_LIMIT,
                         "toml: more than %lu bytes", SP_TOML_BYTES_MAX);
  if (sp_view_starts (text, mark))
    reader.at = reader.line_start = mark.len;
  int rc = check_bytes (reader, err);
  if (rc < 0)
    return rc;
  toml->root
      = sp_toml_add (toml, NULL, SP_TOML_TABLE, SP_TOML_OPENED, NULL, sp_toml_here (&reader), err);
  struct sp_toml_item *table = toml->root;
  if (!table)
    return sigpolicy_error_code (*err);
  for (sp_toml_skip_lines (&reader); rc == 0 && reader.at < text.len; sp_toml_skip_lines (&reader))
    rc = read_line (&reader, &table, err);
  if (rc < 0)
    return rc;
  tdestroy (toml->index, keep);
  toml->index = NULL;
  *ret = steal (&toml);
  return 0;
}

const struct sp_toml_node *
sp_toml_root (const struct sp_toml *toml)
{
  return &toml->root->node;
}

const struct sp_toml_node *
sp_toml_member (const struct sp_toml_node *table, const char *key)
{
  struct sp_view wanted = sp_view_str (key);

  if (!table || table->type != SP_TOML_TABLE)
    return NULL;
  for (const struct sp_toml_node *child = table->first; child; child = child->next)
    if (sp_view_equal_folded (child->key, wanted))
      return child;
  return NULL;
}

void
sp_toml_free (struct sp_toml *toml)
{
  if (!toml)
    return;
  tdestroy (toml->index, keep);
  while (toml->newest)
    {
      struct sp_toml_item *item = toml->newest;
      toml->newest = item->made_before;
      free (item->key_memory);
      free (item->text_memory);
      free (item);
    }
  free (toml);
}
