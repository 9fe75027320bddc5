/* SPDX-License-Identifier: Apache-2.0 */
#include "toml/toml.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/codec.h"
#include "util/limits.h"

#include <criterion/criterion.h>

/* --- what is read ---------------------------------------------------------------------------- */

/* A tree in one line: {key:value ...}, [value ...], "text", and the rest as it was written. */
static void
show (const struct sp_toml_node *node, struct sp_buf *out)
{
  if (node->type == SP_TOML_STRING)
    sp_quote (node->text, out);
  else if (node->type == SP_TOML_INTEGER)
    sp_buf_printf (out, "%lld", (long long)node->integer);
  else if (node->type != SP_TOML_ARRAY && node->type != SP_TOML_TABLE)
    {
      sp_buf_str (out, node->type == SP_TOML_DATE    ? "date "
                       : node->type == SP_TOML_FLOAT ? "float "
                       : node->boolean               ? "yes "
                                                     : "no ");
      sp_buf_add (out, node->text);
    }
  else
    {
      bool table = node->type == SP_TOML_TABLE;
      sp_buf_str (out, table ? "{" : node->is_table_array ? "[[" : "[");
      for (const struct sp_toml_node *child = node->first; child; child = child->next)
        {
          sp_buf_str (out, child == node->first ? "" : " ");
          if (table)
            {
              sp_buf_add (out, child->key);
              sp_buf_byte (out, ':');
            }
          show (child, out);
        }
      sp_buf_str (out, table ? "}" : node->is_table_array ? "]]" : "]");
    }
}

static const struct
{
  const char *text, *tree;
} documents[] = {
  { "", "{}" },
  { "# only a comment", "{}" },
  { "\xef\xbb\xbf"
    "a = 1",
    "{a:1}" },
  { "a = 1\r\nb = 2\r\n", "{a:1 b:2}" },
  { "a=true\nb =false#x\n\tc\t=\t'' \n", "{a:yes true b:no false c:\"\"}" },
  /* keys */
  { "a-b_1 = 1\n3.14 = 2\n\"x.y\" = 3\n'\"' = 4\n\"\" = 5", "{a-b_1:1 3:{14:2} x.y:3 \":4 :5}" },
  { "a . b.'c' = 1\na.d = 2\n", "{a:{b:{c:1} d:2}}" },
  /* strings */
  { "a = \"\\b\\t\\n\\f\\r\\\"\\\\\\u00e9\\U0001F600\"",
    "{a:\"\\b\\t\\n\\f\\r\\\"\\\\\xc3\xa9\xf0\x9f\x98\x80\"}" },
  { "a = 'C:\\new'", "{a:\"C:\\\\new\"}" },
  { "a = \"\"\"\nx\r\n y\\ \t\r\n\n  z\"\"\"", "{a:\"x\\n yz\"}" },
  { "a = '''\nx\\\ny'''", "{a:\"x\\\\\\ny\"}" },
  { "a = \"\"\"\"x\"\"\"\"\"", "{a:\"\\\"x\\\"\\\"\"}" },
  { "a = '''''x'''''", "{a:\"''x''\"}" },
  { "a = \"\\u0000x\"", "{a:\"\\x00x\"}" },
  /* numbers */
  { "a = [0, -0, +7, 1_000, 0xfF, 0o17, 0b101]", "{a:[0 0 7 1000 255 15 5]}" },
  { "a = [9223372036854775807, -9223372036854775808, 0x7fff_ffff_ffff_ffff]",
    "{a:[9223372036854775807 -9223372036854775808 9223372036854775807]}" },
  { "a = [1.5, -0.0, 1e9, 6_0.2_5E-1, inf, +nan]",
    "{a:[float 1.5 float -0.0 float 1e9 float 6_0.2_5E-1 float inf float +nan]}" },
  { "a = [1979-05-27T07:32:00Z, 1979-05-27 07:32:00.25-08:00, 2000-02-29, 23:59:59]",
    "{a:[date 1979-05-27T07:32:00Z date 1979-05-27 07:32:00.25-08:00 date 2000-02-29 date "
    "23:59:59]}" },
  /* collections */
  { "a = [1, # one\n\n [ 'x' , ],{b=1,c . d=[]} ,]", "{a:[1 [\"x\"] {b:1 c:{d:[]}}]}" },
  { "a = []\nb = {}\nc = { }\n", "{a:[] b:{} c:{}}" },
  { "[a.b.c]\n[a]\nx = 1\n[a.d] # x\n", "{a:{b:{c:{}} x:1 d:{}}}" },
  { "[[a]]\nx = 1\n[[a.b]]\n[a.b.c]\n[[a.b]]\n[[ a ]]\n[a.b]\n",
    "{a:[[{x:1 b:[[{c:{}} {}]]} {b:{}}]]}" },
  { "[a]\nb.c = 1\nb.d = 2\n[a.b.e]\n", "{a:{b:{c:1 d:2 e:{}}}}" },
};

Test (toml_document, reads)
{
  for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
    {
      cleanup_toml struct sp_toml *toml = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf shown = SP_BUF (65536);

      int rc = sp_toml_parse (sp_view_str (documents[i].text), &toml, &err);
      cr_expect (rc == 0, "%s: %s", documents[i].text, sigpolicy_error_text (err));
      if (rc < 0)
        continue;
      show (sp_toml_root (toml), &shown);
      cr_expect_str_eq (shown.data, documents[i].tree, "%s: %s", documents[i].text, shown.data);
    }
}

/* --- what is refused ------------------------------------------------------------------------- */

#define TWICE "toml: line 2: key \"a\" stands twice"

static const struct
{
  const char *text, *message, *hint;
  unsigned line, column;
} faults[] = {
  { "location = quay.io", "toml: line 1: expected a value, found \"quay.io\"",
    "write text in quotes: key = \"text\"", 1, 12 },
  { "\n\na = True", "toml: line 3: expected a value, found \"True\"",
    "TOML writes true and false in small letters", 3, 5 },
  { "a = node.example", "toml: line 1: expected a value, found \"node.example\"",
    "write text in quotes: key = \"text\"", 1, 5 },
  { "a = yes", "toml: line 1: expected a value, found \"yes\"", "TOML writes true or false", 1, 5 },
  { "a =", "toml: line 1: expected a value, found the end of the file", NULL, 1, 4 },
  { "a =\nb", "toml: line 1: expected a value, found the end of the line",
    "write the value in the same line", 1, 4 },
  { "a: 1", "toml: line 1: expected '=', found \":\"", "TOML writes key = value", 1, 2 },
  { "a b = 1", "toml: line 1: expected '=', found \"b\"", NULL, 1, 3 },
  { "= 1", "toml: line 1: expected a key, found \"=\"", "write a key before it", 1, 1 },
  { "{\"a\": 1}", "toml: line 1: expected a key, found \"{\"",
    "this is no JSON: TOML writes key = value, and [name] above a table", 1, 1 },
  { "// x", "toml: line 1: expected a key, found \"//\"", "comments begin with #", 1, 1 },
  { "a = 1 2", "toml: line 1: expected the end of the line, found \"2\"", NULL, 1, 7 },
  { "a = 'x', 'y'", "toml: line 1: expected the end of the line, found \",\"",
    "write several values as an array: key = [\"one\", \"two\"]", 1, 8 },
  { "a = 1;", "toml: line 1: expected the end of the line, found \";\"",
    "comments begin with #, and a line ends without a semicolon", 1, 6 },
  { "a = 01", "toml: line 1: expected the end of the line, found \"1\"", NULL, 1, 6 },
  { "a = 0x", "toml: line 1: expected the end of the line, found \"x\"", NULL, 1, 6 },
  { "a = 2023-02-29", "toml: line 1: expected the end of the line, found \"-02-29\"", NULL, 1, 9 },
  { "a = 9223372036854775808", "toml: line 1: an integer has at most 64 bits", NULL, 1, 5 },
  { "a = -9223372036854775809", "toml: line 1: an integer has at most 64 bits", NULL, 1, 5 },
  { "a = 0x8000000000000000", "toml: line 1: an integer has at most 64 bits", NULL, 1, 5 },
  { "a = \xe2\x80\x9cx\xe2\x80\x9d", "toml: line 1: expected a value, found \"\xe2\x80\x9c\"",
    "these are typographic quotes: write plain double quotes", 1, 5 },
  { "a = \"x\nb = 1", "toml: line 1: expected a closing double quote, found the end of the line",
    "is a closing quote missing?", 1, 7 },
  { "a = 'x", "toml: line 1: expected a closing single quote, found the end of the file",
    "the string begins in line 1", 1, 7 },
  { "a = 1\nb = '''x''\ny",
    "toml: line 3: expected three closing quotes, found the end of the file",
    "the string begins in line 2", 3, 2 },
  { "a = \"C:\\dir\"", "toml: line 1: expected an escape such as \\n, \\\" or \\\\, found \"\\\\\"",
    "write a backslash as \\\\, or put the text in single quotes", 1, 8 },
  { "a = \"\\u12\"", "toml: line 1: expected four hexadecimal digits after \\u, found \"\\\"\"",
    NULL, 1, 10 },
  { "a = \"\\ud800\"", "toml: line 1: U+D800 is no character", NULL, 1, 6 },
  { "a = \"\\U00110000\"", "toml: line 1: U+110000 is no character", NULL, 1, 6 },
  { "a = [1 2]", "toml: line 1: expected ',' or ']', found \"2\"", NULL, 1, 8 },
  { "a = ['x'\n'y']", "toml: line 2: expected ',' or ']', found \"'\"",
    "is a comma missing before it?", 2, 1 },
  { "a = [1,,2]", "toml: line 1: expected a value, found \",\"", "is there a comma too many?", 1,
    8 },
  { "a = {b = 1,\nc = 2}", "toml: line 1: expected a key, found the end of the line",
    "write an inline table in one line", 1, 12 },
  { "a = {b = 1\n}", "toml: line 1: expected ',' or '}', found the end of the line",
    "write an inline table in one line", 1, 11 },
  { "a = {b = 1,}", "toml: line 1: expected a key, found \"}\"",
    "an inline table has no comma after its last entry", 1, 12 },
  { "[a", "toml: line 1: expected ']', found the end of the file", NULL, 1, 3 },
  { "[[registry]", "toml: line 1: expected ']]', found \"]\"",
    "a header that begins with [[ ends with ]]", 1, 11 },
  { "[]", "toml: line 1: expected a key, found \"]\"", NULL, 1, 2 },
  /* twice, or into what is complete */
  { "a = 1\na = 2", TWICE, "it was defined in line 1", 2, 1 },
  { "a = 1\n \"\\u0061\" = 2", TWICE, "it was defined in line 1", 2, 2 },
  { "a = 1\n[a]", "toml: line 2: key \"a\" has a value already", "it was defined in line 1", 2, 2 },
  { "[a]\n[b]\n[a]", "toml: line 3: key \"a\" is a table already", "it was defined in line 1", 3,
    2 },
  { "[[a]]\n[a]", "toml: line 2: key \"a\" is a table already", "it was defined in line 1", 2, 2 },
  { "[a]\n[[a]]", "toml: line 2: key \"a\" is a single table already", "it was defined in line 1",
    2, 3 },
  { "a = []\n[[a]]", "toml: line 2: key \"a\" has a value already", "it was defined in line 1", 2,
    3 },
  { "a = {}\n[a.b]", "toml: line 2: key \"a\" has a value, to which nothing can be added",
    "it was defined in line 1", 2, 2 },
  { "a = {}\na.b = 1", "toml: line 2: key \"a\" has a value, to which nothing can be added",
    "it was defined in line 1", 2, 1 },
  { "a.b = 1\n[a]", "toml: line 2: key \"a\" is a table already", "it was defined in line 1", 2,
    2 },
  { "[a.b.c]\n[a]\nb.c.d = 1", "toml: line 3: key \"c\" is a table that is complete",
    "it was defined in line 1", 3, 3 },
  { "a.b = 1\na.b.c = 1", "toml: line 2: key \"b\" has a value, to which nothing can be added",
    "it was defined in line 1", 2, 3 },
  { "a = {b = 1, b = 2}", "toml: line 1: key \"b\" stands twice", "it was defined in line 1", 1,
    13 },
  /* bytes */
  { "a = 1\rb = 2", "toml: line 1: control character U+000D", NULL, 1, 6 },
  { "# \x1b[1m", "toml: line 1: control character U+001B", NULL, 1, 3 },
  { "a = '\x7f'", "toml: line 1: control character U+007F", NULL, 1, 6 },
  { "\n# \xc3(", "toml: line 2: a byte that is no UTF-8: 0xc3", "save the file as UTF-8", 2, 3 },
};

Test (toml_document, refuses)
{
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
    {
      struct sp_toml *toml = NULL;
      cleanup_error sigpolicy_error *err = NULL;

      int rc = sp_toml_parse (sp_view_str (faults[i].text), &toml, &err);
      cr_expect (rc == SIGPOLICY_E_CONFIG && !toml, "%s", faults[i].text);
      if (rc == 0)
        continue;
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_CONFIG_ERROR);
      cr_expect_str_eq (sigpolicy_error_message (err), faults[i].message);
      cr_expect (sigpolicy_error_line (err) == faults[i].line
                     && sigpolicy_error_column (err) == faults[i].column,
                 "%s: %u:%u", faults[i].text, sigpolicy_error_line (err),
                 sigpolicy_error_column (err));
      const char *hint = sigpolicy_error_hint (err);
      cr_expect ((!hint && !faults[i].hint)
                     || (hint && faults[i].hint && strcmp (hint, faults[i].hint) == 0),
                 "%s: %s", faults[i].text, hint);
    }
}

Test (toml_document, refuses_utf16)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_toml *toml = NULL;
  static const struct sp_view text = SP_VIEW ("a\0=\0001\0");
  cr_assert (sp_toml_parse (text, &toml, &err) == SIGPOLICY_E_CONFIG);
  cr_expect_str_eq (sigpolicy_error_message (err), "toml: line 1: control character U+0000");
  cr_expect_str_eq (sigpolicy_error_hint (err), "is this UTF-16? Save the file as UTF-8");
}

/* --- places ---------------------------------------------------------------------------------- */

Test (toml_document, places)
{
  static const char text[] = "\xef\xbb\xbf[x]\n"
                             "  a.b = 'one'\n"
                             "c = [\n"
                             " 2, {d = 3}]\n"
                             "[[y]]\n"
                             "[x.z]\n";
  cleanup_toml struct sp_toml *toml = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  static const struct
  {
    const char *path; /* n: the next, f: the first in it */
    unsigned key_line, key_column, line, column;
  } nodes[] = {
    { "", 1, 1, 1, 1 },      { "f", 1, 2, 1, 2 },       { "ff", 2, 3, 2, 3 },
    { "fff", 2, 5, 2, 9 },   { "ffn", 3, 1, 3, 5 },     { "ffnf", 4, 2, 4, 2 },
    { "ffnfn", 4, 5, 4, 5 }, { "ffnfnf", 4, 6, 4, 10 }, { "fn", 5, 3, 5, 3 },
    { "fnf", 5, 3, 5, 3 },   { "ffnn", 6, 4, 6, 4 },
  };

  cr_assert (sp_toml_parse (sp_view_n (text, sizeof text - 1), &toml, &err) == 0);
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
    {
      const struct sp_toml_node *node = sp_toml_root (toml);
      for (const char *step = nodes[i].path; node && *step; step++)
        node = *step == 'f' ? node->first : node->next;
      cr_assert (node, "%s", nodes[i].path);
      cr_expect (node->line == nodes[i].line && node->column == nodes[i].column
                     && node->key_line == nodes[i].key_line
                     && node->key_column == nodes[i].key_column,
                 "%s: key %u:%u, value %u:%u", nodes[i].path, node->key_line, node->key_column,
                 node->line, node->column);
    }
}

/* --- ceilings -------------------------------------------------------------------------------- */

/* before, count times piece, middle, count times end */
static int
parse_repeated (const char *before, const char *piece, const char *middle, const char *end,
                size_t count, sigpolicy_error **err)
{
  cleanup_toml struct sp_toml *toml = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (4 * SP_TOML_BYTES_MAX);
  sp_buf_str (&text, before);
  for (size_t i = 0; i < count; i++)
    sp_buf_str (&text, piece);
  sp_buf_str (&text, middle);
  for (size_t i = 0; i < count; i++)
    sp_buf_str (&text, end);
  cr_assert (!text.failed);
  return sp_toml_parse (sp_buf_view (&text), &toml, err);
}

Test (toml_document, ceilings)
{
  static const struct
  {
    const char *before, *piece, *middle, *end;
    size_t count;
    const char *message;
  } cases[] = {
    { "a = ", "[", "", "]", SP_TOML_DEPTH_MAX,
      "toml: line 1: more than 64 levels of arrays and inline tables" },
    { "a = ", "{a = ", "1", "}", SP_TOML_DEPTH_MAX,
      "toml: line 1: more than 64 levels of arrays and inline tables" },
    { "", "a.", "a = 1", "", SP_TOML_DEPTH_MAX - 1, "toml: line 1: more than 64 parts in a key" },
    { "[", "a.", "a]", "", SP_TOML_DEPTH_MAX - 1, "toml: line 1: more than 64 parts in a key" },
    { "a = [", "1,", "]", "", SP_TOML_NODES_MAX - 2, "toml: line 1: more than 100000 values" },
    { "#", "x", "", "", SP_TOML_BYTES_MAX - 1, "toml: more than 1048576 bytes" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t more = 0; more < 2; more++)
      {
        cleanup_error sigpolicy_error *err = NULL;
        int rc = parse_repeated (cases[i].before, cases[i].piece, cases[i].middle, cases[i].end,
                                 cases[i].count + more, &err);
        cr_expect (more ? rc == SIGPOLICY_E_CONFIG : rc == 0, "%s, %zu: %s", cases[i].piece, more,
                   sigpolicy_error_text (err));
        if (!more || rc == 0)
          continue;
        cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
        cr_expect_str_eq (sigpolicy_error_message (err), cases[i].message);
      }
}
