/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/bundle_requirement.h"

#include "crypto/digest.h"
#include "verify/certificate_signer.h"
#include "verify/hostname.h"

static int
refuse (sigpolicy_error **err, sigpolicy_reason reason, const char *words)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, reason, "%s", words);
}

/* The requirement's own logs: they have a key and nothing else. */
struct logs
{
  struct sp_trusted_log *items;
  size_t len;
};

static void
logs_clear (struct logs *logs)
{
  for (size_t i = 0; i < logs->len; i++)
    sp_buf_clear (&logs->items[i].id);
  free (logs->items);
}

static char own_log[] = "the policy's log"; /* what it is called, in place of a URL */

static int
make_logs (const struct sp_trust *trust, struct logs *ret, sigpolicy_error **err)
{
  unsigned char id[SP_SHA256_BYTES];

  ret->items = sp_calloc (trust->n_rekor_keys, sizeof *ret->items, err);
  if (!ret->items)
    return SIGPOLICY_E_NO_MEMORY;
  for (; ret->len < trust->n_rekor_keys; ret->len++)
    {
      struct sp_trusted_log *log = &ret->items[ret->len];
      log->base_url = own_log;
      log->key = trust->rekor_keys[ret->len];
      log->id = (struct sp_buf)SP_BUF (SP_SHA256_BYTES);
      int rc = sp_sha256 (sp_public_key_spki (log->key), id, err);
      if (rc < 0)
        return rc;
      sp_buf_add (&log->id, sp_view_n ((const char *)id, sizeof id));
      if (sp_buf_check (&log->id, err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
    }
  return 0;
}

/* Who the certificate is for, by the requirement's own rules. */
static int
check_signer (const struct sp_requirement *requirement, const struct sp_certificate *leaf,
              struct sp_claim *claim, sigpolicy_error **err)
{
  const struct sp_fulcio *fulcio = requirement->fulcio;
  const struct sp_pki *pki = requirement->pki;
  struct sp_view email, hostname = { "", 0 };
  int rc = 0;

  if (fulcio)
    {
      struct sp_view issuer = sp_view_n (fulcio->oidc_issuer, fulcio->oidc_issuer_len);
      email = sp_view_n (fulcio->subject_email, fulcio->subject_email_len);
      rc = sp_signer_check_issuer (leaf, issuer, err);
      if (rc == 0 && !(claim->issuer = sp_view_dup (issuer, err)))
        rc = SIGPOLICY_E_NO_MEMORY;
    }
  else
    {
      email = sp_view_n (pki->subject_email, pki->subject_email_len);
      hostname = sp_view_n (pki->subject_hostname, pki->subject_hostname_len);
    }
  if (rc == 0 && (fulcio || email.len))
    rc = sp_signer_check_email (leaf, email, err);
  if (rc == 0 && hostname.len)
    rc = sp_hostname_check (leaf, hostname, err);
  if (rc == 0 && !(claim->subject = sp_view_dup (email.len ? email : hostname, err)))
    rc = SIGPOLICY_E_NO_MEMORY;
  return rc;
}

/* The one subject, and the name that was signed with it. */
static int
read_claim (const struct sp_bundle_result *result, enum sp_bundle_mode mode, struct sp_claim *claim,
            sigpolicy_error **err)
{
  const struct sp_statement *statement = &result->statement;
  char digest[8 + 2 * SP_HASH_BYTES_MAX];
  struct sp_view reference;

  if (!result->has_statement || statement->n_subjects != 1
      || !sp_statement_subject_digest (statement, 0, digest))
    return refuse (err, SIGPOLICY_REASON_BAD_SIGNATURE,
                   "the bundle has not exactly one subject with a digest");
  claim->digest = sp_strdup (digest, err);
  if (!claim->digest)
    return SIGPOLICY_E_NO_MEMORY;
  if (sp_statement_annotation (statement, 0, SP_REFERENCE_ANNOTATION, &reference))
    {
      claim->reference = sp_view_dup (reference, err);
      claim->reference_len = reference.len;
      return claim->reference ? 0 : SIGPOLICY_E_NO_MEMORY;
    }
  if (mode != SP_BUNDLES_DIGEST)
    {
      (void)refuse (err, SIGPOLICY_REASON_IDENTITY_MISMATCH,
                    "the bundle states a digest and no name");
      return sp_error_hint (err, "sign it with its name: cosign sign -a "
                                 "docker-reference=NAME:TAG NAME@DIGEST");
    }
  claim->is_nameless = true;
  return 0;
}

static int
digest_manifest (struct sp_view manifest, struct sp_digests *ret, sigpolicy_error **err)
{
  int rc = 0;
  for (int i = 0; i < SP_HASHES && rc == 0; i++)
    {
      rc = sp_hash ((enum sp_hash)i, manifest, ret->value[i], err);
      ret->has[i] = rc == 0;
    }
  return rc;
}

/* How far the bundle came. */
static enum sp_verify_stage
stage_of (const struct sp_bundle_result *result)
{
  if (result->failed >= SP_BUNDLE_IDENTITY)
    return SP_STAGE_PAYLOAD;
  return result->failed == SP_BUNDLE_CONTENT ? SP_STAGE_DIGEST : SP_STAGE_SIGNATURE;
}

static void
note_signer (const struct sp_bundle_result *result, struct sp_claim *claim)
{
  for (size_t i = 0; i < result->n_times && !claim->is_logged; i++)
    if (result->times[i].by_log)
      {
        claim->is_logged = true;
        claim->logged = result->times[i].time;
      }
}

int
sp_bundle_requirement_verify (struct sp_view text, const struct sp_requirement *requirement,
                              const struct sp_trust *trust, const struct sp_trusted_root *root,
                              enum sp_bundle_mode mode, sp_time now, struct sp_view manifest,
                              struct sp_claim *ret, enum sp_verify_stage *ret_stage,
                              sigpolicy_error **err)
{
  SP_CLEANUP (logs_clear) struct logs logs = { 0 };
  cleanup_bundle_result struct sp_bundle_result result = { 0 };
  struct sp_digests digests = { 0 };
  const struct sp_trusted_authority authority = {
    .chain = trust->intermediates,
    .n_intermediates = trust->intermediates.len,
    .roots = trust->roots,
  };
  struct sp_bundle_question question = {
    .keys = trust->keys,
    .n_keys = trust->n_keys,
    .authorities = &authority,
    .n_authorities = trust->roots != NULL,
    .at_now = requirement->pki != NULL,
    .now = now,
    .logs = { NULL, root ? root->logs : NULL },
    .n_logs = { trust->n_rekor_keys, root ? root->n_logs : 0 },
    .timestamp_authorities = root ? root->timestamp_authorities : NULL,
    .n_timestamp_authorities = root ? root->n_timestamp_authorities : 0,
    .needs_entry = trust->n_rekor_keys > 0,
    .needs_time = requirement->fulcio != NULL,
    .digests = &digests,
    .predicate_type = SP_PREDICATE_COSIGN_SIGN,
  };

  *ret_stage = SP_STAGE_KEYS;
  int rc = make_logs (trust, &logs, err);
  question.logs[0] = logs.items;
  if (rc == 0)
    rc = digest_manifest (manifest, &digests, err);
  if (rc < 0)
    return rc;
  rc = sp_bundle_verify (text, &question, &result, err);
  *ret_stage = stage_of (&result);
  if (rc < 0)
    return rc;
  ret->key = sp_strdup (sp_public_key_fingerprint (result.key), err);
  if (!ret->key)
    return SIGPOLICY_E_NO_MEMORY;
  note_signer (&result, ret);
  *ret_stage = SP_STAGE_SIGNER;
  if (result.certificate)
    rc = check_signer (requirement, result.certificate, ret, err);
  if (rc < 0)
    return rc;
  *ret_stage = SP_STAGE_PAYLOAD;
  return read_claim (&result, mode, ret, err);
}
