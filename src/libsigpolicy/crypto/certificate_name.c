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

/* What is no string: OpenSSL refuses some of it, and Go what is malformed. */
static bool
is_well_formed (const struct sp_der *value)
{
  struct sp_view content = value->content;
  unsigned unused;

  switch (value->tag)
    {
    case SP_DER_BOOLEAN:
      return content.len == 1 && (!content.data[0] || content.data[0] == (char)0xff);
    case SP_DER_INTEGER:
      return sp_der_is_integer (content) && content.len <= sizeof (int64_t);
    case SP_DER_BIT_STRING:
      return sp_der_bits (content, &unused, &content);
    case SP_DER_OID:
      return sp_der_is_plain_oid (content);
    default:
      return true;
    }
}

static bool
is_string (const struct sp_der *value, const char **ret_odd)
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
      return sp_der_is_bmp (value->content);
    case SP_DER_T61_STRING:
      return true;
    default:
      *ret_odd = "a distinguished name has a value that is no string";
      return is_well_formed (value);
    }
}

int
sp_certificate_check_name (struct sp_view content, struct sp_view *ret_common_name,
                           struct sp_view *ret_organization, const char **ret_odd,
                           sigpolicy_error **err)
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
              || !sp_der_take (&attribute, SP_DER_OID, &oid) || !sp_der_is_plain_oid (oid)
              || !sp_der_next (&attribute, &value))
            return sp_certificate_refuse (err, "invalid RDNSequence: invalid attribute");
          if (!is_string (&value, ret_odd))
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

/* Takes two digits; -1 when there are none. */
static int
two_digits (struct sp_view *text)
{
  const char *at = text->data;
  if (text->len < 2 || at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
    return -1;
  *text = sp_view_from (*text, 2);
  return (at[0] - '0') * 10 + at[1] - '0';
}

static int
days_of (int year, int month)
{
  static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && leap);
}

/* Z, or +hhmm and -hhmm, but not zero, in minutes. */
static bool
take_zone (struct sp_view *text, int *ret_minutes)
{
  if (!text->len)
    return false;
  char sign = text->data[0];
  *text = sp_view_from (*text, 1);
  *ret_minutes = 0;
  if (sign == 'Z')
    return true;
  int hours = two_digits (text), minutes = hours < 0 ? -1 : two_digits (text);
  if ((sign != '+' && sign != '-') || minutes < 0 || hours > 24 || minutes > 59)
    return false;
  *ret_minutes = (sign == '+' ? 1 : -1) * (hours * 60 + minutes);
  return *ret_minutes != 0;
}

/*
 * [YY]YYMMDDHHMM[SS] and a zone. What is not YYYYMMDDHHMMSSZ, or that with two digits of the year,
 * is read as Go reads it, and OpenSSL refuses it: seconds that are missing, another zone.
 */
bool
sp_certificate_take_time (struct sp_view *rest, sp_time *ret)
{
  struct sp_der element;
  int zone, second = 0;

  if (!sp_der_next (rest, &element)
      || (element.tag != SP_DER_UTC_TIME && element.tag != SP_DER_GENERALIZED_TIME))
    return false;
  struct sp_view text = element.content;
  bool is_short = element.tag == SP_DER_UTC_TIME;
  int century = is_short ? 0 : two_digits (&text), year = century < 0 ? -1 : two_digits (&text);
  int month = year < 0 ? -1 : two_digits (&text), day = month < 1 ? -1 : two_digits (&text);
  int hour = day < 1 ? -1 : two_digits (&text), minute = hour < 0 ? -1 : two_digits (&text);
  if (minute < 0 || month > 12 || hour > 23 || minute > 59)
    return false;
  if (!is_short || (text.len && text.data[0] >= '0' && text.data[0] <= '9'))
    second = two_digits (&text);
  if (second < 0 || second > 59 || !take_zone (&text, &zone) || text.len)
    return false;
  year += is_short ? (year >= 50 ? 1900 : 2000) : century * 100;
  if (day > days_of (year, month))
    return false;
  int64_t days = (int64_t)year * 365 + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
  for (int i = 1; i < month; i++)
    days += days_of (year, i);
  /* 719528 days from the start of the year 0 to 1970. */
  *ret = ((days + day - 1 - 719528) * 24 + hour) * 3600 + (minute - zone) * 60 + second;
  return true;
}

/* --- algorithms ------------------------------------------------------------------------------- */

#define RSADSI     "\x2a\x86\x48\x86\xf7\x0d\x01\x01"
#define NIST_HASH  "\x60\x86\x48\x01\x65\x03\x04\x02"
#define ANSI_ECDSA "\x2a\x86\x48\xce\x3d\x04"

static const struct algorithm
{
  struct sp_view oid;
  enum sp_certificate_algorithm algorithm;
  enum sp_digest digest; /* SHA-1 for none */
} algorithms[] = {
  { SP_VIEW (RSADSI "\x0b"), SP_ALGORITHM_RSA, SP_DIGEST_SHA256 },
  { SP_VIEW (RSADSI "\x0c"), SP_ALGORITHM_RSA, SP_DIGEST_SHA384 },
  { SP_VIEW (RSADSI "\x0d"), SP_ALGORITHM_RSA, SP_DIGEST_SHA512 },
  { SP_VIEW (ANSI_ECDSA "\x03\x02"), SP_ALGORITHM_ECDSA, SP_DIGEST_SHA256 },
  { SP_VIEW (ANSI_ECDSA "\x03\x03"), SP_ALGORITHM_ECDSA, SP_DIGEST_SHA384 },
  { SP_VIEW (ANSI_ECDSA "\x03\x04"), SP_ALGORITHM_ECDSA, SP_DIGEST_SHA512 },
  { SP_VIEW (RSADSI "\x05"), SP_ALGORITHM_SHA1, SP_DIGEST_SHA1 },
  { SP_VIEW (ANSI_ECDSA "\x01"), SP_ALGORITHM_SHA1, SP_DIGEST_SHA1 },
};

/* An AlgorithmIdentifier whose parameters are NULL or absent. */
static bool
take_plain (struct sp_view *rest, struct sp_view *ret_oid)
{
  struct sp_view identifier, parameters;
  return sp_der_take (rest, SP_DER_SEQUENCE, &identifier)
         && sp_der_algorithm (&identifier, ret_oid, &parameters)
         && (!parameters.len || sp_view_equal (parameters, sp_view_n ("\x05\x00", 2)));
}

/*
 * The parameters of RSASSA-PSS (RFC 4055, section 3.1): one hash for the message and the mask, a
 * salt as long as that, the usual trailer. Go does not look behind the
 * last element of a sequence.
 */
static bool
read_pss (struct sp_view parameters, enum sp_digest *ret)
{
  static const struct sp_view mgf1 = SP_VIEW (RSADSI "\x08");
  static const struct
  {
    struct sp_view oid;
    int64_t length;
    enum sp_digest digest;
  } hashes[] = {
    { SP_VIEW (NIST_HASH "\x01"), 32, SP_DIGEST_SHA256 },
    { SP_VIEW (NIST_HASH "\x02"), 48, SP_DIGEST_SHA384 },
    { SP_VIEW (NIST_HASH "\x03"), 64, SP_DIGEST_SHA512 },
  };
  struct sp_view content, hash, mask, salt, trailer, oid, mask_oid, mask_hash, integer;
  int64_t salt_length, trailer_field = 1;

  if (!sp_der_take (&parameters, SP_DER_SEQUENCE, &content)
      || !sp_der_take (&content, SP_DER_CONTEXT_CONSTRUCTED (0), &hash) || !take_plain (&hash, &oid)
      || hash.len || !sp_der_take (&content, SP_DER_CONTEXT_CONSTRUCTED (1), &mask)
      || !sp_der_take (&mask, SP_DER_SEQUENCE, &mask_hash) || mask.len
      || !sp_der_take (&mask_hash, SP_DER_OID, &mask_oid) || !sp_view_equal (mask_oid, mgf1)
      || !take_plain (&mask_hash, &mask_oid) || !sp_view_equal (mask_oid, oid)
      || !sp_der_take (&content, SP_DER_CONTEXT_CONSTRUCTED (2), &salt)
      || !sp_der_take (&salt, SP_DER_INTEGER, &integer) || salt.len
      || !sp_der_number (integer, &salt_length))
    return false;
  if (sp_der_take (&content, SP_DER_CONTEXT_CONSTRUCTED (3), &trailer)
      && (!sp_der_take (&trailer, SP_DER_INTEGER, &integer) || trailer.len
          || !sp_der_number (integer, &trailer_field)))
    return false;
  for (size_t i = 0; trailer_field == 1 && i < sizeof hashes / sizeof *hashes; i++)
    if (sp_view_equal (oid, hashes[i].oid))
      {
        *ret = hashes[i].digest;
        return salt_length == hashes[i].length;
      }
  return false;
}

void
sp_certificate_read_algorithm (struct sp_certificate *certificate, struct sp_view identifier)
{
  static const struct sp_view pss = SP_VIEW (RSADSI "\x0a"), ed25519 = SP_VIEW ("\x2b\x65\x70");
  struct sp_view oid, parameters;

  if (!sp_der_algorithm (&identifier, &oid, &parameters))
    return;
  if (sp_view_equal (oid, ed25519) && !parameters.len)
    certificate->algorithm = SP_ALGORITHM_ED25519;
  if (sp_view_equal (oid, pss))
    {
      certificate->is_pss = read_pss (parameters, &certificate->digest);
      certificate->algorithm = certificate->is_pss ? SP_ALGORITHM_RSA : SP_ALGORITHM_UNKNOWN;
    }
  for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
    if (sp_view_equal (oid, algorithms[i].oid))
      {
        certificate->algorithm = algorithms[i].algorithm;
        certificate->digest = algorithms[i].digest;
      }
}
