/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/facts.h"

void
sp_facts_clear (struct sp_facts *facts)
{
  sp_hint_clear (&facts->attachments);
  sp_hint_clear (&facts->lookaside);
  sp_referrers_clear (&facts->referrers);
  *facts = (struct sp_facts){ 0 };
}

/* Which kinds of signatures a requirement missed. */
static void
see_wanted (const struct sp_trace *trace, struct sp_facts *facts)
{
  for (size_t i = 0; i < trace->n_requirements; i++)
    {
      const struct sp_trace_requirement *it = &trace->requirements[i];
      bool missed = it->evaluated && it->outcome.reason == SIGPOLICY_REASON_NO_SIGNATURE;
      enum sp_requirement_type type = it->requirement->type;
      facts->wants_sigstore
          = facts->wants_sigstore || (missed && type == SP_REQUIREMENT_SIGSTORE_SIGNED);
      facts->wants_simple = facts->wants_simple || (missed && type == SP_REQUIREMENT_SIGNED_BY);
    }
}

/* Whether an error that is no verdict ends all the same. */
static int
only_memory (int rc, sigpolicy_error **fault, sigpolicy_error **err)
{
  sp_error_clear (fault);
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

static int
see_configuration (struct sp_context *context, const struct sp_reference *judged,
                   const struct sp_evidence *evidence, struct sp_facts *facts,
                   sigpolicy_error **err)
{
  const struct sp_reference *left_out = sp_evidence_left_out (evidence);
  const struct sp_lookaside *lookaside = sp_evidence_lookaside (evidence);
  const struct sp_registries_d *configuration = NULL;
  cleanup_error sigpolicy_error *fault = NULL;

  int rc = sp_context_registries_d (context, &configuration, &fault);
  if (rc == 0 && facts->wants_sigstore && left_out)
    rc = sp_registries_d_advise_attachments (configuration, left_out, &facts->attachments, &fault);
  /* Who gives the manifest gives the signatures, too. */
  bool on_registry = judged && sp_evidence_repository (evidence);
  if (rc == 0 && facts->wants_simple && on_registry && lookaside)
    rc = sp_registries_d_advise_lookaside (configuration, judged, &facts->lookaside, &fault);
  return only_memory (rc, &fault, err);
}

int
sp_facts_gather (struct sp_context *context, const struct sp_reference *judged,
                 const struct sp_trace *trace, struct sp_evidence *evidence, struct sp_facts *ret,
                 sigpolicy_error **err)
{
  see_wanted (trace, ret);
  int rc = see_configuration (context, judged, evidence, ret, err);
  /* Where attached signatures are not looked for, nothing else that is attached is either. */
  return rc == 0 && ret->wants_sigstore && !ret->attachments.text
             ? sp_evidence_referrers (evidence, &ret->referrers, err)
             : rc;
}

int
sp_facts_of_list (struct sp_evidence *evidence, struct sp_facts *facts, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;
  return only_memory (sp_evidence_list_signatures (evidence, &facts->list_signatures, &fault),
                      &fault, err);
}

const struct sp_attachment *
sp_facts_attachment (const struct sp_facts *facts)
{
  const struct sp_attachment *best = NULL;
  for (size_t i = 0; i < facts->referrers.len; i++)
    {
      const struct sp_attachment *known = facts->referrers.items[i].known;
      if (known && known->needs && (!best || known->kind > best->kind))
        best = known;
    }
  return best;
}
