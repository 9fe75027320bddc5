/* SPDX-License-Identifier: Apache-2.0 */
#include "model/signature_blob.h"
#include "util/limits.h"

#include <criterion/criterion.h>

static int
parse (struct sp_view bytes, struct sp_signature_blob **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf copy = SP_BUF (2 * SP_SIGNATURE_BYTES_MAX);
  sp_buf_add (&copy, bytes);
  return sp_signature_blob_parse (&copy, "signature-1", ret, err);
}

/* message of NULL: accepted. data is what an accepted simple signing blob holds. */
static const struct
{
  const char *name;
  struct sp_view in;
  const char *message;
  struct sp_view data;
} frames[] = {
  { "empty", SP_VIEW (""), "empty signature blob", SP_VIEW ("") },
  { "OpenPGP, whole", SP_VIEW ("\xa3\x01"), NULL, SP_VIEW ("\xa3\x01") },
  { "a NUL inside", SP_VIEW ("\x90\0\x01"), NULL, SP_VIEW ("\x90\0\x01") },
  { "framed", SP_VIEW ("\0simple-signing\nxx"), NULL, SP_VIEW ("xx") },
  { "framed, two newlines", SP_VIEW ("\0simple-signing\n\n"), NULL, SP_VIEW ("\n") },
  { "framed, nothing", SP_VIEW ("\0simple-signing\n"), NULL, SP_VIEW ("") },
  { "framed armor", SP_VIEW ("\0simple-signing\n-----BEGIN"), NULL, SP_VIEW ("-----BEGIN") },
  { "NUL alone", SP_VIEW ("\0"), "invalid signature format, missing newline", SP_VIEW ("") },
  { "no newline", SP_VIEW ("\0simple-signing"), "invalid signature format, missing newline",
    SP_VIEW ("") },
  { "no name", SP_VIEW ("\0\n"), "unrecognized signature format \"\"", SP_VIEW ("") },
  { "other name", SP_VIEW ("\0nope\nxx"), "unrecognized signature format \"nope\"", SP_VIEW ("") },
  { "longer name", SP_VIEW ("\0simple-signing2\nxx"),
    "unrecognized signature format \"simple-signing2\"", SP_VIEW ("") },
  { "upper case", SP_VIEW ("\0Simple-Signing\nxx"),
    "unrecognized signature format \"Simple-Signing\"", SP_VIEW ("") },
  { "CR", SP_VIEW ("\0simple-signing\r\nxx"), "invalid signature format, non-ASCII byte 0xd",
    SP_VIEW ("") },
  { "NUL in the name", SP_VIEW ("\0simple-signing\0\nxx"),
    "invalid signature format, non-ASCII byte 0x0", SP_VIEW ("") },
  { "DEL", SP_VIEW ("\0\x7f\nxx"), "invalid signature format, non-ASCII byte 0x7f", SP_VIEW ("") },
  { "high byte", SP_VIEW ("\0no\xc3\xa9\nxx"), "invalid signature format, non-ASCII byte 0xc3",
    SP_VIEW ("") },
  { "armor", SP_VIEW ("-----BEGIN PGP MESSAGE-----"),
    "unrecognized signature format, starting with binary 0x2d", SP_VIEW ("") },
  { "newline first", SP_VIEW ("\n\0simple-signing\n"),
    "unrecognized signature format, starting with binary 0xa", SP_VIEW ("") },
};

Test (model_signature_blob, frames)
{
  for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
    {
      cleanup_signature_blob struct sp_signature_blob *blob = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      int rc = parse (frames[i].in, &blob, &err);
      if (frames[i].message)
        {
          cr_expect (rc == SIGPOLICY_E_REJECTED && !blob, "%s is accepted", frames[i].name);
          cr_expect_str_eq (sigpolicy_error_message (err), frames[i].message, "%s", frames[i].name);
          cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_BAD_SIGNATURE);
          continue;
        }
      cr_assert (rc == 0, "%s: %s", frames[i].name, sigpolicy_error_message (err));
      cr_expect_str_eq (sp_signature_format_name (blob->format), "simple-signing");
      cr_expect (sp_view_equal (blob->message, frames[i].data), "%s", frames[i].name);
      cr_expect (sp_view_equal (sp_buf_view (&blob->bytes), frames[i].in), "%s", frames[i].name);
      cr_expect_str_eq (blob->source, "signature-1");
    }
}

/* 0x3d is in and 0x93 is out, although 0x93 is the OpenPGP packet. */
Test (model_signature_blob, first_bytes)
{
  static const char openpgp[] = "\x88\x89\x8a\x8b\x90\x91\x92\x3d\xa0\xa1\xa2\xa3\xc2\xc4\xc8";

  for (int byte = 1; byte < 256; byte++)
    {
      cleanup_signature_blob struct sp_signature_blob *blob = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      char text[2] = { (char)byte, 'x' };
      bool expected = memchr (openpgp, byte, sizeof openpgp - 1) != NULL;
      int rc = parse (sp_view_n (text, 2), &blob, &err);
      cr_expect ((rc == 0) == expected, "0x%x", (unsigned)byte);
    }
}

/* payload of NULL: refused. Annotations are shown sorted, as "key=value;". */
static const struct
{
  const char *json, *mime_type, *payload, *annotations;
} documents[] = {
  { "{}", "", "", "" },
  { "null", "", "", "" },
  { " \t\r\n{} \n", "", "", "" },
  { "{\"mimeType\":\"x\",\"payload\":\"YWJj\",\"annotations\":{\"a\":\"b\"}}", "x", "abc", "a=b;" },
  { "{\"MIMETYPE\":\"x\",\"Payload\":\"YWJj\",\"aNNotation\\u017f\":{\"A\":\"b\"}}", "x", "abc",
    "A=b;" },
  { "{\"mimeType\":\"x\",\"mimetype\":\"y\"}", "y", "", "" },
  { "{\"mimeType\":\"x\",\"mimeType\":null}", "x", "", "" },
  { "{\"payload\":\"YWJj\",\"payload\":null}", "", "", "" },
  { "{\"payload\":\"YWJj\",\"payload\":\"YQ==\"}", "", "a", "" },
  { "{\"payload\":[97,98,null]}", "", "ab\\0", "" },
  { "{\"payload\":[]}", "", "", "" },
  { "{\"payload\":\"YQ=\\n=\\r\"}", "", "a", "" },
  { "{\"annotations\":{\"b\":\"1\",\"a\":\"2\"},\"annotations\":{\"b\":\"3\"}}", "", "",
    "a=2;b=3;" },
  { "{\"annotations\":{\"a\":\"1\"},\"annotations\":null,\"annotations\":{\"b\":\"2\"}}", "", "",
    "b=2;" },
  { "{\"annotations\":{\"a\":\"1\",\"a\":null,\"\":\"x\"}}", "", "", "=x;a=;" },
  { "{\"annotations\":{\"a\":\"1\",\"A\":\"2\",\"ab\":\"3\"}}", "", "", "A=2;a=1;ab=3;" },
  { "{\"extra\":[{\"x\":1e999}]}", "", "", "" },
  { "", NULL, NULL, NULL },
  { "{} x", NULL, NULL, NULL },
  { "{}{}", NULL, NULL, NULL },
  { "{\"mimeType\":\"x\",}", NULL, NULL, NULL },
  { "[]", NULL, NULL, NULL },
  { "\"\"", NULL, NULL, NULL },
  { "1", NULL, NULL, NULL },
  { "true", NULL, NULL, NULL },
  { "{\"mimeType\":1}", NULL, NULL, NULL },
  { "{\"mimeType\":1,\"mimeType\":\"x\"}", NULL, NULL, NULL },
  { "{\"mimeType\":[null]}", NULL, NULL, NULL },
  { "{\"payload\":0}", NULL, NULL, NULL },
  { "{\"payload\":{}}", NULL, NULL, NULL },
  { "{\"payload\":\"Y Q==\"}", NULL, NULL, NULL },
  { "{\"payload\":\"YQ\"}", NULL, NULL, NULL },
  { "{\"payload\":\"-_-_\"}", NULL, NULL, NULL },
  { "{\"payload\":[256]}", NULL, NULL, NULL },
  { "{\"payload\":[\"a\"]}", NULL, NULL, NULL },
  { "{\"payload\":\"*\",\"payload\":\"YQ==\"}", NULL, NULL, NULL },
  { "{\"annotations\":[]}", NULL, NULL, NULL },
  { "{\"annotations\":\"\"}", NULL, NULL, NULL },
  { "{\"annotations\":{\"a\":1}}", NULL, NULL, NULL },
  { "{\"annotations\":{\"a\":{}},\"annotations\":null}", NULL, NULL, NULL },
};

static void
show (struct sp_buf *out, struct sp_view text)
{
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i])
      sp_buf_byte (out, text.data[i]);
    else
      sp_buf_str (out, "\\0");
}

Test (model_signature_blob, sigstore)
{
  for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
    {
      cleanup_signature_blob struct sp_signature_blob *blob = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf in = SP_BUF (1000), payload = SP_BUF (100), shown = SP_BUF (100);
      sp_buf_add (&in, sp_view_n ("\0sigstore-json\n", 15));
      sp_buf_str (&in, documents[i].json);
      int rc = parse (sp_buf_view (&in), &blob, &err);
      if (!documents[i].payload)
        {
          cr_expect (rc == SIGPOLICY_E_REJECTED
                         && sigpolicy_error_reason (err) == SIGPOLICY_REASON_BAD_SIGNATURE,
                     "'%s' is accepted", documents[i].json);
          continue;
        }
      cr_assert (rc == 0, "'%s': %s", documents[i].json, sigpolicy_error_text (err));
      cr_expect_str_eq (sp_signature_format_name (blob->format), "sigstore-json");
      cr_expect_str_eq (blob->mime_type.data, documents[i].mime_type, "%s", documents[i].json);
      show (&payload, sp_buf_view (&blob->payload));
      cr_expect_str_eq (payload.data, documents[i].payload, "%s", documents[i].json);
      for (size_t j = 0; j < blob->n_annotations; j++)
        {
          show (&shown, blob->annotations[j].key);
          sp_buf_byte (&shown, '=');
          show (&shown, blob->annotations[j].value);
          sp_buf_byte (&shown, ';');
        }
      cr_expect_str_eq (shown.data, documents[i].annotations, "%s", documents[i].json);
    }
}

Test (model_signature_blob, annotation)
{
  static const struct sp_view in
      = SP_VIEW ("\0sigstore-json\n{\"annotations\":{\"a\\u0000\":\"cut\",\"a\":\"x\\u0000y\"}}");
  cleanup_signature_blob struct sp_signature_blob *blob = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_view value = SP_VIEW ("untouched");

  cr_assert (parse (in, &blob, &err) == 0);
  cr_expect (!sp_signature_blob_annotation (blob, "A", &value) && sp_view_is (value, "untouched"));
  cr_assert (sp_signature_blob_annotation (blob, "a", &value));
  cr_expect (sp_view_equal (value, sp_view_n ("x\0y", 3)));
}

Test (model_signature_blob, hints)
{
  static const struct
  {
    const char *in, *hint;
  } cases[] = {
    { "-----BEGIN PGP MESSAGE-----", "binary" },
    { "-----BEGIN CERTIFICATE-----", "binary" },
    { "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\"}", "bundle" },
    { "<!DOCTYPE html>", "web page" },
    { "x", NULL },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_signature_blob struct sp_signature_blob *blob = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cr_assert (parse (sp_view_str (cases[i].in), &blob, &err) < 0);
      const char *hint = sigpolicy_error_hint (err);
      cr_expect (cases[i].hint ? hint && strstr (hint, cases[i].hint) : !hint, "'%s': %s",
                 cases[i].in, hint);
    }
}

static int
parse_of_size (size_t size, char first, sigpolicy_error **err)
{
  cleanup_signature_blob struct sp_signature_blob *blob = NULL;
  cleanup_buf struct sp_buf bytes = SP_BUF (size);
  size_t room;

  char *at = sp_buf_room (&bytes, size, &room);
  cr_assert (at && room == size);
  memset (at, 'x', size);
  at[0] = first;
  sp_buf_filled (&bytes, size);
  return sp_signature_blob_parse (&bytes, "big", &blob, err);
}

Test (model_signature_blob, ceiling)
{
  cleanup_error sigpolicy_error *err = NULL;
  cr_expect (parse_of_size (SP_SIGNATURE_BYTES_MAX, '\xa3', &err) == 0);
  cr_expect (parse_of_size (SP_SIGNATURE_BYTES_MAX + 1, '\xa3', &err) == SIGPOLICY_E_REJECTED);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
}

/* Very many annotations, each with its twin: sorted, not compared one with all others. */
Test (model_signature_blob, many_annotations, .timeout = 60)
{
  cleanup_signature_blob struct sp_signature_blob *blob = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf in = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  const unsigned count = 100000;

  sp_buf_add (&in, sp_view_n ("\0sigstore-json\n", 15));
  sp_buf_str (&in, "{\"annotations\":{");
  for (unsigned i = 0; i < 2 * count; i++)
    sp_buf_printf (&in, "%s\"%u\":\"%c\"", i ? "," : "", i % count, i < count ? 'a' : 'b');
  sp_buf_str (&in, "}}");
  cr_assert (!in.failed);
  cr_assert (sp_signature_blob_parse (&in, "many", &blob, &err) == 0, "%s",
             sigpolicy_error_text (err));
  cr_assert (blob->n_annotations == count);
  for (unsigned i = 0; i < count; i++)
    cr_assert (sp_view_is (blob->annotations[i].value, "b"));
}
