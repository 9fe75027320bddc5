/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_SIGSTORE_H
#define SP_VERIFY_SIGSTORE_H

#include "model/policy.h"
#include "util/clock.h"
#include "verify/claim.h"
#include "verify/trust.h"

/* The annotations of a stored signature that are read. */
#define SP_ANNOTATION_SIGNATURE   "dev.cosignproject.cosign/signature"
#define SP_ANNOTATION_BUNDLE      "dev.sigstore.cosign/bundle"
#define SP_ANNOTATION_CERTIFICATE "dev.sigstore.cosign/certificate"
#define SP_ANNOTATION_CHAIN       "dev.sigstore.cosign/chain"

/*
 * One stored sigstore signature: the keys that may have made it (the policy's; the one that the log
 * recorded; or the certificate's), the signature over the payload as it is stored, and only then
 * the payload. requirement gives the names that certificates must have; now is the time at which
 * certificates of a private PKI are judged, those of Fulcio are judged at the time that the log
 * recorded. Failure: REJECTED, with the stage.
 */
int sp_sigstore_verify (const struct sp_signature_blob *blob,
                        const struct sp_requirement *requirement, const struct sp_trust *trust,
                        sp_time now, struct sp_claim *ret, enum sp_verify_stage *ret_stage,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * What the certificate of a signature says of its signer, for hints; nothing of it is verified.
 * Strings are printable, and NULL where it does not say. Start from {0}.
 */
struct sp_signer_words
{
  bool has_certificate; /* that can be read; else nothing of the following is set */
  char *email, *hostname, *uri;
  char *issuer;    /* the OIDC issuer that a Fulcio noted */
  char *authority; /* the CA that issued it, by its chain's first certificate */
  sp_time not_before, not_after;
};
int sp_sigstore_describe_signer (const struct sp_signature_blob *blob, struct sp_signer_words *ret,
                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_signer_words_clear (struct sp_signer_words *words);

#define cleanup_signer_words SP_CLEANUP (sp_signer_words_clear)

#endif
