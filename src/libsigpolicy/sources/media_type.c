/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/registry_int.h"

/*
 * Content-Type as RFC 2045 has it: type "/" subtype *(";" name "=" value). What is not well formed
 * has no type at all, so that nothing is guessed; a semicolon at the end alone is forgiven.
 */

static bool
is_token (char c)
{
  return c > 0x20 && c < 0x7f && !strchr ("()<>@,;:\\\"/[]?=", c);
}

static struct sp_view
skip_blanks (struct sp_view text)
{
  while (text.len && strchr (" \t\r\n", text.data[0]) && text.data[0])
    text = sp_view_from (text, 1);
  return text;
}

static struct sp_view
take_token (struct sp_view *text)
{
  size_t len = 0;
  while (len < text->len && is_token (text->data[len]))
    len++;
  struct sp_view token = sp_view_head (*text, len);
  *text = sp_view_from (*text, len);
  return token;
}

/* The part behind an opening quote, with the closing one; false when there is none. */
static bool
take_quoted (struct sp_view *text)
{
  for (size_t i = 1; i < text->len; i++)
    {
      char c = text->data[i];
      if (c == '"')
        {
          *text = sp_view_from (*text, i + 1);
          return true;
        }
      if (c == '\\' && i + 1 < text->len)
        i++;
      else if (c == '\r' || c == '\n')
        return false;
    }
  return false;
}

/* "; name=value"; *ret_name is empty when there is none. */
static void
take_parameter (struct sp_view *text, struct sp_view *ret_name)
{
  struct sp_view rest = skip_blanks (*text), name;

  *ret_name = sp_view_n ("", 0);
  if (!sp_view_starts (rest, sp_view_str (";")))
    return;
  rest = skip_blanks (sp_view_from (rest, 1));
  name = take_token (&rest);
  rest = skip_blanks (rest);
  if (!name.len || !sp_view_starts (rest, sp_view_str ("=")))
    return;
  rest = skip_blanks (sp_view_from (rest, 1));
  if (sp_view_starts (rest, sp_view_str ("\"")))
    {
      if (!take_quoted (&rest))
        return;
    }
  else if (!take_token (&rest).len)
    return;
  *text = rest;
  *ret_name = name;
}

static bool
same_name (struct sp_view a, struct sp_view b)
{
  bool same = a.len == b.len;
  for (size_t i = 0; same && i < a.len; i++)
    same = (a.data[i] | 0x20) == (b.data[i] | 0x20);
  return same;
}

static bool
parameters_are_good (struct sp_view rest)
{
  struct sp_view names[16];
  size_t n = 0;

  while (skip_blanks (rest).len)
    {
      struct sp_view name;
      take_parameter (&rest, &name);
      if (!name.len)
        {
          rest = skip_blanks (rest);
          return sp_view_starts (rest, sp_view_str (";"))
                 && !skip_blanks (sp_view_from (rest, 1)).len;
        }
      for (size_t i = 0; i < n; i++)
        if (same_name (names[i], name))
          return false;
      if (n == sizeof names / sizeof *names)
        return false;
      names[n++] = name;
    }
  return true;
}

char *
sp_media_type (const char *content_type, sigpolicy_error **err)
{
  struct sp_view text = sp_view_str (content_type), rest = skip_blanks (text);
  const char *start = rest.data;
  bool good = take_token (&rest).len > 0;

  if (good && sp_view_starts (rest, sp_view_str ("/")))
    {
      rest = sp_view_from (rest, 1);
      good = take_token (&rest).len > 0;
    }
  struct sp_view type = sp_view_n (start, (size_t)(rest.data - start));
  good = good && (!skip_blanks (rest).len || sp_view_starts (skip_blanks (rest), sp_view_str (";")))
         && parameters_are_good (rest);
  char *simple = sp_view_dup (good ? type : sp_view_n ("", 0), err);
  for (char *at = simple; at && *at; at++)
    if (*at >= 'A' && *at <= 'Z')
      *at = (char)(*at - 'A' + 'a');
  return simple;
}
