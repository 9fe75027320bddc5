/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/reference.h"
#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define H    "4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a"
#define D    "sha256:" H
#define FMT  "invalid reference format"
#define LOW  "invalid reference format: repository name must be lowercase"
#define LOW2 "repository name must be lowercase"
#define LEN  "repository name must not be more than 255 characters"

/* The full form, or the text of the refusal. */
static const struct
{
  const char *in, *string, *error;
} cases[] = {
  { "busybox", "docker.io/library/busybox", NULL },
  { "library/busybox", "docker.io/library/busybox", NULL },
  { "docker.io/busybox", "docker.io/library/busybox", NULL },
  { "index.docker.io/busybox", "docker.io/library/busybox", NULL },
  { "index.docker.io/ns/img", "docker.io/ns/img", NULL },
  { "ns/a/b", "docker.io/ns/a/b", NULL },
  { "library", "docker.io/library/library", NULL },
  { "localhost", "docker.io/library/localhost", NULL },
  { "localhost/img", "localhost/img", NULL },
  { "localhost:5000/img", "localhost:5000/img", NULL },
  { "localhost:5000", "docker.io/library/localhost:5000", NULL },
  { "localhost_x/y", "docker.io/localhost_x/y", NULL },
  { "Localhost:5000/img", "Localhost:5000/img", NULL },
  { "LOCALHOST/img", NULL, LOW },
  { "HOST/img", NULL, LOW },
  { "HOST:5000/img", "HOST:5000/img", NULL },
  { "DOCKER.IO/busybox", "DOCKER.IO/busybox", NULL },
  { "docker.io:443/busybox", "docker.io:443/busybox", NULL },
  { "docker.io", "docker.io/library/docker.io", NULL },
  { "docker.io/", NULL, FMT },
  { "index.docker.io", "docker.io/library/index.docker.io", NULL },
  { "a.b", "docker.io/library/a.b", NULL },
  { "a.b:5000", "docker.io/library/a.b:5000", NULL },
  { "a.b:5000:tag", NULL, FMT },
  { "a.b:5000/c:tag", "a.b:5000/c:tag", NULL },
  { "a.b/c:5000", "a.b/c:5000", NULL },
  { "1.2.3.4:80/x", "1.2.3.4:80/x", NULL },
  { "1:2/x", "1:2/x", NULL },
  { "a:b/x", NULL, FMT },
  { "a:/x", NULL, FMT },
  { ":/x", NULL, FMT },
  { "a./c", NULL, FMT },
  { "a..b/c", NULL, FMT },
  { "-a.b/c", NULL, FMT },
  { "a.b--c/d", "a.b--c/d", NULL },
  { "a_b.c/d", "a_b.c/d", NULL },
  { "A_b.c/d", NULL, LOW2 },
  { "a_b.c:5000/d", NULL, FMT },
  { "[::1]:5000/x", NULL, FMT },
  { "/x", NULL, FMT },
  { "x/", NULL, FMT },
  { "x//y", NULL, FMT },
  { "a___b", NULL, FMT },
  { "a__b", "docker.io/library/a__b", NULL },
  { "a-----b", "docker.io/library/a-----b", NULL },
  { "a.-b", NULL, FMT },
  { "a+b", NULL, FMT },
  { "aA", NULL, LOW },
  { "a.b/C", NULL, LOW },
  { "a:", NULL, FMT },
  { "a:T", "docker.io/library/a:T", NULL },
  { "a:__x", "docker.io/library/a:__x", NULL },
  { "a:.x", NULL, FMT },
  { "a:x.", "docker.io/library/a:x.", NULL },
  { "a:x:y", NULL, FMT },
  { "a:x/y", NULL, FMT },
  { "A:t", NULL, LOW },
  { "a@" D, "docker.io/library/a@" D, NULL },
  { "a:t@" D, "docker.io/library/a:t@" D, NULL },
  { "a@" D ":t", NULL, FMT },
  { "a@" D "0", NULL, "invalid checksum digest length" },
  { "a@SHA256:" H, NULL, LOW },
  { "a@foo:" H, NULL, "unsupported digest algorithm" },
  { "a@1foo:" H, NULL, FMT },
  { "a@", NULL, FMT },
  { "@" D, NULL, FMT },
  { D, "docker.io/library/sha256:" H, NULL },
  { "sha256", "docker.io/library/sha256", NULL },
  { "a@" H, NULL, FMT },
  { "a@" D "@" D, NULL, FMT },
  { H, NULL, "invalid repository name (" H "), cannot specify 64-byte hexadecimal strings" },
  { H "0", "docker.io/library/" H "0", NULL },
  { H ":tag", "docker.io/library/" H ":tag", NULL },
  { "docker://busybox", NULL, FMT },
  { "user@host/x", NULL, FMT },
  { "", NULL, FMT },
  { " a", NULL, FMT },
  { "a\n", NULL, FMT },
  { "a\xff", NULL, LOW },
  { "a\xe2\x84\xaa", NULL, LOW },
  { "ab\xc3\xa9", NULL, FMT },
};

Test (reference_reference, table)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_reference struct sp_reference *reference = NULL, *again = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      int rc = sp_reference_parse (sp_view_str (cases[i].in), &reference, &err);
      if (cases[i].error)
        {
          cr_expect (rc < 0 && !reference, "'%s' is accepted", cases[i].in);
          cr_expect_str_eq (sigpolicy_error_message (err), cases[i].error, "'%s': '%s'",
                            cases[i].in, sigpolicy_error_message (err));
          continue;
        }
      cr_assert (rc == 0, "'%s': %s", cases[i].in, sigpolicy_error_text (err));
      cr_expect_str_eq (reference->string, cases[i].string, "'%s' gives '%s'", cases[i].in,
                        reference->string);
      cr_expect (sp_reference_parse_canonical (sp_view_str (reference->string), &again, &err) == 0,
                 "'%s' does not parse to itself", reference->string);
    }
}

Test (reference_reference, a_nul_is_no_end)
{
  cleanup_reference struct sp_reference *reference = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cr_expect (sp_reference_parse (sp_view_n ("busybox\0x", 9), &reference, &err) < 0);
}

/* 255 bytes of name with its domain; tag and digest do not count. */
Test (reference_reference, length)
{
  static const struct
  {
    const char *prefix, *suffix;
    int count;
    bool fits;
  } rows[] = {
    { "", "", 237, true },      { "", "", 238, false },        { "a.b/", "", 251, true },
    { "a.b/", "", 252, false }, { "a.b/", ":tag", 251, true }, { "ns/", "", 242, true },
    { "ns/", "", 243, false },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_reference struct sp_reference *reference = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (1000);
      sp_buf_str (&text, rows[i].prefix);
      for (int n = 0; n < rows[i].count; n++)
        sp_buf_byte (&text, 'a');
      sp_buf_str (&text, rows[i].suffix);
      int rc = sp_reference_parse (sp_buf_view (&text), &reference, &err);
      cr_expect ((rc == 0) == rows[i].fits, "row %zu", i);
      if (!rows[i].fits)
        cr_expect_str_eq (sigpolicy_error_message (err), LEN);
    }
}

Test (reference_reference, familiar)
{
  static const struct
  {
    const char *in, *out;
  } rows[] = {
    { "busybox:1", "busybox:1" },     { "ns/img", "ns/img" },
    { "quay.io/a/b", "quay.io/a/b" }, { "docker.io/library/a/b", "library/a/b" },
    { "a_b.c/d:t", "a_b.c/d:t" },     { "DOCKER.IO/x", "DOCKER.IO/x" },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_reference struct sp_reference *reference = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cr_assert (sp_reference_parse (sp_view_str (rows[i].in), &reference, &err) == 0);
      cleanup_free char *familiar = sp_reference_familiar (reference, &err);
      cr_expect_str_eq (familiar, rows[i].out);
    }
}

Test (reference_reference, prefixes_of_remap_identity)
{
  static const char *const valid[]
      = { "localhost", "example.com:80",      "EXAMPLE",    "shortname",
          "NS/short",  "example.com/ns1/ns2", "a.b.c/d--e", "index.docker.io/x" };
  static const char *const invalid[] = { "",
                                         "repo_with_underscores",
                                         "a_b/c",
                                         "-a",
                                         "example.com/",
                                         "/x",
                                         "example.com//x",
                                         "example.com/UPPER",
                                         "example.com/repo:tag",
                                         "*.example.com",
                                         "example.com:",
                                         "[::1]:80",
                                         "example..com",
                                         "a.b/c-",
                                         "x y",
                                         "example.com\n" };
  for (size_t i = 0; i < sizeof valid / sizeof *valid; i++)
    cr_expect (sp_reference_is_prefix (sp_view_str (valid[i])), "'%s'", valid[i]);
  for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
    cr_expect (!sp_reference_is_prefix (sp_view_str (invalid[i])), "'%s'", invalid[i]);
}

/* The parts of a name as it stands, which is what aliases are read with. */
Test (reference_reference, split)
{
#define A50  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A255 A50 A50 A50 A50 A50 "aaaaa"
  static const struct
  {
    const char *in, *name, *error; /* one of the latter */
  } rows[] = {
    { "busybox", "busybox", NULL },
    { "a.b/c:t@" D, "a.b/c", NULL },
    { A255, A255, NULL },
    { A255 "a", NULL, LEN },
    { "", NULL, "repository name must have at least one component" },
    { "aA", NULL, LOW2 },
    { "\xe2\x84\xaa"
      "ey",
      NULL, LOW2 }, /* the Kelvin sign becomes a k */
    { "\xe2\x84\xaa"
      "ey\xc3\xa9",
      NULL, FMT },
    { "a@" D "0", NULL, "invalid checksum digest length" },
    { "a@foo:" H, NULL, "unsupported digest algorithm" },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_grammar_parts parts = { 0 };
      int rc = sp_reference_split (sp_view_str (rows[i].in), &parts, &err);
      cr_expect (rc == (rows[i].error ? SIGPOLICY_E_USAGE : 0), "'%s': %d", rows[i].in, rc);
      if (rc == 0 && rows[i].name)
        cr_expect (sp_view_is (parts.name, rows[i].name), "'%s'", rows[i].in);
      if (rc < 0 && rows[i].error)
        cr_expect_str_eq (sigpolicy_error_message (err), rows[i].error, "'%s': '%s'", rows[i].in,
                          sigpolicy_error_message (err));
    }
  char text[SP_REFERENCE_BYTES_MAX + 1];
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_grammar_parts parts;
  memset (text, 'a', sizeof text);
  cr_expect (sp_reference_split (sp_view_n (text, sizeof text), &parts, &err) < 0);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT, "%s",
             sigpolicy_error_message (err));
}
