/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/der.h"

bool
sp_der_next (struct sp_view *rest, struct sp_der *ret)
{
  const unsigned char *at = (const unsigned char *)rest->data;
  size_t header = 2, length;

  if (rest->len < 2 || (at[0] & 0x1f) == 0x1f)
    return false;
  length = at[1];
  if (length >= 0x80)
    {
      size_t octets = length & 0x7f;
      if (octets == 0 || octets > 4 || rest->len < 2 + octets || at[2] == 0)
        return false;
      length = 0;
      for (size_t i = 0; i < octets; i++)
        length = length << 8 | at[2 + i];
      if (length < 0x80)
        return false;
      header += octets;
    }
  if (length > rest->len - header)
    return false;
  ret->tag = at[0];
  ret->whole = sp_view_head (*rest, header + length);
  ret->content = sp_view_from (ret->whole, header);
  *rest = sp_view_from (*rest, header + length);
  return true;
}

bool
sp_der_peek (struct sp_view rest, unsigned char tag)
{
  return rest.len && (unsigned char)rest.data[0] == tag;
}

bool
sp_der_take (struct sp_view *rest, unsigned char tag, struct sp_view *ret_content)
{
  struct sp_view behind = *rest;
  struct sp_der element;

  if (!sp_der_peek (behind, tag) || !sp_der_next (&behind, &element))
    return false;
  *ret_content = element.content;
  *rest = behind;
  return true;
}

bool
sp_der_is_integer (struct sp_view content)
{
  const unsigned char *at = (const unsigned char *)content.data;
  if (content.len < 2)
    return content.len == 1;
  return !((at[0] == 0 && at[1] < 0x80) || (at[0] == 0xff && at[1] >= 0x80));
}

bool
sp_der_number (struct sp_view content, int64_t *ret)
{
  const unsigned char *at = (const unsigned char *)content.data;
  uint64_t number = 0;

  if (!sp_der_is_integer (content) || at[0] >= 0x80 || content.len > sizeof number)
    return false;
  for (size_t i = 0; i < content.len; i++)
    number = number << 8 | at[i];
  *ret = (int64_t)number;
  return true;
}

bool
sp_der_is_oid (struct sp_view content)
{
  bool first = true;
  if (!content.len || (content.data[content.len - 1] & 0x80))
    return false;
  for (size_t i = 0; i < content.len; i++)
    {
      unsigned char byte = (unsigned char)content.data[i];
      if (first && byte == 0x80)
        return false;
      first = !(byte & 0x80);
    }
  return true;
}

bool
sp_der_is_plain_oid (struct sp_view content)
{
  uint32_t arc = 0;
  for (size_t i = 0; i < content.len; i++)
    {
      unsigned char byte = (unsigned char)content.data[i];
      if (arc >= 1U << (31 - 7))
        return false;
      arc = byte & 0x80 ? arc << 7 | (byte & 0x7f) : 0;
    }
  return sp_der_is_oid (content);
}

bool
sp_der_bits (struct sp_view content, unsigned *ret_unused, struct sp_view *ret)
{
  if (!content.len)
    return false;
  unsigned unused = (unsigned char)content.data[0];
  unsigned last = (unsigned char)content.data[content.len - 1];
  if (unused > 7 || (content.len == 1 && unused)
      || (content.len > 1 && last & ((1U << unused) - 1)))
    return false;
  *ret_unused = unused;
  *ret = sp_view_from (content, 1);
  return true;
}

void
sp_der_align (struct sp_view bits, unsigned unused, struct sp_buf *out)
{
  unsigned above = 0;
  for (size_t i = 0; i < bits.len; i++)
    {
      unsigned byte = (unsigned char)bits.data[i];
      sp_buf_byte (out, (char)((above << 8 | byte) >> unused));
      above = byte;
    }
}

bool
sp_der_is_bmp (struct sp_view text)
{
  if (text.len % 2)
    return false;
  for (size_t i = 0; i < text.len; i += 2)
    {
      unsigned unit = (unsigned)(unsigned char)text.data[i] << 8 | (unsigned char)text.data[i + 1];
      if ((unit >= 0xd800 && unit < 0xe000) || unit >= 0xfffe || (unit >= 0xfdd0 && unit <= 0xfdef))
        return false;
    }
  return true;
}

bool
sp_der_algorithm (struct sp_view *content, struct sp_view *ret_oid, struct sp_view *ret_parameters)
{
  struct sp_der parameters = { .whole = { "", 0 } };
  if (!sp_der_take (content, SP_DER_OID, ret_oid) || !sp_der_is_plain_oid (*ret_oid)
      || (content->len && !sp_der_next (content, &parameters)))
    return false;
  *ret_parameters = parameters.whole;
  return true;
}

void
sp_der_append (struct sp_buf *out, unsigned char tag, struct sp_view content)
{
  int octets = content.len < 0x80 ? 0 : content.len < 0x100 ? 1 : content.len < 0x10000 ? 2 : 3;
  sp_buf_byte (out, (char)tag);
  if (octets)
    sp_buf_byte (out, (char)(0x80 | octets));
  for (int i = octets ? octets - 1 : 0; i >= 0; i--)
    sp_buf_byte (out, (char)(content.len >> 8 * i));
  sp_buf_add (out, content);
}
