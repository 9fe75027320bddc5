/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_BUNDLE_UNTRUSTED_H
#define SP_VERIFY_BUNDLE_UNTRUSTED_H

#include "util/alloc.h"
#include "util/clock.h"
#include "util/view.h"

/* What a Sigstore bundle says of itself. Nothing of it was verified. Start from {0}. */
struct sp_untrusted_bundle
{
  char *reference; /* the annotation docker-reference; NULL where it states no name */
  size_t reference_len;
  char *digest;         /* of the first subject, or of the file */
  char *predicate_type; /* NULL for a signature of a file */
  bool is_attestation;
  char *signer, *issuer; /* of its certificate; NULL where it has none */
  char *key_hint;        /* else which key; may be "" */
  char *log;             /* the ID of the log of its first entry, in hex; or NULL */
  bool has_time;
  sp_time time; /* that this log says */
  size_t n_entries, n_timestamps;
};

/* Failure: REJECTED, for what is no bundle. */
int sp_bundle_read_untrusted (struct sp_view text, struct sp_untrusted_bundle *ret,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_untrusted_bundle_clear (struct sp_untrusted_bundle *bundle);

#endif
