/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/certificate_int.h"

#include "crypto/der.h"
#include "util/codec.h"

/* --- distinguished names ---------------------------------------------------------------------- */

static bool
is_printable (unsigned char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
         || (c && strchr (" '()+,-./:=?*&", c));
}

static bool
all (struct sp_view text, bool (*test) (unsigned char))
{
  for (size_t i = 0; i < text.len; i++)
    if (!test ((unsigned char)text.data[i]))
      return false;
  return true;
}

static bool
is_ascii (unsigned char c)
{
  return c < 0x80;
}

static bool
is_numeric (unsigned char c)
{
  return c == ' ' || (c >= '0' && c <= '9');
}

static bool
is_utf8 (struct sp_view text)
{
  unsigned rune;
  for (int length; (length = sp_utf8_next (text, &rune)) >= 0;)
    {
      if (length == 0)
        return false;
      text = sp_view_from (text, (size_t)length);
    }
  return true;
}

/* 16-bit characters; neither surrogates nor those that are none. */
static bool
is_bmp (struct sp_view text)
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

static bool
is_string (const struct sp_der *value)
{
  switch (value->tag)
    {
    case SP_DER_UTF8_STRING:
      return is_utf8 (value->content);
    case SP_DER_PRINTABLE_STRING:
      return all (value->content, is_printable);
    case SP_DER_IA5_STRING:
      return all (value->content, is_ascii);
    case SP_DER_NUMERIC_STRING:
      return all (value->content, is_numeric);
    case SP_DER_BMP_STRING:
      return is_bmp (value->content);
    case SP_DER_T61_STRING:
      return true;
    default:
      return false;
    }
}

int
sp_certificate_check_name (struct sp_view content, struct sp_view *ret_common_name,
                           struct sp_view *ret_organization, sigpolicy_error **err)
{
  static const struct sp_view common_name = SP_VIEW ("\x55\x04\x03");
  static const struct sp_view organization = SP_VIEW ("\x55\x04\x0a");
  struct sp_view set, attribute, oid;
  struct sp_der value;

  while (content.len)
    {
      if (!sp_der_take (&content, SP_DER_SET, &set))
        return sp_certificate_refuse (err, "invalid RDNSequence");
      while (set.len)
        {
          if (!sp_der_take (&set, SP_DER_SEQUENCE, &attribute)
              || !sp_der_take (&attribute, SP_DER_OID, &oid) || !sp_der_is_oid (oid)
              || !sp_der_next (&attribute, &value) || attribute.len)
            return sp_certificate_refuse (err, "invalid RDNSequence: invalid attribute");
          if (!is_string (&value))
            return sp_certificate_refuse (err, "invalid RDNSequence: invalid attribute value");
          if (ret_common_name && sp_view_equal (oid, common_name))
            *ret_common_name = value.content;
          if (ret_organization && !ret_organization->len && sp_view_equal (oid, organization))
            *ret_organization = value.content;
        }
    }
  return 0;
}

/* --- times ------------------------------------------------------------------------------------ */

/* YYYYMMDDHHMMSSZ, or with two digits of the year. */
bool
sp_certificate_take_time (struct sp_view *rest, sp_time *ret)
{
  struct sp_der element;
  char text[SP_TIME_TEXT_SIZE];
  cleanup_error sigpolicy_error *ignored = NULL;

  if (!sp_der_next (rest, &element))
    return false;
  const char *at = element.content.data;
  size_t year = element.tag == SP_DER_UTC_TIME ? 2 : element.tag == SP_DER_GENERALIZED_TIME ? 4 : 0;
  if (!year || element.content.len != year + 11 || at[year + 10] != 'Z')
    return false;
  for (size_t i = 0; i < year + 10; i++)
    if (at[i] < '0' || at[i] > '9')
      return false;
  const char *century = year == 4 ? "" : at[0] >= '5' ? "19" : "20";
  (void)snprintf (text, sizeof text, "%s%.*s-%.2s-%.2sT%.2s:%.2s:%.2sZ", century, (int)year, at,
                  at + year, at + year + 2, at + year + 4, at + year + 6, at + year + 8);
  return sp_time_parse (text, ret, &ignored) == 0;
}

/* --- algorithms ------------------------------------------------------------------------------- */

#define RSADSI     "\x2a\x86\x48\x86\xf7\x0d\x01\x01"
#define NIST_HASH  "\x60\x86\x48\x01\x65\x03\x04\x02"
#define ANSI_ECDSA "\x2a\x86\x48\xce\x3d\x04"

static const struct
{
  struct sp_view oid;
  enum sp_certificate_algorithm algorithm;
} algorithms[] = {
  { SP_VIEW (RSADSI "\x0b"), SP_ALGORITHM_RSA },
  { SP_VIEW (RSADSI "\x0c"), SP_ALGORITHM_RSA },
  { SP_VIEW (RSADSI "\x0d"), SP_ALGORITHM_RSA },
  { SP_VIEW (ANSI_ECDSA "\x03\x02"), SP_ALGORITHM_ECDSA },
  { SP_VIEW (ANSI_ECDSA "\x03\x03"), SP_ALGORITHM_ECDSA },
  { SP_VIEW (ANSI_ECDSA "\x03\x04"), SP_ALGORITHM_ECDSA },
  { SP_VIEW (RSADSI "\x05"), SP_ALGORITHM_SHA1 },
  { SP_VIEW (ANSI_ECDSA "\x01"), SP_ALGORITHM_SHA1 },
};

/* An AlgorithmIdentifier whose parameters are NULL or absent. */
static bool
take_plain (struct sp_view *rest, struct sp_view *ret_oid)
{
  struct sp_view identifier;
  return sp_der_take (rest, SP_DER_SEQUENCE, &identifier)
         && sp_der_take (&identifier, SP_DER_OID, ret_oid)
         && (!identifier.len || sp_view_equal (identifier, sp_view_n ("\x05\x00", 2)));
}

/*
 * The parameters of RSASSA-PSS (RFC 4055, section 3.1): one hash for the message and the mask, a
 * salt as long as that, the usual trailer.
 */
static bool
is_plain_pss (struct sp_view parameters)
{
  static const struct sp_view mgf1 = SP_VIEW (RSADSI "\x08");
  static const struct
  {
    struct sp_view oid;
    int64_t length;
  } hashes[] = {
    { SP_VIEW (NIST_HASH "\x01"), 32 },
    { SP_VIEW (NIST_HASH "\x02"), 48 },
    { SP_VIEW (NIST_HASH "\x03"), 64 },
  };
  struct sp_view content, hash, mask, salt, trailer, oid, mask_oid, mask_hash, integer;
  int64_t salt_length, trailer_field = 1;

  if (!sp_der_take (&parameters, SP_DER_SEQUENCE, &content) || parameters.len
      || !sp_der_take (&content, SP_DER_CONTEXT_CONSTRUCTED (0), &hash) || !take_plain (&hash, &oid)
      || hash.len || !sp_der_take (&content, SP_DER_CONTEXT_CONSTRUCTED (1), &mask)
      || !sp_der_take (&mask, SP_DER_SEQUENCE, &mask_hash) || mask.len
      || !sp_der_take (&mask_hash, SP_DER_OID, &mask_oid) || !sp_view_equal (mask_oid, mgf1)
      || !take_plain (&mask_hash, &mask_oid) || mask_hash.len || !sp_view_equal (mask_oid, oid)
      || !sp_der_take (&content, SP_DER_CONTEXT_CONSTRUCTED (2), &salt)
      || !sp_der_take (&salt, SP_DER_INTEGER, &integer) || salt.len
      || !sp_der_number (integer, &salt_length))
    return false;
  if (sp_der_take (&content, SP_DER_CONTEXT_CONSTRUCTED (3), &trailer)
      && (!sp_der_take (&trailer, SP_DER_INTEGER, &integer) || trailer.len
          || !sp_der_number (integer, &trailer_field)))
    return false;
  if (content.len || trailer_field != 1)
    return false;
  for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++)
    if (sp_view_equal (oid, hashes[i].oid))
      return salt_length == hashes[i].length;
  return false;
}

enum sp_certificate_algorithm
sp_certificate_algorithm (struct sp_view identifier)
{
  static const struct sp_view pss = SP_VIEW (RSADSI "\x0a"), ed25519 = SP_VIEW ("\x2b\x65\x70");
  struct sp_view oid;

  if (!sp_der_take (&identifier, SP_DER_OID, &oid))
    return SP_ALGORITHM_UNKNOWN;
  if (sp_view_equal (oid, pss))
    return is_plain_pss (identifier) ? SP_ALGORITHM_RSA : SP_ALGORITHM_UNKNOWN;
  if (sp_view_equal (oid, ed25519))
    return identifier.len ? SP_ALGORITHM_UNKNOWN : SP_ALGORITHM_ED25519;
  for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
    if (sp_view_equal (oid, algorithms[i].oid))
      return algorithms[i].algorithm;
  return SP_ALGORITHM_UNKNOWN;
}
