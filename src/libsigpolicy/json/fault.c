/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_int.h"

#include "util/alloc.h"
#include "util/codec.h"

#define MISSING_COMMA "is a comma missing before it?"

/* A character that people paste where JSON does not have it, and the advice. where is a part of the
 * message, or NULL for everywhere. */
static const struct
{
  const char *found;
  const char *where;
  const char *advice;
  const char *instead; /* of what was found, where that is the whole cure */
} advices[] = {
  { "\xef\xbb\xbf", NULL, "this is a UTF-8 byte order mark: save the file without it", "" },
  { "/", NULL, "JSON has no comments: remove it", NULL },
  { "#", NULL, "JSON has no comments: remove it", NULL },
  { "'", NULL, "JSON has double quotes only: write \"...\"", NULL },
  { "\xe2\x80\x9c", NULL, "these are typographic quotes: write plain double quotes", NULL },
  { "\xe2\x80\x9d", NULL, "these are typographic quotes: write plain double quotes", NULL },
  { "\xc2\xa0", NULL, "this is a no-break space: write a plain space", " " },
  { "NaN", NULL, "JSON has no NaN", NULL },
  { "Infinity", NULL, "JSON has no Infinity", NULL },
  { "I", "in numeric literal", "JSON has no Infinity", NULL },
  { "+", "beginning of value", "a number begins with a digit or with a minus sign", NULL },
  { ".", "beginning of value", "a number begins with a digit or with a minus sign", NULL },
  { "True", NULL, "JSON writes true, false and null in small letters", "true" },
  { "False", NULL, "JSON writes true, false and null in small letters", "false" },
  { "None", NULL, "JSON writes null", "null" },
  { "\n", "in string", "is a closing quote missing? A line break in a string is written \\n",
    NULL },
  { "\"", "after object key:value pair", MISSING_COMMA, NULL },
  { "{", "after array element", MISSING_COMMA, NULL },
  { "\"", "after array element", MISSING_COMMA, NULL },
  { "{", "after top-level value", "a JSON document has only one value", NULL },
  { "", "beginning of object key string", "write keys in double quotes", NULL },
};

/* Is the last thing before at a comma? Then *ret is where. */
static bool
behind_comma (struct sp_view text, size_t at, size_t *ret)
{
  while (at > 0 && strchr (" \t\r\n", text.data[at - 1]) && text.data[at - 1])
    at--;
  *ret = at - 1;
  return at > 0 && text.data[at - 1] == ',';
}

/* The end of what stands before at, where a comma is missing. */
static size_t
end_before (struct sp_view text, size_t at)
{
  while (at > 0 && strchr (" \t\r\n", text.data[at - 1]) && text.data[at - 1])
    at--;
  return at;
}

/* The edit that does what is advised. */
static int
edit_at (struct sp_view text, size_t at, const char *old, const char *new_text,
         sigpolicy_error **err)
{
  unsigned line, column;

  sp_json_position_of_offset (text, at, &line, &column);
  return sp_error_hint_edit_at (err, NULL, line, column, old, new_text);
}

static int
advise (struct sp_view text, size_t at, const char *where, sigpolicy_error **err)
{
  struct sp_view rest = sp_view_from (text, at);
  size_t comma;
  if ((rest.data[0] == '}' || rest.data[0] == ']') && behind_comma (text, at, &comma))
    {
      (void)sp_error_hint (err, "JSON has no comma after the last entry: remove it");
      return edit_at (text, comma, ",", "", err);
    }
  for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
    if (sp_view_starts (rest, sp_view_str (advices[i].found))
        && (!advices[i].where || strstr (where, advices[i].where)))
      {
        (void)sp_error_hint (err, "%s", advices[i].advice);
        if (strcmp (advices[i].advice, MISSING_COMMA) == 0)
          return edit_at (text, end_before (text, at), "", ",", err);
        return advices[i].instead ? edit_at (text, at, advices[i].found, advices[i].instead, err)
                                  : sigpolicy_error_code (*err);
      }
  return sigpolicy_error_code (*err);
}

int
sp_json_unexpected_end (struct sp_view text, sigpolicy_error **err)
{
  (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                      "unexpected end of JSON input");
  (void)sp_error_hint (err, text.len ? "the text ends too early: was the file cut off?"
                                     : "the document is empty");
  return sp_json_error_at_offset (text, text.len, err);
}

/* A character in single quotes, as established messages write it: '\x00', '\ufeff', '\''. */
static char *
quote_character (struct sp_view text, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (64);
  unsigned rune;
  int length = sp_utf8_next (text, &rune);
  if (text.data[0] == '\'')
    return sp_strdup ("'\\''", err);
  if (text.data[0] == '"')
    return sp_strdup ("'\"'", err);
  sp_quote (sp_view_head (text, length > 0 ? (size_t)length : 1), &out);
  char *quoted = sp_buf_steal (&out, err);
  if (quoted)
    quoted[0] = quoted[strlen (quoted) - 1] = '\'';
  return quoted;
}

int
sp_json_invalid_character (struct sp_view text, size_t at, const char *where, sigpolicy_error **err)
{
  cleanup_free char *character = quote_character (sp_view_from (text, at), err);
  if (!character)
    return SIGPOLICY_E_NO_MEMORY;
  (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                      "invalid character %s %s", character, where);
  (void)advise (text, at, where, err);
  return sp_json_error_at_offset (text, at, err);
}

/* Can it be shown as it is, between backquotes? */
static bool
shows_itself (struct sp_view text)
{
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] <= ' ' || text.data[i] > '~' || text.data[i] == '`')
      return false;
  return true;
}

int
sp_json_invalid_escape (struct sp_view text, size_t at, sigpolicy_error **err)
{
  struct sp_view rest = sp_view_from (text, at);
  struct sp_view escape = sp_view_head (rest, rest.data[1] == 'u' ? 6 : 2);
  if (escape.len < 6 && rest.data[1] == 'u')
    return sp_json_unexpected_end (text, err);
  cleanup_free char *quoted = sp_quote_dup (escape, err);
  if (!quoted)
    return SIGPOLICY_E_NO_MEMORY;
  if (shows_itself (escape))
    (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                        "invalid escape sequence `%.*s` in string", (int)escape.len, escape.data);
  else
    (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                        "invalid escape sequence %s in string", quoted);
  (void)sp_error_hint (err, "a backslash in a string is written \\\\");
  return sp_json_error_at_offset (text, at, err);
}
