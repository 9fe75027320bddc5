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
sp_signer_join (int rc, sigpolicy_error **err, int next, sigpolicy_error **next_err)
{
  if (next == 0)
    return rc;
  sp_error_clear (err);
  *err = steal (next_err);
  return next;
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

/* --- for hints -------------------------------------------------------------------------------- */

void
sp_signer_words_clear (struct sp_signer_words *words)
{
  free (words->email);
  free (words->hostname);
  free (words->uri);
  free (words->issuer);
  free (words->authority);
  memset (words, 0, sizeof *words);
}

/* The first of its kind; a name that cannot be shown as it is counts as none. */
static int
keep (struct sp_view text, char **ret, sigpolicy_error **err)
{
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] < ' ' || text.data[i] > '~')
      return 0;
  if (*ret || !text.len)
    return 0;
  *ret = sp_view_dup (text, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
describe (const struct sp_signer_certificates *certificates, struct sp_signer_words *ret,
          sigpolicy_error **err)
{
  const struct sp_certificate *leaf = certificates->leaf.items[0];
  cleanup_buf struct sp_buf issuer = SP_BUF (2 * SP_CERTIFICATE_BYTES_MAX);
  cleanup_error sigpolicy_error *none = NULL;
  int rc = 0;

  ret->has_certificate = true;
  ret->not_before = leaf->not_before;
  ret->not_after = leaf->not_after;
  for (size_t i = 0; rc == 0 && i < leaf->names.len; i++)
    {
      const struct sp_name *name = &leaf->names.items[i];
      rc = name->kind == SP_NAME_EMAIL ? keep (name->value, &ret->email, err)
           : name->kind == SP_NAME_DNS ? keep (name->value, &ret->hostname, err)
           : name->kind == SP_NAME_URI ? keep (name->value, &ret->uri, err)
                                       : 0;
    }
  if (rc == 0 && sp_signer_read_issuer (leaf, &issuer, &none) == 0)
    rc = keep (sp_buf_view (&issuer), &ret->issuer, err);
  if (rc == 0 && certificates->chain.len)
    rc = keep (certificates->chain.items[0]->common_name, &ret->authority, err);
  return rc;
}

int
sp_sigstore_describe_signer (const struct sp_signature_blob *blob, struct sp_signer_words *ret,
                             sigpolicy_error **err)
{
  cleanup_signer_certificates struct sp_signer_certificates certificates = { 0 };
  cleanup_error sigpolicy_error *unreadable = NULL;
  struct sp_view text;

  if (!sp_signature_blob_annotation (blob, SP_ANNOTATION_CERTIFICATE, &text))
    return 0;
  int rc = sp_signer_certificates_read (blob, text, &certificates, &unreadable);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  return rc < 0 ? 0 : describe (&certificates, ret, err);
}
