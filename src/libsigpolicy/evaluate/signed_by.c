/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/key_files.h"
#include "evaluate/requirement.h"

/* signedBy of containers-policy.json(5): any one simple signature by any of the keys. */

static int
open_keyring (const struct sp_question *question, const struct sp_requirement *requirement,
              struct sp_keyring **ret, sigpolicy_error **err)
{
  cleanup_key_files struct sp_key_files files = { 0 };
  cleanup_free struct sp_key_material *material = NULL;
  const struct sp_key_sources *keys = &requirement->keys;
  struct sp_keyring *keyring = NULL;

  if (requirement->key_type != SP_KEY_TYPE_GPG)
    return sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                         "Unimplemented \"keyType\" value \"%s\"",
                         sp_key_type_name (requirement->key_type));
  int rc = sp_key_files_read (keys, &files, err);
  if (rc == 0 && !(material = sp_calloc (keys->len, sizeof *material, err)))
    rc = SIGPOLICY_E_NO_MEMORY;
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < keys->len; i++)
    material[i] = (struct sp_key_material){ keys->items[i].path ? keys->items[i].path : "keyData",
                                            files.views[i] };
  rc = sp_openpgp_keyring (question->openpgp, material, keys->len, &keyring, err);
  if (rc < 0)
    return rc;
  if (sp_keyring_fingerprints (keyring)->len == 0)
    return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                         "No public keys imported");
  *ret = keyring;
  return 0;
}

static int
try_signature (const struct sp_question *question, const struct sp_requirement *requirement,
               const struct sp_signature_blob *blob, struct sp_trace_signature *trace,
               sigpolicy_error **err)
{
  cleanup_claim struct sp_claim claim = { 0 };
  enum sp_verify_stage stage = SP_STAGE_KEYS;
  struct sp_keyring *keyring = NULL;

  int rc = open_keyring (question, requirement, &keyring, err);
  if (rc == 0)
    rc = sp_simple_signing_verify (blob, keyring, &claim, &stage, &trace->key, err);
  if (rc == 0)
    return sp_requirement_hold_claim (question, requirement, &claim, trace, err);

  trace->stage = (int)stage;
  return sp_outcome_fail (&trace->outcome, err);
}

int
sp_signed_by_evaluate (const struct sp_question *question, struct sp_trace_requirement *trace,
                       sigpolicy_error **err)
{
  struct sp_signature_blob *const *blobs;
  size_t n_blobs;

  if (sp_evidence_signatures (question->evidence, &blobs, &n_blobs, err) < 0)
    return sp_outcome_fail (&trace->outcome, err);
  for (size_t i = 0; i < n_blobs; i++)
    {
      struct sp_trace_signature *signature = NULL;
      if (sp_requirement_add_signature (trace, blobs[i], &signature, err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
      signature->skipped = blobs[i]->format != SP_SIGNATURE_SIMPLE_SIGNING;
      if (signature->skipped)
        continue;
      if (try_signature (question, trace->requirement, blobs[i], signature, err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
      if (signature->outcome.answer == SP_ANSWER_ACCEPTED)
        break;
    }
  return sp_requirement_sum_up (trace, "A signature was required, but no signature exists", err);
}
