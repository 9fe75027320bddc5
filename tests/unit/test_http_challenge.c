/* SPDX-License-Identifier: Apache-2.0 */
#include "http/challenge.h"
#include "util/buf.h"

#include <criterion/criterion.h>

/* scheme|key=value|key=value, or "" for no challenge. */
static void
show (const struct sp_challenge *challenge, bool found, struct sp_buf *out)
{
  if (!found)
    return;
  sp_buf_add (out, challenge->scheme);
  for (size_t i = 0; i < challenge->n_params; i++)
    {
      sp_buf_byte (out, '|');
      sp_buf_add (out, challenge->params[i].key);
      sp_buf_byte (out, '=');
      sp_buf_add (out, challenge->params[i].value);
    }
}

Test (http_challenge, lines)
{
  static const struct
  {
    const char *line, *shown;
  } cases[] = {
    { "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\"",
      "bearer|realm=https://auth.docker.io/token|service=registry.docker.io" },
    { "Basic realm=\"Registry Realm\"", "basic|realm=Registry Realm" },
    { "BASIC", "basic" },
    { "basic ", "basic" },
    { "Negotiate YWJj", "negotiate" },
    { "Negotiate YWJj==", "negotiate" },
    { "", "" },
    { " Basic", "" }, /* the header's own spaces are gone before */
    { "\"Basic\"", "" },
    { ",Basic realm=x", "" },
    { "B\xc3\xa4sic realm=x", "b" },

    /* tokens, quotes and escapes */
    { "B REALM=Value", "b|realm=Value" },
    { "B a=\"x\\\"y\"", "b|a=x\"y" },
    { "B a=\"x\\\\y\\z\"", "b|a=x\\yz" },
    { "B a=\"x,b=\\\"2\\\"\",c=3", "b|a=x,b=\"2\"|c=3" },
    { "B a=\"\xff\x01\"", "b|a=\xff\x01" },
    { "B a=it's,b=!#$%&'*+-.^_`|~", "b|a=it's|b=!#$%&'*+-.^_`|~" },

    /* spaces: before a key, round a comma, nowhere else */
    { "B \t a=1 , \r\n b=2", "b|a=1|b=2" },
    { "B a =1", "b" },
    { "B a= 1", "b" },
    { "B,a=1", "b" },
    { "Ba=1", "ba" },
    { "B\ta=1", "b|a=1" },

    /* it ends where something does not fit, and what was there counts */
    { "B a=1,b", "b|a=1" },
    { "B a=1,,b=2", "b|a=1" },
    { "B a=1,", "b|a=1" },
    { "B a=1;b=2", "b|a=1" },
    { "B a=1 b=2", "b|a=1" },
    { "B a=1,b=", "b|a=1" },
    { "B a=1,b=\"\",c=3", "b|a=1" },
    { "B a=1,b=\"x", "b|a=1" },
    { "B a=1,b=\"x\\", "b|a=1" },
    { "B a=1,b=\"x\\\"", "b|a=1" },
    { "B a=\"1\"x,b=2", "b|a=1" },
    { "B a=https://x/y,b=2", "b|a=https" },
    { "B =1", "b" },

    /* a second challenge on the line is not seen: its scheme is no parameter */
    { "Basic realm=\"a\", Bearer realm=\"https://evil.example/\"", "basic|realm=a" },
    { "Basic, Bearer realm=x", "basic" },

    /* the last of a key counts, where the first stood */
    { "B a=1,b=2,A=3", "b|a=3|b=2" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_challenge struct sp_challenge challenge = { .n_params = 0 };
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf out = SP_BUF (4096);
      bool found = false;
      cr_assert (sp_challenge_parse (sp_view_str (cases[i].line), &challenge, &found, &err) == 0,
                 "%s", cases[i].line);
      show (&challenge, found, &out);
      cr_expect (sp_view_is (sp_buf_view (&out), cases[i].shown), "%s: %s", cases[i].line,
                 out.data);
    }
}

/* A NUL is a byte like others that no token has. */
Test (http_challenge, nul)
{
  cleanup_challenge struct sp_challenge challenge = { .n_params = 0 };
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_view value;
  bool found = false;

  cr_assert (sp_challenge_parse (sp_view_n ("B a=\"x\0y\",b\0=1", 15), &challenge, &found, &err)
             == 0);
  cr_assert (found && challenge.n_params == 1);
  cr_expect (sp_challenge_param (&challenge, "a", &value)
             && sp_view_equal (value, sp_view_n ("x\0y", 3)));
}

Test (http_challenge, param)
{
  cleanup_challenge struct sp_challenge challenge = { .n_params = 0 };
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_view value;
  bool found = false;

  cr_assert (sp_challenge_parse (sp_view_str ("Bearer Realm=x"), &challenge, &found, &err) == 0);
  cr_expect (sp_challenge_param (&challenge, "realm", &value) && sp_view_is (value, "x"));
  cr_expect (!sp_challenge_param (&challenge, "Realm", &value));
  cr_expect (!sp_challenge_param (&challenge, "real", &value));
}

static int
parse_params (size_t count, bool same)
{
  cleanup_challenge struct sp_challenge challenge = { .n_params = 0 };
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf line = SP_BUF (SP_CHALLENGE_BYTES_MAX);
  bool found = false;

  sp_buf_str (&line, "B");
  for (size_t i = 0; i < count; i++)
    sp_buf_printf (&line, "%sk%zu=v", i ? "," : " ", same ? 0 : i);
  int rc = sp_challenge_parse (sp_buf_view (&line), &challenge, &found, &err);
  cr_expect (rc < 0 ? !found && sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT
                    : found && challenge.n_params == (same ? 1 : count));
  return rc;
}

Test (http_challenge, too_many_params)
{
  cr_expect (parse_params (SP_CHALLENGE_PARAMS_MAX, false) == 0);
  cr_expect (parse_params (SP_CHALLENGE_PARAMS_MAX + 1, false) == SIGPOLICY_E_UNAVAILABLE);
  cr_expect (parse_params (SP_CHALLENGE_PARAMS_MAX + 1, true) == 0);
}

Test (http_challenge, too_long)
{
  for (size_t over = 0; over < 2; over++)
    {
      cleanup_challenge struct sp_challenge challenge = { .n_params = 0 };
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf line = SP_BUF (SP_CHALLENGE_BYTES_MAX + 1);
      struct sp_view value;
      bool found = false;
      sp_buf_str (&line, "B a=");
      while (line.len < SP_CHALLENGE_BYTES_MAX + over)
        sp_buf_byte (&line, 'x');
      int rc = sp_challenge_parse (sp_buf_view (&line), &challenge, &found, &err);
      cr_expect (rc == (over ? SIGPOLICY_E_UNAVAILABLE : 0));
      if (over)
        cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
      else
        cr_expect (found && sp_challenge_param (&challenge, "a", &value)
                   && value.len == SP_CHALLENGE_BYTES_MAX - 4);
    }
}
