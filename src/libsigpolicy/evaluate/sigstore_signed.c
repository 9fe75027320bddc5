/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/requirement.h"
#include "model/attachment.h"
#include "verify/bundle_requirement.h"
#include "verify/sigstore.h"

/* sigstoreSigned of containers-policy.json(5): any one sigstore signature by a key of the policy,
 * by a certificate of Fulcio, or by one of a private PKI. */

/* A bundle counts only where somebody said so. */
static int
verify_bundle (const struct sp_question *question, const struct sp_requirement *requirement,
               const struct sp_trust *trust, const struct sp_signature_blob *blob,
               struct sp_claim *ret, enum sp_verify_stage *ret_stage, sigpolicy_error **err)
{
  if (question->evidence.no_manifest)
    return sp_error_copy (question->evidence.no_manifest, err);
  return sp_bundle_requirement_verify (sp_buf_view (&blob->bytes), requirement, trust,
                                       question->trusted_root, question->bundles, question->now,
                                       question->evidence.manifest, ret, ret_stage, err);
}

static int
try_signature (const struct sp_question *question, const struct sp_requirement *requirement,
               const struct sp_trust *trust, const struct sp_signature_blob *blob,
               struct sp_trace_signature *trace, sigpolicy_error **err)
{
  cleanup_claim struct sp_claim claim = { 0 };
  enum sp_verify_stage stage = SP_STAGE_KEYS;

  int rc = blob->format == SP_SIGNATURE_BUNDLE
               ? verify_bundle (question, requirement, trust, blob, &claim, &stage, err)
               : sp_sigstore_verify (blob, requirement, trust, question->now, &claim, &stage, err);
  trace->key = steal (&claim.key);
  trace->subject = steal (&claim.subject);
  trace->issuer = steal (&claim.issuer);
  trace->is_logged = claim.is_logged;
  trace->logged = claim.logged;
  if (rc == 0)
    return sp_requirement_check_claim (question, requirement, trust, &claim, trace, err);
  trace->stage = (int)stage;
  return sp_outcome_fail (&trace->outcome, err);
}

/* What this requirement does not look at. */
struct others
{
  size_t formats, attachments;
  const struct sp_attachment *known; /* the first attachment of a kind that is known */
};

/* Signatures of another format, and things that are none. What is left is to be tried.
 */
static int
skip (const struct sp_signature_blob *blob, enum sp_bundle_mode bundles, struct others *others,
      struct sp_trace_signature *signature, sigpolicy_error **err)
{
  struct sp_view type = sp_buf_view (&blob->mime_type);

  if (blob->format == SP_SIGNATURE_BUNDLE && bundles != SP_BUNDLES_OFF)
    return 0;
  if (blob->format != SP_SIGNATURE_SIGSTORE_JSON)
    {
      others->formats++;
      signature->skipped = true;
      return 0;
    }
  if (sp_view_is (type, SP_MIME_SIMPLE_SIGNING))
    return 0;
  others->attachments++;
  signature->skipped = true;
  if (!others->known)
    others->known = sp_attachment_of_type (type);
  signature->detail = sp_attachment_describe (type, err);
  return signature->detail ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static char *
none_text (const struct others *others, sigpolicy_error **err)
{
  static const char text[] = "A signature was required, but no signature exists";
  return others->formats + others->attachments
             ? sp_asprintf (err,
                            "%s (%zu non-sigstore signatures, %zu sigstore non-signature "
                            "attachments)",
                            text, others->formats, others->attachments)
             : sp_strdup (text, err);
}

/* There is something, but not what is needed: the reason says so, and the hint what. */
static int
name_attachment (const struct others *others, struct sp_outcome *outcome, sigpolicy_error **err)
{
  if (outcome->reason != SIGPOLICY_REASON_NO_SIGNATURE)
    return 0;
  outcome->reason = SIGPOLICY_REASON_UNSUPPORTED_FORMAT;
  if (!others->known || !others->known->needs)
    return 0;
  sp_hint_clear (&outcome->hint);
  outcome->hint.text
      = sp_asprintf (err, "there is %s; %s", others->known->words, others->known->needs);
  return outcome->hint.text ? 0 : SIGPOLICY_E_NO_MEMORY;
}

int
sp_sigstore_signed_evaluate (const struct sp_question *question, struct sp_trace_requirement *trace,
                             sigpolicy_error **err)
{
  const struct sp_image_evidence *evidence = &question->evidence;
  struct others others = { 0 };
  cleanup_free char *none = NULL;

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
      if (skip (blob, question->bundles, &others, signature, err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
      if (signature->skipped)
        continue;
      const struct sp_trust *trust = sp_requirement_trust (question, trace, err);
      if ((trust ? try_signature (question, trace->requirement, trust, blob, signature, err)
                 : sp_outcome_fail (&signature->outcome, err))
          < 0)
        return SIGPOLICY_E_NO_MEMORY;
      if (signature->outcome.answer == SP_ANSWER_ACCEPTED)
        break;
    }
  none = none_text (&others, err);
  if (!none || sp_requirement_sum_up (question, trace, none, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  return others.attachments ? name_attachment (&others, &trace->outcome, err) : 0;
}
