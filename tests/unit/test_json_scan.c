/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json.h"
#include "util/limits.h"

#include <criterion/criterion.h>
#include <locale.h>

/* What is JSON and what is not. A message of NULL means "accepted". */
static const struct
{
  struct sp_view in;
  unsigned line, column;
  const char *message;
  const char *hint; /* a part of it */
} syntax_cases[] = {
  { SP_VIEW ("{}"), 0, 0, NULL, NULL },
  { SP_VIEW (" \t\r\n{ } \t\r\n"), 0, 0, NULL, NULL },
  { SP_VIEW ("null"), 0, 0, NULL, NULL },
  { SP_VIEW ("\"x\x7f\""), 0, 0, NULL, NULL },
  { SP_VIEW ("\"\xff\""), 0, 0, NULL, NULL },
  { SP_VIEW ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00aF\""), 0, 0, NULL, NULL },
  { SP_VIEW ("[0,-0,-0.0,1.5,1e3,1E+3,10e-1,1e400,123456789012345678901234567890]"), 0, 0, NULL,
    NULL },
  { SP_VIEW ("{\"a\":1,\"a\":2}"), 0, 0, NULL, NULL },

  { SP_VIEW (""), 1, 1, "unexpected end of JSON input", "empty" },
  { SP_VIEW (" \n"), 2, 1, "unexpected end of JSON input", NULL },
  { SP_VIEW ("{"), 1, 2, "unexpected end of JSON input", "cut off" },
  { SP_VIEW ("[\n1,"), 2, 3, "unexpected end of JSON input", NULL },
  { SP_VIEW ("{\"a\""), 1, 5, "unexpected end of JSON input", NULL },
  { SP_VIEW ("{\"a\":"), 1, 6, "unexpected end of JSON input", NULL },
  { SP_VIEW ("{\"a\":1"), 1, 7, "unexpected end of JSON input", NULL },
  { SP_VIEW ("\"abc"), 1, 5, "unexpected end of JSON input", NULL },
  { SP_VIEW ("\"abc\\"), 1, 6, "unexpected end of JSON input", NULL },
  { SP_VIEW ("\"\\u00"), 1, 6, "unexpected end of JSON input", NULL },
  { SP_VIEW ("-"), 1, 2, "unexpected end of JSON input", NULL },
  { SP_VIEW ("1."), 1, 3, "unexpected end of JSON input", NULL },
  { SP_VIEW ("1e"), 1, 3, "unexpected end of JSON input", NULL },
  { SP_VIEW ("1e+"), 1, 4, "unexpected end of JSON input", NULL },
  { SP_VIEW ("tru"), 1, 4, "unexpected end of JSON input", NULL },

  { SP_VIEW ("\xef\xbb\xbf{}"), 1, 1, "invalid character '\\ufeff' looking for beginning of value",
    "byte order mark" },
  { SP_VIEW ("\v{}"), 1, 1, "invalid character '\\v' looking for beginning of value", NULL },
  { SP_VIEW ("\xc2\xa0{}"), 1, 1, "invalid character '\\u00a0' looking for beginning of value",
    "no-break space" },
  { SP_VIEW ("\xff"), 1, 1, "invalid character '\\xff' looking for beginning of value", NULL },
  { SP_VIEW ("// c\n{}"), 1, 1, "invalid character '/' looking for beginning of value",
    "comments" },
  { SP_VIEW ("{\n  # c\n}"), 2, 3,
    "invalid character '#' looking for beginning of object key string", "comments" },
  { SP_VIEW ("{\"a\":1 /* c */}"), 1, 8, "invalid character '/' after object key:value pair",
    "comments" },
  { SP_VIEW ("[1,]"), 1, 4, "invalid character ']' looking for beginning of value",
    "after the last entry" },
  { SP_VIEW ("{\"a\":1,\n}"), 2, 1,
    "invalid character '}' looking for beginning of object key string", "after the last entry" },
  { SP_VIEW ("[,1]"), 1, 2, "invalid character ',' looking for beginning of value", NULL },
  { SP_VIEW ("{'a':1}"), 1, 2, "invalid character '\\'' looking for beginning of object key string",
    "double quotes" },
  { SP_VIEW ("{a:1}"), 1, 2, "invalid character 'a' looking for beginning of object key string",
    "double quotes" },
  { SP_VIEW ("{\"a\" 1}"), 1, 6, "invalid character '1' after object key", NULL },
  { SP_VIEW ("{\"a\":1 \"b\":2}"), 1, 8, "invalid character '\"' after object key:value pair",
    "comma" },
  { SP_VIEW ("[1 2]"), 1, 4, "invalid character '2' after array element", NULL },
  { SP_VIEW ("[1}"), 1, 3, "invalid character '}' after array element", NULL },
  { SP_VIEW ("{} {}"), 1, 4, "invalid character '{' after top-level value", "one value" },
  { SP_VIEW ("{}]"), 1, 3, "invalid character ']' after top-level value", NULL },
  { SP_VIEW ("{}\0"), 1, 3, "invalid character '\\x00' after top-level value", NULL },
  { SP_VIEW ("{}\xff"), 1, 3, "invalid character '\\xff' after top-level value", NULL },
  { SP_VIEW ("\"a\nb\""), 1, 3, "invalid character '\\n' in string", "closing quote" },
  { SP_VIEW ("\"\0\""), 1, 2, "invalid character '\\x00' in string", NULL },
  { SP_VIEW ("\"\x1f\""), 1, 2, "invalid character '\\x1f' in string", NULL },
  { SP_VIEW ("\"\\a\""), 1, 2, "invalid escape sequence `\\a` in string", "backslash" },
  { SP_VIEW ("\"\\'\""), 1, 2, "invalid escape sequence `\\'` in string", NULL },
  { SP_VIEW ("\"\\x41\""), 1, 2, "invalid escape sequence `\\x` in string", NULL },
  { SP_VIEW ("\"\\u12g4\""), 1, 2, "invalid escape sequence `\\u12g4` in string", NULL },
  { SP_VIEW ("\"\\\x01\""), 1, 2, "invalid escape sequence \"\\\\\\x01\" in string", NULL },
  { SP_VIEW ("[NaN]"), 1, 2, "invalid character 'N' looking for beginning of value", "NaN" },
  { SP_VIEW ("[Infinity]"), 1, 2, "invalid character 'I' looking for beginning of value",
    "Infinity" },
  { SP_VIEW ("[-Infinity]"), 1, 3, "invalid character 'I' in numeric literal", "Infinity" },
  { SP_VIEW ("+1"), 1, 1, "invalid character '+' looking for beginning of value", "begins with" },
  { SP_VIEW (".5"), 1, 1, "invalid character '.' looking for beginning of value", "begins with" },
  { SP_VIEW ("[1.]"), 1, 4, "invalid character ']' in numeric literal", NULL },
  { SP_VIEW ("01"), 1, 2, "invalid character '1' after top-level value", NULL },
  { SP_VIEW ("[-01]"), 1, 4, "invalid character '1' after array element", NULL },
  { SP_VIEW ("0x1"), 1, 2, "invalid character 'x' after top-level value", NULL },
  { SP_VIEW ("[1e]"), 1, 4, "invalid character ']' in numeric literal", NULL },
  { SP_VIEW ("[1e1.5]"), 1, 5, "invalid character '.' after array element", NULL },
  { SP_VIEW ("[--1]"), 1, 3, "invalid character '-' in numeric literal", NULL },
  { SP_VIEW ("trug"), 1, 4, "invalid character 'g' in literal true (expecting 'e')", NULL },
  { SP_VIEW ("nul]"), 1, 4, "invalid character ']' in literal null (expecting 'l')", NULL },
  { SP_VIEW ("True"), 1, 1, "invalid character 'T' looking for beginning of value",
    "small letters" },
};

Test (json_scan, syntax)
{
  for (size_t i = 0; i < sizeof syntax_cases / sizeof *syntax_cases; i++)
    {
      cleanup_json struct sp_json *json = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_view in = syntax_cases[i].in;
      const char *message = syntax_cases[i].message, *hint = syntax_cases[i].hint;
      int rc = sp_json_parse (in, SP_JSON_DEPTH_MAX, &json, &err);
      if (!message)
        {
          cr_expect (rc == 0, "%s: %s", in.data, err ? sigpolicy_error_text (err) : "");
          continue;
        }
      cr_assert (rc == SIGPOLICY_E_REJECTED, "%s is accepted", in.data);
      cr_expect (!json);
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_BAD_SIGNATURE);
      cr_expect_str_eq (sigpolicy_error_message (err), message, "%s: %s", in.data,
                        sigpolicy_error_message (err));
      cr_expect (sigpolicy_error_line (err) == syntax_cases[i].line
                     && sigpolicy_error_column (err) == syntax_cases[i].column,
                 "%s: at %u:%u", in.data, sigpolicy_error_line (err), sigpolicy_error_column (err));
      cr_expect (!hint || (sigpolicy_error_hint (err) && strstr (sigpolicy_error_hint (err), hint)),
                 "%s: hint %s", in.data, sigpolicy_error_hint (err));
    }
}

/* Every proper beginning of a document is refused. */
Test (json_scan, prefixes)
{
  static const char text[]
      = "{\"a\\u00e9\":[1.5e3,-0,\"x\xc3\xa9\",true,false,null,{},[]],\"b\":{\"c\":\"\\\"\"}}";
  for (size_t length = 0; length < sizeof text; length++)
    {
      cleanup_json struct sp_json *json = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      int rc = sp_json_parse (sp_view_n (text, length), SP_JSON_DEPTH_MAX, &json, &err);
      cr_expect ((rc == 0) == (length == sizeof text - 1), "%zu bytes", length);
    }
}

#define FFFD "\xef\xbf\xbd"

/* What a string reads as. */
static const struct
{
  struct sp_view in, out;
} string_cases[] = {
  { SP_VIEW ("\"\""), SP_VIEW ("") },
  { SP_VIEW ("\"plain text of some length\""), SP_VIEW ("plain text of some length") },
  { SP_VIEW ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), SP_VIEW ("\"\\/\b\f\n\r\t") },
  { SP_VIEW ("\"reject\\u0000\""), SP_VIEW ("reject\0") },
  { SP_VIEW ("\"\\u0041\\u00e9\\u20AC\""), SP_VIEW ("A\xc3\xa9\xe2\x82\xac") },
  { SP_VIEW ("\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""),
    SP_VIEW ("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80") },
  { SP_VIEW ("\"\\ud83d\\ude00\""), SP_VIEW ("\xf0\x9f\x98\x80") },
  { SP_VIEW ("\"\\ud800\\udc00\\udbff\\udfff\""), SP_VIEW ("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf") },
  { SP_VIEW ("\"\\ud800\""), SP_VIEW (FFFD) },
  { SP_VIEW ("\"\\udc00\""), SP_VIEW (FFFD) },
  { SP_VIEW ("\"\\ud800\\ud800\""), SP_VIEW (FFFD FFFD) },
  { SP_VIEW ("\"\\ud800A\""), SP_VIEW (FFFD "A") },
  { SP_VIEW ("\"\\ud800\\u0041\""), SP_VIEW (FFFD "A") },
  { SP_VIEW ("\"\\ud800\\n\""), SP_VIEW (FFFD "\n") },
  { SP_VIEW ("\"\\udc00\\ud800\""), SP_VIEW (FFFD FFFD) },
  { SP_VIEW ("\"\xff\""), SP_VIEW (FFFD) },
  { SP_VIEW ("\"\xe2\x82\""), SP_VIEW (FFFD FFFD) },
  { SP_VIEW ("\"\xed\xa0\x80\""), SP_VIEW (FFFD FFFD FFFD) },
  { SP_VIEW ("\"\xc0\x80\""), SP_VIEW (FFFD FFFD) },
  { SP_VIEW ("\"\xf4\x90\x80\x80\""), SP_VIEW (FFFD FFFD FFFD FFFD) },
  { SP_VIEW ("\"seven b\xff\xc3\xa9 and then more\""),
    SP_VIEW ("seven b" FFFD "\xc3\xa9 and then more") },
};

Test (json_scan, strings)
{
  for (size_t i = 0; i < sizeof string_cases / sizeof *string_cases; i++)
    {
      cleanup_json struct sp_json *json = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_view in = string_cases[i].in;
      cr_assert (sp_json_parse (in, 1, &json, &err) == 0, "%s", in.data);
      cr_expect (sp_view_equal (sp_json_string (json, SP_JSON_ROOT), string_cases[i].out), "%s",
                 in.data);
      cr_expect (sp_view_equal (sp_json_source (json, SP_JSON_ROOT), in), "%s", in.data);
    }
}

/* An ordinary character, a special one and the closing quote at every offset from a word's start.
 */
Test (json_scan, strings_at_every_alignment)
{
  static const char *const inserts[] = { "", "\\n", "\xc3\xa9", "\xff", "\\u0041" };
  static const char *const values[] = { "", "\n", "\xc3\xa9", FFFD, "A" };
  for (size_t before = 0; before < 20; before++)
    for (size_t i = 0; i < sizeof inserts / sizeof *inserts; i++)
      {
        cleanup_json struct sp_json *json = NULL;
        cleanup_error sigpolicy_error *err = NULL;
        char text[64], value[64];
        (void)snprintf (text, sizeof text, "\"%.*s%sxyz\"", (int)before, "abcdefghijklmnopqrstu",
                        inserts[i]);
        (void)snprintf (value, sizeof value, "%.*s%sxyz", (int)before, "abcdefghijklmnopqrstu",
                        values[i]);
        cr_assert (sp_json_parse (sp_view_str (text), 1, &json, &err) == 0, "%s", text);
        cr_expect (sp_view_is (sp_json_string (json, SP_JSON_ROOT), value), "%s", text);
      }
}

static int
nested (unsigned depth, unsigned max_depth, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (SP_MIB);
  for (unsigned i = 0; i < depth; i++)
    sp_buf_str (&text, i % 2 ? "{\"a\":" : "[");
  sp_buf_str (&text, "1");
  for (unsigned i = depth; i > 0; i--)
    sp_buf_str (&text, (i - 1) % 2 ? "}" : "]");
  return sp_json_parse (sp_buf_view (&text), max_depth, &json, err);
}

Test (json_scan, depth)
{
  static const unsigned limits[] = { 0, 1, 2, 64, SP_JSON_DEPTH_MAX };
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cr_expect (nested (limits[i], limits[i], &err) == 0, "%u", limits[i]);
      cr_expect (nested (limits[i] + 1, limits[i], &err) == SIGPOLICY_E_REJECTED, "%u", limits[i]);
      cr_expect_str_eq (sigpolicy_error_message (err), "exceeded max depth");
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
    }
}

Test (json_scan, four_mebibytes_of_brackets)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *text = malloc (4 * SP_MIB);
  cr_assert (text);
  memset (text, '[', 4 * SP_MIB);
  cr_expect (sp_json_parse (sp_view_n (text, 4 * SP_MIB), SP_JSON_DEPTH_MAX, &json, &err) < 0);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
}

/* count elements "0," between brackets: count + 1 nodes. */
static int
many (size_t count, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_free char *text = malloc (2 * count + 1);
  cr_assert (text);
  for (size_t i = 0; i < count; i++)
    memcpy (text + 2 * i + 1, "0,", 2);
  text[0] = '[';
  text[2 * count] = ']';
  int rc = sp_json_parse (sp_view_n (text, 2 * count + 1), 1, &json, err);
  cr_expect (rc < 0 || sp_json_count (json, SP_JSON_ROOT) == count);
  return rc;
}

Test (json_scan, values)
{
  cleanup_error sigpolicy_error *err = NULL;
  cr_expect (many (SP_JSON_NODES_MAX - 1, &err) == 0);
  cr_expect (many (SP_JSON_NODES_MAX, &err) < 0);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
}

Test (json_scan, longer_than_offsets)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_view text = { "1", (size_t)UINT32_MAX + 1 };
  cr_expect (sp_json_parse (text, 1, &json, &err) == SIGPOLICY_E_REJECTED);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
}

Test (json_scan, walk)
{
  static const struct
  {
    const char *key, *source;
    enum sp_json_type type;
    size_t count;
  } members[] = {
    { "n", "null", SP_JSON_NULL, 0 },
    { "t", "true", SP_JSON_TRUE, 0 },
    { "f", "false", SP_JSON_FALSE, 0 },
    { "1", "-1.50e+2", SP_JSON_NUMBER, 0 },
    { "s", "\"\\u0073\"", SP_JSON_STRING, 0 },
    { "a", "[ [1, 2] , {\"x\" :[]}, 3 ]", SP_JSON_ARRAY, 3 },
    { "o", "{\"a\":{\"b\":1},\"a\":2}", SP_JSON_OBJECT, 2 },
    { "n", "{}", SP_JSON_OBJECT, 0 },
  };
  cleanup_json struct sp_json *json = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (1000);
  size_t n_members = sizeof members / sizeof *members, i = 0;
  for (i = 0; i < n_members; i++)
    sp_buf_printf (&text, "%s\n  \"%s\" : %s", i ? "," : "{", members[i].key, members[i].source);
  sp_buf_str (&text, "\n}\n");
  cr_assert (sp_json_parse (sp_buf_view (&text), 10, &json, &err) == 0);
  cr_expect (sp_json_count (json, SP_JSON_ROOT) == n_members);

  struct sp_json_iter it = sp_json_iter (json, SP_JSON_ROOT);
  for (i = 0; sp_json_next (&it); i++)
    {
      unsigned line, column;
      const char *key = members[i].key;
      cr_assert (i < n_members);
      cr_expect (it.index == i);
      cr_expect (sp_view_is (it.key, key), "%s", key);
      cr_expect (sp_view_is (sp_json_source (json, it.value), members[i].source), "%s", key);
      cr_expect (sp_json_type_of (json, it.value) == members[i].type, "%s", key);
      cr_expect (sp_json_count (json, it.value) == members[i].count, "%s", key);
      sp_json_position (json, it.key_node, &line, &column);
      cr_expect (line == i + 2 && column == 3, "%s at %u:%u", key, line, column);
      sp_json_position (json, it.value, &line, &column);
      cr_expect (line == i + 2 && column == 9, "%s at %u:%u", key, line, column);
    }
  cr_expect (i == n_members);
}

Test (json_scan, walk_of_an_array)
{
  static const char *const elements[] = { "[[]]", "{\"a\":[1,2,3]}", "\"x\"", "0" };
  cleanup_json struct sp_json *json = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  size_t i = 0;
  cr_assert (sp_json_parse (sp_view_str ("[[[]],{\"a\":[1,2,3]},\"x\",0]"), 10, &json, &err) == 0);
  struct sp_json_iter it = sp_json_iter (json, SP_JSON_ROOT);
  for (; sp_json_next (&it); i++)
    {
      cr_expect (it.index == i && it.key.len == 0 && it.key_node == it.value);
      cr_expect (sp_view_is (sp_json_source (json, it.value), elements[i]), "%zu", i);
    }
  cr_expect (i == 4);
  it = sp_json_iter (json, it.value);
  cr_expect (!sp_json_next (&it), "a walk over a number is not empty");
}

/* Lines are indexed in steps; look on both sides of them. */
Test (json_scan, places_in_long_texts)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (SP_MIB);
  unsigned line = 1, column = 1;
  sp_buf_str (&text, "[");
  for (int i = 0; i < 3000; i++)
    sp_buf_printf (&text, "%s%s%d", i ? "," : "",
                   i % 7 == 0     ? "\n"
                   : i % 500 == 1 ? "\n\n"
                                  : "",
                   i);
  sp_buf_str (&text, "]");
  cr_assert (sp_json_parse (sp_buf_view (&text), 10, &json, &err) == 0);
  size_t at = 0;
  struct sp_json_iter it = sp_json_iter (json, SP_JSON_ROOT);
  while (sp_json_next (&it))
    {
      unsigned found_line, found_column;
      for (; text.data + at < sp_json_source (json, it.value).data; at++)
        {
          column = text.data[at] == '\n' ? 1 : column + 1;
          line += text.data[at] == '\n';
        }
      sp_json_position (json, it.value, &found_line, &found_column);
      cr_assert (found_line == line && found_column == column, "element %zu", it.index);
    }
}

Test (json_scan, errors_name_the_path)
{
  static const struct
  {
    const char *source, *path;
  } cases[] = {
    { "1", "transports.docker[\"quay.io/ns\"][0].keyPath" },
    { "2", "transports.docker[\"\"][1][0]" },
    { "3", "transports.docker[\"a\\\"\\n\"]" },
    { "4", "[\"9a\"].a-b_c" },
  };
  static const char text[]
      = "{\"transports\":{\"docker\":{\"quay.io/ns\":[{\"type\":0,\"keyPath\":1}],"
        "\"\":[{},[2]],\"a\\\"\\n\":3}},\"9a\":{\"a-b_c\":4}}";
  cleanup_json struct sp_json *json = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cr_assert (sp_json_parse (sp_view_str (text), 10, &json, &err) == 0);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      sp_json_node node = 0;
      while (!sp_view_is (sp_json_source (json, node), cases[i].source))
        node++;
      cr_expect (sp_json_error (json, node, &err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                                "bad %d", 5)
                 == SIGPOLICY_E_CONFIG);
      cr_expect_str_eq (sigpolicy_error_json_path (err), cases[i].path, "%s",
                        sigpolicy_error_json_path (err));
      cr_expect_str_eq (sigpolicy_error_message (err), "bad 5");
      sp_error_clear (&err);
    }
  (void)sp_json_error (json, SP_JSON_ROOT, &err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                       "bad");
  cr_expect (!sigpolicy_error_json_path (err) && sigpolicy_error_line (err) == 1);
}

static const double huge = 1e308;

static const struct
{
  const char *in;
  bool fits;
  double value;
  bool whole;
  int64_t integer;
} number_cases[] = {
  { "0", true, 0, true, 0 },
  { "-0", true, 0, true, 0 },
  { "1.5", true, 1.5, false, 0 },
  { "1.0", true, 1, false, 0 },
  { "1e3", true, 1000, false, 0 },
  { "15e-1", true, 1.5, false, 0 },
  { "1e308", true, 1e308, false, 0 },
  { "1e309", false, 0, false, 0 },
  { "-1e309", false, 0, false, 0 },
  { "1e999999999999999999999999", false, 0, false, 0 },
  { "1e-400", true, 0, false, 0 },
  { "1e-999999999999999999999999", true, 0, false, 0 },
  { "1.0000000000000000001", true, 1, false, 0 },
  { "9007199254740993", true, 9007199254740992.0, true, 9007199254740993 },
  { "9223372036854775807", true, 9223372036854775808.0, true, INT64_MAX },
  { "9223372036854775808", true, 9223372036854775808.0, false, 0 },
  { "-9223372036854775808", true, -9223372036854775808.0, true, INT64_MIN },
  { "-9223372036854775809", true, -9223372036854775808.0, false, 0 },
  { "18446744073709551617", true, 18446744073709551616.0, false, 0 },
};

static void
check_numbers (void)
{
  for (size_t i = 0; i < sizeof number_cases / sizeof *number_cases; i++)
    for (int in_array = 0; in_array < 2; in_array++)
      {
        cleanup_json struct sp_json *json = NULL;
        cleanup_error sigpolicy_error *err = NULL;
        const char *in = number_cases[i].in;
        char text[64];
        double value = huge;
        int64_t integer = -77;
        sp_json_node node = in_array ? 1 : 0;
        (void)snprintf (text, sizeof text, in_array ? "[%s]" : "%s", in);
        cr_assert (sp_json_parse (sp_view_str (text), 1, &json, &err) == 0, "%s", text);
        cr_expect (sp_json_double (json, node, &value) == number_cases[i].fits, "%s", text);
        cr_expect (!number_cases[i].fits || value == number_cases[i].value, "%s is %.20g", text,
                   value);
        cr_expect (sp_json_has_huge_number (json, SP_JSON_ROOT) == !number_cases[i].fits, "%s",
                   text);
        cr_expect (sp_json_int64 (json, node, &integer) == number_cases[i].whole, "%s", text);
        cr_expect (!number_cases[i].whole || integer == number_cases[i].integer, "%s", text);
      }
}

Test (json_scan, numbers) { check_numbers (); }

Test (json_scan, numbers_where_the_decimal_point_is_a_comma)
{
  if (setlocale (LC_ALL, "de_DE.UTF-8"))
    cr_assert (strtod ("1,5", NULL) == 1.5);
  check_numbers ();
}

Test (json_scan, huge_numbers_below)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  sp_json_node node = 0;
  double value;
  cr_assert (sp_json_parse (sp_view_str ("{\"a\":[{\"b\":1e400}],\"c\":[1e4],\"d\":\"1e400\"}"), 9,
                            &json, &err)
             == 0);
  cr_expect (sp_json_has_huge_number (json, SP_JSON_ROOT));
  cr_expect (sp_json_find (json, SP_JSON_ROOT, "a", &node) && sp_json_has_huge_number (json, node));
  cr_expect (sp_json_find (json, SP_JSON_ROOT, "c", &node)
             && !sp_json_has_huge_number (json, node));
  cr_expect (sp_json_find (json, SP_JSON_ROOT, "d", &node) && !sp_json_has_huge_number (json, node)
             && !sp_json_double (json, node, &value));
}

Test (json_scan, folding)
{
  static const struct
  {
    struct sp_view key;
    const char *name;
    bool same;
  } cases[] = {
    { SP_VIEW ("mediaType"), "mediaType", true },
    { SP_VIEW ("MEDIATYPE"), "mediaType", true },
    { SP_VIEW ("\xc5\xbf"
               "ignature\xc5\xbf"),
      "signatures", true },
    { SP_VIEW ("\xe2\x84\xaa"
               "ey"),
      "key", true },
    { SP_VIEW ("key"), "Key", true },
    { SP_VIEW ("mediaTyp"), "mediaType", false },
    { SP_VIEW ("mediaTypes"), "mediaType", false },
    { SP_VIEW ("mediaType\0"), "mediaType", false },
    { SP_VIEW ("media-type"), "mediaType", false },
    { SP_VIEW ("["), "{", false },
    { SP_VIEW ("@"), "`", false },
    { SP_VIEW ("\xc3\x89"), "\xc3\xa9", false },
    { SP_VIEW (""), "", true },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    cr_expect (sp_json_folds_to (cases[i].key, cases[i].name) == cases[i].same, "%s",
               cases[i].key.data);
}

Test (json_scan, find_takes_the_last)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  sp_json_node node = 0;
  cr_assert (
      sp_json_parse (sp_view_str ("{\"a\":1,\"\\u0061\":2,\"A\":3,\"a\\u0000\":4,\"l\":[\"a\"]}"),
                     9, &json, &err)
      == 0);
  cr_expect (sp_json_find (json, SP_JSON_ROOT, "a", &node));
  cr_expect (sp_view_is (sp_json_source (json, node), "2"));
  cr_expect (sp_json_find_folded (json, SP_JSON_ROOT, "a", &node));
  cr_expect (sp_view_is (sp_json_source (json, node), "3"));
  cr_expect (!sp_json_find (json, SP_JSON_ROOT, "b", &node));
  cr_expect (sp_json_find (json, SP_JSON_ROOT, "l", &node));
  cr_expect (!sp_json_find (json, node, "a", &node), "found in an array");
  cr_expect (!sp_json_find (json, node, "", &node), "found in an array");
}

Test (json_scan, find_all_is_find_of_each)
{
  static const char *const names[] = { "a", "b", "l", "ks", "" };
  static const char *const texts[] = {
    "{\"a\":1,\"\\u0061\":2,\"A\":3,\"a\\u0000\":4,\"l\":[\"a\"],\"L\":null,\"\u212a\u017f\":5}",
    "{}", "[\"a\",1]", "\"a\"", "{\"b\":{\"a\":1},\"\":2,\"K\":3}"
  };
  for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
    {
      cleanup_json struct sp_json *json = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      sp_json_node all[5], one = 0;
      cr_assert (sp_json_parse (sp_view_str (texts[t]), 9, &json, &err) == 0);
      sp_json_find_all_folded (json, SP_JSON_ROOT, names, 5, all);
      for (size_t i = 0; i < 5; i++)
        cr_expect (sp_json_find_folded (json, SP_JSON_ROOT, names[i], &one) ? all[i] == one
                                                                            : !all[i],
                   "%s: '%s'", texts[t], names[i]);
    }
}

Test (json_scan, duplicates)
{
  static const struct
  {
    const char *in;
    unsigned column; /* of the key that repeats an earlier one, 0 for none */
  } cases[] = {
    { "{}", 0 },
    { "[1,1]", 0 },
    { "[\"a\",\"a\"]", 0 },
    { "{\"a\":1,\"b\":1,\"A\":1,\"a\\u0000\":1,\"\":1}", 0 },
    { "{\"a\":{\"x\":1},\"b\":{\"x\":1}}", 0 },
    { "{\"a\":1,\"a\":1}", 8 },
    { "{\"a\":1,\"\\u0061\":1}", 8 },
    { "{\"\":1,\"\":1}", 7 },
    { "{\"z\":1,\"a\":1,\"z\":1,\"a\":1}", 14 },
    { "{\"a\":1,\"z\":1,\"z\":1,\"a\":1}", 14 },
    { "{\"a\":1,\"a\":1,\"a\":1}", 8 },
    { "{\"\xff\":1,\"\xfe\":1}", 8 },
    { "{\"\xff\":1,\"\\ufffd\":1}", 8 },
    { "{\"\\ud800\":1,\"\\udc00\":1}", 13 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_json struct sp_json *json = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      sp_json_node key = 0;
      unsigned line, column = 0;
      bool found = true;
      cr_assert (sp_json_parse (sp_view_str (cases[i].in), 9, &json, &err) == 0);
      cr_assert (sp_json_find_duplicate (json, SP_JSON_ROOT, &found, &key, &err) == 0);
      if (found)
        sp_json_position (json, key, &line, &column);
      cr_expect (column == cases[i].column, "%s: column %u", cases[i].in, column);
    }
}

/* A hundred thousand keys, long and alike, which a table of few slots or a quadratic search would
 * not survive. */
Test (json_scan, duplicates_among_many, .timeout = 20)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (32 * SP_MIB);
  char same[101];
  sp_json_node key = 0;
  bool found = true;
  memset (same, 'a', sizeof same);
  same[sizeof same - 1] = '\0';
  for (int i = 0; i < 100000; i++)
    sp_buf_printf (&text, "%c\"%s%06d\":0", i ? ',' : '{', same, i);
  size_t length = text.len;
  sp_buf_str (&text, "}");
  cr_assert (sp_json_parse (sp_buf_view (&text), 9, &json, &err) == 0);
  cr_assert (sp_json_find_duplicate (json, SP_JSON_ROOT, &found, &key, &err) == 0 && !found);
  sp_json_free (steal (&json));

  text.len = length;
  sp_buf_printf (&text, ",\"%s%06d\":0}", same, 99999);
  cr_assert (sp_json_parse (sp_buf_view (&text), 9, &json, &err) == 0);
  cr_assert (sp_json_find_duplicate (json, SP_JSON_ROOT, &found, &key, &err) == 0 && found);
  cr_expect (key == 200001);
}

/* A message of NULL means "accepted". */
static const struct
{
  const char *in;
  struct sp_view out;
  const char *message;
} bytes_cases[] = {
  { "\"YWJj\"", SP_VIEW ("abc"), NULL },
  { "\"\"", SP_VIEW (""), NULL },
  { "\"YQ=\\n=\"", SP_VIEW ("a"), NULL },
  { "\"\\u0059Q==\"", SP_VIEW ("a"), NULL },
  { "[97,98]", SP_VIEW ("ab"), NULL },
  { "[]", SP_VIEW (""), NULL },
  { "[0,null,255]", SP_VIEW ("\0\0\xff"), NULL },
  { "\"YQ\"", SP_VIEW (""), "illegal base64 data at input byte 0" },
  { "\"YW Jj\"", SP_VIEW (""), "illegal base64 data at input byte 2" },
  { "\"YWJj\\u0000\"", SP_VIEW (""), "illegal base64 data at input byte 4" },
  { "[256]", SP_VIEW (""), "expected a byte, a whole number from 0 to 255" },
  { "[-1]", SP_VIEW (""), "expected a byte, a whole number from 0 to 255" },
  { "[-0]", SP_VIEW (""), "expected a byte, a whole number from 0 to 255" },
  { "[1.0]", SP_VIEW (""), "expected a byte, a whole number from 0 to 255" },
  { "[1e0]", SP_VIEW (""), "expected a byte, a whole number from 0 to 255" },
  { "[99999999999999999999]", SP_VIEW (""), "expected a byte, a whole number from 0 to 255" },
  { "[\"a\"]", SP_VIEW (""), "expected a byte, a whole number from 0 to 255, found a string" },
  { "[[1]]", SP_VIEW (""), "expected a byte, a whole number from 0 to 255, found an array" },
  { "1", SP_VIEW (""), "expected a string with base64, found a number" },
  { "{}", SP_VIEW (""), "expected a string with base64, found an object" },
  { "null", SP_VIEW (""), "expected a string with base64, found null" },
};

Test (json_scan, bytes)
{
  for (size_t i = 0; i < sizeof bytes_cases / sizeof *bytes_cases; i++)
    {
      cleanup_json struct sp_json *json = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf out = SP_BUF (100);
      const char *in = bytes_cases[i].in;
      cr_assert (sp_json_parse (sp_view_str (in), 9, &json, &err) == 0);
      int rc = sp_json_bytes (json, SP_JSON_ROOT, &out, &err);
      if (!bytes_cases[i].message)
        cr_expect (rc == 0 && sp_view_equal (sp_buf_view (&out), bytes_cases[i].out), "%s", in);
      else
        {
          cr_assert (rc == SIGPOLICY_E_REJECTED, "%s is accepted", in);
          cr_expect_str_eq (sigpolicy_error_message (err), bytes_cases[i].message, "%s: %s", in,
                            sigpolicy_error_message (err));
          cr_expect (sigpolicy_error_line (err) == 1);
        }
    }
}
