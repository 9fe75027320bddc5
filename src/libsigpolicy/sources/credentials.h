/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SOURCES_CREDENTIALS_H
#define SP_SOURCES_CREDENTIALS_H

#include "reference/reference.h"
#include "util/alloc.h"
#include "util/buf.h"

#include <sigpolicy/sandbox.h>
#include <sys/types.h>

/*
 * Where credentials are looked for: what the command line and the environment say. Every string is
 * owned and may be NULL; an empty one is as none. Nothing here looks at the environment but
 * sp_auth_options_from_environment().
 */
struct sp_auth_options
{
  char *creds;         /* --creds: "user[:password]" */
  char *creds_host;    /* the host that they are for, of the name that the user wrote: no other gets
                          them */
  char *authfile;      /* --authfile or $REGISTRY_AUTH_FILE: this file and no other */
  char *runtime_dir;   /* $XDG_RUNTIME_DIR */
  char *config_home;   /* $XDG_CONFIG_HOME */
  char *docker_config; /* $DOCKER_CONFIG */
  char *home;
  char *path; /* $PATH, where credential helpers are found */
  uid_t uid;
  unsigned helper_ms;              /* how long one may take; 0 is SP_HELPER_SECONDS */
  sigpolicy_helper_runner *helper; /* runs them in our place, or NULL */
  void *helper_data;
};

int sp_auth_options_from_environment (struct sp_auth_options *ret,
                                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_auth_options_clear (struct sp_auth_options *options);

#define cleanup_auth_options SP_CLEANUP (sp_auth_options_clear)

/* Which registry the credentials of the command line are for: the first that asks. */
struct sp_creds_owner;
int sp_creds_owner_new (struct sp_creds_owner **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
struct sp_creds_owner *sp_creds_owner_ref (struct sp_creds_owner *owner);
void sp_creds_owner_free (struct sp_creds_owner *owner);

/* The host may have them, or USAGE. Threads: any. */
int sp_creds_owner_claim (struct sp_creds_owner *owner, const char *host,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * What was found. There is none where user and identity_token are NULL. Otherwise user and password
 * are strings, perhaps empty, and identity_token may be NULL.
 */
struct sp_credentials
{
  char *user, *password, *identity_token;
  char *from;              /* which file or helper, for people; never a secret */
  char *key;               /* the entry of the file, or NULL */
  struct sp_strv searched; /* places that have none, each with why; no secret */
  struct sp_strv warnings; /* for people: such as a file that others may read */
};

/* Overwrites the secrets before it lets go of them. */
void sp_credentials_clear (struct sp_credentials *credentials);

#define cleanup_credentials SP_CLEANUP (sp_credentials_clear)

/*
 * The credentials for a repository, by containers-auth.json(5). physical is where the image really
 * is, after mirrors. helpers are the credential-helpers of containers-registries.conf(5), asked in
 * their order, of which "containers-auth.json" stands for the files; none are the same as that one.
 * Finding none is no failure.
 *
 * Failure, when nothing was found and something failed: of the first that did, "getting username
 * and password: ...": CONFIG/config-error for files and for helpers that are missing, with reason
 * limit for what is too large, UNAVAILABLE/could-not-look for helpers that fail; USAGE for --creds
 * that are none. No message holds a secret.
 *
 * Threads: any. Helper programs are started, waited for and ended here, with what they left in
 * their process group.
 */
int sp_credentials_find (const struct sp_auth_options *options, const struct sp_strv *helpers,
                         const struct sp_reference *physical, struct sp_credentials *ret,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Run docker-credential-NAME, found on path, for a host; of ms 0 is SP_HELPER_SECONDS. Failure: as
 * sp_helper_run(); CONFIG: there is none of that name. */
int sp_credential_helper_run (const char *name, const char *path, const char *host, unsigned ms,
                              struct sp_buf *out, struct sp_buf *complaints, int *ret_status,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
