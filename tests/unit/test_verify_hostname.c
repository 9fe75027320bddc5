/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/hostname.h"

#include <criterion/criterion.h>

#define V4 "\x01\x02\x03\x04"
#define V6 "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"

/* dns or ip is what the certificate is for. */
static const struct
{
  const char *dns, *ip;
  size_t ip_length;
  const char *host;
  bool good;
} cases[] = {
  { "host.example.com", NULL, 0, "host.example.com", true },
  { "host.example.com", NULL, 0, "HOST.example.com", true },
  { "HOST.Example.com", NULL, 0, "host.example.com", true },
  { "host.example.com", NULL, 0, "host.example.com.", true },
  { "host.example.com", NULL, 0, "host.example.com..", false },
  { "host.example.com", NULL, 0, "xhost.example.com", false },
  { "host.example.com", NULL, 0, "host.example.co", false },
  { "host.example.com", NULL, 0, "example.com", false },
  { "*.wild.example.com", NULL, 0, "a.wild.example.com", true },
  { "*.wild.example.com", NULL, 0, "a.b.wild.example.com", false },
  { "*.wild.example.com", NULL, 0, "wild.example.com", false },
  { "*.wild.example.com", NULL, 0, ".wild.example.com", false },
  { "*.wild.example.com", NULL, 0, "*.wild.example.com", true },
  { "*.com", NULL, 0, "host.example.com", false },
  { "*.com", NULL, 0, "foo.com", true },
  { "h*.part.example.com", NULL, 0, "h1.part.example.com", false },
  { "h*.part.example.com", NULL, 0, "h*.part.example.com", true },
  { "*.*.multi.example.com", NULL, 0, "x.y.multi.example.com", false },
  { "*.*.multi.example.com", NULL, 0, "*.*.multi.example.com", true },
  { "*", NULL, 0, "anything", false },
  { "*", NULL, 0, "*", true },
  { "dot.example.com.", NULL, 0, "dot.example.com", false },
  { "dot.example.com.", NULL, 0, "dot.example.com.", true },
  { "under_score.example.com", NULL, 0, "under_score.example.com", true },
  { "-dash.example.com", NULL, 0, "-dash.example.com", true },
  { "-dash.example.com", NULL, 0, "-DASH.example.com", true },
  { "a..b", NULL, 0, "a..b", true },
  { "foo bar", NULL, 0, "foo bar", true },
  { "1.2.3.5", NULL, 0, "1.2.3.5", false },
  { "1.2.3.04", NULL, 0, "1.2.3.04", true },
  { "xn--bcher-kva.example", NULL, 0,
    "b\xc3\xbc"
    "cher.example",
    false },
  { "host.example.com", NULL, 0, ".", false },
  { ".", NULL, 0, "..", false },
  { NULL, V4, 4, "1.2.3.4", true },
  { NULL, V4, 4, "[1.2.3.4]", true },
  { NULL, V4, 4, "::ffff:1.2.3.4", true },
  { NULL, V4, 4, "::ffff:102:304", true },
  { NULL, V4, 4, "1.2.3.5", false },
  { NULL, V4, 4, "1.2.3.04", false },
  { NULL, V4, 4, "0x1.2.3.4", false },
  { NULL, V4, 4, "1.2.3", false },
  { NULL, V4, 4, "1.2.3.4%eth0", false },
  { NULL, V6, 16, "2001:db8::1", true },
  { NULL, V6, 16, "2001:0DB8:0:0:0:0:0:1", true },
  { NULL, V6, 16, "[2001:db8::1]", true },
  { NULL, V6, 16, "2001:db8::1%eth0", true },
  { NULL, V6, 16, "2001:db8::1%", false },
  { NULL, V6, 16, "2001:db8::2", false },
  { NULL, V6, 16, "[2001:db8::1", false },
  { NULL, V4, 4, "host.example.com", false },
};

Test (verify_hostname, table)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_name name = { .kind = cases[i].dns ? SP_NAME_DNS : SP_NAME_IP,
                              .value = cases[i].dns ? sp_view_str (cases[i].dns)
                                                    : sp_view_n (cases[i].ip, cases[i].ip_length) };
      const struct sp_certificate certificate
          = { .has_names = true, .names = { .items = &name, .len = 1 } };
      int rc = sp_hostname_check (&certificate, sp_view_str (cases[i].host), &err);
      cr_expect ((rc == 0) == cases[i].good, "%s for %s", cases[i].dns ? cases[i].dns : "address",
                 cases[i].host);
      if (rc < 0)
        cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_SUBJECT_MISMATCH);
    }
}

Test (verify_hostname, texts)
{
  struct sp_name names[] = { { .kind = SP_NAME_DNS, .value = SP_VIEW ("a") },
                             { .kind = SP_NAME_EMAIL, .value = SP_VIEW ("m@x") },
                             { .kind = SP_NAME_DNS, .value = SP_VIEW ("b\0c") },
                             { .kind = SP_NAME_IP, .value = { V4, 4 } },
                             { .kind = SP_NAME_IP, .value = { V6, 16 } } };
  const struct
  {
    struct sp_certificate certificate;
    const char *host, *message;
  } rows[] = {
    { { .has_names = true, .names = { .items = names, .len = 5 } },
      "h",
      "x509: certificate is valid for a, b\\x00c, not h" },
    { { .has_names = true, .names = { .items = names, .len = 5 } },
      "1.1.1.1",
      "x509: certificate is valid for 1.2.3.4, 2001:db8::1, not 1.1.1.1" },
    { { .has_names = true, .names = { .items = names, .len = 3 } },
      "1.2.3.4",
      "x509: cannot validate certificate for 1.2.3.4 because it doesn't contain any IP SANs" },
    { { .has_names = true, .names = { .items = names + 1, .len = 1 } },
      "h",
      "x509: certificate is not valid for any names, but wanted to match h" },
    { { .common_name = SP_VIEW ("h") },
      "h",
      "x509: certificate relies on legacy Common Name field, use SANs instead" },
    { { .common_name = SP_VIEW ("no host") },
      "h",
      "x509: certificate is not valid for any names, but wanted to match h" },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cr_expect (sp_hostname_check (&rows[i].certificate, sp_view_str (rows[i].host), &err) < 0);
      cr_expect (strncmp (sigpolicy_error_message (err), "Unexpected subject hostname: ", 29) == 0);
      cr_expect_str_eq (sigpolicy_error_message (err) + 29, rows[i].message);
    }
}

/* What is behind a NUL counts. */
Test (verify_hostname, nul)
{
  struct sp_name name = { .kind = SP_NAME_DNS, .value = SP_VIEW ("host.example.com\0.evil") };
  const struct sp_certificate certificate
      = { .has_names = true, .names = { .items = &name, .len = 1 } };
  cleanup_error sigpolicy_error *err = NULL;
  static const struct sp_view other = SP_VIEW ("host.example.com\0.other");
  cr_expect (sp_hostname_check (&certificate, sp_view_str ("host.example.com"), &err) < 0);
  sp_error_clear (&err);
  cr_expect (sp_hostname_check (&certificate, other, &err) < 0);
  sp_error_clear (&err);
  cr_expect (sp_hostname_check (&certificate, name.value, &err) == 0);
}
