/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_HTTP_MODULE_H
#define SP_HTTP_MODULE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Between the library and the private module that is linked with libcurl: one exchange at a time,
 * without redirects, retries, or credentials that curl would choose. All that decides stays on the
 * library's side. The module is opened by the first source that needs a server, so a verification
 * of files reaches no network code.
 *
 * The two are built together; the version only tells a stray module of another build.
 */
#define SP_HTTP_MODULE_VERSION 3
#define SP_HTTP_MODULE_SYMBOL  "sp_http_module"
#define SP_HTTP_MESSAGE_SIZE   256

/* How connections are made. Strings are borrowed until the session is closed. */
struct sp_http_tls
{
  bool insecure;         /* the server's certificate is not checked */
  const char *ca_pem;    /* further authorities beside the system's, or NULL */
  const char *cert_path; /* a client certificate and its key, PEM, or NULL */
  const char *key_path;
};

/* Why there is no complete answer. */
enum sp_http_failure
{
  SP_HTTP_ANSWERED,
  SP_HTTP_NO_MEMORY,
  SP_HTTP_UNREACHABLE, /* name, connection, reset, truncated body, broken protocol */
  SP_HTTP_TLS,
  SP_HTTP_TIMEOUT,
  SP_HTTP_REFUSED,    /* one of the functions below had enough */
  SP_HTTP_TOO_LONG,   /* a header line, for the module itself */
  SP_HTTP_CANCELLED,  /* by the flag below */
  SP_HTTP_CLIENT_KEY, /* the client's certificate and key are of no use */
};

struct sp_http_exchange
{
  const char *method;
  const char *url;            /* http or https, without user information */
  const char *const *headers; /* "Name: value", ended by NULL */
  const char *body;           /* of a POST, or NULL */
  size_t body_len;
  const char *proxy;    /* "": none */
  const char *no_proxy; /* hosts for which there is none, as curl reads it */
  long timeout_ms;
  const atomic_bool *cancelled; /* is looked at time and again; NULL: nobody can */
  /* They return false to end the exchange. Lines come without their CR LF, of the last response
   * only when there are interim ones; a body comes decoded. */
  void *sink;
  bool (*take_header) (void *sink, const char *line, size_t len);
  bool (*take_body) (void *sink, const char *bytes, size_t len);

  bool in_header; /* the module's own */

  /* The answer. */
  enum sp_http_failure failure;
  char message[SP_HTTP_MESSAGE_SIZE]; /* of a failure */
};

/* An absolute URL, taken apart; each to free(). */
struct sp_http_url
{
  char *text;            /* without user information and fragment */
  char *scheme;          /* lower case */
  char *host;            /* lower case, an IPv6 address in brackets */
  char *origin;          /* scheme://host:port, always with the port */
  char *user, *password; /* decoded, or NULL */
};

struct sp_http_module
{
  int version;
  /* A session keeps its connections; one thread at a time. NULL: no memory. */
  void *(*open) (const struct sp_http_tls *tls);
  void (*perform) (void *session, struct sp_http_exchange *exchange);
  void (*close) (void *session);
  /* Parse location, relative to base unless that is NULL. 0; 1 for something that is no http or
   * https URL; -1 without memory. On failure *ret is empty. */
  int (*parse_url) (const char *base, const char *location, struct sp_http_url *ret);
};

#endif
