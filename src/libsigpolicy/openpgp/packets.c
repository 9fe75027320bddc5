/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"

#include "util/alloc.h"
#include "util/codec.h"

#include <ctype.h>

/* RFC 9580, 4.2: the headers of packets. What is inside them is gpg's business. */
enum
{
  TAG_ENCRYPTED_KEY = 1,
  TAG_SYMMETRIC_KEY = 3,
  TAG_ONE_PASS = 4,
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

/* Moves past one packet; where parts is not NULL, the body is put together there. */
static bool
next (struct sp_view *left, struct sp_packet *ret, struct sp_buf *parts)
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
  ret->is_cut = false;
  ret->is_open = !modern && (first & 3) == 3;
  do
    {
      if (!(modern ? new_body_length (at, &header, &body, &partial)
                   : body_length (at, first & 3U, &header, &body, &partial)))
        return false;
      at = sp_view_from (at, header);
      ret->whole = ret->whole && !partial && body <= at.len;
      ret->is_cut = body > at.len;
      if (ret->is_cut)
        {
          at = sp_view_from (at, at.len);
          break;
        }
      ret->body = sp_view_head (at, body);
      if (parts)
        sp_buf_add (parts, ret->body);
      at = sp_view_from (at, body);
    }
  while (partial);
  if (!ret->whole)
    ret->body = sp_view_n (at.data, 0);
  *left = at;
  return true;
}

bool
sp_packet_next (struct sp_view *left, struct sp_packet *ret)
{
  return next (left, ret, NULL);
}

bool
sp_packet_whole (struct sp_view *left, struct sp_packet *ret)
{
  return next (left, ret, NULL) && ret->whole && !ret->is_open;
}

bool
sp_packet_take (struct sp_view *left, struct sp_packet *ret, struct sp_buf *ret_body)
{
  return next (left, ret, ret_body) && !ret->is_cut && !ret_body->failed;
}

/* --- insides ---------------------------------------------------------------------------------- */

char *
sp_packet_fingerprint (const unsigned char bytes[SP_SHA1_BYTES], sigpolicy_error **err)
{
  char text[2 * SP_SHA1_BYTES + 1];

  sp_hex (bytes, SP_SHA1_BYTES, text);
  for (char *c = text; *c; c++)
    *c = (char)toupper ((unsigned char)*c);
  return sp_strdup (text, err);
}

bool
sp_packet_bytes (struct sp_view *left, size_t len, struct sp_view *ret)
{
  if (len > left->len)
    return false;
  *ret = sp_view_head (*left, len);
  *left = sp_view_from (*left, len);
  return true;
}

bool
sp_packet_number (struct sp_view *left, size_t bytes, size_t *ret)
{
  struct sp_view taken;

  if (!sp_packet_bytes (left, bytes, &taken))
    return false;
  *ret = 0;
  for (size_t i = 0; i < bytes; i++)
    *ret = *ret << 8 | (unsigned char)taken.data[i];
  return true;
}

bool
sp_packet_subpacket (struct sp_view *left, size_t *ret_type, struct sp_view *ret)
{
  size_t len = 0, more = 0;
  bool good = sp_packet_number (left, 1, &len);

  if (good && len == 255)
    good = sp_packet_number (left, 4, &len);
  else if (good && len >= 192)
    {
      good = sp_packet_number (left, 1, &more);
      len = ((len - 192) << 8) + more + 192;
    }
  return good && len > 0 && sp_packet_number (left, 1, ret_type)
         && sp_packet_bytes (left, len - 1, ret);
}

/* --- a message -------------------------------------------------------------------------------- */

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
      if ((packet.tag == SP_TAG_SIGNATURE || packet.tag == TAG_ONE_PASS) && packet.body.len)
        {
          result.has_version_6 = result.has_version_6 || packet.body.data[0] == 6;
          result.has_other = result.has_other || packet.body.data[0] != 6;
        }
      result.secret_key = result.secret_key || packet.tag == SP_TAG_SECRET_KEY
                          || packet.tag == SP_TAG_SECRET_SUBKEY;
    }
  return result;
}
