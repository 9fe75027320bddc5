/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/chart.h"

#include "explain/signer.h"
#include "json/write.h"
#include "model/words.h"
#include "util/limits.h"

#define SCHEMA "sigpolicy-chart/1"

/* --- words ------------------------------------------------------------------------------------ */

static void
line_text (struct sp_buf *out, const char *label, const char *text)
{
  if (!text)
    return;
  sp_buf_str (out, label);
  sp_words_str (out, text);
  sp_buf_byte (out, '\n');
}

/* In the words of helm verify, which scripts look for. */
static void
signer_text (struct sp_buf *out, const struct sp_chart_answer *answer)
{
  for (size_t i = 0; i < answer->user_ids.len; i++)
    line_text (out, "Signed by: ", answer->user_ids.items[i]);
  line_text (out, "Using Key With Fingerprint: ", answer->primary);
  line_text (out, "Chart Hash Verified: ", answer->digest);
}

char *
sp_explain_chart_text (const struct sp_chart_answer *answer, unsigned flags, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);
  bool accepted = answer->outcome.answer == SP_ANSWER_ACCEPTED;
  bool verbose = flags & SIGPOLICY_FORMAT_VERBOSE;
  const char *digest = answer->reference ? answer->manifest_digest : answer->digest;
  sigpolicy_hint_edit edit;

  sp_buf_printf (&out, "%s  ", sp_explain_outcome_word (&answer->outcome));
  sp_words_str (&out, answer->chart);
  if (digest)
    sp_buf_printf (&out, "  %s", digest);
  sp_buf_byte (&out, '\n');
  if (verbose)
    {
      line_text (&out, "  name      ", answer->stated.name);
      line_text (&out, "  version   ", answer->stated.version);
      line_text (&out, "  chart     ", answer->digest);
      line_text (&out, "  signed in ", answer->provenance);
      line_text (&out, "  key       ", answer->key ? answer->key : answer->claimed_key);
    }
  if (accepted)
    {
      signer_text (&out, answer);
      return sp_buf_steal (&out, err);
    }
  sp_buf_printf (&out, "  reason    %s: ", sigpolicy_reason_slug (answer->outcome.reason));
  sp_words_str (&out, answer->outcome.message);
  sp_buf_byte (&out, '\n');
  line_text (&out, "  place     ", answer->outcome.position);
  sp_words_hint (&out, answer->outcome.hint.text, answer->outcome.hint.command,
                 sp_hint_edit (&answer->outcome.hint, &edit) ? &edit : NULL);
  return sp_buf_steal (&out, err);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void
strings (struct sp_json_out *out, const struct sp_strv *list)
{
  for (size_t i = 0; i < list->len; i++)
    sp_json_write_str (out, NULL, list->items[i]);
}

static void
signer_json (struct sp_json_out *out, const struct sp_chart_answer *answer)
{
  if (!answer->key)
    {
      sp_json_write_null (out, "signer");
      return;
    }
  sp_json_write_open (out, "signer", false);
  sp_json_write_str (out, "key", answer->key);
  sp_json_write_str (out, "primary", answer->primary);
  sp_json_write_open (out, "user_ids", true);
  strings (out, &answer->user_ids);
  sp_json_write_close (out);
  sp_json_write_close (out);
}

static void
stated_json (struct sp_json_out *out, const struct sp_provenance *stated)
{
  if (!stated->file)
    {
      sp_json_write_null (out, "stated");
      return;
    }
  sp_json_write_open (out, "stated", false);
  sp_json_write_str (out, "name", stated->name);
  sp_json_write_str (out, "version", stated->version);
  sp_json_write_str (out, "digest", stated->digest);
  sp_json_write_close (out);
}

char *
sp_explain_chart_json (const struct sp_chart_answer *answer, bool indented, sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *out = sp_json_write_new (false, err);
  char time[SP_TIME_TEXT_SIZE];

  if (!out)
    return NULL;
  sp_time_format (answer->time, time);
  sp_json_write_str (out, "schema", SCHEMA);
  sp_json_write_str (out, "tool", PACKAGE_NAME " " PACKAGE_VERSION);
  sp_json_write_str (out, "chart", answer->chart);
  sp_json_write_str (out, "reference", answer->reference);
  sp_json_write_str (out, "manifest_digest", answer->manifest_digest);
  sp_json_write_str (out, "digest", answer->digest);
  sp_json_write_bool (out, "allowed", answer->outcome.answer == SP_ANSWER_ACCEPTED);
  sp_json_write_int (out, "exit_status", sp_exit_status (answer->outcome.code));
  sp_json_write_str (out, "reason", sigpolicy_reason_slug (answer->outcome.reason));
  sp_json_write_str (out, "message", answer->outcome.message ? answer->outcome.message : "");
  sp_json_write_str (out, "place", answer->outcome.position);
  sp_json_write_str (out, "hint", answer->outcome.hint.text);
  sp_json_write_str (out, "provenance", answer->provenance);
  signer_json (out, answer);
  stated_json (out, &answer->stated);
  sp_json_write_open (out, "warnings", true);
  strings (out, &answer->warnings);
  sp_json_write_close (out);
  sp_json_write_str (out, "time", time);
  return sp_json_write_text (out, indented ? SP_JSON_INDENTED : SP_JSON_ONE_LINE, err);
}
