/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/plain.h"

#include "openpgp/key_facts.h"
#include "openpgp/openpgp_int.h"
#include "util/codec.h"
#include "util/limits.h"

#include <stdint.h>

/* RFC 9580, 5.2 and 5.5, as far as they are plain. Each reader of a part takes it from the front of
 * *left, and says false where there is none. */

enum
{
  AREA_MAX = 8192, /* gpg has a limit a little above that */
  NUMBER_BITS_MAX = 16384,
  RSA_BITS_MIN = 2048,
  RSA_BITS_MAX = 8192,
};

/* A multiprecision integer that says exactly how many bits it has. */
static bool
take_number (struct sp_view *left, struct sp_view *ret)
{
  size_t bits = 0;

  return sp_packet_number (left, 2, &bits) && bits > 0 && bits <= NUMBER_BITS_MAX
         && sp_packet_bytes (left, (bits + 7) / 8, ret)
         && (unsigned char)ret->data[0] >> ((bits - 1) % 8) == 1;
}

/* What has a length of one byte in front. */
static bool
take_short (struct sp_view *left, struct sp_view *ret)
{
  size_t len = 0;
  return sp_packet_number (left, 1, &len) && sp_packet_bytes (left, len, ret);
}

/* --- keys ------------------------------------------------------------------------------------- */

/* What keys of an algorithm are made of, and signatures: how many numbers. */
static const struct form
{
  unsigned algorithm, numbers, signature;
  bool has_curve, has_kdf;
} forms[] = {
  { SP_PGP_RSA, 2, 1, false, false },     { SP_PGP_RSA + 1, 2, 0, false, false },
  { SP_PGP_RSA + 2, 2, 1, false, false }, { SP_PGP_ELGAMAL, 3, 0, false, false },
  { SP_PGP_DSA, 4, 2, false, false },     { SP_PGP_ECDH, 1, 0, true, true },
  { SP_PGP_ECDSA, 1, 2, true, false },    { SP_PGP_EDDSA, 1, 2, true, false },
};

static const struct form *
find_form (size_t algorithm)
{
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
    if (forms[i].algorithm == algorithm)
      return &forms[i];
  return NULL;
}

void
sp_plain_put_key (struct sp_buf *out, struct sp_view body)
{
  sp_buf_byte (out, (char)0x99);
  sp_buf_byte (out, (char)(body.len >> 8 & 255));
  sp_buf_byte (out, (char)(body.len & 255));
  sp_buf_add (out, body);
}

static bool
make_fingerprint (struct sp_plain_key *key)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_KEY_BYTES_MAX);
  unsigned char digest[SP_DIGEST_BYTES_MAX];

  sp_plain_put_key (&text, key->body);
  struct sp_view view = sp_buf_view (&text);
  if (text.failed || key->body.len > 0xffff || !sp_digest (SP_DIGEST_SHA1, &view, 1, digest))
    return false;
  memcpy (key->fingerprint, digest, SP_SHA1_BYTES);
  return true;
}

bool
sp_plain_read_key (struct sp_view body, struct sp_plain_key *ret)
{
  struct sp_plain_key key = { .body = body };
  struct sp_view left = body, ignored;
  size_t version = 0, created = 0, algorithm = 0;

  if (!sp_packet_number (&left, 1, &version) || version != 4
      || !sp_packet_number (&left, 4, &created) || !sp_packet_number (&left, 1, &algorithm))
    return false;
  const struct form *form = find_form (algorithm);
  if (!form || (form->has_curve && !take_short (&left, &key.curve)))
    return false;
  for (unsigned i = 0; i < form->numbers; i++)
    if (!take_number (&left, &key.numbers[i]))
      return false;
  if ((form->has_kdf && !take_short (&left, &ignored)) || left.len)
    return false;
  key.algorithm = (unsigned)algorithm;
  key.created = (sp_time)created;
  if (!make_fingerprint (&key))
    return false;
  *ret = key;
  return true;
}

/* The curves, with the bytes of a coordinate and of the shortest hash that gpg takes with them. */
static const struct curve
{
  struct sp_view oid;
  unsigned algorithm;
  enum sp_raw_curve curve;
  size_t bytes, hash_min;
} curves[] = {
  { SP_VIEW ("\x2a\x86\x48\xce\x3d\x03\x01\x07"), SP_PGP_ECDSA, SP_CURVE_P256, 32, 32 },
  { SP_VIEW ("\x2b\x81\x04\x00\x22"), SP_PGP_ECDSA, SP_CURVE_P384, 48, 48 },
  { SP_VIEW ("\x2b\x81\x04\x00\x23"), SP_PGP_ECDSA, SP_CURVE_P521, 66, 64 },
  { SP_VIEW ("\x2b\x06\x01\x04\x01\xda\x47\x0f\x01"), SP_PGP_EDDSA, SP_CURVE_ED25519, 32, 32 },
};

static const struct curve *
find_curve (const struct sp_plain_key *key)
{
  for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
    if (curves[i].algorithm == key->algorithm && sp_view_equal (curves[i].oid, key->curve))
      return &curves[i];
  return NULL;
}

/* Points of Ed25519 that libraries read differently: a coordinate that is not reduced, or one of 1
 * and -1, whose other one is zero. */
static bool
is_odd_point (struct sp_view point)
{
  const unsigned char *bytes = (const unsigned char *)point.data;
  unsigned char top = bytes[31] & 0x7f;
  bool all = top == 0x7f, none = top == 0;

  for (unsigned i = 1; i < 31; i++)
    {
      all = all && bytes[i] == 0xff;
      none = none && bytes[i] == 0;
    }
  return (all && bytes[0] >= 0xec) || (none && bytes[0] <= 1);
}

static bool
load (struct sp_plain_key *key)
{
  cleanup_error sigpolicy_error *ignored = NULL;
  struct sp_view point = key->numbers[0];

  if (key->verifier)
    return true;
  if (key->algorithm == SP_PGP_RSA)
    {
      size_t bits = key->numbers[0].len * 8;
      for (unsigned top = (unsigned char)key->numbers[0].data[0]; top < 128; top *= 2)
        bits--;
      return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX
             && sp_public_key_from_rsa (key->numbers[0], key->numbers[1], &key->verifier, &ignored)
                    == 0;
    }
  const struct curve *curve = find_curve (key);
  bool is_ed25519 = curve && curve->curve == SP_CURVE_ED25519;
  if (is_ed25519
      && (point.len != 33 || point.data[0] != 0x40 || is_odd_point (sp_view_from (point, 1))))
    return false;
  point = sp_view_from (point, is_ed25519 ? 1 : 0);
  return curve && sp_public_key_from_point (curve->curve, point, &key->verifier, &ignored) == 0;
}

/* --- signatures ------------------------------------------------------------------------------- */

bool
sp_plain_read_signature (struct sp_view body, struct sp_plain_signature *ret)
{
  struct sp_plain_signature signature = { 0 };
  struct sp_view left = body, start, ignored;
  size_t hashed = 0, unhashed = 0;

  if (!sp_packet_bytes (&left, 4, &start) || start.data[0] != 4
      || !sp_packet_number (&left, 2, &hashed) || hashed > AREA_MAX
      || !sp_packet_bytes (&left, hashed, &ignored))
    return false;
  signature.type = (unsigned char)start.data[1];
  signature.algorithm = (unsigned char)start.data[2];
  signature.hash = (unsigned char)start.data[3];
  signature.hashed = sp_view_head (body, body.len - left.len);
  if (!sp_packet_number (&left, 2, &unhashed) || unhashed > AREA_MAX
      || !sp_packet_bytes (&left, unhashed, &signature.unhashed)
      || !sp_packet_bytes (&left, 2, &signature.head))
    return false;
  const struct form *form = find_form (signature.algorithm);
  if (!form || !form->signature)
    return false;
  for (unsigned i = 0; i < form->signature; i++)
    if (!take_number (&left, &signature.numbers[i]))
      return false;
  if (left.len)
    return false;
  *ret = signature;
  return true;
}

enum
{
  CREATED = 2,
  KEY_LIFETIME = 9,
  ISSUER = 16,
  NOTATION = 20,
  KEY_FLAGS = 27,
  EMBEDDED_SIGNATURE = 32,
  ISSUER_FINGERPRINT = 33,
};

/* RFC 9580, 5.2.3.7: the kinds that are known here; what they may be, and gpg agrees. */
static const struct rule
{
  unsigned type;
  size_t min, max;   /* bytes */
  bool once;         /* not twice in a signature */
  bool critical;     /* may be */
  bool unprotected;  /* may be where nobody signed it */
  bool is_about_key; /* in signatures over keys alone */
} rules[] = {
  { CREATED, 4, 4, true, true, false, false },
  { KEY_LIFETIME, 4, 4, true, true, false, true },
  { 11, 0, 64, true, true, false, true }, /* preferred ciphers */
  { ISSUER, SP_PLAIN_KEY_ID, SP_PLAIN_KEY_ID, true, true, true, false },
  { NOTATION, 8, 1024, false, false, false, false },
  { 21, 0, 64, true, true, false, true },  /* hashes */
  { 22, 0, 64, true, true, false, true },  /* compression */
  { 23, 0, 64, true, false, false, true }, /* server preferences */
  { 25, 1, 1, true, true, false, true },   /* primary user ID */
  { KEY_FLAGS, 1, 64, true, true, false, true },
  { 28, 1, 1024, true, false, false, false }, /* the signer's user ID */
  { 30, 0, 64, true, true, false, true },     /* features */
  { EMBEDDED_SIGNATURE, 1, AREA_MAX, true, true, true, true },
  { ISSUER_FINGERPRINT, 1 + SP_SHA1_BYTES, 1 + SP_SHA1_BYTES, true, true, true, false },
  { 34, 0, 64, true, false, false, true }, /* preferred AEAD */
};

/* Flags, the lengths of a name and of a value, and both: the lengths must be right, and the name a
 * word of ASCII. */
static bool
is_notation (struct sp_view body)
{
  size_t flags = 0, name_len = 0, value_len = 0;
  struct sp_view name;

  if (!sp_packet_number (&body, 4, &flags) || !sp_packet_number (&body, 2, &name_len)
      || !sp_packet_number (&body, 2, &value_len) || !sp_packet_bytes (&body, name_len, &name)
      || body.len != value_len || !name.len)
    return false;
  for (size_t i = 0; i < name.len; i++)
    if (name.data[i] <= ' ' || name.data[i] > '~')
      return false;
  return true;
}

static bool
note (struct sp_plain_signature *signature, unsigned type, struct sp_view body)
{
  size_t number = 0;

  switch (type)
    {
    case CREATED:
    case KEY_LIFETIME:
      (void)sp_packet_number (&body, 4, &number); /* its length is right */
      *(type == CREATED ? &signature->created : &signature->lifetime) = (sp_time)number;
      return true;
    case ISSUER:
      signature->issuer = body;
      return true;
    case NOTATION:
      return is_notation (body);
    case KEY_FLAGS:
      signature->flags = body;
      return true;
    case EMBEDDED_SIGNATURE:
      signature->back = body;
      return true;
    case ISSUER_FINGERPRINT:
      signature->fingerprint = sp_view_from (body, 1);
      return body.data[0] == 4;
    default:
      return true;
    }
}

static bool
read_area (struct sp_plain_signature *signature, struct sp_view area, bool is_protected,
           uint64_t *seen)
{
  while (area.len)
    {
      const struct rule *rule = NULL;
      struct sp_view body;
      size_t type = 0;

      if (!sp_packet_subpacket (&area, &type, &body))
        return false;
      for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].type == (type & 127))
          rule = &rules[i];
      if (!rule || ((type & 128) && !rule->critical) || (!is_protected && !rule->unprotected)
          || body.len < rule->min || body.len > rule->max
          || (rule->once && (*seen & UINT64_C (1) << rule->type))
          || !note (signature, rule->type, body))
        return false;
      *seen |= UINT64_C (1) << rule->type;
      signature->is_about_key = signature->is_about_key || rule->is_about_key;
    }
  return true;
}

bool
sp_plain_read_subpackets (struct sp_plain_signature *signature)
{
  uint64_t seen = 0;
  return read_area (signature, sp_view_from (signature->hashed, 6), true, &seen)
         && read_area (signature, signature->unhashed, false, &seen)
         && (seen & UINT64_C (1) << CREATED) && (seen & UINT64_C (1) << ISSUER);
}

bool
sp_plain_is_by (const struct sp_plain_signature *signature, const struct sp_plain_key *key)
{
  struct sp_view fingerprint = sp_view_n ((const char *)key->fingerprint, SP_SHA1_BYTES);
  return sp_view_equal (signature->issuer, sp_plain_key_id (key))
         && (!signature->fingerprint.len || sp_view_equal (signature->fingerprint, fingerprint));
}

/* --- what holds ------------------------------------------------------------------------------- */

/* A number with the zeros in front that it has lost. */
static void
append_padded (struct sp_buf *out, struct sp_view number, size_t bytes)
{
  for (size_t i = number.len; i < bytes; i++)
    sp_buf_byte (out, '\0');
  sp_buf_add (out, number);
}

/* The signature as OpenSSL takes it; false where a number is larger than the key. */
static bool
encode (const struct sp_plain_signature *signature, const struct sp_plain_key *key,
        size_t hash_bytes, struct sp_buf *out)
{
  const struct sp_view *numbers = signature->numbers;

  if (key->algorithm == SP_PGP_RSA)
    {
      append_padded (out, numbers[0], key->numbers[0].len);
      return numbers[0].len <= key->numbers[0].len;
    }
  const struct curve *curve = find_curve (key);
  if (!curve || numbers[0].len > curve->bytes || numbers[1].len > curve->bytes
      || hash_bytes < curve->hash_min)
    return false;
  if (curve->curve != SP_CURVE_ED25519)
    sp_ecdsa_signature_append (out, numbers[0], numbers[1]);
  for (size_t i = 0; i < 2 && curve->curve == SP_CURVE_ED25519; i++)
    append_padded (out, numbers[i], curve->bytes);
  return true;
}

/* By its number, 9.5. */
static const struct hash
{
  enum sp_digest kind;
  size_t bytes;
} hashes[] = {
  [8] = { SP_DIGEST_SHA256, 32 },
  [9] = { SP_DIGEST_SHA384, 48 },
  [10] = { SP_DIGEST_SHA512, 64 },
};

static const struct hash *
find_hash (const struct sp_plain_signature *signature)
{
  return signature->hash < sizeof hashes / sizeof *hashes && hashes[signature->hash].bytes
             ? &hashes[signature->hash]
             : NULL;
}

bool
sp_plain_can_tell (const struct sp_plain_signature *signature, struct sp_plain_key *key)
{
  return find_hash (signature) && load (key);
}

bool
sp_plain_holds (const struct sp_plain_signature *signature, struct sp_plain_key *key,
                struct sp_view content)
{
  cleanup_buf struct sp_buf message = SP_BUF (SP_SIGNED_TEXT_BYTES_MAX + SP_KEY_BYTES_MAX);
  cleanup_buf struct sp_buf encoded = SP_BUF (SP_KEY_BYTES_MAX);
  unsigned char digest[SP_DIGEST_BYTES_MAX];
  size_t length = signature->hashed.len; /* two bytes of it: an area has fewer than AREA_MAX */
  const char tail[] = { 4, (char)0xff, 0, 0, (char)(length >> 8 & 255), (char)(length & 255) };

  sp_buf_add (&message, content);
  sp_buf_add (&message, signature->hashed);
  sp_buf_add (&message, sp_view_n (tail, sizeof tail));
  struct sp_view whole = sp_buf_view (&message);
  const struct hash *hash = find_hash (signature);
  return hash && !message.failed && key->algorithm == signature->algorithm && load (key)
         && encode (signature, key, hash->bytes, &encoded) && !encoded.failed
         && sp_digest (hash->kind, &whole, 1, digest) == hash->bytes
         && memcmp (digest, signature->head.data, signature->head.len) == 0
         && sp_public_key_verify_over (key->verifier, hash->kind, whole, sp_buf_view (&encoded));
}
