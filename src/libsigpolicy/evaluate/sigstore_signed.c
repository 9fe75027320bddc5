/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/requirement.h"

#define MIME_SIMPLE_SIGNING "application/vnd.dev.cosign.simplesigning.v1+json"

/*
 * sigstoreSigned of containers-policy.json(5). Which stored objects it looks at is decided here;
 * verifying them is not built yet, so every one of them is a rejection that says so.
 */
int
sp_sigstore_signed_evaluate (const struct sp_question *question, struct sp_trace_requirement *trace,
                             sigpolicy_error **err)
{
  struct sp_signature_blob *const *blobs;
  size_t n_blobs, others = 0, attachments = 0;
  cleanup_free char *none = NULL;

  if (sp_evidence_signatures (question->evidence, &blobs, &n_blobs, err) < 0)
    return sp_outcome_fail (&trace->outcome, err);
  for (size_t i = 0; i < n_blobs; i++)
    {
      struct sp_trace_signature *signature = NULL;
      bool sigstore = blobs[i]->format == SP_SIGNATURE_SIGSTORE_JSON;
      if (sp_requirement_add_signature (trace, blobs[i], &signature, err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
      if (!sigstore || !sp_view_is (sp_buf_view (&blobs[i]->mime_type), MIME_SIMPLE_SIGNING))
        {
          others += !sigstore;
          attachments += sigstore;
          signature->skipped = true;
          continue;
        }
      if (sp_outcome_reject (
              &signature->outcome, SIGPOLICY_REASON_UNSUPPORTED_FORMAT, err,
              "verifying sigstoreSigned requirements is not supported by this version")
          < 0)
        return SIGPOLICY_E_NO_MEMORY;
    }
  none = others + attachments
             ? sp_asprintf (err,
                            "A signature was required, but no signature exists (%zu non-sigstore "
                            "signatures, %zu sigstore non-signature attachments)",
                            others, attachments)
             : sp_strdup ("A signature was required, but no signature exists", err);
  return none ? sp_requirement_sum_up (trace, none, err) : SIGPOLICY_E_NO_MEMORY;
}
