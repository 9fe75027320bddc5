/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_UTIL_VIEW_H
#define SP_UTIL_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Borrowed bytes with a length. They may hold NUL and anything else; nothing owns them. */
struct sp_view
{
  const char *data;
  size_t len;
};

/* The view of a string literal, usable in a static initialiser. */
#define SP_VIEW(literal)            \
  {                                 \
    (literal), sizeof (literal) - 1 \
  }

static inline struct sp_view
sp_view_n (const char *data, size_t len)
{
  struct sp_view view = { data, len };
  return view;
}

/* NULL gives an empty view. */
static inline struct sp_view
sp_view_str (const char *text)
{
  return sp_view_n (text ? text : "", text ? strlen (text) : 0);
}

static inline bool
sp_view_equal (struct sp_view a, struct sp_view b)
{
  return a.len == b.len && (a.len == 0 || memcmp (a.data, b.data, a.len) == 0);
}

/* An order: by bytes, then by length. Negative, 0 or positive. */
static inline int
sp_view_compare (struct sp_view a, struct sp_view b)
{
  size_t common = a.len < b.len ? a.len : b.len;
  int order = common ? memcmp (a.data, b.data, common) : 0;
  return order ? order : (a.len > b.len) - (a.len < b.len);
}

static inline bool
sp_view_is (struct sp_view view, const char *text)
{
  return sp_view_equal (view, sp_view_str (text));
}

static inline bool
sp_view_starts (struct sp_view view, struct sp_view prefix)
{
  return view.len >= prefix.len && sp_view_equal (sp_view_n (view.data, prefix.len), prefix);
}

static inline bool
sp_view_ends (struct sp_view view, struct sp_view suffix)
{
  return view.len >= suffix.len
         && sp_view_equal (sp_view_n (view.data + (view.len - suffix.len), suffix.len), suffix);
}

/* The same of strings. */
static inline bool
sp_text_ends (const char *text, const char *suffix)
{
  return sp_view_ends (sp_view_str (text), sp_view_str (suffix));
}

/* Are two strings, or two NULLs, the same? */
static inline bool
sp_text_equal (const char *a, const char *b)
{
  return a && b ? strcmp (a, b) == 0 : a == b;
}

/* Everything from offset on; empty when offset is past the end. */
static inline struct sp_view
sp_view_from (struct sp_view view, size_t offset)
{
  return offset >= view.len ? sp_view_n (view.data + view.len, 0)
                            : sp_view_n (view.data + offset, view.len - offset);
}

/* At most the first len bytes. */
static inline struct sp_view
sp_view_head (struct sp_view view, size_t len)
{
  return sp_view_n (view.data, len < view.len ? len : view.len);
}

/* An ASCII letter in lower case; everything else as it is. No locale plays a part. */
static inline char
sp_lower (char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* The same but for the case of ASCII letters. */
static inline bool
sp_view_equal_folded (struct sp_view a, struct sp_view b)
{
  if (a.len != b.len)
    return false;
  for (size_t i = 0; i < a.len; i++)
    if (sp_lower (a.data[i]) != sp_lower (b.data[i]))
      return false;
  return true;
}

#define SP_VIEW_NONE ((size_t)-1)

/* Where a byte first (last) stands, or SP_VIEW_NONE. */
static inline size_t
sp_view_find (struct sp_view view, char byte)
{
  const char *at = view.len ? memchr (view.data, byte, view.len) : NULL;
  return at ? (size_t)(at - view.data) : SP_VIEW_NONE;
}

static inline size_t
sp_view_find_last (struct sp_view view, char byte)
{
  for (size_t i = view.len; i > 0; i--)
    if (view.data[i - 1] == byte)
      return i - 1;
  return SP_VIEW_NONE;
}

/* Without the white space of ASCII at both ends. */
static inline struct sp_view
sp_view_trim (struct sp_view view)
{
  while (view.len && (view.data[0] == ' ' || (view.data[0] >= '\t' && view.data[0] <= '\r')))
    view = sp_view_from (view, 1);
  while (view.len
         && (view.data[view.len - 1] == ' '
             || (view.data[view.len - 1] >= '\t' && view.data[view.len - 1] <= '\r')))
    view.len--;
  return view;
}

#endif
