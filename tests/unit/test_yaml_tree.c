/* SPDX-License-Identifier: Apache-2.0 */
#include "util/limits.h"
#include "yaml/yaml.h"

#include <criterion/criterion.h>

/* Trees in a line: "quoted" and plain scalars, [sequences], {key: value}, *aliases, !<tags>. */
static void
dump (const struct sp_yaml_node *node, struct sp_buf *out)
{
  if (node->tag)
    sp_buf_printf (out, "!<%s>", node->tag);
  switch (node->type)
    {
    case SP_YAML_SCALAR:
      sp_buf_str (out, node->plain ? "" : "\"");
      sp_buf_add (out, node->text);
      sp_buf_str (out, node->plain ? "" : "\"");
      return;
    case SP_YAML_ALIAS:
      sp_buf_byte (out, '*');
      sp_buf_add (out, node->text);
      return;
    case SP_YAML_SEQUENCE:
    case SP_YAML_MAPPING:
      break;
    }
  bool mapping = node->type == SP_YAML_MAPPING;
  sp_buf_byte (out, mapping ? '{' : '[');
  for (size_t i = 0; i < node->n_children; i++)
    {
      if (i)
        sp_buf_str (out, mapping && i % 2 ? ": " : ", ");
      dump (node->children[i], out);
    }
  sp_buf_byte (out, mapping ? '}' : ']');
}

static void
expect_tree (const char *name, struct sp_view text, const char *expected)
{
  cleanup_yaml struct sp_yaml *yaml = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf shown = SP_BUF (65536);

  int rc = sp_yaml_parse (text, &yaml, &err);
  cr_assert (rc == 0, "%s: %s", name, sigpolicy_error_text (err));
  if (sp_yaml_root (yaml))
    dump (sp_yaml_root (yaml), &shown);
  cr_expect_str_eq (shown.data, expected, "%s: %s", name, shown.data);
}

static void
expect_fault (const char *name, struct sp_view text, const char *message)
{
  cleanup_yaml struct sp_yaml *yaml = NULL;
  cleanup_error sigpolicy_error *err = NULL;

  cr_assert (sp_yaml_parse (text, &yaml, &err) == SIGPOLICY_E_CONFIG, "%s is accepted", name);
  cr_expect (!yaml && sigpolicy_error_reason (err) == SIGPOLICY_REASON_CONFIG_ERROR, "%s", name);
  cr_expect_str_eq (sigpolicy_error_message (err), message, "%s: %s", name,
                    sigpolicy_error_message (err));
  cr_expect (sigpolicy_error_line (err) > 0 && sigpolicy_error_column (err) > 0, "%s", name);
}

static const struct
{
  const char *name;
  struct sp_view text;
  const char *tree;
} trees[] = {
  { "nothing", SP_VIEW (""), "" },
  { "a comment", SP_VIEW ("# x\n"), "" },
  { "an empty document", SP_VIEW ("---\n"), "" },
  { "a scalar", SP_VIEW ("x"), "x" },
  { "block style", SP_VIEW ("a:\n  b: c\nd:\n- e\n- f\n"), "{a: {b: c}, d: [e, f]}" },
  { "JSON", SP_VIEW ("{\"a\":{\"b\":[\"c\",1]}}"), "{\"a\": {\"b\": [\"c\", 1]}}" },
  { "styles", SP_VIEW ("[a, 'b', \"c\"]"), "[a, \"b\", \"c\"]" },
  { "block scalars", SP_VIEW ("- |\n a\n- |-\n a\n- >-\n a\n b\n"), "[\"a\n\", \"a\", \"a b\"]" },
  { "ports are no mappings", SP_VIEW ("localhost:5000:\n  a@b:c:\n"),
    "{localhost:5000: {a@b:c: }}" },
  { "ports in flow style", SP_VIEW ("{localhost:5000: {x: y}}"), "{localhost:5000: {x: y}}" },
  { "a hash within a word", SP_VIEW ("- h/x#f\n- h/x #f\n"), "[h/x#f, h/x]" },
  { "escapes", SP_VIEW ("\"\\x41\\u0042\\\\/\\t\""), "\"AB\\/\t\"" },
  { "tags", SP_VIEW ("[!!str a, !b c, ! d, !<e> f]"),
    "[!<tag:yaml.org,2002:str>a, !<!b>c, d, !<e>f]" },
  { "tags of a directive", SP_VIEW ("%TAG !x! y:\n---\n!x!z a"), "!<y:z>a" },
  { "1.1", SP_VIEW ("%YAML 1.1\n---\na"), "a" },
  { "an alias", SP_VIEW ("[&a b, *a]"), "[b, *a]" },
  { "an alias as a key", SP_VIEW ("? &a b\n: c\n*a : d"), "{b: c, *a: d}" },
  { "an anchor again", SP_VIEW ("[&a b, *a, &a c, *a]"), "[b, *a, c, *a]" },
  { "an alias within its anchor", SP_VIEW ("a: &a [*a]"), "{a: [*a]}" },
  { "merge keys are left", SP_VIEW ("<<: {a: b}"), "{<<: {a: b}}" },
  { "duplicate keys are left", SP_VIEW ("a: b\na: c"), "{a: b, a: c}" },
  { "CR LF", SP_VIEW ("a: b\r\nc: d\r\n"), "{a: b, c: d}" },
  { "CR", SP_VIEW ("a: b\rc: d\r"), "{a: b, c: d}" },
  { "NEL",
    SP_VIEW ("a: b\xc2\x85"
             "c: d"),
    "{a: b, c: d}" },
  { "a line separator",
    SP_VIEW ("a: b\xe2\x80\xa8"
             "c: d"),
    "{a: b, c: d}" },
  { "UTF-8 with a mark",
    SP_VIEW ("\xef\xbb\xbf"
             "a: \"\xe2\x82\xac\""),
    "{a: \"\xe2\x82\xac\"}" },
  { "UTF-16, little", SP_VIEW ("\xff\xfe[\0\"\0\\\0n\0\"\0]\0"), "[\"\n\"]" },
  { "UTF-16, big", SP_VIEW ("\xfe\xff\0[\0\"\x20\xac\0\"\0]"), "[\"\xe2\x82\xac\"]" },
  { "tabs between things", SP_VIEW ("a:\tb\t# c\nd: [\te\t]\n"), "{a: b, d: [e]}" },
  { "a byte order mark within a line", SP_VIEW ("a: b\xef\xbb\xbf"), "{a: b\xef\xbb\xbf}" },
  { "a query in quotes", SP_VIEW ("{a: \"h/x?y\"}"), "{a: \"h/x?y\"}" },
  { "a query in block style", SP_VIEW ("a: h/x?y"), "{a: h/x?y}" },
};

Test (yaml_tree, trees)
{
  for (size_t i = 0; i < sizeof trees / sizeof *trees; i++)
    expect_tree (trees[i].name, trees[i].text, trees[i].tree);
}

static const struct
{
  const char *name;
  struct sp_view text;
  const char *message;
} faults[] = {
  { "1.2", SP_VIEW ("%YAML 1.2\n---\na"), "yaml: found incompatible YAML document" },
  { "1.0", SP_VIEW ("%YAML 1.0\n---\na"), "yaml: found incompatible YAML document" },
  { "2.0", SP_VIEW ("%YAML 2.0\n---\na"), "yaml: found incompatible YAML document" },
  { "an unknown directive", SP_VIEW ("%FOO\n---\na"), "yaml: found unknown directive name" },
  { "an unknown alias", SP_VIEW ("a: *b"), "yaml: unknown anchor 'b' referenced" },
  { "an alias before its anchor", SP_VIEW ("[*a, &a b]"), "yaml: unknown anchor 'a' referenced" },
  { "a star", SP_VIEW ("*.example.com: a"),
    "yaml: did not find expected alphabetic or numeric character" },
  { "a tab for indentation", SP_VIEW ("a:\n\tb: c"),
    "yaml: line 2: found character that cannot start any token" },
  { "an open list", SP_VIEW ("a:\n  b: [c"), "yaml: line 1: did not find expected ',' or ']'" },
  { "no key", SP_VIEW ("a: b\nc\nd: e"), "yaml: line 2: could not find expected ':'" },
  { "an unknown escape", SP_VIEW ("\"\\q\""), "yaml: found unknown escape character" },
  { "an escaped slash", SP_VIEW ("\"\\/\""), "yaml: found unknown escape character" },
  { "one behind a backslash", SP_VIEW ("a: \"\\\\\\/\""), "yaml: found unknown escape character" },
  { "one behind others", SP_VIEW ("[\"\xe2\x82\xac\", \"\\/\"]"),
    "yaml: found unknown escape character" },
  { "one in UTF-16", SP_VIEW ("\xff\xfe\"\0\\\0/\0\"\0"), "yaml: found unknown escape character" },
  { "a query in flow style", SP_VIEW ("{a: h/x?y}"), "yaml: did not find expected ',' or '}'" },
  { "a comma behind a tag", SP_VIEW ("[!!str, b]"),
    "yaml: did not find expected whitespace or line break" },
  { "bytes that are no text", SP_VIEW ("a: \xff"), "yaml: invalid leading UTF-8 octet" },
  { "an overlong form", SP_VIEW ("a: \xc0\x80"), "yaml: invalid length of a UTF-8 sequence" },
  { "a surrogate", SP_VIEW ("a: \xed\xa0\x80"), "yaml: invalid Unicode character" },
  { "half a character", SP_VIEW ("a: \xe2\x82"), "yaml: incomplete UTF-8 octet sequence" },
  { "NUL", SP_VIEW ("a: b\0c"), "yaml: control characters are not allowed" },
  { "BEL", SP_VIEW ("# \a"), "yaml: control characters are not allowed" },
  { "DEL", SP_VIEW ("a: \x7f"), "yaml: control characters are not allowed" },
  { "two byte order marks",
    SP_VIEW ("\xef\xbb\xbf\xef\xbb\xbf"
             "a: b"),
    "yaml: found a byte order mark within the text" },
  { "one in front of a line", SP_VIEW ("a:\r\n b:\r\n\xef\xbb\xbf  c: d"),
    "yaml: line 3: found a byte order mark within the text" },
};

Test (yaml_tree, faults)
{
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
    expect_fault (faults[i].name, faults[i].text, faults[i].message);
}

/* What stands behind the document is not read; but the token that ends it and two more are, and so
 * are the bytes beside them. */
static const struct
{
  const char *name;
  const char *behind;
  bool good;
} behind[] = {
  { "another document", "---\na: b\n", true },
  { "another one, faulty", "---\na: b: c\n", true },
  { "an open list", "---\n[[[", true },
  { "a fault within a list", "---\n[a, \"b", true },
  { "a fault behind two scalars", "---\n\"a\" \"b\" @", true },
  { "a fault behind the end", "...\n@", false },
  { "a fault behind the start", "---\n@", false },
  { "a fault one token further", "---\n\"a\" @", false },
  { "a fault two tokens behind the end", "...\n- - @", true },
  { "a directive", "...\n%YAML 1.2\n---\n", true },
  { "an unknown directive", "...\n%FOO\n", false },
  { "a duplicate anchor and an unknown alias", "---\n- &a b\n- &a c\n- *d\n", true },
  { "no text", "---\n\xff", false },
  { "a control character", "...\n\a", false },
};

Test (yaml_tree, behind_the_document)
{
  for (size_t i = 0; i < sizeof behind / sizeof *behind; i++)
    {
      cleanup_yaml struct sp_yaml *yaml = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (65536);
      sp_buf_printf (&text, "a: b\n%s", behind[i].behind);
      int rc = sp_yaml_parse (sp_buf_view (&text), &yaml, &err);
      cr_expect ((rc == 0) == behind[i].good, "%s: %s", behind[i].name, sigpolicy_error_text (err));
    }
}

/* So much of what is no text does no harm: it is far enough away. */
Test (yaml_tree, bytes_far_behind)
{
  static const struct
  {
    size_t distance;
    bool good;
  } cases[] = { { 10, false }, { 500, false }, { 1024, true } };

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_yaml struct sp_yaml *yaml = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (65536);
      sp_buf_str (&text, "a: b\n---\nc: d\n#");
      while (text.len < cases[i].distance)
        sp_buf_byte (&text, '#');
      sp_buf_byte (&text, '\xff');
      int rc = sp_yaml_parse (sp_buf_view (&text), &yaml, &err);
      cr_expect ((rc == 0) == cases[i].good, "%zu", cases[i].distance);
    }
}

Test (yaml_tree, nodes)
{
  cleanup_yaml struct sp_yaml *yaml = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  const char *text = "a: &x\n  b: \"c\\0d\"\n  e: *x\n";

  cr_assert (sp_yaml_parse (sp_view_str (text), &yaml, &err) == 0);
  const struct sp_yaml_node *root = sp_yaml_root (yaml), *inner = root->children[1];
  cr_expect (root->line == 1 && root->column == 1 && root->n_children == 2);
  cr_expect (inner->line == 1 && inner->column == 4, "properties belong to their node");
  const struct sp_yaml_node *scalar = inner->children[1], *alias = inner->children[3];
  cr_expect (scalar->line == 2 && scalar->column == 6 && !scalar->plain);
  cr_expect (sp_view_equal (scalar->text, (struct sp_view)SP_VIEW ("c\0d")));
  cr_expect (alias->type == SP_YAML_ALIAS && sp_yaml_target (alias) == inner);
  cr_expect (sp_yaml_target (inner) == inner);
}

static void
repeat (struct sp_buf *text, const char *what, size_t times)
{
  for (size_t i = 0; i < times; i++)
    sp_buf_str (text, what);
}

/* Each ceiling, at it and one beyond. */
static const struct
{
  const char *name;
  const char *before, *repeated, *between, *again, *after;
  size_t most;
  const char *message;
} ceilings[] = {
  { "nesting", "", "[", "", "]", "", SP_YAML_DEPTH_MAX, "yaml: more than 64 levels of nesting" },
  { "nesting in block style", "", "- ", "a", "", "", SP_YAML_DEPTH_MAX,
    "yaml: more than 64 levels of nesting" },
  { "nesting of mappings", "", "{a: ", "", "}", "", SP_YAML_DEPTH_MAX,
    "yaml: more than 64 levels of nesting" },
  { "aliases", "[&a b", ", *a", "", "", "]", SP_YAML_ALIASES_MAX, "yaml: more than 10000 aliases" },
  /* Five more: start and end of the list and of the document, and start of the stream. */
  { "events", "[", "a,", "", "", "]", SP_YAML_EVENTS_MAX - 5, "yaml: more than 100000 events" },
  { "a tag", "!", "a", "", "", " b", SP_YAML_TAG_BYTES_MAX - 1,
    "yaml: more than 256 bytes in a tag" },
  { "a tag's prefix", "%TAG !x! ", "a", "", "", "\n---\n!x!b c", SP_YAML_TAG_BYTES_MAX - 1,
    "yaml: more than 256 bytes in a tag" },
};

Test (yaml_tree, ceilings)
{
  for (size_t i = 0; i < sizeof ceilings / sizeof *ceilings; i++)
    for (size_t beyond = 0; beyond < 2; beyond++)
      {
        cleanup_yaml struct sp_yaml *yaml = NULL;
        cleanup_error sigpolicy_error *err = NULL;
        cleanup_buf struct sp_buf text = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
        sp_buf_str (&text, ceilings[i].before);
        repeat (&text, ceilings[i].repeated, ceilings[i].most + beyond);
        sp_buf_str (&text, ceilings[i].between);
        repeat (&text, ceilings[i].again, ceilings[i].most + beyond);
        sp_buf_str (&text, ceilings[i].after);
        int rc = sp_yaml_parse (sp_buf_view (&text), &yaml, &err);
        if (!beyond)
          {
            cr_expect (rc == 0, "%s: %s", ceilings[i].name, sigpolicy_error_text (err));
            continue;
          }
        cr_assert (rc == SIGPOLICY_E_CONFIG, "%s", ceilings[i].name);
        cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT, "%s", ceilings[i].name);
        cr_expect_str_eq (sigpolicy_error_message (err), ceilings[i].message);
      }
}

/* Nobody follows these, so they cost nothing. */
Test (yaml_tree, alias_bomb)
{
  cleanup_yaml struct sp_yaml *yaml = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (65536);

  sp_buf_str (&text, "a: &a [x,x,x,x,x,x,x,x,x]\n");
  for (char c = 'b'; c <= 'z'; c++)
    sp_buf_printf (&text, "%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c - 1, c - 1,
                   c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1);
  cr_assert (sp_yaml_parse (sp_buf_view (&text), &yaml, &err) == 0);
  cr_expect (sp_yaml_root (yaml)->n_children == 2 * 26);
}
