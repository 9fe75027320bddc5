/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_REKOR_H
#define SP_VERIFY_REKOR_H

#include "crypto/public_key.h"
#include "util/clock.h"
#include "verify/rekor_body.h"

/*
 * What a Rekor log says that it recorded, after its signature was verified: a signed entry
 * timestamp is a signature of the log's key over the canonical JSON of entry, time and place.
 */
struct sp_rekor_entry
{
  sp_time time; /* when it was recorded */
  struct sp_rekor_body body;
};
void sp_rekor_entry_clear (struct sp_rekor_entry *entry);

#define cleanup_rekor_entry SP_CLEANUP (sp_rekor_entry_clear)

/* Verify the text of a signed entry timestamp by any one of the log's keys, and read its entry.
 * Failure: REJECTED/not-in-log with the established text. */
int sp_rekor_open (struct sp_view set, struct sp_public_key *const *keys, size_t n_keys,
                   struct sp_rekor_entry *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Who signed, to be held against the entry: the encoding of a public key, or the text of a
 * certificate. */
struct sp_rekor_signer
{
  struct sp_view spki;
  struct sp_view certificate_pem; /* when spki is empty */
};

/*
 * Is the entry that of this very signature, by this signer over this payload? signature is base64
 * as it is stored. Failure: REJECTED; key-not-trusted when the entry is of another signer, else
 * not-in-log.
 */
int sp_rekor_match (const struct sp_rekor_entry *entry, const struct sp_rekor_signer *signer,
                    struct sp_view signature, struct sp_view payload,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
