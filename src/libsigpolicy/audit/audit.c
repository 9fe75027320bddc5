/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "model/lookaside.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>
#include <search.h>
#include <time.h>

/* --- findings --------------------------------------------------------------------------------- */

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

/* --- the whole -------------------------------------------------------------------------------- */

static void
free_key (void *pointer)
{
  struct sp_audit_key *key = pointer;
  free (key->real);
  sp_buf_clear (&key->content);
  sp_key_facts_clear (&key->facts);
  free (key);
}

static void
keep (void *pointer)
{
  (void)pointer;
}

static void
audit_clear (struct sp_audit *audit)
{
  tdestroy (audit->key_index, keep);
  for (size_t i = 0; i < audit->n_keys; i++)
    free_key (audit->keys[i]);
  free (audit->keys);
  for (size_t i = 0; i < audit->n_items; i++)
    free (audit->items[i].example);
  free (audit->items);
  free (audit->sorted);
  sp_json_tree_free (audit->tree);
  sp_policy_free (audit->policy);
  sp_buf_clear (&audit->policy_text);
  free (audit->policy_path);
  for (size_t i = 0; i < audit->n_regd_files; i++)
    {
      free (audit->regd_files[i].path);
      sp_buf_clear (&audit->regd_files[i].text);
      sp_yaml_free (audit->regd_files[i].yaml);
    }
  free (audit->regd_files);
  free (audit->regd_path);
  sp_strv_clear (&audit->regd_directories);
  sp_registries_d_free (audit->registries_d);
  sp_registries_conf_free (audit->conf);
  for (size_t i = 0; i < audit->n_conf_documents; i++)
    sp_toml_free (audit->conf_documents[i]);
  free (audit->conf_documents);
  sp_strv_clear (&audit->conf_files);
  for (size_t i = 0; i < sizeof audit->shown / sizeof *audit->shown; i++)
    free (audit->shown[i]);
  free (audit->home);
}

static int
check_all (struct sp_audit *audit)
{
  static void (*const checks[]) (struct sp_audit *)
      = { sp_check_policy,   sp_check_scopes,     sp_check_requirements, sp_check_keys,
          sp_check_sigstore, sp_check_registries, sp_check_bundles,      sp_check_engines,
          sp_check_host,     sp_check_readers,    sp_check_until };

  for (size_t i = 0; i < sizeof checks / sizeof *checks && audit->rc == 0; i++)
    checks[i](audit);
  return audit->rc;
}

/* The most severe first; then by place, so that the order is always the same. */
static int
compare_findings (const void *a, const void *b)
{
  const struct sp_finding *left = a, *right = b;
  if (left->severity != right->severity)
    return left->severity > right->severity ? -1 : 1;
  int order = strcmp (left->file ? left->file : "", right->file ? right->file : "");
  if (order == 0 && left->line != right->line)
    order = left->line < right->line ? -1 : 1;
  if (order == 0 && left->column != right->column)
    order = left->column < right->column ? -1 : 1;
  if (order == 0)
    order = strcmp (left->rule->id, right->rule->id);
  return order ? order : strcmp (left->message, right->message);
}

static void
finding_clear (struct sp_finding *finding)
{
  free (finding->file);
  free (finding->json_path);
  free (finding->scope);
  free (finding->example);
  free (finding->message);
  free (finding->fix);
  free (finding->command);
  sp_fix_clear (&finding->change);
}

void
sp_audit_report_clear (struct sp_audit_report *report)
{
  for (size_t i = 0; i < report->len + report->n_hidden; i++)
    finding_clear (&report->items[i]);
  free (report->items);
  for (size_t i = 0; i < report->n_known_keys; i++)
    {
      free (report->keys[i].file);
      free (report->keys[i].fingerprint);
      free (report->keys[i].owner);
    }
  free (report->keys);
  sp_strv_clear (&report->files);
  free (report->by);
  memset (report, 0, sizeof *report);
}

void
sp_audit_options_clear (struct sp_audit_options *options)
{
  free (options->root);
  free (options->reader);
  free (options->policy);
  free (options->registries_d);
  free (options->registries_conf);
  free (options->suppressions);
  free (options->baseline);
  sp_strv_clear (&options->disabled);
  sp_strv_clear (&options->files);
  sp_strv_clear (&options->images);
  memset (options, 0, sizeof *options);
}

void
sp_audit_drop (struct sp_audit_report *report, bool (*goes) (const struct sp_finding *, void *),
               void *how)
{
  size_t kept = 0;
  for (size_t i = 0; i < report->len; i++)
    if (goes (&report->items[i], how))
      finding_clear (&report->items[i]);
    else
      report->items[kept++] = report->items[i];
  report->len = kept;
}

static bool
is_of_today (const struct sp_finding *finding, void *ignored)
{
  (void)ignored;
  return !sp_is_of_readers (finding->rule);
}

static bool
is_of_another_matter (const struct sp_finding *finding, void *ignored)
{
  (void)ignored;
  return !sp_is_of_until (finding->rule);
}

static int
answer_findings (const struct sp_audit_options *options, struct sp_audit_report *report,
                 sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_AUDIT_FILE_BYTES_MAX),
                            baseline = SP_BUF (SP_AUDIT_FILE_BYTES_MAX);
  int rc = 0;

  if (options->suppressions)
    {
      struct sp_suppressions list = { 0 };
      rc = sp_fs_read (options->suppressions, &text, err);
      if (rc == 0)
        rc = sp_suppressions_parse (sp_buf_view (&text), options->suppressions, &list, err);
      if (rc == 0)
        rc = sp_audit_suppress (report, &list, options->suppressions, err);
      sp_suppressions_clear (&list);
    }
  if (rc == 0 && options->baseline)
    {
      rc = sp_fs_read (options->baseline, &baseline, err);
      if (rc == 0)
        rc = sp_audit_forget (report, sp_buf_view (&baseline), err);
    }
  if (rc < 0 && rc != SIGPOLICY_E_NO_MEMORY)
    return sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  if (options->upgrade)
    sp_audit_drop (report, is_of_today, NULL);
  if (options->has_until)
    sp_audit_drop (report, is_of_another_matter, NULL);
  if (report->len)
    qsort (report->items, report->len, sizeof *report->items, compare_findings);
  /* Counted, and not shown. */
  while (report->len && report->items[report->len - 1].severity < options->severity)
    {
      report->len--;
      report->n_hidden++;
    }
  return rc;
}

/* As verify finds its configuration; of another root, what is everybody's. */
static int
settle_reader (struct sp_audit *audit)
{
  struct sp_reader_setting *setting = &audit->setting;

  int rc = sp_reader_settle (audit->root, audit->options->reader, true, setting, audit->err);
  if (rc == 0)
    rc = sp_engines_find (audit->root, &audit->engines, audit->err);
  if (rc < 0)
    return rc;
  audit->reader = (struct sp_reader){ .generation = setting->generation,
                                      .root = audit->root,
                                      .home = audit->home,
                                      .uid = audit->options->root ? 0 : sp_lookaside_euid (),
                                      .knows_environment = !audit->options->root };
  audit->report->generation = sp_generation_name (setting->generation);
  audit->report->by = setting->engines.len
                          ? sp_asprintf (audit->err, "%s %s", setting->engines.items[0].name,
                                         setting->engines.items[0].version)
                          : sp_strdup (setting->by, audit->err);
  return audit->report->by ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
look (struct sp_audit *audit)
{
  struct stat st;
  const char *root = audit->options->root;
  int errnum = !root ? 0 : stat (root, &st) != 0 ? errno : S_ISDIR (st.st_mode) ? 0 : ENOTDIR;

  if (errnum)
    return sp_error_errno (audit->err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                           errnum, "open %s", root);
  if (!root)
    audit->home = sp_fs_home (audit->err);
  if (*audit->err)
    return sigpolicy_error_code (*audit->err);
  int rc = settle_reader (audit);
  if (rc == 0)
    rc = sp_audit_read_policy (audit);
  if (rc == 0)
    rc = sp_audit_read_registries (audit);
  if (rc == 0)
    rc = sp_audit_read_keys (audit);
  if (rc == 0)
    rc = sp_audit_list_keys (audit);
  return rc == 0 ? check_all (audit) : rc;
}

static void
begin (struct sp_audit *audit, const struct sp_audit_options *options,
       struct sp_audit_report *report, sigpolicy_error **err)
{
  *audit = (struct sp_audit){ .options = options, .report = report, .err = err };
  audit->root = options->root && strcmp (options->root, "/") != 0 ? options->root : "";
  audit->now = options->has_clock ? options->now : (sp_time)time (NULL);
  audit->policy_text = (struct sp_buf)SP_BUF (0);
  report->now = audit->now;
}

int
sp_audit_run (const struct sp_audit_options *options, struct sp_audit_report *ret,
              sigpolicy_error **err)
{
  cleanup_audit_report struct sp_audit_report report = { 0 };
  struct sp_audit audit;

  begin (&audit, options, &report, err);
  audit.reads_files = true;
  int rc = look (&audit);
  audit_clear (&audit);
  if (rc == 0)
    rc = answer_findings (options, &report, err);
  if (rc < 0)
    return rc;
  *ret = report;
  memset (&report, 0, sizeof report);
  return 0;
}

int
sp_audit_text (struct sp_view text, struct sp_audit_report *ret, sigpolicy_error **err)
{
  static const struct sp_audit_options none = { 0 };
  cleanup_audit_report struct sp_audit_report report = { 0 };
  struct sp_audit audit;

  begin (&audit, &none, &report, err);
  int rc = sp_audit_take_policy (&audit, text);
  if (rc == 0)
    rc = check_all (&audit);
  audit_clear (&audit);
  if (rc == 0)
    rc = answer_findings (&none, &report, err);
  if (rc < 0)
    return rc;
  *ret = report;
  memset (&report, 0, sizeof report);
  return 0;
}

char *
sp_audit_format (const struct sp_audit_report *report, sigpolicy_format format, unsigned flags,
                 sigpolicy_error **err)
{
  switch (format)
    {
    case SIGPOLICY_FORMAT_TEXT:
      return sp_report_text (report, flags, err);
    case SIGPOLICY_FORMAT_JSON:
    case SIGPOLICY_FORMAT_JSONL:
      return sp_report_json (report, format, err);
    case SIGPOLICY_FORMAT_SARIF:
    case SIGPOLICY_FORMAT_JUNIT:
    case SIGPOLICY_FORMAT_GITHUB:
    case SIGPOLICY_FORMAT_GITLAB:
      return sp_report_ci (report, format, err);
    case SIGPOLICY_FORMAT_PROM:
      return sp_report_prom (report, err);
    case SIGPOLICY_FORMAT_TAP:
    case SIGPOLICY_FORMAT_HTML:
    case SIGPOLICY_FORMAT_MARKDOWN:
      break;
    }
  (void)sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "no such format");
  return NULL;
}
