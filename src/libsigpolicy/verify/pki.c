/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/certificate_signer.h"
#include "verify/hostname.h"

int
sp_pki_check (const struct sp_signature_blob *blob, const struct sp_pki *pki,
              const struct sp_trust *trust, sp_time now, struct sp_signer_certificates *ret,
              struct sp_claim *ret_claim, enum sp_verify_stage *ret_stage, sigpolicy_error **err)
{
  struct sp_view email = sp_view_n (pki->subject_email, pki->subject_email_len);
  struct sp_view hostname = sp_view_n (pki->subject_hostname, pki->subject_hostname_len);
  struct sp_view certificate;

  int rc = sp_sigstore_annotation (blob, SP_ANNOTATION_CERTIFICATE,
                                   SIGPOLICY_REASON_KEY_NOT_TRUSTED, &certificate, err);
  if (rc == 0)
    rc = sp_signer_certificates_read (blob, certificate, ret, err);
  if (rc == 0)
    rc = sp_signer_check_path (ret, trust, now, true, false, err);
  if (rc < 0)
    return rc;
  *ret_stage = SP_STAGE_SIGNER;
  if (email.len)
    rc = sp_signer_check_email (ret->leaf.items[0], email, err);
  if (rc == 0 && hostname.len)
    rc = sp_hostname_check (ret->leaf.items[0], hostname, err);
  if (rc < 0)
    return rc;
  ret_claim->subject = sp_asprintf (err, "%s%s%s", email.len ? pki->subject_email : "",
                                    email.len && hostname.len ? ", " : "",
                                    hostname.len ? pki->subject_hostname : "");
  return ret_claim->subject ? 0 : SIGPOLICY_E_NO_MEMORY;
}
