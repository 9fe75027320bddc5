/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/requirement.h"

/* signedBy of containers-policy.json(5): any one simple signature by any of the keys. */

static int
try_signature (const struct sp_question *question, const struct sp_trace_requirement *requirement,
               const struct sp_signature_blob *blob, struct sp_trace_signature *trace,
               sigpolicy_error **err)
{
  cleanup_claim struct sp_claim claim = { 0 };
  enum sp_verify_stage stage = SP_STAGE_KEYS;
  const struct sp_trust *trust = sp_requirement_trust (question, requirement, err);

  int rc = trust ? sp_simple_signing_verify (blob->message, trust, question->now, &claim, &stage,
                                             &trace->key, err)
                 : sigpolicy_error_code (*err);
  if (rc == 0)
    return sp_requirement_check_claim (question, requirement->requirement, trust, &claim, trace,
                                       err);

  trace->stage = (int)stage;
  return sp_outcome_fail (&trace->outcome, err);
}

int
sp_signed_by_evaluate (const struct sp_question *question, struct sp_trace_requirement *trace,
                       sigpolicy_error **err)
{
  const struct sp_image_evidence *evidence = &question->evidence;

  if (evidence->no_signatures)
    {
      (void)sp_error_copy (evidence->no_signatures, err);
      return sp_outcome_fail (&trace->outcome, err);
    }
  for (size_t i = 0; i < evidence->n_signatures; i++)
    {
      const struct sp_signature_blob *blob = evidence->signatures[i];
      struct sp_trace_signature *signature = NULL;
      if (sp_requirement_add_signature (trace, blob, &signature, err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
      signature->skipped = blob->format != SP_SIGNATURE_SIMPLE_SIGNING;
      if (signature->skipped)
        continue;
      if (try_signature (question, trace, blob, signature, err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
      if (signature->outcome.answer == SP_ANSWER_ACCEPTED)
        break;
    }
  return sp_requirement_sum_up (question, trace,
                                "A signature was required, but no signature exists", err);
}
