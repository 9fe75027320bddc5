/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json.h"
#include "json/write.h"

#include <criterion/criterion.h>

/* What a string is written as. */
static const struct
{
  struct sp_view in;
  const char *out;
} string_cases[] = {
  { SP_VIEW (""), "\"\"" },
  { SP_VIEW ("a/b <&>"), "\"a/b <&>\"" },
  { SP_VIEW ("\"\\"), "\"\\\"\\\\\"" },
  { SP_VIEW ("\b\f\n\r\t\x01\x1b"), "\"\\b\\f\\n\\r\\t\\u0001\\u001b\"" },
  { SP_VIEW ("a\0b"), "\"a\\u0000b\"" },
  { SP_VIEW ("\x7f"), "\"\\u007f\"" },
  { SP_VIEW ("\xc2\x9b[31m"), "\"\\u009b[31m\"" },
  { SP_VIEW ("\xe2\x80\xae\xe2\x81\xa6"), "\"\\u202e\\u2066\"" },
  { SP_VIEW ("\xc3\xa9\xf0\x9f\x98\x80"), "\"\xc3\xa9\xf0\x9f\x98\x80\"" },
  { SP_VIEW ("\xff\xc3"), "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
};

Test (json_write, strings)
{
  for (size_t i = 0; i < sizeof string_cases / sizeof *string_cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_json_out struct sp_json_out *out = sp_json_write_new (true, &err);
      char wanted[64];
      (void)snprintf (wanted, sizeof wanted, "[%s]\n", string_cases[i].out);
      cr_assert (out);
      sp_json_write_view (out, NULL, string_cases[i].in);
      cleanup_free char *text = sp_json_write_text (out, SP_JSON_ONE_LINE, &err);
      cr_assert (text, "row %zu", i);
      cr_expect_str_eq (text, wanted, "row %zu: %s", i, text);
    }
}

static struct sp_json_out *
sample (sigpolicy_error **err)
{
  struct sp_json_out *out = sp_json_write_new (false, err);
  cr_assert (out);
  sp_json_write_str (out, "s", "x");
  sp_json_write_str (out, "none", NULL);
  sp_json_write_int (out, "least", INT64_MIN);
  sp_json_write_open (out, "list", true);
  sp_json_write_bool (out, NULL, true);
  sp_json_write_open (out, NULL, false);
  sp_json_write_bool (out, "no", false);
  sp_json_write_close (out);
  sp_json_write_null (out, NULL);
  sp_json_write_close (out);
  sp_json_write_int (out, "last", 0);
  return out;
}

Test (json_write, one_line)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_json_out struct sp_json_out *out = sample (&err);
  cleanup_free char *text = sp_json_write_text (out, SP_JSON_ONE_LINE, &err);
  cr_assert (text);
  cr_expect_str_eq (text, "{\"s\":\"x\",\"none\":null,\"least\":-9223372036854775808,"
                          "\"list\":[true,{\"no\":false},null],\"last\":0}\n");
}

Test (json_write, indented)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_json_out struct sp_json_out *out = sample (&err);
  cleanup_free char *text = sp_json_write_text (out, SP_JSON_INDENTED, &err);
  cr_assert (text);
  cr_expect_str_eq (text, "{\n"
                          "  \"s\": \"x\",\n"
                          "  \"none\": null,\n"
                          "  \"least\": -9223372036854775808,\n"
                          "  \"list\": [\n"
                          "    true,\n"
                          "    {\n"
                          "      \"no\": false\n"
                          "    },\n"
                          "    null\n"
                          "  ],\n"
                          "  \"last\": 0\n"
                          "}\n");
}

/* Everything that can be in a string comes back, once it was made UTF-8. */
Test (json_write, reads_back)
{
  for (unsigned rune = 0; rune < 0x2100; rune++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_json_out struct sp_json_out *out = sp_json_write_new (false, &err);
      cleanup_json struct sp_json *json = NULL;
      cleanup_buf struct sp_buf in = SP_BUF (16);
      sp_json_node node = 0;
      sp_buf_str (&in, "<");
      if (rune < 0x80)
        sp_buf_byte (&in, (char)rune);
      else if (rune < 0x800)
        sp_buf_printf (&in, "%c%c", 0xc0 | rune >> 6, 0x80 | (rune & 63));
      else
        sp_buf_printf (&in, "%c%c%c", 0xe0 | rune >> 12, 0x80 | (rune >> 6 & 63),
                       0x80 | (rune & 63));
      sp_buf_str (&in, ">");
      cr_assert (out);
      sp_json_write_view (out, "key", sp_buf_view (&in));
      cleanup_free char *text = sp_json_write_text (out, SP_JSON_ONE_LINE, &err);
      cr_assert (text && sp_json_parse (sp_view_str (text), 9, &json, &err) == 0, "U+%04X", rune);
      cr_assert (sp_json_find (json, SP_JSON_ROOT, "key", &node));
      cr_expect (sp_view_equal (sp_json_string (json, node), sp_buf_view (&in)), "U+%04X", rune);
    }
}

Test (json_write, keys_are_made_utf8)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_json_out struct sp_json_out *out = sp_json_write_new (false, &err);
  cr_assert (out);
  sp_json_write_open (out, "a\xff\"", true);
  sp_json_write_close (out);
  cleanup_free char *text = sp_json_write_text (out, SP_JSON_ONE_LINE, &err);
  cr_assert (text);
  cr_expect_str_eq (text, "{\"a\xef\xbf\xbd\\\"\":[]}\n");
}
