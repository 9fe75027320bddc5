/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "audit/audit.h"
#include "edit/edit.h"
#include "util/codec.h"
#include "util/limits.h"
#include "util/root.h"

#include <errno.h>

struct sigpolicy_audit
{
  struct sp_audit_options options;
  struct sp_audit_report report;
};

const struct sp_audit_report *
sp_api_audit_report (const sigpolicy_audit *audit)
{
  return &audit->report;
}

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
no_rule (const char *rule, sigpolicy_error **err)
{
  cleanup_free char *shown = sp_escape_dup (sp_view_str (rule), err);
  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  (void)sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "there is no rule '%s'",
                      shown);
  return sp_error_hint (err, "sigpolicy audit --list-rules lists them");
}

/* A time; or a day, which is over then. */
static int
parse_until (const char *value, sp_time *ret, sigpolicy_error **err)
{
  cleanup_free char *end = strlen (value) == strlen ("2027-01-31")
                               ? sp_asprintf (err, "%sT23:59:59Z", value)
                               : sp_strdup (value, err);
  return end ? sp_time_parse (end, ret, err) : SIGPOLICY_E_NO_MEMORY;
}

/* The setters that copy one string. */
static int
keep (const sigpolicy_audit *audit, char **slot, const char *text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = audit ? sp_keep (slot, text, &mine) : sp_api_misuse ("audit", &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_audit_set_root (sigpolicy_audit *audit, const char *directory, sigpolicy_error **err)
{
  return keep (audit, audit ? &audit->options.root : NULL, directory, err);
}

int
sigpolicy_audit_set_policy (sigpolicy_audit *audit, const char *file, sigpolicy_error **err)
{
  return keep (audit, audit ? &audit->options.policy : NULL, file, err);
}

int
sigpolicy_audit_set_registries_d (sigpolicy_audit *audit, const char *directory,
                                  sigpolicy_error **err)
{
  return keep (audit, audit ? &audit->options.registries_d : NULL, directory, err);
}

int
sigpolicy_audit_set_registries_conf (sigpolicy_audit *audit, const char *file,
                                     sigpolicy_error **err)
{
  return keep (audit, audit ? &audit->options.registries_conf : NULL, file, err);
}

int
sigpolicy_audit_set_reader (sigpolicy_audit *audit, const char *reader, sigpolicy_error **err)
{
  return keep (audit, audit ? &audit->options.reader : NULL, reader, err);
}

int
sigpolicy_audit_set_suppressions (sigpolicy_audit *audit, const char *file, sigpolicy_error **err)
{
  return keep (audit, audit ? &audit->options.suppressions : NULL, file, err);
}

int
sigpolicy_audit_set_baseline (sigpolicy_audit *audit, const char *file, sigpolicy_error **err)
{
  return keep (audit, audit ? &audit->options.baseline : NULL, file, err);
}

void
sigpolicy_audit_set_clock (sigpolicy_audit *audit, int64_t seconds)
{
  if (!audit)
    return;
  audit->options.has_clock = true;
  audit->options.now = seconds;
}

int
sigpolicy_audit_set_clock_text (sigpolicy_audit *audit, const char *text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = audit && text ? sp_time_parse (text, &audit->options.now, &mine)
           : audit       ? 0
                         : sp_api_misuse ("audit", &mine);
  if (rc == 0)
    audit->options.has_clock = text != NULL;
  return sp_api_done (err, &mine, rc);
}

void
sigpolicy_audit_set_severity (sigpolicy_audit *audit, sigpolicy_severity least)
{
  if (audit)
    audit->options.severity = least;
}

int
sigpolicy_audit_set_upgrade_to (sigpolicy_audit *audit, const char *release, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = audit ? 0 : sp_api_misuse ("audit", &mine);
  if (rc == 0 && release && strcmp (release, "5.40") != 0)
    rc = sp_error_set (&mine, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "--upgrade-to takes 5.40");
  if (rc == 0)
    audit->options.upgrade = release != NULL;
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_audit_set_until (sigpolicy_audit *audit, const char *text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = audit && text ? parse_until (text, &audit->options.until, &mine)
           : audit       ? 0
                         : sp_api_misuse ("audit", &mine);
  if (rc == 0)
    audit->options.has_until = text != NULL;
  return sp_api_done (err, &mine, rc);
}

/* Those that add a string to a list. */
static int
add (const sigpolicy_audit *audit, struct sp_strv *list, const char *text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = audit && text ? sp_strv_add (list, sp_view_str (text), &mine)
                         : sp_api_misuse ("audit or its argument", &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_audit_add_file (sigpolicy_audit *audit, const char *file, sigpolicy_error **err)
{
  return add (audit, audit ? &audit->options.files : NULL, file, err);
}

int
sigpolicy_audit_add_image (sigpolicy_audit *audit, const char *image, sigpolicy_error **err)
{
  return add (audit, audit ? &audit->options.images : NULL, image, err);
}

int
sigpolicy_audit_disable (sigpolicy_audit *audit, const char *rule, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (rule && !sp_rule_find (rule))
    return sp_api_done (err, &mine, no_rule (rule, &mine));
  return add (audit, audit ? &audit->options.disabled : NULL, rule, err);
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
  for (size_t i = 0; audit && i < audit->report.len + audit->report.n_hidden; i++)
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

/* --- fixes ------------------------------------------------------------------------------------ */

/* "go-w", "a+r" of a file of the host. */
static int
change_mode (const char *root, const struct sp_fix *change, bool commits, sigpolicy_error **err)
{
  cleanup_free char *path = sp_root_path (root, change->file, err);
  struct stat st;

  if (!path)
    return sigpolicy_error_code (*err);
  bool is_found = stat (path, &st) == 0;
  mode_t mode = strcmp (change->value, "a+r") == 0 ? st.st_mode | S_IRUSR | S_IRGRP | S_IROTH
                                                   : st.st_mode & (mode_t) ~(S_IWGRP | S_IWOTH);
  if (is_found && (!commits || chmod (path, mode & 07777) == 0))
    return 0;
  return sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, errno,
                         "chmod %s", path);
}

/* The change that a fix is; by the same code as trust set and trust unset. */
static int
make_edit (const char *root, const struct sp_fix *change, struct sp_edit **ret,
           sigpolicy_error **err)
{
  cleanup_edit struct sp_edit *edit = NULL;
  cleanup_free char *path = sp_root_path (root, change->file, err);
  bool is_storage = change->kind == SP_FIX_STORAGE;

  int rc = path ? sp_edit_new (path, &edit, err) : sigpolicy_error_code (*err);
  if (rc == 0 && change->transport)
    rc = sp_keep (&edit->transport, change->transport, err);
  if (rc == 0 && change->scope)
    rc = sp_keep (&edit->scope, change->scope, err);
  if (rc == 0 && change->kind == SP_FIX_LIST)
    rc = sp_keep (&edit->requirements, change->value, err);
  if (rc == 0 && is_storage)
    {
      *strrchr (path, '/') = '\0';
      rc = sp_edit_set_storage (edit, path, change->value, !change->value, err);
    }
  if (rc == 0 && is_storage)
    rc = sp_keep (&edit->storage.path, edit->policy.path, err);
  if (rc < 0)
    return rc;
  edit->change = is_storage                     ? SP_EDIT_NOTHING
                 : change->kind == SP_FIX_UNSET ? SP_EDIT_UNSET
                                                : SP_EDIT_SET;
  *ret = steal (&edit);
  return 0;
}

/* The first that says it, of several findings with one fix. */
static bool
is_first (const struct sp_audit_report *report, size_t index)
{
  const struct sp_fix *change = &report->items[index].change;

  for (size_t i = 0; i < index; i++)
    {
      const struct sp_fix *other = &report->items[i].change;
      if (other->is_safe && sp_fix_is_same (other, change))
        return false;
    }
  return true;
}

static int
make_fixes (const struct sigpolicy_audit *audit, bool commits, struct sp_buf *out,
            sigpolicy_error **err)
{
  const struct sp_audit_report *report = &audit->report;
  const char *root = audit->options.root ? audit->options.root : "";
  cleanup_free struct sp_edit **edits = sp_calloc (report->len + 1, sizeof *edits, err);
  size_t n = 0;
  int rc = edits ? 0 : SIGPOLICY_E_NO_MEMORY;

  for (size_t i = 0; rc == 0 && i < report->len; i++)
    {
      const struct sp_fix *change = &report->items[i].change;
      if (change->kind == SP_FIX_NONE || !change->is_safe || !is_first (report, i))
        continue;
      if (change->kind != SP_FIX_MODE)
        rc = make_edit (root, change, &edits[n], err);
      if (rc == 0 && change->kind != SP_FIX_MODE)
        n++;
      if (change->kind != SP_FIX_MODE)
        continue;
      rc = change_mode (root, change, commits, err);
      if (rc == 0 && report->items[i].command)
        sp_buf_printf (out, "%s\n", report->items[i].command);
    }
  if (rc == 0)
    rc = sp_edit_several (edits, n, commits, out, err);
  for (size_t i = 0; i < n; i++)
    sp_edit_free (edits[i]);
  return rc;
}

int
sigpolicy_audit_fix (const sigpolicy_audit *audit, int dry_run, char **ret_text,
                     sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);
  cleanup_error sigpolicy_error *mine = NULL;

  if (!audit || !ret_text)
    return sp_api_done (err, &mine, sp_api_misuse ("audit or ret_text", &mine));
  int rc = make_fixes (audit, !dry_run, &out, &mine);
  if (rc < 0)
    return sp_api_done (err, &mine, rc);
  return hand_out (sp_buf_steal (&out, &mine), ret_text, &mine, err);
}

int
sigpolicy_audit_explain (const char *rule, sigpolicy_format format, char **ret_text,
                         sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;

  if (!rule || !ret_text)
    return sp_api_done (err, &mine, sp_api_misuse ("rule or ret_text", &mine));
  const struct sp_audit_rule *known = sp_rule_find (rule);
  if (!known)
    return sp_api_done (err, &mine, no_rule (rule, &mine));
  return hand_out (sp_audit_explain_rule (known, format, &mine), ret_text, &mine, err);
}

int
sigpolicy_audit_rules (sigpolicy_format format, char **ret_text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!ret_text)
    return sp_api_done (err, &mine, sp_api_misuse ("ret_text", &mine));
  return hand_out (sp_audit_list_rules (format, &mine), ret_text, &mine, err);
}
