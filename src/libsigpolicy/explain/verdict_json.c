/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/explain.h"

#include "explain/hint.h"
#include "json/write.h"

/* sigpolicy-verdict(5): fields may be added, none changes its meaning. */
#define SCHEMA "sigpolicy-verdict/1"

static void
policy (struct sp_json_out *out, const struct sp_verdict *verdict)
{
  const struct sp_trace *trace = verdict->trace;

  if (!verdict->policy)
    {
      sp_json_write_null (out, "policy");
      return;
    }
  sp_json_write_open (out, "policy", false);
  sp_json_write_str (out, "path", sp_policy_path (verdict->policy));
  sp_json_write_str (out, "sha256", sp_policy_sha256 (verdict->policy));
  if (trace && trace->match.transport)
    {
      sp_json_write_view (
          out, "transport",
          sp_view_n (trace->match.transport->name, trace->match.transport->name_len));
      sp_json_write_view (out, "scope",
                          sp_view_n (trace->match.scope->name, trace->match.scope->name_len));
    }
  else
    {
      sp_json_write_null (out, "transport");
      sp_json_write_null (out, "scope");
    }
  sp_json_write_int (out, "line", trace ? trace->match.scope->line : 0);
  sp_json_write_close (out);
}

/* What the answer belongs to, in a batch. */
static void
request_id (struct sp_json_out *out, const struct sp_request_id *id)
{
  if (!id->line)
    return;
  if (id->type == SP_REQUEST_ID_NUMBER)
    sp_json_write_int (out, "id", id->number);
  else if (id->type == SP_REQUEST_ID_TEXT)
    sp_json_write_view (out, "id", sp_view_n (id->text, id->text_len));
  else
    sp_json_write_null (out, "id");
  sp_json_write_int (out, "line", (int64_t)id->line);
}

static void
outcome (struct sp_json_out *out, const struct sp_outcome *it)
{
  sp_json_write_str (out, "reason", sigpolicy_reason_slug (it->reason));
  sp_json_write_str (out, "message", it->message ? it->message : "");
  if (it->place)
    sp_json_write_str (out, "place", it->place);
  if (it->stricter)
    sp_json_write_str (out, "stricter", it->stricter);
}

static void
signature (struct sp_json_out *out, const struct sp_trace_signature *it)
{
  bool accepted = it->outcome.answer == SP_ANSWER_ACCEPTED;
  char logged[SP_TIME_TEXT_SIZE];

  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "source", it->source);
  sp_json_write_str (out, "format", sp_signature_format_name (it->format));
  sp_json_write_str (out, "result", it->skipped ? "skipped" : accepted ? "accepted" : "rejected");
  if (!it->skipped)
    outcome (out, &it->outcome);
  sp_json_write_str (out, "key", it->key);
  if (it->subject)
    sp_json_write_str (out, "subject", it->subject);
  if (it->issuer)
    sp_json_write_str (out, "issuer", it->issuer);
  if (it->is_logged)
    {
      sp_time_format (it->logged, logged);
      sp_json_write_str (out, "logged", logged);
    }
  if (it->verified && it->reference)
    {
      sp_json_write_open (out, "claimed", false);
      sp_json_write_view (out, "reference", sp_view_n (it->reference, it->reference_len));
      sp_json_write_str (out, "digest", it->digest);
      sp_json_write_close (out);
    }
  if (it->detail)
    sp_json_write_str (out, "detail", it->detail);
  sp_json_write_close (out);
}

static void
requirements (struct sp_json_out *out, const struct sp_trace *trace)
{
  sp_json_write_open (out, "requirements", true);
  for (size_t i = 0; trace && i < trace->n_requirements; i++)
    {
      const struct sp_trace_requirement *it = &trace->requirements[i];
      bool accepted = it->outcome.answer == SP_ANSWER_ACCEPTED;
      sp_json_write_open (out, NULL, false);
      sp_json_write_str (out, "type", sp_requirement_type_name (it->requirement->type));
      sp_json_write_str (out, "result",
                         !it->evaluated ? "not-evaluated"
                         : accepted     ? "accepted"
                                        : "rejected");
      if (it->evaluated)
        outcome (out, &it->outcome);
      sp_json_write_open (out, "signatures", true);
      for (size_t j = 0; j < it->n_signatures; j++)
        signature (out, &it->signatures[j]);
      sp_json_write_close (out);
      sp_json_write_close (out);
    }
  sp_json_write_close (out);
}

char *
sp_explain_verdict_json (const struct sp_verdict *verdict, bool indented, sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *out = sp_json_write_new (false, err);
  cleanup_free char *hint = out ? sp_explain_hint (verdict, err) : NULL;
  char time[SP_TIME_TEXT_SIZE];

  if (!out || (!hint && *err))
    return NULL;
  sp_time_format (verdict->time, time);
  sp_json_write_str (out, "schema", SCHEMA);
  sp_json_write_str (out, "tool", PACKAGE_NAME " " PACKAGE_VERSION);
  request_id (out, &verdict->id);
  sp_json_write_str (out, "image", verdict->image);
  sp_json_write_str (out, "reference", verdict->reference);
  sp_json_write_str (out, "identity", verdict->identity);
  sp_json_write_str (out, "digest", verdict->digest);
  sp_json_write_str (out, "list_digest", verdict->list_digest);
  if (verdict->role != SP_ROLE_IMAGE)
    sp_json_write_str (out, "platform", verdict->platform);
  sp_json_write_str (out, "pinned", verdict->pinned);
  sp_json_write_bool (out, "allowed", verdict->outcome.answer == SP_ANSWER_ACCEPTED);
  sp_json_write_int (out, "exit_status", sigpolicy_exit_status (verdict->outcome.code));
  outcome (out, &verdict->outcome);
  sp_json_write_str (out, "hint", hint);
  policy (out, verdict);
  requirements (out, verdict->trace);
  sp_json_write_open (out, "looked_at", true);
  for (size_t i = 0; i < verdict->n_looked_at; i++)
    {
      sp_json_write_open (out, NULL, false);
      sp_json_write_str (out, "where", verdict->looked_at[i].where);
      sp_json_write_str (out, "result", verdict->looked_at[i].result);
      sp_json_write_close (out);
    }
  sp_json_write_close (out);
  sp_json_write_open (out, "warnings", true);
  for (size_t i = 0; i < verdict->warnings.len; i++)
    sp_json_write_str (out, NULL, verdict->warnings.items[i]);
  sp_json_write_close (out);
  sp_json_write_open (out, "not_checked", true);
  sp_json_write_str (out, NULL, "layers");
  sp_json_write_close (out);
  sp_json_write_str (out, "time", time);
  return sp_json_write_text (out, indented ? SP_JSON_INDENTED : SP_JSON_ONE_LINE, err);
}
