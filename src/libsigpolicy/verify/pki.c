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
  cleanup_error sigpolicy_error *failure = NULL;

  int rc = sp_sigstore_annotation (blob, SP_ANNOTATION_CERTIFICATE,
                                   SIGPOLICY_REASON_KEY_NOT_TRUSTED, &certificate, err);
  if (rc == 0)
    rc = sp_signer_certificates_read (blob, certificate, ret, err);
  if (rc < 0)
    return rc;
  rc = sp_signer_check_path (ret, trust, now, true, false, err);
  if (rc < 0 && !sp_error_stricter_id (*err))
    return rc;
  int subject = email.len ? sp_signer_check_email (ret->leaf.items[0], email, &failure) : 0;
  if (subject == 0 && hostname.len)
    subject = sp_hostname_check (ret->leaf.items[0], hostname, &failure);
  *ret_stage = rc == 0 || subject < 0 ? SP_STAGE_SIGNER : *ret_stage;
  rc = sp_signer_join (rc, err, subject, &failure);
  if (rc < 0)
    return rc;
  ret_claim->subject = sp_asprintf (err, "%s%s%s", email.len ? pki->subject_email : "",
                                    email.len && hostname.len ? ", " : "",
                                    hostname.len ? pki->subject_hostname : "");
  return ret_claim->subject ? 0 : SIGPOLICY_E_NO_MEMORY;
}
