/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/bundle_int.h"

#include "crypto/signature_digest.h"
#include "util/codec.h"
#include "util/limits.h"
#include "verify/inclusion.h"

/* The largest number that JSON's canonical form writes as it is. */
#define CANONICAL_MAX ((int64_t)1 << 53)

static int
not_in_log (sigpolicy_error **err, const char *words)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NOT_IN_LOG, "log entry: %s",
                       words);
}

static const struct sp_trusted_log *
find_log (const struct sp_bundle_question *question, struct sp_view id)
{
  const struct sp_trusted_log *log = NULL;
  for (size_t i = 0; i < 2 && !log; i++)
    log = sp_trusted_log_find (question->logs[i], question->n_logs[i], id);
  return log;
}

/* What the log has promised to record: the entry, its place and its time, in canonical JSON. */
static int
check_promise (const struct sp_bundle_entry *entry, const struct sp_trusted_log *log,
               sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (4 * SP_BUNDLE_BYTES_MAX);
  char id[2 * SP_HASH_BYTES_MAX + 1];

  if (entry->integrated_time <= 0 || entry->integrated_time >= CANONICAL_MAX
      || entry->log_index >= CANONICAL_MAX)
    return not_in_log (err, "a promise without a time, or with numbers that are too large");
  sp_hex ((const unsigned char *)entry->log_id.data, entry->log_id.len, id);
  sp_buf_str (&text, "{\"body\":\"");
  sp_base64_encode (sp_buf_view (&entry->body), &text);
  sp_buf_printf (&text, "\",\"integratedTime\":%lld,\"logID\":\"%s\",\"logIndex\":%lld}",
                 (long long)entry->integrated_time, id, (long long)entry->log_index);
  int rc = sp_buf_check (&text, err);
  if (rc < 0)
    return rc;
  if (!sp_public_key_verify_der (log->key, sp_buf_view (&text), sp_buf_view (&entry->promise)))
    return not_in_log (err, "the log's signature over its promise is not valid");
  return sp_period_holds (&log->period, entry->integrated_time, false)
             ? 0
             : not_in_log (err, "its time is outside the validity of the log");
}

/* The checkpoint is the log's, and the entry is in its tree. */
static int
check_proof (const struct sp_bundle_entry *entry, const struct sp_trusted_log *log,
             enum sp_log_version version, size_t *ret_others, sigpolicy_error **err)
{
  struct sp_checkpoint checkpoint;
  bool good = false;

  int rc = sp_checkpoint_parse (entry->checkpoint, &checkpoint, err);
  if (rc == 0)
    rc = sp_checkpoint_verify (&checkpoint, log, version, ret_others, err);
  if (rc < 0)
    return rc;
  if (entry->tree_size != checkpoint.size
      || !sp_view_equal (sp_buf_view (&entry->root_hash),
                         sp_view_n ((const char *)checkpoint.root, SP_SHA256_BYTES)))
    return not_in_log (err, "its inclusion proof is for another tree than its checkpoint");
  /* The second version has one tree, where both numbers are the same. */
  if (version == SP_LOG_V2 && entry->proof_index != entry->log_index)
    return not_in_log (err, "its inclusion proof is for another place");
  rc = sp_inclusion_check (sp_buf_view (&entry->body), entry->proof_index, checkpoint.size,
                           sp_buf_view (&entry->hashes), checkpoint.root, &good, err);
  return rc == 0 && !good ? not_in_log (err, "its inclusion proof leads to another root") : rc;
}

static int
check_entry (const struct sp_log_subject *subject, const struct sp_bundle_entry *entry,
             const struct sp_trusted_log *log, struct sp_bundle_result *result,
             sigpolicy_error **err)
{
  enum sp_log_version version = SP_LOG_V1;
  const struct sp_certificate *certificate = subject->certificate;
  const struct sp_signed_time time
      = { .time = entry->integrated_time, .by_log = true, .by = log->base_url };
  size_t others = 0;

  int rc = sp_log_body_check (subject, entry, &version, err);
  if (rc == 0 && version == SP_LOG_V2 && (!entry->has_proof || entry->promise.len))
    rc = not_in_log (err, "one of Rekor's second version needs a proof, and has no promise");
  if (rc == 0 && version == SP_LOG_V2 && entry->integrated_time)
    rc = not_in_log (err, "one of Rekor's second version has no time");
  if (rc == 0 && !entry->has_proof && !entry->promise.len)
    rc = not_in_log (err, "neither a promise nor a proof");
  if (rc == 0 && entry->promise.len)
    rc = check_promise (entry, log, err);
  if (rc == 0 && entry->has_proof)
    rc = check_proof (entry, log, version, &others, err);
  if (rc == 0 && entry->integrated_time && certificate
      && (entry->integrated_time < certificate->not_before
          || entry->integrated_time > certificate->not_after))
    rc = sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_EXPIRED,
                       "log entry: its time is outside the validity of the certificate");
  /* A proof alone says nothing about a time: only a promise is signed together with one. */
  if (rc == 0 && entry->promise.len)
    rc = sp_bundle_add_time (result, &time, err);
  return rc < 0 ? rc
                : sp_bundle_passed (result, SP_BUNDLE_LOG, err,
                                    "%.*s %.*s at index %lld of %s, by %s%s%s%s",
                                    (int)entry->kind.len, entry->kind.data, (int)entry->version.len,
                                    entry->version.data, (long long)entry->log_index, log->base_url,
                                    entry->promise.len ? "promise" : "",
                                    entry->promise.len && entry->has_proof ? " and " : "",
                                    entry->has_proof ? "inclusion proof" : "",
                                    others ? ", with cosignatures that are not verified" : "");
}

int
sp_bundle_check_entries (const struct sp_bundle_question *question,
                         const struct sp_log_subject *subject, struct sp_bundle_result *result,
                         sigpolicy_error **err)
{
  const struct sp_bundle *bundle = subject->bundle;
  size_t good = 0;
  int rc = 0;

  for (size_t i = 0; i < bundle->n_entries && rc == 0; i++)
    {
      const struct sp_trusted_log *log
          = find_log (question, sp_buf_view (&bundle->entries[i].log_id));
      if (!log)
        continue;
      rc = check_entry (subject, &bundle->entries[i], log, result, err);
      good += rc == 0;
    }
  if (rc == 0 && !good && question->needs_entry)
    rc = not_in_log (err, bundle->n_entries ? "none is from a trusted log" : "the bundle has none");
  return rc;
}
