/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "json/write.h"
#include "util/codec.h"
#include "util/limits.h"

/* sigpolicy-audit-1.schema.json; and the list of rules. */

static int
put_finding (struct sp_json_out *out, const struct sp_finding *finding, sigpolicy_error **err)
{
  char fingerprint[65];
  int rc = sp_finding_fingerprint (finding, fingerprint, err);

  if (rc < 0)
    return rc;
  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "rule", finding->rule->id);
  sp_json_write_str (out, "severity", sp_severity_name (finding->severity));
  sp_json_write_str (out, "area", finding->rule->area);
  sp_json_write_str (out, "title", finding->rule->title);
  sp_json_write_str (out, "file", finding->file);
  if (finding->line)
    sp_json_write_int (out, "line", finding->line);
  else
    sp_json_write_null (out, "line");
  if (finding->line)
    sp_json_write_int (out, "column", finding->column);
  else
    sp_json_write_null (out, "column");
  sp_json_write_str (out, "json_path", finding->json_path);
  sp_json_write_str (out, "scope", finding->scope);
  sp_json_write_str (out, "example", finding->example);
  sp_json_write_str (out, "effect", sp_effect_name (finding->effect));
  sp_json_write_str (out, "message", finding->message);
  sp_json_write_str (out, "meaning", finding->rule->meaning);
  sp_json_write_str (out, "fix", finding->fix);
  sp_json_write_str (out, "command", finding->command);
  cleanup_free char *snippet = sp_fix_snippet (&finding->change, err);
  if (!snippet)
    return sigpolicy_error_code (*err);
  cleanup_free char *edited
      = *snippet ? sp_escape_dup (sp_view_str (finding->change.file), err) : NULL;
  if (*snippet && !edited)
    return SIGPOLICY_E_NO_MEMORY;
  if (edited)
    {
      sp_json_write_open (out, "edit", false);
      sp_json_write_str (out, "file", edited);
      sp_json_write_str (out, "text", snippet);
      sp_json_write_close (out);
    }
  else
    sp_json_write_null (out, "edit");
  sp_json_write_bool (out, "fixable",
                      finding->change.kind != SP_FIX_NONE && finding->change.is_safe);
  sp_json_write_str (out, "fingerprint", fingerprint);
  sp_json_write_close (out);
  return 0;
}

static int64_t
count (const struct sp_audit_report *report, sigpolicy_severity severity)
{
  int64_t n = 0;
  for (size_t i = 0; i < report->len; i++)
    n += report->items[i].severity == severity;
  return n;
}

char *
sp_report_json (const struct sp_audit_report *report, sigpolicy_format format,
                sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *out = sp_json_write_new (false, err);
  char now[SP_TIME_TEXT_SIZE];
  int rc = 0;

  if (!out)
    return NULL;
  sp_time_format (report->now, now);
  sp_json_write_str (out, "schema", "sigpolicy-audit/1");
  sp_json_write_str (out, "tool", PACKAGE_NAME " " PACKAGE_VERSION);
  sp_json_write_str (out, "time", now);
  if (report->generation)
    {
      sp_json_write_open (out, "reader", false);
      sp_json_write_str (out, "generation", report->generation);
      sp_json_write_str (out, "by", report->by);
      sp_json_write_close (out);
    }
  else
    sp_json_write_null (out, "reader");
  sp_json_write_open (out, "files", true);
  for (size_t i = 0; i < report->files.len; i++)
    sp_json_write_str (out, NULL, report->files.items[i]);
  sp_json_write_close (out);
  sp_json_write_int (out, "scopes", (int64_t)report->n_scopes);
  sp_json_write_int (out, "keys", (int64_t)report->n_keys);
  sp_json_write_open (out, "counts", false);
  sp_json_write_int (out, "critical", count (report, SIGPOLICY_SEVERITY_CRITICAL));
  sp_json_write_int (out, "high", count (report, SIGPOLICY_SEVERITY_HIGH));
  sp_json_write_int (out, "medium", count (report, SIGPOLICY_SEVERITY_MEDIUM));
  sp_json_write_int (out, "low", count (report, SIGPOLICY_SEVERITY_LOW));
  sp_json_write_int (out, "info", count (report, SIGPOLICY_SEVERITY_INFO));
  sp_json_write_close (out);
  sp_json_write_int (out, "hidden", (int64_t)report->n_hidden);
  sp_json_write_int (out, "suppressed", (int64_t)report->n_suppressed);
  sp_json_write_int (out, "in_baseline", (int64_t)report->n_known);
  sp_json_write_open (out, "findings", true);
  for (size_t i = 0; rc == 0 && i < report->len; i++)
    rc = put_finding (out, &report->items[i], err);
  sp_json_write_close (out);
  return rc < 0
             ? NULL
             : sp_json_write_text (
                 out, format == SIGPOLICY_FORMAT_JSONL ? SP_JSON_ONE_LINE : SP_JSON_INDENTED, err);
}

static void
put_rule (struct sp_json_out *out, const struct sp_audit_rule *rule)
{
  sp_json_write_str (out, "rule", rule->id);
  sp_json_write_str (out, "severity", sp_severity_name (rule->severity));
  sp_json_write_str (out, "area", rule->area);
  sp_json_write_str (out, "title", rule->title);
  sp_json_write_str (out, "meaning", rule->meaning);
  sp_json_write_str (out, "fix", rule->fix);
}

static char *
rules_as_json (enum sp_json_layout layout, sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *out = sp_json_write_new (true, err);

  for (size_t i = 0; out && i < SP_N_RULES; i++)
    {
      sp_json_write_open (out, NULL, false);
      put_rule (out, &sp_rules[i]);
      sp_json_write_close (out);
    }
  return out ? sp_json_write_text (out, layout, err) : NULL;
}

char *
sp_audit_explain_rule (const struct sp_audit_rule *rule, sigpolicy_format format,
                       sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_OUTPUT_BYTES_MAX);

  if (format != SIGPOLICY_FORMAT_TEXT)
    {
      cleanup_json_out struct sp_json_out *out = sp_json_write_new (false, err);
      if (!out)
        return NULL;
      put_rule (out, rule);
      return sp_json_write_text (
          out, format == SIGPOLICY_FORMAT_JSONL ? SP_JSON_ONE_LINE : SP_JSON_INDENTED, err);
    }
  sp_buf_printf (&text, "%s  %s: %s\n", sp_severity_name (rule->severity), rule->id, rule->title);
  sp_report_words (&text, "why", rule->meaning);
  sp_report_words (&text, "fix", rule->fix);
  return sp_buf_steal (&text, err);
}

char *
sp_audit_list_rules (sigpolicy_format format, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_N_RULES * 256);

  if (format != SIGPOLICY_FORMAT_TEXT)
    return rules_as_json (format == SIGPOLICY_FORMAT_JSONL ? SP_JSON_ONE_LINE : SP_JSON_INDENTED,
                          err);
  for (size_t i = 0; i < SP_N_RULES; i++)
    sp_buf_printf (&text, "%-30s%-10s%s\n", sp_rules[i].id, sp_severity_name (sp_rules[i].severity),
                   sp_rules[i].title);
  return sp_buf_steal (&text, err);
}
