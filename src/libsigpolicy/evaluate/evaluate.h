/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EVALUATE_EVALUATE_H
#define SP_EVALUATE_EVALUATE_H

#include "evaluate/trace.h"
#include "openpgp/openpgp.h"
#include "sources/evidence.h"
#include "verify/trust.h"

/* One question for the engine. Everything is borrowed. */
struct sp_question
{
  struct sp_policy *policy;
  const struct sp_image_name *image; /* the name that it is judged by */
  struct sp_evidence *evidence;
  struct sp_openpgp *openpgp;
  struct sp_trust_cache *trust;
  sp_time now; /* the only time there is */
  bool require_signed;
};

/*
 * Find the requirements of the image's scope, hold the evidence against each in order, and stop at
 * the first that does not hold; all must (containers-policy.json(5), "policy requirements"). The
 * evidence is read only as far as a requirement asks. Returns 0 when there is an answer, of
 * whatever kind, in the trace; negative only when not even a rejection could be recorded
 * (NO_MEMORY).
 */
int sp_evaluate (const struct sp_question *question, struct sp_trace **ret,
                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
