/* SPDX-License-Identifier: Apache-2.0 */
#include "http/authorities.h"
#include "http/curl_url.h"

#include "util/limits.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * The private module: libcurl behind http/module.h. Every option that could make curl do more than
 * one exchange with one server is off: redirects, other protocols, .netrc, proxies and passwords
 * of its own finding.
 */

struct session
{
  CURL *curl;
  struct sp_http_tls tls;
  bool ours;     /* curl's TLS is the OpenSSL that we are linked with */
  char *ca_pem;  /* further authorities, with those of a file, or NULL */
  bool bundle;   /* the system's file is read, too: its directory had not the one that is needed */
  bool https;    /* of the exchange */
  bool nameless; /* the server's certificate has no name that counts */
};

/* The system's certificate authorities, where SSL_CERT_FILE and SSL_CERT_DIR do not say otherwise
 * of its file or its directory. A directory is asked for the one that is needed; a file would be
 * read whole for each connection, so it is only when the directory was of no help. */
static void
find_authorities (const struct session *session, const char **ret_directory, const char **ret_file)
{
  const curl_version_info_data *built = curl_version_info (CURLVERSION_NOW);
  bool knows = built->age >= CURLVERSION_TENTH;
  const char *directory = secure_getenv ("SSL_CERT_DIR");

  *ret_directory = directory ? directory : knows ? built->capath : NULL;
  *ret_file = NULL;
  if (session->bundle || !*ret_directory)
    *ret_file = secure_getenv ("SSL_CERT_FILE");
  if (!*ret_file && (session->bundle || !*ret_directory) && knows)
    *ret_file = built->cainfo;
}

/* Further authorities stand beside those of the file, of which curl would read only one. */
static bool
add_authorities (struct session *session)
{
  const char *more = session->tls.ca_pem, *directory, *path;
  size_t len = strlen (more);
  bool ok = true;

  find_authorities (session, &directory, &path);
  FILE *file = path ? fopen (path, "re") : NULL;

  free (session->ca_pem);
  session->ca_pem = malloc (len + 1 + (file ? SP_CERTS_D_BYTES_MAX : 0) + 1);
  if (session->ca_pem)
    {
      memcpy (session->ca_pem, more, len);
      session->ca_pem[len++] = '\n';
      if (file)
        len += fread (session->ca_pem + len, 1, SP_CERTS_D_BYTES_MAX, file);
      ok = !file || !ferror (file);
      session->ca_pem[len] = '\0';
    }
  if (file)
    (void)fclose (file);
  return ok && session->ca_pem;
}

/* From now on with the file, where that is something new. */
static bool
take_bundle (struct session *session)
{
  const char *directory, *before, *after;

  if (session->tls.insecure || session->bundle)
    return false;
  find_authorities (session, &directory, &before);
  session->bundle = true;
  find_authorities (session, &directory, &after);
  return !before && after && (!session->tls.ca_pem || add_authorities (session));
}

static CURLcode
give_shared (CURL *curl, void *context, void *argument)
{
  const char *directory, *file;

  (void)curl;
  find_authorities (argument, &directory, &file);
  return sp_authorities_give (context, directory, file) == 0 ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
}

/* The system's alone are shared by all sessions; a host's own directory stays with its session. */
static CURLcode
share_authorities (struct session *session)
{
  CURL *curl = session->curl;
  CURLcode code = curl_easy_setopt (curl, CURLOPT_CAPATH, NULL);
  if (code == CURLE_OK)
    code = curl_easy_setopt (curl, CURLOPT_CAINFO, NULL);
  if (code == CURLE_OK)
    code = curl_easy_setopt (curl, CURLOPT_SSL_CTX_DATA, session);
  return code == CURLE_OK ? curl_easy_setopt (curl, CURLOPT_SSL_CTX_FUNCTION, give_shared) : code;
}

static CURLcode
set_authorities (struct session *session)
{
  CURL *curl = session->curl;
  const char *directory, *file;

  if (!session->ca_pem && session->ours)
    return share_authorities (session);
  find_authorities (session, &directory, &file);
  CURLcode code = curl_easy_setopt (curl, CURLOPT_CAPATH, directory);
  if (code == CURLE_OK)
    code = curl_easy_setopt (curl, CURLOPT_CAINFO, session->ca_pem ? NULL : file);
  if (code == CURLE_OK && session->ca_pem)
    {
      struct curl_blob blob
          = { .data = session->ca_pem, .len = strlen (session->ca_pem), .flags = CURL_BLOB_NOCOPY };
      code = curl_easy_setopt (curl, CURLOPT_CAINFO_BLOB, &blob);
    }
  return code;
}

/* By the connection itself. */
static bool
is_named (CURL *curl)
{
  const struct curl_tlssessioninfo *tls = NULL;

  return curl_easy_getinfo (curl, CURLINFO_TLS_SSL_PTR, &tls) == CURLE_OK && tls
         && tls->backend == CURLSSLBACKEND_OPENSSL && tls->internals
         && sp_authorities_name (tls->internals);
}

/* By what curl shows of a new connection; one that is used again has been asked. */
static bool
is_shown_named (CURL *curl)
{
  static const char extension[] = "X509v3 Subject Alternative Name:";
  const struct curl_certinfo *shown = NULL;
  long is_new = 1;

  if (curl_easy_getinfo (curl, CURLINFO_NUM_CONNECTS, &is_new) != CURLE_OK
      || curl_easy_getinfo (curl, CURLINFO_CERTINFO, &shown) != CURLE_OK)
    return false;
  bool named = is_new == 0;
  for (const struct curl_slist *line = shown && shown->num_of_certs > 0 ? shown->certinfo[0] : NULL;
       !named && line; line = line->next)
    named = strncmp (line->data, extension, sizeof extension - 1) == 0
            && (strstr (line->data, "DNS:") || strstr (line->data, "IP Address:"));
  return named;
}

/* The names of a server are its alternative ones; curl would also take the common name where there
 * are no others, which name constraints of an authority say nothing of. Called before each request,
 * whether its connection is new, resumed or used again. */
static int
check_names (void *argument, char *remote, char *local, int remote_port, int local_port)
{
  struct session *session = argument;

  (void)remote, (void)local, (void)remote_port, (void)local_port;
  session->nameless
      = session->https
        && !(session->ours ? is_named (session->curl) : is_shown_named (session->curl));
  return session->nameless ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static CURLcode
set_tls (struct session *session)
{
  CURL *curl = session->curl;
  const struct sp_http_tls *tls = &session->tls;
  CURLcode code = curl_easy_setopt (curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  if (code == CURLE_OK && tls->insecure)
    code = curl_easy_setopt (curl, CURLOPT_SSL_VERIFYPEER, 0L);
  if (code == CURLE_OK && tls->insecure)
    code = curl_easy_setopt (curl, CURLOPT_SSL_VERIFYHOST, 0L);
  if (code == CURLE_OK && !tls->insecure)
    code = set_authorities (session);
  /* TLS sessions are kept with our own, for the same host and port. OpenSSL's have the certificate
   * in them, of which curl asks its host again, and we its names. Of others we would see nothing.
   */
  if (code == CURLE_OK && !tls->insecure && !session->ours)
    code = curl_easy_setopt (curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
  if (code == CURLE_OK && !tls->insecure && !session->ours)
    code = curl_easy_setopt (curl, CURLOPT_CERTINFO, 1L);
  if (code == CURLE_OK && !tls->insecure)
    code = curl_easy_setopt (curl, CURLOPT_PREREQFUNCTION, check_names);
  if (code == CURLE_OK && !tls->insecure)
    code = curl_easy_setopt (curl, CURLOPT_PREREQDATA, session);
  if (code == CURLE_OK && tls->cert_path)
    code = curl_easy_setopt (curl, CURLOPT_SSLCERT, tls->cert_path);
  if (code == CURLE_OK && tls->cert_path)
    code = curl_easy_setopt (curl, CURLOPT_SSLKEY, tls->key_path);
  return code;
}

/* What every exchange of a session has in common. */
static CURLcode
set_common (struct session *session)
{
  static const struct
  {
    CURLoption option;
    long value;
  } numbers[] = {
    { CURLOPT_NOSIGNAL, 1L },
    { CURLOPT_FOLLOWLOCATION, 0L },
    { CURLOPT_NETRC, (long)CURL_NETRC_IGNORED },
    /* One after the other, HTTP/2 saves the requests for an image nothing: it costs half a percent.
     */
    { CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1 },
    { CURLOPT_HTTP09_ALLOWED, 0L },
    { CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L },
    { CURLOPT_CONNECTTIMEOUT_MS, (long)SP_HTTP_CONNECT_MS },
    { CURLOPT_LOW_SPEED_LIMIT, (long)SP_HTTP_SLOW_BYTES },
    { CURLOPT_LOW_SPEED_TIME, (long)SP_HTTP_SLOW_SECONDS },
    { CURLOPT_TCP_NODELAY, 1L },
    { CURLOPT_PATH_AS_IS, 1L },
  };
  CURL *curl = session->curl;
  CURLcode code = CURLE_OK;

  for (size_t i = 0; code == CURLE_OK && i < sizeof numbers / sizeof *numbers; i++)
    code = curl_easy_setopt (curl, numbers[i].option, numbers[i].value);
  if (code == CURLE_OK)
    code = curl_easy_setopt (curl, CURLOPT_PROTOCOLS_STR, "http,https");
  if (code == CURLE_OK)
    code = curl_easy_setopt (curl, CURLOPT_ACCEPT_ENCODING, "gzip");
  return code == CURLE_OK ? set_tls (session) : code;
}

static void
session_close (void *argument)
{
  struct session *session = argument;
  if (!session)
    return;
  curl_easy_cleanup (session->curl);
  free (session->ca_pem);
  free (session);
}

static void *
session_open (const struct sp_http_tls *tls)
{
  struct session *session = NULL;

  /* Once for the process, whoever asks, and from any thread (curl 7.84). */
  if (curl_global_init (CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return NULL;
  session = calloc (1, sizeof *session);
  if (!session || !(session->curl = curl_easy_init ()))
    {
      session_close (session);
      return NULL;
    }
  session->tls = *tls;
  session->ours = sp_authorities_are_ours (curl_version_info (CURLVERSION_NOW)->ssl_version);
  if (tls->ca_pem && !add_authorities (session))
    {
      session_close (session);
      return NULL;
    }
  return session;
}

/* --- one exchange ----------------------------------------------------------------------------- */

/* The header lines of a response, one at a time. */
static size_t
on_header (char *bytes, size_t size, size_t count, void *argument)
{
  struct sp_http_exchange *exchange = argument;
  size_t len = size * count, given = len;

  while (len && (bytes[len - 1] == '\r' || bytes[len - 1] == '\n'))
    len--;
  exchange->in_header = len > 0;
  return exchange->take_header (exchange->sink, bytes, len) ? given : 0;
}

static size_t
on_body (char *bytes, size_t size, size_t count, void *argument)
{
  const struct sp_http_exchange *exchange = argument;
  size_t len = size * count;
  return exchange->take_body (exchange->sink, bytes, len) ? len : 0;
}

/* A line that is longer than curl's own limit ends as if there were no memory: but then a
 * response has begun, and its header has not come to an end. */
static bool
is_too_long (CURL *curl, const struct sp_http_exchange *exchange, CURLcode code)
{
  curl_off_t begun = 0;
#if LIBCURL_VERSION_NUM >= 0x080600
  if (code == CURLE_TOO_LARGE)
    return true;
#endif
  return code == CURLE_OUT_OF_MEMORY && exchange->in_header
         && curl_easy_getinfo (curl, CURLINFO_STARTTRANSFER_TIME_T, &begun) == CURLE_OK
         && begun > 0;
}

/* curl calls it whenever something moves, and every second. */
static int
on_progress (void *argument, curl_off_t down, curl_off_t has_down, curl_off_t up, curl_off_t has_up)
{
  const struct sp_http_exchange *exchange = argument;
  (void)down;
  (void)has_down;
  (void)up;
  (void)has_up;
  return *exchange->cancelled;
}

static enum sp_http_failure
failure_of (CURLcode code)
{
  if (code == CURLE_OK)
    return SP_HTTP_ANSWERED;
  if (code == CURLE_OUT_OF_MEMORY)
    return SP_HTTP_NO_MEMORY;
  if (code == CURLE_SSL_CERTPROBLEM)
    return SP_HTTP_CLIENT_KEY;
  if (code == CURLE_OPERATION_TIMEDOUT)
    return SP_HTTP_TIMEOUT;
  if (code == CURLE_WRITE_ERROR)
    return SP_HTTP_REFUSED;
  if (code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION
      || code == CURLE_SSL_CACERT_BADFILE || code == CURLE_ABORTED_BY_CALLBACK
      || code == CURLE_SSL_CIPHER || code == CURLE_SSL_ISSUER_ERROR)
    return SP_HTTP_TLS;
  return SP_HTTP_UNREACHABLE;
}

static CURLcode
set_exchange (CURL *curl, struct sp_http_exchange *exchange, struct curl_slist *headers)
{
  CURLcode code = curl_easy_setopt (curl, CURLOPT_URL, exchange->url);
  if (code == CURLE_OK)
    code = curl_easy_setopt (curl, CURLOPT_HTTPHEADER, headers);
  if (code == CURLE_OK)
    code = curl_easy_setopt (curl, CURLOPT_PROXY, exchange->proxy);
  if (code == CURLE_OK)
    code = curl_easy_setopt (curl, CURLOPT_NOPROXY, exchange->no_proxy);
  if (code == CURLE_OK)
    code = curl_easy_setopt (curl, CURLOPT_TIMEOUT_MS, exchange->timeout_ms);
  if (code == CURLE_OK)
    code = curl_easy_setopt (curl, CURLOPT_HEADERFUNCTION, on_header);
  if (code == CURLE_OK)
    code = curl_easy_setopt (curl, CURLOPT_HEADERDATA, exchange);
  if (code == CURLE_OK)
    code = curl_easy_setopt (curl, CURLOPT_WRITEFUNCTION, on_body);
  if (code == CURLE_OK)
    code = curl_easy_setopt (curl, CURLOPT_WRITEDATA, exchange);
  if (code == CURLE_OK)
    code = curl_easy_setopt (curl, CURLOPT_ERRORBUFFER, exchange->message);
  if (code == CURLE_OK && exchange->cancelled)
    {
      code = curl_easy_setopt (curl, CURLOPT_XFERINFOFUNCTION, on_progress);
      if (code == CURLE_OK)
        code = curl_easy_setopt (curl, CURLOPT_XFERINFODATA, exchange);
      if (code == CURLE_OK)
        code = curl_easy_setopt (curl, CURLOPT_NOPROGRESS, 0L);
    }
  if (code == CURLE_OK && exchange->body)
    {
      code = curl_easy_setopt (curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->body_len);
      if (code == CURLE_OK)
        code = curl_easy_setopt (curl, CURLOPT_POSTFIELDS, exchange->body);
    }
  return code;
}

/* Why there is no connection, in the system's words and without how long that took. */
static void
name_errno (CURL *curl, struct sp_http_exchange *exchange)
{
  char buffer[128];
  long number = 0;

  if (curl_easy_getinfo (curl, CURLINFO_OS_ERRNO, &number) != CURLE_OK || !number)
    return;
  (void)snprintf (exchange->message, sizeof exchange->message, "connect: %s",
                  strerror_r ((int)number, buffer, sizeof buffer));
  exchange->message[strlen ("connect: ")]
      = (char)tolower ((unsigned char)exchange->message[strlen ("connect: ")]);
}

static CURLcode
attempt (struct session *session, struct sp_http_exchange *exchange, struct curl_slist *headers)
{
  /* What was set goes, connections stay. */
  curl_easy_reset (session->curl);
  CURLcode code = set_common (session);
  if (code == CURLE_OK)
    code = set_exchange (session->curl, exchange, headers);
  return code == CURLE_OK ? curl_easy_perform (session->curl) : code;
}

static void
perform (void *argument, struct sp_http_exchange *exchange)
{
  struct session *session = argument;
  struct curl_slist *headers = NULL;
  CURLcode code = CURLE_OK;

  exchange->message[0] = '\0';
  exchange->in_header = true;
  session->https = strncasecmp (exchange->url, "https:", 6) == 0;
  session->nameless = false;
  for (size_t i = 0; code == CURLE_OK && exchange->headers[i]; i++)
    {
      struct curl_slist *longer = curl_slist_append (headers, exchange->headers[i]);
      code = longer ? CURLE_OK : CURLE_OUT_OF_MEMORY;
      headers = longer ? longer : headers;
    }
  if (code == CURLE_OK)
    code = attempt (session, exchange, headers);
  /* Nothing was sent yet. */
  if (code == CURLE_PEER_FAILED_VERIFICATION && take_bundle (session))
    code = attempt (session, exchange, headers);
  exchange->failure
      = is_too_long (session->curl, exchange, code) ? SP_HTTP_TOO_LONG : failure_of (code);
  if (code != CURLE_OK && exchange->cancelled && *exchange->cancelled)
    exchange->failure = SP_HTTP_CANCELLED;
  if (code == CURLE_COULDNT_CONNECT)
    name_errno (session->curl, exchange);
  if (session->nameless || (code != CURLE_OK && !exchange->message[0]))
    {
      const char *text = session->nameless ? "the certificate has no subject alternative name"
                                           : curl_easy_strerror (code);
      size_t len = strlen (text);
      if (len >= sizeof exchange->message)
        len = sizeof exchange->message - 1;
      memcpy (exchange->message, text, len);
      exchange->message[len] = '\0';
    }
  curl_easy_reset (session->curl);
  curl_slist_free_all (headers);
}

/* Its declaration; nothing else is seen of the module. */
extern const struct sp_http_module sp_http_module;

__attribute__ ((visibility ("default"))) const struct sp_http_module sp_http_module = {
  .version = SP_HTTP_MODULE_VERSION,
  .open = session_open,
  .perform = perform,
  .close = session_close,
  .parse_url = sp_curl_parse_url,
};
