/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EVALUATE_REQUIREMENT_H
#define SP_EVALUATE_REQUIREMENT_H

#include "evaluate/evaluate.h"
#include "verify/claim.h"

/* Hold the evidence against one requirement; the answer is in trace->outcome. Returns 0 or
 * NO_MEMORY. */
int sp_requirement_evaluate (const struct sp_question *question, struct sp_trace_requirement *trace,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The two that look at signatures. */
int sp_signed_by_evaluate (const struct sp_question *question, struct sp_trace_requirement *trace,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_sigstore_signed_evaluate (const struct sp_question *question,
                                 struct sp_trace_requirement *trace,
                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What this requirement trusts; NULL, with a copy of why in *err, where that cannot be used. */
const struct sp_trust *sp_requirement_trust (const struct sp_question *question,
                                             const struct sp_trace_requirement *trace,
                                             sigpolicy_error **err);

/*
 * What those two share. Begin the record of one signature; *ret is valid until the next one begins.
 * Then the steps after the cryptography: the claimed digest against the manifest, the claimed
 * identity against the rule. A claim that does not hold is recorded in the signature's outcome,
 * which this function alone may turn into an acceptance.
 */
int sp_requirement_add_signature (struct sp_trace_requirement *trace,
                                  const struct sp_signature_blob *blob,
                                  struct sp_trace_signature **ret,
                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_requirement_check_claim (const struct sp_question *question,
                                const struct sp_requirement *requirement,
                                const struct sp_trust *trust, const struct sp_claim *claim,
                                struct sp_trace_signature *trace,
                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * Sum up signatures that were tried: one good signature satisfies the requirement; of none, the
 * established texts. none is the text for an image without signatures to look at.
 */
int sp_requirement_sum_up (const struct sp_question *question, struct sp_trace_requirement *trace,
                           const char *none, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
