/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "util/codec.h"
#include "util/limits.h"

/* What checks find, and what they all ask. */

const char *
sp_effect_name (enum sp_effect effect)
{
  static const char *const names[] = { NULL, "accepts", "rejects", "never-used", "invalid" };
  return names[effect];
}

static bool
is_disabled (const struct sp_audit *audit, const struct sp_audit_rule *rule)
{
  for (size_t i = 0; i < audit->options->disabled.len; i++)
    if (strcmp (audit->options->disabled.items[i], rule->id) == 0)
      return true;
  return false;
}

/* A policy may be made of nothing else; the first so many say enough. */
static bool
is_full (const struct sp_audit *audit)
{
  return audit->report->len >= SP_AUDIT_FINDINGS_MAX;
}

/* Puts a text, which may be NULL, into a finding. */
static void
give (struct sp_audit *audit, char **slot, const char *text)
{
  if (!text || audit->failure)
    return;
  *slot = sp_strdup (text, &audit->failure);
  if (*slot && !sp_make_printable (slot))
    (void)sp_error_no_memory (&audit->failure);
}

/* The same, escaped. */
static void
give_escaped (struct sp_audit *audit, char **slot, const char *text)
{
  if (text && !audit->failure)
    *slot = sp_escape_dup (sp_view_str (text), &audit->failure);
}

/* docker "quay.io/ns" */
static void
name_scope (struct sp_audit *audit, const struct sp_item *item, char **ret)
{
  cleanup_buf struct sp_buf text = SP_BUF (16 * SP_SHOWN_BYTES_MAX);
  if (item->transport)
    {
      sp_escape (sp_view_head (sp_view_n (item->transport->name, item->transport->name_len),
                               SP_SHOWN_BYTES_MAX),
                 &text);
      sp_buf_str (&text, " \"");
      sp_escape (
          sp_view_head (sp_view_n (item->scope->name, item->scope->name_len), SP_SHOWN_BYTES_MAX),
          &text);
      sp_buf_str (&text, "\"");
    }
  else
    sp_buf_str (&text, "default");
  *ret = sp_buf_steal (&text, &audit->failure);
}

static void
find_position (struct sp_audit *audit, const struct sp_json_tree_node *node,
               struct sp_finding *finding)
{
  cleanup_buf struct sp_buf path = SP_BUF (SP_POLICY_BYTES_MAX),
                            shown = SP_BUF (4 * SP_POLICY_BYTES_MAX);
  const struct sp_json_tree_node *start = node->key ? node->key : node;

  finding->line = start->line;
  finding->column = start->column;
  give (audit, &finding->file, audit->policy_path);
  sp_json_tree_path (audit->tree, node, &path);
  sp_escape (sp_view_head (sp_buf_view (&path), SP_SHOWN_BYTES_MAX), &shown);
  if (!audit->failure)
    finding->json_path = sp_buf_steal (&shown, &audit->failure);
}

void
sp_audit_find (struct sp_audit *audit, enum sp_audit_rule_id id, const struct sp_where *where,
               const char *format, ...)
{
  struct sp_audit_report *report = audit->report;
  const struct sp_audit_rule *rule = &sp_rules[id];
  va_list args;

  if (audit->failure || is_disabled (audit, rule) || is_full (audit)
      || sp_grow (&report->items, &report->capacity, report->len, sizeof *report->items,
                  &audit->failure)
             < 0)
    return;
  struct sp_finding *finding = &report->items[report->len++];
  finding->rule = rule;
  finding->severity = rule->severity;
  if (where->is_lower && finding->severity > SIGPOLICY_SEVERITY_INFO)
    finding->severity--;
  finding->effect = where->effect;
  va_start (args, format);
  finding->message = sp_vasprintf (&audit->failure, format, args);
  va_end (args);
  if (finding->message && !sp_make_printable (&finding->message))
    (void)sp_error_no_memory (&audit->failure);
  if (!audit->failure && where->item)
    name_scope (audit, where->item, &finding->scope);
  if (where->node || where->item)
    find_position (audit, where->node ? where->node : where->item->node, finding);
  else
    {
      give_escaped (audit, &finding->file, where->file);
      give_escaped (audit, &finding->json_path, where->json_path);
      finding->line = where->line;
      finding->column = where->line && !where->column ? 1 : where->column;
    }
  give_escaped (audit, &finding->example,
                where->example ? where->example
                : where->item  ? where->item->example
                               : NULL);
  if (!audit->failure)
    finding->fix = sp_strdup (where->fix ? where->fix : rule->fix, &audit->failure);
  if (!audit->failure && where->change && where->change->file
      && sp_fix_copy (where->change, finding, &audit->failure) < 0)
    return; /* the failure stuck */
}

int
sp_audit_check (const struct sp_audit *audit, sigpolicy_error **err)
{
  return audit->failure ? sp_error_copy (audit->failure, err) : 0;
}

/* --- texts ------------------------------------------------------------------------------------ */

static const char *
keep (struct sp_audit *audit, char *text)
{
  return sp_strv_take (&audit->texts, text, &audit->failure) == 0 ? text : "";
}

const char *
sp_audit_show (struct sp_audit *audit, struct sp_view text)
{
  return audit->failure || is_full (audit) ? ""
                                           : keep (audit, sp_escape_dup (text, &audit->failure));
}

const char *
sp_audit_compose (struct sp_audit *audit, const char *format, ...)
{
  va_list args;

  if (audit->failure || is_full (audit))
    return "";
  va_start (args, format);
  char *text = sp_vasprintf (&audit->failure, format, args);
  va_end (args);
  return keep (audit, text);
}

const char *
sp_audit_day (sp_time time, char room[SP_TIME_TEXT_SIZE])
{
  sp_time_format (time, room);
  room[10] = '\0';
  return room;
}

const char *
sp_audit_example (struct sp_audit *audit, const struct sp_item *item)
{
  return item->example        ? SP_SHOW (audit, item->example)
         : item->is_reachable ? "every image here"
                              : "any image that had this scope";
}

const char *
sp_audit_steal (struct sp_audit *audit, struct sp_buf *buf)
{
  return audit->failure || is_full (audit) ? "" : keep (audit, sp_buf_steal (buf, &audit->failure));
}

/* --- files of the host ------------------------------------------------------------------------ */

int
sp_audit_exists (struct sp_audit *audit, const char *path, bool *ret, sigpolicy_error **err)
{
  struct stat st;
  int rc = sp_root_stat (audit->root, path, &st, NULL, err);
  *ret = rc == 0;
  return rc < 0 ? rc : 0;
}

int
sp_audit_list (struct sp_audit *audit, const char *directory, struct sp_strv *ret,
               sigpolicy_error **err)
{
  int errnum = 0;
  return sp_root_list (audit->root, directory, ret, &errnum, err);
}

int
sp_audit_read (struct sp_audit *audit, const char *path, struct sp_buf *buf,
               sigpolicy_error **ret_fault, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;
  bool is_of_machine = false;

  int rc = sp_root_read (audit->root, path, buf, &is_of_machine, &fault);
  if (rc < 0 && is_of_machine)
    return sp_error_copy (fault, err);
  *ret_fault = steal (&fault);
  return 0;
}

/* --- what a list of requirements comes to ----------------------------------------------------- */

bool
sp_has_type (const struct sp_requirements *list, enum sp_requirement_type type)
{
  for (size_t i = 0; i < list->len; i++)
    if (list->items[i].type == type)
      return true;
  return false;
}
