/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_SIGNERS_H
#define SP_VERIFY_SIGNERS_H

#include "util/alloc.h"
#include "util/clock.h"
#include "util/view.h"

/* --- what a key file says of a key --------------------------------------------------------------
 */

struct sp_signer
{
  struct sp_view path;    /* of its file, borrowed; no data where it stands in the policy itself */
  char *fingerprint;      /* as verdicts have it */
  struct sp_strv subkeys; /* fingerprints */
  char *owner;            /* the first user ID, as the key itself says; or NULL */
  sp_time expires;        /* 0: never */
  bool revoked;
};

/* Start from {0}. */
struct sp_signer_list
{
  struct sp_signer *items;
  size_t len, capacity;
};
void sp_signer_list_clear (struct sp_signer_list *list);

/* Add the keys of a file, except those that another file had. Nothing here decides about an image.
 * Failure: KEY for what is no such file, memory. */
int sp_signer_list_add_openpgp (struct sp_signer_list *list, struct sp_view file,
                                struct sp_view path, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_signer_list_add_pem (struct sp_signer_list *list, struct sp_view file, struct sp_view path,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- of the keys of a requirement ---------------------------------------------------------------
 */

/*
 * The very bytes that were trusted. They are parsed once, when somebody first asks, whoever asks: a
 * verdict that nobody asks for names has cost a copy of them and no more. It has owners that count,
 * and any number of threads may ask.
 */
struct sp_signers;

/* A path is NULL for a key that stands in the policy itself; all paths are NULL without paths. */
int sp_signers_new (bool openpgp, const struct sp_view *keys, const char *const *paths,
                    size_t n_keys, struct sp_signers **ret,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
/* Do the same keys have these paths, too? */
bool sp_signers_are_of (const struct sp_signers *signers, const char *const *paths);

struct sp_signers *sp_signers_ref (struct sp_signers *signers); /* NULL is allowed */
void sp_signers_free (struct sp_signers *signers);

/* *ret is NULL where there is no such key. It lives as long as any owner. Returns 0 or
 * NO_MEMORY. */
int sp_signers_find (struct sp_signers *signers, const char *fingerprint,
                     const struct sp_signer **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
