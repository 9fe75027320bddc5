/* SPDX-License-Identifier: Apache-2.0 */
#include "json/write.h"
#include "util/limits.h"
#include "verify/payload.h"

#include <criterion/criterion.h>

#define HEX            "36edb78837bce95fbf8e0856adef4e713dabbb61f939847519aadcf8a06f5800"
#define DIGEST         "sha256:" HEX
#define TYPE           "\"type\":\"atomic container signature\""
#define IMAGE          "\"image\":{\"docker-manifest-digest\":\"" DIGEST "\"}"
#define IDENTITY       "\"identity\":{\"docker-reference\":\"quay.io/a/b:1\"}"
#define CRITICAL       "\"critical\":{" TYPE "," IMAGE "," IDENTITY "}"
#define WITH(members)  "{\"critical\":{" members "},\"optional\":{}}"
#define OPTIONAL(text) "{" CRITICAL ",\"optional\":" text "}"

/* A message of NULL means "accepted". */
static const struct
{
  struct sp_view in;
  const char *message, *path;
} cases[] = {
  { SP_VIEW (OPTIONAL ("{}")), NULL, NULL },
  { SP_VIEW (" \n{\"optional\":{}," CRITICAL "}\t "), NULL, NULL },
  { SP_VIEW (WITH (IDENTITY "," TYPE "," IMAGE)), NULL, NULL },
  { SP_VIEW (WITH (TYPE "," IMAGE ",\"identity\":{\"docker-reference\":\"\"}")), NULL, NULL },
  { SP_VIEW (WITH (TYPE "," IMAGE ",\"identity\":{\"docker-reference\":null}")), NULL, NULL },
  { SP_VIEW (OPTIONAL ("{\"creator\":\"x\",\"timestamp\":0}")), NULL, NULL },
  { SP_VIEW (OPTIONAL ("{\"creator\":null,\"timestamp\":null}")), NULL, NULL },
  { SP_VIEW (OPTIONAL ("{\"x\":{\"a\":1,\"a\":2},\"\\ud800\":[\"\\udc00\"],\"X\":null}")), NULL,
    NULL },
  { SP_VIEW (OPTIONAL ("{\"a\":1,\"A\":1,\"Creator\":1,\"Timestamp\":\"\"}")), NULL, NULL },
  { SP_VIEW (OPTIONAL ("{\"x\":[1e308,123456789012345678901234567890,1e-400]}")), NULL, NULL },

  { SP_VIEW (""), "unexpected end of JSON input", NULL },
  { SP_VIEW ("This is not JSON"), "invalid character 'T' looking for beginning of value", NULL },
  { SP_VIEW ("\xef\xbb\xbf" OPTIONAL ("{}")),
    "invalid character '\\ufeff' looking for beginning of value", NULL },
  { SP_VIEW (OPTIONAL ("{}") "x"), "invalid character 'x' after top-level value", NULL },
  { SP_VIEW (OPTIONAL ("{}") "\0"), "invalid character '\\x00' after top-level value", NULL },
  { SP_VIEW ("[]"), "JSON object expected, got 91", NULL },
  { SP_VIEW ("{}"), "Key \"critical\" missing in a JSON object", NULL },
  { SP_VIEW ("{" CRITICAL "}"), "Key \"optional\" missing in a JSON object", NULL },
  { SP_VIEW ("{\"Critical\":{},\"optional\":{}}"), "Unknown key \"Critical\"", "Critical" },
  { SP_VIEW ("{" CRITICAL ",\"optional\":{},\"x\":1}"), "Unknown key \"x\"", "x" },
  { SP_VIEW ("{" CRITICAL ",\"optional\":{},\"optional\":{}}"), "Duplicate key \"optional\"",
    "optional" },
  { SP_VIEW ("{\"critical\":null,\"optional\":{}}"), "JSON object expected, got <nil>",
    "critical" },

  { SP_VIEW (WITH (IMAGE "," IDENTITY)), "Key \"type\" missing in a JSON object", "critical" },
  { SP_VIEW (WITH (TYPE "," IDENTITY)), "Key \"image\" missing in a JSON object", "critical" },
  { SP_VIEW (WITH (TYPE "," IMAGE)), "Key \"identity\" missing in a JSON object", "critical" },
  { SP_VIEW (WITH (TYPE "," IMAGE "," IDENTITY ",\"x\":1")), "Unknown key \"x\"", "critical.x" },
  { SP_VIEW (WITH (TYPE "," TYPE "," IMAGE "," IDENTITY)), "Duplicate key \"type\"",
    "critical.type" },
  { SP_VIEW (WITH ("\"type\":\"Atomic container signature\"," IMAGE "," IDENTITY)),
    "Unrecognized signature type Atomic container signature", "critical.type" },
  { SP_VIEW (WITH ("\"type\":\"atomic container signature\\u0000\"," IMAGE "," IDENTITY)),
    "Unrecognized signature type atomic container signature\\x00", "critical.type" },
  { SP_VIEW (WITH ("\"type\":null," IMAGE "," IDENTITY)), "Unrecognized signature type ",
    "critical.type" },
  { SP_VIEW (WITH ("\"type\":1," IMAGE "," IDENTITY)), "expected a string, found a number",
    "critical.type" },
  { SP_VIEW (WITH (TYPE ",\"image\":{}," IDENTITY)),
    "Key \"docker-manifest-digest\" missing in a JSON object", "critical.image" },
  { SP_VIEW (WITH (TYPE ",\"image\":\"x\"," IDENTITY)), "JSON object expected, got \"x\"",
    "critical.image" },
  { SP_VIEW (WITH (TYPE ",\"image\":{\"docker-manifest-digest\":null}," IDENTITY)),
    "invalid docker-manifest-digest value \"\": invalid checksum digest format",
    "critical.image.docker-manifest-digest" },
  { SP_VIEW (WITH (TYPE ",\"image\":{\"docker-manifest-digest\":\"sha256:" HEX "0\"}," IDENTITY)),
    "invalid docker-manifest-digest value \"sha256:" HEX "0\": invalid checksum digest length",
    "critical.image.docker-manifest-digest" },
  { SP_VIEW (WITH (TYPE ",\"image\":{\"docker-manifest-digest\":\"md5:" HEX "\"}," IDENTITY)),
    "invalid docker-manifest-digest value \"md5:" HEX "\": unsupported digest algorithm",
    "critical.image.docker-manifest-digest" },
  { SP_VIEW (WITH (TYPE ",\"image\":{\"docker-manifest-digest\":[]}," IDENTITY)),
    "expected a string, found an array", "critical.image.docker-manifest-digest" },
  { SP_VIEW (WITH (TYPE "," IMAGE ",\"identity\":{\"docker-reference\":1}")),
    "expected a string, found a number", "critical.identity.docker-reference" },
  { SP_VIEW (WITH (TYPE "," IMAGE ",\"identity\":{\"Docker-reference\":\"\"}")),
    "Unknown key \"Docker-reference\"", "critical.identity.Docker-reference" },

  /* The order: the whole, "optional", "critical" with its type, the image, the identity. */
  { SP_VIEW ("{\"critical\":1,\"optional\":[],\"x\":1}"), "Unknown key \"x\"", "x" },
  { SP_VIEW ("{\"critical\":1,\"optional\":[]}"), "JSON object expected, got 91", "optional" },
  { SP_VIEW ("{\"critical\":1,\"optional\":{\"timestamp\":1.5}}"),
    "Field optional.timestamp is not an integer", "optional.timestamp" },
  { SP_VIEW (WITH ("\"type\":\"x\",\"image\":1,\"identity\":1")), "Unrecognized signature type x",
    "critical.type" },
  { SP_VIEW (WITH (TYPE ",\"image\":1,\"identity\":2")), "JSON object expected, got 1",
    "critical.image" },
  { SP_VIEW (WITH (TYPE ",\"image\":{\"docker-manifest-digest\":\"x\"},\"identity\":2")),
    "invalid docker-manifest-digest value \"x\": invalid checksum digest format",
    "critical.image.docker-manifest-digest" },

  { SP_VIEW (OPTIONAL ("[]")), "JSON object expected, got 91", "optional" },
  { SP_VIEW (OPTIONAL ("{\"x\":1,\"x\":1}")), "Duplicate key \"x\"", "optional.x" },
  { SP_VIEW (OPTIONAL ("{\"timestamp\":1,\"t\\u0069mestamp\":1}")), "Duplicate key \"timestamp\"",
    "optional.timestamp" },
  { SP_VIEW (OPTIONAL ("{\"creator\":1}")), "expected a string, found a number",
    "optional.creator" },
  { SP_VIEW (OPTIONAL ("{\"timestamp\":\"1\"}")), "expected a number, found a string",
    "optional.timestamp" },
  { SP_VIEW (OPTIONAL ("{\"timestamp\":true}")), "expected a number, found a boolean",
    "optional.timestamp" },
  { SP_VIEW (OPTIONAL ("{\"x\":1e400}")), "number out of range", "optional.x" },
  { SP_VIEW (OPTIONAL ("{\"x\":[{\"y\":-1e309}]}")), "number out of range", "optional.x" },
  { SP_VIEW (OPTIONAL ("{\"x\":1,\"creator\":1,\"x\":1}")), "expected a string, found a number",
    "optional.creator" },
  { SP_VIEW (OPTIONAL ("{\"x\":1,\"x\":1,\"creator\":1}")), "Duplicate key \"x\"", "optional.x" },
};

Test (verify_payload, simple_signing)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_payload struct sp_untrusted_payload payload = { 0 };
      cleanup_error sigpolicy_error *err = NULL;
      const char *in = cases[i].in.data;
      int rc = sp_untrusted_payload_parse (cases[i].in, SP_PAYLOAD_SIMPLE_SIGNING, &payload, &err);
      if (!cases[i].message)
        {
          cr_expect (rc == 0, "%s: %s", in, err ? sigpolicy_error_text (err) : "");
          cr_expect (payload.digest && !strcmp (payload.digest, DIGEST), "%s", in);
          continue;
        }
      cr_assert (rc == SIGPOLICY_E_REJECTED, "%s is accepted", in);
      cr_expect (!payload.digest && !payload.reference && !payload.creator, "%s", in);
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_BAD_SIGNATURE, "%s", in);
      cr_expect_str_eq (sigpolicy_error_message (err), cases[i].message, "%s: %s", in,
                        sigpolicy_error_message (err));
      const char *path = sigpolicy_error_json_path (err);
      cr_expect (!path == !cases[i].path && (!path || !strcmp (path, cases[i].path)), "%s: %s", in,
                 path);
    }
}

#define SIGSTORE \
  "\"critical\":{\"type\":\"cosign container image signature\"," IMAGE "," IDENTITY "}"

/* The same rules under another type; "optional" may be null. */
static const struct
{
  const char *in;
  enum sp_payload_kind kind;
  bool accepted;
} kind_cases[] = {
  { "{" SIGSTORE ",\"optional\":{}}", SP_PAYLOAD_SIGSTORE, true },
  { "{" SIGSTORE ",\"optional\":{}}", SP_PAYLOAD_SIMPLE_SIGNING, false },
  { "{" SIGSTORE ",\"optional\":null}", SP_PAYLOAD_SIGSTORE, true },
  { "{" SIGSTORE "}", SP_PAYLOAD_SIGSTORE, false },
  { "{" SIGSTORE ",\"optional\":[]}", SP_PAYLOAD_SIGSTORE, false },
  { "{" SIGSTORE ",\"optional\":\"null\"}", SP_PAYLOAD_SIGSTORE, false },
  { "{" SIGSTORE ",\"optional\":{\"timestamp\":1.5}}", SP_PAYLOAD_SIGSTORE, false },
  { "{" SIGSTORE ",\"optional\":{\"x\":1,\"x\":1}}", SP_PAYLOAD_SIGSTORE, false },
  { "{" CRITICAL ",\"optional\":{}}", SP_PAYLOAD_SIGSTORE, false },
  { "{" CRITICAL ",\"optional\":{}}", SP_PAYLOAD_SIMPLE_SIGNING, true },
  { "{" CRITICAL ",\"optional\":null}", SP_PAYLOAD_SIMPLE_SIGNING, false },
};

Test (verify_payload, kinds)
{
  for (size_t i = 0; i < sizeof kind_cases / sizeof *kind_cases; i++)
    {
      cleanup_payload struct sp_untrusted_payload payload = { 0 };
      cleanup_error sigpolicy_error *err = NULL;
      int rc = sp_untrusted_payload_parse (sp_view_str (kind_cases[i].in), kind_cases[i].kind,
                                           &payload, &err);
      cr_expect ((rc == 0) == kind_cases[i].accepted, "%d: %s", kind_cases[i].kind,
                 kind_cases[i].in);
    }
}

static const struct
{
  const char *in;
  bool accepted;
  int64_t timestamp;
} timestamp_cases[] = {
  { "0", true, 0 },
  { "-0", true, 0 },
  { "-0.0", true, 0 },
  { "-1", true, -1 },
  { "1", true, 1 },
  { "1.0", true, 1 },
  { "1483228800.000", true, 1483228800 },
  { "1e3", true, 1000 },
  { "1E+3", true, 1000 },
  { "1.5e1", true, 15 },
  { "10e-1", true, 1 },
  { "1e18", true, 1000000000000000000 },
  { "0e400", true, 0 },
  { "1e-400", true, 0 },
  { "1.0000000000000000001", true, 1 },
  { "9007199254740993", true, 9007199254740992 },
  { "9223372036854774784", true, 9223372036854774784 },
  { "-9223372036854775808", true, INT64_MIN },
  { "-9223372036854775809", true, INT64_MIN },
  { "null", true, 0 },
  { "1.5", false, 0 },
  { "0.1", false, 0 },
  { "15e-1", false, 0 },
  { "2.5e-324", false, 0 },
  { "5e-324", false, 0 },
  { "0.0000000000000000000000000001", false, 0 },
  { "1e19", false, 0 },
  { "-1e19", false, 0 },
  { "1e300", false, 0 },
  { "18446744073709551616", false, 0 },
  { "1e309", false, 0 },
  { "-1e309", false, 0 },
  { "9223372036854775296", false, 0 },
  { "9223372036854775806", false, 0 },
  { "9223372036854775807", false, 0 },
  { "9223372036854775808", false, 0 },
  { "00", false, 0 },
  { "01", false, 0 },
  { "+1", false, 0 },
  { ".5", false, 0 },
  { "1.", false, 0 },
  { "0x10", false, 0 },
  { "NaN", false, 0 },
  { "Infinity", false, 0 },
};

Test (verify_payload, timestamps)
{
  for (size_t i = 0; i < sizeof timestamp_cases / sizeof *timestamp_cases; i++)
    {
      cleanup_payload struct sp_untrusted_payload payload = { 0 };
      cleanup_error sigpolicy_error *err = NULL;
      const char *in = timestamp_cases[i].in;
      char text[600];
      (void)snprintf (text, sizeof text, "{%s,\"optional\":{\"timestamp\":%s}}", CRITICAL, in);
      int rc = sp_untrusted_payload_parse (sp_view_str (text), SP_PAYLOAD_SIMPLE_SIGNING, &payload,
                                           &err);
      cr_expect ((rc == 0) == timestamp_cases[i].accepted, "%s", in);
      cr_expect (
          rc < 0 || (payload.has_timestamp && payload.timestamp == timestamp_cases[i].timestamp),
          "%s: %lld", in, (long long)payload.timestamp);
    }
}

Test (verify_payload, keeps_every_byte)
{
  static const char in[] = "{\"critical\":{" TYPE "," IMAGE
                           ",\"identity\":{\"docker-reference\":\"a\\u0000b\\ud800\"}},"
                           "\"optional\":{\"creator\":\"\\u0000\\n\",\"timestamp\":7}}";
  cleanup_payload struct sp_untrusted_payload payload = { 0 };
  cleanup_error sigpolicy_error *err = NULL;
  cr_assert (
      sp_untrusted_payload_parse (sp_view_str (in), SP_PAYLOAD_SIMPLE_SIGNING, &payload, &err)
      == 0);
  cr_expect (sp_view_equal (sp_view_n (payload.reference, payload.reference_len),
                            sp_view_n ("a\0b\xef\xbf\xbd", 6)));
  cr_expect (
      sp_view_equal (sp_view_n (payload.creator, payload.creator_len), sp_view_n ("\0\n", 2)));
  cr_expect (payload.has_timestamp && payload.timestamp == 7);
}

Test (verify_payload, depth)
{
  for (unsigned extra = 0; extra < 2; extra++)
    {
      cleanup_payload struct sp_untrusted_payload payload = { 0 };
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (SP_MIB);
      unsigned depth = SP_JSON_DEPTH_MAX - 2 + extra;
      sp_buf_str (&text, "{" CRITICAL ",\"optional\":{\"x\":");
      for (unsigned i = 0; i < depth; i++)
        sp_buf_byte (&text, '[');
      for (unsigned i = 0; i < depth; i++)
        sp_buf_byte (&text, ']');
      sp_buf_str (&text, "}}");
      int rc = sp_untrusted_payload_parse (sp_buf_view (&text), SP_PAYLOAD_SIMPLE_SIGNING, &payload,
                                           &err);
      cr_expect ((rc == 0) == (extra == 0), "%u more", extra);
    }
}

Test (verify_payload, reads_what_it_wrote)
{
  cleanup_payload struct sp_untrusted_payload payload = { 0 };
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *text
      = sp_payload_write (DIGEST, "quay.io/a/b:1", "sigpolicy \"1\"", 1483228800, &err);
  cr_assert (text);
  cr_expect_str_eq (text,
                    "{"
                    "\"critical\":{" IDENTITY "," IMAGE "," TYPE "},"
                    "\"optional\":{\"creator\":\"sigpolicy \\\"1\\\"\",\"timestamp\":1483228800}}");
  cr_assert (
      sp_untrusted_payload_parse (sp_view_str (text), SP_PAYLOAD_SIMPLE_SIGNING, &payload, &err)
      == 0);
  cr_expect_str_eq (payload.digest, DIGEST);
  cr_expect_str_eq (payload.reference, "quay.io/a/b:1");
  cr_expect_str_eq (payload.creator, "sigpolicy \"1\"");
  cr_expect (payload.has_timestamp && payload.timestamp == 1483228800);
}
