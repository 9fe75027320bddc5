/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_CLAIM_H
#define SP_VERIFY_CLAIM_H

#include "model/signature_blob.h"
#include "openpgp/openpgp.h"
#include "util/clock.h"
#include "verify/payload.h"

/*
 * What a signature proves: a key of ours signed that this manifest digest goes by this reference.
 * Only the functions of this room make one, and only from verified bytes.
 */
struct sp_claim
{
  char *digest;
  char *reference;
  size_t reference_len;
  char *key;     /* fingerprint of the (primary) key, for people */
  char *subject; /* of a certificate: the name that the policy asked for; or NULL */
  char *issuer;  /* who vouches for that name; or NULL */
  bool is_logged;
  sp_time logged; /* when a log recorded it */
  bool weak;
};
void sp_claim_clear (struct sp_claim *claim);

#define cleanup_claim SP_CLEANUP (sp_claim_clear)

/* How far a signature came before it failed; of several failures the one that came furthest gives
 * the reason. */
enum sp_verify_stage
{
  SP_STAGE_KEYS,      /* key material could not be had */
  SP_STAGE_SIGNATURE, /* the cryptography */
  SP_STAGE_SIGNER,    /* who signed */
  SP_STAGE_PAYLOAD,
  SP_STAGE_DIGEST,
  SP_STAGE_IDENTITY,
};

/*
 * A simple signature (containers-signature(5)): the message, the signer, the payload.
 * Failure as sp_keyring_verify() and sp_payload_parse(), with the stage, the signer where it is
 * known (to free()).
 */
int sp_simple_signing_verify (const struct sp_signature_blob *blob, struct sp_keyring *keyring,
                              struct sp_claim *ret, enum sp_verify_stage *ret_stage,
                              char **ret_signer, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
