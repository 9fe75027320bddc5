/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/bundle.h"

#include "support/bundle_fixtures.h"
#include "util/fs.h"
#include "util/limits.h"
#include "verify/dsse.h"
#include "verify/log_body.h"

#include <criterion/criterion.h>

/* The text with the first of one thing in place of another. */
static void
put_edited (struct sp_view text, const char *from, const char *to, struct sp_buf *out)
{
  const char *at = from ? memmem (text.data, text.len, from, strlen (from)) : text.data;
  cr_assert (at, "no '%s'", from);
  size_t before = (size_t)(at - text.data);
  sp_buf_add (out, sp_view_head (text, before));
  sp_buf_str (out, from ? to : "");
  sp_buf_add (out, sp_view_from (text, before + (from ? strlen (from) : 0)));
  cr_assert (!out->failed);
}

/* --- times that are signed -------------------------------------------------------------------- */

#define ENDS(uri, time)                                                       \
  uri "\",\n   \"validFor\": {\n    \"start\": \"2026-01-01T00:00:00Z\"", uri \
      "\",\n   \"validFor\": {\n    \"start\": \"2026-01-01T00:00:00Z\", \"end\": \"" time "\""

/* Everything was signed and timestamped at 2026-06-01T00:00:05Z. */
static const struct
{
  const char *name, *fixture;
  const char *root_from, *root_to; /* in the trusted root; NULL: nothing is changed */
  const char *from, *to;           /* in the bundle */
  const char *message;             /* NULL: it is verified */
  sigpolicy_reason reason;
  enum sp_bundle_step failed;
} times[] = {
  { "as it is", "certificate-timestamp", NULL, NULL, NULL, NULL, NULL, 0, 0 },
  { "the authority of the timestamp lasts", "certificate-timestamp",
    ENDS ("tsa.example", "2026-06-01T00:00:05Z"), NULL, NULL, NULL, 0, 0 },
  { "the authority of the timestamp has ended", "certificate-timestamp",
    ENDS ("tsa.example", "2026-06-01T00:00:04Z"), NULL, NULL,
    "signed timestamp: its time is outside the validity of the authority", SIGPOLICY_REASON_EXPIRED,
    SP_BUNDLE_TIMESTAMPS },
  { "the authority of the certificate lasts", "certificate-timestamp",
    ENDS ("fulcio.example", "2026-06-01T00:00:05Z"), NULL, NULL, NULL, 0, 0 },
  { "the authority of the certificate has ended", "certificate-timestamp",
    ENDS ("fulcio.example", "2026-06-01T00:00:04Z"), NULL, NULL,
    "it was signed outside the validity of the certificate authority", SIGPOLICY_REASON_EXPIRED,
    SP_BUNDLE_CERTIFICATE_PATH },
  { "the log has not begun", "certificate-timestamp", "2026-01-01T00:00:00Z",
    "2026-06-01T00:00:06Z", NULL, NULL, "log entry: its time is outside the validity of the log",
    SIGPOLICY_REASON_NOT_IN_LOG, SP_BUNDLE_LOG },
  { "the log has just begun", "certificate-timestamp", "2026-01-01T00:00:00Z",
    "2026-06-01T00:00:05Z", NULL, NULL, NULL, 0, 0 },
  { "another log of certificates", "certificate-timestamp",
    "eXOCFGxLwkgVfkSBwZzeNiVVbvTj0kewUXeI8jIp08o=", "AXOCFGxLwkgVfkSBwZzeNiVVbvTj0kewUXeI8jIp08o=",
    NULL, NULL, "no trusted certificate log recorded the signer's certificate",
    SIGPOLICY_REASON_NOT_IN_LOG, SP_BUNDLE_SCT },
  { "another log", "certificate-promise", "J0k/CgAPasKmLy99F2KcrGSecCZ4jS/UZBWTIQ5M2iM=",
    "A0k/CgAPasKmLy99F2KcrGSecCZ4jS/UZBWTIQ5M2iM=", NULL, NULL,
    "log entry: none is from a trusted log", SIGPOLICY_REASON_NOT_IN_LOG, SP_BUNDLE_LOG },

  { "the second version of the log", "certificate-v2", NULL, NULL, NULL, NULL, NULL, 0, 0 },
  { "the second version with a time", "certificate-v2", NULL, NULL, "\"inclusionProof\"",
    "\"integratedTime\": \"1780272005\", \"inclusionProof\"",
    "log entry: one of Rekor's second version has no time", SIGPOLICY_REASON_NOT_IN_LOG,
    SP_BUNDLE_LOG },
  { "the second version with a promise", "certificate-v2", NULL, NULL, "\"inclusionProof\"",
    "\"inclusionPromise\": {\"signedEntryTimestamp\": \"AA==\"}, \"inclusionProof\"",
    "log entry: one of Rekor's second version needs a proof, and has no promise",
    SIGPOLICY_REASON_NOT_IN_LOG, SP_BUNDLE_LOG },
  { "the second version at another place", "certificate-v2", NULL, NULL, "\"logIndex\": \"1\"",
    "\"logIndex\": \"2\"", "log entry: its inclusion proof is for another place",
    SIGPOLICY_REASON_NOT_IN_LOG, SP_BUNDLE_LOG },
  { "a promise without a time", "certificate-promise", NULL, NULL,
    "\"integratedTime\": \"1780272005\"", "\"integratedTime\": \"0\"",
    "log entry: a promise without a time, or with numbers that are too large",
    SIGPOLICY_REASON_NOT_IN_LOG, SP_BUNDLE_LOG },
  { "a promise for another time", "certificate-promise", NULL, NULL,
    "\"integratedTime\": \"1780272005\"", "\"integratedTime\": \"1780272006\"",
    "log entry: the log's signature over its promise is not valid", SIGPOLICY_REASON_NOT_IN_LOG,
    SP_BUNDLE_LOG },
  { "neither a promise nor a proof", "certificate-promise", NULL, NULL, "bundle+json;version=0.1",
    "bundle+json;version=0.2", "a log entry without an inclusion proof",
    SIGPOLICY_REASON_BAD_SIGNATURE, SP_BUNDLE_STRUCTURE },
  { "a tree of another size", "certificate-v2", NULL, NULL, "\"treeSize\": \"3\"",
    "\"treeSize\": \"4\"", "log entry: its inclusion proof is for another tree than its checkpoint",
    SIGPOLICY_REASON_NOT_IN_LOG, SP_BUNDLE_LOG },
};

static void
read_fixture (const char *name, struct sp_buf *out)
{
  cleanup_bundle_fixture struct bundle_fixture fixture = { 0 };
  bundle_fixture_load (name, &fixture);
  sp_buf_add (out, sp_buf_view (&fixture.text));
}

static void
read_root (const char *from, const char *to, struct sp_trusted_root **ret)
{
  const char *top = secure_getenv ("top_srcdir");
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (SP_TRUSTED_ROOT_BYTES_MAX);
  cleanup_buf struct sp_buf edited = SP_BUF (SP_TRUSTED_ROOT_BYTES_MAX);
  cleanup_free char *path
      = sp_asprintf (&err, "%s/tests/fixtures/bundles/trusted_root.json", top ? top : ".");

  cr_assert (sp_fs_read (path, &text, &err) == 0);
  put_edited (sp_buf_view (&text), from, to, &edited);
  cr_assert (sp_trusted_root_parse (sp_buf_view (&edited), ret, &err) == 0, "%s",
             err ? sigpolicy_error_message (err) : "");
}

Test (verify_bundle, times)
{
  for (size_t i = 0; i < sizeof times / sizeof *times; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (SP_BUNDLE_BYTES_MAX);
      cleanup_buf struct sp_buf edited = SP_BUF (SP_BUNDLE_BYTES_MAX);
      cleanup_trusted_root struct sp_trusted_root *root = NULL;
      cleanup_bundle_result struct sp_bundle_result result = { 0 };
      struct sp_digests digests = { 0 };
      read_fixture (times[i].fixture, &text);
      put_edited (sp_buf_view (&text), times[i].from, times[i].to, &edited);
      read_root (times[i].root_from, times[i].root_to, &root);
      struct sp_view digest = SP_VIEW (
          "\x5b\x6a\x43\x3f\xf8\x84\xd4\x17\x70\x90\x0b\xde\x46\x4b\xa5\x3a\x4f\x38\xd0\x89"
          "\x7f\x87\xc7\xe1\x0a\xbe\xd0\x4b\x39\x0c\x2c\x72");
      memcpy (digests.value[SP_HASH_SHA256], digest.data, digest.len);
      digests.has[SP_HASH_SHA256] = true;
      const struct sp_bundle_question question = {
        .authorities = root->authorities,
        .n_authorities = root->n_authorities,
        .logs = { root->logs, NULL },
        .n_logs = { root->n_logs, 0 },
        .ct_logs = root->ct_logs,
        .n_ct_logs = root->n_ct_logs,
        .timestamp_authorities = root->timestamp_authorities,
        .n_timestamp_authorities = root->n_timestamp_authorities,
        .needs_entry = true,
        .needs_time = true,
        .needs_sct = true,
        .digests = &digests,
      };
      int rc = sp_bundle_verify (sp_buf_view (&edited), &question, &result, &err);
      cr_expect (rc == (times[i].message ? SIGPOLICY_E_REJECTED : 0), "%s: %s", times[i].name,
                 err ? sigpolicy_error_message (err) : "verified");
      cr_expect (result.verified == (rc == 0));
      if (rc == 0 || !times[i].message)
        continue;
      cr_expect_str_eq (sigpolicy_error_message (err), times[i].message, "%s: '%s'", times[i].name,
                        sigpolicy_error_message (err));
      cr_expect (sigpolicy_error_reason (err) == times[i].reason, "%s", times[i].name);
      cr_expect (result.failed == times[i].failed, "%s: %s", times[i].name,
                 sp_bundle_step_name (result.failed));
    }
}

/* --- what an entry of a log is about ---------------------------------------------------------- */

static const struct
{
  const char *name, *fixture, *entry_of; /* NULL: the same */
  const char *from, *to;                 /* in the body */
  const char *version;                   /* beside the body; NULL: as it is */
  const char *message;                   /* NULL: it is about the bundle */
  sigpolicy_reason reason;
} bodies[] = {
  { "a file", "certificate-timestamp", NULL, NULL, NULL, NULL, NULL, 0 },
  { "an envelope", "certificate-dsse", NULL, NULL, NULL, NULL, NULL, 0 },
  { "an older envelope", "certificate-intoto", NULL, NULL, NULL, NULL, NULL, 0 },
  { "a file in the second version", "certificate-v2", NULL, NULL, NULL, NULL, NULL, 0 },
  { "an envelope in the second version", "certificate-dsse-v2", NULL, NULL, NULL, NULL, NULL, 0 },

  { "a file for an envelope", "certificate-dsse", "certificate-timestamp", NULL, NULL, NULL,
    "log entry: one of a file, for an envelope", SIGPOLICY_REASON_NOT_IN_LOG },
  { "an envelope for a file", "certificate-timestamp", "certificate-dsse", NULL, NULL, NULL,
    "log entry: one of an envelope, for a file", SIGPOLICY_REASON_NOT_IN_LOG },
  { "an older envelope for a file", "certificate-timestamp", "certificate-intoto", NULL, NULL, NULL,
    "log entry: one of an envelope, for a file", SIGPOLICY_REASON_NOT_IN_LOG },
  { "a file for an envelope in the second version", "certificate-dsse-v2", "certificate-v2", NULL,
    NULL, NULL, "log entry: it is of another signature, signer or content",
    SIGPOLICY_REASON_NOT_IN_LOG },
  { "another version beside it", "certificate-timestamp", NULL, NULL, NULL, "0.0.2",
    "log entry: \"kindVersion\" is not that of the body", SIGPOLICY_REASON_NOT_IN_LOG },
  { "another version in it", "certificate-timestamp", NULL, "0.0.1", "0.0.3", "0.0.3",
    "log entry: its kind or version is not known", SIGPOLICY_REASON_UNSUPPORTED_FORMAT },
  { "another digest", "certificate-timestamp", NULL, "\"5b6a", "\"6b6a", NULL,
    "log entry: it is of other content", SIGPOLICY_REASON_NOT_IN_LOG },
  { "another algorithm", "certificate-timestamp", NULL, "sha256", "sha512", NULL,
    "log entry: it is of other content", SIGPOLICY_REASON_NOT_IN_LOG },
  { "another signer", "certificate-timestamp", "file-logged", NULL, NULL, NULL,
    "log entry: it is of another signature", SIGPOLICY_REASON_NOT_IN_LOG },
  { "a signer that is not PEM", "certificate-timestamp", NULL, "\"publicKey\":{\"content\":\"LS0t",
    "\"publicKey\":{\"content\":\"AAAA", NULL, "log entry: its signer is not one block of PEM",
    SIGPOLICY_REASON_NOT_IN_LOG },
  { "another payload", "certificate-dsse", NULL, "\"505b", "\"605b", NULL,
    "log entry: it is of other content", SIGPOLICY_REASON_NOT_IN_LOG },
  { "two signatures", "certificate-dsse", NULL, "\"signatures\":[{", "\"signatures\":[{},{", NULL,
    "log entry: it has not exactly one signature", SIGPOLICY_REASON_NOT_IN_LOG },
  { "another type", "certificate-intoto", NULL, "vnd.in-toto+json", "vnd.in-toto+JSON", NULL,
    "log entry: it is of other content", SIGPOLICY_REASON_NOT_IN_LOG },
  { "two signatures of an older envelope", "certificate-intoto", NULL, "\"signatures\":[{",
    "\"signatures\":[{},{", NULL, "log entry: it has not exactly one signature",
    SIGPOLICY_REASON_NOT_IN_LOG },
  { "a signature in base64 once", "certificate-intoto", NULL, "\"sig\":\"", "\"sig\":\"AAAA", NULL,
    "illegal base64 data at input byte 0", SIGPOLICY_REASON_NOT_IN_LOG },
};

Test (verify_bundle, log_bodies)
{
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_bundle_fixture struct bundle_fixture fixture = { 0 };
      cleanup_bundle_fixture struct bundle_fixture other = { 0 };
      cleanup_buf struct sp_buf pae = SP_BUF (SP_BUNDLE_BYTES_MAX);
      cleanup_buf struct sp_buf body = SP_BUF (SP_BUNDLE_BYTES_MAX);
      enum sp_log_version version;
      bundle_fixture_load (bodies[i].fixture, &fixture);
      bundle_fixture_load (bodies[i].entry_of ? bodies[i].entry_of : bodies[i].fixture, &other);
      const struct sp_bundle *bundle = fixture.bundle;
      struct sp_bundle_entry entry = other.bundle->entries[0];
      put_edited (sp_buf_view (&entry.body), bodies[i].from, bodies[i].to, &body);
      entry.body = body;
      if (bodies[i].version)
        entry.version = sp_view_str (bodies[i].version);
      sp_dsse_pae (bundle->payload_type, sp_buf_view (&bundle->payload), &pae);
      const struct sp_log_subject subject = { .bundle = bundle,
                                              .key = fixture.leaf->key,
                                              .certificate = fixture.leaf,
                                              .pae = sp_buf_view (&pae) };
      int rc = sp_log_body_check (&subject, &entry, &version, &err);
      cr_expect (rc == (bodies[i].message ? SIGPOLICY_E_REJECTED : 0), "%s: %d, %s", bodies[i].name,
                 rc, err ? sigpolicy_error_message (err) : "it is about it");
      if (rc == 0 || !bodies[i].message)
        continue;
      cr_expect_str_eq (sigpolicy_error_message (err), bodies[i].message, "%s: '%s'",
                        bodies[i].name, sigpolicy_error_message (err));
      cr_expect (sigpolicy_error_reason (err) == bodies[i].reason, "%s", bodies[i].name);
    }
}

/* The body names a certificate where a key signed, and the other way round. */
Test (verify_bundle, log_body_of_another_kind_of_signer)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_bundle_fixture struct bundle_fixture fixture = { 0 };
  enum sp_log_version version;
  bundle_fixture_load ("certificate-timestamp", &fixture);
  const struct sp_log_subject subject = { .bundle = fixture.bundle, .key = fixture.leaf->key };

  cr_expect (sp_log_body_check (&subject, &fixture.bundle->entries[0], &version, &err)
             == SIGPOLICY_E_REJECTED);
  cr_expect_str_eq (sigpolicy_error_message (err), "log entry: it is of another signer");
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_KEY_NOT_TRUSTED);
}

/* The second version of the log takes no digest but the one that goes with the key. */
Test (verify_bundle, log_body_of_another_digest)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_bundle_fixture struct bundle_fixture fixture = { 0 };
  enum sp_log_version version;
  bundle_fixture_load ("certificate-v2", &fixture);
  const struct sp_log_subject subject
      = { .bundle = fixture.bundle, .key = fixture.leaf->key, .certificate = fixture.leaf };

  fixture.bundle->hash = SP_HASH_SHA384;
  cr_expect (sp_log_body_check (&subject, &fixture.bundle->entries[0], &version, &err)
             == SIGPOLICY_E_REJECTED);
  cr_expect_str_eq (sigpolicy_error_message (err),
                    "log entry: a key or digest that such a log does not take");
}
