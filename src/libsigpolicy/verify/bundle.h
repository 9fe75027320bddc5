/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_BUNDLE_H
#define SP_VERIFY_BUNDLE_H

#include "model/bundle.h"
#include "model/statement.h"
#include "model/trusted_root.h"
#include "util/alloc.h"

/* Sigstore bundles, verified offline. Order and rules are those of the Sigstore client
 * specification; where it leaves a choice the stricter one is taken (sigpolicy-sigstore(7)). */

/* Who and what is trusted, and what is asked. Everything is borrowed. */
struct sp_bundle_question
{
  /* Who may have signed: one of these keys, or who has a certificate of these authorities. */
  struct sp_public_key *const *keys;
  size_t n_keys;
  const struct sp_trusted_authority *authorities;
  size_t n_authorities;
  /* Certificates must be valid at this time, too; otherwise only when they signed. */
  bool at_now;
  sp_time now;
  /* Logs and timestamp authorities, and what must be there of them at least once. */
  const struct sp_trusted_log *logs[2];
  size_t n_logs[2];
  const struct sp_trusted_log *ct_logs;
  size_t n_ct_logs;
  const struct sp_trusted_authority *timestamp_authorities;
  size_t n_timestamp_authorities;
  bool needs_entry, needs_time, needs_sct;
  /* What must have been signed. */
  const struct sp_digests *digests;
  /* The signer's identity is one of these, by that issuer; no identities: not asked here. */
  const struct sp_strv *identities;
  const char *issuer;
  const char *predicate_type; /* NULL: any */
};

/* A moment at which the signature existed, and who says so. */
struct sp_signed_time
{
  sp_time time;
  bool late; /* within its second, but after its start */
  bool by_log;
  const char *by; /* URL of the log or authority, borrowed from the question */
};

/* One step that was taken, in the order in which they were. */
enum sp_bundle_step
{
  SP_BUNDLE_STRUCTURE,
  SP_BUNDLE_LOG,
  SP_BUNDLE_TIMESTAMPS,
  SP_BUNDLE_TIME,
  SP_BUNDLE_CERTIFICATE_PATH,
  SP_BUNDLE_SCT,
  SP_BUNDLE_SIGNATURE,
  SP_BUNDLE_CONTENT,
  SP_BUNDLE_IDENTITY,
  SP_BUNDLE_PREDICATE,
};
const char *sp_bundle_step_name (enum sp_bundle_step step);

struct sp_bundle_steps
{
  struct
  {
    enum sp_bundle_step step;
    char *detail;
  } * items;
  size_t len, capacity;
};

struct sp_bundle_result
{
  bool verified; /* the only member that says so; set last */
  struct sp_bundle *bundle;
  struct sp_certificate *certificate; /* of the signer; NULL for a key */
  const struct sp_public_key *key;    /* that signed */
  struct sp_signed_time *times;
  size_t n_times, times_capacity;
  struct sp_bundle_steps steps; /* that passed */
  enum sp_bundle_step failed;   /* where it ended, unless it is verified */
  /* Of an envelope whose signature was verified. */
  bool has_statement;
  struct sp_statement statement;
  char *identity, *issuer; /* of a certificate; NULL where it has none */
};
void sp_bundle_result_clear (struct sp_bundle_result *result);

#define cleanup_bundle_result SP_CLEANUP (sp_bundle_result_clear)

/* Verify one. text must stay as it is until the result is cleared; what is known of a bundle that
 * failed is in the result. Failure: REJECTED. */
int sp_bundle_verify (struct sp_view text, const struct sp_bundle_question *question,
                      struct sp_bundle_result *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
