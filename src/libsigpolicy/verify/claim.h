/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_CLAIM_H
#define SP_VERIFY_CLAIM_H

#include "model/signature_blob.h"
#include "openpgp/openpgp.h"
#include "util/clock.h"
#include "verify/payload.h"
#include "verify/trust.h"

/*
 * What a signature proves: a key of ours signed that this manifest digest goes by this reference.
 * Only the functions of this room make one, and only from verified bytes.
 */
struct sp_claim
{
  char *digest;
  char *reference; /* NULL where is_nameless */
  size_t reference_len;
  char *key;        /* fingerprint of the (primary) key, for people */
  char *subject;    /* of a certificate: the name that the policy asked for; or NULL */
  char *issuer;     /* who vouches for that name; or NULL */
  bool is_nameless; /* it states a digest and no name, and may */
  sp_time made;     /* when the signer says it was made; 0: nobody says */
  bool is_logged;
  sp_time logged; /* when a log recorded it */
  bool weak;
};
void sp_claim_clear (struct sp_claim *claim);

/* What verified bytes state, into the digest and the reference of a claim; failure as
 * sp_untrusted_payload_parse(). */
int sp_claim_read (const struct sp_verified_bytes *content, enum sp_payload_kind kind,
                   struct sp_claim *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

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
 * Failure as sp_keyring_verify() and sp_claim_read(), with the stage, the signer where it is
 * known (to free()).
 */
int sp_simple_signing_verify (struct sp_view message, const struct sp_trust *trust, sp_time now,
                              struct sp_claim *ret, enum sp_verify_stage *ret_stage,
                              char **ret_signer, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
