/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"

#include "crypto/digest.h"
#include "openpgp/key_facts.h"
#include "util/codec.h"

#include <ctype.h>

/* RFC 9580, 5.2 and 5.5: the insides of the packets that keys are made of. A reader is a view that
 * moves on, and "whole" that falls once it was too short. */
struct reader
{
  struct sp_view left;
  bool whole;
};

static struct sp_view
take (struct reader *reader, size_t len)
{
  struct sp_view taken = sp_view_str ("");
  if (!sp_packet_bytes (&reader->left, len, &taken))
    {
      reader->whole = false;
      reader->left = sp_view_from (reader->left, reader->left.len);
    }
  return taken;
}

static unsigned
take_number (struct reader *reader, size_t bytes)
{
  struct sp_view taken = take (reader, bytes);
  unsigned number = 0;
  for (size_t i = 0; i < taken.len; i++)
    number = number << 8 | (unsigned char)taken.data[i];
  return number;
}

/* Moves past a multiprecision integer: how many bits it has. */
static unsigned
take_mpi (struct reader *reader)
{
  unsigned bits = take_number (reader, 2);
  (void)take (reader, (bits + 7) / 8);
  return bits;
}

/* RFC 9580, 9.2, and what gpg calls them. */
static const struct
{
  struct sp_view oid;
  const char *name;
  unsigned bits;
} curves[] = {
  { SP_VIEW ("\x2b\x06\x01\x04\x01\xda\x47\x0f\x01"), "ed25519", 255 },
  { SP_VIEW ("\x2b\x06\x01\x04\x01\x97\x55\x01\x05\x01"), "cv25519", 255 },
  { SP_VIEW ("\x2b\x65\x71"), "ed448", 448 },
  { SP_VIEW ("\x2b\x65\x6f"), "cv448", 448 },
  { SP_VIEW ("\x2a\x86\x48\xce\x3d\x03\x01\x07"), "nistp256", 256 },
  { SP_VIEW ("\x2b\x81\x04\x00\x22"), "nistp384", 384 },
  { SP_VIEW ("\x2b\x81\x04\x00\x23"), "nistp521", 521 },
  { SP_VIEW ("\x2b\x24\x03\x03\x02\x08\x01\x01\x07"), "brainpoolP256r1", 256 },
  { SP_VIEW ("\x2b\x24\x03\x03\x02\x08\x01\x01\x0b"), "brainpoolP384r1", 384 },
  { SP_VIEW ("\x2b\x24\x03\x03\x02\x08\x01\x01\x0d"), "brainpoolP512r1", 512 },
  { SP_VIEW ("\x2b\x81\x04\x00\x0a"), "secp256k1", 256 },
};

static void
take_curve (struct reader *reader, struct sp_key_fact *fact)
{
  struct sp_view oid = take (reader, take_number (reader, 1));
  for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
    if (sp_view_equal (oid, curves[i].oid))
      {
        fact->curve = curves[i].name;
        fact->bits = curves[i].bits;
      }
  (void)take_mpi (reader);
}

/* Algorithms of RFC 9580 whose keys are so many bytes, without a length. */
static const struct
{
  unsigned algorithm, bytes;
  const char *curve;
  unsigned bits;
} native[] = {
  { 25, 32, "cv25519", 255 },
  { 26, 56, "cv448", 448 },
  { 27, 32, "ed25519", 255 },
  { 28, 57, "ed448", 448 },
};

/* Moves past the public numbers of a key; false for an algorithm whose numbers are not known. */
static bool
take_material (struct reader *reader, struct sp_key_fact *fact)
{
  switch (fact->algorithm)
    {
    case SP_PGP_RSA:
    case SP_PGP_RSA + 1:
    case SP_PGP_RSA + 2:
      fact->bits = take_mpi (reader);
      (void)take_mpi (reader);
      return true;
    case SP_PGP_ELGAMAL:
    case SP_PGP_DSA:
      fact->bits = take_mpi (reader);
      for (unsigned i = 1; i < (fact->algorithm == SP_PGP_DSA ? 4U : 3U); i++)
        (void)take_mpi (reader);
      return true;
    case SP_PGP_ECDSA:
    case SP_PGP_EDDSA:
    case SP_PGP_ECDH:
      take_curve (reader, fact);
      if (fact->algorithm == SP_PGP_ECDH)
        (void)take (reader, take_number (reader, 1));
      return true;
    default:
      for (size_t i = 0; i < sizeof native / sizeof *native; i++)
        if (fact->algorithm == native[i].algorithm)
          {
            fact->curve = native[i].curve;
            fact->bits = native[i].bits;
            (void)take (reader, native[i].bytes);
            return true;
          }
      return false;
    }
}

/* RFC 9580, 5.5.4. */
static int
find_fingerprint (struct sp_view public, struct sp_key_fact *fact, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (public.len + 8);
  unsigned char digest[SP_SHA256_BYTES];
  int rc = 0;

  sp_buf_byte (&text, (char)(fact->version == 4 ? 0x99 : fact->version == 5 ? 0x9a : 0x9b));
  for (unsigned shift = fact->version == 4 ? 16 : 32; shift > 0; shift -= 8)
    sp_buf_byte (&text, (char)(public.len >> (shift - 8) & 255));
  sp_buf_add (&text, public);
  rc = sp_buf_check (&text, err);
  if (rc == 0)
    rc = fact->version == 4 ? sp_sha1 (sp_buf_view (&text), digest, err)
                            : sp_sha256 (sp_buf_view (&text), digest, err);
  if (rc < 0)
    return rc;
  sp_hex (digest, fact->version == 4 ? SP_SHA1_BYTES : SP_SHA256_BYTES, fact->fingerprint);
  for (char *c = fact->fingerprint; *c; c++)
    *c = (char)toupper ((unsigned char)*c);
  return 0;
}

int
sp_packet_read_key (struct sp_packet packet, struct sp_key_fact *ret_fact, sigpolicy_error **err)
{
  struct reader reader = { packet.body, packet.whole };
  struct sp_key_fact fact = { .version = take_number (&reader, 1) };
  int rc = 0;

  fact.secret = packet.tag == SP_TAG_SECRET_KEY || packet.tag == SP_TAG_SECRET_SUBKEY;
  fact.created = take_number (&reader, 4);
  fact.algorithm = take_number (&reader, 1);
  bool is_readable = fact.version >= 4 && fact.version <= 6, is_delimited = fact.version > 4;
  if (is_delimited)
    {
      unsigned len = take_number (&reader, 4);
      reader.whole = reader.whole && len <= reader.left.len;
      reader.left = sp_view_head (reader.left, len);
    }
  struct sp_view material = reader.left;
  bool is_known = is_readable && take_material (&reader, &fact);
  /* What is said to be public, or was read as that; a public key of an unknown kind has nothing
   * else. */
  const char *end = is_known && !is_delimited ? reader.left.data : material.data + material.len;
  fact.is_truncated = !is_readable || !reader.whole;
  if (!fact.is_truncated && (is_known || is_delimited || !fact.secret))
    rc = find_fingerprint (sp_view_head (packet.body, (size_t)(end - packet.body.data)), &fact,
                           err);
  *ret_fact = fact;
  return rc;
}

static unsigned
number_of (struct sp_view bytes)
{
  struct reader reader = { bytes, true };
  return take_number (&reader, 4);
}

static void
set_issuer (struct sp_packet_signature *signature, struct sp_view key_id)
{
  if (key_id.len != 8)
    return;
  sp_hex ((const unsigned char *)key_id.data, 8, signature->issuer);
  for (char *c = signature->issuer; *c; c++)
    *c = (char)toupper ((unsigned char)*c);
}

enum
{
  SUB_CREATED = 2,
  SUB_KEY_LIFETIME = 9,
  SUB_ISSUER = 16,
  SUB_KEY_FLAGS = 27,
  SUB_EMBEDDED_SIGNATURE = 32,
  SUB_ISSUER_FINGERPRINT = 33,
};

/* Who signed is believed anywhere, the rest where it is protected alone. */
static void
take_subpackets (struct reader *reader, bool are_protected, struct sp_packet_signature *signature)
{
  while (reader->left.len && reader->whole)
    {
      size_t type = 0;
      struct sp_view body;
      reader->whole = sp_packet_subpacket (&reader->left, &type, &body);
      if (!reader->whole)
        return;
      type &= 127;
      if (type == SUB_ISSUER)
        set_issuer (signature, body);
      else if (type == SUB_ISSUER_FINGERPRINT && body.len == 21)
        set_issuer (signature, sp_view_from (body, 13));
      else if (type == SUB_ISSUER_FINGERPRINT && body.len == 33)
        set_issuer (signature, sp_view_head (sp_view_from (body, 1), 8));
      else if (type == SUB_EMBEDDED_SIGNATURE)
        signature->has_back_signature = true;
      else if (are_protected && type == SUB_CREATED && body.len == 4)
        signature->created = number_of (body);
      else if (are_protected && type == SUB_KEY_LIFETIME && body.len == 4)
        {
          signature->has_lifetime = true;
          signature->key_lifetime = number_of (body);
        }
      else if (are_protected && type == SUB_KEY_FLAGS && body.len)
        {
          signature->has_flags = true;
          signature->flags = (unsigned char)body.data[0];
        }
    }
}

struct sp_packet_signature
sp_packet_read_signature (struct sp_packet packet)
{
  static const struct sp_packet_signature none = { .type = 0xff };
  struct reader reader = { packet.body, packet.whole };
  struct sp_packet_signature signature = none;
  unsigned version = take_number (&reader, 1);

  if (version == 3)
    {
      (void)take (&reader, 1);
      signature.type = take_number (&reader, 1);
      signature.created = take_number (&reader, 4);
      set_issuer (&signature, take (&reader, 8));
      signature.algorithm = take_number (&reader, 1);
      signature.hash = take_number (&reader, 1);
      return reader.whole ? signature : none;
    }
  if (version < 4 || version > 6)
    return none;
  signature.type = take_number (&reader, 1);
  signature.algorithm = take_number (&reader, 1);
  signature.hash = take_number (&reader, 1);
  for (unsigned part = 0; part < 2; part++)
    {
      struct sp_view area = take (&reader, take_number (&reader, version == 6 ? 4 : 2));
      struct reader subpackets = { area, true };
      if (!reader.whole)
        return none;
      take_subpackets (&subpackets, part == 0, &signature);
      if (!subpackets.whole)
        return none;
    }
  return signature;
}
