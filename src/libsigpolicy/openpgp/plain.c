/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/plain.h"

#include "openpgp/openpgp_int.h"
#include "util/limits.h"

/* RFC 9580, 10.3: a one-pass signed message, bare or in one compressed packet. */
enum
{
  TAG_ONE_PASS_SIGNATURE = 4,
  TAG_COMPRESSED = 8,
  TAG_LITERAL = 11,
};

static const sp_time TIME_MAX = 4000000000; /* gpg counts in 32 bits: not near their end */

enum
{
  BINARY = 0x00, /* types of signatures: 5.2.1 */
  TEXT = 0x01,
};

/* The parts of a message; literal has what content looks into. */
struct parts
{
  struct sp_buf unpacked, literal;
  struct sp_view content;
  struct sp_plain_signature signature;
};

static void
clear_parts (struct parts *parts)
{
  sp_buf_clear (&parts->unpacked);
  sp_buf_clear (&parts->literal);
}

/* The content of the only packet of a message, where that is compressed (5.6), as gpg does it when
 * it is not told otherwise. */
static bool
unpack (struct sp_view *message, struct sp_buf *unpacked)
{
  cleanup_buf struct sp_buf body = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  struct sp_view left = *message;
  struct sp_packet packet;

  if (sp_packets_scan (*message).first_tag != TAG_COMPRESSED)
    return true;
  if (!sp_packet_take (&left, &packet, &body) || left.len || !body.len || body.data[0] != 1
      || !sp_inflate (sp_view_from (sp_buf_view (&body), 1), unpacked))
    return false;
  *message = sp_buf_view (unpacked);
  return true;
}

/* Binary data without a file name (5.9), which may come in pieces. */
static bool
take_literal (struct sp_view *left, struct parts *parts)
{
  struct sp_packet packet;

  if (!sp_packet_take (left, &packet, &parts->literal) || packet.tag != TAG_LITERAL
      || packet.is_open)
    return false;
  struct sp_view body = sp_buf_view (&parts->literal);
  parts->content = sp_view_from (body, 6);
  return parts->content.len && parts->content.len < SP_SIGNED_TEXT_BYTES_MAX && body.data[0] == 'b'
         && body.data[1] == 0;
}

/* The one-pass packet (5.4) announces the signature, to the byte. */
static bool
announces (struct sp_view one_pass, const struct sp_plain_signature *signature)
{
  const char start[]
      = { 3, (char)signature->type, (char)signature->hash, (char)signature->algorithm };
  return one_pass.len == sizeof start + SP_PLAIN_KEY_ID + 1
         && sp_view_starts (one_pass, sp_view_n (start, sizeof start))
         && sp_view_equal (sp_view_head (sp_view_from (one_pass, sizeof start), SP_PLAIN_KEY_ID),
                           signature->issuer)
         && one_pass.data[one_pass.len - 1] == 1;
}

static bool
take_apart (struct sp_view message, struct parts *parts)
{
  struct sp_packet one_pass, signature;

  return unpack (&message, &parts->unpacked) && sp_packet_whole (&message, &one_pass)
         && one_pass.tag == TAG_ONE_PASS_SIGNATURE && take_literal (&message, parts)
         && sp_packet_whole (&message, &signature) && signature.tag == SP_TAG_SIGNATURE
         && !message.len && sp_plain_read_signature (signature.body, &parts->signature)
         && sp_plain_read_subpackets (&parts->signature)
         && announces (one_pass.body, &parts->signature);
}

/* A signature over text is over lines that end as the network has them; gpg leaves that to the one
 * who signs. Text of one line is the same either way. */
static bool
is_over_content (const struct parts *parts)
{
  unsigned type = parts->signature.type;
  return type == BINARY
         || (type == TEXT && sp_view_find (parts->content, '\n') == SP_VIEW_NONE
             && sp_view_find (parts->content, '\r') == SP_VIEW_NONE);
}

bool
sp_plain_verify (struct sp_plain_keys *keys, struct sp_view message, sp_time now,
                 struct sp_openpgp_signature *ret)
{
  SP_CLEANUP (clear_parts)
  struct parts parts = { .unpacked = SP_BUF (2 * SP_SIGNED_TEXT_BYTES_MAX),
                         .literal = SP_BUF (2 * SP_SIGNED_TEXT_BYTES_MAX) };
  cleanup_error sigpolicy_error *ignored = NULL;
  cleanup_buf struct sp_buf content = SP_BUF (SP_SIGNED_TEXT_BYTES_MAX);
  cleanup_free char *fingerprint = NULL, *primary = NULL;

  if (now < 0 || now > TIME_MAX || !take_apart (message, &parts) || !is_over_content (&parts)
      || parts.signature.is_about_key || parts.signature.created > now)
    return false;
  struct sp_plain_key *key = sp_plain_keys_find (keys, parts.signature.issuer, now);
  if (!key || !sp_plain_is_by (&parts.signature, key) || parts.signature.created < key->created
      || !sp_plain_holds (&parts.signature, key, parts.content))
    return false;

  sp_buf_add (&content, parts.content);
  fingerprint = sp_packet_fingerprint (key->fingerprint, &ignored);
  primary = sp_packet_fingerprint (keys->items[key->primary].fingerprint, &ignored);
  if (content.failed || !fingerprint || !primary)
    return false;
  ret->content.bytes = content;
  content = (struct sp_buf)SP_BUF (0);
  ret->fingerprint = steal (&fingerprint);
  ret->primary = steal (&primary);
  ret->made = parts.signature.created;
  ret->weak = false;
  return true;
}
