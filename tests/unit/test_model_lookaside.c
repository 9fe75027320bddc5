/* SPDX-License-Identifier: Apache-2.0 */
#include "model/lookaside.h"
#include "util/buf.h"
#include "util/codec.h"

#include <criterion/criterion.h>

#define DIGEST "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SIGNATURE \
  "@sha256=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/signature-"

/* The place for q.io/ns/app:1 when this location is configured. The name is in quotes, and base64,
 * so a location may hold anything. */
static int
find (struct sp_view location, struct sp_lookaside **ret, struct sp_registries_d_answer *answer,
      sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (65536);
  cleanup_reference struct sp_reference *reference = NULL;
  struct sp_registries_d *configuration = NULL;

  sp_buf_str (&text, "docker:\n  q.io:\n    lookaside: !!binary '");
  sp_base64_encode (location, &text);
  sp_buf_str (&text, "'\n");
  cr_assert (sp_reference_parse (sp_view_str ("q.io/ns/app:1"), &reference, err) == 0);
  cr_assert (sp_registries_d_new ("DIR", &configuration, err) == 0);
  cr_assert (sp_registries_d_parse_file (configuration, sp_buf_view (&text), "DIR/a.yaml", err)
             == 0);
  int rc
      = sp_lookaside_find (configuration, reference, SP_LOOKASIDE_READ, 0, NULL, ret, answer, err);
  sp_registries_d_free (configuration);
  return rc;
}

/* path: what file: reads; NULL where that is the URL's. */
static const struct
{
  const char *location, *base, *scheme, *path;
} places[] = {
  { "https://h/x", "https://h/x/ns/app", "https", "/x/ns/app" },
  { "https://h", "https://h/ns/app", "https", "/ns/app" },
  { "HTTPS://H/X", "https://H/X/ns/app", "https", "/X/ns/app" },
  { "https://h:8/x/", "https://h:8/x//ns/app", "https", "/x//ns/app" },
  { "https://h:/x", "https://h:/x/ns/app", "https", "/x/ns/app" },
  { "https://[::1]:3/x", "https://[::1]:3/x/ns/app", "https", "/x/ns/app" },
  { "https://[fe80::1%25en0]/", "https://[fe80::1%25en0]//ns/app", "https", "//ns/app" },
  { "https://h%c3%a9/", "https://h%C3%A9//ns/app", "https", "//ns/app" },
  { "https://h\xc3\xa9/", "https://h%C3%A9//ns/app", "https", "//ns/app" },
  { "https://h/a b", "https://h/a%20b/ns/app", "https", "/a b/ns/app" },
  { "https://h/%20a", "https://h/%20a/ns/app", "https", "/ a/ns/app" },
  { "https://h/%41%2fb%25", "https://h/A/b%25/ns/app", "https", "/A/b%/ns/app" },
  { "https://h/$&+,:;=@-_.~", "https://h/$&+,:;=@-_.~/ns/app", "https", "/$&+,:;=@-_.~/ns/app" },
  { "https://h/!'()*[]{}|\\^`<>\"",
    "https://h/%21%27%28%29%2A%5B%5D%7B%7D%7C%5C%5E%60%3C%3E%22/ns/app", "https",
    "/!'()*[]{}|\\^`<>\"/ns/app" },
  { "https://h/\xc3\xa9", "https://h/%C3%A9/ns/app", "https", "/\xc3\xa9/ns/app" },
  { "https://h/../x/./y", "https://h/../x/./y/ns/app", "https", "/../x/./y/ns/app" },
  { "https://h/x?q=1&r=%zz b", "https://h/x/ns/app?q=1&r=%zz b", "https", "/x/ns/app" },
  { "https://h/x?", "https://h/x/ns/app?", "https", "/x/ns/app" },
  { "https://h/x??", "https://h/x/ns/app??", "https", "/x/ns/app" },
  { "https://h/x#f", "https://h/x/ns/app#f", "https", "/x/ns/app" },
  { "https://h/x#", "https://h/x/ns/app", "https", "/x/ns/app" },
  { "https://h/x#a b", "https://h/x/ns/app#a%20b", "https", "/x/ns/app" },
  { "https://h/x#a'[%41]", "https://h/x/ns/app#a'[%41]", "https", "/x/ns/app" },
  { "https://h/x#\n", "https://h/x/ns/app#%0A", "https", "/x/ns/app" },
  { "https://h/x?q#f", "https://h/x/ns/app?q#f", "https", "/x/ns/app" },
  { "https://u@h/x", "https://u@h/x/ns/app", "https", "/x/ns/app" },
  { "https://u:@h/x", "https://u:xxxxx@h/x/ns/app", "https", "/x/ns/app" },
  { "https://u:pw@h/x", "https://u:xxxxx@h/x/ns/app", "https", "/x/ns/app" },
  { "http:x", "http:x", "http", "/ns/app" },
  { "http:x?q", "http:x?q", "http", "/ns/app" },
  { "http:", "http:///ns/app", "http", "/ns/app" },
  { "http:///x", "http:///x/ns/app", "http", "/x/ns/app" },
  { "http:/x", "http:/x/ns/app", "http", "/x/ns/app" },
  { "file:///dir", "file:///dir/ns/app", "file", "/dir/ns/app" },
  { "file:/dir", "file:/dir/ns/app", "file", "/dir/ns/app" },
  { "FILE:///dir", "file:///dir/ns/app", "file", "/dir/ns/app" },
  { "file://host/dir", "file://host/dir/ns/app", "file", "/dir/ns/app" },
  { "file:dir", "file:dir", "file", "/ns/app" },
  { "file:", "file:///ns/app", "file", "/ns/app" },
  { "file://", "file:///ns/app", "file", "/ns/app" },
  { "file:///a%20b?q#f", "file:///a%20b/ns/app?q#f", "file", "/a b/ns/app" },
  { "/dir", "/dir/ns/app", "", "/dir/ns/app" },
  { "dir", "dir/ns/app", "", "dir/ns/app" },
  { "~/x", "~/x/ns/app", "", "~/x/ns/app" },
  { "//host/p", "//host/p/ns/app", "", "/p/ns/app" },
  { "///x", "///x/ns/app", "", "///x/ns/app" },
  { "a%3Ab/c", "./a:b/c/ns/app", "", "a:b/c/ns/app" },
  { "a/b:c", "a/b:c/ns/app", "", "a/b:c/ns/app" },
  { "*", "%2A/ns/app", "", "*/ns/app" },
  { "?q", "/ns/app?q", "", "/ns/app" },
  { "5", "5/ns/app", "", "5/ns/app" },
  { "ftp://x/y", "ftp://x/y/ns/app", "ftp", "/y/ns/app" },
  { "s3:", "s3:///ns/app", "s3", "/ns/app" },
  { "c:\\x", "c:\\x", "c", "/ns/app" },
  { "a+b-c.d:/x", "a+b-c.d:/x/ns/app", "a+b-c.d", "/x/ns/app" },
};

Test (model_lookaside, places)
{
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    {
      cleanup_lookaside struct sp_lookaside *lookaside = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf path = SP_BUF (65536);
      struct sp_registries_d_answer answer;
      int rc = find (sp_view_str (places[i].location), &lookaside, &answer, &err);
      cr_assert (rc == 0, "%s: %s", places[i].location, sigpolicy_error_text (err));
      cr_expect_str_eq (lookaside->base, places[i].base, "%s: %s", places[i].location,
                        lookaside->base);
      cr_expect_str_eq (lookaside->scheme, places[i].scheme, "%s", places[i].location);
      cr_expect_str_eq (lookaside->path, places[i].path, "%s", places[i].location);
      sp_buf_printf (&path, "%s" SIGNATURE "1", places[i].path);
      cleanup_free char *file = sp_lookaside_path (lookaside, DIGEST, 1, &err);
      cr_expect_str_eq (file, path.data, "%s", places[i].location);
    }
}

static const struct
{
  const char *location, *reason;
} faults[] = {
  { ":bad", "parse \":bad\": missing protocol scheme" },
  { "file:///a\n", "parse \"file:///a\\n\": net/url: invalid control character in URL" },
  { "file:///a\tb", "parse \"file:///a\\tb\": net/url: invalid control character in URL" },
  { "file:///\x7f", "parse \"file:///\\x7f\": net/url: invalid control character in URL" },
  { " x:y", "parse \" x:y\": first path segment in URL cannot contain colon" },
  { "1http://x", "parse \"1http://x\": first path segment in URL cannot contain colon" },
  { "ht tp://x", "parse \"ht tp://x\": first path segment in URL cannot contain colon" },
  { "a_b:c", "parse \"a_b:c\": first path segment in URL cannot contain colon" },
  { "%zz", "parse \"%zz\": invalid URL escape \"%zz\"" },
  { "/a%4", "parse \"/a%4\": invalid URL escape \"%4\"" },
  { "/a%", "parse \"/a%\": invalid URL escape \"%\"" },
  { "/a#%zz", "parse \"/a#%zz\": invalid URL escape \"%zz\"" },
  { "https://h:x/", "parse \"https://h:x/\": invalid port \":x\" after host" },
  { "https://h:8x/", "parse \"https://h:8x/\": invalid port \":8x\" after host" },
  { "https://[::1]x/", "parse \"https://[::1]x/\": invalid port \"x\" after host" },
  { "https://[::1", "parse \"https://[::1\": missing ']' in host" },
  { "https://x[::1]/", "parse \"https://x[::1]/\": invalid IP-literal" },
  { "https://[x]/", "parse \"https://[x]/\": invalid host: \"x\" is no IPv6 address" },
  { "https://[1.2.3.4]/",
    "parse \"https://[1.2.3.4]/\": invalid host: \"1.2.3.4\" is no IPv6 address" },
  { "https://[::1%25]/",
    "parse \"https://[::1%25]/\": invalid host: \"::1%25\" is no IPv6 address" },
  { "https://h x/", "parse \"https://h x/\": invalid character \" \" in host name" },
  { "https://h%41/", "parse \"https://h%41/\": invalid URL escape \"%41\"" },
  { "https://h%00/", "parse \"https://h%00/\": invalid URL escape \"%00\"" },
  { "https://u{@h/", "parse \"https://u{@h/\": net/url: invalid userinfo" },
  { "https://u%zz@h/", "parse \"https://u%zz@h/\": invalid URL escape \"%zz\"" },
};

Test (model_lookaside, faults)
{
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
    {
      cleanup_lookaside struct sp_lookaside *lookaside = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf message = SP_BUF (65536);
      struct sp_registries_d_answer answer;
      sp_buf_str (&message, "Invalid signature storage URL ");
      sp_escape (sp_view_str (faults[i].location), &message);
      sp_buf_printf (&message, ": %s", faults[i].reason);
      int rc = find (sp_view_str (faults[i].location), &lookaside, &answer, &err);
      cr_assert (rc == SIGPOLICY_E_CONFIG && !lookaside, "%s is accepted", faults[i].location);
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_CONFIG_ERROR);
      cr_expect_str_eq (sigpolicy_error_message (err), message.data, "%s",
                        sigpolicy_error_message (err));
      cr_expect_str_eq (sigpolicy_error_file (err), "DIR/a.yaml");
      cr_expect (sigpolicy_error_line (err) == 3);
    }
}

/* In a request there is a password; nowhere else, not even where the URL is none. */
Test (model_lookaside, passwords)
{
  cleanup_lookaside struct sp_lookaside *lookaside = NULL, *none = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_registries_d_answer answer;

  cr_assert (find (sp_view_str ("https://u:p%77%40@h/x"), &lookaside, &answer, &err) == 0);
  cr_expect_str_eq (lookaside->userinfo, "u:pw%40");
  cr_expect_str_eq (lookaside->url, "https://u:pw%40@h/x/ns/app");
  cr_expect_str_eq (lookaside->base, "https://u:xxxxx@h/x/ns/app");
  cleanup_free char *url = sp_lookaside_url (lookaside, DIGEST, 12, &err);
  cr_expect_str_eq (url, "https://u:pw%40@h/x/ns/app" SIGNATURE "12");
  cleanup_free char *shown = sp_lookaside_show (lookaside, DIGEST, 12, &err);
  cr_expect_str_eq (shown, "https://u:xxxxx@h/x/ns/app" SIGNATURE "12");

  cr_assert (find (sp_view_str ("https://u:geheim%@h/x"), &none, &answer, &err) < 0);
  cr_expect (!strstr (sigpolicy_error_text (err), "geheim"), "%s", sigpolicy_error_text (err));
  cr_expect (strstr (sigpolicy_error_text (err), "https://u:xxxxx@h/x"));
}

Test (model_lookaside, signatures)
{
  cleanup_lookaside struct sp_lookaside *lookaside = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_registries_d_answer answer;
  static const char *const bad[]
      = { "",
          "sha256:../x",
          "sha256:",
          "../x",
          "md5:d41d8cd98f00b204e9800998ecf8427e",
          "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };

  cr_assert (find (sp_view_str ("https://h/a b?q#f"), &lookaside, &answer, &err) == 0);
  cleanup_free char *url = sp_lookaside_url (lookaside, DIGEST, 1, &err);
  cr_expect_str_eq (url, "https://h/a%20b/ns/app" SIGNATURE "1?q#f");
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    {
      cr_expect (!sp_lookaside_url (lookaside, bad[i], 1, &err), "%s", bad[i]);
      cr_expect (sigpolicy_error_code (err) == SIGPOLICY_E_REJECTED, "%s", bad[i]);
      sp_error_clear (&err);
      cr_expect (!sp_lookaside_path (lookaside, bad[i], 1, &err), "%s", bad[i]);
      sp_error_clear (&err);
    }
}

/* A NUL, written so or escaped, shortens no path. */
Test (model_lookaside, nul)
{
  cleanup_lookaside struct sp_lookaside *lookaside = NULL, *none = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_registries_d_answer answer;

  cr_assert (find (sp_view_str ("file:///a%00b"), &lookaside, &answer, &err) == 0);
  cr_expect_str_eq (lookaside->base, "file:///a%00b/ns/app");
  cr_expect (!sp_lookaside_path (lookaside, DIGEST, 1, &err));
  cr_expect (sigpolicy_error_code (err) == SIGPOLICY_E_UNAVAILABLE);
  cr_expect_str_eq (sigpolicy_error_message (err), "open file:///a%00b/ns/app: invalid argument");
  sp_error_clear (&err);
  cr_assert (find ((struct sp_view)SP_VIEW ("file:///a\0b"), &none, &answer, &err)
             == SIGPOLICY_E_CONFIG);
}

/* Where nothing is configured. */
Test (model_lookaside, defaults)
{
  static const struct
  {
    unsigned euid;
    const char *home, *base;
  } cases[] = {
    { 0, "/root", "file:///var/lib/containers/sigstore/ns/app" },
    { 0, NULL, "file:///var/lib/containers/sigstore/ns/app" },
    { 1000, "/home/u", "file:///home/u/.local/share/containers/sigstore/ns/app" },
    { 1000, "/home/u//", "file:///home/u/.local/share/containers/sigstore/ns/app" },
    { 1000, "/home/a b", "file:///home/a%20b/.local/share/containers/sigstore/ns/app" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_registries_d struct sp_registries_d *configuration = NULL;
      cleanup_lookaside struct sp_lookaside *lookaside = NULL;
      cleanup_reference struct sp_reference *reference = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_registries_d_answer answer;
      cr_assert (sp_registries_d_new ("DIR", &configuration, &err) == 0);
      cr_assert (sp_reference_parse (sp_view_str ("q.io/ns/app:1"), &reference, &err) == 0);
      cr_assert (sp_lookaside_find (configuration, reference, SP_LOOKASIDE_WRITE, cases[i].euid,
                                    cases[i].home, &lookaside, &answer, &err)
                 == 0);
      cr_expect_str_eq (lookaside->base, cases[i].base);
      cr_expect (!answer.value && !answer.file && !answer.scope);
    }
}

Test (model_lookaside, euid)
{
  static const struct
  {
    const char *value;
    unsigned euid;
  } cases[] = {
    { "0", 0 },   { "1000", 1000 },
    { "+7", 7 },  { "x", 0 },
    { "12x", 0 }, { " 12", 0 },
    { "-0", 0 },  { "-1", 1 },
    { "-", 0 },   { "99999999999999999999", 4294967295U },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cr_assert (setenv ("_CONTAINERS_ROOTLESS_UID", cases[i].value, 1) == 0);
      cr_expect (sp_lookaside_euid () == cases[i].euid, "'%s'", cases[i].value);
    }
  cr_assert (setenv ("_CONTAINERS_ROOTLESS_UID", "", 1) == 0);
  cr_expect (sp_lookaside_euid () == (unsigned)geteuid ());
}
