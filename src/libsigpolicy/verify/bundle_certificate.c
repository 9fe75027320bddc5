/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/bundle_int.h"

#include "crypto/sct.h"
#include "util/codec.h"
#include "util/limits.h"
#include "verify/certificate_signer.h"

/* --- the path -----------------------------------------------------------------------------------
 */

static int
check_path_at (const struct sp_trusted_authority *authority, struct sp_certificate *leaf,
               sp_time at, bool is_now, sigpolicy_error **err)
{
  const struct sp_chain_question question = {
    .anchors = authority->roots,
    .intermediates = { &authority->chain, &authority->chain },
    .n_intermediates = { authority->n_intermediates, 0 },
    .at = at,
    .is_now = is_now,
    .odd_names_are_fine = true,
  };
  return sp_chain_verify (leaf, &question, err);
}

/* One authority, at every time. */
static int
check_path_to (const struct sp_bundle_question *question,
               const struct sp_trusted_authority *authority, struct sp_bundle_result *result,
               sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; i < result->n_times && rc == 0; i++)
    {
      const struct sp_signed_time *time = &result->times[i];
      if (!sp_period_holds (&authority->period, time->time, time->late))
        return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_EXPIRED,
                             "it was signed outside the validity of the certificate authority");
      /* In the last second of a certificate a fraction counts. */
      rc = check_path_at (authority, result->certificate, time->time, time->late, err);
    }
  if (rc == 0 && question->at_now)
    rc = check_path_at (authority, result->certificate, question->now, true, err);
  return rc;
}

/* --- certificate transparency -------------------------------------------------------------------
 */

/* Who issued the certificate: one of the authority's certificates has the name. */
static int
check_sct (const struct sp_sct *sct, const struct sp_trusted_log *log,
           const struct sp_trusted_authority *authority, const struct sp_certificate *leaf,
           bool *ret, sigpolicy_error **err)
{
  *ret = false;
  for (size_t i = 0; i < authority->chain.len && !*ret; i++)
    {
      const struct sp_certificate *issuer = authority->chain.items[i];
      int rc = sp_view_equal (issuer->subject, leaf->issuer)
                   ? sp_sct_verify (sct, leaf, issuer, log->key, ret, err)
                   : 0;
      if (rc < 0)
        return rc;
    }
  return 0;
}

static int
check_scts (const struct sp_bundle_question *question, const struct sp_trusted_authority *authority,
            struct sp_bundle_result *result, sigpolicy_error **err)
{
  struct sp_sct scts[SP_SCTS_MAX];
  char time[SP_TIME_TEXT_SIZE];
  size_t n_scts = 0, good = 0;

  int rc = sp_sct_read (result->certificate, scts, SP_SCTS_MAX, &n_scts, err);
  for (size_t i = 0; i < n_scts && rc == 0; i++)
    {
      const struct sp_trusted_log *log
          = sp_trusted_log_find (question->ct_logs, question->n_ct_logs, scts[i].log_id);
      bool holds = false;
      if (!log || !sp_period_holds (&log->period, scts[i].time, scts[i].milliseconds > 0))
        continue;
      rc = check_sct (&scts[i], log, authority, result->certificate, &holds, err);
      if (rc < 0 || !holds)
        continue;
      good++;
      sp_time_format (scts[i].time, time);
      rc = sp_bundle_passed (result, SP_BUNDLE_SCT, err, "%s at %s", log->base_url, time);
    }
  if (rc == 0 && !good && question->needs_sct)
    rc = sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NOT_IN_LOG,
                       "no trusted certificate log recorded the signer's certificate");
  return rc;
}

int
sp_bundle_check_path (const struct sp_bundle_question *question, struct sp_bundle_result *result,
                      sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *first = NULL;

  result->failed = SP_BUNDLE_CERTIFICATE_PATH;
  for (size_t i = 0; i < question->n_authorities; i++)
    {
      const struct sp_trusted_authority *authority = &question->authorities[i];
      cleanup_error sigpolicy_error *why = NULL;
      int rc = check_path_to (question, authority, result, &why);
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      if (rc < 0)
        {
          /* The authority whose certificate it is speaks; of none, the first. */
          bool speaks = !first || sigpolicy_error_reason (why) == SIGPOLICY_REASON_EXPIRED;
          if (speaks)
            {
              sp_error_clear (&first);
              first = steal (&why);
            }
          continue;
        }
      rc = sp_bundle_passed (result, SP_BUNDLE_CERTIFICATE_PATH, err, "issued by %s",
                             authority->uri && authority->uri[0] ? authority->uri
                                                                 : "a trusted certificate");
      result->failed = SP_BUNDLE_SCT;
      return rc < 0 ? rc : check_scts (question, authority, result, err);
    }
  return first ? sp_error_copy (first, err)
               : sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                               "no certificate authority is trusted");
}

/* --- the identity -------------------------------------------------------------------------------
 */

struct sp_view
sp_bundle_certificate_name (const struct sp_certificate *leaf)
{
  static const enum sp_name_kind kinds[] = { SP_NAME_URI, SP_NAME_EMAIL };
  for (size_t k = 0; k < 2; k++)
    for (size_t i = 0; i < leaf->names.len; i++)
      if (leaf->names.items[i].kind == kinds[k])
        return leaf->names.items[i].value;
  return sp_view_n ("", 0);
}

static int
read_identity (struct sp_bundle_result *result, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf issuer = SP_BUF (2 * SP_CERTIFICATE_BYTES_MAX);
  cleanup_error sigpolicy_error *why = NULL;
  struct sp_view name = sp_bundle_certificate_name (result->certificate);

  if (name.len && !(result->identity = sp_view_dup (name, err)))
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_signer_read_issuer (result->certificate, &issuer, &why);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (rc == 0 && !(result->issuer = sp_view_dup (sp_buf_view (&issuer), err)))
    return SIGPOLICY_E_NO_MEMORY;
  return 0;
}

int
sp_bundle_check_identity (const struct sp_bundle_question *question,
                          struct sp_bundle_result *result, sigpolicy_error **err)
{
  struct sp_view name = sp_bundle_certificate_name (result->certificate);
  bool matches = false;

  int rc = read_identity (result, err);
  if (rc < 0 || !question->identities)
    return rc;
  for (size_t i = 0; i < question->identities->len && !matches; i++)
    matches = name.len && sp_view_is (name, question->identities->items[i]);
  if (!matches)
    {
      cleanup_free char *quoted = sp_quote_dup (name, err);
      return quoted ? sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_SUBJECT_MISMATCH,
                                    "the certificate is for %s, which is not required", quoted)
                    : SIGPOLICY_E_NO_MEMORY;
    }
  rc = sp_signer_check_issuer (result->certificate, sp_view_str (question->issuer), err);
  if (rc < 0)
    return rc;
  cleanup_free char *shown = sp_escape_dup (name, err);
  return shown ? sp_bundle_passed (result, SP_BUNDLE_IDENTITY, err, "%s, OIDC issuer %s", shown,
                                   question->issuer)
               : SIGPOLICY_E_NO_MEMORY;
}
