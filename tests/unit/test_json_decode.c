/* SPDX-License-Identifier: Apache-2.0 */
#include "json/decode.h"

#include <criterion/criterion.h>

static const struct sp_json_faults faults = { SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR };

static int
read_text (const struct sp_json *json, sp_json_node value, void *out, sigpolicy_error **err)
{
  struct sp_view *text = out;
  if (sp_json_type_of (json, value) != SP_JSON_STRING)
    return sp_json_error (json, value, err, faults.code, faults.reason, "no text");
  *text = sp_json_string (json, value);
  return 0;
}

/* A message of NULL means "accepted". */
static const struct
{
  const char *in;
  enum sp_json_exactness exactness;
  const char *message, *path, *hint;
} cases[] = {
  { "{\"type\":\"a\",\"keyPath\":\"b\"}", SP_JSON_EXACT, NULL, NULL, NULL },
  { "{\"keyPath\":\"b\",\"t\\u0079pe\":\"a\"}", SP_JSON_EXACT, NULL, NULL, NULL },
  { "{}", SP_JSON_OPTIONAL_FIELDS, NULL, NULL, NULL },
  { "{\"type\":\"a\"}", SP_JSON_OPTIONAL_FIELDS, NULL, NULL, NULL },
  { "{\"type\":\"a\"}", SP_JSON_EXACT, "Key \"keyPath\" missing in a JSON object", NULL, NULL },
  { "{\"type\":\"a\",\"type\":\"a\"}", SP_JSON_OPTIONAL_FIELDS, "Duplicate key \"type\"", "type",
    NULL },
  { "{\"type\":\"a\",\"t\\u0079pe\":\"a\"}", SP_JSON_OPTIONAL_FIELDS, "Duplicate key \"type\"",
    "type", NULL },
  { "{\"type\":1,\"type\":\"a\"}", SP_JSON_OPTIONAL_FIELDS, "no text", "type", NULL },
  { "{\"keypath\":\"a\"}", SP_JSON_OPTIONAL_FIELDS, "Unknown key \"keypath\"", "keypath",
    "did you mean \"keyPath\"?" },
  { "{\"Type\":\"a\"}", SP_JSON_EXACT, "Unknown key \"Type\"", "Type", "did you mean \"type\"?" },
  { "{\"type\\u0000\":\"a\"}", SP_JSON_EXACT, "Unknown key \"type\\x00\"", "[\"type\\x00\"]",
    "did you mean \"type\"?" },
  { "{\"\":\"a\"}", SP_JSON_EXACT, "Unknown key \"\"", "[\"\"]",
    "the keys here are type and keyPath" },
  { "{\"x\":\"a\",\"type\":1}", SP_JSON_EXACT, "Unknown key \"x\"", "x",
    "the keys here are type and keyPath" },
  { "{\"oldType\":1}", SP_JSON_EXACT, "Unknown key \"oldType\"", "oldType",
    "the keys here are type and keyPath" },
  { "{\"publicKeyPath\":1}", SP_JSON_EXACT, "Unknown key \"publicKeyPath\"", "publicKeyPath",
    "did you mean \"keyPath\"?" },
  { "{\"type\":1,\"x\":\"a\"}", SP_JSON_EXACT, "no text", "type", NULL },
  { "{\"x\\ud800\":\"a\"}", SP_JSON_EXACT, "Unknown key \"x\xef\xbf\xbd\"", "[\"x\xef\xbf\xbd\"]",
    "the keys here are type and keyPath" },

  { "null", SP_JSON_EXACT, "JSON object expected, got <nil>", NULL, NULL },
  { "[]", SP_JSON_EXACT, "JSON object expected, got 91", NULL, NULL },
  { "true", SP_JSON_EXACT, "JSON object expected, got true", NULL, NULL },
  { "false", SP_JSON_EXACT, "JSON object expected, got false", NULL, NULL },
  { "\"x\\n\"", SP_JSON_EXACT, "JSON object expected, got \"x\\n\"", NULL, NULL },
  { "\"\\ud800\"", SP_JSON_EXACT, "JSON object expected, got \"\xef\xbf\xbd\"", NULL, NULL },
  { "0", SP_JSON_EXACT, "JSON object expected, got 0", NULL, NULL },
  { "-0", SP_JSON_EXACT, "JSON object expected, got -0", NULL, NULL },
  { "-1", SP_JSON_EXACT, "JSON object expected, got -1", NULL, NULL },
  { "1.50", SP_JSON_EXACT, "JSON object expected, got 1.5", NULL, NULL },
  { "1e3", SP_JSON_EXACT, "JSON object expected, got 1000", NULL, NULL },
  { "123456", SP_JSON_EXACT, "JSON object expected, got 123456", NULL, NULL },
  { "1234567", SP_JSON_EXACT, "JSON object expected, got 1.234567e+06", NULL, NULL },
  { "1e100", SP_JSON_EXACT, "JSON object expected, got 1e+100", NULL, NULL },
  { "0.0001", SP_JSON_EXACT, "JSON object expected, got 0.0001", NULL, NULL },
  { "-0.00001", SP_JSON_EXACT, "JSON object expected, got -1e-05", NULL, NULL },
  { "0.1", SP_JSON_EXACT, "JSON object expected, got 0.1", NULL, NULL },
  { "1e400", SP_JSON_EXACT, "JSON object expected, got a number out of range", NULL, NULL },
};

Test (json_decode, table)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_json struct sp_json *json = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_view type = { "", 0 };
      bool has_path = false;
      sp_json_node path_node = 0;
      const struct sp_json_field fields[] = {
        { "type", read_text, &type, NULL, NULL },
        { "keyPath", NULL, NULL, &has_path, &path_node },
      };
      const char *in = cases[i].in;
      cr_assert (sp_json_parse (sp_view_str (in), 9, &json, &err) == 0);
      int rc = sp_json_decode (json, SP_JSON_ROOT, fields, 2, cases[i].exactness, &faults, &err);
      if (!cases[i].message)
        {
          cr_expect (rc == 0, "%s", in);
          cr_expect (sp_view_is (type, strstr (in, "\"a\"") ? "a" : ""), "%s", in);
          cr_expect (has_path == (strstr (in, "keyPath") != NULL), "%s", in);
          cr_expect (!has_path || sp_view_is (sp_json_string (json, path_node), "b"), "%s", in);
          continue;
        }
      const char *path = sigpolicy_error_json_path (err), *hint = sigpolicy_error_hint (err);
      cr_assert (rc == SIGPOLICY_E_CONFIG, "%s is accepted", in);
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_CONFIG_ERROR);
      cr_expect_str_eq (sigpolicy_error_message (err), cases[i].message, "%s: %s", in,
                        sigpolicy_error_message (err));
      cr_expect (!path == !cases[i].path && (!path || !strcmp (path, cases[i].path)), "%s: %s", in,
                 path);
      cr_expect (!hint == !cases[i].hint && (!hint || !strcmp (hint, cases[i].hint)), "%s: %s", in,
                 hint);
    }
}

Test (json_decode, nearest)
{
  static const char *const words[]
      = { "keyPath", "keyPaths", "keyData", "type", "rekorPublicKeyPath" };
  static const struct
  {
    struct sp_view written;
    const char *meant;
  } rows[] = {
    { SP_VIEW ("keyPath"), "keyPath" },
    { SP_VIEW ("KEYPATHS"), "keyPaths" },
    { SP_VIEW ("keyPth"), "keyPath" },
    { SP_VIEW ("keyPaht"), "keyPath" },
    { SP_VIEW ("key_data"), "keyData" },
    { SP_VIEW ("typ"), "type" },
    { SP_VIEW ("rekorPublickeyPath"), "rekorPublicKeyPath" },
    { SP_VIEW ("rekorPubKeyPath"), "rekorPublicKeyPath" },
    { SP_VIEW ("rekorPubKey"), NULL },
    { SP_VIEW ("tp"), NULL },
    { SP_VIEW ("x"), NULL },
    { SP_VIEW (""), NULL },
    { SP_VIEW ("signedIdentity"), NULL },
    { SP_VIEW ("keyPathkeyPathkeyPathkeyPathkeyPathkeyPathkeyPathkeyPathkeyPathkeyPath"), NULL },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      const char *meant = sp_json_nearest (rows[i].written, words, sizeof words / sizeof *words);
      cr_expect (!meant == !rows[i].meant && (!meant || !strcmp (meant, rows[i].meant)), "%s: %s",
                 rows[i].written.data, meant);
    }
}
