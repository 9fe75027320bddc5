/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "audit/audit.h"
#include "util/codec.h"

struct sigpolicy_audit
{
  struct sp_audit_options options;
  struct sp_audit_report report;
};

/* A finding is the inner struct under another name. */
static const struct sp_finding *
inner (const sigpolicy_finding *finding)
{
  return (const struct sp_finding *)finding;
}

const char *
sigpolicy_severity_name (sigpolicy_severity severity)
{
  return severity <= SIGPOLICY_SEVERITY_CRITICAL ? sp_severity_name (severity) : "info";
}

static int
parse_severity (const char *name, sigpolicy_severity *ret, sigpolicy_error **err)
{
  for (int i = 0; i <= SIGPOLICY_SEVERITY_CRITICAL; i++)
    if (strcmp (name, sp_severity_name ((sigpolicy_severity)i)) == 0)
      {
        *ret = (sigpolicy_severity)i;
        return 0;
      }
  cleanup_free char *shown = sp_escape_dup (sp_view_str (name), err);
  return shown ? sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                               "a severity is info, low, medium, high or critical, not '%s'", shown)
               : SIGPOLICY_E_NO_MEMORY;
}

int
sigpolicy_severity_parse (const char *name, sigpolicy_severity *ret, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = name && ret ? parse_severity (name, ret, &mine) : sp_api_misuse ("name or ret", &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_audit_new (sigpolicy_audit **ret_audit, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!ret_audit)
    return sp_api_done (err, &mine, sp_api_misuse ("ret_audit", &mine));
  sigpolicy_audit *audit = sp_calloc (1, sizeof *audit, &mine);
  if (!audit)
    return sp_api_done (err, &mine, SIGPOLICY_E_NO_MEMORY);
  *ret_audit = audit;
  return SIGPOLICY_OK;
}

void
sigpolicy_audit_free (sigpolicy_audit *audit)
{
  if (!audit)
    return;
  sp_audit_options_clear (&audit->options);
  sp_audit_report_clear (&audit->report);
  free (audit);
}

static int
disable (struct sp_audit_options *options, const char *rule, sigpolicy_error **err)
{
  if (sp_rule_find (rule))
    return sp_strv_add (&options->disabled, sp_view_str (rule), err);
  cleanup_free char *shown = sp_escape_dup (sp_view_str (rule), err);
  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  (void)sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "there is no rule '%s'",
                      shown);
  return sp_error_hint (err, "sigpolicy audit --list-rules lists them");
}

static int
set (struct sp_audit_options *options, sigpolicy_audit_option option, const char *value,
     sigpolicy_error **err)
{
  switch (option)
    {
    case SIGPOLICY_AUDIT_ROOT:
      return sp_api_keep (&options->root, value, err);
    case SIGPOLICY_AUDIT_POLICY:
      return sp_api_keep (&options->policy, value, err);
    case SIGPOLICY_AUDIT_REGISTRIES_D:
      return sp_api_keep (&options->registries_d, value, err);
    case SIGPOLICY_AUDIT_REGISTRIES_CONF:
      return sp_api_keep (&options->registries_conf, value, err);
    case SIGPOLICY_AUDIT_SUPPRESSIONS:
      return sp_api_keep (&options->suppressions, value, err);
    case SIGPOLICY_AUDIT_BASELINE:
      return sp_api_keep (&options->baseline, value, err);
    case SIGPOLICY_AUDIT_CLOCK:
      options->has_clock = true;
      return sp_time_parse (value, &options->now, err);
    case SIGPOLICY_AUDIT_SEVERITY:
      return parse_severity (value, &options->severity, err);
    case SIGPOLICY_AUDIT_DISABLE:
      return disable (options, value, err);
    case SIGPOLICY_AUDIT_FILE:
      return sp_strv_add (&options->files, sp_view_str (value), err);
    }
  return sp_api_misuse ("option", err);
}

int
sigpolicy_audit_set (sigpolicy_audit *audit, sigpolicy_audit_option option, const char *value,
                     sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = !audit   ? sp_api_misuse ("audit", &mine)
           : !value ? 0
                    : set (&audit->options, option, value, &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_audit_run (sigpolicy_audit *audit, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  struct sp_audit_report report = { 0 };
  int rc = audit ? sp_audit_run (&audit->options, &report, &mine) : sp_api_misuse ("audit", &mine);
  if (rc == 0)
    {
      sp_audit_report_clear (&audit->report);
      audit->report = report;
    }
  return sp_api_done (err, &mine, rc);
}

size_t
sigpolicy_audit_count (const sigpolicy_audit *audit, sigpolicy_severity at_least)
{
  size_t n = 0;
  for (size_t i = 0; audit && i < audit->report.len; i++)
    n += audit->report.items[i].severity >= at_least;
  return n;
}

const sigpolicy_finding *
sigpolicy_audit_finding (const sigpolicy_audit *audit, size_t number)
{
  return audit && number < audit->report.len
             ? (const sigpolicy_finding *)&audit->report.items[number]
             : NULL;
}

sigpolicy_severity
sigpolicy_finding_severity (const sigpolicy_finding *finding)
{
  return finding ? inner (finding)->severity : SIGPOLICY_SEVERITY_INFO;
}

const char *
sigpolicy_finding_text (const sigpolicy_finding *finding, sigpolicy_finding_part part)
{
  const struct sp_finding *own = inner (finding);

  if (!own)
    return NULL;
  switch (part)
    {
    case SIGPOLICY_FINDING_RULE:
      return own->rule->id;
    case SIGPOLICY_FINDING_FILE:
      return own->file;
    case SIGPOLICY_FINDING_JSON_PATH:
      return own->json_path;
    case SIGPOLICY_FINDING_SCOPE:
      return own->scope;
    case SIGPOLICY_FINDING_EXAMPLE:
      return own->example;
    case SIGPOLICY_FINDING_MESSAGE:
      return own->message;
    case SIGPOLICY_FINDING_FIX:
      return own->fix;
    case SIGPOLICY_FINDING_EFFECT:
      return sp_effect_name (own->effect);
    }
  return NULL;
}

unsigned
sigpolicy_finding_line (const sigpolicy_finding *finding)
{
  return finding ? inner (finding)->line : 0;
}

unsigned
sigpolicy_finding_column (const sigpolicy_finding *finding)
{
  return finding ? inner (finding)->column : 0;
}

/* A text, or why there is none. */
static int
hand_out (char *text, char **ret_text, sigpolicy_error **mine, sigpolicy_error **err)
{
  if (!text)
    return sp_api_done (err, mine, sigpolicy_error_code (*mine));
  *ret_text = text;
  return SIGPOLICY_OK;
}

int
sigpolicy_audit_format (const sigpolicy_audit *audit, sigpolicy_format format, unsigned flags,
                        char **ret_text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!audit || !ret_text)
    return sp_api_done (err, &mine, sp_api_misuse ("audit or ret_text", &mine));
  return hand_out (sp_audit_format (&audit->report, format, flags, &mine), ret_text, &mine, err);
}

int
sigpolicy_audit_baseline (const sigpolicy_audit *audit, char **ret_text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!audit || !ret_text)
    return sp_api_done (err, &mine, sp_api_misuse ("audit or ret_text", &mine));
  return hand_out (sp_audit_baseline (&audit->report, &mine), ret_text, &mine, err);
}

int
sigpolicy_audit_rules (sigpolicy_format format, char **ret_text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!ret_text)
    return sp_api_done (err, &mine, sp_api_misuse ("ret_text", &mine));
  return hand_out (sp_audit_list_rules (format, &mine), ret_text, &mine, err);
}
