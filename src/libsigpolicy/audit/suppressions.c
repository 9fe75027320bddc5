/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "ci/ci.h"
#include "crypto/digest.h"
#include "util/codec.h"
#include "util/limits.h"

/* Findings that are not reported again: suppressions, with a reason, and baselines. */

/* --- suppressions
 * --------------------------------------------------------------------------------- */

static struct sp_view
take_word (struct sp_view *left)
{
  while (left->len && (left->data[0] == ' ' || left->data[0] == '\t'))
    *left = sp_view_from (*left, 1);
  size_t end = 0;
  while (end < left->len && left->data[end] != ' ' && left->data[end] != '\t')
    end++;
  struct sp_view word = sp_view_head (*left, end);
  *left = sp_view_from (*left, end);
  return word;
}

static bool
take_value (struct sp_view word, const char *key, struct sp_view *ret)
{
  struct sp_view name = sp_view_str (key);
  if (!sp_view_starts (word, name))
    return false;
  *ret = sp_view_from (word, name.len);
  return true;
}

static int
refuse (const char *path, unsigned line, const char *what, sigpolicy_error **err)
{
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, "%s:%u: %s", path,
                      line, what);
  return sp_error_position (err, path, line, 1, NULL);
}

/* The end of a day: "2027-01-31" is good until the day is over. */
static int
parse_day (struct sp_view text, sp_time *ret)
{
  cleanup_error sigpolicy_error *error = NULL;
  char full[SP_TIME_TEXT_SIZE];

  if (text.len != 10)
    return -1;
  (void)snprintf (full, sizeof full, "%.10sT23:59:59Z", text.data);
  if (sp_time_parse (full, ret, &error) < 0)
    return sigpolicy_error_code (error);
  (*ret)++;
  return 0;
}

static int
parse_line (struct sp_view line, unsigned number, const char *path, struct sp_suppressions *list,
            sigpolicy_error **err)
{
  struct sp_suppression one = { .line = number };
  struct sp_view until = sp_view_str ("");

  one.rule = take_word (&line);
  if (!one.rule.len || one.rule.data[0] == '#')
    return 0;
  cleanup_free char *rule = sp_view_dup (one.rule, err);
  if (!rule)
    return SIGPOLICY_E_NO_MEMORY;
  if (strlen (rule) != one.rule.len || !sp_rule_find (rule))
    return refuse (path, number, "no rule has this name", err);
  for (;;)
    {
      struct sp_view rest = line, word = take_word (&rest);
      if (!take_value (word, "scope=", &one.scope) && !take_value (word, "file=", &one.file)
          && !take_value (word, "until=", &until))
        break;
      line = rest;
    }
  while (line.len && (line.data[0] == ' ' || line.data[0] == '\t'))
    line = sp_view_from (line, 1);
  one.reason = line;
  if (!one.reason.len)
    return refuse (path, number, "a suppression needs a reason", err);
  if (until.len)
    {
      int rc = parse_day (until, &one.until);
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      if (rc < 0)
        return refuse (path, number, "until= needs a date such as 2027-01-31", err);
    }
  if (sp_grow (&list->items, &list->capacity, list->len, sizeof *list->items, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  list->items[list->len++] = one;
  return 0;
}

int
sp_suppressions_parse (struct sp_view text, const char *path, struct sp_suppressions *ret,
                       sigpolicy_error **err)
{
  int rc = 0;

  for (unsigned number = 1; rc == 0 && text.len; number++)
    {
      struct sp_view line = sp_view_head (text, sp_view_find (text, '\n'));
      text = sp_view_from (text, line.len + 1);
      if (line.len && line.data[line.len - 1] == '\r')
        line.len--;
      rc = parse_line (line, number, path, ret, err);
    }
  return rc;
}

void
sp_suppressions_clear (struct sp_suppressions *list)
{
  free (list->items);
  memset (list, 0, sizeof *list);
}

/* The name between the quotes of docker "quay.io/ns", or all of it. */
static bool
is_scope (const struct sp_finding *finding, struct sp_view wanted)
{
  struct sp_view scope = sp_view_str (finding->scope);
  size_t quote = sp_view_find (scope, '"');
  struct sp_view name = quote == SP_VIEW_NONE ? scope : sp_view_from (scope, quote + 1);
  if (quote != SP_VIEW_NONE && name.len)
    name.len--;
  return sp_view_equal (name, wanted);
}

static bool
is_meant (const struct sp_suppression *one, const struct sp_finding *finding)
{
  return sp_view_is (one->rule, finding->rule->id)
         && (!one->scope.data || is_scope (finding, one->scope))
         && (!one->file.data || sp_view_equal (one->file, sp_view_str (finding->file)));
}

struct matches
{
  const struct sp_suppression *suppression;
  size_t n;
};

static bool
is_suppressed (const struct sp_finding *finding, void *how)
{
  struct matches *matches = how;
  bool is_match = is_meant (matches->suppression, finding);
  matches->n += is_match;
  return is_match;
}

/* A suppression that has expired, or that matches no finding, is a finding itself. */
int
sp_audit_suppress (struct sp_audit_report *report, const struct sp_suppressions *list,
                   const char *path, sigpolicy_error **err)
{
  static const struct sp_audit_options none = { 0 };
  struct sp_audit audit = { .options = &none, .report = report };

  for (size_t i = 0; i < list->len; i++)
    {
      const struct sp_suppression *one = &list->items[i];
      struct matches matches = { one, 0 };
      const struct sp_where where = { .file = path, .line = one->line, .column = 1 };
      bool is_expired = one->until && one->until <= report->now;
      if (!is_expired)
        sp_audit_drop (report, is_suppressed, &matches);
      report->n_suppressed += matches.n;
      if (is_expired)
        sp_audit_find (&audit, SP_RULE_SUPPRESSION_EXPIRED, &where,
                       "this suppression of %s has expired: %s", sp_audit_show (&audit, one->rule),
                       sp_audit_show (&audit, one->reason));
      else if (!matches.n)
        sp_audit_find (&audit, SP_RULE_SUPPRESSION_UNUSED, &where,
                       "no finding of %s matches this suppression",
                       sp_audit_show (&audit, one->rule));
    }
  int rc = sp_audit_check (&audit, err);
  sp_strv_clear (&audit.texts);
  sigpolicy_error_free (audit.failure);
  return rc;
}

/* --- baselines
 * -------------------------------------------------------------------------------------- */

int
sp_finding_fingerprint (const struct sp_finding *finding, char ret[65], sigpolicy_error **err)
{
  const char *const parts[]
      = { finding->rule->id, finding->file, finding->json_path, finding->scope, finding->message };
  return sp_ci_fingerprint (parts, sizeof parts / sizeof *parts, ret, err);
}

char *
sp_audit_baseline (const struct sp_audit_report *report, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_OUTPUT_BYTES_MAX);
  char fingerprint[65];

  sp_buf_str (&text,
              "# known findings, for 'sigpolicy audit --baseline': see sigpolicy-audit(1)\n");
  for (size_t i = 0; i < report->len + report->n_hidden; i++)
    {
      if (sp_finding_fingerprint (&report->items[i], fingerprint, err) < 0)
        return NULL;
      sp_buf_printf (&text, "%s %s %s\n", fingerprint, report->items[i].rule->id,
                     report->items[i].scope ? report->items[i].scope : "");
    }
  return sp_buf_steal (&text, err);
}

static int
compare_prints (const void *a, const void *b)
{
  return memcmp (a, b, 64);
}

struct baseline
{
  const char *prints; /* 64 digits each, sorted */
  size_t n;
  int rc;
  sigpolicy_error **err;
};

static bool
is_known (const struct sp_finding *finding, void *how)
{
  struct baseline *baseline = how;
  char fingerprint[65];

  if (baseline->rc == 0)
    baseline->rc = sp_finding_fingerprint (finding, fingerprint, baseline->err);
  return baseline->rc == 0 && baseline->n
         && bsearch (fingerprint, baseline->prints, baseline->n, 64, compare_prints) != NULL;
}

int
sp_audit_apply_baseline (struct sp_audit_report *report, struct sp_view text, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf prints = SP_BUF (SP_AUDIT_FILE_BYTES_MAX);
  size_t before = report->len;

  for (unsigned number = 1; text.len; number++)
    {
      struct sp_view line = sp_view_head (text, sp_view_find (text, '\n'));
      text = sp_view_from (text, line.len + 1);
      struct sp_view word = take_word (&line);
      if (!word.len || word.data[0] == '#')
        continue;
      bool is_print = word.len == 64;
      for (size_t i = 0; i < word.len && is_print; i++)
        is_print = memchr ("0123456789abcdef", word.data[i], 16) != NULL;
      if (!is_print)
        return refuse ("baseline", number, "each line must begin with 64 hexadecimal digits", err);
      sp_buf_add (&prints, word);
    }
  int rc = sp_buf_check (&prints, err);
  if (rc < 0)
    return rc;
  struct baseline baseline = { prints.data, prints.len / 64, 0, err };
  if (baseline.n)
    qsort (prints.data, baseline.n, 64, compare_prints);
  sp_audit_drop (report, is_known, &baseline);
  report->n_known = before - report->len;
  return baseline.rc;
}
