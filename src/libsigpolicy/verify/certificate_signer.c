/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/certificate_signer.h"

#include "crypto/chain.h"
#include "util/codec.h"
#include "util/limits.h"

void
sp_signer_certificates_clear (struct sp_signer_certificates *certificates)
{
  sp_certificates_clear (&certificates->leaf);
  sp_certificates_clear (&certificates->chain);
}

static int
parse (struct sp_view text, const char *what, struct sp_certificates *ret, sigpolicy_error **err)
{
  if (text.len > SP_CERTIFICATE_CHAIN_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "%s: certificates of more than %lu bytes", what,
                         SP_CERTIFICATE_CHAIN_BYTES_MAX);
  return sp_certificates_parse (text, SP_CERTIFICATE_CHAIN_MAX, ret, err) < 0
             ? sp_error_prefix (err, "%s", what)
             : 0;
}

int
sp_signer_certificates_read (const struct sp_signature_blob *blob, struct sp_view text,
                             struct sp_signer_certificates *ret, sigpolicy_error **err)
{
  struct sp_view chain = { "", 0 };
  int rc = 0;

  (void)sp_signature_blob_annotation (blob, SP_ANNOTATION_CHAIN, &chain);
  if (chain.len)
    rc = parse (chain, "loading certificate chain", &ret->chain, err);
  if (rc == 0)
    rc = parse (text, "parsing leaf certificate", &ret->leaf, err);
  if (rc < 0)
    return rc;
  if (!ret->leaf.len)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                         "no certificate found in signature certificate data");
  if (ret->leaf.len > 1)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                         "unexpected multiple certificates present in signature certificate data");
  return 0;
}

int
sp_signer_check_path (const struct sp_signer_certificates *certificates,
                      const struct sp_trust *trust, sp_time at, bool is_now,
                      bool odd_names_are_fine, sigpolicy_error **err)
{
  const struct sp_chain_question question = {
    .anchors = trust->roots,
    .intermediates = { &trust->intermediates, &certificates->chain },
    .n_intermediates
    = { trust->intermediates.len, certificates->chain.len ? certificates->chain.len - 1 : 0 },
    .at = at,
    .is_now = is_now,
    .odd_names_are_fine = odd_names_are_fine,
  };
  return sp_chain_verify (certificates->leaf.items[0], &question, err) < 0
             ? sp_error_prefix (err, "veryfing leaf certificate failed")
             : 0;
}

int
sp_signer_check_email (const struct sp_certificate *leaf, struct sp_view email,
                       sigpolicy_error **err)
{
  cleanup_buf struct sp_buf found = SP_BUF (SP_OUTPUT_BYTES_MAX);
  cleanup_free char *wanted = NULL;

  for (size_t i = 0; i < leaf->names.len; i++)
    {
      const struct sp_name *name = &leaf->names.items[i];
      if (name->kind != SP_NAME_EMAIL)
        continue;
      if (sp_view_equal (name->value, email))
        return 0;
      sp_buf_str (&found, found.len ? " " : "");
      sp_quote (name->value, &found);
    }
  wanted = sp_quote_dup (email, err);
  if (!wanted || sp_buf_check (&found, err) < 0)
    return sigpolicy_error_code (*err);
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_SUBJECT_MISMATCH,
                       "Required email %s not found (got [%s])", wanted, found.data);
}
