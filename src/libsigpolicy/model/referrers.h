/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_REFERRERS_H
#define SP_MODEL_REFERRERS_H

#include "model/attachment.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/*
 * What a registry stores that refers to an image: an index whose entries are bundles, attestations,
 * lists of contents (the OCI distribution specification, "Listing Referrers"). No requirement reads
 * them; they are named, so that nobody looks for a signature that is there.
 */
struct sp_referrer
{
  char *digest;    /* checked */
  char *type;      /* its artifact type, as it says; may be "" */
  char *predicate; /* of a bundle, what it says of the image, as it says; may be "" */
  const struct sp_attachment *known; /* what that is; NULL when nobody knows */
};

/* Start from {0}. */
struct sp_referrers
{
  struct sp_referrer *items;
  size_t len, capacity;
  bool more; /* there were more than are kept */
};

/* Adds what an index names that has a digest, up to SP_REFERRERS_MAX in all. Failure: REJECTED for
 * what is no index; then nothing was added. */
int sp_referrers_parse (struct sp_view text, struct sp_referrers *referrers,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_referrers_add (struct sp_referrers *referrers, struct sp_view digest, struct sp_view type,
                      struct sp_view predicate, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_referrers_clear (struct sp_referrers *referrers);

#define cleanup_referrers SP_CLEANUP (sp_referrers_clear)

/* Does the entry of the index leave open what it is? Some who write indexes name no type there, or
 * that of the configuration; and what a bundle says of the image. */
bool sp_referrer_is_vague (const struct sp_referrer *referrer);

/* Does it say nothing at all of what it is? */
bool sp_referrer_is_silent (const struct sp_referrer *referrer);

/*
 * What its own manifest says it is: its artifact type, else that of its configuration, else of its
 * first layer. One that refers to another image, or cannot be read, is left as nobody knows it.
 */
int sp_referrer_read_manifest (struct sp_referrer *referrer, struct sp_view manifest,
                               const char *image, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
