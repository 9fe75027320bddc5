/* SPDX-License-Identifier: Apache-2.0 */
#include "toml/toml_int.h"

#include "util/alloc.h"
#include "util/codec.h"

/* What people write where TOML has something else, and the advice. what is a part of the message
 * that was expected, or NULL for any. */
static const struct
{
  const char *found;
  const char *what;
  const char *advice;
} advices[] = {
  { "True", "a value", "TOML writes true and false in small letters" },
  { "TRUE", "a value", "TOML writes true and false in small letters" },
  { "False", "a value", "TOML writes true and false in small letters" },
  { "FALSE", "a value", "TOML writes true and false in small letters" },
  { "yes", "a value", "TOML writes true or false" },
  { "no", "a value", "TOML writes true or false" },
  { "on", "a value", "TOML writes true or false" },
  { "off", "a value", "TOML writes true or false" },
  { "null", "a value", "TOML has no null: leave the key out" },
  { ",", "a value", "is there a comma too many?" },
  { "]", "a value", "is there a value missing?" },
  { "\n", "a value", "write the value in the same line" },
  { "\r", "a value", "write the value in the same line" },
  { ":", "'='", "TOML writes key = value" },
  { "=", "a key", "write a key before it" },
  { "//", NULL, "comments begin with #" },
  { "/*", NULL, "comments begin with #" },
  { ";", NULL, "comments begin with #, and a line ends without a semicolon" },
  { "\xe2\x80\x9c", NULL, "these are typographic quotes: write plain double quotes" },
  { "\xe2\x80\x9d", NULL, "these are typographic quotes: write plain double quotes" },
  { "\xc2\xa0", NULL, "this is a no-break space: write a plain space" },
  { "{", "a key", "this is no JSON: TOML writes key = value, and [name] above a table" },
  { "}", "a key", "an inline table has no comma after its last entry" },
  { "]", "']]'", "a header that begins with [[ ends with ]]" },
  { "\n", "a closing", "is a closing quote missing?" },
  { "\r", "a closing", "is a closing quote missing?" },
  { "\n", "'}'", "write an inline table in one line" },
  { "\r", "'}'", "write an inline table in one line" },
  { "\n", "a key", "write an inline table in one line" },
  { "\"", "',' or", "is a comma missing before it?" },
  { "'", "',' or", "is a comma missing before it?" },
  { ",", "the end of the line", "write several values as an array: key = [\"one\", \"two\"]" },
  { "\\", "an escape", "write a backslash as \\\\, or put the text in single quotes" },
  { "", "a value", "write text in quotes: key = \"text\"" },
};

/* The word at the cursor, or a character; empty at the end of a line. */
static struct sp_view
word_here (const struct sp_toml_reader *reader)
{
  const size_t most = 40;
  struct sp_view rest = sp_toml_rest (reader);
  unsigned rune;
  size_t length = 0;

  if (!rest.len || rest.data[0] == '\n' || rest.data[0] == '\r')
    return sp_view_head (rest, 0);
  while (length < rest.len && length < most && (unsigned char)rest.data[length] < 0x80
         && !strchr (" \t\r\n,]}=#\"'\\", rest.data[length]))
    length++;
  if (!length)
    length = (size_t)sp_utf8_next (rest, &rune);
  return sp_view_head (rest, length);
}

/* A word is a whole one: "no" is not the beginning of a host. */
static bool
is_here (const struct sp_toml_reader *reader, const char *text)
{
  bool letter = (text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z');
  return letter ? sp_view_is (word_here (reader), text) : sp_toml_starts (reader, text);
}

static int
advise (const struct sp_toml_reader *reader, const char *what, sigpolicy_error **err)
{
  for (size_t i = 0; reader->at < reader->text.len && i < sizeof advices / sizeof *advices; i++)
    if (is_here (reader, advices[i].found) && (!advices[i].what || strstr (what, advices[i].what)))
      return sp_error_hint (err, "%s", advices[i].advice);
  return sigpolicy_error_code (*err);
}

static int
set_error (struct sp_toml_position position, const char *message, sigpolicy_reason reason,
           sigpolicy_error **err)
{
  int rc
      = sp_error_set (err, SIGPOLICY_E_CONFIG, reason, "toml: line %u: %s", position.line, message);
  return rc == SIGPOLICY_E_NO_MEMORY
             ? rc
             : sp_error_position (err, NULL, position.line, position.column, NULL);
}

int
sp_toml_fault (struct sp_toml_position position, sigpolicy_error **err, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  cleanup_free char *message = sp_vasprintf (err, format, args);
  va_end (args);
  return message ? set_error (position, message, SIGPOLICY_REASON_CONFIG_ERROR, err)
                 : SIGPOLICY_E_NO_MEMORY;
}

int
sp_toml_too_much (struct sp_toml_position position, const char *what, unsigned long limit,
                  sigpolicy_error **err)
{
  cleanup_free char *message = sp_asprintf (err, "more than %lu %s", limit, what);
  return message ? set_error (position, message, SIGPOLICY_REASON_LIMIT, err)
                 : SIGPOLICY_E_NO_MEMORY;
}

int
sp_toml_expected (const struct sp_toml_reader *reader, const char *what, sigpolicy_error **err)
{
  struct sp_view word = word_here (reader);
  cleanup_free char *found
      = word.len
            ? sp_quote_dup (word, err)
            : sp_strdup (
                reader->at < reader->text.len ? "the end of the line" : "the end of the file", err);
  if (!found)
    return SIGPOLICY_E_NO_MEMORY;
  (void)sp_toml_fault (sp_toml_here (reader), err, "expected %s, found %s", what, found);
  return advise (reader, what, err);
}
