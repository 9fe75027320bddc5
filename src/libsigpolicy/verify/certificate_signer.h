/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_CERTIFICATE_SIGNER_H
#define SP_VERIFY_CERTIFICATE_SIGNER_H

#include "verify/rekor.h"
#include "verify/sigstore_int.h"

/* What signatures by certificates have in common, whether Fulcio's or those of a private PKI. */

/* The certificates that come with a signature: the signer's, and the middle of its path. */
struct sp_signer_certificates
{
  struct sp_certificates leaf; /* one */
  struct sp_certificates chain;
};
void sp_signer_certificates_clear (struct sp_signer_certificates *certificates);

#define cleanup_signer_certificates SP_CLEANUP (sp_signer_certificates_clear)

/* The chain annotation, then the certificate's text. Of the chain all but the last certificate
 * count: the last is taken for the root, which the policy has to name. Failure:
 * REJECTED/bad-signature with the established text. */
int sp_signer_certificates_read (const struct sp_signature_blob *blob, struct sp_view text,
                                 struct sp_signer_certificates *ret,
                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The leaf's path to the policy's anchors, at a time. */
int sp_signer_check_path (const struct sp_signer_certificates *certificates,
                          const struct sp_trust *trust, sp_time at, bool is_now,
                          bool odd_names_are_fine, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The leaf is for that mailbox, every byte of which counts. */
int sp_signer_check_email (const struct sp_certificate *leaf, struct sp_view email,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * Of a check that failed only because we are stricter, and the next one: the latter's failure goes
 * first, as the library would have had it, too. rc and next are of them; the result is a failure
 * when one of them is.
 */
int sp_signer_join (int rc, sigpolicy_error **err, int next, sigpolicy_error **next_err);

/* The OIDC issuer that a certificate of Fulcio names, and whether it is that one. Failure:
 * REJECTED/issuer-mismatch with the established text. */
int sp_signer_read_issuer (const struct sp_certificate *leaf, struct sp_buf *out,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_signer_check_issuer (const struct sp_certificate *leaf, struct sp_view wanted,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- fulcio.c, pki.c: everything before the signature over the payload --- */

/*
 * A certificate of Fulcio: recorded by the log with this signature, valid at the time of that,
 * issued for the mailbox by the issuer that the policy names. ret_claim gets the names and the
 * time; the certificates are kept for their key.
 */
int sp_fulcio_check (const struct sp_signature_blob *blob, const struct sp_fulcio *fulcio,
                     const struct sp_trust *trust, struct sp_view signature,
                     struct sp_signer_certificates *ret, struct sp_claim *ret_claim,
                     enum sp_verify_stage *ret_stage, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A certificate of a private PKI: valid now, for the mailbox, the host, or both. */
int sp_pki_check (const struct sp_signature_blob *blob, const struct sp_pki *pki,
                  const struct sp_trust *trust, sp_time now, struct sp_signer_certificates *ret,
                  struct sp_claim *ret_claim, enum sp_verify_stage *ret_stage,
                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
