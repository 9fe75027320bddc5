/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/rekor.h"

#include "support/certificates.h"
#include "util/alloc.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define PAYLOAD "{\"critical\":{}}"
#define TIME    "1780272000"
#define BODY                                                                                \
  "{\"apiVersion\":\"0.0.1\",\"kind\":\"hashedrekord\",\"spec\":{\"data\":{\"hash\":{"      \
  "\"algorithm\""                                                                           \
  ":\"sha256\",\"value\":\"@hash@\"}},\"signature\":{\"content\":\"@sig@\",\"publicKey\":{" \
  "\"content\":\"@key@\"}}}}"
#define SPEC(spec) "{\"apiVersion\":\"0.0.1\",\"kind\":\"hashedrekord\",\"spec\":" spec "}"
#define KEY        "\"signature\":{\"content\":\"@sig@\",\"publicKey\":{\"content\":\"@key@\"}}"
#define DATA       "\"data\":{\"hash\":{\"algorithm\":\"sha256\",\"value\":\"@hash@\"}}"
#define SHOWN \
  "{\"body\":\"@body@\",\"integratedTime\":" TIME ",\"logID\":\"c0ffee\",\"logIndex\":7}"
#define OUTER "{\"SignedEntryTimestamp\":\"@set@\",\"Payload\":@payload@}"

/* What is in an entry, from the inside out; NULL is the usual. The log signs what it would have
 * written: signed_text, else shown. */
static const struct
{
  const char *name, *body, *shown, *signed_text, *outer, *key;
  const char *wanted; /* NULL: accepted */
  sp_time time;       /* 0: the usual */
} cases[] = {
  { .name = "as it should be" },

  /* around the canonical form */
  { .name = "reordered",
    .shown
    = " {\"logIndex\" :7,\"logID\":\"c0ffee\", \"integratedTime\":" TIME ",\n\"body\":\"@body@\"} ",
    .signed_text = SHOWN },
  { .name = "number with a fraction",
    .shown
    = "{\"body\":\"@body@\",\"integratedTime\":" TIME ".0,\"logID\":\"c0ffee\",\"logIndex\":7e0}",
    .signed_text = SHOWN },
  { .name = "escapes",
    .shown = "{\"bo\\u0064y\":\"@body@\",\"integratedTime\":" TIME
             ",\"logID\":\"\\u00630ffee\",\"logIndex\":7}",
    .signed_text = SHOWN },
  { .name = "bytes that are no UTF-8",
    .shown
    = "{\"body\":\"@body@\",\"integratedTime\":" TIME ",\"logID\":\"\xff\",\"logIndex\":7}" },
  { .name = "signed as it is shown",
    .shown = "{ \"body\":\"@body@\",\"integratedTime\":" TIME ",\"logID\":\"c\",\"logIndex\":7}",
    .wanted = "cryptographic signature verification of Rekor SET failed" },
  { .name = "another time",
    .shown = "{\"body\":\"@body@\",\"integratedTime\":1780272001,\"logID\":\"c0ffee\",\"logIndex\""
             ":7}",
    .signed_text = SHOWN,
    .wanted = "cryptographic signature verification of Rekor SET failed" },
  { .name = "another index",
    .shown
    = "{\"body\":\"@body@\",\"integratedTime\":" TIME ",\"logID\":\"c0ffee\",\"logIndex\":8}",
    .signed_text = SHOWN,
    .wanted = "cryptographic signature verification of Rekor SET failed" },

  /* the outer object */
  { .name = "SET with a newline in it",
    .outer = "{\"SignedEntryTimestamp\":\"\\n@set@\\r\\n\",\"Payload\":@payload@}" },
  { .name = "SET without padding",
    .outer = "{\"SignedEntryTimestamp\":\"@set@A\",\"Payload\":@payload@}",
    .wanted = "illegal base64" },
  { .name = "SET null",
    .outer = "{\"SignedEntryTimestamp\":null,\"Payload\":@payload@}",
    .wanted = "cryptographic signature verification of Rekor SET failed" },
  { .name = "SET empty",
    .outer = "{\"SignedEntryTimestamp\":\"\",\"Payload\":@payload@}",
    .wanted = "cryptographic signature verification of Rekor SET failed" },
  { .name = "SET a number",
    .outer = "{\"SignedEntryTimestamp\":1,\"Payload\":@payload@}",
    .wanted = "json: cannot unmarshal number 1 into Go value of type []uint8" },
  { .name = "other case of the outer name",
    .outer = "{\"signedEntryTimestamp\":\"@set@\",\"Payload\":@payload@}",
    .wanted = "Unknown key \"signedEntryTimestamp\"" },
  { .name = "outer member too many",
    .outer = "{\"SignedEntryTimestamp\":\"@set@\",\"Payload\":@payload@,\"x\":1}",
    .wanted = "Unknown key \"x\"" },
  { .name = "outer member twice",
    .outer = "{\"SignedEntryTimestamp\":\"@set@\",\"Payload\":@payload@,\"Payload\":@payload@}",
    .wanted = "Duplicate key \"Payload\"" },
  { .name = "outer member missing",
    .outer = "{\"SignedEntryTimestamp\":\"@set@\"}",
    .wanted = "Key \"Payload\" missing in a JSON object" },
  { .name = "white space behind", .outer = OUTER " \n" },
  { .name = "garbage behind",
    .outer = OUTER "x",
    .wanted = "invalid character 'x' after top-level value" },
  { .name = "outer null", .outer = "null", .wanted = "JSON object expected, got <nil>" },
  { .name = "outer empty", .outer = "", .wanted = "unexpected end of JSON input" },

  /* the payload */
  { .name = "payload null",
    .shown = "null",
    .wanted = "canonicalizing Rekor SET JSON: Expected '{' but got 'n'" },
  { .name = "payload an array",
    .shown = "[]",
    .wanted = "parsing Rekor SET payload: JSON object expected, got 91" },
  { .name = "payload with a key twice",
    .shown = "{\"body\":\"@body@\",\"body\":1}",
    .wanted = "canonicalizing Rekor SET JSON: Duplicate key: body" },
  { .name = "payload member too many",
    .shown = "{\"body\":\"@body@\",\"integratedTime\":1,\"logID\":\"\",\"logIndex\":7,\"x\":1}",
    .wanted = "parsing Rekor SET payload: Unknown key \"x\"" },
  { .name = "payload member missing",
    .shown = "{\"body\":\"@body@\",\"integratedTime\":1,\"logIndex\":7}",
    .wanted = "parsing Rekor SET payload: Key \"logID\" missing in a JSON object" },
  { .name = "payload member in another case",
    .shown = "{\"body\":\"@body@\",\"integratedTime\":1,\"logId\":\"\",\"logIndex\":7}",
    .wanted = "parsing Rekor SET payload: Unknown key \"logId\"" },
  { .name = "nulls",
    .shown = "{\"body\":\"@body@\",\"integratedTime\":-5,\"logID\":null,\"logIndex\":null}",
    .time = -5 },
  { .name = "index -1",
    .shown = "{\"body\":\"@body@\",\"integratedTime\":1,\"logID\":\"\",\"logIndex\":-1}",
    .time = 1 },
  { .name = "fractional time",
    .shown = "{\"body\":\"@body@\",\"integratedTime\":1.5,\"logID\":\"\",\"logIndex\":7}",
    .wanted = "parsing Rekor SET payload: json: cannot unmarshal number 1.5 into Go value of type "
              "int64" },
  { .name = "time in quotes",
    .shown = "{\"body\":\"@body@\",\"integratedTime\":\"1\",\"logID\":\"\",\"logIndex\":7}",
    .wanted = "json: cannot unmarshal string into Go value of type int64" },
  { .name = "time beyond 64 bits",
    .shown = "{\"body\":\"@body@\",\"integratedTime\":100000000000000000000,\"logID\":\"\","
             "\"logIndex\":7}",
    .wanted = "json: cannot unmarshal number 100000000000000000000 into" },
  { .name = "the time that is none, which counts for certificates alone",
    .shown = "{\"body\":\"@body@\",\"integratedTime\":-62135596800,\"logID\":\"\",\"logIndex\":7}",
    .time = -62135596800 },
  { .name = "body an object",
    .shown = "{\"body\":{},\"integratedTime\":1,\"logID\":\"\",\"logIndex\":7}",
    .wanted = "json: cannot unmarshal object into Go value of type []uint8" },
  { .name = "body null",
    .shown = "{\"body\":null,\"integratedTime\":1,\"logID\":\"\",\"logIndex\":7}",
    .wanted = "decoding the body of a Rekor SET payload: unexpected end of JSON input" },
  { .name = "log a number",
    .shown = "{\"body\":\"@body@\",\"integratedTime\":1,\"logID\":5,\"logIndex\":7}",
    .wanted = "json: cannot unmarshal number 5 into Go value of type string" },

  /* the body, which is read leniently */
  { .name = "body with white space", .body = " " BODY " " },
  { .name = "body with garbage",
    .body = BODY "x",
    .wanted = "decoding the body of a Rekor SET payload: invalid character 'x'" },
  { .name = "two bodies", .body = BODY BODY, .wanted = "after top-level value" },
  { .name = "body is null", .body = "null", .wanted = "invalid kind value: \"\"" },
  { .name = "body is an array", .body = "[]", .wanted = "decoding the body" },
  { .name = "unknown members",
    .body = "{\"apiVersion\":\"0.0.1\",\"kind\":\"hashedrekord\",\"x\":{},\"spec\":{" KEY
            ",\"y\":[]," DATA "}}" },
  { .name = "other case",
    .body
    = "{\"APIVERSION\":\"0.0.1\",\"Kind\":\"hashedrekord\",\"\xc5\xbfpec\":{" KEY "," DATA "}}" },
  { .name = "kind",
    .body = "{\"apiVersion\":\"0.0.1\",\"kind\":\"HashedRekord\",\"spec\":{" KEY "," DATA "}}",
    .wanted = "invalid kind value: \"HashedRekord\"" },
  { .name = "last kind",
    .body = "{\"apiVersion\":\"0.0.1\",\"kind\":\"hashedrekord\",\"kind\":\"rekord\",\"spec\":{" KEY
            "," DATA "}}",
    .wanted = "invalid kind value: \"rekord\"" },
  { .name = "kind null keeps the first",
    .body = "{\"apiVersion\":\"0.0.1\",\"kind\":\"hashedrekord\",\"kind\":null,\"spec\":{" KEY
            "," DATA "}}" },
  { .name = "kind a number",
    .body = "{\"apiVersion\":\"0.0.1\",\"kind\":1,\"spec\":{" KEY "," DATA "}}",
    .wanted = "decoding the body" },
  { .name = "version",
    .body = "{\"apiVersion\":\"0.0.2\",\"kind\":\"hashedrekord\",\"spec\":{" KEY "," DATA "}}",
    .wanted = "unsupported Rekor SET Payload hashedrekord version \"0.0.2\"" },
  { .name = "no version",
    .body = "{\"kind\":\"hashedrekord\",\"spec\":{" KEY "," DATA "}}",
    .wanted = "missing Rekor SET Payload API version" },
  { .name = "version taken away",
    .body = "{\"apiVersion\":\"0.0.1\",\"apiVersion\":null,\"kind\":\"hashedrekord\",\"spec\":{" KEY
            "," DATA "}}",
    .wanted = "missing Rekor SET Payload API version" },
  { .name = "no spec",
    .body = "{\"apiVersion\":\"0.0.1\",\"kind\":\"hashedrekord\"}",
    .wanted = "decoding hashedrekod spec: unexpected end of JSON input" },
  { .name = "spec null",
    .body = SPEC ("null"),
    .wanted = "Missing \"signature\" field in hashedrekord" },
  { .name = "spec an array", .body = SPEC ("[]"), .wanted = "decoding hashedrekod spec" },
  { .name = "the last spec counts",
    .body = "{\"apiVersion\":\"0.0.1\",\"kind\":\"hashedrekord\",\"spec\":{" KEY "," DATA
            "},\"spec\":{" KEY "}}",
    .wanted = "Missing \"data\" field in hashedrekord" },
  { .name = "objects are merged",
    .body = SPEC ("{" KEY "," DATA ",\"data\":{\"hash\":{\"algorithm\":\"sha256\"}}}") },
  { .name = "objects are taken away",
    .body = SPEC ("{" KEY "," DATA ",\"data\":null,\"data\":{\"hash\":{}}}"),
    .wanted = "Missing \"data.hash.algorithm\" field" },
  { .name = "no public key",
    .body = SPEC ("{" DATA ",\"signature\":{\"content\":\"@sig@\"}}"),
    .wanted = "Missing \"signature.publicKey\" field in hashedrekord" },
  { .name = "public key a string",
    .body = SPEC ("{" DATA ",\"signature\":{\"content\":\"@sig@\",\"publicKey\":\"@key@\"}}"),
    .wanted = "decoding hashedrekod spec" },
  { .name = "no signature content",
    .body = SPEC ("{" DATA ",\"signature\":{\"publicKey\":{\"content\":\"@key@\"}}}"),
    .wanted = "signature in Rekor SET does not match: \"\" vs. " },
  { .name = "signature of another payload",
    .body = SPEC ("{" DATA ",\"signature\":{\"content\":\"b3RoZXI=\",\"publicKey\":{\"content\":"
                  "\"@key@\"}}}"),
    .wanted = "signature in Rekor SET does not match: \"other\" vs. " },
  { .name = "no hash",
    .body = SPEC ("{" KEY ",\"data\":{}}"),
    .wanted = "Missing \"data.hash\" field" },
  { .name = "no hash value",
    .body = SPEC ("{" KEY ",\"data\":{\"hash\":{\"algorithm\":\"sha256\"}}}"),
    .wanted = "Missing \"data.hash.value\" field" },
  { .name = "hash algorithm",
    .body = SPEC ("{" KEY ",\"data\":{\"hash\":{\"algorithm\":\"SHA256\",\"value\":\"@hash@\"}}}"),
    .wanted = "Unexpected \"data.hash.algorithm\" value \"SHA256\"" },
  { .name = "hash in capitals",
    .body
    = SPEC ("{" KEY ",\"data\":{\"hash\":{\"algorithm\":\"sha256\",\"value\":\"@HASH@\"}}}") },
  { .name = "hash with 0x",
    .body
    = SPEC ("{" KEY ",\"data\":{\"hash\":{\"algorithm\":\"sha256\",\"value\":\"0x@hash@\"}}}"),
    .wanted = "Invalid \"data.hash.value\" field in hashedrekord" },
  { .name = "half a byte more",
    .body = SPEC ("{" KEY ",\"data\":{\"hash\":{\"algorithm\":\"sha256\",\"value\":\"@hash@0\"}}}"),
    .wanted = "encoding/hex: odd length hex string" },
  { .name = "short hash",
    .body = SPEC ("{" KEY ",\"data\":{\"hash\":{\"algorithm\":\"sha256\",\"value\":\"00\"}}}"),
    .wanted = "payload in Rekor SET does not match" },
  { .name = "hash of another payload",
    .body = SPEC ("{" KEY ",\"data\":{\"hash\":{\"algorithm\":\"sha256\",\"value\":"
                  "\"0000000000000000000000000000000000000000000000000000000000000000\"}}}"),
    .wanted = "payload in Rekor SET does not match" },

  /* the key of the entry; %s is the body of the PEM */
  { .name = "another label", .key = "-----BEGIN X-----\n%s-----END X-----\n" },
  { .name = "headers", .key = "-----BEGIN PUBLIC KEY-----\nA: b\n\n%s-----END PUBLIC KEY-----\n" },
  { .name = "text before",
    .key = "text\n-----BEGIN PUBLIC KEY-----\n%s-----END PUBLIC KEY-----\n" },
  { .name = "no newline at the end",
    .key = "-----BEGIN PUBLIC KEY-----\n%s-----END PUBLIC KEY-----" },
  { .name = "spaces at the end",
    .key = "-----BEGIN PUBLIC KEY-----\n%s-----END PUBLIC KEY-----  \n" },
  { .name = "one newline more",
    .key = "-----BEGIN PUBLIC KEY-----\n%s-----END PUBLIC KEY-----\n\n",
    .wanted = "publicKey in Rekor SET has trailing data" },
  { .name = "no PEM", .key = "%s", .wanted = "publicKey in Rekor SET is not in PEM format" },
  { .name = "another key",
    .key = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    .wanted = "publicKey in Rekor SET does not match" },
};

struct parts
{
  char *hash, *upper, *sig, *key, *body, *set, *payload;
};

/* template with its @names@ filled in; to free(). */
static char *
fill (const char *template, const struct parts *parts)
{
  const struct
  {
    const char *name, *value;
  } names[] = { { "@hash@", parts->hash },      { "@HASH@", parts->upper }, { "@sig@", parts->sig },
                { "@key@", parts->key },        { "@body@", parts->body },  { "@set@", parts->set },
                { "@payload@", parts->payload } };
  struct sp_buf out = SP_BUF (1 << 20);
  cleanup_error sigpolicy_error *err = NULL;

  while (*template)
    {
      size_t i = 0;
      while (i < sizeof names / sizeof *names
             && strncmp (template, names[i].name, strlen (names[i].name)) != 0)
        i++;
      if (i < sizeof names / sizeof *names)
        {
          sp_buf_str (&out, names[i].value);
          template += strlen (names[i].name);
        }
      else
        sp_buf_byte (&out, *template ++);
    }
  return sp_buf_steal (&out, &err);
}

static char *
sign (EVP_PKEY *key, const char *text)
{
  size_t length;
  cleanup_free unsigned char *signature
      = make_signature (key, "SHA256", text, strlen (text), &length);
  return base64 (signature, length);
}

static struct sp_public_key *
load (EVP_PKEY *made)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *pem = public_key_pem (made);
  struct sp_public_key *key = NULL;
  cr_assert (sp_public_key_from_pem (sp_view_str (pem), &key, &err) == 0);
  return key;
}

static char *
hash_of (const char *text, const char *format)
{
  unsigned char digest[32];
  char *hex = calloc (1, 65);
  cr_assert (EVP_Digest (text, strlen (text), digest, NULL, EVP_sha256 (), NULL) == 1);
  for (size_t i = 0; i < sizeof digest; i++)
    (void)snprintf (hex + 2 * i, 3, strcmp (format, "X") == 0 ? "%02X" : "%02x", digest[i]);
  return hex;
}

static char *
entry_key (const char *template, const char *pem)
{
  const char *body = strchr (pem, '\n') + 1, *at = template ? strstr (template, "%s") : NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *text
      = !template ? strdup (pem)
        : at      ? sp_asprintf (&err, "%.*s%.*s%s", (int)(at - template), template,
                                 (int)(strstr (body, "-----END") - body), body, at + 2)
                  : strdup (template);
  return base64 (text, strlen (text));
}

static int
check (struct sp_view set, struct sp_public_key *const *logs, size_t n_logs,
       const struct sp_rekor_signer *signer, const char *signature, sp_time *time,
       sigpolicy_error **err)
{
  cleanup_rekor_entry struct sp_rekor_entry entry = { 0 };
  int rc = sp_rekor_open (set, logs, n_logs, &entry, err);
  if (rc == 0)
    rc = sp_rekor_match (&entry, signer, sp_view_str (signature), sp_view_str (PAYLOAD), err);
  *time = entry.time;
  return rc;
}

Test (verify_rekor, entries)
{
  EVP_PKEY *log = make_key ("P-256", 0), *signing = make_key ("P-256", 1);
  cleanup_public_key struct sp_public_key *log_key = load (log);
  cleanup_public_key struct sp_public_key *key = load (signing);
  cleanup_free char *pem = public_key_pem (signing);
  cleanup_free char *hash = hash_of (PAYLOAD, "x");
  cleanup_free char *upper = hash_of (PAYLOAD, "X");
  cleanup_free char *signature = sign (signing, PAYLOAD);
  const struct sp_rekor_signer signer = { .spki = sp_public_key_spki (key) };

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      struct parts parts = { .hash = hash, .upper = upper, .sig = signature };
      const char *shown = cases[i].shown ? cases[i].shown : SHOWN;
      const char *signed_text = cases[i].signed_text ? cases[i].signed_text : shown;
      sp_time time = 0, wanted_time = 1780272000;

      parts.key = entry_key (cases[i].key, pem);
      cleanup_free char *body = fill (cases[i].body ? cases[i].body : BODY, &parts);
      parts.body = base64 (body, strlen (body));
      parts.payload = fill (shown, &parts);
      cleanup_free char *canonical = fill (signed_text, &parts);
      parts.set = sign (log, canonical);
      cleanup_free char *set = fill (cases[i].outer ? cases[i].outer : OUTER, &parts);
      if (strcmp (cases[i].name, "signed as it is shown") != 0 && cases[i].wanted)
        cr_expect (cases[i].wanted[0] != '\0');

      int rc = check (sp_view_str (set), &log_key, 1, &signer, signature, &time, &err);
      cr_expect ((rc == 0) == (cases[i].wanted == NULL), "%s: %s", cases[i].name,
                 err ? sigpolicy_error_message (err) : "accepted");
      if (rc < 0 && cases[i].wanted)
        cr_expect (strstr (sigpolicy_error_message (err), cases[i].wanted), "%s: %s", cases[i].name,
                   sigpolicy_error_message (err));
      if (cases[i].time)
        wanted_time = cases[i].time;
      if (rc == 0)
        cr_expect (time == wanted_time, "%s", cases[i].name);
      free (parts.key);
      free (parts.body);
      free (parts.set);
      free (parts.payload);
    }
}

/* Several logs; no log; another log; a log on P-384. */
Test (verify_rekor, logs)
{
  EVP_PKEY *signing = make_key ("P-256", 1);
  cleanup_public_key struct sp_public_key *key = load (signing);
  cleanup_public_key struct sp_public_key *first = load (make_key ("P-256", 0));
  cleanup_public_key struct sp_public_key *second = load (make_key ("P-384", 0));
  cleanup_public_key struct sp_public_key *rsa = load (make_key ("RSA-2048", 0));
  cleanup_free char *pem = public_key_pem (signing);
  cleanup_free char *signature = sign (signing, PAYLOAD);
  cleanup_free char *by_first
      = make_log_entry (make_key ("P-256", 0), TEST_NOW, pem, signature, PAYLOAD, strlen (PAYLOAD));
  cleanup_free char *by_second
      = make_log_entry (make_key ("P-384", 0), TEST_NOW, pem, signature, PAYLOAD, strlen (PAYLOAD));
  cleanup_free char *by_rsa = make_log_entry (make_key ("RSA-2048", 0), TEST_NOW, pem, signature,
                                              PAYLOAD, strlen (PAYLOAD));
  const struct sp_rekor_signer signer = { .spki = sp_public_key_spki (key) };
  const struct
  {
    const char *set;
    struct sp_public_key *logs[3];
    size_t n_logs;
    bool good;
  } rows[] = {
    { by_first, { first, second }, 2, true },
    { by_second, { first, second }, 2, true },
    { by_second, { second, first }, 2, true },
    { by_first, { second }, 1, false },
    { by_second, { first }, 1, false },
    { by_first, { NULL }, 0, false },
    { by_rsa, { rsa }, 1, false },
    { by_first, { rsa, first, first }, 3, true },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      sp_time time;
      int rc = check (sp_view_str (rows[i].set), rows[i].logs, rows[i].n_logs, &signer, signature,
                      &time, &err);
      cr_expect ((rc == 0) == rows[i].good, "row %zu", i);
      if (rc < 0)
        cr_expect_str_eq (sigpolicy_error_message (err),
                          "cryptographic signature verification of Rekor SET failed");
    }
}

/* An entry is of one signature, by one key, over one payload, and none of its bits is free. */
Test (verify_rekor, bound)
{
  EVP_PKEY *log = make_key ("P-256", 0), *signing = make_key ("P-256", 1);
  cleanup_public_key struct sp_public_key *log_key = load (log);
  cleanup_public_key struct sp_public_key *key = load (signing);
  cleanup_public_key struct sp_public_key *other = load (make_key ("P-256", 2));
  cleanup_free char *pem = public_key_pem (signing);
  cleanup_free char *signature = sign (signing, PAYLOAD);
  cleanup_free char *again = sign (signing, PAYLOAD);
  cleanup_free char *set = NULL;
  /* Until base64 has no unused bits, which are free. */
  do
    {
      free (set);
      set = make_log_entry (log, TEST_NOW, pem, signature, PAYLOAD, strlen (PAYLOAD));
    }
  while (strstr (set, "=\",\"Payload\""));
  cleanup_rekor_entry struct sp_rekor_entry entry = { 0 };
  const struct sp_rekor_signer signer = { .spki = sp_public_key_spki (key) };
  const struct sp_rekor_signer other_signer = { .spki = sp_public_key_spki (other) };
  const struct sp_rekor_signer as_certificate = { .certificate_pem = sp_view_str (pem) };
  cleanup_error sigpolicy_error *err = NULL;
  sp_time time;

  cr_assert (sp_rekor_open (sp_view_str (set), &log_key, 1, &entry, &err) == 0);
  cr_expect (sp_rekor_match (&entry, &signer, sp_view_str (signature), sp_view_str (PAYLOAD), &err)
             == 0);
  cr_expect (
      sp_rekor_match (&entry, &as_certificate, sp_view_str (signature), sp_view_str (PAYLOAD), &err)
      == 0);
  cr_expect (
      sp_rekor_match (&entry, &other_signer, sp_view_str (signature), sp_view_str (PAYLOAD), &err)
      < 0);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_KEY_NOT_TRUSTED);
  sp_error_clear (&err);
  cr_expect (sp_rekor_match (&entry, &signer, sp_view_str (again), sp_view_str (PAYLOAD), &err)
             < 0);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_NOT_IN_LOG);
  sp_error_clear (&err);
  cr_expect (
      sp_rekor_match (&entry, &signer, sp_view_str (signature), sp_view_str (PAYLOAD " "), &err)
      < 0);
  sp_error_clear (&err);
  cr_expect (sp_rekor_match (&entry, &signer, sp_view_str ("*"), sp_view_str (PAYLOAD), &err) < 0);
  sp_error_clear (&err);

  for (size_t bit = 0; bit < 8 * strlen (set); bit++)
    {
      set[bit / 8] = (char)(set[bit / 8] ^ (1 << bit % 8));
      int rc = check (sp_view_str (set), &log_key, 1, &signer, signature, &time, &err);
      set[bit / 8] = (char)(set[bit / 8] ^ (1 << bit % 8));
      cr_expect (rc < 0, "bit %zu: %.20s", bit, set + bit / 8);
      sp_error_clear (&err);
    }
}

Test (verify_rekor, ceiling)
{
  cleanup_public_key struct sp_public_key *log_key = load (make_key ("P-256", 0));
  for (size_t more = 0; more < 2; more++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_rekor_entry struct sp_rekor_entry entry = { 0 };
      cleanup_buf struct sp_buf text = SP_BUF (SP_REKOR_SET_BYTES_MAX + 1);
      while (text.len < SP_REKOR_SET_BYTES_MAX + more)
        sp_buf_byte (&text, ' ');
      cr_expect (sp_rekor_open (sp_buf_view (&text), &log_key, 1, &entry, &err) < 0);
      cr_expect ((sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT) == (more == 1), "%s",
                 sigpolicy_error_message (err));
    }
}
