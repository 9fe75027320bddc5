/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/tar_int.h"

struct sp_view
sp_tar_field_of (const char *block, struct sp_tar_field field)
{
  return sp_view_n (block + field.at, field.len);
}

struct sp_view
sp_tar_text_of (const char *block, struct sp_tar_field field)
{
  struct sp_view text = sp_tar_field_of (block, field);
  return sp_view_head (text, sp_view_find (text, '\0'));
}

static bool
parse_octal (struct sp_view text, int64_t *ret)
{
  int64_t number = 0;

  while (text.len && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\0'))
    text.len--;
  while (text.len && text.data[0] == ' ')
    text = sp_view_from (text, 1);
  for (size_t i = 0; i < text.len; i++)
    {
      if (text.data[i] < '0' || text.data[i] > '7' || number > INT64_MAX >> 3)
        return false;
      number = number << 3 | (text.data[i] - '0');
    }
  *ret = number;
  return true;
}

bool
sp_tar_number (struct sp_view text, int64_t *ret)
{
  unsigned char first = (unsigned char)text.data[0], invert = first == 0xff ? 0xff : 0;
  uint64_t number = 0;

  if (!(first & 0x80))
    return parse_octal (text, ret);
  if (first != 0x80 && first != 0xff)
    return false;
  for (size_t i = 1; i < text.len; i++)
    {
      if (number >> 56)
        return false;
      number = number << 8 | (unsigned char)(text.data[i] ^ invert);
    }
  if (number >> 63)
    return false;
  *ret = invert ? -(int64_t)number - 1 : (int64_t)number;
  return true;
}

bool
sp_tar_is_no_number (struct sp_view text)
{
  size_t at = 0;

  while (at < text.len && (text.data[at] == ' ' || text.data[at] == '\0'))
    at++;
  for (; at < text.len && text.data[at] != ' ' && text.data[at] != '\0'; at++)
    if (text.data[at] < '0' || text.data[at] > '7')
      return !((unsigned char)text.data[0] & 0x80);
  return false;
}

bool
sp_tar_decimal (struct sp_view text, int64_t *ret)
{
  int64_t number = 0;

  for (size_t i = 0; i < text.len; i++)
    {
      int digit = text.data[i] - '0';
      if (digit < 0 || digit > 9 || number > (INT64_MAX - digit) / 10)
        return false;
      number = number * 10 + digit;
    }
  *ret = number;
  return text.len > 0;
}

bool
sp_tar_is_zero (const char *bytes, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (bytes[i])
      return false;
  return true;
}

/* Added up as signed or as unsigned bytes: both are found. */
bool
sp_tar_checksum_holds (const char *block)
{
  const struct sp_tar_field field = SP_TAR_CHECKSUM;
  int64_t said, as_signed = 0, as_unsigned = 0;

  if (!parse_octal (sp_tar_field_of (block, field), &said))
    return false;
  for (size_t i = 0; i < SP_TAR_BLOCK; i++)
    {
      bool own = i >= field.at && i < field.at + field.len;
      as_signed += own ? ' ' : (signed char)block[i];
      as_unsigned += own ? ' ' : (unsigned char)block[i];
    }
  return said == as_signed || said == as_unsigned;
}

enum sp_tar_format
sp_tar_format_of (const char *block)
{
  struct sp_view magic = sp_view_n (block + 257, 8);
  if (sp_view_equal (magic, sp_view_n ("ustar  ", 8)))
    return SP_TAR_GNU;
  return sp_view_starts (magic, sp_view_n ("ustar", 6)) ? SP_TAR_USTAR : SP_TAR_V7;
}

bool
sp_tar_is_header_only (char type)
{
  return type >= '1' && type <= '6';
}
