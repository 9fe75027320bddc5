/* SPDX-License-Identifier: Apache-2.0 */
#include "util/limits.h"
#include "yaml/yaml.h"

#include <criterion/criterion.h>

/* What a string and a boolean field make of a scalar: the text, NULL for nothing, "!" for a value
 * of another type, "?" for a spelling that does not fit its tag. */
static char *
as_string (const struct sp_yaml_node *node)
{
  cleanup_buf struct sp_buf text = SP_BUF (65536);
  cleanup_error sigpolicy_error *err = NULL;
  enum sp_yaml_fit fit = SP_YAML_MISFIT;

  if (sp_yaml_string (node, &text, &fit, &err) < 0)
    return strdup ("?");
  return fit == SP_YAML_IS_NULL  ? NULL
         : fit == SP_YAML_MISFIT ? strdup ("!")
                                 : sp_buf_steal (&text, &err);
}

static char *
as_bool (const struct sp_yaml_node *node)
{
  cleanup_error sigpolicy_error *err = NULL;
  enum sp_yaml_fit fit = SP_YAML_MISFIT;
  bool value = false;

  if (sp_yaml_bool (node, &value, &fit, &err) < 0)
    return strdup ("?");
  return fit == SP_YAML_IS_NULL ? NULL : strdup (fit == SP_YAML_MISFIT ? "!" : value ? "T" : "F");
}

static void
expect (const char *text, const char *what, char *answer, const char *expected)
{
  cr_expect (!answer == !expected && (!answer || strcmp (answer, expected) == 0),
             "%s as a %s is %s, not %s", text, what, answer ? answer : "null",
             expected ? expected : "null");
  free (answer);
}

static const struct
{
  const char *text;
  const char *string, *boolean;
} scalars[] = {
  /* null */
  { "", NULL, NULL },
  { "~", NULL, NULL },
  { "null", NULL, NULL },
  { "Null", NULL, NULL },
  { "NULL", NULL, NULL },
  { "nULL", "nULL", "!" },
  { "'~'", "~", "!" },
  { "\"\"", "", "!" },
  { "!!null", NULL, NULL },
  { "!!null ''", NULL, NULL },
  { "!!null '~'", NULL, NULL },
  { "!!null x", "?", "?" },
  { "! ", NULL, NULL },
  /* what keeps its spelling */
  { "0x10", "0x10", "!" },
  { "1.50", "1.50", "!" },
  { "0777", "0777", "!" },
  { ".inf", ".inf", "!" },
  { "2001-01-01", "2001-01-01", "!" },
  { "1", "1", "!" },
  { "0", "0", "!" },
  { "<<", "<<", "!" },
  { "a b", "a b", "!" },
  { "!!str 12", "12", "!" },
  { "!!int 12", "12", "!" },
  { "!!float 12", "12", "!" },
  { "!foo 12", "12", "!" },
  { "!<tag:yaml.org,2002:int> 12", "12", "!" },
  { "!!seq x", "x", "!" },
  /* what does not fit */
  { "!!int x", "?", "?" },
  { "!!int 1.5", "?", "?" },
  { "!!int ''", "?", "?" },
  { "!!float x", "?", "?" },
  { "!!timestamp x", "?", "?" },
  { "!!bool yes", "?", "?" },
  { "!!bool ''", "?", "?" },
  { "[a]", "!", "!" },
  { "{a: b}", "!", "!" },
  /* base64 */
  { "!!binary aGk=", "hi", "!" },
  { "!!binary 'aGk='", "hi", "!" },
  { "!!binary eWVz", "yes", "T" },
  { "!!binary dHJ1ZQ==", "true", "!" },
  { "!!binary aGk", "?", "?" },
  { "!!binary ''", "", "!" },
  /* booleans */
  { "true", "true", "T" },
  { "True", "True", "T" },
  { "TRUE", "TRUE", "T" },
  { "false", "false", "F" },
  { "False", "False", "F" },
  { "FALSE", "FALSE", "F" },
  { "tRue", "tRue", "!" },
  { "y", "y", "T" },
  { "Y", "Y", "T" },
  { "yes", "yes", "T" },
  { "Yes", "Yes", "T" },
  { "YES", "YES", "T" },
  { "on", "on", "T" },
  { "On", "On", "T" },
  { "ON", "ON", "T" },
  { "n", "n", "F" },
  { "N", "N", "F" },
  { "no", "no", "F" },
  { "No", "No", "F" },
  { "NO", "NO", "F" },
  { "off", "off", "F" },
  { "Off", "Off", "F" },
  { "OFF", "OFF", "F" },
  { "oN", "oN", "!" },
  { "yEs", "yEs", "!" },
  { "t", "t", "!" },
  /* in quotes it is the other way round */
  { "'true'", "true", "!" },
  { "\"False\"", "False", "!" },
  { "'yes'", "yes", "T" },
  { "\"off\"", "off", "F" },
  { "|-\n  yes", "yes", "T" },
  { "|-\n  true", "true", "!" },
  { "|\n  yes\n", "yes\n", "!" },
  { "!!bool 'true'", "true", "T" },
  { "!!str true", "true", "!" },
  { "!!str yes", "yes", "T" },
  { "!foo true", "true", "!" },
  { "!foo yes", "yes", "T" },
  { "! true", "true", "T" },
  { "! 'true'", "true", "!" },
};

Test (yaml_scalar, strings_and_booleans)
{
  for (size_t i = 0; i < sizeof scalars / sizeof *scalars; i++)
    {
      cleanup_yaml struct sp_yaml *yaml = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (65536);
      sp_buf_printf (&text, "a: &x %s\nb: *x", scalars[i].text);
      cr_assert (sp_yaml_parse (sp_buf_view (&text), &yaml, &err) == 0, "%s: %s", scalars[i].text,
                 sigpolicy_error_text (err));
      const struct sp_yaml_node *root = sp_yaml_root (yaml);
      /* By itself, and by an alias. */
      for (size_t child = 1; child <= 3; child += 2)
        {
          const struct sp_yaml_node *node = root->children[child];
          expect (scalars[i].text, "string", as_string (node), scalars[i].string);
          expect (scalars[i].text, "boolean", as_bool (node), scalars[i].boolean);
          cr_expect (sp_yaml_is_null (node) == !scalars[i].string
                         || (scalars[i].string && *scalars[i].string == '?'),
                     "%s", scalars[i].text);
        }
    }
}

/* What plain scalars are, and hence which may have which tag. */
static const struct
{
  const char *text;
  enum sp_yaml_kind kind;
} kinds[] = {
  { "", SP_YAML_NULL },
  { "true", SP_YAML_BOOL },
  { "yes", SP_YAML_TEXT },
  { "12", SP_YAML_INT },
  { "-12", SP_YAML_INT },
  { "+12", SP_YAML_INT },
  { "1_000", SP_YAML_INT },
  { "1_", SP_YAML_INT },
  { "_1", SP_YAML_TEXT },
  { "-", SP_YAML_TEXT },
  { "+", SP_YAML_TEXT },
  { "0777", SP_YAML_INT },
  { "08", SP_YAML_FLOAT },
  { "0x1F", SP_YAML_INT },
  { "0X1f", SP_YAML_INT },
  { "0x", SP_YAML_TEXT },
  { "0xg", SP_YAML_TEXT },
  { "0o7", SP_YAML_INT },
  { "0o8", SP_YAML_TEXT },
  { "-0o7", SP_YAML_INT },
  { "0o-7", SP_YAML_INT },
  { "0b11", SP_YAML_INT },
  { "0b2", SP_YAML_TEXT },
  { "0b-1", SP_YAML_INT },
  { "-0b-1", SP_YAML_TEXT },
  { "9223372036854775807", SP_YAML_INT },
  { "18446744073709551615", SP_YAML_INT },
  { "18446744073709551616", SP_YAML_FLOAT },
  { "-9223372036854775808", SP_YAML_INT },
  { "-9223372036854775809", SP_YAML_FLOAT },
  { "0x10000000000000000", SP_YAML_TEXT },
  { "1.", SP_YAML_FLOAT },
  { ".5", SP_YAML_FLOAT },
  { "1.5e3", SP_YAML_FLOAT },
  { "1e+3", SP_YAML_FLOAT },
  { "1e", SP_YAML_TEXT },
  { "1e3.5", SP_YAML_TEXT },
  { ".", SP_YAML_TEXT },
  { ".e1", SP_YAML_TEXT },
  { "1.2.3", SP_YAML_TEXT },
  { "1e308", SP_YAML_FLOAT },
  { "1e309", SP_YAML_TEXT },
  { "1.7976931348623157e308", SP_YAML_FLOAT },
  { "1.7976931348623159e308", SP_YAML_TEXT },
  { "0.00017976931348623159e312", SP_YAML_TEXT },
  { "1e-999999999999", SP_YAML_FLOAT },
  { "0e999999999999", SP_YAML_FLOAT },
  { ".inf", SP_YAML_FLOAT },
  { "-.INF", SP_YAML_FLOAT },
  { ".nan", SP_YAML_FLOAT },
  { "+.nan", SP_YAML_TEXT },
  { ".iNf", SP_YAML_TEXT },
  { "2001-01-01", SP_YAML_TIMESTAMP },
  { "2001-1-1", SP_YAML_TIMESTAMP },
  { "2001-13-01", SP_YAML_TEXT },
  { "2001-02-29", SP_YAML_TEXT },
  { "2000-02-29", SP_YAML_TIMESTAMP },
  { "1900-02-29", SP_YAML_TEXT },
  { "2004-02-29", SP_YAML_TIMESTAMP },
  { "2001-00-01", SP_YAML_TEXT },
  { "2001-01-00", SP_YAML_TEXT },
  { "20010-01-01", SP_YAML_TEXT },
  { "2001-01-01x", SP_YAML_TEXT },
  { "2001-01-01T01:02:03Z", SP_YAML_TIMESTAMP },
  { "2001-01-01t1:2:3.5+01:00", SP_YAML_TIMESTAMP },
  { "2001-01-01T01:02:03", SP_YAML_TEXT },
  { "2001-01-01T01:02:03+0100", SP_YAML_TEXT },
  { "2001-01-01T01:02:03-1:00", SP_YAML_TEXT },
  { "2001-01-01T24:00:00Z", SP_YAML_TEXT },
  { "2001-01-01 01:02:03", SP_YAML_TIMESTAMP },
  { "2001-01-01   1:2:3.123456789123", SP_YAML_TIMESTAMP },
  { "2001-01-01 01:02:03Z", SP_YAML_TEXT },
  { "2001-01-01 01:60:03", SP_YAML_TEXT },
  { "2001-01-01 01:02", SP_YAML_TEXT },
};

Test (yaml_scalar, kinds)
{
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      enum sp_yaml_kind kind = SP_YAML_BINARY;
      struct sp_yaml_node node
          = { .type = SP_YAML_SCALAR, .text = sp_view_str (kinds[i].text), .plain = true };
      cr_assert (sp_yaml_kind_of (&node, &kind, &err) == 0);
      cr_expect (kind == kinds[i].kind, "'%s' is %d", kinds[i].text, (int)kind);
      node.plain = false;
      cr_assert (sp_yaml_kind_of (&node, &kind, &err) == 0);
      cr_expect (kind == SP_YAML_TEXT, "'%s' in quotes", kinds[i].text);
    }
}

/* A whole number is a fraction too, if a signed type holds it. */
Test (yaml_scalar, fractions)
{
  static const struct
  {
    const char *text;
    bool good;
  } cases[] = {
    { "1", true },
    { "1.5", true },
    { "9223372036854775807", true },
    { "9223372036854775808", false },
    { "18446744073709551616", true },
    { "true", false },
    { "2001-01-01", false },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      enum sp_yaml_kind kind;
      struct sp_yaml_node node = { .type = SP_YAML_SCALAR,
                                   .text = sp_view_str (cases[i].text),
                                   .tag = "tag:yaml.org,2002:float",
                                   .plain = true };
      int rc = sp_yaml_kind_of (&node, &kind, &err);
      cr_expect ((rc == 0) == cases[i].good, "%s", cases[i].text);
    }
}

Test (yaml_scalar, merge_keys)
{
  static const struct
  {
    const char *key;
    bool merges;
  } cases[] = {
    { "<<", true },        { "'<<'", false },      { "\"<<\"", false },
    { "! <<", true },      { "!!merge <<", true }, { "!!merge '<<'", true },
    { "!!str <<", false }, { "!foo <<", false },   { "<", false },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_yaml struct sp_yaml *yaml = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (65536);
      sp_buf_printf (&text, "%s: a", cases[i].key);
      cr_assert (sp_yaml_parse (sp_buf_view (&text), &yaml, &err) == 0);
      cr_expect (sp_yaml_is_merge (sp_yaml_root (yaml)->children[0]) == cases[i].merges, "%s",
                 cases[i].key);
    }
}
