/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_LOOKASIDE_H
#define SP_MODEL_LOOKASIDE_H

#include "model/registries_d.h"

/*
 * The place of the signatures of one repository: a configured URL, with the repository's path
 * behind its own. Immutable.
 *
 * Locations are read as users of registries.d are used to: nearly anything is a URL; a path is one
 * without a scheme, which then cannot be read; what stands behind "SCHEME:" without a slash is no
 * path ("file:dir" looks from the root, "http:x" has no host); the host of a file: URL is ignored.
 */
struct sp_lookaside
{
  char *scheme;    /* lower case; "" for a bare path, which cannot be read */
  char *opaque;    /* what stands behind a scheme without a slash, or NULL */
  char *userinfo;  /* encoded, or NULL; never shown */
  char *host;      /* with port, decoded; may be ""; NULL where the URL has no "//" */
  char *path;      /* percent-decoded path of the URL, then "/" and the repository path */
  size_t path_len; /* it may hold NUL: sp_lookaside_path() refuses that */
  char *query;     /* as written, or NULL */
  char *fragment;  /* encoded, or NULL */
  char *url;       /* all that in one, encoded: for requests, never shown */
  char *base;      /* the same for people: a password is xxxxx */
  char *written;   /* as it is configured, where that may be shown; else NULL */
  char *file;      /* which configures it, or NULL: it is built in */
  unsigned line;
};

/*
 * home is for the built-in default of ordinary users and may be NULL; euid decides which default
 * applies (the caller has taken _CONTAINERS_ROOTLESS_UID into account). Failure:
 * CONFIG/config-error "Invalid signature storage URL ...", with the file and line that has it.
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

/*
 * Signature number n (from 1) of a manifest digest: its URL for a request, with user and password;
 * the same for people; and, for file:, its path. The digest is checked; REJECTED when it is none.
 * To free().
 */
char *sp_lookaside_url (const struct sp_lookaside *lookaside, const char *digest, size_t n,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
char *sp_lookaside_show (const struct sp_lookaside *lookaside, const char *digest, size_t n,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
char *sp_lookaside_path (const struct sp_lookaside *lookaside, const char *digest, size_t n,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
