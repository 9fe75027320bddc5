/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SOURCES_REGISTRY_H
#define SP_SOURCES_REGISTRY_H

#include "http/http.h"
#include "model/registries_conf.h"
#include "sources/credentials.h"

#include <stdatomic.h>

/*
 * Registries, by the API v2 of the OCI distribution specification, read only: manifests, small
 * blobs, and lists of signatures. Connections, and what a registry said of itself, are kept from
 * image to image.
 *
 * One thread at a time.
 */
struct sp_registries;

enum sp_tls_verify
{
  SP_TLS_AS_CONFIGURED, /* insecure in registries.conf */
  SP_TLS_VERIFY,
  SP_TLS_DO_NOT_VERIFY,
};

/* Strings are copied; auth is taken over, on failure too. */
struct sp_registry_options
{
  struct sp_auth_options auth; /* creds_host is left to each image */
  const char *cert_dir;        /* used as it is, instead of certs.d; or NULL */
  struct sp_reader reader;     /* of certs.d */
  const char *conf_file;       /* where a new entry of registries.conf goes, for hints; or NULL */
  struct sp_creds_owner *creds_owner; /* with auth.creds; borrowed, a reference is taken */
  struct sp_http_hung *hung;          /* borrowed, a reference is taken; or NULL */
  enum sp_tls_verify tls_verify;
  const atomic_bool *cancelled; /* see sp_http_set_cancelled(); borrowed */
};

int sp_registries_new (struct sp_registry_options *options, struct sp_registries **ret,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_registries_free (struct sp_registries *registries);

SP_DEFINE_CLEANUP (struct sp_registries *, sp_registries_free);
#define cleanup_registries SP_CLEANUP (sp_registries_free_p)

/* One repository on one endpoint, as one image uses it. */
struct sp_repository;

/*
 * Credentials and TLS material are found; the registry is asked what it wants, once for all its
 * repositories. logical_host is the host that explicit credentials are for. helpers are asked for
 * credentials. All of it is to be done before deadline (sp_http_clock()). What a person should know
 * of the credentials is added to warnings.
 *
 * Failure: UNAVAILABLE/could-not-look; KEY or CONFIG for material that cannot be used;
 * REJECTED/rejected-by-rule for an endpoint that registries.conf blocks.
 */
int sp_repository_open (struct sp_registries *registries, const struct sp_endpoint *endpoint,
                        const char *logical_host, const struct sp_strv *helpers, int64_t deadline,
                        struct sp_strv *warnings, struct sp_repository **ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_repository_free (struct sp_repository *repository);

SP_DEFINE_CLEANUP (struct sp_repository *, sp_repository_free);
#define cleanup_repository SP_CLEANUP (sp_repository_free_p)

/* From now on, all of it is to be done before this. */
void sp_repository_set_deadline (struct sp_repository *repository, int64_t deadline);

/* Does the registry serve signatures itself (X-Registry-Supports-Signatures)? */
bool sp_repository_has_signatures (const struct sp_repository *repository);

/* "https://HOST/v2/PATH/manifests/..." and the like, for people. To free(). */
char *sp_repository_url (const struct sp_repository *repository, const char *rest,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The files of certs.d that its connections are made with. Borrowed. */
const struct sp_strv *sp_repository_certs (const struct sp_repository *repository);

/* Whom else credentials went to: the token server's origin, or NULL. Borrowed. */
const char *sp_repository_token_server (const struct sp_repository *repository);

/* A manifest by tag or digest. *ret_mime is the Content-Type without its parameters, "" for none;
 * to free(). *ret_absent tells, of a failure, that the registry knows of no such manifest. Failure:
 * NOT_FOUND, UNAVAILABLE, REJECTED/limit. */
int sp_repository_manifest (struct sp_repository *repository, const char *tag_or_digest,
                            struct sp_buf *ret, char **ret_mime, bool *ret_absent,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A blob, whose digest is checked. */
int sp_repository_blob (struct sp_repository *repository, const char *digest, size_t limit,
                        struct sp_buf *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The registry's own list of the signatures of a digest, as JSON text. */
int sp_repository_signatures (struct sp_repository *repository, const char *digest,
                              struct sp_buf *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A page of the registry's index of what refers to a digest, by its URL, and the URL of the next
 * one, which stays NULL after the last; to free(). *ret_unknown: it keeps no such index. A URL that
 * is not within the registry is UNAVAILABLE. */
int sp_repository_referrers (struct sp_repository *repository, const char *url, struct sp_buf *ret,
                             char **ret_next, bool *ret_unknown,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A request beside the registry's API, with its connections and TLS material, without its
 * credentials. */
int sp_repository_fetch (struct sp_repository *repository, const char *url, size_t limit,
                         struct sp_http_response *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
