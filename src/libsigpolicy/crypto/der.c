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
sp_der_bits (struct sp_view content, struct sp_view *ret)
{
  if (!content.len || content.data[0] != 0)
    return false;
  *ret = sp_view_from (content, 1);
  return true;
}
