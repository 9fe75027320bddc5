/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/explain.h"

#include "json/write.h"
#include "model/words.h"
#include "util/limits.h"

static void
claim (struct sp_buf *out, const char *words, const char *value)
{
  sp_buf_printf (out, "\n   states %s ", words);
  sp_words_str (out, value);
}

static void
bundle_text (struct sp_buf *out, const struct sp_untrusted_bundle *bundle)
{
  char time[SP_TIME_TEXT_SIZE];

  if (bundle->reference)
    {
      sp_buf_str (out, "\n   states the name ");
      sp_words_quoted (out, sp_view_n (bundle->reference, bundle->reference_len));
    }
  else
    sp_buf_str (out, "\n   states no name");
  claim (out, "the manifest", bundle->digest);
  if (bundle->predicate_type)
    claim (out, bundle->is_attestation ? "that it is an attestation:" : "that it is a signature:",
           bundle->predicate_type);
  if (bundle->signer)
    claim (out, "the signer", bundle->signer);
  if (bundle->issuer)
    {
      sp_buf_str (out, ", OIDC issuer ");
      sp_words_str (out, bundle->issuer);
    }
  if (bundle->key_hint)
    claim (out, "the key hint", bundle->key_hint);
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
text_entry (struct sp_buf *out, const struct sp_stored_signature *it, size_t number)
{
  const struct sp_signature_blob *blob = it->blob;

  sp_buf_printf (out, "%zu  UNVERIFIED  %s  ", number, sp_signature_format_name (blob->format));
  sp_words_str (out, blob->source);
  if (it->problem)
    {
      sp_buf_str (out, "\n   cannot be read: ");
      sp_words_str (out, it->problem);
    }
  else if (blob->format == SP_SIGNATURE_BUNDLE)
    bundle_text (out, &it->bundle);
  else
    {
      sp_buf_str (out, "\n   states the name ");
      sp_words_quoted (out, sp_view_n (it->payload.reference, it->payload.reference_len));
      sp_buf_str (out, "\n   states the manifest ");
      sp_words_str (out, it->payload.digest);
      if (it->key_id)
        {
          sp_buf_str (out, "\n   states the key ");
          sp_words_str (out, it->key_id);
        }
    }
  sp_buf_byte (out, '\n');
}

static void
json_entry (struct sp_json_out *out, const struct sp_stored_signature *it)
{
  const struct sp_signature_blob *blob = it->blob;
  char time[SP_TIME_TEXT_SIZE];

  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "source", blob->source);
  sp_json_write_str (out, "format", sp_signature_format_name (blob->format));
  sp_json_write_bool (out, "verified", false);
  if (it->problem)
    sp_json_write_str (out, "problem", it->problem);
  else if (blob->format == SP_SIGNATURE_BUNDLE)
    bundle_json (out, &it->bundle);
  else
    {
      sp_json_write_view (out, "untrusted_reference",
                          sp_view_n (it->payload.reference, it->payload.reference_len));
      sp_json_write_str (out, "untrusted_digest", it->payload.digest);
      sp_json_write_str (out, "untrusted_key_id", it->key_id);
      if (it->payload.creator)
        sp_json_write_view (out, "untrusted_creator",
                            sp_view_n (it->payload.creator, it->payload.creator_len));
      if (it->payload.has_timestamp)
        {
          sp_time_format (it->payload.timestamp, time);
          sp_json_write_str (out, "untrusted_time", time);
        }
    }
  sp_json_write_close (out);
}

static char *
as_text (const struct sp_stored_signatures *it, bool says_where, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_OUTPUT_BYTES_MAX);

  for (size_t i = 0; i < it->len; i++)
    text_entry (&text, &it->items[i], i + 1);
  if (!it->len)
    {
      sp_buf_str (&text, "no signatures are stored with ");
      sp_words_str (&text, it->image->text);
      sp_buf_byte (&text, '\n');
    }
  for (size_t i = 0; i < it->n_unsupported; i++)
    {
      sp_buf_printf (&text, "-  %s  ", sigpolicy_reason_slug (SIGPOLICY_REASON_UNSUPPORTED_FORMAT));
      sp_words_str (&text, it->unsupported[i].source);
      sp_buf_str (&text, "\n   ");
      sp_words_str (&text, it->unsupported[i].problem);
      sp_buf_byte (&text, '\n');
    }
  /* Where it was looked tells what no signatures mean; where that failed, there may be more. */
  for (size_t i = 0; i < it->n_looked_at; i++)
    if (!it->len || says_where || strcmp (it->looked_at[i].result, "error") == 0)
      {
        sp_buf_str (&text, "   searched ");
        sp_words_str (&text, it->looked_at[i].where);
        sp_buf_printf (&text, "  (%s)\n", it->looked_at[i].result);
      }
  return sp_buf_steal (&text, err);
}

static char *
as_json (const struct sp_stored_signatures *it, bool indented, sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *json = sp_json_write_new (false, err);

  if (!json)
    return NULL;
  sp_json_write_str (json, "schema", "sigpolicy-signatures/1");
  sp_json_write_str (json, "reference", it->image->text);
  sp_json_write_open (json, "signatures", true);
  for (size_t i = 0; i < it->len; i++)
    json_entry (json, &it->items[i]);
  sp_json_write_close (json);
  sp_json_write_open (json, "unsupported", true);
  for (size_t i = 0; i < it->n_unsupported; i++)
    {
      sp_json_write_open (json, NULL, false);
      sp_json_write_str (json, "source", it->unsupported[i].source);
      sp_json_write_str (json, "problem", it->unsupported[i].problem);
      sp_json_write_close (json);
    }
  sp_json_write_close (json);
  sp_json_write_open (json, "looked_at", true);
  for (size_t i = 0; i < it->n_looked_at; i++)
    {
      sp_json_write_open (json, NULL, false);
      sp_json_write_str (json, "where", it->looked_at[i].where);
      sp_json_write_str (json, "result", it->looked_at[i].result);
      sp_json_write_close (json);
    }
  sp_json_write_close (json);
  return sp_json_write_text (json, indented ? SP_JSON_INDENTED : SP_JSON_ONE_LINE, err);
}

char *
sp_explain_signatures (const struct sp_stored_signatures *it, sigpolicy_format format,
                       unsigned flags, sigpolicy_error **err)
{
  return format == SIGPOLICY_FORMAT_TEXT ? as_text (it, flags & SIGPOLICY_FORMAT_VERBOSE, err)
                                         : as_json (it, format == SIGPOLICY_FORMAT_JSON, err);
}
