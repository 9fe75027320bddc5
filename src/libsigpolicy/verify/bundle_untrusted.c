/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/bundle_untrusted.h"

#include "util/codec.h"
#include "util/limits.h"
#include "verify/bundle_int.h"
#include "verify/bundle_requirement.h"
#include "verify/certificate_signer.h"

void
sp_untrusted_bundle_clear (struct sp_untrusted_bundle *bundle)
{
  free (bundle->reference);
  free (bundle->digest);
  free (bundle->predicate_type);
  free (bundle->signer);
  free (bundle->issuer);
  free (bundle->key_hint);
  free (bundle->log);
  *bundle = (struct sp_untrusted_bundle){ 0 };
}

static char *
hex (struct sp_view prefix, const struct sp_buf *bytes, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (8 + 2 * SP_HASH_BYTES_MAX);
  sp_buf_add (&out, prefix);
  for (size_t i = 0; i < bytes->len; i++)
    sp_buf_printf (&out, "%02x", (unsigned char)bytes->data[i]);
  return sp_buf_steal (&out, err);
}

static int
read_statement (const struct sp_bundle *bundle, struct sp_untrusted_bundle *ret,
                sigpolicy_error **err)
{
  cleanup_statement struct sp_statement statement = { 0 };
  char digest[8 + 2 * SP_HASH_BYTES_MAX] = "";
  struct sp_view reference;

  int rc = sp_statement_parse (sp_buf_view (&bundle->payload), &statement, err);
  if (rc < 0)
    return rc;
  ret->is_attestation = !sp_view_is (statement.predicate_type, SP_PREDICATE_COSIGN_SIGN);
  ret->predicate_type = sp_view_dup (statement.predicate_type, err);
  if (statement.n_subjects)
    (void)sp_statement_subject_digest (&statement, 0, digest);
  ret->digest = ret->predicate_type ? sp_strdup (digest, err) : NULL;
  if (!ret->digest)
    return SIGPOLICY_E_NO_MEMORY;
  if (statement.n_subjects
      && sp_statement_annotation (&statement, 0, SP_REFERENCE_ANNOTATION, &reference))
    {
      ret->reference = sp_view_dup (reference, err);
      ret->reference_len = reference.len;
      return ret->reference ? 0 : SIGPOLICY_E_NO_MEMORY;
    }
  return 0;
}

static int
read_file (const struct sp_bundle *bundle, struct sp_untrusted_bundle *ret, sigpolicy_error **err)
{
  static const struct sp_view names[SP_HASHES] = {
    [SP_HASH_SHA256] = SP_VIEW ("sha256:"),
    [SP_HASH_SHA384] = SP_VIEW ("sha384:"),
    [SP_HASH_SHA512] = SP_VIEW ("sha512:"),
  };
  ret->digest = hex (names[bundle->hash], &bundle->digest, err);
  return ret->digest ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
read_signer (const struct sp_bundle *bundle, struct sp_untrusted_bundle *ret, sigpolicy_error **err)
{
  cleanup_certificate struct sp_certificate *leaf = NULL;
  cleanup_buf struct sp_buf issuer = SP_BUF (2 * SP_CERTIFICATE_BYTES_MAX);
  cleanup_error sigpolicy_error *none = NULL;

  if (bundle->material == SP_BUNDLE_KEY)
    {
      ret->key_hint = sp_view_dup (bundle->hint, err);
      return ret->key_hint ? 0 : SIGPOLICY_E_NO_MEMORY;
    }
  int rc = sp_certificate_parse (sp_buf_view (&bundle->certificate), &leaf, err);
  if (rc < 0)
    return rc;
  ret->signer = sp_view_dup (sp_bundle_certificate_name (leaf), err);
  if (!ret->signer)
    return SIGPOLICY_E_NO_MEMORY;
  rc = sp_signer_read_issuer (leaf, &issuer, &none);
  if (rc == 0 && !(ret->issuer = sp_view_dup (sp_buf_view (&issuer), err)))
    return SIGPOLICY_E_NO_MEMORY;
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

static int
read_log (const struct sp_bundle *bundle, struct sp_untrusted_bundle *ret, sigpolicy_error **err)
{
  ret->n_entries = bundle->n_entries;
  ret->n_timestamps = bundle->n_timestamps;
  if (!bundle->n_entries)
    return 0;
  ret->has_time = bundle->entries[0].integrated_time != 0;
  ret->time = bundle->entries[0].integrated_time;
  ret->log = hex (sp_view_str (""), &bundle->entries[0].log_id, err);
  return ret->log ? 0 : SIGPOLICY_E_NO_MEMORY;
}

int
sp_bundle_read_untrusted (struct sp_view text, struct sp_untrusted_bundle *ret,
                          sigpolicy_error **err)
{
  cleanup_bundle struct sp_bundle *bundle = NULL;

  int rc = sp_bundle_parse (text, &bundle, err);
  if (rc == 0)
    rc = bundle->is_dsse ? read_statement (bundle, ret, err) : read_file (bundle, ret, err);
  if (rc == 0)
    rc = read_signer (bundle, ret, err);
  return rc < 0 ? rc : read_log (bundle, ret, err);
}
