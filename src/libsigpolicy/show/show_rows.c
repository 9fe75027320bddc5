/* SPDX-License-Identifier: Apache-2.0 */
#include "show/show_int.h"

#include "model/words.h"
#include "util/alloc.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

/* --- a policy as podman reads it: encoding/json's way with names, and nothing is refused --------
 */

/* A scope, or the default, or a whole transport. */
struct entry
{
  struct sp_view transport, scope;
  const struct sp_json_tree_node *value;
};

struct entries
{
  struct entry *items;
  size_t len, capacity;
};

static int
add_entry (struct entries *entries, struct sp_view transport, struct sp_view scope,
           const struct sp_json_tree_node *value, sigpolicy_error **err)
{
  int rc = sp_grow (&entries->items, &entries->capacity, entries->len, sizeof *entries->items, err);
  if (rc == 0)
    entries->items[entries->len++] = (struct entry){ transport, scope, value };
  return rc;
}

/* By name; of equal ones, in the order of the document. */
static int
compare (const void *a, const void *b)
{
  const struct entry *x = a, *y = b;
  int order = sp_view_compare (x->transport, y->transport);
  if (order == 0)
    order = sp_view_compare (x->scope, y->scope);
  return order ? order : x->value->id < y->value->id ? -1 : x->value->id > y->value->id;
}

/* Of entries that are the same, the last one counts. */
static void
settle (struct entries *entries)
{
  size_t kept = 0;
  if (entries->len)
    qsort (entries->items, entries->len, sizeof *entries->items, compare);
  for (size_t i = 0; i < entries->len; i++)
    {
      bool same = kept
                  && sp_view_equal (entries->items[kept - 1].transport, entries->items[i].transport)
                  && sp_view_equal (entries->items[kept - 1].scope, entries->items[i].scope);
      entries->items[same ? kept - 1 : kept++] = entries->items[i];
    }
  entries->len = kept;
}

static const struct sp_json_tree_node *
find (const struct sp_json_tree_node *object, const char *name)
{
  const struct sp_json_tree_node *found = NULL;
  for (const struct sp_json_tree_node *at = object->first; at; at = at->next)
    if (at->key && sp_json_folds_to (at->key->string, name))
      found = at;
  return found;
}

static int
list_scopes (const struct sp_json_tree *tree, struct entries *scopes, sigpolicy_error **err)
{
  static const struct sp_view none = SP_VIEW ("");
  struct entries transports = { 0 };
  int rc = 0;

  for (const struct sp_json_tree_node *at = tree->root->first; rc == 0 && at; at = at->next)
    if (at->key && sp_json_folds_to (at->key->string, "transports"))
      for (const struct sp_json_tree_node *one = at->first; rc == 0 && one; one = one->next)
        if (one->key)
          rc = add_entry (&transports, one->key->string, none, one, err);
  settle (&transports);
  for (size_t i = 0; rc == 0 && i < transports.len; i++)
    for (const struct sp_json_tree_node *at = transports.items[i].value->first; rc == 0 && at;
         at = at->next)
      if (at->key)
        rc = add_entry (scopes, transports.items[i].transport, at->key->string, at, err);
  settle (scopes);
  free (transports.items);
  return rc;
}

/* --- rows ---------------------------------------------------------------------------------------
 */

const char *
sp_show_type (struct sp_view type)
{
  static const struct
  {
    const char *name, *shown;
  } types[] = {
    { "insecureAcceptAnything", "accept" },
    { "signedBy", "signed" },
    { "sigstoreSigned", "sigstoreSigned" },
    { "reject", "reject" },
  };
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (sp_view_is (type, types[i].name))
      return types[i].shown;
  return "";
}

static void
warn (struct sp_buf *warnings, const char *what, struct sp_view about)
{
  sp_buf_str (warnings, what);
  sp_words (warnings, about);
  sp_buf_byte (warnings, '\n');
}

/* Of one key file; a failure to read it is a warning, and no ID. */
static int
add_file_ids (struct sp_view path, struct sp_show_row *row, struct sp_buf *warnings,
              sigpolicy_error **err)
{
  const struct sp_key_facts_list *facts = NULL;
  cleanup_free char *name = sp_view_dup (path, err);

  if (!name)
    return SIGPOLICY_E_NO_MEMORY;
  if (!path.len)
    return 0;
  int rc = sp_show_files_gpg (row->files, name, &facts, err);
  if (rc == 0)
    rc = sp_show_put_ids (facts, &row->id, err);
  if (rc == 0 || rc == SIGPOLICY_E_NO_MEMORY)
    return rc;
  warn (warnings, "getting key identity: ", sp_view_str (sigpolicy_error_message (*err)));
  sp_error_clear (err);
  return 0;
}

static int
add_ids (const struct sp_json_tree_node *requirement, struct sp_show_row *row,
         struct sp_buf *warnings, sigpolicy_error **err)
{
  const struct sp_json_tree_node *path = find (requirement, "keyPath");
  const struct sp_json_tree_node *paths = find (requirement, "keyPaths");
  const struct sp_json_tree_node *data = find (requirement, "keyData");
  int rc = path ? add_file_ids (path->string, row, warnings, err) : 0;

  for (const struct sp_json_tree_node *at = paths ? paths->first : NULL; rc == 0 && at;
       at = at->next)
    rc = add_file_ids (at->string, row, warnings, err);
  if (rc < 0 || !data || !data->string.len)
    return rc;
  cleanup_buf struct sp_buf bytes = SP_BUF (SP_KEY_BYTES_MAX);
  cleanup_key_facts struct sp_key_facts_list facts = { 0 };
  rc = sp_base64_decode (data->string, &bytes, err);
  if (rc == 0)
    rc = sp_show_gpg_keys (sp_buf_view (&bytes), &facts, err);
  if (rc == 0)
    rc = sp_show_put_ids (&facts, &row->id, err);
  if (rc == 0 || rc == SIGPOLICY_E_NO_MEMORY)
    return rc;
  warn (warnings, "error decoding key data: ", sp_view_str (sigpolicy_error_message (*err)));
  sp_error_clear (err);
  return 0;
}

static int
add_row (const struct entry *entry, const struct sp_json_tree_node *requirement,
         const struct sp_show_store *store, struct sp_show_rows *rows, struct sp_buf *warnings,
         sigpolicy_error **err)
{
  const struct sp_json_tree_node *type = find (requirement, "type");
  int rc = sp_grow (&rows->items, &rows->capacity, rows->len, sizeof *rows->items, err);

  if (rc < 0)
    return rc;
  struct sp_show_row *row = &rows->items[rows->len++];
  *row = (struct sp_show_row){ .is_default = !entry->transport.data,
                               .transport = entry->transport,
                               .scope = entry->scope,
                               .type = type ? type->string : sp_view_n ("", 0),
                               .store = sp_show_store_of (store, entry->scope),
                               .id = SP_BUF (SP_KEY_BYTES_MAX),
                               .line = requirement->line,
                               .files = &rows->files };
  if (!*sp_show_type (row->type))
    warn (warnings, "invalid trust type ", row->type);
  if (sp_view_is (row->type, "signedBy"))
    rc = add_ids (requirement, row, warnings, err);
  if (sp_view_is (row->type, "sigstoreSigned"))
    sp_buf_str (&row->id, "N/A");
  return rc < 0 ? rc : sp_buf_check (&row->id, err);
}

static int
add_rows (const struct entry *entry, const struct sp_show_store *store, struct sp_show_rows *rows,
          struct sp_buf *warnings, sigpolicy_error **err)
{
  int rc = 0;
  for (const struct sp_json_tree_node *at = entry->value->first; rc == 0 && at; at = at->next)
    rc = add_row (entry, at, store, rows, warnings, err);
  return rc;
}

/* --- the verifier's view of the same rows -------------------------------------------------------
 */

static void
link_requirements (const struct sp_policy *policy, struct sp_show_rows *rows)
{
  const struct sp_policy_scope *scope = NULL;
  enum sp_transport transport;
  size_t index = 0;

  for (size_t i = 0; i < rows->len; i++)
    {
      struct sp_show_row *row = &rows->items[i];
      bool same = i && row->is_default == rows->items[i - 1].is_default
                  && sp_view_equal (row->transport, rows->items[i - 1].transport)
                  && sp_view_equal (row->scope, rows->items[i - 1].scope);
      index = same ? index + 1 : 0;
      if (!same)
        scope = row->is_default ? sp_policy_default (policy)
                : sp_transport_find (row->transport, &transport)
                    ? sp_policy_find_scope (policy, transport, row->scope)
                    : NULL;
      if (scope && index < scope->requirements.len)
        row->requirement = &scope->requirements.items[index];
    }
}

int
sp_show_rows_read (const struct sp_json_tree *tree, const struct sp_policy *policy,
                   const struct sp_show_store *store, struct sp_show_rows *rows,
                   struct sp_buf *warnings, sigpolicy_error **err)
{
  const struct sp_json_tree_node *preset = find (tree->root, "default");
  struct entries scopes = { 0 };
  int rc = 0;

  if (preset)
    rc = add_rows (&(struct entry){ { NULL, 0 }, { "", 0 }, preset }, store, rows, warnings, err);
  if (rc == 0)
    rc = list_scopes (tree, &scopes, err);
  for (size_t i = 0; rc == 0 && i < scopes.len; i++)
    rc = add_rows (&scopes.items[i], store, rows, warnings, err);
  free (scopes.items);
  if (rc == 0 && policy)
    link_requirements (policy, rows);
  return rc;
}

void
sp_show_rows_clear (struct sp_show_rows *rows)
{
  for (size_t i = 0; i < rows->len; i++)
    sp_buf_clear (&rows->items[i].id);
  free (rows->items);
  sp_show_files_clear (&rows->files);
  *rows = (struct sp_show_rows){ 0 };
}
