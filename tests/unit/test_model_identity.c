/* SPDX-License-Identifier: Apache-2.0 */
#include "model/identity.h"

#include "util/alloc.h"

#include <criterion/criterion.h>

#define HEX   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define D     "sha256:" HEX
#define E     "sha256:f123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define X(in) "\"type\":\"exactReference\",\"dockerReference\":" in
#define Y(in) "\"type\":\"exactRepository\",\"dockerRepository\":" in

/* The members of an identity object. */
static int
parse (const char *members, struct sp_identity *ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (65536);
  cleanup_json struct sp_json *json = NULL;
  sp_buf_printf (&text, "{%s}", members);
  cr_assert (!text.failed && sp_json_parse (sp_buf_view (&text), 16, &json, err) == 0);
  return sp_identity_parse (json, SP_JSON_ROOT, ret, err);
}

static const struct
{
  const char *members;
  const char *message; /* NULL: accepted */
} objects[] = {
  { "\"type\":\"matchExact\"", NULL },
  { "\"type\":\"matchRepoDigestOrExact\"", NULL },
  { "\"type\":\"matchRepository\"", NULL },
  { "\"type\":\"match\\u0052epository\"", NULL },
  { X ("\"busybox:1\""), NULL },
  { X ("\"busybox@" D "\""), NULL },
  { X ("\"busybox:1@" D "\""), NULL },
  { Y ("\"busybox\""), NULL },
  { Y ("\"busybox:1@" D "\""), NULL },
  { "\"prefix\":\"a\",\"type\":\"remapIdentity\",\"signedPrefix\":\"b\"", NULL },

  { "", "Unknown policy reference match type \"\"" },
  { "\"type\":null", "Unknown policy reference match type \"\"" },
  { "\"type\":\"matchexact\"", "Unknown policy reference match type \"matchexact\"" },
  { "\"type\":\"reject\"", "Unknown policy reference match type \"reject\"" },
  { "\"type\":{}", "expected a string, found an object" },
  { "\"Type\":\"matchExact\"", "Unknown key \"Type\"" },
  { "\"type\":\"matchExact\",\"type\":\"matchExact\"", "Duplicate key \"type\"" },
  { "\"type\":\"matchExact\",\"dockerReference\":\"busybox:1\"",
    "Unknown key \"dockerReference\"" },
  { "\"type\":\"exactReference\"", "Key \"dockerReference\" missing in a JSON object" },
  { X ("\"busybox\""), "dockerReference \"busybox\" contains neither a tag nor digest" },
  { X ("null"), "Invalid format of dockerReference \"\": invalid reference format" },
  { X ("\"\""), "Invalid format of dockerReference \"\": invalid reference format" },
  { X ("\"BUSYBOX:1\""), "Invalid format of dockerReference \"BUSYBOX:1\": invalid reference "
                         "format: repository name must be lowercase" },
  { X ("\"busybox:1\\u0000\""),
    "Invalid format of dockerReference \"busybox:1\\x00\": invalid reference format" },
  { X ("\"busybox@md5:0123456789abcdef0123456789abcdef\""),
    "Invalid format of dockerReference \"busybox@md5:0123456789abcdef0123456789abcdef\": "
    "unsupported digest algorithm" },
  { X ("1"), "expected a string, found a number" },
  { X ("\"busybox:1\",\"dockerRepository\":\"busybox\""), "Unknown key \"dockerRepository\"" },
  { Y ("\"" HEX "\""), "Invalid format of dockerRepository \"" HEX "\": invalid repository name "
                       "(" HEX "), cannot specify 64-byte hexadecimal strings" },
  { Y ("null"), "Invalid format of dockerRepository \"\": invalid reference format" },
  { "\"type\":\"remapIdentity\",\"prefix\":\"a\"",
    "Key \"signedPrefix\" missing in a JSON object" },
  { "\"type\":\"remapIdentity\",\"prefix\":\"a/\",\"signedPrefix\":\"/b\"",
    "prefix \"a/\" is not valid" },
  { "\"type\":\"remapIdentity\",\"signedPrefix\":\"/b\",\"prefix\":\"a\"",
    "prefix \"/b\" is not valid" },
  { "\"type\":\"remapIdentity\",\"signedPrefix\":null,\"prefix\":\"a\"",
    "prefix \"\" is not valid" },
};

Test (model_identity, objects)
{
  for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
    {
      struct sp_identity identity = { 0 };
      cleanup_error sigpolicy_error *err = NULL;
      int rc = parse (objects[i].members, &identity, &err);
      if (!objects[i].message)
        cr_expect (rc == 0, "%s: %s", objects[i].members, sigpolicy_error_text (err));
      else
        {
          cr_assert (rc == SIGPOLICY_E_CONFIG, "%s is accepted", objects[i].members);
          cr_expect_str_eq (sigpolicy_error_message (err), objects[i].message, "%s: %s",
                            objects[i].members, sigpolicy_error_message (err));
          cr_expect (!identity.reference && !identity.configured && !identity.prefix);
        }
      sp_identity_clear (&identity);
    }
}

static const struct
{
  const char *prefix;
  bool valid;
} prefixes[] = {
  { "localhost", true },
  { "example.com", true },
  { "example.com:80", true },
  { "EXAMPLE.com", true },
  { "EXAMPLE", true },
  { "shortname", true },
  { "ns/shortname", true },
  { "NS/short", true },
  { "example.com/ns1/ns2", true },
  { "example.com:80/repo", true },
  { "a-b/c", true },
  { "example.com/a__b", true },
  { "a.b.c/d--e", true },
  { HEX, true },
  { "docker.io", true },
  { "index.docker.io/x", true },

  { "", false },
  { "repo_with_underscores", false },
  { "a_b/c", false },
  { "a-/c", false },
  { "-a", false },
  { "example.com/", false },
  { "example.com/repo/", false },
  { "/x", false },
  { "example.com//x", false },
  { "a.b/c-", false },
  { "example.com/UPPER", false },
  { "example.com/repo:tag", false },
  { "example.com/a@" D, false },
  { "*.example.com", false },
  { "example.com:80:81", false },
  { "example.com:", false },
  { "example.com:/x", false },
  { "[::1]:80", false },
  { "example..com", false },
  { ".example.com", false },
  { "example.com.", false },
  { "example.com/a..b", false },
  { "example.com/a___b", false },
  { "example.com/a.-b", false },
  { "x y", false },
  { "example.com\\n", false },
  { "example.com\\u0000", false },
};

/* Both prefixes follow one rule. */
Test (model_identity, prefixes)
{
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    for (int second = 0; second < 2; second++)
      {
        struct sp_identity identity = { 0 };
        cleanup_error sigpolicy_error *err = NULL;
        cleanup_free char *members
            = sp_asprintf (&err, "\"type\":\"remapIdentity\",\"%s\":\"a\",\"%s\":\"%s\"",
                           second ? "prefix" : "signedPrefix", second ? "signedPrefix" : "prefix",
                           prefixes[i].prefix);
        cr_expect ((parse (members, &identity, &err) == 0) == prefixes[i].valid, "%s", members);
        sp_identity_clear (&identity);
      }
}

/* Rows: the image, or what the policy names; columns: what was signed. */
static const char *const columns[] = {
  "busybox",
  "busybox:1",
  "busybox:2",
  "busybox@" D,
  "busybox@" E,
  "busybox:1@" D,
  "busybox:1@" E,
  "docker.io/library/busybox:1",
  "other:1",
  "BUSYBOX:1",
  "",
};
#define N_COLUMNS (sizeof columns / sizeof *columns)

static const struct
{
  const char *type, *row; /* a row of NULL: the image has no docker name */
  const char *answers;
} tables[] = {
  { "matchExact", NULL, "nnnnnnnnnnn" },
  { "matchExact", "busybox", "nnnnnnnnnnn" },
  { "matchExact", "busybox:1", "nYnnnnnYnnn" },
  { "matchExact", "busybox@" D, "nnnYnnnnnnn" },
  { "matchExact", "busybox:1@" D, "nnnnnYnnnnn" },
  { "exactReference", "busybox:1", "nYnnnnnYnnn" },
  { "exactReference", "busybox@" D, "nnnYnnnnnnn" },
  { "exactReference", "docker.io/library/busybox:1@" D, "nnnnnYnnnnn" },
  { "matchRepoDigestOrExact", NULL, "nnnnnnnnnnn" },
  { "matchRepoDigestOrExact", "busybox", "nnnnnnnnnnn" },
  { "matchRepoDigestOrExact", "busybox:1", "nYnnnnnYnnn" },
  { "matchRepoDigestOrExact", "busybox@" D, "nYYYYYYYnnn" },
  { "matchRepoDigestOrExact", "busybox:1@" D, "nnnnnYnnnnn" },
  { "remapIdentity", NULL, "nnnnnnnnnnn" },
  { "remapIdentity", "busybox", "nnnnnnnnnnn" },
  { "remapIdentity", "busybox:1", "nYnnnnnYnnn" },
  { "remapIdentity", "busybox@" D, "nYYYYYYYnnn" },
  { "remapIdentity", "busybox:1@" D, "nnnnnYnnnnn" },
  { "matchRepository", NULL, "nnnnnnnnnnn" },
  { "matchRepository", "busybox", "YYYYYYYYnnn" },
  { "matchRepository", "busybox:1", "YYYYYYYYnnn" },
  { "matchRepository", "busybox@" D, "YYYYYYYYnnn" },
  { "exactRepository", "busybox", "YYYYYYYYnnn" },
  { "exactRepository", "busybox:1@" D, "YYYYYYYYnnn" },
};

static void
make (const char *type, const char *configured, struct sp_identity *ret)
{
  sigpolicy_error *err = NULL;
  const char *more = strcmp (type, "exactReference") == 0    ? ",\"dockerReference\":\"%s\""
                     : strcmp (type, "exactRepository") == 0 ? ",\"dockerRepository\":\"%s\""
                     : strcmp (type, "remapIdentity") == 0
                         ? ",\"prefix\":\"unlike.any\",\"signedPrefix\":\"else.where\""
                         : "";
  cleanup_buf struct sp_buf members = SP_BUF (4096);
  sp_buf_printf (&members, "\"type\":\"%s\"", type);
  if (strchr (more, '%'))
    sp_buf_printf (&members, ",\"docker%s\":\"%s\"", type + strlen ("exact"), configured);
  else
    sp_buf_str (&members, more);
  cr_assert (parse (members.data, ret, &err) == 0, "%s: %s", members.data,
             sigpolicy_error_text (err));
}

static struct sp_reference *
reference (const char *text)
{
  struct sp_reference *parsed = NULL;
  sigpolicy_error *err = NULL;
  cr_assert (!text || sp_reference_parse (sp_view_str (text), &parsed, &err) == 0, "%s", text);
  return parsed;
}

Test (model_identity, tables)
{
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
    {
      SP_CLEANUP (sp_identity_clear) struct sp_identity identity = { 0 };
      bool exact = strncmp (tables[i].type, "exact", 5) == 0;
      /* What a policy names is compared whatever the image, and without one. */
      cleanup_reference struct sp_reference *image = exact ? NULL : reference (tables[i].row);
      make (tables[i].type, tables[i].row, &identity);
      for (size_t j = 0; j < N_COLUMNS; j++)
        {
          cleanup_free char *expected = NULL;
          sigpolicy_error *err = NULL;
          bool matches = false, wanted = tables[i].answers[j] == 'Y';
          cr_assert (sp_identity_matches (&identity, image, sp_view_str (columns[j]), &matches,
                                          &expected, &err)
                     == 0);
          cr_expect (matches == wanted, "%s of %s, signed as %s", tables[i].type, tables[i].row,
                     columns[j]);
          cr_expect (!expected == matches);
        }
    }
}

static const struct
{
  const char *prefix, *signed_prefix, *image;
  const char *remapped; /* NULL: nothing can match */
} remaps[] = {
  { "mirror.com", "vendor.com", "mirror.com/ns/img:t", "vendor.com/ns/img:t" },
  { "mirror.com", "vendor.com", "mirror.com:5000/ns/img:t", "mirror.com:5000/ns/img:t" },
  { "mirror.com:5000", "vendor.com", "mirror.com:5000/ns/img:t", "vendor.com/ns/img:t" },
  { "mirror.com/ns", "vendor.com", "mirror.com/ns/img:t", "vendor.com/img:t" },
  { "mirror.com/ns", "vendor.com", "mirror.com/nsx/img:t", "mirror.com/nsx/img:t" },
  { "mirror.com/ns/img", "vendor.com/a/b", "mirror.com/ns/img@" D, "vendor.com/a/b@" D },
  { "mirror.com/ns/img", "vendor.com/a/b", "mirror.com/ns/img:t@" D, "vendor.com/a/b:t@" D },
  { "mirror.com/ns/img", "vendor.com", "mirror.com/ns/img:t", NULL },
  { "mirror.com/ns/img", "vendor.com:5000", "mirror.com/ns/img:t", NULL },
  { "mirror.com/ns", "docker.io/library", "mirror.com/ns/busybox:t",
    "docker.io/library/busybox:t" },
  { "mirror.com/ns", "docker.io", "mirror.com/ns/busybox:t", NULL },
  { "mirror.com/ns", "index.docker.io/library", "mirror.com/ns/busybox:t", NULL },
  { "mirror.com/ns", "library", "mirror.com/ns/busybox:t", NULL },
  { "mirror.com/ns", "shortname", "mirror.com/ns/busybox:t", NULL },
  { "mirror.com/ns", "localhost", "mirror.com/ns/busybox:t", "localhost/busybox:t" },
  { "docker.io/library", "example.com", "busybox:t", "example.com/busybox:t" },
  { "docker.io", "example.com", "busybox:t", "example.com/library/busybox:t" },
  { "docker.io/library/busybox", "example.com/bb", "busybox:t", "example.com/bb:t" },
  { "busybox", "example.com", "busybox:t", "docker.io/library/busybox:t" },
  { "library", "example.com", "busybox:t", "docker.io/library/busybox:t" },
  { "index.docker.io/library", "example.com", "index.docker.io/library/busybox:t",
    "docker.io/library/busybox:t" },
  { "a.b", "x.y", "a.b/a.b/c:t", "x.y/a.b/c:t" },
  { "A.b", "x.y", "a.b/c:t", "a.b/c:t" },
  { "localhost", "x.y", "localhost:5000/c:t", "localhost:5000/c:t" },
  { "a.b/c", HEX, "a.b/c:t", NULL },
  { "a.b/c", "UP", "a.b/c/d:t", NULL },
  { "a.b", "UP:80", "a.b/d:t", "UP:80/d:t" },
};

Test (model_identity, remaps)
{
  for (size_t i = 0; i < sizeof remaps / sizeof *remaps; i++)
    {
      SP_CLEANUP (sp_identity_clear) struct sp_identity identity = { 0 };
      cleanup_reference struct sp_reference *image = reference (remaps[i].image);
      cleanup_free char *members = NULL, *expected = NULL;
      sigpolicy_error *err = NULL;
      bool matches = false;

      members = sp_asprintf (&err,
                             "\"type\":\"remapIdentity\",\"prefix\":\"%s\",\"signedPrefix\":"
                             "\"%s\"",
                             remaps[i].prefix, remaps[i].signed_prefix);
      cr_assert (parse (members, &identity, &err) == 0);
      const char *signed_as = remaps[i].remapped ? remaps[i].remapped : remaps[i].image;
      cr_assert (
          sp_identity_matches (&identity, image, sp_view_str (signed_as), &matches, NULL, &err)
          == 0);
      cr_expect (matches == (remaps[i].remapped != NULL), "%s: %s", members, remaps[i].image);

      /* One byte away. */
      cleanup_free char *forged = sp_strdup (signed_as, &err);
      forged[0] = forged[0] == 'z' ? 'y' : 'z';
      cr_assert (
          sp_identity_matches (&identity, image, sp_view_str (forged), &matches, &expected, &err)
          == 0);
      cr_expect (!matches && expected, "%s: %s", members, forged);
    }
}

/* A name of 255 bytes is one, and 256 are none: nothing matches. */
Test (model_identity, remapped_too_long)
{
  for (size_t beyond = 0; beyond < 2; beyond++)
    {
      SP_CLEANUP (sp_identity_clear) struct sp_identity identity = { 0 };
      cleanup_buf struct sp_buf members = SP_BUF (4096), signed_as = SP_BUF (4096);
      cleanup_reference struct sp_reference *image = reference ("a.b/img:t");
      sigpolicy_error *err = NULL;
      bool matches = beyond;

      sp_buf_str (&signed_as, "c.d/");
      while (signed_as.len < 255 - strlen ("/img") + beyond)
        sp_buf_byte (&signed_as, 'x');
      sp_buf_printf (&members,
                     "\"type\":\"remapIdentity\",\"prefix\":\"a.b\",\"signedPrefix\":\"%s\"",
                     signed_as.data);
      sp_buf_str (&signed_as, "/img:t");
      cr_assert (parse (members.data, &identity, &err) == 0);
      cr_assert (
          sp_identity_matches (&identity, image, sp_buf_view (&signed_as), &matches, NULL, &err)
          == 0);
      cr_expect (matches == !beyond);
    }
}

/* What people are told about an answer of no. */
static const struct
{
  const char *type, *image, *signed_as, *expected;
} sentences[] = {
  { "matchRepoDigestOrExact", "quay.io/ns/app:v1", "quay.io/ns/app:v2",
    "matchRepoDigestOrExact needs \"quay.io/ns/app:v1\"" },
  { "matchRepoDigestOrExact", "quay.io/ns/app:v1", "quay.io/ns/app",
    "signed as \"quay.io/ns/app\", which has neither tag nor digest; matchRepoDigestOrExact needs "
    "\"quay.io/ns/app:v1\"" },
  { "matchRepoDigestOrExact", "quay.io/ns/app@" D, "quay.io/other:v1",
    "matchRepoDigestOrExact needs \"quay.io/ns/app\" with any tag or digest" },
  { "matchRepoDigestOrExact", "quay.io/ns/app:v1", "Invalid/\n",
    "signed as \"Invalid/\\n\", which is no docker reference; matchRepoDigestOrExact needs "
    "\"quay.io/ns/app:v1\"" },
  { "matchRepoDigestOrExact", NULL, "quay.io/ns/app:v1",
    "matchRepoDigestOrExact needs an image with a docker name, and this one has none" },
  { "matchExact", "quay.io/ns/app@" D, "quay.io/ns/app:v1",
    "matchExact needs \"quay.io/ns/app@" D "\"" },
  { "matchExact", "quay.io/ns/app", "quay.io/ns/app:v1",
    "matchExact needs an image name with a tag or digest, and \"quay.io/ns/app\" has none" },
  { "matchRepository", "quay.io/ns/app:v1", "quay.io/other",
    "matchRepository needs \"quay.io/ns/app\" with any tag or none" },
  { "matchRepository", "quay.io/ns/app:v1", "",
    "signed as \"\", which is no docker reference; matchRepository needs \"quay.io/ns/app\" with "
    "any tag or none" },
  { "exactReference", NULL, "busybox:2", "exactReference needs \"docker.io/library/busybox:1\"" },
  { "exactRepository", NULL, "busybox2",
    "exactRepository needs \"docker.io/library/busybox\" with any tag or none" },
  { "remapIdentity", "unlike.any/a:1", "unlike.any/a:1", "remapIdentity needs \"else.where/a:1\"" },
};

Test (model_identity, sentences)
{
  for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
    {
      SP_CLEANUP (sp_identity_clear) struct sp_identity identity = { 0 };
      cleanup_reference struct sp_reference *image = reference (sentences[i].image);
      cleanup_free char *expected = NULL;
      sigpolicy_error *err = NULL;
      bool matches = true;
      make (sentences[i].type, "busybox:1", &identity);
      cr_assert (sp_identity_matches (&identity, image, sp_view_str (sentences[i].signed_as),
                                      &matches, &expected, &err)
                 == 0);
      cr_expect (!matches);
      cr_expect_str_eq (expected, sentences[i].expected, "%s", expected);
    }
}

/* A prefix that leads nowhere, and bytes behind a NUL. */
Test (model_identity, odd_ones)
{
  SP_CLEANUP (sp_identity_clear) struct sp_identity identity = { 0 };
  cleanup_reference struct sp_reference *image = reference ("a.b/c:t");
  cleanup_free char *expected = NULL;
  sigpolicy_error *err = NULL;
  bool matches = true;

  cr_assert (parse ("\"type\":\"remapIdentity\",\"prefix\":\"a.b/c\",\"signedPrefix\":\"x\"",
                    &identity, &err)
             == 0);
  cr_assert (sp_identity_matches (&identity, image, sp_view_str ("x:t"), &matches, &expected, &err)
             == 0);
  cr_expect (!matches);
  cr_expect_str_eq (expected, "remapIdentity makes no valid name of \"a.b/c:t\"");

  sp_identity_clear (&identity);
  cr_assert (parse ("\"type\":\"matchExact\"", &identity, &err) == 0);
  static const struct sp_view behind_nul = SP_VIEW ("a.b/c:t\0x"), whole = SP_VIEW ("a.b/c:t");
  cr_assert (sp_identity_matches (&identity, image, behind_nul, &matches, NULL, &err) == 0);
  cr_expect (!matches);
  cr_assert (sp_identity_matches (&identity, image, whole, &matches, NULL, &err) == 0);
  cr_expect (matches);
  cr_expect_str_eq (sp_identity_type_name (SP_IDENTITY_REMAP), "remapIdentity");
}
