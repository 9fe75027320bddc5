/* SPDX-License-Identifier: Apache-2.0 */
#include "util/codec.h"

#include "util/limits.h"

#include <stdint.h>

void
sp_hex (const unsigned char *bytes, size_t len, char *out)
{
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < len; i++)
    {
      out[2 * i] = digits[bytes[i] >> 4];
      out[2 * i + 1] = digits[bytes[i] & 15];
    }
  out[2 * len] = '\0';
}

/* The value of a digit, or -1. */
static int
digit64 (char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  if (c == '+')
    return 62;
  return c == '/' ? 63 : -1;
}

static int
illegal (sigpolicy_error **err, size_t at)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                       "illegal base64 data at input byte %zu", at);
}

/* Appends the whole bytes of count digits (2 to 4) collected in quantum. */
static void
put_quantum (struct sp_buf *out, uint32_t quantum, unsigned count)
{
  quantum <<= 6 * (4 - count);
  char bytes[3]
      = { (char)(quantum >> 16 & 255), (char)(quantum >> 8 & 255), (char)(quantum & 255) };
  sp_buf_add (out, sp_view_n (bytes, count - 1));
}

int
sp_base64_decode (struct sp_view text, struct sp_buf *out, sigpolicy_error **err)
{
  uint32_t quantum = 0;
  unsigned count = 0;   /* digits of the current quantum */
  unsigned padding = 0; /* '=' still expected */
  bool ended = false;

  for (size_t i = 0; i < text.len; i++)
    {
      char c = text.data[i];
      if (c == '\r' || c == '\n')
        continue;
      if (ended && padding == 0)
        return illegal (err, i);
      if (c == '=')
        {
          if (!ended && count < 2)
            return illegal (err, i);
          if (!ended)
            {
              padding = 4 - count;
              put_quantum (out, quantum, count);
              ended = true;
              count = 0;
            }
          padding--;
          continue;
        }
      int value = ended ? -1 : digit64 (c);
      if (value < 0)
        return illegal (err, i);
      quantum = quantum << 6 | (uint32_t)value;
      if (++count == 4)
        {
          put_quantum (out, quantum, 4);
          quantum = count = 0;
        }
    }
  if (count || padding)
    return illegal (err, text.len - (padding ? 0 : count));
  return sp_buf_check (out, err);
}

int
sp_base64url_decode (struct sp_view text, struct sp_buf *out, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf plain = SP_BUF (text.len + 2);

  for (size_t i = 0; i < text.len; i++)
    {
      char c = text.data[i];
      if (c == '+' || c == '/')
        return illegal (err, i);
      if (c != ' ' && c != '\n')
        sp_buf_byte (&plain, c == '-' ? '+' : c == '_' ? '/' : c);
    }
  if (plain.len % 4 == 1)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                         "illegal base64url string");
  sp_buf_add (&plain, sp_view_n ("==", (4 - plain.len % 4) % 4));
  int rc = sp_buf_check (&plain, err);
  return rc < 0 ? rc : sp_base64_decode (sp_buf_view (&plain), out, err);
}

void
sp_base64_encode (struct sp_view bytes, struct sp_buf *out)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < bytes.len; i += 3)
    {
      size_t left = bytes.len - i;
      uint32_t quantum = (uint32_t)(unsigned char)bytes.data[i] << 16;
      if (left > 1)
        quantum |= (uint32_t)(unsigned char)bytes.data[i + 1] << 8;
      if (left > 2)
        quantum |= (uint32_t)(unsigned char)bytes.data[i + 2];
      char text[4]
          = { digits[quantum >> 18], digits[quantum >> 12 & 63],
              left > 1 ? digits[quantum >> 6 & 63] : '=', left > 2 ? digits[quantum & 63] : '=' };
      sp_buf_add (out, sp_view_n (text, 4));
    }
}

int
sp_utf8_next (struct sp_view text, unsigned *ret_rune)
{
  static const unsigned smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };

  if (!text.len)
    return -1;
  unsigned char first = (unsigned char)text.data[0];
  int length = first < 0x80                    ? 1
               : first >= 0xc2 && first < 0xe0 ? 2
               : first >= 0xe0 && first < 0xf0 ? 3
               : first >= 0xf0 && first < 0xf5 ? 4
                                               : 0;
  if (!length || text.len < (size_t)length)
    return 0;
  unsigned rune = length == 1 ? first : first & (0x7fU >> length);
  for (int i = 1; i < length; i++)
    {
      unsigned char next = (unsigned char)text.data[i];
      if ((next & 0xc0) != 0x80)
        return 0;
      rune = rune << 6 | (next & 0x3fU);
    }
  if (rune < smallest[length] || rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000))
    return 0;
  *ret_rune = rune;
  return length;
}

bool
sp_rune_is_space (unsigned rune)
{
  return (rune >= '\t' && rune <= '\r') || rune == ' ' || rune == 0x85 || rune == 0xa0
         || rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200a) || rune == 0x2028 || rune == 0x2029
         || rune == 0x202f || rune == 0x205f || rune == 0x3000;
}

struct sp_view
sp_utf8_skip_space (struct sp_view text)
{
  unsigned rune = 0;
  int len;
  while ((len = sp_utf8_next (text, &rune)) > 0 && sp_rune_is_space (rune))
    text = sp_view_from (text, (size_t)len);
  return text;
}

struct sp_view
sp_utf8_trim (struct sp_view text)
{
  struct sp_view trimmed = sp_utf8_skip_space (text), rest = trimmed;
  unsigned rune = 0;

  trimmed.len = 0;
  while (rest.len)
    {
      int len = sp_utf8_next (rest, &rune);
      bool is_space = len > 0 && sp_rune_is_space (rune);
      rest = sp_view_from (rest, len > 0 ? (size_t)len : 1);
      if (!is_space)
        trimmed.len = (size_t)(rest.data - trimmed.data);
    }
  return trimmed;
}

void
sp_utf8_put (unsigned rune, struct sp_buf *out)
{
  char bytes[4];
  size_t length = rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;

  if (length == 1)
    bytes[0] = (char)rune;
  else
    {
      for (size_t i = length - 1; i > 0; i--, rune >>= 6)
        bytes[i] = (char)(0x80 | (rune & 0x3f));
      bytes[0] = (char)((0xf00U >> length & 0xf0U) | rune);
    }
  sp_buf_add (out, sp_view_n (bytes, length));
}

void
sp_utf8_sanitize (struct sp_view text, struct sp_buf *out)
{
  size_t clean = 0; /* bytes before text that are valid and not yet copied */
  while (clean < text.len)
    {
      unsigned rune;
      int length = sp_utf8_next (sp_view_from (text, clean), &rune);
      if (length > 0)
        {
          clean += (size_t)length;
          continue;
        }
      sp_buf_add (out, sp_view_head (text, clean));
      sp_utf8_put (0xfffd, out);
      text = sp_view_from (text, clean + 1);
      clean = 0;
    }
  sp_buf_add (out, text);
}

/* What cannot be shown: controls, the line and paragraph separators, bidirectional controls,
 * specials, private use. */
static bool
unprintable (unsigned rune)
{
  return rune < 0x20 || (rune >= 0x7f && rune <= 0xa0) || rune == 0xad || rune == 0x61c
         || (rune >= 0x2000 && rune <= 0x200f) || (rune >= 0x2028 && rune <= 0x202f)
         || (rune >= 0x205f && rune <= 0x206f) || rune == 0x3000 || rune == 0xfeff
         || (rune >= 0xe000 && rune <= 0xf8ff) || (rune >= 0xfff0 && rune <= 0xfffb)
         || rune >= 0xe0000 || (rune & 0xfffe) == 0xfffe;
}

/* The characters of escaped are, with a backslash, what cannot be shown is by its name or number.
 */
static void
show_text (struct sp_view text, const char *escaped, struct sp_buf *out)
{
  static const char named[] = "\a\b\f\n\r\t\v", letters[] = "abfnrtv";

  while (text.len)
    {
      unsigned rune = 0;
      int length = sp_utf8_next (text, &rune);
      const char *at = length == 1 && rune ? strchr (named, (int)rune) : NULL;
      if (length == 0)
        sp_buf_printf (out, "\\x%02x", (unsigned char)text.data[0]);
      else if (length == 1 && rune && strchr (escaped, (int)rune))
        sp_buf_printf (out, "\\%c", (char)rune);
      else if (at)
        sp_buf_printf (out, "\\%c", letters[at - named]);
      else if (!unprintable (rune))
        sp_buf_add (out, sp_view_head (text, (size_t)length));
      else if (rune < 0x80)
        sp_buf_printf (out, "\\x%02x", rune);
      else
        sp_buf_printf (out, rune < 0x10000 ? "\\u%04x" : "\\U%08x", rune);
      text = sp_view_from (text, length ? (size_t)length : 1);
    }
}

void
sp_show_line (struct sp_view text, struct sp_buf *out)
{
  show_text (text, "", out);
}

void
sp_quote (struct sp_view text, struct sp_buf *out)
{
  sp_buf_byte (out, '"');
  show_text (text, "\"\\", out);
  sp_buf_byte (out, '"');
}

void
sp_escape_xml (struct sp_view text, struct sp_buf *out)
{
  while (text.len)
    {
      unsigned rune = 0;
      int length = sp_utf8_next (text, &rune);
      const char *markup = length != 1   ? NULL
                           : rune == '&' ? "&amp;"
                           : rune == '<' ? "&lt;"
                           : rune == '>' ? "&gt;"
                           : rune == '"' ? "&quot;"
                                         : NULL;
      if (length == 0)
        sp_buf_printf (out, "\\x%02x", (unsigned)(unsigned char)text.data[0]);
      else if (markup)
        sp_buf_str (out, markup);
      else if (rune != '\n' && unprintable (rune))
        sp_buf_printf (out, "\\u%04x", rune);
      else
        sp_buf_add (out, sp_view_head (text, (size_t)length));
      text = sp_view_from (text, length > 0 ? (size_t)length : 1);
    }
}

void
sp_join_lines (struct sp_view text, struct sp_buf *out)
{
  for (char before = ':'; text.len; text = sp_view_from (text, 1))
    {
      if (text.data[0] != '\n')
        {
          sp_buf_byte (out, before = text.data[0]);
          continue;
        }
      while (text.len > 1 && text.data[1] == ' ')
        text = sp_view_from (text, 1);
      sp_buf_str (out, before == ':' ? " " : "; ");
    }
}

bool
sp_make_printable (char **text)
{
  cleanup_error sigpolicy_error *no_memory = NULL;
  cleanup_buf struct sp_buf out = SP_BUF (SIZE_MAX / 2);
  size_t len = 0;

  while ((*text)[len] >= 0x20 && (*text)[len] < 0x7f)
    len++;
  if (!(*text)[len])
    return true;
  show_text (sp_view_str (*text), "", &out);
  char *shown = sp_buf_steal (&out, &no_memory);
  if (!shown)
    return false;
  free (*text);
  *text = shown;
  return true;
}

void
sp_escape_with (struct sp_view text, const char *escaped, struct sp_buf *out)
{
  for (size_t i = 0; i < text.len; i++)
    {
      unsigned char byte = (unsigned char)text.data[i];
      if (byte < 0x20 || byte > 0x7e)
        sp_buf_printf (out, "\\x%02x", byte);
      else
        {
          if (strchr (escaped, byte))
            sp_buf_byte (out, '\\');
          sp_buf_byte (out, (char)byte);
        }
    }
}

void
sp_escape (struct sp_view text, struct sp_buf *out)
{
  sp_escape_with (text, "\\", out);
}

static char *
shown (struct sp_view text, void (*show) (struct sp_view, struct sp_buf *), sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_SHOWN_BYTES_MAX * 8);
  show (sp_view_head (text, SP_SHOWN_BYTES_MAX), &out);
  if (text.len > SP_SHOWN_BYTES_MAX)
    sp_buf_str (&out, "...");
  return sp_buf_steal (&out, err);
}

char *
sp_quote_dup (struct sp_view text, sigpolicy_error **err)
{
  return shown (text, sp_quote, err);
}

char *
sp_escape_dup (struct sp_view text, sigpolicy_error **err)
{
  return shown (text, sp_escape, err);
}
