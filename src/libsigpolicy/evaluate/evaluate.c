/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/evaluate.h"

#include "evaluate/requirement.h"

/* Evaluates in order and stops at the first requirement that does not hold. ret_held counts those
 * that did. */
static int
evaluate_all (const struct sp_question *question, struct sp_trace *trace, size_t *ret_held,
              sigpolicy_error **err)
{
  for (size_t i = 0; i < trace->n_requirements; i++)
    {
      struct sp_trace_requirement *requirement = &trace->requirements[i];
      requirement->evaluated = true;
      int rc = sp_requirement_evaluate (question, requirement, err);
      if (rc < 0)
        return rc;
      if (requirement->outcome.answer != SP_ANSWER_ACCEPTED)
        return sp_outcome_copy (&trace->outcome, &requirement->outcome, err);
      *ret_held = i + 1;
    }
  return 0;
}

int
sp_evaluate (const struct sp_question *question, struct sp_trace **ret, sigpolicy_error **err)
{
  cleanup_trace struct sp_trace *trace = sp_calloc (1, sizeof *trace, err);
  size_t held = 0;
  bool signed_for = false;
  int rc = 0;

  if (!trace)
    return SIGPOLICY_E_NO_MEMORY;
  trace->policy = sp_policy_ref (question->policy);
  trace->match = question->match;
  trace->outcome.code = SIGPOLICY_E_INTERNAL;

  const struct sp_requirements *list = &trace->match.scope->requirements;
  trace->requirements = sp_calloc (list->len, sizeof *trace->requirements, err);
  if (!trace->requirements)
    return SIGPOLICY_E_NO_MEMORY;
  trace->n_requirements = list->len;
  for (size_t i = 0; i < list->len; i++)
    {
      trace->requirements[i].requirement = &list->items[i];
      trace->requirements[i].outcome.code = SIGPOLICY_E_INTERNAL;
      signed_for = signed_for || sp_requirement_type_is_signed (list->items[i].type);
    }

  rc = evaluate_all (question, trace, &held, err);
  if (rc < 0)
    return rc;
  if (list->len == 0)
    rc = sp_outcome_reject (&trace->outcome, SIGPOLICY_REASON_CONFIG_ERROR, err,
                            "List of verification policy requirements must not be empty");
  else if (held == list->len && question->require_signed && !signed_for)
    rc = sp_outcome_reject (&trace->outcome, SIGPOLICY_REASON_NOT_SIGNED_ENOUGH, err,
                            "No signature verification policy found for image %s:%s",
                            sp_transport_name (question->image->transport),
                            question->image->identity);
  else if (held == list->len)
    trace->outcome = (struct sp_outcome){ .answer = SP_ANSWER_ACCEPTED,
                                          .code = SIGPOLICY_OK,
                                          .reason = SIGPOLICY_REASON_ACCEPTED };
  if (rc < 0)
    return rc;
  *ret = steal (&trace);
  return 0;
}
