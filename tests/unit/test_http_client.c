/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_int.h"

#include "util/limits.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* A server that answers by a table: the module's own URLs, and exchanges that stay here. */
struct answer
{
  const char *url;           /* what must be asked */
  const char *authorization; /* what must be sent, or NULL for none */
  const char *header;        /* status line and headers, each ended by a newline */
  const char *body;
  size_t repeat; /* of the body */
  enum sp_http_failure failure;
  bool unfinished; /* the header has no end */
};

static const struct answer *script;
static size_t asked;
static const struct sp_http_module *real;

static const char *
find_authorization (const struct sp_http_exchange *exchange)
{
  for (size_t i = 0; exchange->headers[i]; i++)
    if (strncmp (exchange->headers[i], "Authorization: ", 15) == 0)
      return exchange->headers[i] + 15;
  return NULL;
}

static void
play (void *session, struct sp_http_exchange *exchange)
{
  const struct answer *answer = &script[asked++];
  const char *authorization = find_authorization (exchange);
  const char *line = answer->header;
  bool more = true;

  (void)session;
  cr_assert_str_eq (exchange->url, answer->url ? answer->url : "(nothing more)");
  cr_expect_str_eq (authorization ? authorization : "",
                    answer->authorization ? answer->authorization : "", "%s", answer->url);
  exchange->failure = answer->failure;
  for (; more && line && *line; line += strcspn (line, "\n") + 1)
    more = exchange->take_header (exchange->sink, line, strcspn (line, "\n"));
  if (more && answer->header && !answer->unfinished)
    more = exchange->take_header (exchange->sink, "", 0);
  for (size_t i = 0; more && answer->body && i <= answer->repeat; i++)
    more = exchange->take_body (exchange->sink, answer->body, strlen (answer->body));
  if (!more)
    exchange->failure = SP_HTTP_REFUSED;
}

static struct sp_http *
begin (const struct answer *answers)
{
  static struct sp_http_module fake;
  static const struct sp_http_tls tls;
  struct sp_http *http = NULL;
  sigpolicy_error *error = NULL;

  cr_assert_eq (sp_http_load (&real, &error), 0, "%s", sigpolicy_error_text (error));
  fake = *real;
  fake.perform = play;
  sp_http_use_module (&fake);
  script = answers;
  asked = 0;
  cr_assert_eq (sp_http_new (&tls, NULL, sp_http_clock () + 60000, &http, &error), 0);
  return http;
}

static const struct sp_http_request get
    = { .method = "GET", .url = "https://r.example/v2/x", .limit = 100, .what = "x" };

#define PLAY(...) begin ((const struct answer[]){ __VA_ARGS__, { 0 } })

Test (http_client, an_answer_is_taken_whole)
{
  struct sp_http_response response = { 0 };
  sigpolicy_error *error = NULL;
  struct sp_http *http = PLAY (
      { get.url, NULL,
        "HTTP/1.1 100 Continue\nX-Interim: 1\nHTTP/1.1 200 OK\nX-A:  one  \nx-a: two\nEmpty:\n\n",
        "body", 0, 0, false });

  cr_assert_eq (sp_http_perform (http, &get, &response, &error), 0);
  cr_expect_eq (response.status, 200);
  cr_expect_str_eq (response.status_line, "200 OK");
  cr_expect_str_eq (response.body.data, "body");
  cr_expect_null (sp_http_header (&response, "X-Interim", 0));
  cr_expect_str_eq (sp_http_header (&response, "X-A", 0), "one");
  cr_expect_str_eq (sp_http_header (&response, "X-A", 1), "two");
  cr_expect_null (sp_http_header (&response, "X-A", 2));
  cr_expect_null (sp_http_header (&response, "X", 0));
  cr_expect_str_eq (sp_http_header (&response, "empty", 0), "");
  sp_http_response_clear (&response);
  sp_http_free (http);
}

/* Credentials stay with their origin: scheme, host and port. */
static const struct
{
  const char *name, *location, *next, *authorization;
} hops[] = {
  { "the same origin", "/y", "https://r.example/y", "Bearer t" },
  { "the same origin, its port written", "https://r.example:443/y", "https://r.example:443/y",
    "Bearer t" },
  { "the same origin, in capitals", "HTTPS://R.EXAMPLE/y", "https://R.EXAMPLE/y", "Bearer t" },
  { "relative", "../y?q", "https://r.example/y?q", "Bearer t" },
  { "another host", "https://o.example/y", "https://o.example/y", NULL },
  { "a host below", "https://a.r.example/y", "https://a.r.example/y", NULL },
  { "another port", "https://r.example:444/y", "https://r.example:444/y", NULL },
  { "a user in the URL", "https://u:p@o.example/y", "https://o.example/y", NULL },
};

Test (http_client, credentials_stay_with_their_origin)
{
  for (size_t i = 0; i < sizeof hops / sizeof *hops; i++)
    {
      struct sp_http_response response = { 0 };
      sigpolicy_error *error = NULL;
      char *header = sp_asprintf (&error, "HTTP/1.1 302 Found\nLocation: %s\n", hops[i].location);
      struct sp_http_request request = get;
      struct sp_http *http = PLAY (
          { get.url, "Bearer t", header, NULL, 0, 0, false },
          { hops[i].next, hops[i].authorization,
            "HTTP/1.1 302 Found\nLocation: https://r.example/z\n", NULL, 0, 0, false },
          { "https://r.example/z", hops[i].authorization, "HTTP/1.1 200 OK\n", NULL, 0, 0, false });

      request.authorization = "Bearer t";
      cr_expect_eq (sp_http_perform (http, &request, &response, &error), 0, "%s", hops[i].name);
      cr_expect_eq (response.status, 200, "%s", hops[i].name);
      sp_http_response_clear (&response);
      sp_http_free (http);
      free (header);
    }
}

Test (http_client, a_user_in_the_url_is_basic_authentication_of_its_origin)
{
  struct sp_http_response response = { 0 };
  sigpolicy_error *error = NULL;
  struct sp_http_request request = get;
  struct sp_http *http = PLAY (
      { "http://l.example/a", "Basic dTpwQA==", "HTTP/1.1 301 M\nLocation: https://l.example/a\n",
        NULL, 0, 0, false },
      { "https://l.example/a", NULL, "HTTP/1.1 404 Not Found\n", "no", 0, 0, false });
  request.url = "http://u:p%40@l.example/a";
  cr_assert_eq (sp_http_perform (http, &request, &response, &error), 0);
  cr_expect_str_eq (response.status_line, "404 Not Found");
  sp_http_response_clear (&response);
  sp_http_free (http);
}

/* What ends without an answer: the code, the reason, and a piece of the message. */
static const struct
{
  const char *name;
  struct answer answers[2];
  sigpolicy_reason reason;
  const char *says, *stricter;
} failures[] = {
  { "https to http",
    { { NULL, NULL, "HTTP/1.1 302 F\nLocation: http://r.example/\n", NULL, 0, 0, false } },
    SIGPOLICY_REASON_COULD_NOT_LOOK,
    "from https to http",
    "S7" },
  { "another scheme",
    { { NULL, NULL, "HTTP/1.1 302 F\nLocation: file:///etc/passwd\n", NULL, 0, 0, false } },
    SIGPOLICY_REASON_COULD_NOT_LOOK,
    "not http or https",
    NULL },
  { "no URL",
    { { NULL, NULL, "HTTP/1.1 302 F\nLocation: https://\n", NULL, 0, 0, false } },
    SIGPOLICY_REASON_COULD_NOT_LOOK,
    "not http or https",
    NULL },
  { "a body that is too long",
    { { NULL, NULL, "HTTP/1.1 200 OK\n", "0123456789", 10, 0, false } },
    SIGPOLICY_REASON_LIMIT,
    "exceeded maximum allowed size of 100 bytes",
    "S5" },
  { "timeout",
    { { NULL, NULL, NULL, NULL, 0, SP_HTTP_TIMEOUT, false } },
    SIGPOLICY_REASON_COULD_NOT_LOOK,
    "no answer in time from https://r.example:443",
    NULL },
  { "TLS",
    { { NULL, NULL, NULL, NULL, 0, SP_HTTP_TLS, false } },
    SIGPOLICY_REASON_COULD_NOT_LOOK,
    "no trusted connection to https://r.example:443",
    NULL },
  { "cut off in the header",
    { { NULL, NULL, "HTTP/1.1 200 OK\nX: y\n", NULL, 0, 0, true } },
    SIGPOLICY_REASON_COULD_NOT_LOOK,
    "ends in its header",
    NULL },
  { "reset in the middle",
    { { NULL, NULL, "HTTP/1.1 200 OK\n", "half", 0, SP_HTTP_UNREACHABLE, false } },
    SIGPOLICY_REASON_COULD_NOT_LOOK,
    "cannot reach",
    NULL },
};

Test (http_client, what_is_no_answer_leaves_it_open)
{
  for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
    {
      struct sp_http_response response = { 0 };
      sigpolicy_error *error = NULL;
      struct answer answer = failures[i].answers[0];
      answer.url = get.url;
      struct sp_http *http = PLAY (answer);

      cr_expect_eq (sp_http_perform (http, &get, &response, &error), SIGPOLICY_E_UNAVAILABLE, "%s",
                    failures[i].name);
      cr_expect_eq (sigpolicy_error_reason (error), failures[i].reason, "%s", failures[i].name);
      cr_expect (strstr (sigpolicy_error_text (error), failures[i].says), "%s: %s",
                 failures[i].name, sigpolicy_error_text (error));
      cr_expect_str_eq (sp_error_stricter_id (error) ? sp_error_stricter_id (error) : "-",
                        failures[i].stricter ? failures[i].stricter : "-", "%s", failures[i].name);
      cr_expect_eq (response.status, 0, "%s", failures[i].name);
      sigpolicy_error_free (error);
      sp_http_response_clear (&response);
      sp_http_free (http);
    }
}

Test (http_client, redirects_are_counted)
{
  struct answer loop[SP_HTTP_REDIRECTS_MAX + 3] = { 0 };
  struct sp_http_response response = { 0 };
  sigpolicy_error *error = NULL;

  for (size_t i = 0; i < SP_HTTP_REDIRECTS_MAX + 2; i++)
    loop[i]
        = (struct answer){ get.url, NULL, "HTTP/1.1 307 T\nLocation: /v2/x\n", NULL, 0, 0, false };
  struct sp_http *http = begin (loop);
  cr_expect_eq (sp_http_perform (http, &get, &response, &error), SIGPOLICY_E_UNAVAILABLE);
  cr_expect_eq (sigpolicy_error_reason (error), SIGPOLICY_REASON_LIMIT);
  cr_expect_eq (sp_http_exchanges (http), SP_HTTP_REDIRECTS_MAX + 1);
  sigpolicy_error_free (error);
  sp_http_response_clear (&response);
  sp_http_free (http);

  error = NULL;
  loop[SP_HTTP_REDIRECTS_MAX].header = "HTTP/1.1 200 OK\n";
  http = begin (loop);
  cr_expect_eq (sp_http_perform (http, &get, &response, &error), 0, "one less is followed");
  sp_http_response_clear (&response);
  sp_http_free (http);
}

Test (http_client, headers_have_ceilings)
{
  cleanup_buf struct sp_buf header = SP_BUF (SP_MIB);
  struct sp_http_response response = { 0 };
  sigpolicy_error *error = NULL;

  sp_buf_str (&header, "HTTP/1.1 200 OK\n");
  for (size_t i = 0; i < SP_HTTP_HEADER_LINES_MAX; i++)
    sp_buf_str (&header, "X: y\n");
  struct sp_http *http = PLAY ({ get.url, NULL, header.data, NULL, 0, 0, false });
  cr_expect_eq (sp_http_perform (http, &get, &response, &error), 0, "as many lines as may be");
  sp_http_response_clear (&response);
  sp_http_free (http);

  sp_buf_str (&header, "X: y\n");
  http = PLAY ({ get.url, NULL, header.data, NULL, 0, 0, false });
  cr_expect_eq (sp_http_perform (http, &get, &response, &error), SIGPOLICY_E_UNAVAILABLE,
                "one more");
  cr_expect_eq (sigpolicy_error_reason (error), SIGPOLICY_REASON_LIMIT);
  sigpolicy_error_free (error);
  sp_http_response_clear (&response);
  sp_http_free (http);

  error = NULL;
  sp_buf_clear (&header);
  header = (struct sp_buf)SP_BUF (SP_MIB);
  sp_buf_str (&header, "HTTP/1.1 200 OK\nX: ");
  for (size_t i = 0; i < SP_HTTP_HEADER_BYTES_MAX; i++)
    sp_buf_byte (&header, 'y');
  http = PLAY ({ get.url, NULL, header.data, NULL, 0, 0, false });
  cr_expect_eq (sp_http_perform (http, &get, &response, &error), SIGPOLICY_E_UNAVAILABLE,
                "a line that is too long");
  cr_expect_eq (sigpolicy_error_reason (error), SIGPOLICY_REASON_LIMIT);
  sigpolicy_error_free (error);
  sp_http_response_clear (&response);
  sp_http_free (http);
}

Test (http_client, the_body_of_an_error_is_cut)
{
  struct sp_http_response response = { 0 };
  sigpolicy_error *error = NULL;
  struct sp_http *http
      = PLAY ({ get.url, NULL, "HTTP/1.1 500 Oops\n", "0123456789", 100000, 0, false });
  cr_assert_eq (sp_http_perform (http, &get, &response, &error), 0);
  cr_expect_eq (response.status, 500);
  cr_expect_eq (response.body.len, SP_HTTP_ERROR_BYTES_MAX);
  sp_http_response_clear (&response);
  sp_http_free (http);
}

Test (http_client, nothing_is_asked_when_the_time_is_over)
{
  struct sp_http_response response = { 0 };
  sigpolicy_error *error = NULL;
  struct sp_http *http = PLAY ({ NULL, NULL, NULL, NULL, 0, 0, false });
  sp_http_set_deadline (http, sp_http_clock () - 1);
  cr_expect_eq (sp_http_perform (http, &get, &response, &error), SIGPOLICY_E_UNAVAILABLE);
  cr_expect_eq (asked, 0);
  sigpolicy_error_free (error);
  sp_http_free (http);
}

/* Two clients that share what is known of servers. */
Test (http_client, a_server_that_hung_is_not_waited_for_again)
{
  static const struct sp_http_tls tls;
  struct sp_http_response response = { 0 };
  struct sp_http_hung *hung = NULL;
  struct sp_http *one = NULL, *two = NULL;
  sigpolicy_error *error = NULL;

  sp_http_free (
      PLAY ({ get.url, NULL, NULL, NULL, 0, SP_HTTP_TIMEOUT, false },
            { "https://other.example/", NULL, "HTTP/1.1 200 OK\n", "body", 0, 0, false }));
  cr_assert_eq (sp_http_hung_new (&hung, &error), 0);
  cr_assert_eq (sp_http_new (&tls, hung, sp_http_clock () + 60000, &one, &error), 0);
  cr_assert_eq (sp_http_new (&tls, hung, sp_http_clock () + 60000, &two, &error), 0);
  sp_http_hung_free (hung);

  cr_expect_eq (sp_http_perform (one, &get, &response, &error), SIGPOLICY_E_UNAVAILABLE);
  cr_expect_null (
      strstr (sigpolicy_error_message (error), "not contacted again after the last failure"));
  sigpolicy_error_free (error);
  error = NULL;
  cr_expect_eq (sp_http_perform (two, &get, &response, &error), SIGPOLICY_E_UNAVAILABLE);
  cr_expect_eq (sigpolicy_error_reason (error), SIGPOLICY_REASON_COULD_NOT_LOOK);
  cr_expect_not_null (
      strstr (sigpolicy_error_message (error), "not contacted again after the last failure"));
  cr_expect_eq (asked, 1);
  sigpolicy_error_free (error);
  error = NULL;

  struct sp_http_request other = get;
  other.url = "https://other.example/";
  cr_expect_eq (sp_http_perform (two, &other, &response, &error), 0);
  cr_expect_eq (asked, 2);
  sp_http_response_clear (&response);
  sp_http_free (one);
  sp_http_free (two);
}

/* After the pause one asks, and the others do not wait for the answer. */
Test (http_client, one_asks_whether_a_server_still_hangs)
{
  const int64_t minute = (int64_t)SP_HTTP_HUNG_MS;
  long patience = 500;
  sigpolicy_error *why = NULL, *error = NULL;
  struct sp_http_hung *hung = NULL;
  static const struct
  {
    int64_t waited, now;
    bool asks;
  } rows[] = {
    { 10, 1, false },    { 10, 59999, false },     { 10, 60001, true },
    { 30000, 1, false }, { 30000, 119999, false }, { 30000, 120001, true },
    { 60000, 1, false }, { 60000, 119999, false }, { 60000, 120001, true },
  };

  cr_assert_eq (minute, 60000);
  cr_expect_eq (sp_error_set (&why, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, "x"),
                SIGPOLICY_E_UNAVAILABLE);
  cr_assert_eq (sp_http_hung_new (&hung, &error), 0);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      sp_http_hung_remove (hung, "https://a");
      sp_http_hung_add (hung, "https://a", 0, rows[i].waited, why);
      patience = 30000;
      int rc = sp_http_hung_check (hung, "https://a", rows[i].now, &patience, &error);
      cr_expect_eq (rc == 0, rows[i].asks, "row %zu", i);
      cr_expect_eq (rc == 0, error == NULL);
      cr_expect_eq (patience, rows[i].asks ? (long)SP_HTTP_HUNG_PROBE_MS : 30000, "row %zu", i);
      sigpolicy_error_free (error);
      error = NULL;
      if (!rows[i].asks)
        continue;
      cr_expect_eq (sp_http_hung_check (hung, "https://a", rows[i].now, &patience, &error),
                    SIGPOLICY_E_UNAVAILABLE);
      sigpolicy_error_free (error);
      error = NULL;
      cr_expect_eq (sp_http_hung_check (hung, "https://b", rows[i].now, &patience, &error), 0);
      sp_http_hung_remove (hung, "https://a");
      patience = 30000;
      cr_expect_eq (sp_http_hung_check (hung, "https://a", rows[i].now, &patience, &error), 0);
      cr_expect_eq (patience, 30000);
    }
  /* One that hangs on is asked less and less. */
  static const int64_t pauses[] = { 60000, 120000, 120000 };
  for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++)
    {
      sp_http_hung_add (hung, "https://a", 0, 10, why);
      cr_expect_eq (sp_http_hung_check (hung, "https://a", pauses[i] - 1, &patience, &error),
                    SIGPOLICY_E_UNAVAILABLE, "pause %zu", i);
      sigpolicy_error_free (error);
      error = NULL;
      cr_expect_eq (sp_http_hung_check (hung, "https://a", pauses[i], &patience, &error), 0);
    }
  sp_http_hung_remove (hung, "https://a");
  /* Of too many, the one that would be asked first is forgotten. */
  for (int i = 0; i <= (int)SP_HTTP_HUNG_MAX; i++)
    {
      char origin[32];
      (void)snprintf (origin, sizeof origin, "https://%d", i);
      sp_http_hung_add (hung, origin, i, 10, why);
    }
  cr_expect_eq (sp_http_hung_check (hung, "https://0", 1000, &patience, &error), 0);
  cr_expect_eq (sp_http_hung_check (hung, "https://1", 1000, &patience, &error),
                SIGPOLICY_E_UNAVAILABLE);
  sigpolicy_error_free (error);
  sigpolicy_error_free (why);
  sp_http_hung_free (hung);
}

static const struct
{
  const char *after;
  unsigned tried;
  bool again;
} waits[]
    = { { "0", 0, true },   { "0", 1, true },         { "0", 2, false },
        { "11", 0, false }, { "99999999", 0, false }, { "99999999999999999999999", 0, false } };

Test (http_client, waiting_is_bounded)
{
  for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
    {
      struct sp_http_response response = { 0 };
      sigpolicy_error *error = NULL;
      struct sp_http *http = PLAY ({ NULL, NULL, NULL, NULL, 0, 0, false });
      cr_assert_eq (sp_strv_take (&response.headers,
                                  sp_asprintf (&error, "Retry-After: %s", waits[i].after), &error),
                    0);
      cr_expect_eq (sp_http_wait (http, &response, waits[i].tried), waits[i].again,
                    "%s, tried %u times", waits[i].after, waits[i].tried);
      sp_http_response_clear (&response);
      sp_http_free (http);
    }
}

static const struct
{
  const char *text, *origin;
} urls[] = {
  { "https://h", "https://h:443" },
  { "HTTP://H:80/x", "http://h:80" },
  { "http://[::1]:5000/", "http://[::1]:5000" },
  { "https://u:p@h/", "https://h:443" },
  { "ftp://h/", NULL },
  { "file:///x", NULL },
  { "h/x", NULL },
  { "https:///x", NULL },
  { "https://h:99999/", NULL },
  { "https://h\x01/", NULL },
  { "https://h /", NULL },
  { "", NULL },
  { "javascript:x", NULL },
  { "//h/x", NULL },
};

Test (http_client, urls)
{
  for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
    {
      struct sp_http_url url = { 0 };
      sigpolicy_error *error = NULL;
      int rc = sp_http_parse_url (urls[i].text, &url, &error);
      cr_expect_eq (rc == 0, urls[i].origin != NULL, "%s", urls[i].text);
      if (rc == 0 && urls[i].origin)
        cr_expect_str_eq (url.origin, urls[i].origin);
      sp_http_url_clear (&url);
      sigpolicy_error_free (error);
    }
}
