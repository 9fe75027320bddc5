/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SOURCES_REGISTRY_INT_H
#define SP_SOURCES_REGISTRY_INT_H

#include "sources/certs_d.h"
#include "sources/registry.h"

/* One host under one TLS configuration, kept from image to image. */
struct sp_registry
{
  struct sp_registry *next;
  char *host; /* as in references, with port */
  bool insecure;
  struct sp_tls_material material;
  struct sp_http *http;
  /* What it said when it was asked first. */
  bool pinged, has_signatures;
  char *base; /* "https://registry-1.docker.io" */
  struct sp_strv challenges;
  /* The last repository that had a token, whose next image may use it. */
  struct sp_repository *authorized;
};

struct sp_repository
{
  struct sp_registry *registry; /* borrowed */
  char *path;                   /* "library/busybox" */
  char *name;                   /* "docker.io/library/busybox" */
  struct sp_credentials credentials;
  char *authorization; /* of the next request, or NULL */
  bool authorized;     /* it was found out whether there is one */
  char *token_server;  /* its origin, or NULL */
};

/* Every request says this. */
#define SP_REGISTRY_API "Docker-Distribution-Api-Version: registry/2.0"

/* "docker.io" is served by another host. */
const char *sp_registry_server (const char *host);

/* --- registry_advice.c: what to do about it --------------------------------------------------- */

/* A hint for the failure of the last exchange, where its cause is known. Returns the code. */
int sp_registry_advise (const struct sp_registries *registries, const struct sp_endpoint *endpoint,
                        const struct sp_registry *registry, sigpolicy_error **err);

/* A hint for a refusal to tell anything to whoever we are: which credentials were used, or where
 * there are none. Returns the code. */
int sp_repository_advise_login (const struct sp_repository *repository, sigpolicy_error **err);

/* The file that a [[registry]] of an administrator would stand in; NULL where it is not known. */
const char *sp_registries_conf_file (const struct sp_registries *registries);

/* --- registry_token.c: who we are ------------------------------------------------------------- */

/* Find out what to send as Authorization. What is asked for is the right to pull from this
 * repository, whatever else a refusal says is missing. */
int sp_repository_authorize (struct sp_repository *repository,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- token_answer.c --------------------------------------------------------------------------- */

/* The token of an answer, to free(); "" where it has none. UNAVAILABLE for one that the image
 * library does not decode. */
int sp_token_answer_read (struct sp_view body, char **ret,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- registry_error.c: what a refusal says ---------------------------------------------------- */

struct sp_refusal
{
  char *code;     /* "MANIFEST_UNKNOWN"; "UNKNOWN" for a document without a code; NULL for none */
  char *message;  /* for people, printable; may be "" */
  bool shortened; /* there was more */
};

int sp_refusal_read (const struct sp_http_response *response, struct sp_refusal *ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_refusal_clear (struct sp_refusal *refusal);
#define cleanup_refusal SP_CLEANUP (sp_refusal_clear)

/* Does it say that there is no such manifest, and not that we may not know? */
bool sp_refusal_is_absence (const struct sp_refusal *refusal, unsigned status);

/* The error that it is. */
int sp_refusal_error (const struct sp_refusal *refusal, const struct sp_http_response *response,
                      sigpolicy_error **err);

/* --- media_type.c ----------------------------------------------------------------------------- */

/* A Content-Type without parameters and in lower case; "" for NULL and for one that is not well
 * formed. To free(). */
char *sp_media_type (const char *content_type, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
