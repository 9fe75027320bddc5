/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "model/lookaside.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>
#include <search.h>
#include <time.h>

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
  sp_strv_clear (&audit->texts);
  sigpolicy_error_free (audit->failure);
  free (audit->home);
}

static int
check_all (struct sp_audit *audit, sigpolicy_error **err)
{
  static int (*const checks[]) (struct sp_audit *, sigpolicy_error **)
      = { sp_check_policy,   sp_check_scopes,     sp_check_requirements, sp_check_keys,
          sp_check_sigstore, sp_check_registries, sp_check_bundles,      sp_check_engines,
          sp_check_host,     sp_check_readers,    sp_check_until };
  int rc = 0;

  for (size_t i = 0; i < sizeof checks / sizeof *checks && rc == 0; i++)
    {
      rc = checks[i](audit, err);
      if (rc == 0)
        rc = sp_audit_check (audit, err);
      sp_strv_clear (&audit->texts);
    }
  return rc;
}

/* The most severe first; then by position, so that the order is always the same. */
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
is_not_of_until (const struct sp_finding *finding, void *ignored)
{
  (void)ignored;
  return !sp_is_of_until (finding->rule);
}

static int
filter_findings (const struct sp_audit_options *options, struct sp_audit_report *report,
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
        rc = sp_audit_apply_baseline (report, sp_buf_view (&baseline), err);
    }
  if (rc < 0 && rc != SIGPOLICY_E_NO_MEMORY)
    return sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  if (options->upgrade)
    sp_audit_drop (report, is_of_today, NULL);
  if (options->has_until)
    sp_audit_drop (report, is_not_of_until, NULL);
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
settle_reader (struct sp_audit *audit, sigpolicy_error **err)
{
  struct sp_reader_setting *setting = &audit->setting;

  int rc = sp_reader_settle (audit->root, audit->options->reader, setting, err);
  if (rc == 0)
    rc = sp_engines_find (audit->root, &audit->engines, err);
  if (rc < 0)
    return rc;
  audit->reader = (struct sp_reader){ .generation = setting->generation,
                                      .root = audit->root,
                                      .home = audit->home,
                                      .uid = audit->options->root ? 0 : sp_lookaside_euid (),
                                      .knows_environment = !audit->options->root };
  audit->report->generation = sp_generation_name (setting->generation);
  audit->report->by = setting->engines.len
                          ? sp_asprintf (err, "%s %s", setting->engines.items[0].name,
                                         setting->engines.items[0].version)
                          : sp_strdup (setting->by, err);
  return audit->report->by ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
look (struct sp_audit *audit, sigpolicy_error **err)
{
  struct stat st;
  const char *root = audit->options->root;
  int errnum = !root ? 0 : stat (root, &st) != 0 ? errno : S_ISDIR (st.st_mode) ? 0 : ENOTDIR;

  if (errnum)
    return sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, errnum,
                           "open %s", root);
  if (!root)
    audit->home = sp_fs_home (err);
  if (*err)
    return sigpolicy_error_code (*err);
  int rc = settle_reader (audit, err);
  if (rc == 0)
    rc = sp_audit_read_policy (audit, err);
  if (rc == 0)
    rc = sp_audit_read_registries (audit, err);
  if (rc == 0)
    rc = sp_audit_read_keys (audit, err);
  if (rc == 0)
    rc = sp_audit_list_keys (audit, err);
  return rc == 0 ? check_all (audit, err) : rc;
}

static void
begin (struct sp_audit *audit, const struct sp_audit_options *options,
       struct sp_audit_report *report)
{
  *audit = (struct sp_audit){ .options = options, .report = report };
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

  begin (&audit, options, &report);
  audit.reads_files = true;
  int rc = look (&audit, err);
  audit_clear (&audit);
  if (rc == 0)
    rc = filter_findings (options, &report, err);
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

  begin (&audit, &none, &report);
  int rc = sp_audit_take_policy (&audit, text, err);
  if (rc == 0)
    rc = check_all (&audit, err);
  audit_clear (&audit);
  if (rc == 0)
    rc = filter_findings (&none, &report, err);
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
