/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report_int.h"

#include "json/tree.h"
#include "util/codec.h"
#include "util/limits.h"

/* What an earlier report said, and says otherwise now. */

static int
not_a_report (const char *label, const char *why, sigpolicy_error **err)
{
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                      "this is no report that 'sigpolicy report --json' wrote: %s", why);
  return sp_error_position (err, label, 0, 0, NULL);
}

static const char *
kind_of (const struct sp_json_tree_node *node)
{
  static const char *const kinds[] = { "scope", "key", "finding", "image", "container" };
  for (size_t i = 0; node && i < sizeof kinds / sizeof *kinds; i++)
    if (sp_view_is (node->string, kinds[i]))
      return kinds[i];
  return NULL;
}

/* It may have been changed by anybody since. */
static int
keep (const struct sp_json_tree_node *node, char **ret, sigpolicy_error **err)
{
  *ret = sp_view_dup (node->string, err);
  return !*ret ? SIGPOLICY_E_NO_MEMORY : !sp_make_printable (ret) ? sp_error_no_memory (err) : 0;
}

static int
read_facts (struct sp_report *report, const struct sp_json_tree_node *list, const char *label,
            sigpolicy_error **err)
{
  struct sp_report_facts *facts = &report->earlier;

  for (const struct sp_json_tree_node *it = list->first; it; it = it->next)
    {
      const char *kind = kind_of (sp_json_tree_member (it, sp_view_str ("kind")));
      const struct sp_json_tree_node *id = sp_json_tree_member (it, sp_view_str ("id"));
      const struct sp_json_tree_node *summary = sp_json_tree_member (it, sp_view_str ("summary"));
      if (!kind || !id || id->type != SP_JSON_STRING || !summary || summary->type != SP_JSON_STRING)
        return not_a_report (label, "a fact has no kind, id and summary", err);
      int rc = sp_grow (&facts->items, &facts->capacity, facts->len, sizeof *facts->items, err);
      if (rc < 0)
        return rc;
      struct sp_report_fact *fact = &facts->items[facts->len++];
      fact->kind = kind;
      rc = keep (id, &fact->id, err);
      if (rc == 0)
        rc = keep (summary, &fact->summary, err);
      if (rc < 0)
        return rc;
    }
  return 0;
}

static int
compare_facts (const void *a, const void *b)
{
  const struct sp_report_fact *left = *(const struct sp_report_fact *const *)a,
                              *right = *(const struct sp_report_fact *const *)b;
  int order = strcmp (left->kind, right->kind);
  order = order ? order : strcmp (left->id, right->id);
  return order ? order : strcmp (left->summary, right->summary);
}

static int
compare_ids (const struct sp_report_fact *left, const struct sp_report_fact *right)
{
  int order = strcmp (left->kind, right->kind);
  return order ? order : strcmp (left->id, right->id);
}

static const struct sp_report_fact **
sort (const struct sp_report_facts *facts, sigpolicy_error **err)
{
  const struct sp_report_fact **sorted = sp_calloc (facts->len + 1, sizeof (void *), err);
  for (size_t i = 0; sorted && i < facts->len; i++)
    sorted[i] = &facts->items[i];
  if (sorted && facts->len)
    qsort (sorted, facts->len, sizeof (void *), compare_facts);
  return sorted;
}

static int
add_change (struct sp_report *report, const struct sp_report_fact *before,
            const struct sp_report_fact *after, sigpolicy_error **err)
{
  if (before && after && strcmp (before->summary, after->summary) == 0)
    return 0;
  int rc = sp_grow (&report->changes, &report->changes_capacity, report->n_changes,
                    sizeof *report->changes, err);
  if (rc == 0)
    report->changes[report->n_changes++] = (struct sp_report_change){ before, after };
  return rc;
}

static int
merge (struct sp_report *report, sigpolicy_error **err)
{
  cleanup_free const struct sp_report_fact **before = sort (&report->earlier, err);
  cleanup_free const struct sp_report_fact **after = before ? sort (&report->facts, err) : NULL;
  size_t i = 0, j = 0;
  int rc = after ? 0 : SIGPOLICY_E_NO_MEMORY;

  while (rc == 0 && (i < report->earlier.len || j < report->facts.len))
    {
      int order = i == report->earlier.len ? 1
                  : j == report->facts.len ? -1
                                           : compare_ids (before[i], after[j]);
      rc = add_change (report, order <= 0 ? before[i] : NULL, order >= 0 ? after[j] : NULL, err);
      i += order <= 0;
      j += order >= 0;
    }
  return rc;
}

int
sp_report_since (struct sp_report *report, struct sp_view earlier, const char *label,
                 sigpolicy_error **err)
{
  cleanup_json_tree struct sp_json_tree *tree = NULL;

  int rc = sp_json_tree_parse (earlier, SP_REPORT_DEPTH_MAX, SP_REPORT_NODES_MAX, &tree, err);
  if (rc < 0)
    {
      (void)sp_error_position (err, label, 0, 0, NULL);
      return sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
    }
  const struct sp_json_tree_node *schema = sp_json_tree_member (tree->root, sp_view_str ("schema"));
  const struct sp_json_tree_node *time = sp_json_tree_member (tree->root, sp_view_str ("time"));
  const struct sp_json_tree_node *list = sp_json_tree_member (tree->root, sp_view_str ("facts"));
  if (!schema || !sp_view_is (schema->string, "sigpolicy-report/1"))
    return not_a_report (label, "its schema is not sigpolicy-report/1", err);
  if (!time || time->type != SP_JSON_STRING || !list || list->type != SP_JSON_ARRAY)
    return not_a_report (label, "it has no time or no facts", err);
  rc = keep (time, &report->since, err);
  if (rc == 0)
    rc = read_facts (report, list, label, err);
  return rc == 0 ? merge (report, err) : rc;
}
