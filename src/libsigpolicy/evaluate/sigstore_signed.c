/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/key_files.h"
#include "evaluate/requirement.h"
#include "model/attachment.h"
#include "verify/sigstore.h"

/* sigstoreSigned of containers-policy.json(5): any one sigstore signature by a key of the policy,
 * by a certificate of Fulcio, or by one of a private PKI. */

static struct sp_view
first (const struct sp_key_files *files)
{
  return files->len ? files->views[0] : sp_view_n ("", 0);
}

int
sp_sigstore_signed_trust (const struct sp_requirement *requirement, struct sp_trust_cache *cache,
                          const struct sp_trust **ret, sigpolicy_error **err)
{
  static const struct sp_key_sources none = { 0 };
  cleanup_key_files struct sp_key_files keys = { 0 };
  cleanup_key_files struct sp_key_files roots = { 0 };
  cleanup_key_files struct sp_key_files rekor_keys = { 0 };
  cleanup_key_files struct sp_key_files intermediates = { 0 };
  const struct sp_fulcio *fulcio = requirement->fulcio;
  const struct sp_pki *pki = requirement->pki;

  int rc = sp_key_files_read (&requirement->keys, &keys, err);
  if (rc == 0)
    rc = sp_key_files_read (fulcio ? &fulcio->ca : pki ? &pki->roots : &none, &roots, err);
  if (rc == 0)
    rc = sp_key_files_read (&requirement->rekor_keys, &rekor_keys, err);
  if (rc == 0)
    rc = sp_key_files_read (pki ? &pki->intermediates : &none, &intermediates, err);
  if (rc < 0)
    return rc;
  const struct sp_trust_material material = { .kind = fulcio ? SP_TRUST_FULCIO
                                                      : pki  ? SP_TRUST_PKI
                                                             : SP_TRUST_KEYS,
                                              .keys = keys.views,
                                              .n_keys = keys.len,
                                              .rekor_keys = rekor_keys.views,
                                              .n_rekor_keys = rekor_keys.len,
                                              .roots = first (&roots),
                                              .intermediates = first (&intermediates) };
  return sp_trust_get (cache, &material, ret, err);
}

static int
try_signature (const struct sp_question *question, const struct sp_requirement *requirement,
               const struct sp_trust *trust, const struct sp_signature_blob *blob,
               struct sp_trace_signature *trace, sigpolicy_error **err)
{
  cleanup_claim struct sp_claim claim = { 0 };
  enum sp_verify_stage stage = SP_STAGE_KEYS;

  int rc = sp_sigstore_verify (blob, requirement, trust, question->now, &claim, &stage, err);
  trace->key = steal (&claim.key);
  trace->subject = steal (&claim.subject);
  trace->issuer = steal (&claim.issuer);
  trace->is_logged = claim.is_logged;
  trace->logged = claim.logged;
  if (rc == 0)
    return sp_requirement_hold_claim (question, requirement, &claim, trace, err);
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
skip (const struct sp_signature_blob *blob, struct others *others,
      struct sp_trace_signature *signature, sigpolicy_error **err)
{
  struct sp_view type = sp_buf_view (&blob->mime_type);

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
  outcome->hint = sp_asprintf (err, "there is %s; %s", others->known->words, others->known->needs);
  return outcome->hint ? 0 : SIGPOLICY_E_NO_MEMORY;
}

int
sp_sigstore_signed_evaluate (const struct sp_question *question, struct sp_trace_requirement *trace,
                             sigpolicy_error **err)
{
  struct sp_signature_blob *const *blobs;
  size_t n_blobs;
  struct others others = { 0 };
  const struct sp_trust *trust = NULL;
  cleanup_error sigpolicy_error *no_trust = NULL;
  cleanup_free char *none = NULL;

  if (sp_evidence_signatures (question->evidence, &blobs, &n_blobs, err) < 0)
    return sp_outcome_fail (&trace->outcome, err);
  for (size_t i = 0; i < n_blobs; i++)
    {
      struct sp_trace_signature *signature = NULL;
      if (sp_requirement_add_signature (trace, blobs[i], &signature, err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
      if (skip (blobs[i], &others, signature, err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
      if (signature->skipped)
        continue;
      if (!trust && !no_trust
          && sp_sigstore_signed_trust (trace->requirement, question->trust, &trust, &no_trust)
                 == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      int rc;
      if (trust)
        rc = try_signature (question, trace->requirement, trust, blobs[i], signature, err);
      else
        {
          (void)sp_error_copy (no_trust, err);
          rc = sp_outcome_fail (&signature->outcome, err);
        }
      if (rc < 0)
        return SIGPOLICY_E_NO_MEMORY;
      if (signature->outcome.answer == SP_ANSWER_ACCEPTED)
        break;
    }
  none = none_text (&others, err);
  if (!none || sp_requirement_sum_up (trace, none, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  return others.attachments ? name_attachment (&others, &trace->outcome, err) : 0;
}
