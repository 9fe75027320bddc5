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

static void
give (struct sp_audit *audit, char **slot, const char *text)
{
  if (!text || audit->rc < 0)
    return;
  *slot = sp_strdup (text, audit->err);
  if (!*slot || !sp_make_printable (slot))
    audit->rc = sp_error_no_memory (audit->err);
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
  *ret = sp_buf_steal (&text, audit->err);
  if (!*ret)
    audit->rc = sigpolicy_error_code (*audit->err);
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
  if (audit->rc == 0 && !(finding->json_path = sp_buf_steal (&shown, audit->err)))
    audit->rc = sigpolicy_error_code (*audit->err);
}

void
sp_audit_find (struct sp_audit *audit, enum sp_audit_rule_id id, const struct sp_where *where,
               const char *format, ...)
{
  struct sp_audit_report *report = audit->report;
  const struct sp_audit_rule *rule = &sp_rules[id];
  va_list args;

  if (audit->rc < 0 || is_disabled (audit, rule))
    return;
  /* A policy may be made of nothing else; the first so many say enough. */
  if (report->len >= SP_AUDIT_FINDINGS_MAX)
    return;
  audit->rc
      = sp_grow (&report->items, &report->capacity, report->len, sizeof *report->items, audit->err);
  if (audit->rc < 0)
    return;
  struct sp_finding *finding = &report->items[report->len++];
  finding->rule = rule;
  finding->severity = rule->severity;
  if (where->is_lower && finding->severity > SIGPOLICY_SEVERITY_INFO)
    finding->severity--;
  finding->effect = where->effect;
  va_start (args, format);
  finding->message = sp_vasprintf (audit->err, format, args);
  va_end (args);
  if (!finding->message || !sp_make_printable (&finding->message))
    audit->rc = sp_error_no_memory (audit->err);
  if (audit->rc == 0 && where->item)
    name_scope (audit, where->item, &finding->scope);
  if (where->node || where->item)
    find_position (audit, where->node ? where->node : where->item->node, finding);
  else
    {
      give (audit, &finding->file, where->file ? SP_SHOW (audit, where->file) : NULL);
      give (audit, &finding->json_path,
            where->json_path ? SP_SHOW (audit, where->json_path) : NULL);
      finding->line = where->line;
      finding->column = where->line && !where->column ? 1 : where->column;
    }
  const char *example = where->example ? where->example : where->item ? where->item->example : NULL;
  give (audit, &finding->example, example ? SP_SHOW (audit, example) : NULL);
  if (audit->rc == 0
      && !(finding->fix = sp_strdup (where->fix ? where->fix : rule->fix, audit->err)))
    audit->rc = SIGPOLICY_E_NO_MEMORY;
  if (audit->rc == 0 && where->change && where->change->file)
    audit->rc = sp_fix_copy (where->change, finding, audit->err);
}

const char *
sp_audit_show (struct sp_audit *audit, struct sp_view text)
{
  char *shown = audit->rc == 0 ? sp_escape_dup (text, audit->err) : NULL;
  char **slot = &audit->shown[audit->n_shown++ % (sizeof audit->shown / sizeof *audit->shown)];

  if (!shown)
    {
      audit->rc = audit->rc < 0 ? audit->rc : SIGPOLICY_E_NO_MEMORY;
      return "";
    }
  free (*slot);
  *slot = shown;
  return shown;
}

char *
sp_audit_compose (struct sp_audit *audit, const char *format, ...)
{
  va_list args;

  if (audit->rc < 0)
    return NULL;
  va_start (args, format);
  char *text = sp_vasprintf (audit->err, format, args);
  va_end (args);
  if (!text)
    audit->rc = SIGPOLICY_E_NO_MEMORY;
  return text;
}

void
sp_audit_note (struct sp_audit *audit, int rc)
{
  if (rc == SIGPOLICY_E_NO_MEMORY && audit->rc == 0)
    audit->rc = sp_error_no_memory (audit->err);
}

bool
sp_audit_stat (struct sp_audit *audit, const char *path, struct stat *ret)
{
  int rc = audit->rc < 0 ? audit->rc : sp_root_stat (audit->root, path, ret, NULL, audit->err);
  if (rc < 0)
    audit->rc = rc;
  return rc == 0;
}

int
sp_audit_list (struct sp_audit *audit, const char *directory, struct sp_strv *ret)
{
  int errnum = 0;
  if (audit->rc == 0)
    audit->rc = sp_root_list (audit->root, directory, ret, &errnum, audit->err);
  return errnum;
}

char *
sp_audit_resolve (struct sp_audit *audit, const char *path)
{
  char *real = audit->rc == 0 ? sp_root_resolve (audit->root, path, audit->err) : NULL;
  if (!real && audit->rc == 0)
    audit->rc = sigpolicy_error_code (*audit->err);
  return real;
}

bool
sp_audit_exists (struct sp_audit *audit, const char *path)
{
  struct stat st;
  return sp_audit_stat (audit, path, &st);
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

int
sp_audit_read (struct sp_audit *audit, const char *path, struct sp_buf *buf,
               sigpolicy_error **fault)
{
  bool is_fault = false;
  int rc = sp_root_read (audit->root, path, buf, &is_fault, fault);

  if (rc < 0 && is_fault && audit->rc == 0)
    audit->rc = sp_error_copy (*fault, audit->err);
  return rc;
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
