/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

/* How texts that may be anybody's are written. */

void
put_escaped_bytes (FILE *out, const char *bytes, size_t size, const char *newline)
{
  for (size_t i = 0; i < size; i++)
    {
      unsigned char byte = (unsigned char)bytes[i];
      if (byte == '\n')
        (void)fputs (newline, out);
      else if (byte < 0x20 || byte > 0x7e)
        (void)fprintf (out, "\\x%02x", byte);
      else
        (void)fputc (byte, out);
    }
}

void
put_escaped (FILE *out, const char *text, const char *newline)
{
  put_escaped_bytes (out, text, text ? strlen (text) : 0, newline);
}

void
put_quoted (FILE *out, const char *bytes, size_t size, const char *newline)
{
  (void)fputc ('"', out);
  for (size_t i = 0; i < size; i++)
    {
      if (bytes[i] == '"' || bytes[i] == '\\')
        (void)fputc ('\\', out);
      put_escaped_bytes (out, bytes + i, 1, newline);
    }
  (void)fputc ('"', out);
}

size_t
utf8_length (const char *bytes, size_t size)
{
  static const unsigned smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
  unsigned char first = (unsigned char)bytes[0];
  size_t length = first < 0x80                    ? 1
                  : first >= 0xc2 && first < 0xe0 ? 2
                  : first >= 0xe0 && first < 0xf0 ? 3
                  : first >= 0xf0 && first < 0xf5 ? 4
                                                  : 0;
  if (!length || length > size)
    return 0;
  unsigned rune = length == 1 ? first : first & (0x7fU >> length);
  for (size_t i = 1; i < length; i++)
    {
      if (((unsigned char)bytes[i] & 0xc0) != 0x80)
        return 0;
      rune = rune << 6 | ((unsigned char)bytes[i] & 0x3fU);
    }
  return rune < smallest[length] || rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000) ? 0
                                                                                         : length;
}

void
put_go_json (FILE *out, const char *bytes, size_t size, const char *named)
{
  static const char controls[] = "\n\r\t\b\f", letters[] = "nrtbf";

  (void)fputc ('"', out);
  for (size_t i = 0, length; i < size; i += length ? length : 1)
    {
      unsigned char byte = (unsigned char)bytes[i];
      length = utf8_length (bytes + i, size - i);
      if (!length)
        (void)fputs ("\\ufffd", out);
      else if (byte == '"' || byte == '\\')
        (void)fprintf (out, "\\%c", byte);
      else if (byte && strchr (named, byte))
        (void)fprintf (out, "\\%c", letters[strchr (controls, byte) - controls]);
      else if (byte < 0x20 || byte == '<' || byte == '>' || byte == '&')
        (void)fprintf (out, "\\u%04x", byte);
      else if (length == 3 && memcmp (bytes + i, "\xe2\x80", 2) == 0
               && ((unsigned char)bytes[i + 2] | 1) == 0xa9)
        (void)fprintf (out, "\\u202%c", (unsigned char)bytes[i + 2] == 0xa8 ? '8' : '9');
      else
        (void)fwrite (bytes + i, 1, length, out);
    }
  (void)fputc ('"', out);
}
