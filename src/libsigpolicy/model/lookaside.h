/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_LOOKASIDE_H
#define SP_MODEL_LOOKASIDE_H

#include "model/registries_d.h"

/* The place of the signatures of one repository: a configured URL, parsed as Go parses it, with the
 * repository's path behind it (image-and-signature-sources 2.1, 2.2). Immutable. */
struct sp_lookaside
{
  char *scheme;   /* lower case; "" for a bare path, which cannot be read */
  char *userinfo; /* as written, or NULL; never shown */
  char *host;     /* with port, as written; "" for file */
  char *path;     /* percent-decoded path of the URL, then "/" and the repository path */
  char *query;    /* as written, or NULL */
  char *base;     /* for people, and the conformance answer: re-encoded, password shown as xxxxx */
};

/*
 * home is for the built-in default of ordinary users and may be NULL; euid decides which default
 * applies (the caller has taken _CONTAINERS_ROOTLESS_UID into account). Failure:
 * CONFIG/config-error "Invalid signature storage URL ...".
 */
int sp_lookaside_find (const struct sp_registries_d *configuration,
                       const struct sp_reference *reference, enum sp_lookaside_use use,
                       unsigned euid, const char *home, struct sp_lookaside **ret,
                       struct sp_registries_d_answer *ret_answer,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_lookaside_free (struct sp_lookaside *lookaside);

SP_DEFINE_CLEANUP (struct sp_lookaside *, sp_lookaside_free);
#define cleanup_lookaside SP_CLEANUP (sp_lookaside_free_p)

/* The effective user, or what $_CONTAINERS_ROOTLESS_UID says. */
unsigned sp_lookaside_euid (void);

/* The URL of signature number n (from 1) of a manifest digest, encoded for a request, and the plain
 * path for file:. The digest is checked; REJECTED when it is none. To free(). */
char *sp_lookaside_url (const struct sp_lookaside *lookaside, const char *digest, size_t n,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
char *sp_lookaside_path (const struct sp_lookaside *lookaside, const char *digest, size_t n,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
