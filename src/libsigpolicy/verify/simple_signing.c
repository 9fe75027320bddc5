/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/claim.h"

/*
 * The key by which the signer counts, or NULL. Of a list it is the one that is found there, the
 * subkey first; of a keyring the primary key. This is asked of the keys as we read them, too, and
 * not only of gpg.
 */
static const char *
find_trusted (const struct sp_trust *trust, const struct sp_openpgp_signature *signature)
{
  const char *const *list = trust->fingerprints;

  if (!list)
    return sp_keyring_has (trust->keyring, signature->primary)
                   || sp_keyring_has (trust->keyring, signature->fingerprint)
               ? signature->primary
               : NULL;
  for (size_t i = 0; list[i]; i++)
    if (strcmp (list[i], signature->fingerprint) == 0)
      return list[i];
  for (size_t i = 0; list[i]; i++)
    if (strcmp (list[i], signature->primary) == 0)
      return list[i];
  return NULL;
}

int
sp_simple_signing_verify (struct sp_view message, const struct sp_trust *trust, sp_time now,
                          struct sp_claim *ret, enum sp_verify_stage *ret_stage, char **ret_signer,
                          sigpolicy_error **err)
{
  SP_CLEANUP (sp_openpgp_signature_clear) struct sp_openpgp_signature signature = { 0 };

  int rc = sp_keyring_verify (trust->keyring, message, now, &signature, ret_signer, err);
  *ret_stage = rc == SIGPOLICY_E_KEY ? SP_STAGE_KEYS : SP_STAGE_SIGNATURE;
  if (rc < 0)
    return rc;
  *ret_stage = SP_STAGE_SIGNER;
  const char *trusted = find_trusted (trust, &signature);
  if (!trusted)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                         "signature by key %s of %s is not accepted", signature.fingerprint,
                         signature.primary);
  cleanup_free char *key = sp_strdup (trusted, err);
  if (!key)
    return SIGPOLICY_E_NO_MEMORY;
  *ret_stage = SP_STAGE_PAYLOAD;
  rc = sp_claim_read (&signature.content, SP_PAYLOAD_SIMPLE_SIGNING, ret, err);
  if (rc < 0)
    return rc;
  ret->key = steal (&key);
  ret->weak = signature.weak;
  if (signature.made)
    ret->made = signature.made;
  return 0;
}
