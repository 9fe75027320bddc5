/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/requirement.h"

#include "model/manifest.h"
#include "util/codec.h"
#include "util/limits.h"

static void
accept (struct sp_outcome *outcome)
{
  sp_outcome_clear (outcome);
  outcome->answer = SP_ANSWER_ACCEPTED;
  outcome->code = SIGPOLICY_OK;
  outcome->reason = SIGPOLICY_REASON_ACCEPTED;
}

int
sp_requirement_evaluate (const struct sp_question *question, struct sp_trace_requirement *trace,
                         sigpolicy_error **err)
{
  switch (trace->requirement->type)
    {
    case SP_REQUIREMENT_ACCEPT:
      accept (&trace->outcome);
      return 0;
    case SP_REQUIREMENT_REJECT:
      return sp_outcome_reject (&trace->outcome, SIGPOLICY_REASON_REJECTED_BY_RULE, err,
                                "Running image %s is rejected by policy.", question->image->text);
    case SP_REQUIREMENT_SIGNED_BASE_LAYER:
      return sp_outcome_reject (&trace->outcome, SIGPOLICY_REASON_REJECTED_BY_RULE, err,
                                "signedBaseLayer not implemented yet!");
    case SP_REQUIREMENT_SIGNED_BY:
      return sp_signed_by_evaluate (question, trace, err);
    case SP_REQUIREMENT_SIGSTORE_SIGNED:
      return sp_sigstore_signed_evaluate (question, trace, err);
    }
  return sp_outcome_reject (&trace->outcome, SIGPOLICY_REASON_INTERNAL, err,
                            "unknown requirement type");
}

const struct sp_trust *
sp_requirement_trust (const struct sp_question *question, const struct sp_trace_requirement *trace,
                      sigpolicy_error **err)
{
  const struct sp_requirements *list = &question->match.scope->requirements;
  const struct sp_trusted *trusted = &question->trusted[trace->requirement - list->items];

  if (!trusted->trust)
    (void)sp_error_copy (trusted->fault, err);
  return trusted->trust;
}

int
sp_requirement_add_signature (struct sp_trace_requirement *trace,
                              const struct sp_signature_blob *blob, struct sp_trace_signature **ret,
                              sigpolicy_error **err)
{
  if (sp_grow (&trace->signatures, &trace->signatures_capacity, trace->n_signatures,
               sizeof *trace->signatures, err)
      < 0)
    return SIGPOLICY_E_NO_MEMORY;
  struct sp_trace_signature *signature = &trace->signatures[trace->n_signatures];
  memset (signature, 0, sizeof *signature);
  signature->source = sp_strdup (blob->source, err);
  if (!signature->source)
    return SIGPOLICY_E_NO_MEMORY;
  signature->format = blob->format;
  signature->outcome.code = SIGPOLICY_E_INTERNAL;
  trace->n_signatures++;
  *ret = signature;
  return 0;
}

/* The manifest that is judged has the claimed digest. */
static int
hold_digest (const struct sp_question *question, const struct sp_claim *claim,
             struct sp_trace_signature *trace, bool *ret_holds, sigpolicy_error **err)
{
  struct sp_view manifest = question->evidence.manifest;
  bool matches = false;

  if (question->evidence.no_manifest)
    {
      (void)sp_error_copy (question->evidence.no_manifest, err);
      return sp_outcome_fail (&trace->outcome, err);
    }
  if (sp_manifest_matches (manifest, sp_view_str (claim->digest), &matches, err) < 0)
    return sp_outcome_fail (&trace->outcome, err);
  if (!matches)
    return sp_outcome_reject (&trace->outcome, SIGPOLICY_REASON_DIGEST_MISMATCH, err,
                              "Signature for digest %s does not match", claim->digest);
  if (sp_manifest_refuse_schema1 (manifest, err) < 0)
    return sp_outcome_fail (&trace->outcome, err);
  *ret_holds = true;
  return 0;
}

/* Does the policy ask for more than the repository, of a name that is no digest already? */
static bool
needs_name (const struct sp_question *question, const struct sp_requirement *requirement)
{
  const struct sp_reference *asked = question->image->reference;
  return sp_identity_needs_name (&requirement->identity) && (!asked || !asked->digest);
}

int
sp_requirement_check_claim (const struct sp_question *question,
                            const struct sp_requirement *requirement, const struct sp_trust *trust,
                            const struct sp_claim *claim, struct sp_trace_signature *trace,
                            sigpolicy_error **err)
{
  cleanup_free char *expected = NULL, *quoted = NULL;
  struct sp_view reference = sp_view_n (claim->reference, claim->reference_len);
  bool holds = false, matches = false;

  trace->verified = true;
  trace->weak = claim->weak;
  trace->made = claim->made;
  trace->signers = sp_signers_ref (trust->signers);
  trace->digest = sp_strdup (claim->digest, err);
  if (!trace->digest)
    return SIGPOLICY_E_NO_MEMORY;
  trace->nameless = claim->is_nameless;
  if (!claim->is_nameless)
    {
      trace->reference = sp_view_dup (reference, err);
      if (!trace->reference)
        return SIGPOLICY_E_NO_MEMORY;
      trace->reference_len = reference.len;
    }

  trace->stage = SP_STAGE_DIGEST;
  int rc = hold_digest (question, claim, trace, &holds, err);
  if (rc < 0 || !holds)
    return rc;

  trace->stage = SP_STAGE_IDENTITY;
  if (claim->is_nameless)
    {
      if (!needs_name (question, requirement))
        {
          accept (&trace->outcome);
          return 0;
        }
      return sp_outcome_reject (&trace->outcome, SIGPOLICY_REASON_IDENTITY_MISMATCH, err,
                                "the bundle states a digest and no name, and the policy asks for "
                                "a name (%s)",
                                sp_identity_type_name (requirement->identity.type));
    }
  if (sp_identity_matches (&requirement->identity, question->image->reference, reference, &matches,
                           &expected, err)
      < 0)
    return sp_outcome_fail (&trace->outcome, err);
  if (matches)
    {
      accept (&trace->outcome);
      return 0;
    }
  cleanup_buf struct sp_buf words = SP_BUF (SP_OUTPUT_BYTES_MAX);
  sp_quote (reference, &words);
  quoted = sp_buf_steal (&words, err);
  if (!quoted)
    return SIGPOLICY_E_NO_MEMORY;
  trace->detail = steal (&expected);
  return sp_outcome_reject (&trace->outcome, SIGPOLICY_REASON_IDENTITY_MISMATCH, err,
                            "Signature for identity %s is not accepted", quoted);
}

/*
 * Which of two failures speaks for the whole. Something that a person must fix on this host comes
 * before the image's own fault, in the order of the exit statuses for several inputs; among the
 * image's faults, the signature that came furthest.
 */
static bool
outranks (const struct sp_trace_signature *a, const struct sp_trace_signature *b)
{
  static const int order[]
      = { SIGPOLICY_E_USAGE,    SIGPOLICY_E_INTERNAL,  SIGPOLICY_E_CONFIG,     SIGPOLICY_E_KEY,
          SIGPOLICY_E_REJECTED, SIGPOLICY_E_NOT_FOUND, SIGPOLICY_E_UNAVAILABLE };
  if (a->outcome.code == b->outcome.code)
    return a->stage > b->stage;
  for (size_t i = 0; i < sizeof order / sizeof *order; i++)
    {
      if (a->outcome.code == order[i])
        return true;
      if (b->outcome.code == order[i])
        return false;
    }
  return false;
}

int
sp_requirement_sum_up (const struct sp_question *question, struct sp_trace_requirement *trace,
                       const char *none, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf reasons = SP_BUF (SP_OUTPUT_BYTES_MAX);
  const struct sp_trace_signature *chief = NULL;
  const char *stricter = NULL;
  size_t rejected = 0;

  for (size_t i = 0; i < trace->n_signatures; i++)
    {
      const struct sp_trace_signature *signature = &trace->signatures[i];
      if (signature->skipped)
        continue;
      if (signature->outcome.answer == SP_ANSWER_ACCEPTED)
        {
          accept (&trace->outcome);
          return 0;
        }
      if (rejected++)
        sp_buf_str (&reasons, "; ");
      sp_buf_str (&reasons, signature->outcome.message);
      if (!chief || outranks (signature, chief))
        chief = signature;
      if (!stricter)
        stricter = signature->outcome.stricter;
    }
  /* Keys that cannot be used are the host's fault, whatever the image has to show. */
  if (!chief && !sp_requirement_trust (question, trace, err))
    return sp_outcome_fail (&trace->outcome, err);
  if (!chief)
    return sp_outcome_reject (&trace->outcome, SIGPOLICY_REASON_NO_SIGNATURE, err, "%s", none);
  if (sp_outcome_copy (&trace->outcome, &chief->outcome, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  /* One good signature would have been enough: a stricter check of any of them may be why there is
   * none. */
  trace->outcome.stricter = stricter;
  if (rejected == 1)
    return 0;

  cleanup_free char *text = sp_buf_steal (&reasons, err);
  char *message
      = text ? sp_asprintf (err, "None of the signatures were accepted, reasons: %s", text) : NULL;
  if (!message)
    return SIGPOLICY_E_NO_MEMORY;
  free (trace->outcome.message);
  trace->outcome.message = message;
  return 0;
}
