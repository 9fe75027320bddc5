/* SPDX-License-Identifier: Apache-2.0 */
#include "model/registries_conf.h"
#include "support/put_file.h"
#include "support/remove_tree.h"
#include "util/limits.h"

#include <criterion/criterion.h>
#include <sys/stat.h>

#define DIGEST "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* --- configurations in memory ---------------------------------------------------------------- */

/* main.conf, and drop-ins a.conf and b.conf where they are given. */
static int
configure (const char *text, const char *drop_in, const char *other,
           struct sp_registries_conf **ret, sigpolicy_error **err)
{
  cleanup_registries_conf struct sp_registries_conf *conf = NULL;
  cleanup_reader_choice struct sp_reader_choice paths = { 0 };
  const struct
  {
    const char *text, *path;
  } files[] = { { text, "main.conf" }, { drop_in, "DIR/a.conf" }, { other, "DIR/b.conf" } };

  paths.file = sp_strdup ("main.conf", err);
  cr_assert (sp_strv_add (&paths.directories, sp_view_str ("DIR"), err) == 0);
  cr_assert (sp_strv_add (&paths.directories, sp_view_str ("SYSTEM"), err) == 0);
  int rc = sp_registries_conf_new (&paths, &conf, err);
  for (size_t i = 0; rc == 0 && i < 3; i++)
    if (files[i].text)
      rc = sp_registries_conf_parse_file (
          conf, sp_view_str (files[i].text), files[i].path,
          i == 0 ? SP_REGISTRIES_CONF_MAIN : SP_REGISTRIES_CONF_DROP_IN, err);
  if (rc < 0)
    return rc;
  *ret = steal (&conf);
  return 0;
}

static struct sp_reference *
refer (const char *text)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_reference struct sp_reference *bare = NULL;
  struct sp_reference *reference = NULL;
  cr_assert (sp_reference_parse (sp_view_str (text), &bare, &err) == 0, "%s", text);
  cr_assert (sp_reference_with_default_tag (bare, &reference, &err) == 0, "%s", text);
  return reference;
}

/* Each endpoint: the name, "mirror" and "insecure" if so, what it is refused by, and the entry. */
static void
show (const struct sp_endpoints *endpoints, struct sp_buf *out)
{
  for (size_t i = 0; i < endpoints->len; i++)
    {
      const struct sp_endpoint *it = &endpoints->items[i];
      cr_expect (it->blocked == !!it->blocked_file && it->blocked == !!it->blocked_line);
      cr_expect (!it->blocked || it->refusal);
      cr_expect (it->mirror == (i + 1 < endpoints->len));
      cr_expect (!it->file == !it->line);
      sp_buf_printf (out, "%s%s%s%s", i ? "; " : "", it->reference->string,
                     it->mirror ? " mirror" : "", it->insecure ? " insecure" : "");
      if (it->blocked)
        sp_buf_printf (out, " blocked by %s:%u", it->blocked_file, it->blocked_line);
      else if (it->refusal)
        sp_buf_str (out, " refused");
      if (it->file)
        sp_buf_printf (out, " (%s:%u)", it->file, it->line);
    }
}

/* The endpoints, or the message and the place of the error. */
static void
ask (const struct sp_registries_conf *conf, const char *name, struct sp_buf *out)
{
  cleanup_reference struct sp_reference *reference = refer (name);
  cleanup_endpoints struct sp_endpoints endpoints = { 0 };
  cleanup_error sigpolicy_error *err = NULL;

  int rc = sp_registries_conf_endpoints (conf, reference, &endpoints, &err);
  if (rc == 0)
    {
      show (&endpoints, out);
      return;
    }
  cr_expect (rc == SIGPOLICY_E_CONFIG && endpoints.len == 0);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_CONFIG_ERROR);
  cr_expect (sigpolicy_error_hint (err));
  sp_buf_printf (out, "%s (%s:%u)", sigpolicy_error_message (err), sigpolicy_error_file (err),
                 sigpolicy_error_line (err));
}

static void
expect_answer (const char *what, const char *text, const char *drop_in, const char *other,
               const char *name, const char *expected)
{
  cleanup_registries_conf struct sp_registries_conf *conf = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf answer = SP_BUF (65536);

  int rc = configure (text, drop_in, other, &conf, &err);
  cr_assert (rc == 0, "%s: %s", what, sigpolicy_error_text (err));
  ask (conf, name, &answer);
  cr_expect_str_eq (answer.data, expected, "%s: %s", what, answer.data);
}

/* --- which entry ----------------------------------------------------------------------------- */

static const char prefixes[] = "[[registry]]\n"
                               "location = 'reg.example'\n"
                               "[[registry]]\n"
                               "prefix = 'reg.example/team'\n"
                               "location = 'one.example/x'\n"
                               "[[registry]]\n"
                               "prefix = 'reg.example/team/app'\n"
                               "location = 'two.example'\n"
                               "[[registry]]\n"
                               "prefix = 'reg.example/team/tagged:v1'\n"
                               "location = 'never.example'\n"
                               "[[registry]]\n"
                               "prefix = '*.example'\n"
                               "location = 'wild.test'\n"
                               "[[registry]]\n"
                               "prefix = '*.sub.example'\n"
                               "insecure = true\n"
                               "[[registry]]\n"
                               "prefix = 'p.example:5000///'\n"
                               "location = 'three.example/'\n";

Test (model_registries_conf, prefixes)
{
  static const struct
  {
    const char *name, *answer;
  } cases[] = {
    { "other.test/x:1", "other.test/x:1" },
    { "busybox", "docker.io/library/busybox:latest" },
    { "reg.example/x:1", "reg.example/x:1 (main.conf:1)" },
    { "reg.example/team:1", "one.example/x:1 (main.conf:3)" },
    { "reg.example/team" DIGEST, "one.example/x" DIGEST " (main.conf:3)" },
    { "reg.example/team/a:1", "one.example/x/a:1 (main.conf:3)" },
    { "reg.example/teams/a:1", "reg.example/teams/a:1 (main.conf:1)" },
    { "reg.example/team/app:1",
      "rewriting reference: repository name must be canonical (main.conf:6)" },
    { "reg.example/team/app/z:1", "two.example/z:1 (main.conf:6)" },
    { "reg.example/team/tagged:v1", "one.example/x/tagged:v1 (main.conf:3)" },
    /* A plain host is the same with any port; a wildcard needs a dot. */
    { "reg.example:5000/x:1", "reg.example:5000/x:1 (main.conf:1)" },
    { "p.example:5000/x:1", "three.example/x:1 (main.conf:18)" },
    { "p.example:5001/x:1", "wild.test:5001/x:1 (main.conf:12)" },
    { "p.example/x:1", "wild.test/x:1 (main.conf:12)" },
    { "a.b.example/x:1", "wild.test/x:1 (main.conf:12)" },
    { "a.sub.example/x:1", "a.sub.example/x:1 insecure (main.conf:15)" },
    { "sub.example/x:1", "wild.test/x:1 (main.conf:12)" },
    { "a.sub.example.test/x:1", "a.sub.example.test/x:1" },
    { "a.test/q.example/x:1", "a.test/q.example/x:1" },
    /* The first ".example" is what counts. */
    { "a.examples.example/x:1", "a.examples.example/x:1" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    expect_answer (cases[i].name, prefixes, NULL, NULL, cases[i].name, cases[i].answer);
}

Test (model_registries_conf, wildcard_of_the_same_length)
{
  expect_answer ("the wildcard is first in order",
                 "[[registry]]\nlocation = 'a.b.c'\n[[registry]]\nprefix = '*.b.c'\n"
                 "location = 'w.test'\n",
                 NULL, NULL, "a.b.c/x:1", "w.test/x:1 (main.conf:3)");
}

/* --- mirrors, insecure, blocked -------------------------------------------------------------- */

static const struct
{
  const char *what, *text, *name, *answer;
} entries[] = {
  { "mirrors in order",
    "[[registry]]\nlocation = 'a.b'\n[[registry.mirror]]\nlocation = 'm.one/x/'\ninsecure = true\n"
    "[[registry.mirror]]\nlocation = 'm.two'\n",
    "a.b/c:1",
    "m.one/x/c:1 mirror insecure (main.conf:3); m.two/c:1 mirror (main.conf:6); a.b/c:1 "
    "(main.conf:1)" },
  { "mirror-by-digest-only, a tag",
    "[[registry]]\nlocation = 'a.b'\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "
    "'m.one'\n",
    "a.b/c:1", "a.b/c:1 (main.conf:1)" },
  { "mirror-by-digest-only, a digest",
    "[[registry]]\nlocation = 'a.b'\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "
    "'m.one'\n",
    "a.b/c" DIGEST, "m.one/c" DIGEST " mirror (main.conf:4); a.b/c" DIGEST " (main.conf:1)" },
  { "pull-from-mirror, a tag",
    "[[registry]]\nlocation = 'a.b'\nmirror = [{location = 'd.o', pull-from-mirror = "
    "'digest-only'}, {location = 't.o', pull-from-mirror = 'tag-only'}, {location = 'a.l', "
    "pull-from-mirror = 'all'}, {location = 'n.o', pull-from-mirror = ''}]\n",
    "a.b/c:1",
    "t.o/c:1 mirror (main.conf:3); a.l/c:1 mirror (main.conf:3); n.o/c:1 mirror (main.conf:3); "
    "a.b/c:1 (main.conf:1)" },
  { "pull-from-mirror, a digest",
    "[[registry]]\nlocation = 'a.b'\nmirror = [{location = 'd.o', pull-from-mirror = "
    "'digest-only'}, {location = 't.o', pull-from-mirror = 'tag-only'}]\n",
    "a.b/c" DIGEST, "d.o/c" DIGEST " mirror (main.conf:3); a.b/c" DIGEST " (main.conf:1)" },
  { "insecure is of the endpoint alone",
    "[[registry]]\nprefix = 'a.b'\nlocation = 'c.d'\n[[registry]]\nlocation = 'c.d'\nprefix = "
    "'c.d/x'\n[[registry]]\nlocation = 'e.f'\ninsecure = true\n[[registry]]\nprefix = 'g.h'\n"
    "location = 'e.f:1'\n",
    "g.h/c:1", "e.f:1/c:1 (main.conf:10)" },
  { "blocked", "[[registry]]\nlocation = 'a.b'\nblocked = true\n", "a.b/c:1",
    "a.b/c:1 blocked by main.conf:1 (main.conf:1)" },
  { "blocked, and a mirror that is not",
    "[[registry]]\nlocation = 'a.b'\nblocked = true\nmirror = [{location = 'm.one'}]\n", "a.b/c:1",
    "m.one/c:1 mirror (main.conf:4); a.b/c:1 blocked by main.conf:1 (main.conf:1)" },
  { "blocked, and its location is not",
    "[[registry]]\nprefix = 'a.b'\nlocation = 'c.d'\nblocked = true\n", "a.b/c:1",
    "c.d/c:1 (main.conf:1)" },
  { "a mirror that is blocked",
    "[[registry]]\nlocation = 'a.b'\nmirror = [{location = 'm.one'}]\n[[registry]]\nprefix = "
    "'*.one'\nblocked = true\n",
    "a.b/c:1", "m.one/c:1 mirror blocked by main.conf:4 (main.conf:3); a.b/c:1 (main.conf:1)" },
  { "blocked by the longest prefix alone",
    "[[registry]]\nlocation = 'a.b'\nblocked = true\n[[registry]]\nlocation = 'a.b/c'\n", "a.b/c:1",
    "a.b/c:1 (main.conf:4)" },
  { "a location with a tag",
    "[[registry]]\nprefix = 'a.b/c'\nlocation = 'd.e/f:t'\nmirror = [{location = 'm.one/x'}]\n",
    "a.b/c" DIGEST,
    "m.one/x" DIGEST " mirror (main.conf:4); d.e/f:t" DIGEST " refused (main.conf:1)" },
  { "the same for a tag", "[[registry]]\nprefix = 'a.b/c'\nlocation = 'd.e/f:t'\n", "a.b/c:1",
    "rewriting reference: invalid reference format (main.conf:1)" },
  { "one mirror without a registry fails all",
    "[[registry]]\nlocation = 'a.b'\nmirror = [{location = 'm.one'}, {location = 'foo'}]\n",
    "a.b/c:1", "rewriting reference: repository name must be canonical (main.conf:3)" },
  { "an empty prefix is none", "[[registry]]\nprefix = ''\nlocation = 'a.b'\n", "a.b/c:1",
    "a.b/c:1 (main.conf:1)" },
  { "a prefix of slashes matches nothing", "[[registry]]\nprefix = '/'\nlocation = 'a.b'\n",
    "a.b/c:1", "a.b/c:1" },
  { "a prefix with a NUL matches nothing",
    "[[registry]]\nprefix = \"a.b\\u0000\"\nlocation = 'c.d'\n", "a.b/c:1", "a.b/c:1" },
  { "of a prefix twice in a file, the first counts",
    "[[registry]]\nprefix = 'a.b'\nlocation = 'c.d'\n[[registry]]\nprefix = 'a.b/'\nlocation = "
    "'e.f'\n",
    "a.b/c:1", "c.d/c:1 (main.conf:1)" },
  { "keys in any case",
    "[[Registry]]\nLOCATION = 'a.b'\n\"bloc\xe2\x84\xaa"
    "ed\" = true\n\"in\xc5\xbf"
    "ecure\" = true\n",
    "a.b/c:1", "a.b/c:1 insecure blocked by main.conf:1 (main.conf:1)" },
  { "unknown keys",
    "x = 1979-05-27\n[[registry]]\nlocation = 'a.b'\nblock = true\ny = {z = inf}\n[u.v]\n",
    "a.b/c:1", "a.b/c:1 (main.conf:2)" },
  { "version 1",
    "[registries.search]\nregistries = ['x.y']\n[registries.insecure]\nregistries = ['a.b/', "
    "'c.d']\n[registries.block]\nregistries = ['a.b']\n",
    "a.b/c:1", "a.b/c:1 insecure blocked by main.conf:6 (main.conf:6)" },
  { "version 1, insecure",
    "[registries.insecure]\nregistries = ['a.b/', 'c.d']\n[registries.block]\nregistries = "
    "['a.b']\n",
    "c.d/c:1", "c.d/c:1 insecure (main.conf:2)" },
};

Test (model_registries_conf, entries)
{
  for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
    expect_answer (entries[i].what, entries[i].text, NULL, NULL, entries[i].name,
                   entries[i].answer);
}

Test (model_registries_conf, refusal)
{
  cleanup_registries_conf struct sp_registries_conf *conf = NULL;
  cleanup_reference struct sp_reference *reference = refer ("a.b/c:1");
  cleanup_endpoints struct sp_endpoints endpoints = { 0 };
  cleanup_error sigpolicy_error *err = NULL;

  cr_assert (configure ("", "[[registry]]\nlocation = 'a.b'\nblocked = true", NULL, &conf, &err)
             == 0);
  cr_assert (sp_registries_conf_endpoints (conf, reference, &endpoints, &err) == 0);
  cr_expect_str_eq (endpoints.items[0].refusal, "registry a.b is blocked in main.conf or DIR");
  cr_expect_str_eq (endpoints.items[0].blocked_file, "DIR/a.conf");
}

/* --- files over one another ------------------------------------------------------------------ */

Test (model_registries_conf, drop_ins)
{
  static const struct
  {
    const char *what, *text, *drop_in, *other, *name, *answer;
  } cases[] = {
    { "the whole entry is replaced",
      "[[registry]]\nlocation = 'a.b'\nblocked = true\nmirror = [{location = 'm.one'}]\n",
      "[[registry]]\nlocation = 'a.b'\n", NULL, "a.b/c:1", "a.b/c:1 (DIR/a.conf:1)" },
    { "by its prefix", "[[registry]]\nprefix = 'a.b'\nlocation = 'c.d'\n",
      "[[registry]]\nlocation = 'c.d'\nblocked = true\n", NULL, "a.b/x:1",
      "c.d/x:1 blocked by DIR/a.conf:1 (main.conf:1)" },
    { "the last file counts", "", "[[registry]]\nprefix = 'a.b'\nlocation = 'c.d'\n",
      "[[registry]]\nprefix = 'a.b'\nlocation = 'e.f'\n", "a.b/x:1", "e.f/x:1 (DIR/b.conf:1)" },
    { "in it the first entry", "", "[[registry]]\nprefix = 'a.b'\nlocation = 'c.d'\n",
      "[[registry]]\nprefix = 'a.b'\nlocation = 'e.f'\n[[registry]]\nprefix = 'a.b'\nlocation = "
      "'g.h'\n",
      "a.b/x:1", "e.f/x:1 (DIR/b.conf:1)" },
    { "files need not agree on a location", "[[registry]]\nlocation = 'a.b'\ninsecure = true\n",
      "[[registry]]\nprefix = 'c.d'\nlocation = 'a.b'\n", NULL, "c.d/x:1",
      "a.b/x:1 (DIR/a.conf:1)" },
    { "other entries stay", "[[registry]]\nlocation = 'a.b'\ninsecure = true\n",
      "[[registry]]\nlocation = 'a.b/c'\n", "short-name-mode = 'disabled'\n", "a.b/x:1",
      "a.b/x:1 insecure (main.conf:1)" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    expect_answer (cases[i].what, cases[i].text, cases[i].drop_in, cases[i].other, cases[i].name,
                   cases[i].answer);
}

/* --- what is refused ------------------------------------------------------------------------- */

/* Five of these are as long as a name may be behind docker.io/, but then library/ is added. */
#define X49 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct
{
  const char *text, *message;
  unsigned line;
  bool hint;
} faults[] = {
  { "\n[[registry]\n", "toml: line 2: expected ']]', found \"]\"", 2, true },
  { "[[registry]]\nlocation = 5\n",
    "toml: line 2 (last key \"registry.location\"): incompatible types: TOML value has type int64; "
    "destination has type string",
    2, true },
  { "[[registry]]\nblocked = 'true'\n",
    "toml: line 2 (last key \"registry.blocked\"): incompatible types: TOML value has type string; "
    "destination has type boolean",
    2, true },
  { "[registry]\nlocation = 'a.b'\n",
    "toml: line 1 (last key \"registry\"): incompatible types: TOML value has type map[string]any; "
    "destination has type slice",
    1, true },
  { "registry = ['a.b']\n",
    "toml: line 1 (last key \"registry\"): type mismatch for sysregistriesv2.Registry: expected "
    "table but found string",
    1, false },
  { "[[registry]]\nmirror = [1.5]\n",
    "toml: line 2 (last key \"registry.mirror\"): type mismatch for sysregistriesv2.Endpoint: "
    "expected table but found float64",
    2, false },
  { "[[registry]]\n[[registry.mirror]]\ninsecure = 1979-05-27\n",
    "toml: line 3 (last key \"registry.mirror.insecure\"): incompatible types: TOML value has type "
    "time.Time; destination has type boolean",
    3, true },
  { "unqualified-search-registries = 'a.b'\n",
    "toml: line 1 (last key \"unqualified-search-registries\"): incompatible types: TOML value has "
    "type string; destination has type slice",
    1, true },
  { "credential-helpers = ['a', true]\n",
    "toml: line 1 (last key \"credential-helpers\"): incompatible types: TOML value has type bool; "
    "destination has type string",
    1, true },
  { "[aliases]\na = []\n",
    "toml: line 2 (last key \"aliases.a\"): incompatible types: TOML value has type []any; "
    "destination has type string",
    2, true },
  { "[[aliases.a]]\n",
    "toml: line 1 (last key \"aliases.a\"): incompatible types: TOML value has type "
    "[]map[string]any; destination has type string",
    1, true },
  { "registries = 1\n",
    "toml: line 1 (last key \"registries\"): type mismatch for sysregistriesv2.V1TOMLConfig: "
    "expected table but found int64",
    1, false },
  { "[[registry]]\nlocation = 'a.b'\nBlocked = false\nblocked = true\n",
    "\"Blocked\" and \"blocked\" are the same setting", 4, true },
  { "[[registry]]\nlocation = 'https://a.b/'\n",
    "invalid location 'https://a.b/': URI schemes are not supported", 2, true },
  { "[[registry]]\nlocation = 'a.b'\nprefix = 'http://a.b'\n",
    "invalid location 'http://a.b': URI schemes are not supported", 3, true },
  { "[[registry]]\nlocation = 'a.b'\n[[registry.mirror]]\nlocation = 'http://a.b'\n",
    "invalid location 'http://a.b': URI schemes are not supported", 4, true },
  { "[[registry]]\ninsecure = true\n", "invalid condition: both location and prefix are unset", 1,
    true },
  { "[[registry]]\nlocation = '//'\n", "invalid condition: both location and prefix are unset", 1,
    true },
  { "\n[[registry]]\nprefix = 'a.b'\n",
    "invalid condition: location is unset and prefix is not in the format: *.example.com", 2,
    true },
  { "[[registry]]\nlocation = 'a.b'\n[[registry.mirror]]\n",
    "invalid condition: mirror location is unset", 3, true },
  { "[[registry]]\nlocation = 'a.b'\npull-from-mirror = 'all'\n",
    "pull-from-mirror must not be set for a non-mirror registry \"a.b\"", 3, true },
  { "[[registry]]\nlocation = 'a.b'\n[[registry.mirror]]\nlocation = 'c.d'\npull-from-mirror = "
    "'digest'\n",
    "unsupported pull-from-mirror value \"digest\" for mirror \"c.d\"", 5, true },
  { "[[registry]]\nlocation = 'a.b'\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "
    "'c.d'\npull-from-mirror = 'all'\n",
    "cannot set mirror usage mirror-by-digest-only for the registry (\"a.b\") and pull-from-mirror "
    "for per-mirror (\"c.d\") at the same time",
    6, true },
  { "[[registry]]\nprefix = '*.a.b/c'\n",
    "Wildcarded prefix should be in the format: *.example.com. Current prefix \"*.a.b/c\" is "
    "incorrectly formatted",
    2, false },
  { "[[registry]]\nlocation = '*.a.b:5'\n",
    "Wildcarded prefix should be in the format: *.example.com. Current prefix \"*.a.b:5\" is "
    "incorrectly formatted",
    2, false },
  { "[[registry]]\nlocation = 'a.b'\n[[registry]]\nlocation = 'c.d'\n[[registry]]\nlocation = "
    "'a.b/'\ninsecure = true\nblocked = true\n",
    "registry 'a.b' is defined multiple times with conflicting 'insecure' setting", 5, true },
  { "[[registry]]\nlocation = 'a.b'\n[[registry]]\nlocation = 'a.b'\nprefix = 'c'\nblocked = "
    "true\n",
    "registry 'a.b' is defined multiple times with conflicting 'blocked' setting", 3, true },
  { "[[registry]]\nprefix = '*.a'\n[[registry]]\nprefix = '*.a'\nblocked = true\n",
    "registry '' is defined multiple times with conflicting 'blocked' setting", 3, true },
  { "unqualified-search-registries = [\n'a.b',\n'c.d/e']\n",
    "Invalid unqualified-search-registries entry \"c.d/e\"", 3, true },
  { "unqualified-search-registries = ['']\n", "Invalid unqualified-search-registries entry \"\"", 1,
    true },
  { "unqualified-search-registries = ['https://a.b']\n",
    "invalid location 'https://a.b': URI schemes are not supported", 1, true },
  { "short-name-mode = 'prompt'\n", "invalid short-name mode: \"prompt\"", 1, true },
  { "credential-helpers = [\"a\\u0000b\"]\n", "invalid credential helper \"a\\x00b\"", 1, false },
  { "[aliases]\nA = 'q.io/x'\n",
    "validating short-name aliases: cannot parse short name: \"A\": repository name must be "
    "lowercase",
    2, false },
  { "[aliases]\n'' = 'q.io/x'\n",
    "validating short-name aliases: cannot parse short name: \"\": repository name must have at "
    "least one component",
    2, false },
  { "[aliases]\nx = 'q.io/x'\n'a b' = 'q.io/x'\n",
    "validating short-name aliases: cannot parse short name: \"a b\": invalid reference format", 3,
    false },
  { "[aliases]\n'a:1' = 'q.io/x:1'\n'localhost/a' = 'x'\n'a" DIGEST "' = 'q.io/x" DIGEST "'\n",
    "validating short-name aliases: invalid short name \"a:1\": must not contain tag\n"
    "invalid alias \"q.io/x:1\": must not contain tag\n"
    "invalid short name \"localhost/a\": must not contain registry\n"
    "invalid alias \"x\": must contain registry and repository\n"
    "invalid short name \"a" DIGEST "\": must not contain digest\n"
    "invalid alias \"q.io/x" DIGEST "\": must not contain digest",
    2, false },
  { "[aliases]\na = 'Q/!'\n",
    "validating short-name aliases: parsing alias \"Q/!\": invalid reference format", 2, false },
  { "[aliases]\na = 'docker.io/" X49 X49 X49 X49 X49 "'\n",
    "validating short-name aliases: repository name must not be more than 255 characters", 2,
    false },
  { "short-name-mode = 'disabled'\n[registries.block]\nregistries = []\n",
    "mixing sysregistry v1/v2 is not supported", 3, true },
  { "[registries.search]\nregistries = ['a/b']\n",
    "Invalid unqualified-search-registries entry \"a/b\"", 2, true },
  { "[registries.block]\nregistries = ['a.b', '']\n",
    "invalid condition: both location and prefix are unset", 2, true },
  { "[registries.block]\nregistries = ['http://a.b']\n",
    "invalid location 'http://a.b': URI schemes are not supported", 2, true },
};

static void
expect_fault (const char *text, const char *drop_in, const char *message, const char *file,
              unsigned line, bool hint)
{
  cleanup_registries_conf struct sp_registries_conf *conf = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf expected = SP_BUF (65536);

  sp_buf_printf (&expected, "loading %sregistries configuration \"%s\": %s",
                 drop_in ? "drop-in " : "", file, message);
  int rc = configure (text, drop_in, NULL, &conf, &err);
  cr_assert (rc == SIGPOLICY_E_CONFIG && !conf, "%s", text);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_CONFIG_ERROR);
  cr_expect_str_eq (sigpolicy_error_message (err), expected.data);
  cr_expect_str_eq (sigpolicy_error_file (err), file);
  cr_expect (sigpolicy_error_line (err) == line, "%s: line %u", message,
             sigpolicy_error_line (err));
  cr_expect (!sigpolicy_error_hint (err) == !hint, "%s: %s", message, sigpolicy_error_hint (err));
}

Test (model_registries_conf, faults)
{
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
    expect_fault (faults[i].text, NULL, faults[i].message, "main.conf", faults[i].line,
                  faults[i].hint);
}

Test (model_registries_conf, faults_of_drop_ins)
{
  expect_fault ("", "[[registry]]\nlocation = 'http://a.b'\n",
                "invalid location 'http://a.b': URI schemes are not supported", "DIR/a.conf", 2,
                true);
  expect_fault ("", "[registries.search]\nregistries = []\n",
                "registry must be in v2 format but is in v1", "DIR/a.conf", 2, true);
}

/* Version 1 is what has one of its lists; its tables alone say nothing. */
Test (model_registries_conf, no_version_1)
{
  expect_answer ("tables without lists",
                 "short-name-mode = 'disabled'\n[registries.search]\nx = 1\n[registries.block]\n",
                 "[registries.search]\n", NULL, "a.b/c:1", "a.b/c:1");
  expect_answer (
      "an empty word is no setting of version 2",
      "short-name-mode = ''\nadditional-layer-store-auth-helper = ''\n[registries.block]\n"
      "registries = ['a.b']\n",
      NULL, NULL, "a.b/c:1", "a.b/c:1 blocked by main.conf:4 (main.conf:4)");
}

/* --- short names ----------------------------------------------------------------------------- */

static const char names[] = "unqualified-search-registries = ['one.example', 'two.example:5000/', "
                            "'docker.io']\n"
                            "[aliases]\n"
                            "app = 'q.io/team/app'\n"
                            "'ns/app' = 'docker.io/app'\n"
                            "gone = 'q.io/gone'\n";

Test (model_registries_conf, expands)
{
  static const struct
  {
    const char *drop_in, *name, *answer, *file;
  } cases[] = {
    { NULL, "app", "q.io/team/app:latest", "main.conf" },
    { NULL, "app:1", "q.io/team/app:1", "main.conf" },
    { NULL, "app" DIGEST, "q.io/team/app" DIGEST, "main.conf" },
    { NULL, "ns/app:1", "docker.io/library/app:1", "main.conf" },
    { NULL, "x", "one.example/x:latest two.example:5000/x:latest docker.io/library/x:latest",
      "main.conf" },
    { NULL, "ns/x:1", "one.example/ns/x:1 two.example:5000/ns/x:1 docker.io/ns/x:1", "main.conf" },
    { NULL, "r.example/app", "r.example/app:latest", NULL },
    { NULL, "docker.io/x:1", "docker.io/library/x:1", NULL },
    { NULL, "localhost/x", "localhost/x:latest", NULL },
    { "[aliases]\ngone = ''\n", "gone",
      "one.example/gone:latest two.example:5000/gone:latest docker.io/library/gone:latest",
      "main.conf" },
    { "[aliases]\napp = 'r.io/app'\n", "app", "r.io/app:latest", "DIR/a.conf" },
    { "unqualified-search-registries = ['three.example']\n", "x", "three.example/x:latest",
      "DIR/a.conf" },
    { "unqualified-search-registries = []\n", "x", "", "DIR/a.conf" },
    { "aliases = 1\n", "app", "q.io/team/app:latest", "main.conf" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_registries_conf struct sp_registries_conf *conf = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_strv struct sp_strv found = { 0 };
      cleanup_buf struct sp_buf answer = SP_BUF (65536);
      const char *file = "";

      cr_assert (configure (names, cases[i].drop_in, NULL, &conf, &err) == 0);
      int rc = sp_registries_conf_expand (conf, sp_view_str (cases[i].name), &found, &file, &err);
      cr_assert (rc == 0, "%s: %s", cases[i].name, sigpolicy_error_text (err));
      for (size_t j = 0; j < found.len; j++)
        sp_buf_printf (&answer, "%s%s", j ? " " : "", found.items[j]);
      cr_expect_str_eq (answer.data, cases[i].answer, "%s: %s", cases[i].name, answer.data);
      cr_expect (!file == !cases[i].file && (!file || strcmp (file, cases[i].file) == 0), "%s: %s",
                 cases[i].name, file);
    }
}

Test (model_registries_conf, expands_no_nonsense)
{
  static const char *const cases[] = { "", "A", "a b", "a:", "a@sha256:1", "docker://a" };
  cleanup_registries_conf struct sp_registries_conf *conf = NULL;
  cleanup_error sigpolicy_error *none = NULL;

  cr_assert (configure (names, NULL, NULL, &conf, &none) == 0);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_strv found = { 0 };
      cr_expect (sp_registries_conf_expand (conf, sp_view_str (cases[i]), &found, NULL, &err)
                         == SIGPOLICY_E_USAGE
                     && found.len == 0,
                 "%s", cases[i]);
    }
}

/* --- credential helpers ---------------------------------------------------------------------- */

Test (model_registries_conf, helpers)
{
  static const struct
  {
    const char *text, *drop_in, *helpers;
  } cases[] = {
    { "", NULL, "containers-auth.json" },
    { "credential-helpers = []\n", NULL, "containers-auth.json" },
    { "credential-helpers = ['pass', 'containers-auth.json']\n", NULL,
      "pass containers-auth.json" },
    { "credential-helpers = ['pass']\n", "credential-helpers = ['secretservice']\n",
      "secretservice" },
    { "credential-helpers = ['pass']\n", "credential-helpers = []\n", "containers-auth.json" },
    { "credential-helpers = ['pass']\n", "short-name-mode = 'disabled'\n", "pass" },
    { "additional-layer-store-auth-helper = '/bin/a'\n", NULL, "containers-auth.json" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_registries_conf struct sp_registries_conf *conf = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf answer = SP_BUF (65536);

      cr_assert (configure (cases[i].text, cases[i].drop_in, NULL, &conf, &err) == 0);
      const struct sp_strv *helpers = sp_registries_conf_credential_helpers (conf);
      for (size_t j = 0; j < helpers->len; j++)
        sp_buf_printf (&answer, "%s%s", j ? " " : "", helpers->items[j]);
      cr_expect_str_eq (answer.data, cases[i].helpers, "%s: %s", cases[i].text, answer.data);
    }
}

/* --- which files ----------------------------------------------------------------------------- */

static char *
new_directory (void)
{
  char *path = strdup ("/tmp/sigpolicy-registries.XXXXXX");
  cr_assert (path && mkdtemp (path));
  return path;
}

/* With the directories on the way. */
static void
put (const char *directory, const char *name, const char *text)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = sp_asprintf (&err, "%s/%s", directory, name);
  for (char *slash = strchr (path + strlen (directory) + 1, '/'); slash;
       slash = strchr (slash + 1, '/'))
    {
      *slash = '\0';
      (void)mkdir (path, 0755);
      *slash = '/';
    }
  cr_assert (put_file (path, sp_view_str (text), &err) == 0);
}

static void
remove_all (const char *directory)
{
  cr_expect (remove_tree (directory) == 0);
}

#define USERS ".config/containers/registries.conf"

Test (model_registries_conf, choose)
{
  cleanup_free char *home = new_directory ();
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *users_file = sp_asprintf (&err, "%s/" USERS, home);
  cleanup_free char *users_directory = sp_asprintf (&err, "%s/" USERS ".d", home);
  const char *system_file = "/etc/containers/registries.conf";
  const char *system_directory = "/etc/containers/registries.conf.d";
  const struct
  {
    const char *explicit_file, *home;
    bool users, required;
    const char *file, *directories[2];
  } cases[] = {
    { NULL, NULL, false, false, NULL, { system_directory, NULL } },
    { "", "", false, false, NULL, { system_directory, NULL } },
    { NULL, home, false, false, NULL, { users_directory, system_directory } },
    { "x.conf", home, false, true, "x.conf", { users_directory, system_directory } },
    { NULL, home, true, false, users_file, { users_directory, NULL } },
    { "x.conf", home, true, true, "x.conf", { users_directory, system_directory } },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_reader_choice struct sp_reader_choice paths = { 0 };
      const struct sp_reader reader = { .home = cases[i].home };
      if (cases[i].users)
        put (home, USERS, "");
      cr_assert (sp_reader_choose (&reader, SP_CONFIG_REGISTRIES_CONF, cases[i].explicit_file,
                                   &paths, &err)
                 == 0);
      if (cases[i].file)
        cr_expect_str_eq (paths.file, cases[i].file);
      else
        cr_expect (!paths.file || strcmp (paths.file, system_file) == 0);
      cr_expect (paths.is_required == cases[i].required);
      cr_expect (paths.directories.len == (cases[i].directories[1] ? 2 : 1), "%zu", i);
      for (size_t j = 0; j < paths.directories.len; j++)
        cr_expect_str_eq (paths.directories.items[j], cases[i].directories[j]);
    }
  remove_all (home);
}

/* main.conf with one.d and two.d in a directory: endpoints of a.b/c:1, or the message, with the
 * directory taken out of both. */
static const struct sp_reader old = { .generation = SP_GENERATION_OLD };

static void
load (const char *directory, bool required, struct sp_buf *out)
{
  cleanup_reader_choice struct sp_reader_choice paths = { 0 };
  cleanup_registries_conf struct sp_registries_conf *conf = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf said = SP_BUF (65536);

  paths.file = sp_asprintf (&err, "%s/main.conf", directory);
  paths.is_required = required;
  cr_assert (sp_strv_take (&paths.directories, sp_asprintf (&err, "%s/two.d", directory), &err)
             == 0);
  cr_assert (sp_strv_take (&paths.directories, sp_asprintf (&err, "%s/one.d", directory), &err)
             == 0);
  int rc = sp_registries_conf_load (&old, &paths, &conf, &err);
  if (rc == 0)
    ask (conf, "a.b/c:1", &said);
  else
    {
      cr_expect (rc == SIGPOLICY_E_CONFIG && sigpolicy_error_file (err));
      sp_buf_str (&said, sigpolicy_error_message (err));
    }
  for (const char *at = said.data; *at; at++)
    if (strncmp (at, directory, strlen (directory)) == 0)
      {
        at += strlen (directory);
        sp_buf_byte (out, '%');
        sp_buf_byte (out, *at);
      }
    else
      sp_buf_byte (out, *at);
}

static void
expect_load (const char *directory, bool required, const char *expected)
{
  cleanup_buf struct sp_buf said = SP_BUF (65536);
  load (directory, required, &said);
  cr_expect_str_eq (said.data, expected, "%s", said.data);
}

#define TO(location) "[[registry]]\nprefix = 'a.b'\nlocation = '" location "'\n"

Test (model_registries_conf, loads)
{
  cleanup_free char *directory = new_directory ();
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *two = sp_asprintf (&err, "%s/two.d", directory);
  cleanup_free char *dangling = sp_asprintf (&err, "%s/one.d/z.conf", directory);
  cleanup_free char *to_directory = sp_asprintf (&err, "%s/one.d/y.conf", directory);

  expect_load (directory, false, "a.b/c:1");
  expect_load (directory, true,
               "loading registries configuration \"%/main.conf\": open %/main.conf: no such file "
               "or directory");
  put (directory, "main.conf", TO ("main.test"));
  expect_load (directory, true, "main.test/c:1 (%/main.conf:1)");
  /* In order of the names, the directories one after the other; *.conf alone, not below. */
  put (directory, "one.d/b.conf", TO ("b.test"));
  put (directory, "one.d/a.conf", TO ("a.test"));
  put (directory, "one.d/c.conf.rpmsave", "[[");
  put (directory, "one.d/d.conf/x.conf", "[[");
  put (directory, "one.d/B.conf", TO ("B.test"));
  expect_load (directory, true, "b.test/c:1 (%/one.d/b.conf:1)");
  cr_assert (symlink ("gone", dangling) == 0);
  expect_load (directory, true, "b.test/c:1 (%/one.d/b.conf:1)");
  cr_assert (symlink ("one.d", two) == 0);
  expect_load (directory, true, "b.test/c:1 (%/one.d/b.conf:1)");
  cr_assert (unlink (two) == 0);
  put (directory, "two.d/.conf", TO ("dot.test"));
  expect_load (directory, true, "dot.test/c:1 (%/two.d/.conf:1)");
  put (directory, "two.d/0.conf", "registry = 1\n");
  expect_load (
      directory, true,
      "loading drop-in registries configuration \"%/two.d/0.conf\": toml: line 1 (last key "
      "\"registry\"): incompatible types: TOML value has type int64; destination has type "
      "slice");
  cr_assert (symlink ("d.conf", to_directory) == 0);
  cleanup_buf struct sp_buf said = SP_BUF (65536);
  load (directory, true, &said);
  cr_expect (strstr (said.data, "loading drop-in registries configuration \"%/one.d/y.conf\": "),
             "%s", said.data);
  remove_all (directory);
}

Test (model_registries_conf, no_directory)
{
  cleanup_free char *directory = new_directory ();
  put (directory, "one.d", "a file");
  expect_load (directory, false, "a.b/c:1");
  remove_all (directory);
}

/* --- ceilings -------------------------------------------------------------------------------- */

static int
load_many (const char *directory)
{
  cleanup_reader_choice struct sp_reader_choice paths = { 0 };
  cleanup_registries_conf struct sp_registries_conf *conf = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  paths.file = sp_asprintf (&err, "%s/main.conf", directory);
  cr_assert (sp_strv_add (&paths.directories, sp_view_str (directory), &err) == 0);
  int rc = sp_registries_conf_load (&old, &paths, &conf, &err);
  cr_expect (
      rc == 0
      || (rc == SIGPOLICY_E_CONFIG && sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT));
  return rc;
}

Test (model_registries_conf, number_of_files)
{
  cleanup_free char *directory = new_directory ();
  for (unsigned i = 0; i <= SP_REGISTRIES_CONF_FILES_MAX; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_free char *name = sp_asprintf (&err, "%u.conf", i);
      if (i == SP_REGISTRIES_CONF_FILES_MAX)
        cr_expect (load_many (directory) == 0);
      put (directory, name, "");
    }
  cr_expect (load_many (directory) < 0);
  remove_all (directory);
}

Test (model_registries_conf, size_of_files)
{
  cleanup_free char *directory = new_directory ();
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf comment = SP_BUF (SP_TOML_BYTES_MAX);
  while (comment.len < SP_TOML_BYTES_MAX)
    sp_buf_byte (&comment, '#');
  for (unsigned i = 0; i < SP_REGISTRIES_CONF_BYTES_MAX / SP_TOML_BYTES_MAX; i++)
    {
      cleanup_free char *name = sp_asprintf (&err, "%u.conf", i);
      put (directory, name, comment.data);
    }
  cr_expect (load_many (directory) == 0);
  put (directory, "x.conf", "#");
  cr_expect (load_many (directory) < 0);
  remove_all (directory);
}

/* --- owners ---------------------------------------------------------------------------------- */

Test (model_registries_conf, owners)
{
  cleanup_registries_conf struct sp_registries_conf *conf = NULL, *other = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf answer = SP_BUF (65536);

  cr_assert (configure (prefixes, NULL, NULL, &conf, &err) == 0);
  other = sp_registries_conf_ref (conf);
  sp_registries_conf_free (steal (&conf));
  ask (other, "reg.example/x:1", &answer);
  cr_expect_str_eq (answer.data, "reg.example/x:1 (main.conf:1)");
  sp_registries_conf_free (NULL);
  cr_expect (sp_registries_conf_ref (NULL) == NULL);
}
