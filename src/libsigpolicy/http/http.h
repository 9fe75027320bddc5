/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_HTTP_HTTP_H
#define SP_HTTP_HTTP_H

#include "http/module.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"

#include <stdint.h>

/*
 * HTTP for those who fetch signatures and manifests. Redirects are followed here and not by curl:
 * credentials never leave the origin that they were given for, https never becomes http, and a
 * redirect costs one of a few. Everything has a limit, and all exchanges for one image a common
 * deadline.
 *
 * A client belongs to one thread at a time.
 */
struct sp_http;

/* The private module of the installation; tests are linked with one of the build tree. */
extern const char sp_http_module_path[];

/* Milliseconds of a clock that only goes forward: what deadlines are made of. */
int64_t sp_http_clock (void);

/* The servers that did not answer in time, of all clients that share the table, in any thread. */
struct sp_http_hung;
int sp_http_hung_new (struct sp_http_hung **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
struct sp_http_hung *sp_http_hung_ref (struct sp_http_hung *hung);
void sp_http_hung_free (struct sp_http_hung *hung);

/* Failure: INTERNAL/engine-missing when the module cannot be opened, NO_MEMORY. tls is copied; its
 * strings are borrowed. Of hung, if not NULL, a reference is taken: a server that hung is not
 * waited for again for a while. */
int sp_http_new (const struct sp_http_tls *tls, struct sp_http_hung *hung, int64_t deadline,
                 struct sp_http **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_http_free (struct sp_http *http);
void sp_http_set_deadline (struct sp_http *http, int64_t deadline);
/* Another thread may set this flag: then the exchange ends, and no other begins, as
 * UNAVAILABLE/could-not-look. Borrowed. */
void sp_http_set_cancelled (struct sp_http *http, const atomic_bool *cancelled);

SP_DEFINE_CLEANUP (struct sp_http *, sp_http_free);
#define cleanup_http SP_CLEANUP (sp_http_free_p)

/* A URL taken apart: USAGE/usage for what is none. */
int sp_http_parse_url (const char *text, struct sp_http_url *ret,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_http_url_clear (struct sp_http_url *url);
#define cleanup_http_url SP_CLEANUP (sp_http_url_clear)

struct sp_http_request
{
  const char *method;         /* "GET" or "POST" */
  const char *url;            /* user information in it becomes Basic authentication */
  const char *const *headers; /* further ones, ended by NULL; may be NULL */
  const char *authorization;  /* the value of Authorization, for the URL's own origin; or NULL */
  struct sp_view body;        /* of a POST: a form */
  size_t limit;               /* of the body of a 200; other bodies are cut */
  int too_long;               /* the class of a longer one; 0: UNAVAILABLE */
  const char *what;           /* "manifest": for messages */
};

struct sp_http_response
{
  unsigned status;
  char status_line[64];   /* "404 Not Found", printable */
  struct sp_strv headers; /* lines "Name: value" of the last response */
  struct sp_buf body;
};

/*
 * One request and its redirects. A complete answer of any status is 0. Failure:
 * UNAVAILABLE/could-not-look for everything that left it open; UNAVAILABLE/limit for the limits;
 * what a redirect may not do is could-not-look with the ids S6 and S7 of SECURITY.md.
 */
int sp_http_perform (struct sp_http *http, const struct sp_http_request *request,
                     struct sp_http_response *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_http_response_clear (struct sp_http_response *response);
#define cleanup_http_response SP_CLEANUP (sp_http_response_clear)

/* The value of the number-th header of a name (any case), from 0, without blanks around it; NULL
 * when there is none. Borrowed. */
const char *sp_http_header (const struct sp_http_response *response, const char *name,
                            size_t number);

/* Wait before a request is tried again, as Retry-After says (seconds; bounded) or a little longer
 * each time. False when that would be too late or too often. */
bool sp_http_wait (struct sp_http *http, const struct sp_http_response *response, unsigned tried);

/* "Basic ..." of a user and a password. To free(). */
char *sp_http_basic (const char *user, const char *password,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What kept the last exchange from an answer, where that is known. */
enum sp_http_trouble
{
  SP_TROUBLE_NONE,
  SP_TROUBLE_NO_TLS,    /* the other side speaks something else */
  SP_TROUBLE_AUTHORITY, /* its certificate is by nobody who is trusted */
  SP_TROUBLE_NAME,      /* and for another name */
  SP_TROUBLE_EXPIRED,
  SP_TROUBLE_CLIENT, /* it takes no client without a certificate, or not this one */
  SP_TROUBLE_CLOSED, /* it ended the connection as soon as that was secured */
  SP_TROUBLE_KEY,    /* our own certificate and key cannot be used */
};
enum sp_http_trouble sp_http_trouble (const struct sp_http *http);

/* How many exchanges there were, for those who count them. */
size_t sp_http_exchanges (const struct sp_http *http);

#endif
