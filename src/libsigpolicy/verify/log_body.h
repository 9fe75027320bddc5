/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_LOG_BODY_H
#define SP_VERIFY_LOG_BODY_H

#include "crypto/certificate.h"
#include "model/bundle.h"
#include "verify/checkpoint.h"

/* What an entry of a log is held against: the bundle, who signed it, and what a signature of an
 * envelope is over. */
struct sp_log_subject
{
  const struct sp_bundle *bundle;
  const struct sp_public_key *key;
  const struct sp_certificate *certificate; /* NULL where a key signed */
  struct sp_view pae;                       /* see verify/dsse.h; of envelopes */
};

/*
 * Is the body of the entry about this very signature, by this signer, over this content? Of Rekor's
 * first version: hashedrekord 0.0.1, dsse 0.0.1, intoto 0.0.2, whose every member that counts is
 * compared; of the second: hashedrekord 0.0.2, which must be what one makes of the bundle, to the
 * byte. Every other kind or version is refused. Failure: REJECTED; key-not-trusted for another
 * signer, else not-in-log.
 */
int sp_log_body_check (const struct sp_log_subject *subject, const struct sp_bundle_entry *entry,
                       enum sp_log_version *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
