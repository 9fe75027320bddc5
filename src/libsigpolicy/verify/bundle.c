/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/bundle_int.h"

#include "crypto/signature_digest.h"
#include "crypto/timestamp.h"
#include "util/codec.h"
#include "util/limits.h"
#include "verify/dsse.h"

const char *
sp_bundle_step_name (enum sp_bundle_step step)
{
  static const char *const names[] = {
    [SP_BUNDLE_STRUCTURE] = "structure",
    [SP_BUNDLE_LOG] = "log",
    [SP_BUNDLE_TIMESTAMPS] = "timestamp",
    [SP_BUNDLE_TIME] = "time",
    [SP_BUNDLE_CERTIFICATE_PATH] = "certificate",
    [SP_BUNDLE_SCT] = "sct",
    [SP_BUNDLE_SIGNATURE] = "signature",
    [SP_BUNDLE_CONTENT] = "content",
    [SP_BUNDLE_IDENTITY] = "identity",
    [SP_BUNDLE_PREDICATE] = "predicate-type",
  };
  return names[step];
}

int
sp_bundle_passed (struct sp_bundle_result *result, enum sp_bundle_step step, sigpolicy_error **err,
                  const char *format, ...)
{
  struct sp_bundle_steps *steps = &result->steps;
  va_list args;

  if (sp_grow (&steps->items, &steps->capacity, steps->len, sizeof *steps->items, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  va_start (args, format);
  char *detail = sp_vasprintf (err, format, args);
  va_end (args);
  if (!detail)
    return SIGPOLICY_E_NO_MEMORY;
  steps->items[steps->len].step = step;
  steps->items[steps->len++].detail = detail;
  return 0;
}

int
sp_bundle_add_time (struct sp_bundle_result *result, const struct sp_signed_time *time,
                    sigpolicy_error **err)
{
  int rc = sp_grow (&result->times, &result->times_capacity, result->n_times, sizeof *result->times,
                    err);
  if (rc == 0)
    result->times[result->n_times++] = *time;
  return rc;
}

static int
refuse (sigpolicy_error **err, sigpolicy_reason reason, const char *words)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, reason, "%s", words);
}

/* --- signed timestamps --------------------------------------------------------------------------
 */

/* By one of the authorities; where it says when, that is the first whose signature holds. */
static int
check_timestamp (const struct sp_bundle_question *question, struct sp_view response,
                 struct sp_bundle_result *result, sigpolicy_error **err)
{
  struct sp_view signature = sp_buf_view (&result->bundle->signature);
  cleanup_error sigpolicy_error *why = NULL;
  char text[SP_TIME_TEXT_SIZE];

  for (size_t i = 0; i < question->n_timestamp_authorities; i++)
    {
      const struct sp_trusted_authority *authority = &question->timestamp_authorities[i];
      struct sp_signed_time time = { .by = authority->uri };
      sp_error_clear (&why);
      int rc = sp_timestamp_verify (response, signature, &authority->chain, &time.time, &time.late,
                                    &why);
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      if (rc < 0)
        continue;
      if (!sp_period_holds (&authority->period, time.time, time.late))
        {
          (void)refuse (&why, SIGPOLICY_REASON_EXPIRED,
                        "signed timestamp: its time is outside the validity of the authority");
          continue;
        }
      sp_time_format (time.time, text);
      rc = sp_bundle_add_time (result, &time, err);
      return rc < 0
                 ? rc
                 : sp_bundle_passed (result, SP_BUNDLE_TIMESTAMPS, err, "%s by %s", text, time.by);
    }
  return sp_error_copy (why, err);
}

/* Where there is somebody who could have signed them, every one must hold. */
static int
check_timestamps (const struct sp_bundle_question *question, struct sp_bundle_result *result,
                  sigpolicy_error **err)
{
  const struct sp_bundle *bundle = result->bundle;
  int rc = 0;
  for (size_t i = 0; i < bundle->n_timestamps && question->n_timestamp_authorities && rc == 0; i++)
    rc = check_timestamp (question, sp_buf_view (&bundle->timestamps[i]), result, err);
  return rc;
}

static int
check_times (const struct sp_bundle_question *question, struct sp_bundle_result *result,
             sigpolicy_error **err)
{
  if (!result->n_times && question->needs_time)
    return refuse (err, SIGPOLICY_REASON_NOT_IN_LOG,
                   "no trusted log or timestamp authority states when it was signed");
  return sp_bundle_passed (result, SP_BUNDLE_TIME, err, "%zu signed", result->n_times);
}

/* --- the signature ------------------------------------------------------------------------------
 */

/* Over the digest that goes with the key; SHA-256 as well for the larger curves, whose keys signed
 * so before they signed otherwise. */
static int
signature_holds (const struct sp_public_key *key, const struct sp_bundle *bundle,
                 struct sp_view pae, bool *ret, sigpolicy_error **err)
{
  struct sp_view signature = sp_buf_view (&bundle->signature);
  unsigned char digest[SP_HASH_BYTES_MAX];
  enum sp_hash hash = SP_HASH_SHA256;
  bool is_ecdsa = sp_public_key_kind (key) == SP_KEY_ECDSA;

  *ret = false;
  if (!sp_public_key_details (key, &hash))
    return 0;
  if (!bundle->is_dsse)
    {
      *ret = (bundle->hash == hash || (is_ecdsa && bundle->hash == SP_HASH_SHA256))
             && sp_public_key_verify_digest (key, bundle->hash, sp_buf_view (&bundle->digest),
                                             signature);
      return 0;
    }
  *ret = sp_public_key_verify_pure (key, pae, signature);
  const enum sp_hash candidates[] = { hash, SP_HASH_SHA256 };
  size_t n_candidates = is_ecdsa && hash != SP_HASH_SHA256 ? 2 : 1;
  for (size_t i = 0; i < n_candidates && !*ret; i++)
    {
      int rc = sp_hash (candidates[i], pae, digest, err);
      if (rc < 0)
        return rc;
      *ret = sp_public_key_verify_digest (
          key, candidates[i], sp_view_n ((const char *)digest, sp_hash_bytes (candidates[i])),
          signature);
    }
  return 0;
}

/* The key of the certificate, or the one of several keys that made it: the signature is what tells
 * which. */
static int
find_key (const struct sp_bundle_question *question, struct sp_bundle_result *result,
          struct sp_view pae, sigpolicy_error **err)
{
  struct sp_public_key *const *keys
      = result->certificate ? &result->certificate->key : question->keys;
  size_t n_keys = result->certificate ? 1 : question->n_keys;

  for (size_t i = 0; i < n_keys; i++)
    {
      bool holds = false;
      int rc = signature_holds (keys[i], result->bundle, pae, &holds, err);
      if (rc < 0)
        return rc;
      if (holds)
        {
          result->key = keys[i];
          return 0;
        }
    }
  return refuse (
      err, result->certificate ? SIGPOLICY_REASON_BAD_SIGNATURE : SIGPOLICY_REASON_KEY_NOT_TRUSTED,
      result->certificate ? "the signature is not by the certificate's key"
                          : "the signature is not by a trusted key");
}

/* --- what is signed -----------------------------------------------------------------------------
 */

static int
check_statement (const struct sp_bundle_question *question, struct sp_bundle_result *result,
                 sigpolicy_error **err)
{
  const struct sp_bundle *bundle = result->bundle;

  if (!sp_view_is (bundle->payload_type, SP_STATEMENT_PAYLOAD_TYPE))
    return refuse (err, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                   "the envelope does not contain an in-toto statement");
  int rc = sp_statement_parse (sp_buf_view (&bundle->payload), &result->statement, err);
  if (rc < 0)
    return rc;
  result->has_statement = true;
  if (!sp_statement_is_about (&result->statement, question->digests))
    return refuse (err, SIGPOLICY_REASON_DIGEST_MISMATCH,
                   "no subject of the statement has the digest");
  return sp_bundle_passed (result, SP_BUNDLE_CONTENT, err, "a subject of the statement");
}

static int
check_content (const struct sp_bundle_question *question, struct sp_bundle_result *result,
               sigpolicy_error **err)
{
  const struct sp_bundle *bundle = result->bundle;

  if (bundle->is_dsse)
    return check_statement (question, result, err);
  if (!question->digests->has[bundle->hash])
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_DIGEST_MISMATCH,
                         "the bundle signs a %s digest: give the file",
                         sp_hash_name (bundle->hash));
  if (!sp_view_equal (sp_digests_get (question->digests, bundle->hash),
                      sp_buf_view (&bundle->digest)))
    return refuse (err, SIGPOLICY_REASON_DIGEST_MISMATCH, "the bundle is for another file");
  return sp_bundle_passed (result, SP_BUNDLE_CONTENT, err, "the %s digest",
                           sp_hash_name (bundle->hash));
}

static int
check_predicate (const struct sp_bundle_question *question, struct sp_bundle_result *result,
                 sigpolicy_error **err)
{
  if (!question->predicate_type)
    return 0;
  if (!result->has_statement)
    return refuse (err, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                   "the bundle has no statement, so no predicate type");
  cleanup_free char *shown = sp_quote_dup (result->statement.predicate_type, err);
  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  if (!sp_view_is (result->statement.predicate_type, question->predicate_type))
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                         "the statement has the predicate type %s", shown);
  return sp_bundle_passed (result, SP_BUNDLE_PREDICATE, err, "%s", shown);
}

/* --- the whole ----------------------------------------------------------------------------------
 */

/* A bundle of a key for one who trusts keys, one of a certificate for one who trusts authorities.
 */
static int
check_material (const struct sp_bundle_question *question, struct sp_bundle_result *result,
                sigpolicy_error **err)
{
  const struct sp_bundle *bundle = result->bundle;

  if (bundle->material == SP_BUNDLE_KEY)
    return question->n_keys ? 0
                            : refuse (err, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                                      "it was signed with a key, and no key is given");
  if (question->n_keys)
    return refuse (err, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                   "it was signed with a certificate, and a key is given");
  int rc = sp_certificate_parse (sp_buf_view (&bundle->certificate), &result->certificate, err);
  return rc == 0 && result->certificate->odd
             ? refuse (err, SIGPOLICY_REASON_UNSUPPORTED_FORMAT, result->certificate->odd)
             : rc;
}

static int
check_signer (const struct sp_bundle_question *question, struct sp_bundle_result *result,
              sigpolicy_error **err)
{
  int rc;
  if (result->certificate && (rc = sp_bundle_check_path (question, result, err)) < 0)
    return rc;
  result->failed = SP_BUNDLE_SIGNATURE;
  return sp_bundle_passed (result, SP_BUNDLE_SIGNATURE, err, "by the key %s",
                           sp_public_key_fingerprint (result->key));
}

static int
verify (const struct sp_bundle_question *question, struct sp_bundle_result *result,
        sigpolicy_error **err)
{
  const struct sp_bundle *bundle = result->bundle;
  cleanup_buf struct sp_buf pae = SP_BUF (2 * SP_BUNDLE_BYTES_MAX);
  struct sp_log_subject subject = { .bundle = bundle };

  if (bundle->is_dsse)
    sp_dsse_pae (bundle->payload_type, sp_buf_view (&bundle->payload), &pae);
  int rc = sp_buf_check (&pae, err);
  if (rc == 0)
    rc = sp_bundle_passed (result, SP_BUNDLE_STRUCTURE, err, "a bundle of version 0.%u, %s",
                           bundle->minor,
                           bundle->is_dsse ? "an envelope" : "a signature of a file");
  result->failed = SP_BUNDLE_SIGNATURE;
  if (rc == 0)
    rc = check_material (question, result, err);
  /* Which key it is must be known before entries of logs are compared with it. */
  if (rc == 0)
    rc = find_key (question, result, sp_buf_view (&pae), err);
  if (rc < 0)
    return rc;
  subject.key = result->key;
  subject.certificate = result->certificate;
  subject.pae = sp_buf_view (&pae);
  result->failed = SP_BUNDLE_LOG;
  rc = sp_bundle_check_entries (question, &subject, result, err);
  if (rc == 0)
    {
      result->failed = SP_BUNDLE_TIMESTAMPS;
      rc = check_timestamps (question, result, err);
    }
  if (rc == 0)
    {
      result->failed = SP_BUNDLE_TIME;
      rc = check_times (question, result, err);
    }
  if (rc == 0)
    rc = check_signer (question, result, err);
  if (rc == 0)
    {
      result->failed = SP_BUNDLE_CONTENT;
      rc = check_content (question, result, err);
    }
  if (rc == 0 && result->certificate)
    {
      result->failed = SP_BUNDLE_IDENTITY;
      rc = sp_bundle_check_identity (question, result, err);
    }
  if (rc == 0)
    {
      result->failed = SP_BUNDLE_PREDICATE;
      rc = check_predicate (question, result, err);
    }
  return rc;
}

int
sp_bundle_verify (struct sp_view text, const struct sp_bundle_question *question,
                  struct sp_bundle_result *ret, sigpolicy_error **err)
{
  ret->failed = SP_BUNDLE_STRUCTURE;
  int rc = sp_bundle_parse (text, &ret->bundle, err);
  if (rc == 0)
    rc = verify (question, ret, err);
  if (rc < 0)
    return rc;
  ret->verified = true;
  return 0;
}

void
sp_bundle_result_clear (struct sp_bundle_result *result)
{
  for (size_t i = 0; i < result->steps.len; i++)
    free (result->steps.items[i].detail);
  free (result->steps.items);
  free (result->times);
  free (result->identity);
  free (result->issuer);
  sp_statement_clear (&result->statement);
  sp_certificate_free (result->certificate);
  sp_bundle_free (result->bundle);
  memset (result, 0, sizeof *result);
}
