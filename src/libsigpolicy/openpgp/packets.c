/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"

/* RFC 4880, 4.2: the headers of packets. What is inside them is gpg's business. */
enum
{
  TAG_ENCRYPTED_KEY = 1,
  TAG_SYMMETRIC_KEY = 3,
  TAG_ENCRYPTED = 9,
  TAG_ENCRYPTED_GUARDED = 18,
  TAG_ENCRYPTED_AEAD = 20,
};

/* The bytes of one header: how long the body is. A length that runs to the end is rest. */
static bool
body_length (struct sp_view at, unsigned kind, size_t *ret_header, size_t *ret_body,
             bool *ret_partial)
{
  const unsigned char *bytes = (const unsigned char *)at.data;
  size_t width = kind == 3 ? 0 : (size_t)1 << kind;

  if (at.len < width)
    return false;
  *ret_header = width;
  *ret_body = 0;
  *ret_partial = false;
  if (kind == 3)
    *ret_body = at.len; /* indeterminate: everything that is left */
  for (size_t i = 0; i < width; i++)
    *ret_body = *ret_body << 8 | bytes[i];
  return true;
}

static bool
new_body_length (struct sp_view at, size_t *ret_header, size_t *ret_body, bool *ret_partial)
{
  const unsigned char *bytes = (const unsigned char *)at.data;

  *ret_partial = false;
  if (!at.len)
    return false;
  if (bytes[0] < 192)
    {
      *ret_header = 1;
      *ret_body = bytes[0];
      return true;
    }
  if (bytes[0] >= 224 && bytes[0] < 255)
    {
      *ret_header = 1;
      *ret_body = (size_t)1 << (bytes[0] & 31);
      *ret_partial = true;
      return true;
    }
  if (bytes[0] < 224)
    {
      if (at.len < 2)
        return false;
      *ret_header = 2;
      *ret_body = ((size_t)(bytes[0] - 192) << 8) + bytes[1] + 192;
      return true;
    }
  if (at.len < 5)
    return false;
  *ret_header = 5;
  *ret_body = (size_t)bytes[1] << 24 | (size_t)bytes[2] << 16 | (size_t)bytes[3] << 8 | bytes[4];
  return true;
}

bool
sp_packet_next (struct sp_view *left, struct sp_packet *ret)
{
  size_t header = 0, body = 0;
  bool partial = false;

  if (!left->len || !((unsigned char)left->data[0] & 0x80))
    return false;
  unsigned char first = (unsigned char)left->data[0];
  bool modern = first & 0x40;
  struct sp_view at = sp_view_from (*left, 1);
  ret->tag = modern ? first & 63U : (first >> 2) & 15U;
  ret->body = sp_view_n (at.data, 0);
  ret->whole = true;
  do
    {
      if (!(modern ? new_body_length (at, &header, &body, &partial)
                   : body_length (at, first & 3U, &header, &body, &partial)))
        return false;
      at = sp_view_from (at, header);
      ret->whole = ret->whole && !partial && body <= at.len;
      if (body > at.len)
        {
          at = sp_view_from (at, at.len);
          break;
        }
      ret->body = sp_view_head (at, body);
      at = sp_view_from (at, body);
    }
  while (partial);
  if (!ret->whole)
    ret->body = sp_view_n (at.data, 0);
  *left = at;
  return true;
}

static bool
encrypted (unsigned tag)
{
  return tag == TAG_ENCRYPTED_KEY || tag == TAG_SYMMETRIC_KEY || tag == TAG_ENCRYPTED
         || tag == TAG_ENCRYPTED_GUARDED || tag == TAG_ENCRYPTED_AEAD;
}

struct sp_packets
sp_packets_scan (struct sp_view bytes)
{
  static const char armor[] = "-----BEGIN PGP";
  struct sp_packets result = { .kind = SP_PACKETS_NONE };
  struct sp_packet packet;

  if (!bytes.len)
    return result;
  if (!((unsigned char)bytes.data[0] & 0x80))
    {
      if (memmem (bytes.data, bytes.len, armor, strlen (armor)))
        result.kind = SP_PACKETS_TEXT;
      return result;
    }
  result.kind = SP_PACKETS_MESSAGE;
  while (sp_packet_next (&bytes, &packet))
    {
      if (result.count++ == 0)
        result.first_tag = packet.tag;
      if (encrypted (packet.tag))
        result.kind = SP_PACKETS_ENCRYPTED;
      result.secret_key = result.secret_key || packet.tag == SP_TAG_SECRET_KEY
                          || packet.tag == SP_TAG_SECRET_SUBKEY;
    }
  return result;
}
