/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_int.h"

#include "util/codec.h"
#include "util/debug.h"
#include "util/limits.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

struct sp_http
{
  const struct sp_http_module *module;
  void *session;
  struct sp_http_hung *hung;
  int64_t deadline, whole; /* and how long all may take that is to be done before it */
  const atomic_bool *cancelled;
  size_t exchanges;
  enum sp_http_trouble trouble;
};

int64_t
sp_http_clock (void)
{
  struct timespec now = { 0 };
  (void)clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
sp_http_new (const struct sp_http_tls *tls, struct sp_http_hung *hung, int64_t deadline,
             struct sp_http **ret, sigpolicy_error **err)
{
  const struct sp_http_module *module = NULL;
  cleanup_http struct sp_http *http = NULL;

  int rc = sp_http_load (&module, err);
  if (rc < 0)
    return rc;
  http = sp_calloc (1, sizeof *http, err);
  if (!http)
    return SIGPOLICY_E_NO_MEMORY;
  http->module = module;
  http->hung = sp_http_hung_ref (hung);
  sp_http_set_deadline (http, deadline);
  http->session = module->open (tls);
  if (!http->session)
    return sp_error_no_memory (err);
  *ret = steal (&http);
  return 0;
}

void
sp_http_free (struct sp_http *http)
{
  if (!http)
    return;
  if (http->session)
    http->module->close (http->session);
  sp_http_hung_free (http->hung);
  free (http);
}

void
sp_http_set_deadline (struct sp_http *http, int64_t deadline)
{
  http->deadline = deadline;
  http->whole = deadline - sp_http_clock ();
}

void
sp_http_set_cancelled (struct sp_http *http, const atomic_bool *cancelled)
{
  http->cancelled = cancelled;
}

size_t
sp_http_exchanges (const struct sp_http *http)
{
  return http->exchanges;
}

enum sp_http_trouble
sp_http_trouble (const struct sp_http *http)
{
  return http->trouble;
}

/* --- URLs ------------------------------------------------------------------------------------- */

void
sp_http_url_clear (struct sp_http_url *url)
{
  free (url->text);
  free (url->scheme);
  free (url->host);
  free (url->origin);
  free (url->user);
  if (url->password)
    explicit_bzero (url->password, strlen (url->password));
  free (url->password);
  memset (url, 0, sizeof *url);
}

static int
parse_url (const struct sp_http_module *module, const char *base, const char *location,
           struct sp_http_url *ret, sigpolicy_error **err)
{
  int rc = module->parse_url (base, location, ret);
  if (rc == 0)
    return 0;
  if (rc < 0)
    return sp_error_no_memory (err);
  /* It may hold a password: it is not shown. */
  return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                       "this is no http or https URL with a host");
}

int
sp_http_parse_url (const char *text, struct sp_http_url *ret, sigpolicy_error **err)
{
  const struct sp_http_module *module = NULL;
  int rc = sp_http_load (&module, err);
  return rc < 0 ? rc : parse_url (module, NULL, text, ret, err);
}

/* --- responses -------------------------------------------------------------------------------- */

void
sp_http_response_clear (struct sp_http_response *response)
{
  sp_strv_clear (&response->headers);
  sp_buf_clear (&response->body);
  memset (response, 0, sizeof *response);
}

const char *
sp_http_header (const struct sp_http_response *response, const char *name, size_t number)
{
  size_t len = strlen (name);
  for (size_t i = 0; i < response->headers.len; i++)
    {
      const char *line = response->headers.items[i];
      if (strncasecmp (line, name, len) != 0 || line[len] != ':' || number-- > 0)
        continue;
      line += len + 1;
      return line + strspn (line, " \t");
    }
  return NULL;
}

char *
sp_http_basic (const char *user, const char *password, sigpolicy_error **err)
{
  cleanup_free char *pair = sp_asprintf (err, "%s:%s", user, password);
  cleanup_buf struct sp_buf value = SP_BUF (SP_HTTP_HEADER_BYTES_MAX);

  if (!pair)
    return NULL;
  sp_buf_str (&value, "Basic ");
  sp_base64_encode (sp_view_str (pair), &value);
  explicit_bzero (pair, strlen (pair));
  return sp_buf_check (&value, err) < 0 ? NULL : sp_buf_steal (&value, err);
}

/* By the words of OpenSSL and libcurl, which both have no better way to tell. */
static enum sp_http_trouble
trouble_of (const struct sp_http_exchange *exchange)
{
  static const struct
  {
    const char *words;
    enum sp_http_trouble trouble;
  } known[] = {
    { "wrong version number", SP_TROUBLE_NO_TLS },
    { "packet length too long", SP_TROUBLE_NO_TLS },
    { "http request", SP_TROUBLE_NO_TLS },
    { "certificate required", SP_TROUBLE_CLIENT },
    { "alert bad certificate", SP_TROUBLE_CLIENT },
    { "alert unknown ca", SP_TROUBLE_CLIENT },
    { "getpeername() failed", SP_TROUBLE_CLOSED },
    { "certificate has expired", SP_TROUBLE_EXPIRED },
    { "certificate is not yet valid", SP_TROUBLE_EXPIRED },
    { "self-signed certificate", SP_TROUBLE_AUTHORITY },
    { "self signed certificate", SP_TROUBLE_AUTHORITY },
    { "issuer certificate", SP_TROUBLE_AUTHORITY },
    { "subject alternative name", SP_TROUBLE_NAME },
    { "subject name", SP_TROUBLE_NAME },
  };

  if (exchange->failure == SP_HTTP_CLIENT_KEY)
    return SP_TROUBLE_KEY;
  if (exchange->failure != SP_HTTP_TLS && exchange->failure != SP_HTTP_UNREACHABLE)
    return SP_TROUBLE_NONE;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcasestr (exchange->message, known[i].words))
      return known[i].trouble;
  return SP_TROUBLE_NONE;
}

/* --- one exchange ----------------------------------------------------------------------------- */

/* What the response of an exchange is collected in. */
struct sink
{
  struct sp_http_response *response;
  size_t wanted; /* the limit of the body of a 200 */
  int too_long;  /* the class of a body beyond that */
  size_t header_bytes;
  bool headed; /* the header came to its end */
  bool enough; /* of a body that is for messages alone, which ended the exchange */
  sigpolicy_error *error;
};

static bool
too_much (struct sink *sink, int code, const char *what, size_t limit)
{
  (void)sp_error_set (&sink->error, code, SIGPOLICY_REASON_LIMIT,
                      "%s exceeded maximum allowed size of %zu bytes", what, limit);
  return false;
}

/* "HTTP/1.1 404 Not Found": the status and the words of it. */
static void
note_status (struct sink *sink, struct sp_view line)
{
  struct sp_http_response *response = sink->response;
  size_t space = sp_view_find (line, ' ');
  struct sp_view status = sp_view_from (line, space + 1);
  size_t at = 0;
  unsigned number = 0;

  for (size_t i = 0; i < 3 && i < status.len && isdigit ((unsigned char)status.data[i]); i++)
    number = number * 10 + (unsigned)(status.data[i] - '0');
  response->status = number;

  for (size_t i = 0; i < status.len && at + 1 < sizeof response->status_line; i++)
    response->status_line[at++]
        = status.data[i] >= 0x20 && status.data[i] < 0x7f ? status.data[i] : '?';
  response->status_line[at] = '\0';
}

static bool
take_header (void *argument, const char *bytes, size_t len)
{
  struct sink *sink = argument;
  struct sp_http_response *response = sink->response;
  struct sp_view line = sp_view_n (bytes, len);

  sink->header_bytes += len;
  if (sink->header_bytes > SP_HTTP_HEADER_BYTES_MAX)
    return too_much (sink, SIGPOLICY_E_UNAVAILABLE, "the header of a response",
                     SP_HTTP_HEADER_BYTES_MAX);
  /* A status line begins a response: what came before was an interim one. */
  if (sp_view_starts (line, sp_view_str ("HTTP/")))
    {
      sp_strv_clear (&response->headers);
      note_status (sink, line);
      sink->headed = false;
      return true;
    }
  while (line.len && (line.data[line.len - 1] == ' ' || line.data[line.len - 1] == '\t'))
    line.len--;
  sink->headed = sink->headed || !len;
  if (!line.len || sp_view_find (line, '\0') < line.len)
    return true;
  if (response->headers.len < SP_HTTP_HEADER_LINES_MAX)
    return sp_strv_add (&response->headers, line, &sink->error) == 0;
  (void)sp_error_set (&sink->error, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_LIMIT,
                      "a response has more than %lu header lines", SP_HTTP_HEADER_LINES_MAX);
  return false;
}

static bool
take_body (void *argument, const char *bytes, size_t len)
{
  struct sink *sink = argument;
  struct sp_buf *body = &sink->response->body;
  bool good = sink->response->status == 200;
  size_t limit = good ? sink->wanted : SP_HTTP_ERROR_BYTES_MAX;
  size_t room = limit > body->len ? limit - body->len : 0;

  if (len > room && good)
    return too_much (sink, sink->too_long, "the response", limit);
  sp_buf_add (body, sp_view_n (bytes, len > room ? room : len));
  /* Of an endless refusal, the end is not waited for. */
  sink->enough = len > room;
  return !body->failed && !sink->enough;
}

static int
failed (const struct sp_http_exchange *exchange, const struct sp_http_url *url, struct sink *sink,
        sigpolicy_error **err)
{
  static const char *const words[] = { [SP_HTTP_UNREACHABLE] = "cannot reach",
                                       [SP_HTTP_TLS] = "no trusted connection to",
                                       [SP_HTTP_TIMEOUT] = "no answer in time from",
                                       [SP_HTTP_REFUSED] = "giving up" };
  struct sp_view message = sp_view_str (exchange->message);

  if (exchange->failure == SP_HTTP_NO_MEMORY)
    return sp_error_no_memory (err);
  if (sink->error)
    {
      int rc = sp_error_copy (sink->error, err);
      return rc == SIGPOLICY_E_NO_MEMORY ? rc : sp_error_while (err, "reading %s", url->text);
    }
  if (sink->response->body.failed == SP_BUF_NO_MEMORY)
    return sp_error_no_memory (err);
  if (exchange->failure == SP_HTTP_TOO_LONG)
    return sp_error_set (
        err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_LIMIT,
        "the header of a response of %s exceeded maximum allowed size of %lu bytes", url->origin,
        SP_HTTP_HEADER_BYTES_MAX);
  cleanup_free char *shown = sp_escape_dup (message, err);
  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  if (exchange->failure == SP_HTTP_CLIENT_KEY)
    return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                         "the client certificate and its key for %s cannot be used: %s",
                         url->origin, shown);
  return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, "%s %s: %s",
                       words[exchange->failure], url->origin, shown);
}

static const char *
first_of (const char *one, const char *other)
{
  return one && *one ? one : other ? other : "";
}

/* The environment's proxy for a scheme; upper case comes first. */
static const char *
find_proxy (const char *scheme)
{
  return strcmp (scheme, "https") == 0
             ? first_of (secure_getenv ("HTTPS_PROXY"), secure_getenv ("https_proxy"))
             : first_of (secure_getenv ("HTTP_PROXY"), secure_getenv ("http_proxy"));
}

/* The hosts that have none: this one never does. */
static char *
find_no_proxy (sigpolicy_error **err)
{
  const char *hosts = first_of (secure_getenv ("NO_PROXY"), secure_getenv ("no_proxy"));
  if (strcmp (hosts, "*") == 0)
    return sp_strdup (hosts, err);
  return sp_asprintf (err, "%s%slocalhost,127.0.0.0/8,::1", hosts, *hosts ? "," : "");
}

static int
refuse_cancelled (const struct sp_http_url *url, sigpolicy_error **err)
{
  return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                       "cancelled while waiting for %s", url->origin);
}

/* How long one exchange may take, or why there is no time for it. */
static int
time_left (const struct sp_http *http, const struct sp_http_url *url, int64_t now, long *ret,
           sigpolicy_error **err)
{
  int64_t left = http->deadline - now;
  if (http->cancelled && *http->cancelled)
    return refuse_cancelled (url, err);
  if (left <= 0)
    return sp_error_set (
        err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
        "the time for this image (--image-timeout) expired before %s was contacted", url->origin);
  *ret = left < (int64_t)SP_HTTP_EXCHANGE_MS ? (long)left : (long)SP_HTTP_EXCHANGE_MS;
  return 0;
}

/* What was asked and how it was answered, without what may be a secret: user information and the
 * query of a URL, and any header. */
static void
trace (const struct sp_http_request *request, const struct sp_http_url *url, const char *status,
       const char *const *headers, const sigpolicy_error *failure)
{
  const char *path = url->text + strcspn (url->text, "?#"), *start = strstr (url->text, "://");
  bool authorized = false;

  if (!sp_debug_is_on ())
    return;
  start = start ? start + 3 : url->text;
  start += strcspn (start, "/?#");
  for (size_t i = 0; headers[i]; i++)
    authorized = authorized || strncmp (headers[i], "Authorization:", 14) == 0;
  sp_debug ("http: %s %s%.*s%s%s: %s", request->method, url->origin,
            path > start ? (int)(path - start) : 0, start, *path == '?' ? "?..." : "",
            authorized ? ", with credentials" : "",
            status ? status : sigpolicy_error_message (failure));
}

/* A server that did not use a fair part of the time that there was is not known to hang, unless it
 * was before. */
static void
remember (struct sp_http *http, const struct sp_http_exchange *exchange,
          const struct sp_http_url *url, int64_t began, bool hung_before,
          const sigpolicy_error *failure)
{
  int64_t now = sp_http_clock ();

  if (exchange->failure == SP_HTTP_CANCELLED)
    return;
  if (exchange->failure != SP_HTTP_TIMEOUT)
    sp_http_hung_remove (http->hung, url->origin);
  else if (failure
           && (hung_before || now - began >= (int64_t)SP_HTTP_CONNECT_MS
               || exchange->timeout_ms >= http->whole / 4))
    sp_http_hung_add (http->hung, url->origin, now, now - began, failure);
}

static int
exchange_once (struct sp_http *http, const struct sp_http_request *request,
               const struct sp_http_url *url, const char *const *headers,
               struct sp_http_response *ret, sigpolicy_error **err)
{
  struct sink sink
      = { .response = ret,
          .wanted = request->limit,
          .too_long = request->too_long ? request->too_long : SIGPOLICY_E_UNAVAILABLE };
  struct sp_http_exchange exchange = {
    .method = request->method,
    .url = url->text,
    .headers = headers,
    .body = request->body.len ? request->body.data : NULL,
    .body_len = request->body.len,
    .proxy = find_proxy (url->scheme),
    .sink = &sink,
    .take_header = take_header,
    .take_body = take_body,
    .cancelled = http->cancelled,
  };
  cleanup_free char *no_proxy = find_no_proxy (err);

  if (!no_proxy)
    return SIGPOLICY_E_NO_MEMORY;
  exchange.no_proxy = no_proxy;
  int64_t now = sp_http_clock ();
  http->trouble = SP_TROUBLE_NONE;
  int rc = time_left (http, url, now, &exchange.timeout_ms, err);
  long patience = exchange.timeout_ms;
  if (rc == 0)
    rc = sp_http_hung_check (http->hung, url->origin, now, &patience, err);
  if (rc < 0)
    return rc;
  bool hung_before = patience < exchange.timeout_ms;
  exchange.timeout_ms = patience;
  sp_http_response_clear (ret);
  ret->body = (struct sp_buf)SP_BUF (
      request->limit > SP_HTTP_ERROR_BYTES_MAX ? request->limit : SP_HTTP_ERROR_BYTES_MAX);
  http->exchanges++;
  http->module->perform (http->session, &exchange);
  http->trouble = trouble_of (&exchange);
  bool answered = exchange.failure == SP_HTTP_ANSWERED
                  || (exchange.failure == SP_HTTP_REFUSED && sink.enough && !ret->body.failed);
  rc = answered                                ? 0
       : exchange.failure == SP_HTTP_CANCELLED ? refuse_cancelled (url, err)
                                               : failed (&exchange, url, &sink, err);
  if (rc == 0 && (!sink.headed || !ret->status))
    rc = sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                       "the response of %s ends in its header", url->origin);
  sigpolicy_error_free (sink.error);
  remember (http, &exchange, url, now, hung_before, *err);
  trace (request, url, rc == 0 ? ret->status_line : NULL, headers, *err);
  if (rc < 0)
    ret->status = 0;
  return rc;
}

/* --- redirects -------------------------------------------------------------------------------- */

static bool
is_redirect (unsigned status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* The headers of a request, the caller's and ours, with credentials for their own origin alone. */
static int
write_headers (const struct sp_http_request *request, const char *authorization,
               struct sp_strv *ret, sigpolicy_error **err)
{
  int rc = sp_strv_add (ret, sp_view_str ("User-Agent: " PACKAGE_NAME "/" PACKAGE_VERSION), err);
  for (size_t i = 0; rc == 0 && request->headers && request->headers[i]; i++)
    rc = sp_strv_add (ret, sp_view_str (request->headers[i]), err);
  if (rc == 0 && authorization)
    rc = sp_strv_take (ret, sp_asprintf (err, "Authorization: %s", authorization), err);
  /* The module's list ends with NULL. */
  return rc == 0 ? sp_grow (&ret->items, &ret->capacity, ret->len, sizeof *ret->items, err) : rc;
}

static void
clear_headers (struct sp_strv *headers)
{
  for (size_t i = 0; i < headers->len; i++)
    explicit_bzero (headers->items[i], strlen (headers->items[i]));
  sp_strv_clear (headers);
}

static int
send (struct sp_http *http, const struct sp_http_request *request, const struct sp_http_url *url,
      const char *authorization, struct sp_http_response *ret, sigpolicy_error **err)
{
  __attribute__ ((cleanup (clear_headers))) struct sp_strv headers = { 0 };
  int rc = write_headers (request, authorization, &headers, err);
  if (rc < 0)
    return rc;
  headers.items[headers.len] = NULL;
  return exchange_once (http, request, url, (const char *const *)headers.items, ret, err);
}

/* Where a redirect goes, if it may. */
static int
next_url (struct sp_http *http, const struct sp_http_url *from, const char *location,
          struct sp_http_url *ret, sigpolicy_error **err)
{
  int rc = parse_url (http->module, from->text, location, ret, err);
  if (rc < 0 && rc != SIGPOLICY_E_NO_MEMORY)
    {
      sp_error_clear (err);
      return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                           "%s redirects to a URL that is not http or https", from->origin);
    }
  if (rc == 0 && strcmp (from->scheme, "https") == 0 && strcmp (ret->scheme, "https") != 0)
    {
      rc = sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                         "%s redirects from https to http", from->origin);
      (void)sp_error_stricter (err, "S7");
    }
  return rc;
}

static int
follow (struct sp_http *http, const struct sp_http_request *request, struct sp_http_url *url,
        const char *authorization, struct sp_http_response *ret, sigpolicy_error **err)
{
  for (unsigned hops = 0;; hops++)
    {
      cleanup_http_url struct sp_http_url next = { 0 };
      int rc = send (http, request, url, authorization, ret, err);
      const char *location
          = rc == 0 && is_redirect (ret->status) ? sp_http_header (ret, "Location", 0) : NULL;
      if (rc < 0 || !location || request->body.len)
        return rc;
      if (hops == SP_HTTP_REDIRECTS_MAX)
        return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_LIMIT,
                             "stopped after %u redirects", hops);
      rc = next_url (http, url, location, &next, err);
      if (rc < 0)
        return rc;
      /* Another origin gets no credentials, and neither does any that follows. */
      if (strcmp (next.origin, url->origin) != 0)
        authorization = NULL;
      sp_http_url_clear (url);
      *url = next;
      next = (struct sp_http_url){ 0 };
    }
}

int
sp_http_perform (struct sp_http *http, const struct sp_http_request *request,
                 struct sp_http_response *ret, sigpolicy_error **err)
{
  cleanup_http_url struct sp_http_url url = { 0 };
  cleanup_free char *basic = NULL;

  int rc = parse_url (http->module, NULL, request->url, &url, err);
  if (rc < 0)
    return rc == SIGPOLICY_E_NO_MEMORY
               ? rc
               : sp_error_class (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK);
  if (!request->authorization && url.user)
    {
      basic = sp_http_basic (url.user, url.password ? url.password : "", err);
      if (!basic)
        return SIGPOLICY_E_NO_MEMORY;
    }
  rc = follow (http, request, &url, basic ? basic : request->authorization, ret, err);
  if (basic)
    explicit_bzero (basic, strlen (basic));
  if (rc < 0)
    sp_http_response_clear (ret);
  return rc;
}

/* --- waiting ---------------------------------------------------------------------------------- */

bool
sp_http_wait (struct sp_http *http, const struct sp_http_response *response, unsigned tried)
{
  const char *after = sp_http_header (response, "Retry-After", 0);
  char *end = NULL;
  unsigned long seconds = 1UL << tried;

  if (tried >= SP_HTTP_RETRIES_MAX)
    return false;
  if (after && *after >= '0' && *after <= '9')
    {
      seconds = strtoul (after, &end, 10);
      if (*end)
        seconds = 1UL << tried;
    }
  if (seconds > SP_HTTP_RETRY_AFTER_MAX
      || sp_http_clock () + (int64_t)seconds * 1000 >= http->deadline)
    return false;
  struct timespec left = { .tv_sec = (time_t)seconds };
  return seconds == 0 || nanosleep (&left, NULL) == 0;
}
