/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/grammar.h"

#define TAG_MAX        128
#define DIGEST_HEX_MIN 32

static bool
is_digit (char c)
{
  return c >= '0' && c <= '9';
}

static bool
is_lower_alnum (char c)
{
  return is_digit (c) || (c >= 'a' && c <= 'z');
}

static bool
is_alpha (char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_alnum (char c)
{
  return is_digit (c) || is_alpha (c);
}

/* Cuts the part before the first separator off text; false when nothing is left. An empty part
 * counts as one. */
static bool
next_part (struct sp_view *text, char separator, struct sp_view *ret_part)
{
  if (!text->data)
    return false;
  size_t at = sp_view_find (*text, separator);
  *ret_part = sp_view_head (*text, at);
  *text = at == SP_VIEW_NONE ? sp_view_n (NULL, 0) : sp_view_from (*text, at + 1);
  return true;
}

static bool
domain_label (struct sp_view text)
{
  for (size_t i = 0; i < text.len; i++)
    if (!is_alnum (text.data[i]) && (text.data[i] != '-' || i == 0 || i + 1 == text.len))
      return false;
  return text.len > 0;
}

bool
sp_grammar_domain (struct sp_view text)
{
  size_t colon = sp_view_find (text, ':');
  struct sp_view host = sp_view_head (text, colon), label;

  if (colon != SP_VIEW_NONE)
    {
      struct sp_view port = sp_view_from (text, colon + 1);
      for (size_t i = 0; i < port.len; i++)
        if (!is_digit (port.data[i]))
          return false;
      if (!port.len)
        return false;
    }
  while (next_part (&host, '.', &label))
    if (!domain_label (label))
      return false;
  return text.len > 0;
}

static bool
path_component (struct sp_view text)
{
  size_t i = 0;
  for (;;)
    {
      size_t word = i;
      while (i < text.len && is_lower_alnum (text.data[i]))
        i++;
      if (i == word)
        return false;
      if (i == text.len)
        return true;
      /* One separator: ".", "_", "__" or any number of "-". */
      char c = text.data[i++];
      if (c == '_')
        i += i < text.len && text.data[i] == '_';
      else if (c == '-')
        while (i < text.len && text.data[i] == '-')
          i++;
      else if (c != '.')
        return false;
    }
}

bool
sp_grammar_path (struct sp_view text)
{
  struct sp_view component;
  bool any = text.len > 0;
  while (next_part (&text, '/', &component))
    if (!path_component (component))
      return false;
  return any;
}

static bool
tag (struct sp_view text)
{
  for (size_t i = 0; i < text.len; i++)
    {
      char c = text.data[i];
      if (!is_alnum (c) && c != '_' && (i == 0 || (c != '.' && c != '-')))
        return false;
    }
  return text.len > 0 && text.len <= TAG_MAX;
}

static bool
digest (struct sp_view text)
{
  size_t colon = sp_view_find (text, ':');
  struct sp_view value
      = colon == SP_VIEW_NONE ? sp_view_n (NULL, 0) : sp_view_from (text, colon + 1);
  bool begins = true; /* at the beginning of a component of the algorithm */

  for (size_t i = 0; i < value.len; i++)
    if (!is_digit (value.data[i]) && !(value.data[i] >= 'a' && value.data[i] <= 'f')
        && !(value.data[i] >= 'A' && value.data[i] <= 'F'))
      return false;
  for (size_t i = 0; colon != SP_VIEW_NONE && i < colon; i++)
    {
      char c = text.data[i];
      bool separator = c == '-' || c == '_' || c == '+' || c == '.';
      if (begins ? !is_alpha (c) : !separator && !is_alnum (c))
        return false;
      begins = separator;
    }
  return !begins && value.len >= DIGEST_HEX_MIN;
}

/* Deterministic, though the grammar does not look it: a tag has no slash, and neither name nor tag
 * has an "@". */
bool
sp_grammar_reference (struct sp_view text, struct sp_grammar_parts *ret)
{
  struct sp_grammar_parts parts = { 0 };
  size_t at = sp_view_find (text, '@');
  struct sp_view left = sp_view_head (text, at);

  if (at != SP_VIEW_NONE)
    parts.digest = sp_view_from (text, at + 1);
  size_t slash = sp_view_find_last (left, '/');
  size_t last = slash == SP_VIEW_NONE ? 0 : slash + 1;
  size_t separator = sp_view_find (sp_view_from (left, last), ':');
  parts.name = left;
  if (separator != SP_VIEW_NONE)
    {
      parts.name = sp_view_head (left, last + separator);
      parts.tag = sp_view_from (left, last + separator + 1);
    }
  slash = sp_view_find (parts.name, '/');
  parts.domain = sp_view_head (parts.name, 0);
  parts.path = parts.name;
  if (slash != SP_VIEW_NONE && sp_grammar_domain (sp_view_head (parts.name, slash)))
    {
      parts.domain = sp_view_head (parts.name, slash);
      parts.path = sp_view_from (parts.name, slash + 1);
    }
  if (!sp_grammar_path (parts.path) || (parts.tag.data && !tag (parts.tag))
      || (parts.digest.data && !digest (parts.digest)))
    return false;
  *ret = parts;
  return true;
}
