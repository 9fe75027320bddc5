/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/sigstore_int.h"

#include "util/codec.h"
#include "util/limits.h"

int
sp_sigstore_annotation (const struct sp_signature_blob *blob, const char *key,
                        sigpolicy_reason reason, struct sp_view *ret, sigpolicy_error **err)
{
  if (sp_signature_blob_annotation (blob, key, ret))
    return 0;
  return sp_error_set (err, SIGPOLICY_E_REJECTED, reason, "missing %s annotation", key);
}

/* A verifier is made of every key before one of them is tried, so a key that verifies nothing
 * spoils the others. */
static int
check_kinds (struct sp_public_key *const *keys, size_t n_keys, sigpolicy_error **err)
{
  for (size_t i = 0; i < n_keys; i++)
    switch (sp_public_key_kind (keys[i]))
      {
      case SP_KEY_ECDSA:
      case SP_KEY_RSA:
      case SP_KEY_ED25519:
        break;
      case SP_KEY_DSA:
      case SP_KEY_X25519:
      case SP_KEY_UNKNOWN:
        return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_UNUSABLE,
                             "unsupported public key type");
      }
  return 0;
}

/* Any one of the keys. */
static int
verify_by_any (struct sp_public_key *const *keys, size_t n_keys, struct sp_view payload,
               struct sp_view signature, const struct sp_public_key **ret_key, bool *ret_raw,
               sigpolicy_error **err)
{
  cleanup_buf struct sp_buf why = SP_BUF (SP_OUTPUT_BYTES_MAX);
  sigpolicy_reason reason = SIGPOLICY_REASON_BAD_SIGNATURE;

  for (size_t i = 0; i < n_keys; i++)
    {
      cleanup_error sigpolicy_error *failure = NULL;
      int rc = sp_public_key_verify (keys[i], payload, signature, ret_raw, &failure);
      if (rc == 0)
        {
          *ret_key = keys[i];
          return 0;
        }
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      sp_buf_str (&why, i ? ", " : "");
      sp_buf_str (&why, sigpolicy_error_message (failure));
      if (sigpolicy_error_reason (failure) == SIGPOLICY_REASON_KEY_NOT_TRUSTED)
        reason = SIGPOLICY_REASON_KEY_NOT_TRUSTED;
    }
  if (sp_buf_check (&why, err) < 0)
    return sigpolicy_error_code (*err);
  return sp_error_set (err, SIGPOLICY_E_REJECTED, reason,
                       "cryptographic signature verification failed: %s", why.data);
}

int
sp_sigstore_verify (const struct sp_signature_blob *blob, const struct sp_requirement *requirement,
                    const struct sp_trust *trust, sp_time now, struct sp_claim *ret,
                    enum sp_verify_stage *ret_stage, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf signature = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  cleanup_payload struct sp_untrusted_payload payload = { 0 };
  const struct sp_public_key *key = NULL;
  struct sp_view bytes = sp_buf_view (&blob->payload), text;
  bool raw = false;
  (void)now;

  *ret_stage = SP_STAGE_SIGNATURE;
  int rc = sp_sigstore_annotation (blob, SP_ANNOTATION_SIGNATURE, SIGPOLICY_REASON_BAD_SIGNATURE,
                                   &text, err);
  if (rc < 0)
    return rc;
  if (requirement->fulcio || requirement->pki || trust->n_rekor_keys)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                         "verifying this kind of sigstoreSigned requirement is not supported by "
                         "this version");
  rc = sp_base64_decode (text, &signature, err);
  if (rc < 0)
    return sp_error_prefix (err, "base64 decoding");
  rc = check_kinds (trust->keys, trust->n_keys, err);
  if (rc == 0)
    rc = verify_by_any (trust->keys, trust->n_keys, bytes, sp_buf_view (&signature), &key, &raw,
                        err);
  if (rc < 0)
    return rc;

  *ret_stage = SP_STAGE_PAYLOAD;
  rc = sp_payload_parse (bytes, SP_PAYLOAD_SIGSTORE, &payload, err);
  if (rc < 0)
    return rc;
  ret->key = sp_strdup (sp_public_key_fingerprint (key), err);
  if (!ret->key)
    return SIGPOLICY_E_NO_MEMORY;
  ret->digest = steal (&payload.digest);
  ret->reference = steal (&payload.reference);
  ret->reference_len = payload.reference_len;
  ret->weak = raw || sp_public_key_is_weak (key);
  return 0;
}
