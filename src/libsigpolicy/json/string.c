/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_int.h"

#include "util/codec.h"

/* Eight bytes at a time: each byte of a word of ones stands for one character. */
#define ONES  (UINT64_MAX / 255)
#define HIGHS (ONES * 0x80)

static bool
special (unsigned char c)
{
  return c < 0x20 || c >= 0x80 || c == '"' || c == '\\';
}

size_t
sp_json_skip_plain (struct sp_view text, size_t at)
{
  uint64_t word;
  while (text.len - at >= sizeof word)
    {
      memcpy (&word, text.data + at, sizeof word);
      /* A subtraction borrows from a higher byte only below a byte that is itself special, so the
       * answer for the whole word is exact. */
      if (((word - ONES * 0x20) | ((word ^ ONES * '"') - ONES) | ((word ^ ONES * '\\') - ONES)
           | word)
          & HIGHS)
        break;
      at += sizeof word;
    }
  while (at < text.len && !special ((unsigned char)text.data[at]))
    at++;
  return at;
}

int
sp_json_hex4 (struct sp_view text)
{
  int value = 0;
  if (text.len < 4)
    return -1;
  for (size_t i = 0; i < 4; i++)
    {
      char c = text.data[i];
      int digit = c >= '0' && c <= '9'   ? c - '0'
                  : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                         : -1;
      if (digit < 0)
        return -1;
      value = value * 16 + digit;
    }
  return value;
}

static bool
is_surrogate (int unit)
{
  return unit >= 0xd800 && unit < 0xe000;
}

/* The \u sequence at the start of text; returns its length. A high surrogate takes the low one
 * behind it along, any other surrogate is U+FFFD. */
static size_t
unescape_unicode (struct sp_view text, struct sp_buf *out)
{
  int unit = sp_json_hex4 (sp_view_from (text, 2));
  if (unit < 0xdc00 && is_surrogate (unit) && text.len >= 12 && text.data[6] == '\\'
      && text.data[7] == 'u')
    {
      int low = sp_json_hex4 (sp_view_from (text, 8));
      if (low >= 0xdc00 && is_surrogate (low))
        {
          sp_utf8_put (0x10000U + ((unsigned)(unit - 0xd800) << 10) + (unsigned)(low - 0xdc00),
                       out);
          return 12;
        }
    }
  sp_utf8_put (is_surrogate (unit) ? 0xfffd : (unsigned)unit, out);
  return 6;
}

static size_t
unescape_one (struct sp_view text, struct sp_buf *out)
{
  static const char letters[] = "bfnrt", values[] = "\b\f\n\r\t";
  if (text.data[1] == 'u')
    return unescape_unicode (text, out);
  const char *at = strchr (letters, text.data[1]);
  sp_buf_byte (out, at ? values[at - letters] : text.data[1]);
  return 2;
}

void
sp_json_unescape (struct sp_view content, struct sp_buf *out)
{
  unsigned rune;
  while (content.len)
    {
      size_t plain = sp_json_skip_plain (content, 0);
      sp_buf_add (out, sp_view_head (content, plain));
      content = sp_view_from (content, plain);
      if (!content.len)
        return;
      size_t length;
      if (content.data[0] == '\\')
        length = unescape_one (content, out);
      else
        {
          int valid = sp_utf8_next (content, &rune);
          length = valid > 0 ? (size_t)valid : 1;
          if (valid > 0)
            sp_buf_add (out, sp_view_head (content, length));
          else
            sp_utf8_put (0xfffd, out);
        }
      content = sp_view_from (content, length);
    }
}
