/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "util/limits.h"

#define HOST_POLICY   SP_READER_ADMIN "/policy.json"
#define VENDOR_POLICY SP_READER_VENDOR "/policy.json"

/* --- faults: what the parser of policies says, and which rule that is ------------------------- */

/* The first row whose text is in the message and, where it has one, whose hint is in the hint: of a
 * scope that is an unknown key to its transport, the hint says why. */
static const struct fault
{
  const char *message, *hint;
  enum sp_audit_rule_id rule;
} faults[] = {
  { "Unknown key", "absolute path", SP_RULE_SCOPE_PATH_FORM },
  { "Unknown key", "non-canonical", SP_RULE_SCOPE_PATH_FORM },
  { "Unknown key", "generic default scope", SP_RULE_SCOPE_PATH_ROOT },
  { "Unknown key", "does not support any scopes", SP_RULE_SCOPE_ARCHIVE_NONEMPTY },
  { "Unknown key", "invalid reference", SP_RULE_SCOPE_STORAGE_FORM },
  { "Unknown key", "path name is not absolute", SP_RULE_SCOPE_STORAGE_FORM },
  { "Unknown key", NULL, SP_RULE_POLICY_UNKNOWN_KEY },
  { "Duplicate key", NULL, SP_RULE_POLICY_DUPLICATE_KEY },
  { "Default policy is missing", NULL, SP_RULE_POLICY_DEFAULT_MISSING },
  { "List of verification policy requirements must not be empty", NULL,
    SP_RULE_POLICY_EMPTY_REQUIREMENTS },
  { "contains neither a tag nor digest", NULL, SP_RULE_ID_EXACT_NO_TAG },
  { "must be specified if fulcio is used", NULL, SP_RULE_FULCIO_WITHOUT_REKOR },
  { "are not supported for pki", NULL, SP_RULE_PKI_WITH_REKOR },
  { "At least one of subjectEmail, subjectHostname", NULL, SP_RULE_PKI_NO_SUBJECT },
  { "illegal base64 data", NULL, SP_RULE_KEY_DATA_BROKEN },
};

static const struct fault *
find_fault (const sigpolicy_error *error)
{
  static const struct fault invalid = { NULL, NULL, SP_RULE_POLICY_INVALID },
                            no_json = { NULL, NULL, SP_RULE_POLICY_SYNTAX };
  const char *message = sigpolicy_error_message (error), *hint = sigpolicy_error_hint (error);

  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
    if (strstr (message, faults[i].message)
        && (!faults[i].hint || (hint && strstr (hint, faults[i].hint))))
      return &faults[i];
  return sigpolicy_error_json_path (error)
                 || sigpolicy_error_reason (error) == SIGPOLICY_REASON_LIMIT
             ? &invalid
             : &no_json;
}

static void
report_fault (struct sp_audit *audit, const sigpolicy_error *error)
{
  const struct fault *fault = find_fault (error);
  const char *hint = sigpolicy_error_hint (error);
  const struct sp_where where = { .file = audit->policy_path,
                                  .line = sigpolicy_error_line (error),
                                  .column = sigpolicy_error_column (error),
                                  .json_path = sigpolicy_error_json_path (error),
                                  .effect = SP_EFFECT_INVALID,
                                  .fix = fault->hint ? NULL : hint };
  sp_audit_find (audit, fault->rule, &where, "%s%s%s", sigpolicy_error_message (error),
                 fault->hint ? ": " : "", fault->hint ? hint : "");
}

/* --- scopes with their lines ------------------------------------------------------------------ */

static int
compare_items (const void *a, const void *b)
{
  const struct sp_item *left = *(struct sp_item *const *)a, *right = *(struct sp_item *const *)b;
  if (left->known != right->known)
    return left->known < right->known ? -1 : 1;
  return sp_view_compare (sp_view_n (left->scope->name, left->scope->name_len),
                          sp_view_n (right->scope->name, right->scope->name_len));
}

/* The document and what was made of it have the same order. */
static int
list_items (struct sp_audit *audit, sigpolicy_error **err)
{
  const struct sp_json_tree_node *root = audit->tree->root;
  size_t n = 1, at = 0;

  for (size_t i = 0; i < sp_policy_n_transports (audit->policy); i++)
    n += sp_policy_transport (audit->policy, i)->n_scopes;
  audit->items = sp_calloc (n, sizeof *audit->items, err);
  audit->sorted = audit->items ? sp_calloc (n, sizeof (void *), err) : NULL;
  if (!audit->sorted)
    return SIGPOLICY_E_NO_MEMORY;
  audit->items[at++]
      = (struct sp_item){ .scope = sp_policy_default (audit->policy),
                          .node = sp_json_tree_member (root, sp_view_str ("default")) };
  const struct sp_json_tree_node *transports
      = sp_json_tree_member (root, sp_view_str ("transports"));
  const struct sp_json_tree_node *node = transports ? transports->first : NULL;
  for (size_t i = 0; node && i < sp_policy_n_transports (audit->policy); i++, node = node->next)
    {
      const struct sp_policy_transport *transport = sp_policy_transport (audit->policy, i);
      const struct sp_json_tree_node *list = node->first;
      for (size_t j = 0; list && j < transport->n_scopes; j++, list = list->next)
        {
          struct sp_item *item = &audit->items[at++];
          *item = (struct sp_item){ .scope = &transport->scopes[j],
                                    .transport = transport,
                                    .node = list };
          if (sp_transport_find (sp_view_n (transport->name, transport->name_len), &item->known))
            audit->sorted[audit->n_sorted++] = item;
        }
    }
  audit->n_items = at;
  audit->report->n_scopes = at;
  qsort (audit->sorted, audit->n_sorted, sizeof *audit->sorted, compare_items);
  return 0;
}

int
sp_audit_take_policy (struct sp_audit *audit, struct sp_view text, sigpolicy_error **err)
{
  audit->policy_text = (struct sp_buf)SP_BUF (SP_POLICY_BYTES_MAX + 64);
  sp_buf_add (&audit->policy_text, text);
  int rc = sp_buf_check (&audit->policy_text, err);
  for (size_t n = 0; rc == 0 && n < SP_AUDIT_FAULTS_MAX; n++)
    {
      cleanup_error sigpolicy_error *fault = NULL;
      bool salvaged = false;
      rc = sp_policy_parse (sp_buf_view (&audit->policy_text), NULL, &audit->policy, &fault);
      if (rc == 0)
        break;
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      report_fault (audit, fault);
      rc = sp_salvage (&audit->policy_text, fault, &salvaged, &audit->is_default_ours, err);
      if (rc < 0 || !salvaged)
        return rc;
    }
  if (rc < 0 || !audit->policy)
    return rc;
  rc = sp_json_tree_parse (sp_buf_view (&audit->policy_text), SP_POLICY_DEPTH_MAX,
                           SP_JSON_NODES_MAX, &audit->tree, err);
  if (rc == 0)
    rc = list_items (audit, err);
  return rc == 0 ? sp_audit_find_examples (audit, err) : rc;
}

/* --- which file ------------------------------------------------------------------------------- */

/* One for everybody, not the user's, nor one that a variable names? */
static bool
is_for_all (const char *path)
{
  return strncmp (path, SP_READER_ADMIN "/", sizeof SP_READER_ADMIN) == 0
         || strncmp (path, SP_READER_VENDOR "/", sizeof SP_READER_VENDOR) == 0;
}

static void
report_none (struct sp_audit *audit, const struct sp_strv *searched)
{
  cleanup_buf struct sp_buf places = SP_BUF (4 * SP_PATH_BYTES_MAX);
  const struct sp_where where = { .file = HOST_POLICY };

  for (size_t i = 0; i < searched->len; i++)
    sp_buf_printf (&places, "%s%s", i ? ", " : "", searched->items[i]);
  sp_audit_find (audit, SP_RULE_POLICY_NOT_FOUND, &where,
                 "no policy.json was found at any of these: %s",
                 SP_SHOW (audit, sp_audit_steal (audit, &places)));
}

/* The host's policy, as verify looks for it; where there is none, the one that newer readers take.
 */
static int
choose (struct sp_audit *audit, sigpolicy_error **err)
{
  cleanup_reader_choice struct sp_reader_choice choice = { 0 };
  cleanup_error sigpolicy_error *fault = NULL;
  const char *path = audit->options->policy;
  bool has_vendors = false;

  audit->policy_is_hosts = !path;
  int rc = path ? 0 : sp_reader_choose (&audit->reader, SP_CONFIG_POLICY, NULL, &choice, &fault);
  if (rc == SIGPOLICY_E_CONFIG)
    {
      const struct sp_where where = { .file = sigpolicy_error_file (fault),
                                      .effect = SP_EFFECT_INVALID,
                                      .fix = "remove it, or make it readable" };
      sp_audit_find (audit, SP_RULE_POLICY_NOT_FOUND, &where, "%s",
                     sigpolicy_error_message (fault));
      return 0;
    }
  if (rc < 0)
    return sp_error_copy (fault, err);
  path = path ? path : choice.file;
  if (!path && (rc = sp_audit_exists (audit, VENDOR_POLICY, &has_vendors, err)) < 0)
    return rc;
  if (has_vendors)
    {
      const struct sp_where where = { .file = VENDOR_POLICY };
      path = VENDOR_POLICY;
      sp_audit_find (
          audit, SP_RULE_POLICY_NEEDS_NEWER_READER, &where,
          "there is no %s, and only tools from 5.40 on (podman 6.0, skopeo 1.23) read %s instead",
          HOST_POLICY, VENDOR_POLICY);
    }
  if (!path)
    {
      report_none (audit, &choice.searched);
      return 0;
    }
  audit->policy_is_users = audit->policy_is_hosts && !is_for_all (path);
  audit->policy_path = sp_strdup (path, err);
  return audit->policy_path ? 0 : SIGPOLICY_E_NO_MEMORY;
}

int
sp_audit_read_policy (struct sp_audit *audit, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_POLICY_BYTES_MAX);
  cleanup_error sigpolicy_error *fault = NULL;

  int rc = choose (audit, err);
  if (rc < 0 || !audit->policy_path)
    return rc;
  if (sp_strv_add (&audit->report->files, sp_view_str (audit->policy_path), err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  rc = sp_audit_read (audit, audit->policy_path, &text, &fault, err);
  if (rc < 0)
    return rc;
  if (!fault)
    return sp_audit_take_policy (audit, sp_buf_view (&text), err);
  const struct sp_where where = { .file = audit->policy_path, .effect = SP_EFFECT_INVALID };
  sp_audit_find (audit, SP_RULE_POLICY_NOT_FOUND, &where, "%s", sigpolicy_error_message (fault));
  return 0;
}
