/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report_int.h"

#include "json/write.h"

/* The report for programs, and for the report after it. */

static void
put_policy (struct sp_json_out *out, const struct sp_report *report)
{
  sp_json_write_open (out, "policy", false);
  sp_json_write_str (out, "path", report->path);
  sp_json_write_str (out, "sha256", report->policy ? sp_policy_sha256 (report->policy) : NULL);
  sp_json_write_str (out, "generation", report->reading.generation);
  sp_json_write_str (out, "fault", report->fault);
  sp_json_write_str (out, "registries", report->policy ? sp_report_registries (report) : NULL);
  sp_json_write_close (out);
}

static void
put_scope (struct sp_json_out *out, const struct sp_report_scope *it)
{
  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "transport", it->transport);
  sp_json_write_str (out, "scope", it->transport ? it->name : NULL);
  sp_json_write_str (out, "state", sp_state_word (it->state));
  sp_json_write_bool (out, "hole", it->is_hole);
  sp_json_write_int (out, "line", it->scope->line);
  sp_json_write_str (out, "requires", it->rule->words);
  sp_json_write_str (out, "places", it->rule->locations);
  sp_json_write_close (out);
}

static void
put_key (struct sp_json_out *out, const struct sp_known_key *key)
{
  char expires[SP_TIME_TEXT_SIZE];

  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "kind", key->kind);
  sp_json_write_str (out, "file", key->file);
  sp_json_write_str (out, "fingerprint", key->fingerprint);
  sp_json_write_str (out, "owner", key->owner);
  sp_time_format (key->expires, expires);
  sp_json_write_str (out, "expires", key->expires ? expires : NULL);
  sp_json_write_bool (out, "revoked", key->revoked);
  sp_json_write_bool (out, "single", key->is_alone);
  sp_json_write_int (out, "requirements", (int64_t)key->n_requirements);
  sp_json_write_close (out);
}

static void
put_finding (struct sp_json_out *out, const struct sp_finding *finding)
{
  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "rule", finding->rule->id);
  sp_json_write_str (out, "severity", sp_severity_name (finding->severity));
  sp_json_write_str (out, "file", finding->file);
  sp_json_write_int (out, "line", finding->line);
  sp_json_write_str (out, "message", finding->message);
  sp_json_write_str (out, "fix", finding->fix);
  sp_json_write_close (out);
}

static void
put_results (struct sp_json_out *out, const struct sp_results *results)
{
  for (size_t i = 0; results && i < results->len; i++)
    {
      const struct sp_result *result = &results->items[i];
      sp_json_write_open (out, NULL, false);
      sp_json_write_str (out, "name", result->name);
      sp_json_write_str (out, "answer", sp_result_answer (result));
      sp_json_write_str (out, "reason", sigpolicy_reason_slug (result->reason));
      sp_json_write_str (out, "message", result->message);
      sp_json_write_str (out, "digest", result->digest);
      sp_json_write_str (out, "signer", result->signer);
      sp_json_write_close (out);
    }
  sp_json_write_close (out);
}

static void
put_changes (struct sp_json_out *out, const struct sp_report *report)
{
  sp_json_write_str (out, "since", report->since);
  sp_json_write_open (out, "changes", true);
  for (size_t i = 0; i < report->n_changes; i++)
    {
      const struct sp_report_change *change = &report->changes[i];
      const struct sp_report_fact *any = change->after ? change->after : change->before;
      sp_json_write_open (out, NULL, false);
      sp_json_write_str (out, "kind", any->kind);
      sp_json_write_str (out, "id", any->id);
      sp_json_write_str (out, "before", change->before ? change->before->summary : NULL);
      sp_json_write_str (out, "after", change->after ? change->after->summary : NULL);
      sp_json_write_close (out);
    }
  sp_json_write_close (out);
}

/* What the next report compares: everything, by what it is called. */
static void
put_facts (struct sp_json_out *out, const struct sp_report_facts *facts)
{
  sp_json_write_open (out, "facts", true);
  for (size_t i = 0; i < facts->len; i++)
    {
      sp_json_write_open (out, NULL, false);
      sp_json_write_str (out, "kind", facts->items[i].kind);
      sp_json_write_str (out, "id", facts->items[i].id);
      sp_json_write_str (out, "summary", facts->items[i].summary);
      sp_json_write_close (out);
    }
  sp_json_write_close (out);
}

char *
sp_report_to_json (const struct sp_report *report, sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *out = sp_json_write_new (false, err);
  char now[SP_TIME_TEXT_SIZE];

  if (!out)
    return NULL;
  sp_json_write_str (out, "schema", "sigpolicy-report/1");
  sp_json_write_str (out, "tool", PACKAGE_NAME " " PACKAGE_VERSION);
  sp_json_write_str (out, "host", report->host);
  sp_time_format (report->now, now);
  sp_json_write_str (out, "time", now);
  put_policy (out, report);
  sp_json_write_open (out, "scopes", true);
  for (size_t i = 0; i < report->n_scopes; i++)
    put_scope (out, &report->scopes[i]);
  sp_json_write_close (out);
  sp_json_write_open (out, "keys", true);
  for (size_t i = 0; i < report->audit->n_known_keys; i++)
    put_key (out, &report->audit->keys[i]);
  sp_json_write_close (out);
  sp_json_write_open (out, "findings", true);
  for (size_t i = 0; i < report->audit->len; i++)
    put_finding (out, &report->audit->items[i]);
  sp_json_write_close (out);
  sp_json_write_open (out, "images", true);
  put_results (out, report->images);
  sp_json_write_open (out, "containers", true);
  put_results (out, report->containers);
  put_changes (out, report);
  put_facts (out, &report->facts);
  return sp_json_write_text (out, SP_JSON_INDENTED, err);
}
