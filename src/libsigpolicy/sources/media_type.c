/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/registry_int.h"

#include "util/codec.h"
#include "util/limits.h"

/*
 * Content-Type, read as Go's mime.ParseMediaType() reads it, because what it says decides whether a
 * manifest is a list or an image for those who run it:
 *
 *   type ["/" subtype] *(";" name "=" (token | quoted string))
 *
 * Blanks are those of Unicode, capitals are made small as Unicode does, and a name may stand twice
 * when it has the same value. What is not well formed has no type at all; a semicolon at the end is
 * forgiven.
 */

static bool
is_token (char c)
{
  return c > 0x20 && c < 0x7f && !strchr ("()<>@,;:\\\"/[]?=", c);
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

static char
lower (char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* --- the type --------------------------------------------------------------------------------- */

/* In small letters: two that are not ASCII become ASCII by that, the sign for Kelvin and a capital
 * i with a dot. */
static int
take_type (struct sp_view *text, struct sp_buf *ret, sigpolicy_error **err)
{
  struct sp_view rest = sp_view_head (*text, sp_view_find (*text, ';'));

  *text = sp_view_from (*text, rest.len);
  rest = sp_utf8_trim (rest);
  while (rest.len)
    {
      unsigned rune;
      int len = sp_utf8_next (rest, &rune);
      if (len > 0 && (rune == 0x212a || rune == 0x130))
        sp_buf_byte (ret, rune == 0x212a ? 'k' : 'i');
      else
        for (len = len > 0 ? len : 1, rune = 0; rune < (unsigned)len; rune++)
          sp_buf_byte (ret, lower (rest.data[rune]));
      rest = sp_view_from (rest, (size_t)len);
    }
  return sp_buf_check (ret, err);
}

static bool
type_is_good (struct sp_view type)
{
  bool good = take_token (&type).len > 0;
  if (good && sp_view_starts (type, sp_view_str ("/")))
    {
      type = sp_view_from (type, 1);
      good = take_token (&type).len > 0;
    }
  return good && !type.len;
}

/* --- parameters ------------------------------------------------------------------------------- */

/* One of them, in the text that they are collected in. */
struct parameter
{
  size_t name, name_len, value, value_len;
};

struct parameters
{
  struct sp_buf text;
  struct parameter *items;
  size_t len, capacity;
};

static void
parameters_clear (struct parameters *parameters)
{
  sp_buf_clear (&parameters->text);
  free (parameters->items);
}

/* A backslash means the next character only before one that no token has. */
static bool
take_quoted (struct sp_view *text, struct sp_buf *value)
{
  for (size_t i = 1; i < text->len; i++)
    {
      char c = text->data[i];
      if (c == '"')
        {
          *text = sp_view_from (*text, i + 1);
          return true;
        }
      if (c == '\r' || c == '\n')
        return false;
      if (c == '\\' && i + 1 < text->len && text->data[i + 1]
          && strchr ("()<>@,;:\\\"/[]?=", text->data[i + 1]))
        c = text->data[++i];
      sp_buf_byte (value, c);
    }
  return false;
}

/* "; name=value"; false when there is none. */
static bool
take_parameter (struct sp_view *text, struct parameters *parameters, struct parameter *ret)
{
  struct sp_view rest = sp_utf8_skip_space (*text), name, value;
  struct sp_buf *kept = &parameters->text;

  if (!sp_view_starts (rest, sp_view_str (";")))
    return false;
  rest = sp_utf8_skip_space (sp_view_from (rest, 1));
  name = take_token (&rest);
  rest = sp_utf8_skip_space (rest);
  if (!name.len || !sp_view_starts (rest, sp_view_str ("=")))
    return false;
  rest = sp_utf8_skip_space (sp_view_from (rest, 1));

  *ret = (struct parameter){ .name = kept->len, .name_len = name.len };
  for (size_t i = 0; i < name.len; i++)
    sp_buf_byte (kept, lower (name.data[i]));
  ret->value = kept->len;
  if (sp_view_starts (rest, sp_view_str ("\"")))
    {
      if (!take_quoted (&rest, kept))
        return false;
    }
  else if (!(value = take_token (&rest)).len)
    return false;
  else
    sp_buf_add (kept, value);
  ret->value_len = kept->len - ret->value;
  *text = rest;
  return true;
}

static int
compare (const void *a, const void *b, void *text)
{
  const struct parameter *left = a, *right = b;
  size_t shorter = left->name_len < right->name_len ? left->name_len : right->name_len;
  int order = memcmp ((char *)text + left->name, (char *)text + right->name, shorter);
  return order ? order : (left->name_len > right->name_len) - (left->name_len < right->name_len);
}

/* Whether names that stand twice have the same value each time. */
static bool
agree (struct parameters *parameters)
{
  char *text = parameters->text.data;

  if (parameters->len > 1)
    qsort_r (parameters->items, parameters->len, sizeof *parameters->items, compare, text);
  for (size_t i = 1; i < parameters->len; i++)
    {
      const struct parameter *one = &parameters->items[i - 1], *other = &parameters->items[i];
      if (compare (one, other, text) == 0
          && (one->value_len != other->value_len
              || memcmp (text + one->value, text + other->value, one->value_len) != 0))
        return false;
    }
  return true;
}

static int
check_parameters (struct sp_view rest, bool *ret_good, sigpolicy_error **err)
{
  SP_CLEANUP (parameters_clear)
  struct parameters parameters = { .text = SP_BUF (SP_HTTP_HEADER_BYTES_MAX) };
  struct parameter one;
  int rc = 0;

  while (rc == 0 && sp_utf8_skip_space (rest).len && take_parameter (&rest, &parameters, &one))
    {
      rc = sp_grow (&parameters.items, &parameters.capacity, parameters.len,
                    sizeof *parameters.items, err);
      if (rc == 0)
        parameters.items[parameters.len++] = one;
    }
  if (rc == 0)
    rc = sp_buf_check (&parameters.text, err);
  if (rc < 0)
    return rc;
  rest = sp_utf8_skip_space (rest);
  if (sp_view_starts (rest, sp_view_str (";")))
    rest = sp_utf8_skip_space (sp_view_from (rest, 1));
  *ret_good = !rest.len && agree (&parameters);
  return 0;
}

char *
sp_media_type (const char *content_type, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf type = SP_BUF (SP_HTTP_HEADER_BYTES_MAX);
  struct sp_view text = sp_view_str (content_type);
  bool good = false;

  int rc = take_type (&text, &type, err);
  if (rc == 0 && type_is_good (sp_buf_view (&type)))
    rc = check_parameters (text, &good, err);
  if (rc < 0)
    return NULL;
  return good ? sp_buf_steal (&type, err) : sp_strdup ("", err);
}
