/* SPDX-License-Identifier: Apache-2.0 */
#include "model/registries_d.h"
#include "support/put_file.h"
#include "support/remove_tree.h"
#include "util/limits.h"

#include <criterion/criterion.h>
#include <sys/stat.h>

/* --- questions to files in memory ------------------------------------------------------------ */

/* At most two files, a.yaml and b.yaml. */
static int
configure (const char *one, const char *other, struct sp_registries_d **ret, sigpolicy_error **err)
{
  cleanup_registries_d struct sp_registries_d *configuration = NULL;

  int rc = sp_registries_d_new ("DIR", &configuration, err);
  if (rc == 0)
    rc = sp_registries_d_parse_file (configuration, sp_view_str (one), "DIR/a.yaml", err);
  if (rc == 0 && other)
    rc = sp_registries_d_parse_file (configuration, sp_view_str (other), "DIR/b.yaml", err);
  if (rc < 0)
    return rc;
  *ret = steal (&configuration);
  return 0;
}

static struct sp_reference *
refer (const char *text)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_reference *reference = NULL;
  cr_assert (sp_reference_parse (sp_view_str (text), &reference, &err) == 0, "%s", text);
  return reference;
}

/* "READ WRITE ATTACHMENTS": locations or "-", and yes, no or "-" where nothing says. */
static void
ask (const struct sp_registries_d *configuration, const char *name, struct sp_buf *out)
{
  cleanup_reference struct sp_reference *reference = refer (name);
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_registries_d_answer answer;
  bool attachments = false;

  for (int use = SP_LOOKASIDE_READ; use <= SP_LOOKASIDE_WRITE; use++)
    {
      cr_assert (sp_registries_d_lookaside (configuration, reference, (enum sp_lookaside_use)use,
                                            &answer, &err)
                 == 0);
      cr_expect (!answer.value == !answer.file && !answer.value == !answer.line
                 && !answer.value == !answer.scope);
      if (answer.value)
        sp_buf_add (out, sp_view_n (answer.value, answer.value_len));
      else
        sp_buf_byte (out, '-');
      sp_buf_byte (out, ' ');
    }
  cr_assert (sp_registries_d_attachments (configuration, reference, &attachments, &answer, &err)
             == 0);
  cr_expect (answer.file || !attachments);
  sp_buf_str (out, !answer.file ? "-" : attachments ? "yes" : "no");
}

static void
expect_answer (const char *what, const char *one, const char *other, const char *name,
               const char *expected)
{
  cleanup_registries_d struct sp_registries_d *configuration = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf answer = SP_BUF (65536);

  int rc = configure (one, other, &configuration, &err);
  cr_assert (rc == 0, "%s: %s", what, sigpolicy_error_text (err));
  ask (configuration, name, &answer);
  cr_expect_str_eq (answer.data, expected, "%s: %s", what, answer.data);
}

#define DIGEST "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const char scopes[] = "default-docker:\n"
                             "  lookaside: https://d.example/la\n"
                             "docker:\n"
                             "  reg.example:5000:\n"
                             "    lookaside: https://host.example/la\n"
                             "    use-sigstore-attachments: true\n"
                             "  reg.example:5000/team:\n"
                             "    lookaside-staging: file:///stage\n"
                             "  reg.example:5000/team/app:\n"
                             "    sigstore: file:///srv/app\n"
                             "    use-sigstore-attachments: false\n"
                             "  reg.example:5000/team/app:v1:\n"
                             "    lookaside: \"\"\n"
                             "  \"*.example\":\n"
                             "    lookaside: file:///wild\n"
                             "    use-sigstore-attachments: true\n";

/* A scope without an answer is passed over, for each question by itself. */
Test (model_registries_d, scopes)
{
  static const struct
  {
    const char *name, *answer;
  } cases[] = {
    { "reg.example:5000/team/app:v1", "file:///srv/app file:///srv/app no" },
    { "reg.example:5000/team/app" DIGEST, "file:///srv/app file:///srv/app no" },
    { "reg.example:5000/team/other:x", "https://host.example/la file:///stage yes" },
    { "reg.example:5000/x:latest", "https://host.example/la https://host.example/la yes" },
    { "reg.example/x:latest", "file:///wild file:///wild yes" },
    { "a.reg.example:1/x:latest", "file:///wild file:///wild yes" },
    { "other.test/x:latest", "https://d.example/la https://d.example/la -" },
    /* No string is a parent of another by its letters alone. */
    { "reg.example:5000/team/app2:v1", "https://host.example/la file:///stage yes" },
    { "reg.example:5000/teams/app:v1", "https://host.example/la https://host.example/la yes" },
    { "example/x:1", "https://d.example/la https://d.example/la -" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    expect_answer (cases[i].name, scopes, NULL, cases[i].name, cases[i].answer);
}

static const struct
{
  const char *what, *text, *name, *answer;
} keys[] = {
  { "the tag first",
    "docker: {q.io/a/b:v1: {lookaside: 1}, q.io/a/b: {lookaside: 2}, q.io/a: {lookaside: 3}, "
    "q.io: {lookaside: 4}, '*.io': {lookaside: 5}}",
    "q.io/a/b:v1", "1 1 -" },
  { "another tag",
    "docker: {q.io/a/b:v1: {lookaside: 1}, q.io/a/b: {lookaside: 2}, q.io/a: {lookaside: 3}}",
    "q.io/a/b:v2", "2 2 -" },
  { "the digest", "docker: {q.io/a/b" DIGEST ": {lookaside: 1}, q.io/a/b: {lookaside: 2}}",
    "q.io/a/b" DIGEST, "1 1 -" },
  { "the nearest wildcard", "docker: {'*.b.c': {lookaside: 1}, '*.c': {lookaside: 2}}",
    "a.b.c:5000/x:1", "1 1 -" },
  { "a further wildcard", "docker: {'*.c': {lookaside: 2}}", "a.b.c:5000/x:1", "2 2 -" },
  { "no wildcard stands for the host itself", "docker: {'*.a.b.c': {lookaside: 1}}", "a.b.c/x:1",
    "- - -" },
  { "wildcards have no port", "docker: {'*.b.c:5000': {lookaside: 1}}", "a.b.c:5000/x:1", "- - -" },
  { "a host with a port is not the one without", "docker: {q.io: {lookaside: 1}}", "q.io:5000/x:1",
    "- - -" },
  { "no other wildcards",
    "docker: {'*': {lookaside: 1}, 'q.io/*': {lookaside: 2}, '': {lookaside: 3}}", "q.io/x:1",
    "- - -" },
  { "names are not completed",
    "docker: {busybox: {lookaside: 1}, docker.io/busybox: {lookaside: 2}}", "busybox:1", "- - -" },
  { "names are as in full", "docker: {docker.io/library: {lookaside: 1}}", "busybox:1", "1 1 -" },
  { "upper case", "docker: {Q.io: {lookaside: 1}}", "q.io/x:1", "- - -" },
  { "a slash too many", "docker: {q.io/: {lookaside: 1}}", "q.io/x:1", "- - -" },
  { "NUL in a name", "docker: {\"q.io\\0\": {lookaside: 1}}", "q.io/x:1", "- - -" },
  { "a number as a name", "docker: {1.5: {lookaside: 1}}", "1.5/x:1", "1 1 -" },
  { "a null name is dropped", "docker: {~: {lookaside: 1}, null: [x]}", "q.io/x:1", "- - -" },
  { "the staging names",
    "default-docker: {lookaside-staging: 1, sigstore-staging: 2, lookaside: 3}", "q.io/x:1",
    "3 1 -" },
  { "the older staging name", "default-docker: {sigstore-staging: 2, lookaside: 3, sigstore: 4}",
    "q.io/x:1", "3 2 -" },
  { "the older name", "default-docker: {sigstore: 4}", "q.io/x:1", "4 4 -" },
  { "the older name, where the new is empty", "default-docker: {lookaside: '', sigstore: 4}",
    "q.io/x:1", "4 4 -" },
  { "staging does not read", "default-docker: {lookaside-staging: 1}", "q.io/x:1", "- 1 -" },
  { "names of keys are exact", "Docker: {}\ndefault-docker: {Lookaside: 1, lookaside : 2}",
    "q.io/x:1", "2 2 -" },
  { "false ends the search",
    "default-docker: {use-sigstore-attachments: true}\n"
    "docker: {q.io: {use-sigstore-attachments: false}}",
    "q.io/x:1", "- - no" },
  { "null does not",
    "default-docker: {use-sigstore-attachments: true}\n"
    "docker: {q.io: {use-sigstore-attachments: }}",
    "q.io/x:1", "- - yes" },
};

Test (model_registries_d, keys)
{
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    expect_answer (keys[i].what, keys[i].text, NULL, keys[i].name, keys[i].answer);
}

/* --- what a file may say --------------------------------------------------------------------- */

/* Each with an answer for q.io/x:1; or with a message, without its "parsing DIR/a.yaml: yaml: ". */
static const struct
{
  const char *what, *text, *answer, *message;
} documents[] = {
  { "nothing", "", "- - -", NULL },
  { "null", "null", "- - -", NULL },
  { "an empty first document", "---\n---\ndocker: x", "- - -", NULL },
  { "garbage behind the document", "docker: {q.io: {lookaside: 1}}\n---\ndocker: [", "1 1 -",
    NULL },
  { "garbage behind a flow map", "{docker: {q.io: {lookaside: 1}}} x", "1 1 -", NULL },
  { "JSON", "{\"docker\":{\"q.io\":{\"lookaside\":\"1\"}}}", "1 1 -", NULL },
  { "unknown keys", "a: [b, c]\ndocker: {q.io: {a: {a: b, a: c}, lookaside: 1}}\n1: 2\n~: 3",
    "1 1 -", NULL },
  { "null sections", "default-docker:\ndocker: ~", "- - -", NULL },
  { "null scopes", "docker:\n  q.io:\n  a: ~\n", "- - -", NULL },
  { "empty sections", "default-docker: {}\ndocker: {}", "- - -", NULL },
  { "null settings", "docker: {q.io: {lookaside: , sigstore: ~, use-sigstore-attachments: }}",
    "- - -", NULL },
  { "NUL in a setting", "docker: {q.io: {lookaside: \"a\\0b\", sigstore: 2}}", "a", NULL },
  { "tags of collections", "!foo {docker: !!null {q.io: !!null {lookaside: 1}}}", "1 1 -", NULL },
  { "a list", "[]", NULL,
    "unmarshal errors:\n  line 1: cannot unmarshal !!seq into docker.registryConfiguration" },
  { "a scalar", "x", NULL,
    "unmarshal errors:\n  line 1: cannot unmarshal !!str `x` into docker.registryConfiguration" },
  { "a number", "5", NULL,
    "unmarshal errors:\n  line 1: cannot unmarshal !!int `5` into docker.registryConfiguration" },
  { "docker is text", "docker: ''", NULL,
    "unmarshal errors:\n"
    "  line 1: cannot unmarshal !!str `` into map[string]docker.registryNamespace" },
  { "docker is a list", "docker: []", NULL,
    "unmarshal errors:\n"
    "  line 1: cannot unmarshal !!seq into map[string]docker.registryNamespace" },
  { "a scope is text", "docker: {q.io: file:///a}", NULL,
    "unmarshal errors:\n"
    "  line 1: cannot unmarshal !!str `file:///a` into docker.registryNamespace" },
  { "long text is cut", "docker: {q.io: 'abcdefghijk'}", NULL,
    "unmarshal errors:\n"
    "  line 1: cannot unmarshal !!str `abcdefg...` into docker.registryNamespace" },
  { "default-docker is text", "default-docker: x", NULL,
    "unmarshal errors:\n  line 1: cannot unmarshal !!str `x` into docker.registryNamespace" },
  { "default-docker is tagged null", "default-docker: !!null {}", NULL,
    "unmarshal errors:\n  line 1: cannot unmarshal !!null `` into *docker.registryNamespace" },
  { "a location is a list", "default-docker:\n  lookaside: [a]", NULL,
    "unmarshal errors:\n  line 2: cannot unmarshal !!seq into string" },
  { "a location is a mapping", "default-docker:\n  lookaside: {a: b}", NULL,
    "unmarshal errors:\n  line 2: cannot unmarshal !!map into string" },
  { "a key is a list", "docker:\n  ? [a]\n  : {}", NULL,
    "unmarshal errors:\n  line 2: cannot unmarshal !!seq into string" },
  { "all faults at once",
    "docker:\n  a: [b]\n  c: {use-sigstore-attachments: 1}\ndefault-docker:\n  sigstore: []", NULL,
    "unmarshal errors:\n  line 2: cannot unmarshal !!seq into docker.registryNamespace\n"
    "  line 3: cannot unmarshal !!int `1` into bool\n"
    "  line 5: cannot unmarshal !!seq into string" },
  { "a tag that does not fit", "default-docker: {lookaside: !!int x}", NULL,
    "cannot decode !!str `x` as a !!int" },
  { "bad base64", "default-docker: {lookaside: !!binary x}", NULL,
    "!!binary value contains invalid base64 data" },
  { "terminal escapes are shown as such", "docker: \"\\e[1m\"", NULL,
    "unmarshal errors:\n"
    "  line 1: cannot unmarshal !!str `\\x1b[1m` into map[string]docker.registryNamespace" },
  /* duplicates */
  { "a key twice", "docker: {}\ndocker: {}", NULL,
    "unmarshal errors:\n  line 2: mapping key \"docker\" already defined at line 1" },
  { "an unknown key twice", "a: 1\nb: 2\na: 3", NULL,
    "unmarshal errors:\n  line 3: mapping key \"a\" already defined at line 1" },
  { "a scope twice", "docker:\n  a: {}\n  b: {}\n  \"a\": {}\n  b: {}\n", NULL,
    "unmarshal errors:\n  line 4: mapping key \"a\" already defined at line 2\n"
    "  line 5: mapping key \"b\" already defined at line 3" },
  { "a scope three times", "docker:\n  a: {}\n  a: {}\n  a: {}\n", NULL,
    "unmarshal errors:\n  line 3: mapping key \"a\" already defined at line 2\n"
    "  line 4: mapping key \"a\" already defined at line 2\n"
    "  line 4: mapping key \"a\" already defined at line 3" },
  { "a setting twice", "docker: {a: {lookaside: 1,\n lookaside: 1}}", NULL,
    "unmarshal errors:\n  line 2: mapping key \"lookaside\" already defined at line 1" },
  { "a number and its text", "1: a\n'1': b", NULL,
    "unmarshal errors:\n  line 2: mapping key \"1\" already defined at line 1" },
  { "two spellings of a number", "1: a\n01: b", "- - -", NULL },
  { "two collections", "? [a]\n: 1\n? [b]\n: 2", NULL,
    "unmarshal errors:\n  line 3: mapping key \"\" already defined at line 1" },
  /* aliases */
  { "a section for two", "docker:\n  a: &s {lookaside: 1}\n  q.io: *s", "1 1 -", NULL },
  { "scalars",
    "a: &a q.io\nb: &b 1\nc: &c yes\n"
    "docker: {*a : {lookaside: *b, use-sigstore-attachments: *c}}",
    "1 1 yes", NULL },
  { "a cycle that nobody follows", "a: &a [*a]\nb: &b {c: *b}", "- - -", NULL },
  { "a section of itself", "docker: &d {q.io: *d}", "- - -", NULL },
  { "a setting of itself", "docker: {q.io: &s {lookaside: *s}}", NULL,
    "unmarshal errors:\n  line 1: cannot unmarshal !!map into string" },
  { "a key by alias and by name", "a: &a lookaside\ndocker: {q.io: {*a : 1, lookaside: 2}}", NULL,
    "unmarshal errors:\n"
    "  line 2: field lookaside already set in type docker.registryNamespace" },
  { "a switch by alias and by name",
    "a: &a use-sigstore-attachments\n"
    "docker: {q.io: {*a : true, use-sigstore-attachments: false}}",
    NULL,
    "unmarshal errors:\n"
    "  line 2: field use-sigstore-attachments already set in type docker.registryNamespace" },
  { "bundles by alias and by name",
    "a: &a x-sigpolicy-bundles\n"
    "docker: {q.io: {*a : digest, x-sigpolicy-bundles: off}}",
    NULL,
    "unmarshal errors:\n"
    "  line 2: field x-sigpolicy-bundles already set in type docker.registryNamespace" },
  { "scopes by alias and by name", "a: &a docker\n*a : {q.io: {lookaside: 1}}\ndocker: {}", NULL,
    "unmarshal errors:\n"
    "  line 3: field docker already set in type docker.registryConfiguration" },
  { "the rest by alias and by name",
    "a: &a default-docker\n*a : {lookaside: 1}\ndefault-docker: {}", NULL,
    "unmarshal errors:\n"
    "  line 3: field default-docker already set in type docker.registryConfiguration" },
  { "a scope by alias and by name",
    "a: &a q.io\ndocker: {*a : {lookaside: 1}, q.io: {lookaside: 2}}", "2 2 -", NULL },
  { "and the other way round", "a: &a q.io\ndocker: {q.io: {lookaside: 2}, *a : {lookaside: 1}}",
    "1 1 -", NULL },
  /* merge keys */
  { "merging", "docker: {q.io: {<<: {lookaside: 1}}}", "1 1 -", NULL },
  { "what is written wins", "docker: {q.io: {<<: {lookaside: 1}, lookaside: 2}}", "2 2 -", NULL },
  { "wherever it stands", "docker: {q.io: {lookaside: 2, <<: {lookaside: 1}}}", "2 2 -", NULL },
  { "null wins too", "docker: {q.io: {lookaside: , <<: {lookaside: 1}}}", "- - -", NULL },
  { "the first of a list wins",
    "docker: {q.io: {<<: [{lookaside: 1}, {lookaside: 2, sigstore-staging: 3}]}}", "1 3 -", NULL },
  { "an alias", "a: &a {lookaside: 1}\ndocker: {q.io: {<<: *a}}", "1 1 -", NULL },
  { "a list of aliases",
    "a: &a {lookaside: 1}\nb: &b {use-sigstore-attachments: on}\ndocker: {q.io: {<<: [*b, *a]}}",
    "1 1 yes", NULL },
  { "merging what merges", "docker: {q.io: {<<: {<<: {lookaside: 1}, sigstore-staging: 2}}}",
    "1 2 -", NULL },
  { "the nearer wins", "docker: {q.io: {<<: [{<<: {lookaside: 1}}, {lookaside: 2}]}}", "1 1 -",
    NULL },
  { "merged scopes", "docker: {<<: {q.io: {lookaside: 1}, a: {}}, a: {}}", "1 1 -", NULL },
  { "a merged document", "<<: {docker: {q.io: {lookaside: 1}}}", "1 1 -", NULL },
  { "sections are merged whole", "<<: {docker: {q.io: {lookaside: 1}}}\ndocker: {a: {}}", "- - -",
    NULL },
  { "a number is no name to a merge",
    "docker: {1.5: {lookaside: 2}, <<: {1.5: {lookaside: 1}}, q.io: {lookaside: 3}}", "3 3 -",
    NULL },
  { "in quotes it is an unknown key", "docker: {q.io: {'<<': {lookaside: 1}}}", "- - -", NULL },
  { "nothing to merge", "docker: {q.io: {<<: []}}", "- - -", NULL },
  { "merging a scalar", "docker: {q.io: {<<: x}}", NULL,
    "map merge requires map or sequence of maps as the value" },
  { "merging null", "docker: {q.io: {<<: }}", NULL,
    "map merge requires map or sequence of maps as the value" },
  { "merging a list of scalars", "docker: {q.io: {<<: [x]}}", NULL,
    "map merge requires map or sequence of maps as the value" },
  { "merging a list by alias", "a: &a [{}]\ndocker: {q.io: {<<: *a}}", NULL,
    "map merge requires map or sequence of maps as the value" },
  { "merging twice", "docker: {q.io: {<<: {}, <<: {}}}", NULL,
    "unmarshal errors:\n  line 1: mapping key \"<<\" already defined at line 1" },
  { "merging itself", "docker: {q.io: &a {<<: *a}}", NULL, "anchor 'a' value contains itself" },
  { "merging itself in the end", "docker: {q.io: &a {<<: [{}, {<<: *a}]}}", NULL,
    "anchor 'a' value contains itself" },
  { "duplicates in what is merged", "docker: {q.io: {<<: {a: 1, a: 2}}}", NULL,
    "unmarshal errors:\n  line 1: mapping key \"a\" already defined at line 1" },
  { "what is settled is not looked at", "docker: {q.io: {lookaside: 1, <<: {lookaside: [a]}}}",
    "1 1 -", NULL },
};

Test (model_registries_d, documents)
{
  for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
    {
      cleanup_registries_d struct sp_registries_d *configuration = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf answer = SP_BUF (65536), message = SP_BUF (65536);
      int rc = configure (documents[i].text, NULL, &configuration, &err);
      if (documents[i].message)
        {
          sp_buf_printf (&message, "parsing DIR/a.yaml: yaml: %s", documents[i].message);
          cr_assert (rc == SIGPOLICY_E_CONFIG, "%s is accepted", documents[i].what);
          cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_CONFIG_ERROR);
          cr_expect_str_eq (sigpolicy_error_message (err), message.data, "%s: %s",
                            documents[i].what, sigpolicy_error_message (err));
          cr_expect_str_eq (sigpolicy_error_file (err), "DIR/a.yaml");
          cr_expect (sigpolicy_error_line (err) > 0, "%s", documents[i].what);
          continue;
        }
      cr_assert (rc == 0, "%s: %s", documents[i].what, sigpolicy_error_text (err));
      ask (configuration, "q.io/x:1", &answer);
      cr_expect_str_eq (answer.data, documents[i].answer, "%s: %s", documents[i].what, answer.data);
    }
}

Test (model_registries_d, places)
{
  cleanup_registries_d struct sp_registries_d *configuration = NULL;
  cleanup_reference struct sp_reference *reference = refer ("q.io/x:1");
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_registries_d_answer answer;
  bool attachments;

  cr_assert (configure ("docker:\n  q.io:\n    lookaside: file:///a\n",
                        "default-docker:\n  a: b\n  use-sigstore-attachments: true\n",
                        &configuration, &err)
             == 0);
  cr_assert (sp_registries_d_lookaside (configuration, reference, SP_LOOKASIDE_READ, &answer, &err)
             == 0);
  cr_expect_str_eq (answer.scope, "q.io");
  cr_expect_str_eq (answer.file, "DIR/a.yaml");
  cr_expect (answer.line == 3 && answer.value_len == strlen ("file:///a"));
  cr_assert (sp_registries_d_attachments (configuration, reference, &attachments, &answer, &err)
             == 0);
  cr_expect (attachments);
  cr_expect_str_eq (answer.scope, "default-docker");
  cr_expect_str_eq (answer.file, "DIR/b.yaml");
  cr_expect (answer.line == 3 && !answer.value);
  cr_expect_str_eq (sp_registries_d_directory (configuration), "DIR");
}

/* n mappings, each merging the one before it so many times. */
static void
put_chain (struct sp_buf *text, size_t n, size_t times)
{
  sp_buf_str (text, "x0: &x0 {a: b}\n");
  for (size_t i = 1; i < n; i++)
    {
      sp_buf_printf (text, "x%zu: &x%zu {<<: [", i, i);
      for (size_t j = 0; j < times; j++)
        sp_buf_printf (text, "*x%zu,", i - 1);
      sp_buf_str (text, "]}\n");
    }
  sp_buf_printf (text, "docker: {q.io: *x%zu}\n", n - 1);
}

/* What aliases make of a small file is bounded; a long chain is none, and exhausts no stack. */
Test (model_registries_d, aliases_that_are_followed)
{
  static const struct
  {
    const char *name;
    size_t n, times;
    bool good;
  } cases[] = {
    { "a bomb", 40, 2, false },
    { "a small one", 10, 2, true },
    { "a chain", 9000, 1, true },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_registries_d struct sp_registries_d *configuration = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
      put_chain (&text, cases[i].n, cases[i].times);
      int rc = configure (text.data, NULL, &configuration, &err);
      cr_expect ((rc == 0) == cases[i].good, "%s: %s", cases[i].name, sigpolicy_error_text (err));
      cr_expect (rc == 0
                     || (rc == SIGPOLICY_E_CONFIG
                         && sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT),
                 "%s", cases[i].name);
    }
}

/* --- several files --------------------------------------------------------------------------- */

#define CONFLICT "Error parsing signature storage configuration: "

static const struct
{
  const char *what, *one, *other, *answer, *message;
} pairs[] = {
  { "the union", "docker: {q.io: {lookaside: 1}}", "default-docker: {use-sigstore-attachments: y}",
    "1 1 yes", NULL },
  { "an absent default-docker", "default-docker: {lookaside: 1}", "default-docker:", "1 1 -",
    NULL },
  { "default-docker twice", "default-docker: {}", "default-docker: {}", NULL,
    CONFLICT "\"default-docker\" defined both in \"DIR/a.yaml\" and \"DIR/b.yaml\"" },
  { "a scope twice", "docker: {a: {}, q.io: {lookaside: 1}}", "docker: {b: {}, q.io: {}}", NULL,
    CONFLICT "\"docker\" namespace \"q.io\" defined both in \"DIR/a.yaml\" and \"DIR/b.yaml\"" },
  { "a null scope twice", "docker: {q.io: }", "docker: {q.io: }", NULL,
    CONFLICT "\"docker\" namespace \"q.io\" defined both in \"DIR/a.yaml\" and \"DIR/b.yaml\"" },
  { "a scope in quotes", "docker: {1: }", "docker: {'1': }", NULL,
    CONFLICT "\"docker\" namespace \"1\" defined both in \"DIR/a.yaml\" and \"DIR/b.yaml\"" },
  { "scopes that differ behind a NUL", "docker: {\"a\\0b\": }", "docker: {\"a\\0c\": }", "- - -",
    NULL },
  { "anchors are of one file", "a: &a {}", "docker: *a", NULL,
    "parsing DIR/b.yaml: yaml: unknown anchor 'a' referenced" },
};

Test (model_registries_d, pairs)
{
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
    {
      cleanup_registries_d struct sp_registries_d *configuration = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      if (!pairs[i].message)
        {
          expect_answer (pairs[i].what, pairs[i].one, pairs[i].other, "q.io/x:1", pairs[i].answer);
          continue;
        }
      cr_assert (configure (pairs[i].one, pairs[i].other, &configuration, &err)
                     == SIGPOLICY_E_CONFIG,
                 "%s is accepted", pairs[i].what);
      cr_expect_str_eq (sigpolicy_error_message (err), pairs[i].message, "%s: %s", pairs[i].what,
                        sigpolicy_error_message (err));
      cr_expect_str_eq (sigpolicy_error_file (err), "DIR/b.yaml");
    }
}

/* --- directories ----------------------------------------------------------------------------- */

struct place
{
  char root[64], path[512];
};

static struct place
place_new (void)
{
  struct place place = { "/tmp/sigpolicy-test-XXXXXX", "" };
  cr_assert (mkdtemp (place.root));
  return place;
}

static const char *
at (struct place *place, const char *name)
{
  (void)snprintf (place->path, sizeof place->path, "%s/%s", place->root, name);
  return place->path;
}

static void
place_clear (struct place *place)
{
  cr_expect (remove_tree (place->root) == 0);
}

#define cleanup_place SP_CLEANUP (place_clear)

static void
put (struct place *place, const char *name, const char *text)
{
  cleanup_error sigpolicy_error *err = NULL;
  cr_assert (put_file (at (place, name), sp_view_str (text), &err) == 0);
}

static const struct sp_reader old = { .generation = SP_GENERATION_OLD };

static void
expect_loaded (struct place *place, const char *what, const char *answer)
{
  cleanup_registries_d struct sp_registries_d *configuration = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (65536);

  cr_assert (sp_registries_d_load (&old, place->root, &configuration, &err) == 0, "%s: %s", what,
             sigpolicy_error_text (err));
  ask (configuration, "q.io/x:1", &text);
  cr_expect_str_eq (text.data, answer, "%s: %s", what, text.data);
}

static void
expect_refused (const char *directory, const char *what, sigpolicy_reason reason,
                const char *message)
{
  cleanup_registries_d struct sp_registries_d *configuration = NULL;
  cleanup_error sigpolicy_error *err = NULL;

  cr_assert (sp_registries_d_load (&old, directory, &configuration, &err) == SIGPOLICY_E_CONFIG,
             "%s is accepted", what);
  cr_expect (sigpolicy_error_reason (err) == reason, "%s", what);
  cr_expect (strstr (sigpolicy_error_message (err), message), "%s: %s", what,
             sigpolicy_error_message (err));
}

/* What would have attachments looked for, of q.io/ns/x:1. */
Test (model_registries_d, advice)
{
#define LINES \
  "under \"docker:\" the lines \"  q.io/ns/x:\" and \"    use-sigstore-attachments: true\""
#define OFF "\n    use-sigstore-attachments: false\n"
  static const struct
  {
    const char *what, *text, *advice; /* NULL: they are looked for */
  } cases[] = {
    { "nothing is said", "", "in DIR/q.io.yaml, put " LINES },
    { "of others alone", "docker:\n  p.io:" OFF, "in DIR/q.io.yaml, put " LINES },
    { "the host says no", "docker:\n  q.io:" OFF,
      "in DIR/a.yaml, put " LINES " (line 3 of DIR/a.yaml switches them off for q.io)" },
    { "the default says no", "default-docker:" OFF,
      "in DIR/a.yaml, put " LINES " (line 2 of DIR/a.yaml switches them off for default-docker)" },
    { "the repository says no", "docker:\n  q.io/ns/x:" OFF,
      "make line 3 of DIR/a.yaml \"use-sigstore-attachments: true\"" },
    { "this very tag says no",
      "docker:\n  q.io/ns/x:1:" OFF "  q.io/ns/x:\n    use-sigstore-attachments: true\n",
      "make line 3 of DIR/a.yaml \"use-sigstore-attachments: true\"" },
    { "the repository says something else", "docker:\n  q.io/ns/x:\n    lookaside: https://h\n",
      "in DIR/a.yaml, put under \"  q.io/ns/x:\" (line 2) the line \"    use-sigstore-attachments: "
      "true\"" },
    { "and its host says no", "docker:\n  q.io/ns/x:\n    lookaside: https://h\n  q.io:" OFF,
      "in DIR/a.yaml, put under \"  q.io/ns/x:\" (line 2) the line \"    use-sigstore-attachments: "
      "true\" "
      "(line 5 of DIR/a.yaml switches them off for q.io)" },
    { "the host says yes", "docker:\n  q.io:\n    use-sigstore-attachments: true\n", NULL },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_registries_d struct sp_registries_d *configuration = NULL;
      cleanup_reference struct sp_reference *reference = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_hint struct sp_hint hint = { 0 };
      cr_assert (configure (cases[i].text, NULL, &configuration, &err) == 0, "%s", cases[i].what);
      cr_assert (sp_reference_parse (sp_view_str ("q.io/ns/x:1"), &reference, &err) == 0);
      cr_assert (sp_registries_d_advise_attachments (configuration, reference, &hint, &err) == 0);
      const char *advice = hint.text;
      cr_expect (cases[i].advice ? advice && strcmp (advice, cases[i].advice) == 0 : !advice,
                 "%s: %s", cases[i].what, advice ? advice : "none");
    }
}

Test (model_registries_d, which_files)
{
  static const struct
  {
    const char *name;
    bool read;
  } cases[] = {
    { "x.yaml", true }, { ".yaml", true },       { ".x.yaml", true },  { "x.y.yaml", true },
    { "x.yml", false }, { "x.YAML", false },     { "x.yaml~", false }, { "yaml", false },
    { "xyaml", false }, { "x.yaml.bak", false },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_place struct place place = place_new ();
      put (&place, cases[i].name, "docker: {q.io: {lookaside: 1}}");
      expect_loaded (&place, cases[i].name, cases[i].read ? "1 1 -" : "- - -");
    }
}

Test (model_registries_d, directories)
{
  cleanup_place struct place place = place_new ();

  expect_loaded (&place, "an empty directory", "- - -");
  cr_assert (symlink ("nowhere", at (&place, "a.yaml")) == 0);
  expect_loaded (&place, "a link to nowhere", "- - -");
  put (&place, "b", "docker: {q.io: {lookaside: 1}}");
  cr_assert (symlink ("b", at (&place, "b.yaml")) == 0);
  expect_loaded (&place, "a link to a file", "1 1 -");

  expect_refused (at (&place, "b"), "a file", SIGPOLICY_REASON_CONFIG_ERROR, "readdirent ");
  char *missing = strdup (at (&place, "missing"));
  cleanup_registries_d struct sp_registries_d *configuration = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cr_expect (sp_registries_d_load (&old, missing, &configuration, &err) == 0,
             "a missing directory");
  free (missing);
}

/* The first by name is reported, whatever the order of the directory. */
Test (model_registries_d, order)
{
  cleanup_place struct place place = place_new ();
  char expected[256];

  put (&place, "c.yaml", "[");
  put (&place, "a.yaml", "docker: {a: }");
  put (&place, "b.yaml", "docker: {a: }");
  (void)snprintf (expected, sizeof expected, "defined both in \"%s/a.yaml\" and \"%s/b.yaml\"",
                  place.root, place.root);
  expect_refused (place.root, "a conflict", SIGPOLICY_REASON_CONFIG_ERROR, expected);
}

Test (model_registries_d, what_is_no_file)
{
  {
    cleanup_place struct place place = place_new ();
    cr_assert (mkdir (at (&place, "x.yaml"), 0700) == 0);
    expect_refused (place.root, "a directory", SIGPOLICY_REASON_CONFIG_ERROR,
                    "x.yaml: is a directory");
  }
  {
    cleanup_place struct place place = place_new ();
    cr_assert (mkfifo (at (&place, "x.yaml"), 0600) == 0);
    expect_refused (place.root, "a FIFO", SIGPOLICY_REASON_CONFIG_ERROR,
                    "x.yaml: not a regular file");
  }
  {
    cleanup_place struct place place = place_new ();
    cr_assert (symlink ("x.yaml", at (&place, "x.yaml")) == 0);
    expect_refused (place.root, "a link to itself", SIGPOLICY_REASON_CONFIG_ERROR, "x.yaml: ");
  }
  {
    cleanup_place struct place place = place_new ();
    put (&place, "x.yaml", "");
    cr_assert (chmod (place.path, 0) == 0);
    if (access (place.path, R_OK) < 0) /* root may read it */
      expect_refused (place.root, "what may not be read", SIGPOLICY_REASON_CONFIG_ERROR,
                      "x.yaml: permission denied");
  }
}

Test (model_registries_d, too_large)
{
  cleanup_place struct place place = place_new ();
  char *text = malloc (SP_REGISTRIES_D_FILE_BYTES_MAX + 2);

  cr_assert (text);
  memset (text, '#', SP_REGISTRIES_D_FILE_BYTES_MAX + 1);
  text[SP_REGISTRIES_D_FILE_BYTES_MAX] = '\0';
  for (char c = 'a'; c < 'a' + 16; c++)
    {
      char name[] = { c, '.', 'y', 'a', 'm', 'l', '\0' };
      put (&place, name, text);
    }
  expect_loaded (&place, "as much as there may be", "- - -");
  put (&place, "q.yaml", "#");
  expect_refused (place.root, "a byte too many in all", SIGPOLICY_REASON_LIMIT,
                  "have more than 16777216 bytes");
  text[SP_REGISTRIES_D_FILE_BYTES_MAX] = '#';
  text[SP_REGISTRIES_D_FILE_BYTES_MAX + 1] = '\0';
  put (&place, "a.yaml", text);
  expect_refused (place.root, "a byte too many in a file", SIGPOLICY_REASON_LIMIT, "");
  free (text);
}

Test (model_registries_d, too_many)
{
  cleanup_place struct place place = place_new ();
  char name[32];

  for (size_t i = 0; i < SP_REGISTRIES_D_FILES_MAX; i++)
    {
      (void)snprintf (name, sizeof name, "%zu.yaml", i);
      put (&place, name, "");
    }
  put (&place, "other", "");
  expect_loaded (&place, "as many as there may be", "- - -");
  put (&place, "x.yaml", "");
  expect_refused (place.root, "one more", SIGPOLICY_REASON_LIMIT, "more than 1024 files");
}

Test (model_registries_d, choose)
{
  cleanup_place struct place place = place_new ();
  cleanup_error sigpolicy_error *err = NULL;
  const char *home = place.root;
  const struct sp_reader at_home = { .generation = SP_GENERATION_OLD, .home = home };
  char expected[256];

  cleanup_free char *given = sp_registries_d_choose (&at_home, "a//b/", &err);
  cr_expect_str_eq (given, "a//b/");
  cleanup_free char *absent = sp_registries_d_choose (&at_home, "", &err);
  cr_expect_str_eq (absent, "/etc/containers/registries.d");
  cleanup_free char *homeless = sp_registries_d_choose (&old, NULL, &err);
  cr_expect_str_eq (homeless, "/etc/containers/registries.d");

  const char *const parts[]
      = { ".config", ".config/containers", ".config/containers/registries.d" };
  for (size_t i = 0; i < 3; i++)
    cr_assert (mkdir (at (&place, parts[i]), 0700) == 0);
  (void)snprintf (expected, sizeof expected, "%s/%s", home, parts[2]);
  cleanup_free char *user = sp_registries_d_choose (&at_home, NULL, &err);
  cr_expect_str_eq (user, expected);
  for (size_t i = 3; i > 0; i--)
    (void)rmdir (at (&place, parts[i - 1]));
}
