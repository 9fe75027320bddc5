/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/claim.h"

void
sp_claim_clear (struct sp_claim *claim)
{
  free (claim->digest);
  free (claim->reference);
  free (claim->key);
  free (claim->subject);
  free (claim->issuer);
  memset (claim, 0, sizeof *claim);
}

/* The signer is a key that was imported: by itself, or as a subkey of one. */
static bool
trusted (const struct sp_keyring *keyring, const struct sp_openpgp_signature *signature)
{
  const struct sp_strv *keys = sp_keyring_fingerprints (keyring);
  for (size_t i = 0; i < keys->len; i++)
    if (strcmp (keys->items[i], signature->fingerprint) == 0
        || strcmp (keys->items[i], signature->primary) == 0)
      return true;
  return false;
}

int
sp_simple_signing_verify (const struct sp_signature_blob *blob, struct sp_keyring *keyring,
                          struct sp_claim *ret, enum sp_verify_stage *ret_stage, char **ret_signer,
                          sigpolicy_error **err)
{
  SP_CLEANUP (sp_openpgp_signature_clear) struct sp_openpgp_signature signature = { 0 };
  cleanup_payload struct sp_untrusted_payload payload = { 0 };

  *ret_stage = SP_STAGE_SIGNATURE;
  int rc = sp_keyring_verify (keyring, blob->message, &signature, ret_signer, err);
  if (rc < 0)
    return rc;
  *ret_stage = SP_STAGE_SIGNER;
  if (!trusted (keyring, &signature))
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                         "signature by key %s of %s is not accepted", signature.fingerprint,
                         signature.primary);
  *ret_stage = SP_STAGE_PAYLOAD;
  rc = sp_payload_parse (sp_buf_view (&signature.content.bytes), SP_PAYLOAD_SIMPLE_SIGNING,
                         &payload, err);
  if (rc < 0)
    return rc;
  ret->digest = steal (&payload.digest);
  ret->reference = steal (&payload.reference);
  ret->reference_len = payload.reference_len;
  ret->key = steal (&signature.primary);
  ret->weak = signature.weak;
  return 0;
}
