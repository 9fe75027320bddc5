/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pem.h"

#include "util/codec.h"

static const struct sp_view begin_mark = SP_VIEW ("-----BEGIN ");
static const struct sp_view end_mark = SP_VIEW ("\n-----END ");
static const struct sp_view dashes = SP_VIEW ("-----");

/* Where needle first stands in text, or SP_VIEW_NONE. */
static size_t
find (struct sp_view text, struct sp_view needle)
{
  const char *at = text.len ? memmem (text.data, text.len, needle.data, needle.len) : NULL;
  return at ? (size_t)(at - text.data) : SP_VIEW_NONE;
}

static size_t
find_last (struct sp_view text, struct sp_view needle)
{
  for (size_t i = text.len < needle.len ? 0 : text.len - needle.len + 1; i > 0; i--)
    if (sp_view_starts (sp_view_from (text, i - 1), needle))
      return i - 1;
  return SP_VIEW_NONE;
}

/* The line at the start of *text, without its line end and the spaces and tabs before that; *text
 * then begins behind it. */
static struct sp_view
take_line (struct sp_view *text)
{
  size_t newline = sp_view_find (*text, '\n');
  struct sp_view line = sp_view_head (*text, newline);

  *text = newline == SP_VIEW_NONE ? sp_view_from (*text, text->len)
                                  : sp_view_from (*text, newline + 1);
  if (newline != SP_VIEW_NONE && line.len && line.data[line.len - 1] == '\r')
    line.len--;
  while (line.len && (line.data[line.len - 1] == ' ' || line.data[line.len - 1] == '\t'))
    line.len--;
  return line;
}

/* The base64 of a body; *ret_good is false when it is none. */
static int
decode_body (struct sp_view body, struct sp_buf *out, bool *ret_good, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf dense = SP_BUF (body.len + 1);

  for (size_t i = 0; i < body.len; i++)
    if (body.data[i] != ' ' && body.data[i] != '\t')
      sp_buf_byte (&dense, body.data[i]);
  int rc = sp_buf_check (&dense, err);
  *out = (struct sp_buf)SP_BUF (body.len + 1);
  if (rc == 0)
    rc = sp_base64_decode (sp_buf_view (&dense), out, err);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return rc;
  sp_error_clear (err);
  *ret_good = rc == 0;
  return 0;
}

/*
 * A block whose BEGIN line starts behind its mark at text, and whose END line's label starts at
 * trailer. *ret_good tells whether it is one.
 */
static int
read_block (struct sp_view text, struct sp_view trailer, struct sp_pem_block *ret, bool *ret_good,
            sigpolicy_error **err)
{
  struct sp_view label = take_line (&text);

  *ret_good = false;
  if (!sp_view_ends (label, dashes))
    return 0;
  label.len -= dashes.len;
  for (struct sp_view next = text; next.len; text = next)
    {
      if (sp_view_find (take_line (&next), ':') == SP_VIEW_NONE)
        break;
      ret->has_headers = true;
    }

  if (!sp_view_starts (trailer, label))
    return 0;
  struct sp_view line = sp_view_from (trailer, label.len);
  if (!sp_view_starts (line, dashes))
    return 0;
  line = sp_view_from (line, dashes.len);
  if (take_line (&line).len)
    return 0;

  /* Without a body the newline of the BEGIN line is the one before END; headers need one of their
   * own. */
  const char *end = trailer.data - end_mark.len;
  if (end < text.data && (ret->has_headers || end + 1 < text.data))
    return 0;
  ret->label = label;
  return decode_body (sp_view_n (text.data, end < text.data ? 0 : (size_t)(end - text.data)),
                      &ret->bytes, ret_good, err);
}

int
sp_pem_next (struct sp_view *rest, struct sp_pem_block *ret, bool *ret_found, sigpolicy_error **err)
{
  struct sp_view text = *rest;

  *ret_found = false;
  while (!*ret_found)
    {
      size_t end = find (text, end_mark);
      if (end == SP_VIEW_NONE)
        return 0;
      struct sp_view trailer = sp_view_from (text, end + end_mark.len);
      size_t begin = find_last (sp_view_head (text, end), begin_mark);
      if (begin != SP_VIEW_NONE && (begin == 0 || text.data[begin - 1] == '\n'))
        {
          struct sp_pem_block block = { .bytes = SP_BUF (0) };
          int rc = read_block (sp_view_from (text, begin + begin_mark.len), trailer, &block,
                               ret_found, err);
          if (rc < 0 || !*ret_found)
            sp_pem_block_clear (&block);
          if (rc < 0)
            return rc;
          if (*ret_found)
            *ret = block;
        }
      text = trailer;
    }
  (void)take_line (&text);
  *rest = text;
  return 0;
}

void
sp_pem_block_clear (struct sp_pem_block *block)
{
  sp_buf_clear (&block->bytes);
  block->label = sp_view_n ("", 0);
  block->has_headers = false;
}
