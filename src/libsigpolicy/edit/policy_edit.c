/* SPDX-License-Identifier: Apache-2.0 */
#include "edit/document.h"
#include "edit/edit_int.h"

#include "json/tree.h"
#include "util/codec.h"
#include "util/limits.h"

/* What a change makes of the text of a policy. */

static int
invalid (sigpolicy_error **err, const char *message)
{
  return sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, "%s", message);
}

static int
no_policy (const struct sp_edit *edit, sigpolicy_error **err)
{
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                      "there is no policy '%s'", edit->policy.path);
  return sp_error_hint (err, "make one with 'sigpolicy trust init'");
}

/* Where the scope stands; without keys: nowhere. */
struct place
{
  struct sp_view keys[3];
  size_t n_keys;
};

static struct sp_document_path
path_of (const struct place *place)
{
  return (struct sp_document_path){ place->keys, place->n_keys };
}

static struct place
place_of (const char *transport, const char *scope)
{
  struct place place = { { SP_VIEW ("default") }, 1 };
  if (scope)
    place
        = (struct place){ { SP_VIEW ("transports"), sp_view_str (transport), sp_view_str (scope) },
                          3 };
  return place;
}

/*
 * podman names no transport: the scope is replaced where it is, and else added under docker. Where
 * several have it, docker's is meant, or the first.
 */
static int
find_as_podman (struct sp_edit *edit, struct sp_view text, sigpolicy_error **err)
{
  cleanup_json_tree struct sp_json_tree *tree = NULL;
  struct sp_view scope = sp_view_str (edit->scope), found = SP_VIEW ("docker");

  if (sp_json_tree_parse (text, SP_POLICY_DEPTH_MAX, SP_JSON_NODES_MAX, &tree, err) < 0)
    {
      (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
      return sp_error_prefix (err, "could not read trust policies");
    }
  const struct sp_json_tree_node *preset
      = sp_json_tree_member (tree->root, (struct sp_view)SP_VIEW ("default"));
  const struct sp_json_tree_node *transports
      = sp_json_tree_member (tree->root, (struct sp_view)SP_VIEW ("transports"));
  if (edit->scope && (!preset || !preset->count))
    return invalid (err, "default trust policy must be set");
  if (!edit->scope)
    return 0;
  if (!sp_json_tree_member (sp_json_tree_member (transports, found), scope))
    for (const struct sp_json_tree_node *at = transports ? transports->first : NULL; at;
         at = at->next)
      if (sp_json_tree_member (at, scope))
        {
          found = at->key->string;
          break;
        }
  free (edit->transport);
  edit->transport = sp_view_dup (found, err);
  return edit->transport ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
set (struct sp_edit *edit, bool exists, struct sp_view old, struct sp_buf *out,
     sigpolicy_error **err)
{
  static const struct sp_view empty = SP_VIEW ("{}");
  cleanup_buf struct sp_buf value = SP_BUF (SP_POLICY_BYTES_MAX), first = SP_BUF (out->max);

  int rc = sp_rule_write (&edit->rule, &value, err);
  if (rc < 0)
    return rc;
  if (!exists && !(edit->as_podman && !edit->scope))
    return edit->as_podman ? invalid (err, "default trust policy must be set")
                           : no_policy (edit, err);
  if (edit->as_podman)
    rc = find_as_podman (edit, exists ? old : empty, err);
  struct place place = place_of (edit->transport, edit->scope);
  if (rc == 0 && exists)
    return sp_document_set (old, path_of (&place), sp_buf_view (&value), out, err);
  if (rc == 0)
    rc = sp_document_set (empty, path_of (&place), sp_buf_view (&value), &first, err);
  return rc < 0 ? rc : sp_document_lay_out (sp_buf_view (&first), out, err);
}

static int
unset (struct sp_edit *edit, bool exists, struct sp_view old, struct sp_buf *out,
       sigpolicy_error **err)
{
  struct place place = place_of (edit->transport, edit->scope);
  bool found = false;

  if (!exists)
    return no_policy (edit, err);
  int rc = sp_document_remove (old, path_of (&place), out, &found, err);
  if (rc < 0 || found)
    return rc;
  cleanup_free char *shown = sp_quote_dup (sp_view_str (edit->scope), err);
  return shown ? sp_error_set (err, SIGPOLICY_E_NOT_FOUND, SIGPOLICY_REASON_NOT_FOUND,
                               "the policy has no scope %s of %s", shown, edit->transport)
               : SIGPOLICY_E_NO_MEMORY;
}

static int
init (struct sp_edit *edit, bool exists, struct sp_buf *out, sigpolicy_error **err)
{
  if (exists)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                         "there is a policy '%s' already", edit->policy.path);
  return sp_document_lay_out (sp_view_str (edit->text), out, err);
}

/* The requirements that were asked for, as the reader of policies has them; NULL: under a transport
 * that it does not know. */
static const struct sp_requirements *
requirements_of (const struct sp_edit *edit, const struct sp_policy *policy)
{
  const struct sp_policy_scope *scope = sp_policy_default (policy);
  enum sp_transport known;

  if (edit->scope)
    scope = sp_transport_find (sp_view_str (edit->transport), &known)
                ? sp_policy_find_scope (policy, known, sp_view_str (edit->scope))
                : NULL;
  return scope ? &scope->requirements : NULL;
}

/* Nothing is written that the verifier would refuse, or whose keys it could not use. */
static int
check (struct sp_edit *edit, struct sp_view old, bool exists, struct sp_view text,
       sigpolicy_error **err)
{
  cleanup_policy struct sp_policy *policy = NULL, *before = NULL;
  cleanup_error sigpolicy_error *refused = NULL;

  if (sp_policy_parse (text, edit->policy.path, &policy, &refused) == 0)
    {
      const struct sp_requirements *asked
          = edit->change == SP_EDIT_SET && !edit->as_podman ? requirements_of (edit, policy) : NULL;
      return asked ? sp_edit_check_keys (asked, err) : 0;
    }
  /* A fault that was there before has its own place; one of the new text is a fault of the
   * question. */
  if (exists && sp_policy_parse (old, edit->policy.path, &before, err) < 0)
    return sp_error_while (err, "changing a policy that cannot be used as it is");
  (void)sp_error_copy (refused, err);
  return sp_error_class (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE);
}

int
sp_edit_keep (struct sp_edit_file *file, bool exists, struct sp_view old, const struct sp_buf *new,
              sigpolicy_error **err)
{
  sp_buf_clear (&file->before);
  sp_buf_clear (&file->after);
  sp_buf_add (&file->before, old);
  sp_buf_add (&file->after, sp_buf_view (new));
  file->existed = exists;
  file->changed = !exists || !sp_view_equal (old, sp_buf_view (new));
  int rc = sp_buf_check (&file->before, err);
  return rc < 0 ? rc : sp_buf_check (&file->after, err);
}

int
sp_edit_make_policy (void *context, bool exists, struct sp_view old, struct sp_buf *out,
                     sigpolicy_error **err)
{
  struct sp_edit *edit = context;
  int rc = 0;

  switch (edit->change)
    {
    case SP_EDIT_SET:
      rc = set (edit, exists, old, out, err);
      break;
    case SP_EDIT_UNSET:
      rc = unset (edit, exists, old, out, err);
      break;
    case SP_EDIT_INIT:
      rc = init (edit, exists, out, err);
      break;
    case SP_EDIT_NOTHING:
      sp_buf_add (out, old);
      break;
    }
  if (rc == 0)
    rc = sp_buf_check (out, err);
  if (rc == 0)
    rc = check (edit, old, exists, sp_buf_view (out), err);
  return rc < 0 ? rc : sp_edit_keep (&edit->policy, exists, old, out, err);
}
