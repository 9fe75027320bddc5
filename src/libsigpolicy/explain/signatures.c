/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/explain.h"

#include "ask/gather.h"
#include "json/write.h"
#include "model/attachment.h"
#include "model/words.h"
#include "openpgp/openpgp.h"
#include "util/alloc.h"
#include "util/limits.h"
#include "verify/bundle_untrusted.h"
#include "verify/payload.h"

/* What an unverified blob says of itself. */
struct untrusted_summary
{
  struct sp_untrusted_payload payload;
  struct sp_untrusted_bundle bundle;
  char *key_id;
  char *problem; /* why nothing could be read from it, or NULL */
};

static void
untrusted_summary_clear (struct untrusted_summary *summary)
{
  sp_payload_clear (&summary->payload);
  sp_untrusted_bundle_clear (&summary->bundle);
  free (summary->key_id);
  free (summary->problem);
}

/* A blob that cannot be taken apart is listed all the same, with the problem; not one that could
 * not be looked at, for want of gpg, memory or a place to work in. */
static int
summarise (const struct sp_signature_blob *blob, struct untrusted_summary *ret,
           sigpolicy_error **err)
{
  cleanup_buf struct sp_buf content = SP_BUF (SP_SIGNED_TEXT_BYTES_MAX);
  int rc;

  if (blob->format == SP_SIGNATURE_SIMPLE_SIGNING)
    {
      rc = sp_openpgp_untrusted_content (blob->message, &content, &ret->key_id, err);
      if (rc == 0)
        rc = sp_untrusted_payload_parse (sp_buf_view (&content), SP_PAYLOAD_SIMPLE_SIGNING,
                                         &ret->payload, err);
    }
  else if (blob->format == SP_SIGNATURE_BUNDLE)
    rc = sp_bundle_read_untrusted (sp_buf_view (&blob->bytes), &ret->bundle, err);
  else if (sp_view_is (sp_buf_view (&blob->mime_type), SP_MIME_SIMPLE_SIGNING))
    rc = sp_untrusted_payload_parse (sp_buf_view (&blob->payload), SP_PAYLOAD_SIGSTORE,
                                     &ret->payload, err);
  else
    {
      ret->problem = sp_attachment_describe (sp_buf_view (&blob->mime_type), err);
      return ret->problem ? 0 : SIGPOLICY_E_NO_MEMORY;
    }
  if (rc != SIGPOLICY_E_REJECTED)
    return rc;
  ret->problem = strdup (sigpolicy_error_message (*err));
  sp_error_clear (err);
  return ret->problem ? 0 : sp_error_no_memory (err);
}

static void
claim (struct sp_buf *out, const char *words, const char *value)
{
  sp_buf_printf (out, "\n   claims %s ", words);
  sp_words_str (out, value);
}

static void
bundle_text (struct sp_buf *out, const struct sp_untrusted_bundle *bundle)
{
  char time[SP_TIME_TEXT_SIZE];

  if (bundle->reference)
    {
      sp_buf_str (out, "\n   claims to be for ");
      sp_words_quoted (out, sp_view_n (bundle->reference, bundle->reference_len));
    }
  else
    sp_buf_str (out, "\n   states no name");
  claim (out, "the manifest", bundle->digest);
  if (bundle->predicate_type)
    claim (out, bundle->is_attestation ? "to be an attestation," : "to be a signature,",
           bundle->predicate_type);
  if (bundle->signer)
    claim (out, "the signer", bundle->signer);
  if (bundle->issuer)
    {
      sp_buf_str (out, ", vouched for by ");
      sp_words_str (out, bundle->issuer);
    }
  if (bundle->key_hint)
    claim (out, "the key with the hint", bundle->key_hint);
  if (bundle->log)
    claim (out, "an entry in the log", bundle->log);
  if (bundle->has_time)
    {
      sp_time_format (bundle->time, time);
      sp_buf_printf (out, " at %s", time);
    }
  if (bundle->n_timestamps)
    sp_buf_printf (out, "\n   has %zu timestamp%s", bundle->n_timestamps,
                   bundle->n_timestamps == 1 ? "" : "s");
}

static void
bundle_json (struct sp_json_out *out, const struct sp_untrusted_bundle *bundle)
{
  char time[SP_TIME_TEXT_SIZE];

  if (bundle->reference)
    sp_json_write_view (out, "untrusted_reference",
                        sp_view_n (bundle->reference, bundle->reference_len));
  else
    sp_json_write_null (out, "untrusted_reference");
  sp_json_write_str (out, "untrusted_digest", bundle->digest);
  sp_json_write_str (out, "untrusted_key_id", bundle->key_hint);
  sp_json_write_str (out, "untrusted_predicate_type", bundle->predicate_type);
  sp_json_write_str (out, "untrusted_signer", bundle->signer);
  sp_json_write_str (out, "untrusted_issuer", bundle->issuer);
  sp_json_write_str (out, "untrusted_log", bundle->log);
  if (bundle->has_time)
    {
      sp_time_format (bundle->time, time);
      sp_json_write_str (out, "untrusted_time", time);
    }
}

static void
text_entry (struct sp_buf *out, const struct sp_signature_blob *blob,
            const struct untrusted_summary *summary, size_t number)
{
  sp_buf_printf (out, "%zu  UNVERIFIED  %s  ", number, sp_signature_format_name (blob->format));
  sp_words_str (out, blob->source);
  if (summary->problem)
    {
      sp_buf_str (out, "\n   cannot be read: ");
      sp_words_str (out, summary->problem);
    }
  else if (blob->format == SP_SIGNATURE_BUNDLE)
    bundle_text (out, &summary->bundle);
  else
    {
      sp_buf_str (out, "\n   claims to be for ");
      sp_words_quoted (out, sp_view_n (summary->payload.reference, summary->payload.reference_len));
      sp_buf_str (out, "\n   claims the manifest ");
      sp_words_str (out, summary->payload.digest);
      if (summary->key_id)
        {
          sp_buf_str (out, "\n   claims the key ");
          sp_words_str (out, summary->key_id);
        }
    }
  sp_buf_byte (out, '\n');
}

static void
json_entry (struct sp_json_out *out, const struct sp_signature_blob *blob,
            const struct untrusted_summary *summary)
{
  char time[SP_TIME_TEXT_SIZE];

  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "source", blob->source);
  sp_json_write_str (out, "format", sp_signature_format_name (blob->format));
  sp_json_write_bool (out, "verified", false);
  if (summary->problem)
    sp_json_write_str (out, "problem", summary->problem);
  else if (blob->format == SP_SIGNATURE_BUNDLE)
    bundle_json (out, &summary->bundle);
  else
    {
      sp_json_write_view (out, "untrusted_reference",
                          sp_view_n (summary->payload.reference, summary->payload.reference_len));
      sp_json_write_str (out, "untrusted_digest", summary->payload.digest);
      sp_json_write_str (out, "untrusted_key_id", summary->key_id);
      if (summary->payload.creator)
        sp_json_write_view (out, "untrusted_creator",
                            sp_view_n (summary->payload.creator, summary->payload.creator_len));
      if (summary->payload.has_timestamp)
        {
          sp_time_format (summary->payload.timestamp, time);
          sp_json_write_str (out, "untrusted_time", time);
        }
    }
  sp_json_write_close (out);
}

/* What else refers to the image, and is read by nobody here. */
static int
unsupported_entries (struct sp_evidence *evidence, struct sp_buf *text, struct sp_json_out *json,
                     sigpolicy_error **err)
{
  cleanup_referrers struct sp_referrers referrers = { 0 };

  int rc = sp_evidence_referrers (evidence, &referrers, err);
  sp_json_write_open (json, "unsupported", true);
  for (size_t i = 0; rc == 0 && i < referrers.len; i++)
    {
      const struct sp_referrer *it = &referrers.items[i];
      cleanup_free char *problem
          = sp_attachment_describe_as (sp_view_str (it->type), it->known, err);
      cleanup_free char *source
          = problem ? sp_asprintf (err, "%s@%s", sp_evidence_repository (evidence), it->digest)
                    : NULL;
      if (!source)
        return SIGPOLICY_E_NO_MEMORY;
      sp_buf_printf (text, "-  %s  ", sigpolicy_reason_slug (SIGPOLICY_REASON_UNSUPPORTED_FORMAT));
      sp_words_str (text, source);
      sp_buf_str (text, "\n   ");
      sp_words_str (text, problem);
      sp_buf_byte (text, '\n');
      sp_json_write_open (json, NULL, false);
      sp_json_write_str (json, "source", source);
      sp_json_write_str (json, "problem", problem);
      sp_json_write_close (json);
    }
  sp_json_write_close (json);
  return rc;
}

/* Where it was looked, which tells what no signatures mean. */
static void
looked_at (const struct sp_evidence *evidence, bool in_words, struct sp_buf *text,
           struct sp_json_out *json)
{
  size_t len = 0;
  const struct sp_looked_at *items = sp_evidence_looked_at (evidence, &len);

  sp_json_write_open (json, "looked_at", true);
  for (size_t i = 0; i < len; i++)
    {
      if (in_words)
        {
          sp_buf_str (text, "   looked at ");
          sp_words_str (text, items[i].where);
          sp_buf_printf (text, "  (%s)\n", items[i].result);
        }
      sp_json_write_open (json, NULL, false);
      sp_json_write_str (json, "where", items[i].where);
      sp_json_write_str (json, "result", items[i].result);
      sp_json_write_close (json);
    }
  sp_json_write_close (json);
}

char *
sp_explain_signatures (struct sp_context *context, const struct sp_request *request,
                       sigpolicy_format format, unsigned flags, size_t *ret_count,
                       sigpolicy_error **err)
{
  cleanup_image_name struct sp_image_name *image = NULL;
  cleanup_evidence struct sp_evidence *evidence = NULL;
  cleanup_strv struct sp_strv warnings = { 0 };
  cleanup_buf struct sp_buf text = SP_BUF (SP_OUTPUT_BYTES_MAX);
  cleanup_json_out struct sp_json_out *json = NULL;
  struct sp_signature_blob *const *blobs = NULL;
  struct sp_view manifest;
  size_t n_blobs = 0;

  int rc = sp_image_gather (context, request, &image, &evidence, &warnings, err);
  if (rc == 0)
    rc = sp_evidence_signatures (evidence, &blobs, &n_blobs, err);
  /* An image that is not there has no signatures, and is not said to have none. */
  if (rc == 0 && !n_blobs && request->image)
    rc = sp_evidence_top_manifest (evidence, &manifest, err);
  if (rc == 0 && !(json = sp_json_write_new (false, err)))
    rc = SIGPOLICY_E_NO_MEMORY;
  if (rc < 0)
    return NULL;

  sp_json_write_str (json, "schema", "sigpolicy-signatures/1");
  sp_json_write_str (json, "reference", image->text);
  sp_json_write_open (json, "signatures", true);
  for (size_t i = 0; i < n_blobs; i++)
    {
      SP_CLEANUP (untrusted_summary_clear) struct untrusted_summary summary = { 0 };
      if (summarise (blobs[i], &summary, err) < 0)
        return NULL;
      text_entry (&text, blobs[i], &summary, i + 1);
      json_entry (json, blobs[i], &summary);
    }
  sp_json_write_close (json);
  if (!n_blobs)
    {
      sp_buf_str (&text, "no signatures are stored with ");
      sp_words_str (&text, image->text);
      sp_buf_byte (&text, '\n');
    }
  if (unsupported_entries (evidence, &text, json, err) < 0)
    return NULL;
  looked_at (evidence, !n_blobs || flags & SIGPOLICY_FORMAT_VERBOSE, &text, json);
  *ret_count = n_blobs;
  return format == SIGPOLICY_FORMAT_TEXT
             ? sp_buf_steal (&text, err)
             : sp_json_write_text (
                 json, format == SIGPOLICY_FORMAT_JSON ? SP_JSON_INDENTED : SP_JSON_ONE_LINE, err);
}
