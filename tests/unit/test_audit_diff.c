/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/diff.h"
#include "audit/example.h"
#include "support/remove_tree.h"
#include "util/alloc.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define ACCEPT          "{\"type\":\"insecureAcceptAnything\"}"
#define REJECT          "{\"type\":\"reject\"}"
#define GPG(key, id)    "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\"," key id "}"
#define PATH(path)      "\"keyPath\":\"" path "\""
#define PATHS(one, two) "\"keyPaths\":[\"" one "\",\"" two "\"]"
#define COSIGN(key, id) "{\"type\":\"sigstoreSigned\"," key id "}"
#define REKOR(path)     ",\"rekorPublicKeyPath\":\"" path "\""
#define ID(type)        ",\"signedIdentity\":{\"type\":\"" type "\"}"
#define REPOSITORY(name) \
  ",\"signedIdentity\":{\"type\":\"exactRepository\",\"dockerRepository\":\"" name "\"}"
#define REFERENCE(name) \
  ",\"signedIdentity\":{\"type\":\"exactReference\",\"dockerReference\":\"" name "\"}"
#define REMAP(from, to)                                                                            \
  ",\"signedIdentity\":{\"type\":\"remapIdentity\",\"prefix\":\"" from "\",\"signedPrefix\":\"" to \
  "\"}"
#define FULCIO(issuer, email)                                                                      \
  COSIGN ("\"fulcio\":{\"caPath\":\"/ca\",\"oidcIssuer\":\"" issuer "\",\"subjectEmail\":\"" email \
          "\"}",                                                                                   \
          REKOR ("/r"))
#define PKI(subject) COSIGN ("\"pki\":{\"caRootsPath\":\"/ca\"," subject "}", "")
#define EMAIL        "\"subjectEmail\":\"a@b\""
#define HOST         "\"subjectHostname\":\"h\""

#define ONE GPG (PATH ("/1"), "")
#define TWO GPG (PATH ("/2"), "")

static struct sp_policy *
policy_of (const char *requirements)
{
  cleanup_error sigpolicy_error *error = NULL;
  struct sp_policy *policy = NULL;
  cleanup_free char *text = sp_asprintf (&error, "{\"default\":[%s]}", requirements);
  int rc = sp_policy_parse (sp_view_str (text), NULL, &policy, &error);
  cr_assert (rc == 0, "%s: %s", text, rc < 0 ? sigpolicy_error_message (error) : "");
  return policy;
}

static const struct
{
  const char *before, *after;
  sigpolicy_change change;
} cases[] = {
  { ACCEPT, ACCEPT, SIGPOLICY_CHANGE_NONE },
  { ACCEPT, REJECT, SIGPOLICY_CHANGE_STRICTER },
  { ACCEPT, ONE, SIGPOLICY_CHANGE_STRICTER },
  { ONE, REJECT, SIGPOLICY_CHANGE_STRICTER },
  { ONE, ONE, SIGPOLICY_CHANGE_NONE },
  { ONE, TWO, SIGPOLICY_CHANGE_DIFFERENT },
  { ONE, ONE "," TWO, SIGPOLICY_CHANGE_STRICTER },
  { ONE "," TWO, TWO "," ONE "," ONE, SIGPOLICY_CHANGE_NONE },
  { ONE, ONE "," ACCEPT, SIGPOLICY_CHANGE_NONE },
  { ONE, ONE "," REJECT, SIGPOLICY_CHANGE_STRICTER },
  { REJECT, ONE "," REJECT, SIGPOLICY_CHANGE_NONE },
  { REJECT, "{\"type\":\"signedBaseLayer\",\"baseLayerIdentity\":{\"type\":\"matchExact\"}}",
    SIGPOLICY_CHANGE_NONE },
  { REJECT, "{\"type\":\"signedBy\",\"keyType\":\"X509Certificates\",\"keyPath\":\"/1\"}",
    SIGPOLICY_CHANGE_NONE },
  { ONE, GPG (PATHS ("/1", "/2"), ""), SIGPOLICY_CHANGE_LOOSER },
  { ONE, GPG (PATHS ("/1", "/1"), ""), SIGPOLICY_CHANGE_NONE },
  { ONE "," TWO, GPG (PATHS ("/1", "/2"), ""), SIGPOLICY_CHANGE_LOOSER },
  { ONE, COSIGN (PATH ("/1"), ""), SIGPOLICY_CHANGE_DIFFERENT },
  { ONE, GPG (PATH ("/1"), ID ("matchRepoDigestOrExact")), SIGPOLICY_CHANGE_NONE },
  { ONE, GPG (PATH ("/1"), ID ("matchExact")), SIGPOLICY_CHANGE_STRICTER },
  { ONE, GPG (PATH ("/1"), ID ("matchRepository")), SIGPOLICY_CHANGE_LOOSER },
  { ONE, GPG (PATH ("/2"), ID ("matchRepository")), SIGPOLICY_CHANGE_DIFFERENT },
  { ONE, GPG (PATH ("/1"), REPOSITORY ("a.b/c")), SIGPOLICY_CHANGE_DIFFERENT },
  { GPG (PATH ("/1"), REPOSITORY ("a.b/c")), GPG (PATH ("/1"), REFERENCE ("a.b/c:t")),
    SIGPOLICY_CHANGE_STRICTER },
  { GPG (PATH ("/1"), REPOSITORY ("a.b/c")), GPG (PATH ("/1"), REFERENCE ("a.b/d:t")),
    SIGPOLICY_CHANGE_DIFFERENT },
  { GPG (PATH ("/1"), REPOSITORY ("a.b/c")), GPG (PATH ("/1"), REPOSITORY ("a.b/c")),
    SIGPOLICY_CHANGE_NONE },
  { GPG (PATH ("/1"), REMAP ("a.b", "c.d")), GPG (PATH ("/1"), REMAP ("a.b", "c.d")),
    SIGPOLICY_CHANGE_NONE },
  { GPG (PATH ("/1"), REMAP ("a.b", "c.d")), GPG (PATH ("/1"), REMAP ("a.b", "c.e")),
    SIGPOLICY_CHANGE_DIFFERENT },
  { COSIGN (PATH ("/1"), ""), COSIGN (PATH ("/1"), REKOR ("/r")), SIGPOLICY_CHANGE_STRICTER },
  { COSIGN (PATH ("/1"), REKOR ("/r")), COSIGN (PATH ("/1"), REKOR ("/s")),
    SIGPOLICY_CHANGE_DIFFERENT },
  { COSIGN (PATH ("/1"), REKOR ("/r")),
    COSIGN (PATH ("/1"), ",\"rekorPublicKeyPaths\":[\"/r\",\"/s\"]"), SIGPOLICY_CHANGE_LOOSER },
  { COSIGN (PATH ("/1"), ""), COSIGN ("\"keyData\":\"MQ==\"", ""), SIGPOLICY_CHANGE_DIFFERENT },
  { FULCIO ("https://i", "a@b"), FULCIO ("https://i", "a@b"), SIGPOLICY_CHANGE_NONE },
  { FULCIO ("https://i", "a@b"), FULCIO ("https://i", "c@b"), SIGPOLICY_CHANGE_DIFFERENT },
  { FULCIO ("https://i", "a@b"), FULCIO ("https://j", "a@b"), SIGPOLICY_CHANGE_DIFFERENT },
  { FULCIO ("https://i", "a@b"), COSIGN (PATH ("/ca"), REKOR ("/r")), SIGPOLICY_CHANGE_DIFFERENT },
  { PKI (EMAIL), PKI (EMAIL "," HOST), SIGPOLICY_CHANGE_STRICTER },
  { PKI (EMAIL), PKI (HOST), SIGPOLICY_CHANGE_DIFFERENT },
  { PKI (EMAIL), PKI (EMAIL ",\"caIntermediatesPath\":\"/i\""), SIGPOLICY_CHANGE_LOOSER },
};

/* Read backwards, stricter is looser and everything else stays. */
Test (audit_diff, requirements)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *error = NULL;
      cleanup_key_contents struct sp_key_contents *contents = NULL;
      cleanup_policy struct sp_policy *before = policy_of (cases[i].before);
      cleanup_policy struct sp_policy *after = policy_of (cases[i].after);
      sigpolicy_change forth, back;
      cr_assert (sp_key_contents_new (&contents, &error) == 0);
      cr_assert (sp_requirements_compare (&sp_policy_default (before)->requirements,
                                          &sp_policy_default (after)->requirements, contents,
                                          &forth, &error)
                 == 0);
      cr_assert (sp_requirements_compare (&sp_policy_default (after)->requirements,
                                          &sp_policy_default (before)->requirements, contents,
                                          &back, &error)
                 == 0);
      sigpolicy_change reverse
          = cases[i].change == SIGPOLICY_CHANGE_STRICTER ? SIGPOLICY_CHANGE_LOOSER
            : cases[i].change == SIGPOLICY_CHANGE_LOOSER ? SIGPOLICY_CHANGE_STRICTER
                                                         : cases[i].change;
      cr_expect_eq (forth, cases[i].change, "%s -> %s: %d", cases[i].before, cases[i].after,
                    (int)forth);
      cr_expect_eq (back, reverse, "%s <- %s: %d", cases[i].before, cases[i].after, (int)back);
    }
}

/* A key is its bytes, wherever they stand. */
Test (audit_diff, key_files)
{
  char directory[] = "/tmp/sigpolicy-unit.XXXXXX";
  cleanup_error sigpolicy_error *error = NULL;
  cleanup_key_contents struct sp_key_contents *contents = NULL;
  static const char *const keys[] = { "k", "k", "l" };

  cr_assert (mkdtemp (directory));
  int fd = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (size_t i = 0; i < 3; i++)
    {
      char name[2] = { (char)('1' + i), '\0' };
      int file = openat (fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
      cr_assert (file >= 0 && write (file, keys[i], 1) == 1);
      (void)close (file);
    }
  cr_assert (sp_key_contents_new (&contents, &error) == 0);
  struct sp_policy *policies[4] = { 0 };
  for (size_t i = 0; i < 4; i++)
    {
      cleanup_free char *text
          = i < 3 ? sp_asprintf (&error, "{\"type\":\"sigstoreSigned\",\"keyPath\":\"%s/%zu\"}",
                                 directory, i + 1)
                  : sp_strdup ("{\"type\":\"sigstoreSigned\",\"keyData\":\"aw==\"}", &error);
      policies[i] = policy_of (text);
    }
  static const sigpolicy_change expected[4] = { SIGPOLICY_CHANGE_NONE, SIGPOLICY_CHANGE_NONE,
                                                SIGPOLICY_CHANGE_DIFFERENT, SIGPOLICY_CHANGE_NONE };
  for (size_t i = 0; i < 4; i++)
    {
      sigpolicy_change change;
      cr_assert (sp_requirements_compare (&sp_policy_default (policies[0])->requirements,
                                          &sp_policy_default (policies[i])->requirements, contents,
                                          &change, &error)
                 == 0);
      cr_expect_eq (change, expected[i], "key %zu: %d", i + 1, (int)change);
    }
  for (size_t i = 0; i < 4; i++)
    sp_policy_free (policies[i]);
  (void)close (fd);
  cr_expect (remove_tree (directory) == 0);
}

/* A key that is missing, or none, rejects whatever else the requirement has: as the keys are. */
Test (audit_diff, keys_as_they_are)
{
#define ALICE ABS_SRCDIR "/tests/fixtures/alice.gpg"
#define BOB   ABS_SRCDIR "/tests/fixtures/bob.gpg"
#define NONE  ABS_SRCDIR "/tests/fixtures/manifest.json"
  static const struct
  {
    const char *before, *after;
    sigpolicy_change change;
  } keys[] = {
    { GPG (PATHS (ALICE, "/none"), ""), GPG (PATH (ALICE), ""), SIGPOLICY_CHANGE_LOOSER },
    { GPG (PATH (ALICE), ""), GPG (PATHS (ALICE, "/none"), ""), SIGPOLICY_CHANGE_STRICTER },
    { GPG (PATHS (ALICE, BOB), ""), GPG (PATH (ALICE), ""), SIGPOLICY_CHANGE_STRICTER },
    { GPG (PATH (NONE), ""), GPG (PATH (ALICE), ""), SIGPOLICY_CHANGE_LOOSER },
    { GPG (PATHS (ALICE, NONE), ""), GPG (PATH (ALICE), ""), SIGPOLICY_CHANGE_STRICTER },
    { COSIGN (PATH (ALICE), ""), GPG (PATH (ALICE), ""), SIGPOLICY_CHANGE_LOOSER },
    { GPG (PATH ("/none"), ""), GPG (PATHS ("/none", "/other"), ""), SIGPOLICY_CHANGE_LOOSER },
    { REJECT, GPG (PATH ("/none"), ""), SIGPOLICY_CHANGE_LOOSER },
  };
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    {
      cleanup_error sigpolicy_error *error = NULL;
      cleanup_key_contents struct sp_key_contents *contents = NULL;
      cleanup_policy struct sp_policy *before = policy_of (keys[i].before);
      cleanup_policy struct sp_policy *after = policy_of (keys[i].after);
      sigpolicy_change change;
      cr_assert (sp_key_contents_new (&contents, &error) == 0);
      cr_assert (sp_requirements_compare (&sp_policy_default (before)->requirements,
                                          &sp_policy_default (after)->requirements, contents,
                                          &change, &error)
                 == 0);
      cr_expect_eq (change, keys[i].change, "%s -> %s: %d", keys[i].before, keys[i].after,
                    (int)change);
    }
}

static uint32_t
next (uint32_t *state)
{
  *state = *state * 1664525U + 1013904223U;
  return *state >> 16;
}

static const char *const scopes[]
    = { "",    "a.b.c",      "a.b.c/ns",      "a.b.c/ns/app",        "a.b.c/ns/app:v1",   "*.b.c",
        "*.c", "a.b.c:5000", "a.b.c:5000/ns", "docker.io/library/x", "docker.io/library", "x" };
static const char *const requirements[] = { ACCEPT, REJECT, ONE, TWO, ONE "," TWO };
static const char *const images[] = { "docker://a.b.c/ns/app:v1",
                                      "docker://a.b.c/ns/app:v2",
                                      "docker://a.b.c/ns/other",
                                      "docker://a.b.c/x",
                                      "docker://a.b.c:5000/ns/y",
                                      "docker://a.b.c:5000/z",
                                      "docker://q.b.c/r",
                                      "docker://q.r.c/s",
                                      "docker://x",
                                      "docker://docker.io/some/y",
                                      "dir:/" };

static struct sp_policy *
generate (uint32_t *state)
{
  cleanup_error sigpolicy_error *error = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (65536);
  struct sp_policy *policy = NULL;
  bool any = false;

  sp_buf_printf (&text, "{\"default\":[%s],\"transports\":{\"docker\":{",
                 requirements[next (state) % 5]);
  for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
    if (next (state) % 3 == 0)
      {
        sp_buf_printf (&text, "%s\"%s\":[%s]", any ? "," : "", scopes[i],
                       requirements[next (state) % 5]);
        any = true;
      }
  sp_buf_str (&text, "}}}");
  cr_assert (sp_policy_parse (sp_buf_view (&text), NULL, &policy, &error) == 0);
  return policy;
}

/* The row that is true of an image: of the first of its scopes that has one. */
static const struct sp_diff_row *
row_of (const struct sp_diff *diff, const struct sp_image_name *name)
{
  const struct sp_diff_row *found = NULL;
  size_t rank = SIZE_MAX;
  for (size_t i = 0; i < diff->n_rows; i++)
    {
      const struct sp_diff_row *row = &diff->rows[i];
      size_t at = row->has_transport ? SIZE_MAX : SIZE_MAX - 1;
      if (row->has_transport && row->transport == name->transport && !row->image)
        {
          if (sp_view_is (row->name, name->identity))
            at = 0;
          for (size_t j = 0; j < name->namespaces.len; j++)
            if (sp_view_is (row->name, name->namespaces.items[j]))
              at = j + 1;
          if (!row->name.len)
            at = SIZE_MAX - 2;
        }
      if (at < rank)
        {
          rank = at;
          found = row;
        }
    }
  return found;
}

/* What is said of scopes is what is true of every image. */
Test (audit_diff, every_image)
{
  uint32_t state = 1;
  size_t changed = 0;

  for (int round = 0; round < 500; round++)
    {
      cleanup_error sigpolicy_error *error = NULL;
      cleanup_policy struct sp_policy *before = generate (&state);
      cleanup_policy struct sp_policy *after = generate (&state);
      cleanup_diff struct sp_diff *diff = NULL;
      cr_assert (sp_diff_new (before, after, &diff, &error) == 0);
      for (size_t i = 0; i < sizeof images / sizeof *images; i++)
        {
          cleanup_image_name struct sp_image_name *name = NULL;
          cr_assert (sp_image_name_parse (sp_view_str (images[i]), &name, &error) == 0);
          const struct sp_diff_row *row = row_of (diff, name);
          cr_expect_eq (row->before.scope, sp_policy_lookup (before, name).scope, "%s", images[i]);
          cr_expect_eq (row->after.scope, sp_policy_lookup (after, name).scope, "%s", images[i]);
          cr_expect (!row->unused, "%s", images[i]);
          changed += row->change != SIGPOLICY_CHANGE_NONE;
        }
    }
  cr_expect_gt (changed, 1000);
}

/* An example is an image that the scope applies to; what has none is never reached. */
Test (audit_diff, examples)
{
  static const struct
  {
    const char *scope, *example;
  } names[] = {
    { "quay.io", "docker://quay.io/image:latest" },
    { "quay.io/ns", "docker://quay.io/ns/image:latest" },
    { "quay.io/ns/app", "docker://quay.io/ns/app:latest" },
    { "quay.io/ns/app:v1", "docker://quay.io/ns/app:v1" },
    { "docker.io/library/busybox", "docker://docker.io/library/busybox:latest" },
    { "*.example.com", "docker://registry.example.com/image:latest" },
    { "localhost:5000", "docker://localhost:5000/image:latest" },
    { "busybox", NULL },
    { "library/busybox", NULL },
    { "index.docker.io/library", NULL },
    { "quay.io/", NULL },
    { "https://quay.io", NULL },
    { "quay.io/*", NULL },
    { "*", NULL },
    { "*.example.com:5000", NULL },
    { "quay.io/NS", NULL },
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    {
      cleanup_error sigpolicy_error *error = NULL;
      cleanup_free char *example = sp_example_image (sp_view_str (names[i].scope), &error);
      cr_expect_null (error);
      cr_expect (example ? names[i].example && strcmp (example, names[i].example) == 0
                         : !names[i].example,
                 "%s: %s", names[i].scope, example ? example : "none");
    }
}
