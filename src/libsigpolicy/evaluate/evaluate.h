/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EVALUATE_EVALUATE_H
#define SP_EVALUATE_EVALUATE_H

#include "evaluate/trace.h"
#include "model/bundle.h"
#include "model/trusted_root.h"
#include "verify/trust.h"

/* The evidence of an image, as far as a requirement needs it; or why it could not be read. */
struct sp_image_evidence
{
  struct sp_view manifest;
  const sigpolicy_error *no_manifest;
  struct sp_signature_blob *const *signatures;
  size_t n_signatures;
  const sigpolicy_error *no_signatures;
};

/* What a requirement trusts; or why that cannot be used. */
struct sp_trusted
{
  const struct sp_trust *trust;
  sigpolicy_error *fault;
};

/* One question for the engine. Everything is borrowed. */
struct sp_question
{
  struct sp_policy *policy;
  struct sp_policy_match match;      /* the scope of it that applies */
  const struct sp_image_name *image; /* the name that the policy is applied to */
  struct sp_image_evidence evidence;
  const struct sp_trusted *trusted; /* of each requirement of the scope that looks at signatures */
  sp_time now;                      /* the only time there is */
  bool require_signed;
  enum sp_bundle_mode bundles;
  const struct sp_trusted_root *trusted_root; /* logs and timestamp authorities; or NULL */
};

/*
 * Evaluate each requirement of the scope in order, and stop at the first that is not satisfied; all
 * must be (containers-policy.json(5), "policy requirements"). The answer
 * depends on the question alone: nothing is read, asked or remembered here. Returns 0 when there is
 * an answer, of whatever kind, in the trace; negative only when not even a rejection could be
 * recorded (NO_MEMORY).
 */
int sp_evaluate (const struct sp_question *question, struct sp_trace **ret,
                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
