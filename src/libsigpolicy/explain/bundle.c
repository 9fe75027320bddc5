/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/bundle.h"

#include "json/write.h"
#include "model/words.h"
#include "util/limits.h"

#define SCHEMA "sigpolicy-bundle/1"

static const char *
source (const struct sp_signed_time *time)
{
  return time->by_log ? "log" : "timestamp-authority";
}

/* --- words --------------------------------------------------------------------------------------
 */

static void
times_text (struct sp_buf *out, const struct sp_bundle_result *result)
{
  char at[SP_TIME_TEXT_SIZE];
  for (size_t i = 0; i < result->n_times; i++)
    {
      sp_time_format (result->times[i].time, at);
      sp_buf_printf (out, "  signed    %s  (%s ", at,
                     result->times[i].by_log ? "log" : "timestamp authority");
      sp_words_str (out, result->times[i].by);
      sp_buf_str (out, ")\n");
    }
}

static void
line_text (struct sp_buf *out, const char *label, const char *text)
{
  if (!text)
    return;
  sp_buf_printf (out, "  %-9s ", label);
  sp_words_str (out, text);
  sp_buf_byte (out, '\n');
}

char *
sp_explain_bundle_text (const struct sp_bundle_answer *answer, unsigned flags,
                        sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);
  const struct sp_bundle_result *result = &answer->result;

  sp_buf_str (&out, result->verified ? "verified  " : "rejected  ");
  sp_words_str (&out, answer->artifact);
  sp_buf_byte (&out, '\n');
  if (result->verified)
    {
      if (result->certificate)
        {
          line_text (&out, "identity", result->identity);
          line_text (&out, "issuer", result->issuer);
        }
      else
        line_text (&out, "key", sp_public_key_fingerprint (result->key));
      times_text (&out, result);
      if (result->has_statement)
        {
          sp_buf_str (&out, "  predicate ");
          sp_words_quoted (&out, result->statement.predicate_type);
          sp_buf_byte (&out, '\n');
        }
    }
  else
    {
      sp_buf_printf (&out, "  %-9s %s: ", sp_bundle_step_name (result->failed),
                     sigpolicy_reason_slug (answer->outcome.reason));
      sp_words_str (&out, answer->outcome.message);
      sp_buf_byte (&out, '\n');
      line_text (&out, "place", answer->outcome.position);
      line_text (&out, "hint", answer->outcome.hint.text);
    }
  for (size_t i = 0; flags & SIGPOLICY_FORMAT_VERBOSE && i < result->steps.len; i++)
    {
      sp_buf_printf (&out, "  checked   %s: ", sp_bundle_step_name (result->steps.items[i].step));
      sp_words_str (&out, result->steps.items[i].detail);
      sp_buf_byte (&out, '\n');
    }
  return sp_buf_steal (&out, err);
}

/* --- JSON ---------------------------------------------------------------------------------------
 */

static void
signer_json (struct sp_json_out *out, const struct sp_bundle_result *result)
{
  char time[SP_TIME_TEXT_SIZE];

  if (!result->verified)
    {
      sp_json_write_null (out, "signer");
      return;
    }
  sp_json_write_open (out, "signer", false);
  sp_json_write_str (out, "key", sp_public_key_fingerprint (result->key));
  sp_json_write_str (out, "identity", result->identity);
  sp_json_write_str (out, "issuer", result->issuer);
  if (result->certificate)
    sp_time_format (result->certificate->not_before, time);
  sp_json_write_str (out, "not_before", result->certificate ? time : NULL);
  if (result->certificate)
    sp_time_format (result->certificate->not_after, time);
  sp_json_write_str (out, "not_after", result->certificate ? time : NULL);
  sp_json_write_close (out);
}

static void
statement_json (struct sp_json_out *out, const struct sp_bundle_result *result)
{
  char digest[8 + 2 * SP_HASH_BYTES_MAX];

  if (!result->verified || !result->has_statement)
    {
      sp_json_write_null (out, "statement");
      return;
    }
  sp_json_write_open (out, "statement", false);
  sp_json_write_view (out, "predicate_type", result->statement.predicate_type);
  sp_json_write_open (out, "subjects", true);
  for (size_t i = 0; i < result->statement.n_subjects; i++)
    if (sp_statement_subject_digest (&result->statement, i, digest))
      sp_json_write_str (out, NULL, digest);
  sp_json_write_close (out);
  sp_json_write_close (out);
}

static void
steps_json (struct sp_json_out *out, const struct sp_bundle_answer *answer)
{
  const struct sp_bundle_steps *steps = &answer->result.steps;

  sp_json_write_open (out, "checks", true);
  for (size_t i = 0; i < steps->len; i++)
    {
      sp_json_write_open (out, NULL, false);
      sp_json_write_str (out, "check", sp_bundle_step_name (steps->items[i].step));
      sp_json_write_str (out, "result", "passed");
      sp_json_write_str (out, "detail", steps->items[i].detail);
      sp_json_write_close (out);
    }
  if (!answer->result.verified)
    {
      sp_json_write_open (out, NULL, false);
      sp_json_write_str (out, "check", sp_bundle_step_name (answer->result.failed));
      sp_json_write_str (out, "result", "failed");
      sp_json_write_str (out, "detail", answer->outcome.message);
      sp_json_write_close (out);
    }
  sp_json_write_close (out);
}

char *
sp_explain_bundle_json (const struct sp_bundle_answer *answer, bool indented, sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *out = sp_json_write_new (false, err);
  const struct sp_bundle_result *result = &answer->result;
  char time[SP_TIME_TEXT_SIZE];

  if (!out)
    return NULL;
  sp_json_write_str (out, "schema", SCHEMA);
  sp_json_write_str (out, "tool", PACKAGE_NAME " " PACKAGE_VERSION);
  sp_json_write_str (out, "artifact", answer->artifact);
  sp_json_write_bool (out, "verified", result->verified);
  sp_json_write_int (out, "exit_status", sp_exit_status (answer->outcome.code));
  sp_json_write_str (out, "reason", sigpolicy_reason_slug (answer->outcome.reason));
  sp_json_write_str (out, "message", answer->outcome.message ? answer->outcome.message : "");
  sp_json_write_str (out, "place", answer->outcome.position);
  sp_json_write_str (out, "hint", answer->outcome.hint.text);
  signer_json (out, result);
  sp_json_write_open (out, "signed", true);
  for (size_t i = 0; result->verified && i < result->n_times; i++)
    {
      sp_time_format (result->times[i].time, time);
      sp_json_write_open (out, NULL, false);
      sp_json_write_str (out, "time", time);
      sp_json_write_str (out, "source", source (&result->times[i]));
      sp_json_write_str (out, "by", result->times[i].by);
      sp_json_write_close (out);
    }
  sp_json_write_close (out);
  statement_json (out, result);
  steps_json (out, answer);
  return sp_json_write_text (out, indented ? SP_JSON_INDENTED : SP_JSON_ONE_LINE, err);
}
