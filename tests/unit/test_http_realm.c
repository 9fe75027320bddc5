/* SPDX-License-Identifier: Apache-2.0 */
#include "http/realm.h"
#include "util/buf.h"

#include <criterion/criterion.h>

Test (http_realm, split)
{
  static const struct
  {
    const char *text, *scheme, *host;
    unsigned port;
    const char *path, *query; /* NULL: none */
  } cases[] = {
    { "https://auth.docker.io/token", "https", "auth.docker.io", 443, "/token", NULL },
    { "http://localhost:5000", "http", "localhost", 5000, "", NULL },
    { "HTTPS://A.b:1/", "HTTPS", "A.b", 1, "/", NULL },
    { "https://h?a=b", "https", "h", 443, "", "a=b" },
    { "https://h/p?", "https", "h", 443, "/p", "" },
    { "https://h/p?a=b?c=/d", "https", "h", 443, "/p", "a=b?c=/d" },
    { "https://h/a:b@c", "https", "h", 443, "/a:b@c", NULL },
    { "https://h/%41%ff", "https", "h", 443, "/%41%ff", NULL },
    { "https://[::1]:65535/x", "https", "[::1]", 65535, "/x", NULL },
    { "https://[fe80::1.2.3.4]", "https", "[fe80::1.2.3.4]", 443, "", NULL },
    { "h2+a.-://x_y-z.1:080/", "h2+a.-", "x_y-z.1", 80, "/", NULL },
    { "file://h/p", "file", "h", 0, "/p", NULL },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_url url;
      cr_assert (sp_url_split (sp_view_str (cases[i].text), &url, &err) == 0, "%s: %s",
                 cases[i].text, sigpolicy_error_text (err));
      cr_expect (sp_view_is (url.scheme, cases[i].scheme) && sp_view_is (url.host, cases[i].host)
                     && url.port == cases[i].port && sp_view_is (url.path, cases[i].path)
                     && url.has_query == (cases[i].query != NULL)
                     && sp_view_is (url.query, cases[i].query ? cases[i].query : ""),
                 "%s", cases[i].text);
    }
}

Test (http_realm, split_refuses)
{
  static const struct
  {
    const char *text, *words;
  } cases[] = {
    { "", "a scheme" },
    { "auth.docker.io/token", "a scheme" },
    { "//h/p", "a scheme" },
    { "https:/h", "a scheme" },
    { "https:h", "a scheme" },
    { "://h", "a scheme" },
    { "1https://h", "a scheme" },
    { "ht_tps://h", "its scheme" },
    { "https://", "no host" },
    { "https:///p", "no host" },
    { "https://:443/", "no host" },
    { "https://?q", "no host" },
    { "https://[]/", "its host" },
    { "https://[::1/", "its host" },
    { "https://::1]/", "its host" },
    { "https://::1/", "its host" },
    { "https://[::1]x/", "its host" },
    { "https://[fe80::1%25eth0]/", "its host" },
    { "https://a%2eb/", "its host" },
    { "https://a,b/", "its host" },
    { "https://h:/", "its port" },
    { "https://h:0/", "its port" },
    { "https://h:65536/", "its port" },
    { "https://h:0000443/", "its port" },
    { "https://h:+443/", "its port" },
    { "https://h:4 3/", "printable" },
    { "https://u@h/", "user information" },
    { "https://u:p@h/", "user information" },
    { "https://@h/", "user information" },
    { "https://good.example\\@h/", "no URL has" },
    { "https://h/#f", "a fragment" },
    { "https://h/\n", "printable" },
    { " https://h/", "printable" },
    { "https://h/\x7f", "printable" },
    { "https://h/\xc3\xa4", "printable" },
    { "https://h/\"", "no URL has" },
    { "https://h/<x>", "no URL has" },
    { "https://h/%", "no escape" },
    { "https://h/%4", "no escape" },
    { "https://h/%4g", "no escape" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_url url;
      cr_assert (sp_url_split (sp_view_str (cases[i].text), &url, &err) == SIGPOLICY_E_UNAVAILABLE,
                 "%s", cases[i].text);
      cr_expect (strstr (sigpolicy_error_message (err), cases[i].words), "%s: %s", cases[i].text,
                 sigpolicy_error_message (err));
    }
}

Test (http_realm, split_length)
{
  for (size_t over = 0; over < 2; over++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (SP_URL_BYTES_MAX + 1);
      struct sp_url url;
      sp_buf_str (&text, "https://h/");
      while (text.len < SP_URL_BYTES_MAX + over)
        sp_buf_byte (&text, 'x');
      cr_expect (sp_url_split (sp_buf_view (&text), &url, &err)
                 == (over ? SIGPOLICY_E_UNAVAILABLE : 0));
      cr_expect (!over || sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
    }
}

Test (http_realm, check)
{
  static const struct
  {
    const char *scheme, *host_port, *realm;
    bool allowed;
  } cases[] = {
    /* an https registry names any host, by https */
    { "https", "docker.io", "https://auth.docker.io/token", true },
    { "https", "registry.gitlab.com", "https://gitlab.com/jwt/auth", true },
    { "https", "reg.example:5000", "HTTPS://other.example:8443/", true },
    { "https", "reg.example", "http://reg.example/token", false },
    { "https", "reg.example", "file:///etc/passwd", false },
    { "https", "reg.example", "ftp://reg.example/", false },
    { "https", "reg.example", "httpss://reg.example/", false },
    { "https", "reg.example", "https://user@reg.example/", false },
    { "https", "reg.example", "https://user:pw@reg.example/", false },
    { "https", "reg.example", "https://reg.example\\@evil.example/", false },
    { "https", "reg.example", "/token", false },
    { "https", "reg.example", "", false },

    /* one without TLS only itself */
    { "http", "reg.example:5000", "http://reg.example:5000/token", true },
    { "http", "reg.example:5000", "HTTP://REG.example:5000/token?x=y", true },
    { "http", "reg.example", "http://reg.example:80/", true },
    { "http", "reg.example:80", "http://reg.example/", true },
    { "http", "[::1]:5000", "http://[::1]:5000/token", true },
    { "http", "reg.example:5000", "http://reg.example:5001/token", false },
    { "http", "reg.example:5000", "http://reg.example/token", false },
    { "http", "reg.example:5000", "http://reg.example.evil:5000/", false },
    { "http", "reg.example:5000", "http://evil.example:5000/", false },
    { "http", "reg.example:5000", "http://reg.example:5000@evil.example:5000/", false },
    { "http", "reg.example:5000", "https://reg.example:5000/token", false },
    { "http", "reg.example", "https://reg.example:80/", false },
    { "http", "[::1]:5000", "http://[::2]:5000/token", false },

    /* and of another kind none */
    { "ftp", "reg.example", "ftp://reg.example/", false },
    { "", "reg.example", "https://reg.example/", false },
    { "HTTPS", "reg.example", "http://reg.example/", false },
    { "http", "", "http://reg.example/", false },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_url url = { 0 };
      int rc = sp_realm_check (cases[i].scheme, cases[i].host_port, sp_view_str (cases[i].realm),
                               &url, &err);
      cr_expect (rc == (cases[i].allowed ? 0 : SIGPOLICY_E_UNAVAILABLE), "%s %s %s: %d",
                 cases[i].scheme, cases[i].host_port, cases[i].realm, rc);
      if (rc == 0)
        {
          cr_expect (url.host.len > 0 && url.port > 0);
          continue;
        }
      cr_expect (!url.host.len && !url.host.data);
      cr_expect_str_eq (sp_error_stricter_id (err), "S6");
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_COULD_NOT_LOOK);
    }
}

/* What it says names the realm, and escapes it. */
Test (http_realm, refusal)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_url url;

  cr_assert (sp_realm_check ("https", "reg.example", sp_view_str ("http://h/\x1b[2J"), &url, &err)
             < 0);
  cr_expect_str_eq (
      sigpolicy_error_message (err),
      "the registry names the token server 'http://h/\\x1b[2J': not a URL that can be "
      "asked: it has bytes that are no printable ASCII");
  sp_error_clear (&err);
  cr_assert (sp_realm_check ("https", "reg.example", sp_view_str ("http://h/"), &url, &err) < 0);
  cr_expect_str_eq (sigpolicy_error_message (err),
                    "the registry names the token server 'http://h/': credentials for an https "
                    "registry are sent only over https");
  sp_error_clear (&err);
  cr_assert (sp_realm_check ("http", "reg.example", sp_view_str ("http://h/"), &url, &err) < 0);
  cr_expect_str_eq (sigpolicy_error_message (err),
                    "the registry names the token server 'http://h/': credentials for a registry "
                    "without TLS are sent only to its own scheme, host and port");
}
