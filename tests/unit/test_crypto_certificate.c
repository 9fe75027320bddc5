/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/certificate_int.h"

#include "crypto/chain.h"
#include "util/alloc.h"
#include "util/limits.h"

#include <criterion/criterion.h>
#include <ctype.h>

/*
 * Certificates, element by element. DER is written in hex; {...} is the length of what it holds and
 * that itself, '...' is ASCII.
 */
static const char *
put_der (const char *text, struct sp_buf *out)
{
  while (*text && *text != '}')
    if (*text == '{')
      {
        cleanup_buf struct sp_buf inner = SP_BUF (1 << 20);
        text = put_der (text + 1, &inner) + 1;
        if (inner.len >= 0x80)
          sp_buf_byte (out, inner.len < 0x100 ? (char)0x81 : (char)0x82);
        if (inner.len >= 0x100)
          sp_buf_byte (out, (char)(inner.len >> 8));
        sp_buf_byte (out, (char)inner.len);
        sp_buf_add (out, sp_buf_view (&inner));
      }
    else if (*text == '\'')
      {
        for (text++; *text != '\''; text++)
          sp_buf_byte (out, *text);
        text++;
      }
    else
      {
        const char byte[] = { text[0], text[1], '\0' };
        cr_assert (isxdigit (text[0]) && isxdigit (text[1]), "%s", text);
        sp_buf_byte (out, (char)strtoul (byte, NULL, 16));
        text += 2;
      }
  return text;
}

enum part
{
  VERSION_PART,
  SERIAL,
  ALGORITHM, /* which stands there twice */
  ISSUER,
  VALIDITY,
  SUBJECT,
  KEY,
  UNIQUE,
  EXTENSIONS,
  OUTER, /* the second of the algorithms */
  SIGNATURE,
  PARTS
};

#define ECDSA_SHA256 "30{06082a8648ce3d040302}"
#define NAME(value)  "30{31{30{0603550403" value "}}}"
#define DATES(one)   "30{" one "17{'270101000000Z'}}"
#define P256         "30{06072a8648ce3d020106082a8648ce3d030107}"
#define G                                                                                         \
  "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0" \
  "f9e162bce33576b315ececbb6406837bf51f5"
#define EXTENSION(arc, value) "a3{30{30{0603551d" arc "04{" value "}}}}"
#define CRITICAL(arc, value)  "a3{30{30{0603551d" arc "0101ff04{" value "}}}}"
#define ACCESS(value)         "a3{30{30{06082b06010505070101" value "}}}"

static const char *const plain[PARTS] = {
  [VERSION_PART] = "a0{020102}",
  [SERIAL] = "02012a",
  [ALGORITHM] = ECDSA_SHA256,
  [ISSUER] = NAME ("0c{'issuer'}"),
  [VALIDITY] = DATES ("17{'260101000000Z'}"),
  [SUBJECT] = NAME ("0c{'subject'}"),
  [KEY] = "30{" P256 "03{00" G "}}",
  [UNIQUE] = "",
  [EXTENSIONS] = EXTENSION ("13", "30{0101ff}"),
  [OUTER] = ECDSA_SHA256,
  [SIGNATURE] = "03{0030{020101020101}}",
};

/* A certificate whose parts are those of plain but where others are given. */
static int
parse (const char *const others[PARTS], struct sp_certificate **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (1 << 20);
  cleanup_buf struct sp_buf der = SP_BUF (1 << 20);

  sp_buf_str (&text, "30{30{");
  for (size_t i = 0; i < PARTS; i++)
    {
      const char *other = i == OUTER && !others[OUTER] ? others[ALGORITHM] : others[i];
      sp_buf_str (&text, i == OUTER ? "}" : "");
      sp_buf_str (&text, other ? other : plain[i]);
    }
  sp_buf_str (&text, "}");
  put_der (text.data, &der);
  cr_assert (!text.failed && !der.failed);
  return sp_certificate_parse (sp_buf_view (&der), ret, err);
}

enum wanted
{
  GOOD,
  NONE,     /* no certificate for anybody */
  STRICTER, /* one for the containers image library, none for us */
};

static const struct
{
  const char *name;
  enum part part;
  const char *other;
  enum wanted wanted;
  const char *message;
} cases[] = {
  { "as it is", VERSION_PART, "a0{020102}", GOOD, NULL },

  { "version 2", VERSION_PART, "a0{020101}", GOOD, NULL },
  { "version 4", VERSION_PART, "a0{020103}", NONE, "x509: invalid version" },
  { "negative version", VERSION_PART, "a0{0201ff}", NONE, "x509: malformed version" },
  { "version of another type", VERSION_PART, "a0{0401ff}", NONE, "x509: malformed version" },
  { "two versions", VERSION_PART, "a0{020102020102}", NONE, "x509: malformed version" },
  { "serial number with a leading zero", SERIAL, "0202002a", NONE,
    "x509: malformed serial number" },
  { "serial number of nothing", SERIAL, "0200", NONE, "x509: malformed serial number" },
  { "serial number below zero", SERIAL, "0201ff", NONE, "x509: negative serial number" },
  { "serial number zero", SERIAL, "020100", GOOD, NULL },

  { "algorithm of nothing", ALGORITHM, "30{}", NONE,
    "x509: malformed signature algorithm identifier" },
  { "algorithm that is a name", ALGORITHM, "0c{'ECDSA'}", NONE,
    "x509: malformed signature algorithm identifier" },
  { "parameters that are cut", ALGORITHM, "30{06082a8648ce3d0403020501}", NONE,
    "x509: malformed signature algorithm identifier" },
  { "another algorithm outside", OUTER, "30{06082a8648ce3d040303}", NONE,
    "x509: inner and outer signature algorithm identifiers don't match" },
  { "no algorithm outside", OUTER, "", NONE, "x509: malformed algorithm identifier" },
  { "signature of octets", SIGNATURE, "04{30{020101020101}}", NONE, "x509: malformed signature" },
  { "signature with bits that nobody reads", SIGNATURE, "03{0101}", NONE,
    "x509: malformed signature" },

  /* distinguished names */
  { "issuer that is a set", ISSUER, "31{}", NONE, "x509: malformed issuer" },
  { "subject that is a set", SUBJECT, "31{}", NONE, "x509: malformed subject" },
  { "empty names", SUBJECT, "30{}", GOOD, NULL },
  { "attributes outside of a set", SUBJECT, "30{30{06035504030c0161}}", NONE,
    "x509: invalid RDNSequence" },
  { "attribute without a value", SUBJECT, NAME (""), NONE,
    "x509: invalid RDNSequence: invalid attribute" },
  { "name beyond UTF-8", SUBJECT, NAME ("0c02c080"), NONE,
    "x509: invalid RDNSequence: invalid attribute value" },
  { "name in UTF-8", SUBJECT, NAME ("0c02c3a9"), GOOD, NULL },
  { "sign that is not printable", SUBJECT, NAME ("13{'a@b'}"), NONE,
    "x509: invalid RDNSequence: invalid attribute value" },
  { "printable name", SUBJECT, NAME ("13{'a*b'}"), GOOD, NULL },
  { "letter in a number", SUBJECT, NAME ("12{'1 a'}"), NONE,
    "x509: invalid RDNSequence: invalid attribute value" },
  { "number", SUBJECT, NAME ("12{'1 2'}"), GOOD, NULL },
  { "IA5 beyond ASCII", SUBJECT, NAME ("160180"), NONE,
    "x509: invalid RDNSequence: invalid attribute value" },
  { "IA5", SUBJECT, NAME ("16{'a@b'}"), GOOD, NULL },
  { "half a character", SUBJECT, NAME ("1e03006100"), NONE,
    "x509: invalid RDNSequence: invalid attribute value" },
  { "surrogate", SUBJECT, NAME ("1e02d800"), NONE,
    "x509: invalid RDNSequence: invalid attribute value" },
  { "no character", SUBJECT, NAME ("1e02fdd0"), NONE,
    "x509: invalid RDNSequence: invalid attribute value" },
  { "character beside it", SUBJECT, NAME ("1e02fdf0"), GOOD, NULL },
  { "T61", SUBJECT, NAME ("1401e9"), GOOD, NULL },
  { "truth", SUBJECT, NAME ("0101ff"), STRICTER,
    "x509: a distinguished name has a value that is no string" },
  { "half a truth", SUBJECT, NAME ("010101"), NONE,
    "x509: invalid RDNSequence: invalid attribute value" },
  { "number that is none of text", SUBJECT, NAME ("020105"), STRICTER,
    "x509: a distinguished name has a value that is no string" },
  { "number that is padded", SUBJECT, NAME ("02020005"), NONE,
    "x509: invalid RDNSequence: invalid attribute value" },
  { "bits", SUBJECT, NAME ("03020780"), STRICTER,
    "x509: a distinguished name has a value that is no string" },
  { "bits that nobody reads", SUBJECT, NAME ("03020781"), NONE,
    "x509: invalid RDNSequence: invalid attribute value" },
  { "OID", SUBJECT, NAME ("06022a03"), STRICTER,
    "x509: a distinguished name has a value that is no string" },
  { "OID that does not end", SUBJECT, NAME ("06022a83"), NONE,
    "x509: invalid RDNSequence: invalid attribute value" },

  /* dates */
  { "validity without an end", VALIDITY, "30{17{'260101000000Z'}}", NONE,
    "x509: malformed validity" },
  { "date that is no date", VALIDITY, DATES ("0c{'260101000000Z'}"), NONE,
    "x509: malformed validity" },
  { "month 13", VALIDITY, DATES ("17{'261301000000Z'}"), NONE, "x509: malformed validity" },
  { "29 February", VALIDITY, DATES ("17{'260229000000Z'}"), NONE, "x509: malformed validity" },
  { "without a zone", VALIDITY, DATES ("17{'260101000000'}"), NONE, "x509: malformed validity" },
  { "zone that is none", VALIDITY, DATES ("17{'260101000000*0100'}"), NONE,
    "x509: malformed validity" },
  { "zone of nothing", VALIDITY, DATES ("17{'260101000000+0000'}"), NONE,
    "x509: malformed validity" },
  { "long year without seconds", VALIDITY, DATES ("18{'202601010000Z'}"), NONE,
    "x509: malformed validity" },
  { "text behind the zone", VALIDITY, DATES ("17{'260101000000ZZ'}"), NONE,
    "x509: malformed validity" },

  /* keys */
  { "no key", KEY, "", NONE, "x509: malformed spki" },
  { "key of nothing", KEY, "30{}", NONE, "asn1: structure error: not a SubjectPublicKeyInfo" },
  { "point that is not on the curve", KEY, "30{" P256 "03{0004" G "}}", NONE,
    "ecdsa: invalid uncompressed public key" },
  { "bits behind the key", KEY, "30{" P256 "03{00" G "}0500}", GOOD, NULL },

  { "unique identifiers", UNIQUE,
    "81020001"
    "82020001",
    GOOD, NULL },
  { "unique identifier that is cut", UNIQUE, "81847fffffff", NONE,
    "x509: malformed unique identifier" },

  /* extensions */
  { "extensions outside of a sequence", EXTENSIONS, "a3{31{}}", NONE,
    "x509: malformed extensions" },
  { "extension outside of a sequence", EXTENSIONS, "a3{30{31{}}}", NONE,
    "x509: malformed extension" },
  { "extension without an OID", EXTENSIONS, "a3{30{30{0400}}}", NONE,
    "x509: malformed extension OID field" },
  { "half critical", EXTENSIONS, "a3{30{30{06022a0301010104{}}}}", NONE,
    "x509: malformed extension critical field" },
  { "extension without a value", EXTENSIONS, "a3{30{30{06022a030101ff}}}", NONE,
    "x509: malformed extension value field" },
  { "key usage of octets", EXTENSIONS, EXTENSION ("0f", "040180"), NONE,
    "x509: invalid key usage" },
  { "constraints that are no sequence", EXTENSIONS, EXTENSION ("13", "0101ff"), NONE,
    "x509: invalid basic constraints" },
  { "half a CA", EXTENSIONS, EXTENSION ("13", "30{010101}"), NONE,
    "x509: invalid basic constraints" },
  { "path length below zero", EXTENSIONS, EXTENSION ("13", "30{0101ff0201ff}"), NONE,
    "x509: invalid basic constraints" },
  { "usages outside of a sequence", EXTENSIONS, EXTENSION ("25", "06022a03"), NONE,
    "x509: invalid extended key usages" },
  { "usage that is a name", EXTENSIONS, EXTENSION ("25", "30{0c0161}"), NONE,
    "x509: invalid extended key usages" },
  { "key identifier that is a sequence", EXTENSIONS, EXTENSION ("0e", "30{}"), NONE,
    "x509: invalid subject key identifier" },
  { "key identifier of the issuer that is none", EXTENSIONS, EXTENSION ("23", "0400"), NONE,
    "x509: invalid authority key identifier" },
  { "key identifier of the issuer that is cut", EXTENSIONS, EXTENSION ("23", "30{8005aa}"), NONE,
    "x509: invalid authority key identifier" },
  { "key identifier of the issuer that is critical", EXTENSIONS, CRITICAL ("23", "30{8001aa}"),
    NONE, "x509: authority key identifier incorrectly marked critical" },

  { "policy constraints", EXTENSIONS, EXTENSION ("24", "30{800100810100}"), GOOD, NULL },
  { "policy constraints that are no sequence", EXTENSIONS, EXTENSION ("24", "0400"), NONE,
    "x509: invalid policy constraints extension" },
  { "policy constraint of nothing", EXTENSIONS, EXTENSION ("24", "30{8000}"), NONE,
    "x509: invalid policy constraints extension" },
  { "policy constraint beyond 64 bits", EXTENSIONS, EXTENSION ("24", "30{8109010000000000000000}"),
    NONE, "x509: invalid policy constraints extension" },
  { "policy mappings that are no sequence", EXTENSIONS, EXTENSION ("21", "0400"), NONE,
    "x509: invalid policy mappings extension" },
  { "policy mapping to nothing", EXTENSIONS, EXTENSION ("21", "30{30{06022a03}}"), NONE,
    "x509: invalid policy mappings extension" },
  { "policy mapping", EXTENSIONS, EXTENSION ("21", "30{30{06022a0306022a04}}"), GOOD, NULL },
  { "policies that are no sequence", EXTENSIONS, EXTENSION ("20", "06022a03"), NONE,
    "x509: invalid certificate policies" },
  { "policy that is a name", EXTENSIONS, EXTENSION ("20", "30{30{0c0161}}"), NONE,
    "x509: invalid certificate policies" },
  { "policy twice", EXTENSIONS, EXTENSION ("20", "30{30{06022a03}30{06022a04}30{06022a03}}"), NONE,
    "x509: invalid certificate policies" },
  { "policies", EXTENSIONS, EXTENSION ("20", "30{30{06022a03}30{06022a04}}"), GOOD, NULL },
  { "any policy, not a number", EXTENSIONS, EXTENSION ("36", "0101ff"), NONE,
    "x509: invalid inhibit any policy extension" },
  { "any policy", EXTENSIONS, EXTENSION ("36", "020100"), GOOD, NULL },

  { "distribution points that are no sequence", EXTENSIONS, EXTENSION ("1f", "0400"), NONE,
    "x509: invalid CRL distribution points" },
  { "distribution point that is none", EXTENSIONS, EXTENSION ("1f", "30{0400}"), NONE,
    "x509: invalid CRL distribution point" },
  { "distribution point without a name", EXTENSIONS, EXTENSION ("1f", "30{30{a0{}}}"), NONE,
    "x509: invalid CRL distribution point" },
  { "distribution point whose URI is cut", EXTENSIONS, EXTENSION ("1f", "30{30{a0{a0{860578}}}}"),
    NONE, "x509: invalid CRL distribution point" },
  { "distribution point with URIs", EXTENSIONS,
    EXTENSION ("1f", "30{30{a0{a0{86{'http://a/'}86{'http://b/'}}}}}"), GOOD, NULL },
  { "distribution point of an issuer", EXTENSIONS, EXTENSION ("1f", "30{30{a2{82{'a'}}}}"), GOOD,
    NULL },

  { "access", EXTENSIONS, ACCESS ("04{30{30{06022a0386{'http://a/'}}}}"), GOOD, NULL },
  { "access that is critical", EXTENSIONS, ACCESS ("0101ff04{30{}}"), NONE,
    "x509: authority info access incorrectly marked critical" },
  { "access that is no sequence", EXTENSIONS, ACCESS ("04{0400}"), NONE,
    "x509: invalid authority info access" },
  { "access whose URI is cut", EXTENSIONS, ACCESS ("04{30{30{06022a03860578}}}"), NONE,
    "x509: invalid authority info access" },

  /* alternative names and constraints of them */
  { "names that are no sequence", EXTENSIONS, EXTENSION ("11", "0400"), NONE,
    "x509: invalid subject alternative names" },
  { "name that is cut", EXTENSIONS, EXTENSION ("11", "30{810575}"), NONE,
    "x509: invalid subject alternative name" },
  { "host beyond ASCII", EXTENSIONS, EXTENSION ("11", "30{820180}"), NONE,
    "x509: SAN dNSName is malformed" },
  { "URI beyond ASCII", EXTENSIONS, EXTENSION ("11", "30{8603783a80}"), NONE,
    "x509: SAN uniformResourceIdentifier is malformed" },
  { "URI of a user", EXTENSIONS, EXTENSION ("11", "30{86{'https://me@example.com/'}}"), GOOD,
    NULL },
  { "URI of a user with a password", EXTENSIONS,
    EXTENSION ("11", "30{86{'https://me:word@example.com/'}}"), STRICTER,
    "x509: cannot parse URI" },
  { "URI of an address", EXTENSIONS, EXTENSION ("11", "30{86{'https://[::1]/'}}"), STRICTER,
    "x509: cannot parse URI" },
  { "URI of a port that is none", EXTENSIONS, EXTENSION ("11", "30{86{'https://a:b/'}}"), STRICTER,
    "x509: cannot parse URI" },
  { "constraints of nothing", EXTENSIONS, EXTENSION ("1e", "30{}"), NONE,
    "x509: empty name constraints extension" },
  { "constraints with more behind", EXTENSIONS, EXTENSION ("1e", "30{a0{30{8201}}0500}"), NONE,
    "x509: invalid NameConstraints extension" },
  { "constraint that is none", EXTENSIONS, EXTENSION ("1e", "30{a0{0400}}"), NONE,
    "x509: invalid NameConstraints extension" },
  { "range of addresses", EXTENSIONS, EXTENSION ("1e", "30{a0{30{87080a000000ff800000}}}"), GOOD,
    NULL },
  { "mask with a hole in a byte", EXTENSIONS, EXTENSION ("1e", "30{a0{30{87080a000000ff810000}}}"),
    NONE, "x509: failed to parse a name constraint" },
  { "mask with a hole", EXTENSIONS, EXTENSION ("1e", "30{a0{30{87080a000000ff00ff00}}}"), NONE,
    "x509: failed to parse a name constraint" },
  { "address without a mask", EXTENSIONS, EXTENSION ("1e", "30{a0{30{87040a000000}}}"), NONE,
    "x509: failed to parse a name constraint" },
};

Test (crypto_certificate, parts)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_certificate struct sp_certificate *certificate = NULL;
      const char *others[PARTS] = { [PARTS - 1] = NULL };
      others[cases[i].part] = cases[i].other;
      int rc = parse (others, &certificate, &err);
      cr_expect (rc == (cases[i].wanted == GOOD ? 0 : SIGPOLICY_E_REJECTED), "%s: %d, %s",
                 cases[i].name, rc, err ? sigpolicy_error_message (err) : "accepted");
      if (rc == 0 || cases[i].wanted == GOOD)
        continue;
      cr_expect_str_eq (sigpolicy_error_message (err), cases[i].message, "%s: '%s'", cases[i].name,
                        sigpolicy_error_message (err));
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_BAD_SIGNATURE, "%s",
                 cases[i].name);
      cr_expect ((sp_error_stricter_id (err) != NULL) == (cases[i].wanted == STRICTER), "%s",
                 cases[i].name);
    }
}

/* A date is the same in any zone. */
Test (crypto_certificate, dates)
{
  static const struct
  {
    const char *date;
    sp_time wanted;
  } rows[] = {
    { "17{'260101000000Z'}", 1767225600 },     { "17{'2601010000Z'}", 1767225600 },
    { "17{'260101013000+0130'}", 1767225600 }, { "17{'251231230000-0100'}", 1767225600 },
    { "18{'20260101000000Z'}", 1767225600 },   { "18{'20260101020000+0200'}", 1767225600 },
    { "17{'491231235959Z'}", 2524607999 },     { "17{'500101000000Z'}", -631152000 },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_certificate struct sp_certificate *certificate = NULL;
      cleanup_free char *validity = sp_asprintf (&err, DATES ("%s"), rows[i].date);
      const char *const others[PARTS] = { [VALIDITY] = validity };
      cr_assert (parse (others, &certificate, &err) == 0, "%s", rows[i].date);
      cr_expect (certificate->not_before == rows[i].wanted, "%s: %lld", rows[i].date,
                 (long long)certificate->not_before);
    }
}

#define SHA256         "30{06096086480165030402010500}"
#define SHA384         "30{06096086480165030402020500}"
#define SHA1           "30{06052b0e03021a0500}"
#define MGF1(hash)     "a1{30{06092a864886f70d010108" hash "}}"
#define PSS(parameter) "30{06092a864886f70d01010a" parameter "}"

/* RSASSA-PSS has one hash throughout, a salt as long as that, and the usual trailer. */
Test (crypto_certificate, pss)
{
  static const struct
  {
    const char *algorithm;
    bool is_pss;
    enum sp_digest digest;
  } rows[] = {
    { PSS ("30{a0{" SHA256 "}" MGF1 (SHA256) "a2{020120}}"), true, SP_DIGEST_SHA256 },
    { PSS ("30{a0{" SHA384 "}" MGF1 (SHA384) "a2{020130}}"), true, SP_DIGEST_SHA384 },
    { PSS ("30{a0{" SHA256 "}" MGF1 (SHA256) "a2{020120}a3{020101}}"), true, SP_DIGEST_SHA256 },
    { PSS ("30{a0{" SHA256 "}" MGF1 (SHA256) "a2{020120}a3{020102}}"), false, SP_DIGEST_SHA1 },
    { PSS ("30{a0{" SHA256 "}" MGF1 (SHA256) "a2{020120}a3{0401ff}}"), false, SP_DIGEST_SHA1 },
    { PSS ("30{a0{" SHA256 "}" MGF1 (SHA256) "a2{020120}a3{0201010500}}"), false, SP_DIGEST_SHA1 },
    { PSS ("30{a0{" SHA256 "}" MGF1 (SHA384) "a2{020120}}"), false, SP_DIGEST_SHA1 },
    { PSS ("30{a0{" SHA256 "}" MGF1 (SHA256) "a2{02011f}}"), false, SP_DIGEST_SHA1 },
    { PSS ("30{a0{" SHA256 "}" MGF1 (SHA256) "}"), false, SP_DIGEST_SHA1 },
    { PSS ("30{a0{" SHA1 "}" MGF1 (SHA1) "a2{020114}}"), false, SP_DIGEST_SHA1 },
    { PSS ("30{}"), false, SP_DIGEST_SHA1 },
    { PSS (""), false, SP_DIGEST_SHA1 },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_certificate struct sp_certificate *certificate = NULL;
      const char *const others[PARTS] = { [ALGORITHM] = rows[i].algorithm };
      cr_assert (parse (others, &certificate, &err) == 0, "%s", rows[i].algorithm);
      cr_expect (certificate->is_pss == rows[i].is_pss, "%s", rows[i].algorithm);
      cr_expect (certificate->algorithm
                     == (rows[i].is_pss ? SP_ALGORITHM_RSA : SP_ALGORITHM_UNKNOWN),
                 "%s", rows[i].algorithm);
      cr_expect (!rows[i].is_pss || certificate->digest == rows[i].digest, "%s", rows[i].algorithm);
    }
}

/* As many as the limit says, and one more. */
Test (crypto_certificate, limits)
{
  static const struct
  {
    const char *before, *each, *end, *after; /* between each and end is a number of its own */
    size_t max;
    const char *message;
  } rows[] = {
    { "a3{30{", "30{06042a03", "0400}", "}}", SP_CERTIFICATE_EXTENSIONS_MAX,
      "a certificate with more than 128 extensions" },
    { "a3{30{30{0603551d2004{30{", "30{06042a03", "}", "}}}}}", SP_CERTIFICATE_NAMES_MAX,
      "a certificate with more than 256 policies" },
    { "a3{30{30{0603551d1104{30{", "82{'", "'}", "}}}}}", SP_CERTIFICATE_NAMES_MAX,
      "a certificate with more than 256 names" },
    { "a3{30{30{0603551d1e04{30{a0{", "30{82{'", "'}}", "}}}}}}", SP_CERTIFICATE_NAMES_MAX,
      "a certificate with more than 256 names" },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    for (size_t more = 0; more < 2; more++)
      {
        cleanup_error sigpolicy_error *err = NULL;
        cleanup_certificate struct sp_certificate *certificate = NULL;
        cleanup_buf struct sp_buf text = SP_BUF (1 << 20);
        sp_buf_str (&text, rows[i].before);
        for (size_t j = 0; j < rows[i].max + more; j++)
          {
            char number[8]; /* an arc of two bytes, the first of which goes on */
            (void)snprintf (number, sizeof number, "%04zx", 0x8100 + ((j >> 7) << 8 | (j & 0x7f)));
            sp_buf_str (&text, rows[i].each);
            sp_buf_str (&text, number);
            sp_buf_str (&text, rows[i].end);
          }
        sp_buf_str (&text, rows[i].after);
        const char *const others[PARTS] = { [EXTENSIONS] = text.data };
        int rc = parse (others, &certificate, &err);
        cr_expect (rc == (more ? SIGPOLICY_E_REJECTED : 0), "row %zu, %zu more: %s", i, more,
                   err ? sigpolicy_error_message (err) : "accepted");
        if (rc == 0 || !more)
          continue;
        cr_expect_str_eq (sigpolicy_error_message (err), rows[i].message);
        cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
      }
}

Test (crypto_certificate, too_long)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_certificate struct sp_certificate *certificate = NULL;
  cleanup_free char *bytes = calloc (1, SP_CERTIFICATE_BYTES_MAX + 1);

  cr_expect (
      sp_certificate_parse (sp_view_n (bytes, SP_CERTIFICATE_BYTES_MAX + 1), &certificate, &err)
      == SIGPOLICY_E_REJECTED);
  cr_expect_str_eq (sigpolicy_error_message (err), "a certificate of more than 32768 bytes");
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
}

/* An authority without a name is told by its serial number, or by its organization. */
Test (crypto_certificate, authority_without_a_name)
{
  static const struct
  {
    const char *name, *message;
  } rows[] = {
    { "30{}", "x509: certificate signed by unknown authority (possibly because of \"x509: ECDSA "
              "verification failure\" while trying to verify candidate authority certificate "
              "\"serial:0x2a\")" },
    { "30{31{30{060355040a0c{'ours'}}}}",
      "x509: certificate signed by unknown authority (possibly because of \"x509: ECDSA "
      "verification failure\" while trying to verify candidate authority certificate \"ours\")" },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_certificate struct sp_certificate *authority = NULL;
      cleanup_certificate struct sp_certificate *leaf = NULL;
      cleanup_certificate_pool struct sp_certificate_pool *pool = NULL;
      const struct sp_certificates none = { 0 };
      const char *const above[PARTS] = { [SUBJECT] = rows[i].name };
      const char *const below[PARTS] = { [ISSUER] = rows[i].name };
      cr_assert (parse (above, &authority, &err) == 0 && parse (below, &leaf, &err) == 0
                 && sp_certificate_pool_of (authority, &pool, &err) == 0);
      const struct sp_chain_question question
          = { .anchors = pool, .intermediates = { &none, &none }, .at = 1767225600 };
      cr_expect (sp_chain_verify (leaf, &question, &err) == SIGPOLICY_E_REJECTED);
      cr_expect_str_eq (sigpolicy_error_message (err), rows[i].message);
    }
}

/* Keys that Go knows and we do not, or that say more than is read: nothing that such a certificate
 * has signed is accepted. */
Test (crypto_certificate, odd_keys)
{
  static const struct
  {
    const char *before;
    size_t zeros; /* bytes of the key behind it */
    const char *after;
    int code;
    const char *words; /* odd, or the refusal; NULL: neither */
  } rows[] = {
    { "30{30{0609608648016503040311}03{00", 1312, "}}", 0, "a public key of ML-DSA" },
    { "30{30{0609608648016503040312}03{00", 1952, "}}", 0, "a public key of ML-DSA" },
    { "30{30{0609608648016503040313}03{00", 2592, "}}", 0, "a public key of ML-DSA" },
    { "30{30{0609608648016503040311}03{00", 1311, "}}", SIGPOLICY_E_REJECTED,
      "x509: invalid ML-DSA public key" },
    { "30{30{0609608648016503040312}03{00", 1312, "}}", SIGPOLICY_E_REJECTED,
      "x509: invalid ML-DSA public key" },
    { "30{30{06096086480165030403110500}03{00", 1312, "}}", SIGPOLICY_E_REJECTED,
      "x509: invalid ML-DSA public key" },
    { "30{30{0609608648016503040314}03{00", 1312, "}}", 0, NULL },
    { "30{30{06082b06010505070163}03{00", 8, "}}", 0, NULL },
    { "30{" P256 "03{00" G, 0, "}}", 0, NULL },
    { "30{" P256 "03{00" G, 0, "}0500}", 0,
      "a public key with bits or elements that nobody reads" },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_certificate struct sp_certificate *certificate = NULL;
      cleanup_buf struct sp_buf key = SP_BUF (1 << 20);
      sp_buf_str (&key, rows[i].before);
      for (size_t j = 0; j < rows[i].zeros; j++)
        sp_buf_str (&key, "00");
      sp_buf_str (&key, rows[i].after);
      const char *const others[PARTS] = { [KEY] = key.data };
      int rc = parse (others, &certificate, &err);
      cr_expect (rc == rows[i].code, "row %zu: %d, %s", i, rc,
                 err ? sigpolicy_error_message (err) : "read");
      const char *words = err           ? sigpolicy_error_message (err)
                          : certificate ? certificate->odd
                                        : NULL;
      cr_expect (rows[i].words ? words && strcmp (words, rows[i].words) == 0 : !words,
                 "row %zu: %s", i, words ? words : "nothing");
    }
}
