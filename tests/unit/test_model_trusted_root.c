/* SPDX-License-Identifier: Apache-2.0 */
#include "model/trusted_root.h"

#include "support/certificates.h"
#include "util/alloc.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define P256                                                                                 \
  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/" \
  "m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q=="
#define ID      "\"logId\":{\"keyId\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}"
#define START   "\"validFor\":{\"start\":\"2026-01-01T00:00:00Z\"}"
#define HASH    "\"hashAlgorithm\":\"SHA2_256\""
#define DETAILS "\"keyDetails\":\"PKIX_ECDSA_P256_SHA_256\""
#define RAW     "\"rawBytes\":\"" P256 "\""
#define KEY     "\"publicKey\":{" RAW "," DETAILS "," START "}"
#define WHEN(time) \
  "{" HASH "," ID ",\"publicKey\":{" RAW "," DETAILS ",\"validFor\":{\"start\":\"" time "\"}}}"
#define ROOT(members) \
  "{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+json;version=0.1\"," members "}"

#define NO_TIME  "not a time such as 2026-11-21T00:30:00Z"
#define NO_START "a log without the start of its validity"
#define NO_KEY                                                            \
  "a key that is not what \"keyDetails\" says, or of a kind that is not " \
  "supported"

static void
expect (const char *name, const char *text, const char *message, sigpolicy_reason reason)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_trusted_root struct sp_trusted_root *root = NULL;

  int rc = sp_trusted_root_parse (sp_view_str (text), &root, &err);
  cr_expect (rc == (message ? SIGPOLICY_E_KEY : 0), "%s: %d, %s", name, rc,
             err ? sigpolicy_error_message (err) : "accepted");
  if (rc == 0 || !message)
    return;
  cr_expect_str_eq (sigpolicy_error_message (err), message, "%s: '%s'", name,
                    sigpolicy_error_message (err));
  cr_expect (sigpolicy_error_reason (err) == reason, "%s", name);
}

/* A log, each of whose members counts. */
static const struct
{
  const char *log, *message; /* NULL: it is one */
} logs[] = {
  { "{" HASH "," ID "," KEY "}", NULL },
  { "{" HASH "," ID "," KEY ",\"operator\":\"me\",\"baseUrl\":\"https://log.example\"}", NULL },
  { "{" ID "," KEY "}", "a log whose \"hashAlgorithm\" is not SHA2_256" },
  { "{\"hashAlgorithm\":\"SHA2_512\"," ID "," KEY "}",
    "a log whose \"hashAlgorithm\" is not SHA2_256" },
  { "{" HASH "," KEY "}", "a log whose \"logId\" has not 32 bytes" },
  { "{" HASH ",\"logId\":{}," KEY "}", "a log whose \"logId\" has not 32 bytes" },
  { "{" HASH ",\"logId\":{\"keyId\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\"}," KEY "}",
    "a log whose \"logId\" has not 32 bytes" },
  { "{" HASH "," ID "}", "a log without \"publicKey\"" },
  { "{" HASH "," ID ",\"publicKey\":null}", "a log without \"publicKey\"" },
  { "{" HASH "," ID ",\"publicKey\":{" RAW "," DETAILS "}}", NO_START },
  { "{" HASH "," ID ",\"publicKey\":{" RAW "," DETAILS ",\"validFor\":{}}}", NO_START },
  { "{" HASH "," ID ",\"publicKey\":{" RAW "," START "}}", NO_KEY },
  { "{" HASH "," ID ",\"publicKey\":{" RAW ",\"keyDetails\":\"PKIX_ED25519\"," START "}}", NO_KEY },
  { "{" HASH "," ID ",\"publicKey\":{" RAW ",\"keyDetails\":\"PKCS1_RSA_PKCS1V5\"," START "}}",
    "x509: failed to parse public key (use ParsePKIXPublicKey instead for this key format)" },
  { "{" HASH "," ID ",\"publicKey\":{" DETAILS "," START "}}",
    "asn1: structure error: not a SubjectPublicKeyInfo" },
  { "{" HASH "," ID "," KEY ",\"more\":1}", "Unknown key \"more\"" },

  { WHEN ("0001-01-01T00:00:00Z"), NO_START },
  { WHEN ("0001-01-01T00:00:01Z"), NULL },
  { WHEN ("2026-01-01T00:00:00.5Z"), NULL },
  { WHEN ("2026-01-01T00:00:00.123456789Z"), NULL },
  { WHEN ("2026-01-01T00:00:00.1234567891Z"), NO_TIME },
  { WHEN ("2026-01-01T00:00:00+01:00"), NULL },
  { WHEN ("2026-01-01t00:00:00Z"), NO_TIME },
  { WHEN ("2026-01-01T00:00:00z"), NO_TIME },
  { WHEN ("2026-01-01T00:00:60Z"), NO_TIME },
  { WHEN ("2026-13-01T00:00:00Z"), NO_TIME },
  { WHEN ("2026-01-01"), NO_TIME },
  { WHEN (""), NO_TIME },
};

Test (model_trusted_root, logs)
{
  for (size_t i = 0; i < sizeof logs / sizeof *logs; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_free char *text = sp_asprintf (&err, ROOT ("\"tlogs\":[%s]"), logs[i].log);
      expect (logs[i].log, text, logs[i].message, SIGPOLICY_REASON_KEY_UNUSABLE);
    }
}

static const struct
{
  const char *text, *message;
} wholes[] = {
  { ROOT ("\"tlogs\":[]"), NULL },
  { ROOT ("\"tlogs\":null"), NULL },
  { ROOT ("\"tlogs\":{}"), "expected an array, found an object" },
  { "{}", "\"mediaType\" is not that of a trusted root" },
  { "{\"mediaType\":1}", "expected a string, found a number" },
  { "{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot.v0.2+json\"}", NULL },
  { "{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot.v0.3+json\"}",
    "\"mediaType\" is not that of a trusted root" },
  { ROOT ("\"certificateAuthorities\":[{}]"), "an authority without certificates" },
  { ROOT ("\"certificateAuthorities\":[{\"certChain\":{}}]"), "an authority without certificates" },
  { ROOT ("\"timestampAuthorities\":[{\"certChain\":{\"certificates\":[]}}]"),
    "an authority without certificates" },
  { ROOT ("\"certificateAuthorities\":[{\"certChain\":{\"certificates\":[{}]}}]"),
    "x509: malformed certificate" },
};

Test (model_trusted_root, wholes)
{
  for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++)
    expect (wholes[i].text, wholes[i].text, wholes[i].message, SIGPOLICY_REASON_KEY_UNUSABLE);
}

/* A key of RSA may be given without anything round it, if that is what its details say. */
Test (model_trusted_root, bare_rsa)
{
  static const struct
  {
    const char *kind, *details;
    bool bare;
    const char *message;
  } rows[] = {
    { "RSA-2048", "PKCS1_RSA_PKCS1V5", true, NULL },
    { "RSA-2048", "PKIX_RSA_PKCS1V15_2048_SHA256", false, NULL },
    { "RSA-2048", "PKIX_RSA_PKCS1V15_2048_SHA256", true,
      "asn1: structure error: not a SubjectPublicKeyInfo" },
    { "RSA-2048", "PKIX_RSA_PKCS1V15_3072_SHA256", false, NO_KEY },
    { "RSA-2048", "PKCS1_RSA_PKCS1V5", false,
      "x509: failed to parse public key (use ParsePKIXPublicKey instead for this key format)" },
    { "RSA-1024", "PKCS1_RSA_PKCS1V5", true, NO_KEY },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      unsigned char *der = NULL;
      EVP_PKEY *key = make_key (rows[i].kind, 0);
      int length = rows[i].bare ? i2d_PublicKey (key, &der) : i2d_PUBKEY (key, &der);
      cleanup_free char *body = base64 (der, (size_t)length);
      cleanup_free char *text
          = sp_asprintf (&err,
                         ROOT ("\"ctlogs\":[{" HASH "," ID ",\"publicKey\":{\"rawBytes\":\"%s\","
                               "\"keyDetails\":\"%s\"," START "}}]"),
                         body, rows[i].details);
      expect (rows[i].details, text, rows[i].message, SIGPOLICY_REASON_KEY_UNUSABLE);
      OPENSSL_free (der);
    }
}

/* As many as the limit says, and one more. */
Test (model_trusted_root, limits)
{
  static const char of_logs[] = "{" HASH "," ID "," KEY "}";
  static const struct
  {
    const char *before, *one, *after;
    size_t max;
    const char *most, *more; /* messages */
  } rows[] = {
    { "\"tlogs\":[", of_logs, "]", SP_TRUSTED_ROOT_ENTRIES_MAX, NULL,
      "more than 64 logs or authorities" },
    { "\"certificateAuthorities\":[{\"certChain\":{\"certificates\":[", "{}", "]}}]",
      SP_TRUSTED_ROOT_CERTIFICATES_MAX, "x509: malformed certificate",
      "more than 10 certificates of an authority" },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    for (size_t more = 0; more < 2; more++)
      {
        cleanup_error sigpolicy_error *err = NULL;
        cleanup_buf struct sp_buf list = SP_BUF (SP_TRUSTED_ROOT_BYTES_MAX);
        for (size_t j = 0; j < rows[i].max + more; j++)
          {
            sp_buf_str (&list, j ? "," : "");
            sp_buf_str (&list, rows[i].one);
          }
        cleanup_free char *text
            = sp_asprintf (&err, ROOT ("%s%s%s"), rows[i].before, list.data, rows[i].after);
        expect (rows[i].before, text, more ? rows[i].more : rows[i].most,
                more ? SIGPOLICY_REASON_LIMIT : SIGPOLICY_REASON_KEY_UNUSABLE);
      }
}

Test (model_trusted_root, too_long)
{
  cleanup_free char *text = calloc (1, SP_TRUSTED_ROOT_BYTES_MAX + 2);
  memset (text, ' ', SP_TRUSTED_ROOT_BYTES_MAX + 1);
  expect ("too long", text, "a trusted root of more than 1048576 bytes", SIGPOLICY_REASON_LIMIT);
}
