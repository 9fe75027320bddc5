/* SPDX-License-Identifier: Apache-2.0 */
#include "edit/document.h"
#include "edit/edit_int.h"

#include "json/tree.h"
#include "model/words.h"
#include "util/codec.h"
#include "util/limits.h"

/* What a change makes of the text of a policy. */

/* In podman's words. */
static int
no_default (sigpolicy_error **err)
{
  return sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                       "default trust policy must be set");
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
find_transport (struct sp_edit *edit, struct sp_view text, sigpolicy_error **err)
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
    return no_default (err);
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

/* --- what the scope requires already -----------------------------------------------------------
 */

const struct sp_json_tree_node *
sp_edit_find_list (const struct sp_edit *edit, const struct sp_json_tree *tree)
{
  struct place place = place_of (edit->transport, edit->scope);
  const struct sp_json_tree_node *at = tree->root;
  for (size_t i = 0; at && i < place.n_keys; i++)
    at = sp_json_tree_member (at, place.keys[i]);
  return at && at->type == SP_JSON_ARRAY ? at : NULL;
}

static bool
is_of_type (const struct sp_json_tree_node *requirement, enum sp_requirement_type type)
{
  const struct sp_json_tree_node *name
      = sp_json_tree_member (requirement, (struct sp_view)SP_VIEW ("type"));
  return name && sp_view_is (name->string, sp_requirement_type_name (type));
}

/* Do these words begin a member's name? */
static bool
begins (const struct sp_json_tree_node *member, const char *words)
{
  return sp_view_starts (member->key->string, sp_view_str (words));
}

/* What a rule does not say of a requirement, and so leaves: the signed identity, the log, who
 * signs. */
static bool
is_kept (const struct sp_json_tree_node *member, const struct sp_rule *rule)
{
  if (begins (member, "signedIdentity"))
    return !rule->has_identity;
  if (begins (member, "rekorPublicKey"))
    return !rule->rekor_keys.len && !rule->pki_roots;
  return !sp_rule_has_signer (rule)
         && (begins (member, "keyPath") || begins (member, "keyData") || begins (member, "fulcio")
             || begins (member, "pki"));
}

/* Those members of the old requirement, each behind a comma. */
static void
put_kept (const struct sp_json_tree_node *old, const struct sp_rule *rule, struct sp_buf *out)
{
  for (const struct sp_json_tree_node *at = old->first; at; at = at->next)
    if (is_kept (at, rule))
      {
        sp_buf_byte (out, ',');
        sp_buf_add (out, at->key->source);
        sp_buf_byte (out, ':');
        sp_buf_add (out, at->source);
      }
}

/* The new requirements, each with what is kept, and no brackets. */
static int
put_new (const struct sp_rule *rule, struct sp_view kept, struct sp_buf *out, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf list = SP_BUF (SP_POLICY_BYTES_MAX);
  cleanup_json_tree struct sp_json_tree *tree = NULL;
  int rc = sp_rule_write (rule, &list, err);

  if (rc == 0)
    rc = sp_json_tree_parse (sp_buf_view (&list), SP_POLICY_DEPTH_MAX, SP_JSON_NODES_MAX, &tree,
                             err);
  for (const struct sp_json_tree_node *at = rc == 0 ? tree->root->first : NULL; at; at = at->next)
    {
      sp_buf_str (out, at->index ? "," : "");
      sp_buf_add (out, sp_view_head (at->source, at->source.len - 1));
      sp_buf_add (out, kept);
      sp_buf_byte (out, '}');
    }
  return rc < 0 ? rc : sp_buf_check (out, err);
}

/* What stays is said, as it may be what somebody meant to get rid of. */
static int
say_kept (struct sp_edit *edit, const struct sp_json_tree_node *old, size_t others,
          sigpolicy_error **err)
{
  sp_buf_clear (&edit->kept);
  for (const struct sp_json_tree_node *at = old->first; at; at = at->next)
    if (is_kept (at, &edit->rule))
      {
        sp_buf_str (&edit->kept, "kept: ");
        sp_words (&edit->kept, at->key->string);
        if (at->type == SP_JSON_OBJECT)
          {
            const struct sp_json_tree_node *type
                = sp_json_tree_member (at, (struct sp_view)SP_VIEW ("type"));
            sp_buf_byte (&edit->kept, ' ');
            sp_words (&edit->kept, type ? type->string : (struct sp_view)SP_VIEW (""));
          }
        sp_buf_byte (&edit->kept, '\n');
      }
  if (others)
    sp_buf_printf (&edit->kept, "kept: %zu other requirement%s of the scope\n", others,
                   others == 1 ? "" : "s");
  return sp_buf_check (&edit->kept, err);
}

/*
 * The scope has requirements of this type: they are changed in what the rule says, and all else
 * stays, the requirements of other types too. *ret_found is false where there are none.
 */
static int
change_requirements (struct sp_edit *edit, struct sp_view old, const struct place *place,
                     struct sp_buf *out, bool *ret_found, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf value = SP_BUF (SP_POLICY_BYTES_MAX), kept = SP_BUF (out->max),
                            other = SP_BUF (out->max);
  cleanup_json_tree struct sp_json_tree *tree = NULL;
  const struct sp_json_tree_node *first = NULL;
  size_t others = 0;

  int rc = sp_json_tree_parse (old, SP_POLICY_DEPTH_MAX, SP_JSON_NODES_MAX, &tree, err);
  if (rc < 0)
    return sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  const struct sp_json_tree_node *list = sp_edit_find_list (edit, tree);
  sp_buf_byte (&value, '[');
  for (const struct sp_json_tree_node *at = list ? list->first : NULL; rc == 0 && at; at = at->next)
    {
      bool same = is_of_type (at, edit->rule.type);
      if (same && first)
        {
          sp_buf_clear (&other);
          put_kept (at, &edit->rule, &other);
          if (!sp_view_equal (sp_buf_view (&kept), sp_buf_view (&other)))
            rc = sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                               "the scope has several requirements of this type, which differ in "
                               "their other settings: give --identity, or remove the scope first");
          continue;
        }
      sp_buf_str (&value, value.len > 1 ? "," : "");
      if (same)
        {
          first = at;
          put_kept (at, &edit->rule, &kept);
          rc = put_new (&edit->rule, sp_buf_view (&kept), &value, err);
          continue;
        }
      others++;
      sp_buf_add (&value, at->source);
    }
  sp_buf_byte (&value, ']');
  *ret_found = first != NULL;
  if (rc == 0 && first)
    rc = say_kept (edit, first, others, err);
  if (rc == 0 && first)
    rc = sp_buf_check (&kept, err);
  return rc < 0 || !first ? rc
                          : sp_document_set (old, path_of (place), sp_buf_view (&value), out, err);
}

/* A scope that requires nothing of this type: the rule takes the place of what it requires. */
static int
write_rule (struct sp_edit *edit, struct sp_buf *value, sigpolicy_error **err)
{
  cleanup_rule struct sp_rule rule = { 0 };
  int rc = sp_rule_copy (&edit->rule, &rule, err);
  if (rc == 0 && !edit->rule.is_verbatim)
    rc = sp_rule_check_whole (&rule, err);
  if (rc == 0 && !edit->rule.is_verbatim)
    rc = sp_rule_choose_identity (&rule, edit->transport, &edit->why, err);
  return rc < 0 ? rc : sp_rule_write (&rule, value, err);
}

static int
set (struct sp_edit *edit, bool exists, struct sp_view old, struct sp_buf *out,
     sigpolicy_error **err)
{
  static const struct sp_view empty = SP_VIEW ("{}");
  cleanup_buf struct sp_buf value = SP_BUF (SP_POLICY_BYTES_MAX), first = SP_BUF (out->max);
  bool found = false;
  int rc = 0;

  if (!exists && !(edit->rule.is_verbatim && !edit->scope))
    return edit->rule.is_verbatim ? no_default (err) : no_policy (edit, err);
  if (edit->rule.is_verbatim)
    rc = find_transport (edit, exists ? old : empty, err);
  struct place place = place_of (edit->transport, edit->scope);
  /* An identity that was said must be one that images of the transport can have. */
  if (rc == 0 && !edit->rule.is_verbatim && !edit->requirements && edit->rule.has_identity)
    rc = sp_rule_choose_identity (&edit->rule, edit->transport, &edit->why, err);
  if (rc == 0 && !edit->rule.is_verbatim && !edit->requirements
      && sp_requirement_type_is_signed (edit->rule.type))
    rc = change_requirements (edit, old, &place, out, &found, err);
  if (rc == 0 && edit->requirements)
    sp_buf_str (&value, edit->requirements);
  else if (rc == 0 && !found)
    rc = write_rule (edit, &value, err);
  if (rc < 0 || found)
    return rc;
  if (exists)
    return sp_document_set (old, path_of (&place), sp_buf_view (&value), out, err);
  rc = sp_document_set (empty, path_of (&place), sp_buf_view (&value), &first, err);
  return rc < 0 ? rc : sp_document_lay_out (sp_buf_view (&first), out, err);
}

int
sp_edit_no_scope (const struct sp_edit *edit, sigpolicy_error **err)
{
  cleanup_free char *shown = sp_quote_dup (sp_view_str (edit->scope), err);
  return shown ? sp_error_set (err, SIGPOLICY_E_NOT_FOUND, SIGPOLICY_REASON_NOT_FOUND,
                               "the policy has no scope %s of %s", shown, edit->transport)
               : SIGPOLICY_E_NO_MEMORY;
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
  return sp_edit_no_scope (edit, err);
}

static int
init (struct sp_edit *edit, bool exists, struct sp_buf *out, sigpolicy_error **err)
{
  if (exists)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                         "the policy '%s' exists already", edit->policy.path);
  return sp_document_lay_out (sp_view_str (edit->text), out, err);
}

const struct sp_requirements *
sp_edit_requirements_of (const struct sp_edit *edit, const struct sp_policy *policy)
{
  const struct sp_policy_scope *scope = sp_policy_default (policy);
  enum sp_transport known;

  if (edit->scope)
    scope = sp_transport_find (sp_view_str (edit->transport), &known)
                ? sp_policy_find_scope (policy, known, sp_view_str (edit->scope))
                : NULL;
  return scope ? &scope->requirements : NULL;
}

static bool
is_about_keys (const struct sp_edit *edit)
{
  return (edit->change == SP_EDIT_SET && !edit->rule.is_verbatim) || edit->change == SP_EDIT_ROTATE;
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
      const struct sp_requirements *asked = is_about_keys (edit) && !edit->requirements
                                                ? sp_edit_requirements_of (edit, policy)
                                                : NULL;
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
    case SP_EDIT_ROTATE:
      rc = exists ? sp_edit_rotate (edit, old, out, err) : no_policy (edit, err);
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
