/* SPDX-License-Identifier: Apache-2.0 */
#include "edit/document.h"
#include "util/limits.h"

#include <criterion/criterion.h>

/* One change each. A value of NULL removes; an out of NULL is a refusal; path is split at spaces.
 */
static const struct
{
  const char *name, *in, *path, *value, *out;
} cases[] = {
  { "a value takes the place of another", "{ \"default\": [ {\"type\": \"reject\"} ] ,\"x\":1 }",
    "default", "[{\"type\":\"a\"}]", "{ \"default\": [{\"type\": \"a\"}] ,\"x\":1 }" },
  { "on one line, as the document is", "{\"default\":[1]}", "transports docker a", "[{\"b\":1}]",
    "{\"default\":[1],\"transports\":{\"docker\":{\"a\":[{\"b\":1}]}}}" },
  { "an empty document", "{}", "default", "[1]", "{\"default\": [1]}" },
  { "as its neighbours are: tabs", "{\n\t\"default\": [\n\t\t1\n\t]\n}\n", "transports docker a",
    "[2]",
    "{\n\t\"default\": [\n\t\t1\n\t],\n\t\"transports\": {\n\t\t\"docker\": {\n\t\t\t\"a\": "
    "[\n\t\t\t\t2\n\t\t\t]\n\t\t}\n\t}\n}\n" },
  { "as its neighbours are: two spaces, and short lists on one line",
    "{\n  \"default\": [ 1 ],\n  \"transports\": {\n    \"docker\": {\n      \"a\": [ 1 ]\n    }\n "
    " }\n}",
    "transports docker b", "[2, 3]",
    "{\n  \"default\": [ 1 ],\n  \"transports\": {\n    \"docker\": {\n      \"a\": [ 1 ],\n      "
    "\"b\": [2, 3]\n    }\n  }\n}" },
  { "into an empty map", "{\n  \"d\": [\n    1\n  ],\n  \"t\": { }\n}", "t a", "[2]",
    "{\n  \"d\": [\n    1\n  ],\n  \"t\": {\n    \"a\": [\n      2\n    ]\n  }\n}" },
  { "carriage returns", "{\r\n    \"d\": [\r\n        1\r\n    ]\r\n}\r\n", "e", "[2]",
    "{\r\n    \"d\": [\r\n        1\r\n    ],\r\n    \"e\": [\r\n        2\r\n    ]\r\n}\r\n" },
  { "colons without space", "{\n \"d\":[\n  1\n ]\n}", "e", "{\"a\":2}",
    "{\n \"d\":[\n  1\n ],\n \"e\":{\n  \"a\":2\n }\n}" },
  { "of what stands twice the first", "{\"a\":1,\"a\":2}", "a", "3", "{\"a\":3,\"a\":2}" },
  { "an escaped name is the same name", "{\"\\u0061\":1}", "a", "3", "{\"\\u0061\":3}" },
  { "a name that needs escapes", "{\"d\": 1}", "q\"\\\x01", "2",
    "{\"d\": 1, \"q\\\"\\\\\\u0001\": 2}" },
  { "the last of several goes", "{\n  \"a\": 1,\n  \"b\": [\n    2\n  ]\n}\n", "b", NULL,
    "{\n  \"a\": 1\n}\n" },
  { "the first goes", "{\n  \"a\": 1,\n  \"b\": 2\n}\n", "a", NULL, "{\n  \"b\": 2\n}\n" },
  { "one in the middle goes", "{ \"a\": 1, \"b\": 2 , \"c\": 3 }", "b", NULL,
    "{ \"a\": 1 , \"c\": 3 }" },
  { "the only one goes", "{\"t\": { \"a\": 1 }}", "t a", NULL, "{\"t\": {}}" },
  { "what is not there stays away", "{\"t\": { \"a\": 1 }}", "t b", NULL, "{\"t\": { \"a\": 1 }}" },
  { "no JSON", "{\"a\":1,}", "a", "2", NULL },
  { "nothing", "", "a", "2", NULL },
  { "a list on the way", "{\"t\":[]}", "t a", "2", NULL },
  { "null on the way", "{\"t\":null}", "t a", NULL, NULL },
};

static size_t
split (const char *path, struct sp_view keys[4])
{
  size_t n_keys = 0;
  for (const char *end; *path; path = *end ? end + 1 : end)
    {
      end = strchr (path, ' ');
      end = end ? end : path + strlen (path);
      keys[n_keys++] = sp_view_n (path, (size_t)(end - path));
    }
  return n_keys;
}

Test (edit_document, changes)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_buf struct sp_buf out = SP_BUF (1 << 20);
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_view keys[4], in = sp_view_str (cases[i].in);
      struct sp_document_path path = { keys, split (cases[i].path, keys) };
      bool found;
      int rc = cases[i].value ? sp_document_set (in, path, sp_view_str (cases[i].value), &out, &err)
                              : sp_document_remove (in, path, &out, &found, &err);
      cr_expect ((rc == 0) == (cases[i].out != NULL), "%s: %s", cases[i].name,
                 sigpolicy_error_text (err));
      if (cases[i].out)
        cr_expect_str_eq (out.data, cases[i].out, "%s:\n%s", cases[i].name, out.data);
      else
        cr_expect (rc == SIGPOLICY_E_CONFIG && sigpolicy_error_line (err) == 1, "%s",
                   cases[i].name);
    }
}

Test (edit_document, a_long_value_gets_lines)
{
  cleanup_buf struct sp_buf out = SP_BUF (1 << 20);
  sigpolicy_error *err = NULL;
  const struct sp_view key = SP_VIEW ("b");
  const char *text = "{\n  \"a\": [{\"x\": 1}]\n}\n";
  const char *value
      = "[{\"x\":\"0123456789012345678901234567890123456789012345678901234567890123456"
        "789012345678901234567890\"}]";
  cr_assert (sp_document_set (sp_view_str (text), (struct sp_document_path){ &key, 1 },
                              sp_view_str (value), &out, &err)
             == 0);
  cr_expect (strstr (out.data, "\"b\": [\n    {\n      \"x\": \"0123") != NULL, "%s", out.data);
}

Test (edit_document, a_new_file)
{
  cleanup_buf struct sp_buf out = SP_BUF (1 << 20);
  sigpolicy_error *err = NULL;
  cr_assert (sp_document_lay_out (sp_view_str ("{\"a\":[{\"b\":1}],\"c\":{}}"), &out, &err) == 0);
  cr_expect_str_eq (out.data, "{\n    \"a\": [\n        {\n            \"b\": 1\n        }\n    "
                              "],\n    \"c\": {}\n}\n");
}
