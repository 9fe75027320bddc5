/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_REFERRERS_H
#define SP_MODEL_REFERRERS_H

#include "util/alloc.h"
#include "util/cleanup.h"

/*
 * What a registry stores that refers to an image: an index whose entries are bundles, attestations,
 * lists of contents (the OCI distribution specification, "Listing Referrers"). No requirement reads
 * them; they are named, so that nobody looks for a signature that is there.
 */
struct sp_referrer
{
  char *digest; /* checked */
  char *type;   /* its artifact type, as it says; may be "" */
};

/* Start from {0}. */
struct sp_referrers
{
  struct sp_referrer *items;
  size_t len, capacity;
};

/* The first SP_SIGNATURES_MAX of an index that have a digest. Failure: REJECTED. */
int sp_referrers_parse (struct sp_view text, struct sp_referrers *ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_referrers_clear (struct sp_referrers *referrers);

#define cleanup_referrers SP_CLEANUP (sp_referrers_clear)

#endif
