/* SPDX-License-Identifier: Apache-2.0 */
#include "render/render.h"

#include "json/write.h"
#include "util/clock.h"

#include <sigpolicy/version.h>

/* sigpolicy-verdict(5): fields may be added, none changes its meaning. */
#define SCHEMA "sigpolicy-verdict/1"

static void
put_optional (struct sp_json_out *out, const char *key, const char *text)
{
  if (text)
    sp_json_write_str (out, key, text);
}

static void
put_time (struct sp_json_out *out, const char *key, int64_t time)
{
  char text[SP_TIME_TEXT_SIZE];
  sp_time_format (time, text);
  sp_json_write_str (out, key, text);
}

static void
hint (struct sp_json_out *out, const sigpolicy_verdict *verdict)
{
  const char *text = sigpolicy_verdict_hint (verdict);
  sigpolicy_hint_edit edit;

  if (!text)
    {
      sp_json_write_null (out, "hint");
      return;
    }
  sp_json_write_open (out, "hint", false);
  sp_json_write_str (out, "text", text);
  sp_json_write_str (out, "command", sigpolicy_verdict_hint_command (verdict));
  if (sigpolicy_verdict_hint_edit (verdict, &edit))
    {
      sp_json_write_open (out, "edit", false);
      sp_json_write_str (out, "file", edit.file);
      sp_json_write_int (out, "line", edit.line);
      sp_json_write_int (out, "column", edit.column);
      sp_json_write_str (out, "old", edit.old);
      sp_json_write_str (out, "new", edit.text);
      sp_json_write_close (out);
    }
  else
    sp_json_write_null (out, "edit");
  sp_json_write_close (out);
}

static void
policy (struct sp_json_out *out, const sigpolicy_verdict *verdict)
{
  const char *sha256 = sigpolicy_verdict_policy_sha256 (verdict), *identity = NULL;
  const char *key = sigpolicy_verdict_key (verdict, &identity);
  size_t transport_size = 0, scope_size = 0;
  const char *transport = sigpolicy_verdict_transport (verdict, &transport_size);
  const char *scope = sigpolicy_verdict_scope (verdict, &scope_size);

  if (!sha256)
    {
      sp_json_write_null (out, "policy");
      return;
    }
  sp_json_write_open (out, "policy", false);
  sp_json_write_str (out, "path", sigpolicy_verdict_policy_path (verdict));
  sp_json_write_str (out, "sha256", sha256);
  if (transport && scope)
    {
      sp_json_write_view (out, "transport", sp_view_n (transport, transport_size));
      sp_json_write_view (out, "scope", sp_view_n (scope, scope_size));
    }
  else
    {
      sp_json_write_null (out, "transport");
      sp_json_write_null (out, "scope");
    }
  sp_json_write_int (out, "line", sigpolicy_verdict_policy_line (verdict));
  if (key)
    {
      sp_json_write_str (out, "key", key);
      sp_json_write_str (out, "identity", identity);
    }
  sp_json_write_close (out);
}

static void
reader (struct sp_json_out *out, const sigpolicy_verdict *verdict)
{
  const char *by = NULL, *generation = sigpolicy_verdict_reader (verdict, &by), *file;

  if (!generation)
    {
      sp_json_write_null (out, "reader");
      return;
    }
  sp_json_write_open (out, "reader", false);
  sp_json_write_str (out, "generation", generation);
  sp_json_write_str (out, "by", by);
  sp_json_write_open (out, "files", true);
  for (unsigned i = 0; (file = sigpolicy_verdict_reader_file (verdict, i)); i++)
    sp_json_write_str (out, NULL, file);
  sp_json_write_close (out);
  sp_json_write_close (out);
}

static void
outcome (struct sp_json_out *out, sigpolicy_reason reason, const char *message, const char *place,
         const char *stricter)
{
  sp_json_write_str (out, "reason", sigpolicy_reason_slug (reason));
  sp_json_write_str (out, "message", message ? message : "");
  put_optional (out, "place", place);
  put_optional (out, "stricter", stricter);
}

/* Who has the key, as the key's file says it. */
static int
signer (struct sp_json_out *out, const sigpolicy_judged_signature *it, sigpolicy_error **err)
{
  const sigpolicy_signer *who = NULL;
  int64_t expires;

  int rc = sigpolicy_judged_signature_signer (it, &who, err);
  if (rc < 0 || !who)
    return rc;
  put_optional (out, "user_id", sigpolicy_signer_user_id (who));
  put_optional (out, "key_file", sigpolicy_signer_key_file (who));
  if (sigpolicy_signer_expires (who, &expires))
    put_time (out, "expires", expires);
  return 0;
}

static int
signature (struct sp_json_out *out, const sigpolicy_judged_signature *it, sigpolicy_error **err)
{
#define TEXT(part) sigpolicy_judged_signature_text (it, SIGPOLICY_PART_##part)
  static const char *const results[] = { [SIGPOLICY_RESULT_REJECTED] = "rejected",
                                         [SIGPOLICY_RESULT_ACCEPTED] = "accepted",
                                         [SIGPOLICY_RESULT_NOT_ASKED] = "skipped" };
  sigpolicy_result result = sigpolicy_judged_signature_result (it);
  int64_t time;

  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "source", TEXT (SOURCE));
  sp_json_write_str (out, "format", TEXT (TYPE));
  sp_json_write_str (out, "result", results[result]);
  if (result != SIGPOLICY_RESULT_NOT_ASKED)
    outcome (out, sigpolicy_judged_signature_reason (it), TEXT (MESSAGE), TEXT (POSITION),
             TEXT (STRICTER));
  sp_json_write_str (out, "key", TEXT (KEY));
  int rc = signer (out, it, err);
  put_optional (out, "subject", TEXT (SUBJECT));
  put_optional (out, "issuer", TEXT (ISSUER));
  if (sigpolicy_judged_signature_signed (it, &time))
    put_time (out, "signed", time);
  if (sigpolicy_judged_signature_logged (it, &time))
    put_time (out, "logged", time);
  if (TEXT (REFERENCE))
    {
      sp_json_write_open (out, "claimed", false);
      sp_json_write_view (
          out, "reference",
          sp_view_n (TEXT (REFERENCE), sigpolicy_judged_signature_reference_size (it)));
      sp_json_write_str (out, "digest", TEXT (DIGEST));
      sp_json_write_close (out);
    }
  put_optional (out, "identity", TEXT (IDENTITY));
  put_optional (out, "detail", TEXT (DETAIL));
  sp_json_write_close (out);
  return rc;
#undef TEXT
}

static int
requirement (struct sp_json_out *out, const sigpolicy_judged_requirement *it, sigpolicy_error **err)
{
#define TEXT(part) sigpolicy_judged_requirement_text (it, SIGPOLICY_PART_##part)
  static const char *const results[] = { [SIGPOLICY_RESULT_REJECTED] = "rejected",
                                         [SIGPOLICY_RESULT_ACCEPTED] = "accepted",
                                         [SIGPOLICY_RESULT_NOT_ASKED] = "not-evaluated" };
  sigpolicy_result result = sigpolicy_judged_requirement_result (it);
  const sigpolicy_judged_signature *one;
  int rc = 0;

  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "type", TEXT (TYPE));
  sp_json_write_str (out, "result", results[result]);
  if (result != SIGPOLICY_RESULT_NOT_ASKED)
    outcome (out, sigpolicy_judged_requirement_reason (it), TEXT (MESSAGE), TEXT (POSITION),
             TEXT (STRICTER));
  sp_json_write_open (out, "signatures", true);
  for (unsigned i = 0; rc == 0 && (one = sigpolicy_judged_requirement_signature (it, i)); i++)
    rc = signature (out, one, err);
  sp_json_write_close (out);
  sp_json_write_close (out);
  return rc;
#undef TEXT
}

static void
looked_at (struct sp_json_out *out, const sigpolicy_verdict *verdict)
{
  const char *where, *result;

  sp_json_write_open (out, "looked_at", true);
  for (unsigned i = 0; (where = sigpolicy_verdict_looked_at (verdict, i, &result)); i++)
    {
      sp_json_write_open (out, NULL, false);
      sp_json_write_str (out, "where", where);
      sp_json_write_str (out, "result", result);
      sp_json_write_close (out);
    }
  sp_json_write_close (out);
}

/* What it is about, and what came of it. */
static void
head (struct sp_json_out *out, const sigpolicy_verdict *verdict)
{
  const char *platform = sigpolicy_verdict_platform (verdict);

  sp_json_write_str (out, "schema", SCHEMA);
  sp_json_write_str (out, "tool", PACKAGE_NAME " " PACKAGE_VERSION);
  sp_json_write_str (out, "image", sigpolicy_verdict_image (verdict));
  sp_json_write_str (out, "reference", sigpolicy_verdict_reference (verdict));
  sp_json_write_str (out, "identity", sigpolicy_verdict_identity (verdict));
  sp_json_write_str (out, "digest", sigpolicy_verdict_digest (verdict));
  put_optional (out, "artifact_type", sigpolicy_verdict_artifact_type (verdict));
  sp_json_write_str (out, "list_digest", sigpolicy_verdict_list_digest (verdict));
  if (platform || sigpolicy_verdict_is_list (verdict))
    sp_json_write_str (out, "platform", platform);
  sp_json_write_str (out, "pinned", sigpolicy_verdict_pinned (verdict));
  sp_json_write_bool (out, "allowed", sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED);
  sp_json_write_int (out, "exit_status", sp_exit_status (sigpolicy_verdict_code (verdict)));
  outcome (out, sigpolicy_verdict_reason (verdict), sigpolicy_verdict_message (verdict),
           sigpolicy_verdict_position (verdict), sigpolicy_verdict_stricter (verdict));
  hint (out, verdict);
}

/* A word of the list for each part. */
static void
sandbox (struct sp_json_out *out, const char *words)
{
  if (!words)
    return;
  sp_json_write_open (out, "sandbox", true);
  for (struct sp_view left = sp_view_str (words); left.len;)
    {
      struct sp_view word = sp_view_head (left, sp_view_find (left, ' '));
      sp_json_write_view (out, NULL, word);
      left = sp_view_from (left, word.len < left.len ? word.len + 1 : word.len);
    }
  sp_json_write_close (out);
}

char *
sp_render_json (const sigpolicy_verdict *verdict, bool indented, sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *out = sp_json_write_new (false, err);
  const sigpolicy_judged_requirement *rule;
  const char *warning;
  int rc = 0;

  if (!out)
    return NULL;
  head (out, verdict);
  policy (out, verdict);
  reader (out, verdict);
  sandbox (out, sigpolicy_verdict_sandbox (verdict));
  sp_json_write_open (out, "requirements", true);
  for (unsigned i = 0; rc == 0 && (rule = sigpolicy_verdict_requirement (verdict, i)); i++)
    rc = requirement (out, rule, err);
  sp_json_write_close (out);
  looked_at (out, verdict);
  sp_json_write_open (out, "warnings", true);
  for (unsigned i = 0; (warning = sigpolicy_verdict_warning (verdict, i)); i++)
    sp_json_write_str (out, NULL, warning);
  sp_json_write_close (out);
  sp_json_write_open (out, "not_checked", true);
  sp_json_write_str (out, NULL, "layers");
  sp_json_write_close (out);
  put_time (out, "time", sigpolicy_verdict_time (verdict));
  return rc < 0 ? NULL
                : sp_json_write_text (out, indented ? SP_JSON_INDENTED : SP_JSON_ONE_LINE, err);
}
