/* SPDX-License-Identifier: Apache-2.0 */
#include "toml/toml_int.h"

#include "util/codec.h"

/* The four kinds of strings: "escapes", 'as it stands', and the same in three quotes over several
 * lines. */

bool
sp_toml_at_string (const struct sp_toml_reader *reader)
{
  return sp_toml_byte (reader) == '"' || sp_toml_byte (reader) == '\'';
}

/* \uXXXX and \UXXXXXXXX: a character, no half of a surrogate pair. */
static int
read_code_point (struct sp_toml_reader *reader, unsigned n_digits, struct sp_buf *out,
                 sigpolicy_error **err)
{
  struct sp_toml_position position = sp_toml_here (reader);
  unsigned rune = 0;

  reader->at += 2;
  for (unsigned i = 0; i < n_digits; i++, reader->at++)
    {
      char c = sp_toml_byte (reader);
      unsigned value = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                       : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                       : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                              : 16;
      if (value == 16)
        return sp_toml_expected (reader,
                                 n_digits == 4 ? "four hexadecimal digits after \\u"
                                               : "eight hexadecimal digits after \\U",
                                 err);
      rune = rune * 16 + value;
    }
  if (rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff))
    return sp_toml_fault (position, err, "U+%04X is no character", rune);
  sp_utf8_put (rune, out);
  return 0;
}

/* A backslash at the end of a line, perhaps with blanks behind it, removes all blanks and line
 * breaks up to the next character. */
static bool
skip_line_end (struct sp_toml_reader *reader)
{
  struct sp_toml_reader ahead = *reader;
  ahead.at++;
  sp_toml_skip_blanks (&ahead);
  if (!sp_toml_newline (&ahead))
    return false;
  do
    sp_toml_skip_blanks (&ahead);
  while (sp_toml_newline (&ahead));
  *reader = ahead;
  return true;
}

static int
read_escape (struct sp_toml_reader *reader, bool multiline, struct sp_buf *out,
             sigpolicy_error **err)
{
  static const char letters[] = "btnfr\"\\", values[] = "\b\t\n\f\r\"\\";
  char c
      = sp_view_from (reader->text, reader->at + 1).len ? reader->text.data[reader->at + 1] : '\0';
  const char *letter = c ? strchr (letters, c) : NULL;

  if (multiline && skip_line_end (reader))
    return 0;
  if (c == 'u' || c == 'U')
    return read_code_point (reader, c == 'u' ? 4 : 8, out, err);
  if (!letter)
    return sp_toml_expected (reader, "an escape such as \\n, \\\" or \\\\", err);
  sp_buf_byte (out, values[letter - letters]);
  reader->at += 2;
  return 0;
}

/* How many of the quotes at the cursor end a string of several lines: three, and up to two more
 * that belong to it. */
static size_t
count_quotes (const struct sp_toml_reader *reader, char quote)
{
  const size_t most = 5;
  struct sp_view rest = sp_toml_rest (reader);
  size_t count = 0;
  while (count < rest.len && count < most && rest.data[count] == quote)
    count++;
  return count;
}

/* One step: a quote that ends it, a line break, an escape or a character. */
static int
read_piece (struct sp_toml_reader *reader, char quote, bool multiline, struct sp_buf *out,
            bool *ret_end, sigpolicy_error **err)
{
  char c = sp_toml_byte (reader);
  size_t quotes = multiline ? count_quotes (reader, quote) : 0;

  if (multiline ? quotes >= 3 : c == quote)
    {
      for (size_t i = 3; i < quotes; i++)
        sp_buf_byte (out, quote);
      reader->at += multiline ? quotes : 1;
      *ret_end = true;
      return 0;
    }
  if (c == '\\' && quote == '"')
    return read_escape (reader, multiline, out, err);
  if (multiline && sp_toml_newline (reader))
    {
      sp_buf_byte (out, '\n');
      return 0;
    }
  if (!c || c == '\n' || c == '\r')
    return sp_toml_expected (reader,
                             multiline      ? "three closing quotes"
                             : quote == '"' ? "a closing double quote"
                                            : "a closing single quote",
                             err);
  sp_buf_byte (out, c);
  reader->at++;
  return 0;
}

int
sp_toml_read_string (struct sp_toml_reader *reader, bool is_key, struct sp_buf *out,
                     sigpolicy_error **err)
{
  char quote = sp_toml_byte (reader);
  bool multiline = !is_key && count_quotes (reader, quote) >= 3, end = false;
  struct sp_toml_position position = sp_toml_here (reader);

  reader->at += multiline ? 3 : 1;
  if (multiline)
    (void)sp_toml_newline (reader);
  while (!end)
    {
      int rc = read_piece (reader, quote, multiline, out, &end, err);
      if (rc < 0)
        return reader->at < reader->text.len
                   ? rc
                   : sp_error_hint (err, "the string begins in line %u", position.line);
    }
  return sp_buf_check (out, err);
}
