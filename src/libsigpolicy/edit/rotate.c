/* SPDX-License-Identifier: Apache-2.0 */
#include "edit/document.h"
#include "edit/edit_int.h"

#include "ask/key_files.h"
#include "crypto/public_key.h"
#include "model/words.h"
#include "openpgp/key_facts.h"
#include "util/codec.h"
#include "util/limits.h"

#include <strings.h>

/*
 * Other keys for a scope that has some: each requirement stays what it is, but for its list of
 * keys, any of which is enough. Added keys go to the requirement that a key is taken from, else to
 * the only one of their kind.
 */

/* A requirement with keys, and what becomes of them. */
struct turn
{
  const struct sp_requirement *requirement;
  size_t index; /* in the list of the scope */
  bool *gone;   /* of each key */
  size_t n_gone;
  struct sp_strv added; /* paths */
};

struct turns
{
  struct turn *items;
  size_t len;
};

static void
turns_clear (struct turns *turns)
{
  for (size_t i = 0; i < turns->len; i++)
    {
      free (turns->items[i].gone);
      sp_strv_clear (&turns->items[i].added);
    }
  free (turns->items);
}

static int
begin (const struct sp_requirements *requirements, struct turns *turns, sigpolicy_error **err)
{
  turns->items = sp_calloc (requirements->len, sizeof *turns->items, err);
  if (!turns->items)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; i < requirements->len; i++)
    if (requirements->items[i].keys.len)
      {
        struct turn *turn = &turns->items[turns->len++];
        turn->requirement = &requirements->items[i];
        turn->index = i;
        turn->gone = sp_calloc (turn->requirement->keys.len, sizeof *turn->gone, err);
        if (!turn->gone)
          return SIGPOLICY_E_NO_MEMORY;
      }
  return 0;
}

/* --- keys that go ----------------------------------------------------------------------------- */

/* The digits of a fingerprint, or NULL. */
static const char *
digits_of (const char *text)
{
  const char *digits = strncmp (text, "sha256:", 7) == 0 ? text + 7 : text;
  size_t length = strlen (digits);
  return (length == 40 || length == 64) && strspn (digits, "0123456789abcdefABCDEF") == length
             ? digits
             : NULL;
}

static int
has_gpg (struct sp_view bytes, const char *digits, bool *ret, sigpolicy_error **err)
{
  cleanup_key_facts struct sp_key_facts_list facts = { 0 };
  int rc = sp_openpgp_key_facts (bytes, &facts, err);

  for (size_t i = 0; rc == 0 && i < facts.len; i++)
    if (strcasecmp (facts.items[i].key.fingerprint, digits) == 0)
      *ret = true;
  if (*ret && facts.len > 1)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                         "the key %s is in a file with other keys: give the whole file to "
                         "--remove-key, or replace it by a file without the key",
                         digits);
  return rc;
}

static int
has_public_key (struct sp_view bytes, const char *digits, bool *ret, sigpolicy_error **err)
{
  cleanup_public_key struct sp_public_key *key = NULL;
  int rc = sp_public_key_from_pem (bytes, &key, err);
  if (rc == 0)
    *ret = strcasecmp (digits_of (sp_public_key_fingerprint (key)), digits) == 0;
  return rc;
}

/* Is the key of that fingerprint in a source? What cannot be read has none. */
static int
has_fingerprint (const struct sp_requirement *requirement, const struct sp_key_source *source,
                 const char *digits, bool *ret, sigpolicy_error **err)
{
  cleanup_key_files struct sp_key_files files = { 0 };
  const struct sp_key_sources one = { (struct sp_key_source *)(size_t)source, 1, 1 };
  int rc = sp_key_files_read (&one, &files, err);

  if (rc == 0)
    rc = requirement->type == SP_REQUIREMENT_SIGNED_BY
             ? has_gpg (files.views[0], digits, ret, err)
             : has_public_key (files.views[0], digits, ret, err);
  if (rc == 0 || rc == SIGPOLICY_E_NO_MEMORY || rc == SIGPOLICY_E_USAGE)
    return rc;
  sp_error_clear (err);
  return 0;
}

static int
is_meant (const struct turn *turn, const struct sp_key_source *source, const char *key,
          const char *path, bool *ret, sigpolicy_error **err)
{
  const char *digits = digits_of (key);
  *ret = source->path && (strcmp (source->path, key) == 0 || strcmp (source->path, path) == 0);
  return *ret || !digits ? 0 : has_fingerprint (turn->requirement, source, digits, ret, err);
}

static int
take_away (struct turns *turns, const char *key, sigpolicy_error **err)
{
  cleanup_free char *path = sp_strdup (key, err);
  int rc = path ? sp_rule_absolute (&path, err) : SIGPOLICY_E_NO_MEMORY;
  size_t found = 0;

  for (size_t i = 0; rc == 0 && i < turns->len; i++)
    for (size_t j = 0; rc == 0 && j < turns->items[i].requirement->keys.len; j++)
      {
        struct turn *turn = &turns->items[i];
        bool is = false;
        rc = is_meant (turn, &turn->requirement->keys.items[j], key, path, &is, err);
        turn->n_gone += is && !turn->gone[j];
        turn->gone[j] = turn->gone[j] || is;
        found += is;
      }
  if (rc < 0 || found)
    return rc;
  cleanup_free char *shown = sp_escape_dup (sp_view_str (key), err);
  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  (void)sp_error_set (err, SIGPOLICY_E_NOT_FOUND, SIGPOLICY_REASON_NOT_FOUND,
                      "the scope trusts no key %s", shown);
  return sp_error_hint (
      err, "'sigpolicy trust show --details' shows the files and the full fingerprints");
}

/* --- keys that come --------------------------------------------------------------------------- */

/* The requirement that a key goes to: one that loses a key, or the only one. */
static int
choose (struct turns *turns, enum sp_requirement_type type, struct turn **ret,
        sigpolicy_error **err)
{
  size_t losers = 0, all = 0;
  struct turn *loser = NULL, *any = NULL;

  for (size_t i = 0; i < turns->len; i++)
    if (turns->items[i].requirement->type == type)
      {
        all++;
        any = &turns->items[i];
        losers += any->n_gone > 0;
        loser = any->n_gone ? any : loser;
      }
  *ret = losers ? loser : any;
  if (losers == 1 || (!losers && all == 1))
    return 0;
  if (all)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                         "the scope has several %s requirements, each of which must be satisfied: "
                         "name the key that the new one replaces with --remove-key",
                         sp_requirement_type_name (type));
  return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                       "the scope has no %s requirement with keys: make one with 'sigpolicy trust "
                       "set'",
                       sp_requirement_type_name (type));
}

static int
add (struct turns *turns, const char *path, sigpolicy_error **err)
{
  enum sp_requirement_type type = SP_REQUIREMENT_SIGNED_BY;
  struct turn *turn = NULL;
  int rc = sp_edit_type_of_key (path, &type, err);

  if (rc == 0)
    rc = choose (turns, type, &turn, err);
  if (rc < 0)
    return rc;
  const struct sp_key_sources *keys = &turn->requirement->keys;
  if (!keys->items[0].path)
    {
      (void)sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                          "the keys of the scope are in the policy itself (keyData)");
      return sp_error_hint (err, "name all of them as files: sigpolicy trust set --any --key FILE "
                                 "--key FILE");
    }
  for (size_t i = 0; i < keys->len; i++)
    if (strcmp (keys->items[i].path, path) == 0 && !turn->gone[i])
      return 0;
  return sp_strv_add (&turn->added, sp_view_str (path), err);
}

/* --- the text --------------------------------------------------------------------------------- */

static bool
begins (struct sp_view text, const char *words)
{
  return sp_view_starts (text, sp_view_str (words));
}

/* The member of a requirement that has its keys. */
static const struct sp_json_tree_node *
find_keys (const struct sp_json_tree_node *requirement)
{
  for (const struct sp_json_tree_node *at = requirement ? requirement->first : NULL; at;
       at = at->next)
    if (at->key && (begins (at->key->string, "keyPath") || begins (at->key->string, "keyData")))
      return at;
  return NULL;
}

static void
put_key (const struct turn *turn, size_t index, struct sp_view source, struct sp_buf *out,
         size_t *count)
{
  if (turn->gone[index])
    return;
  sp_buf_str (out, *count ? "," : "");
  sp_buf_add (out, source);
  ++*count;
}

static int
write_keys (const struct turn *turn, const struct sp_json_tree_node *keys, struct sp_buf *out,
            size_t *ret_count, sigpolicy_error **err)
{
  size_t count = 0;
  if (keys->type == SP_JSON_STRING)
    put_key (turn, 0, keys->source, out, &count);
  for (const struct sp_json_tree_node *at = keys->first; at; at = at->next)
    put_key (turn, at->index, at->source, out, &count);
  for (size_t i = 0; i < turn->added.len; i++, count++)
    {
      sp_buf_str (out, count ? "," : "");
      sp_layout_string (sp_view_str (turn->added.items[i]), out);
    }
  *ret_count = count;
  return sp_buf_check (out, err);
}

/* A list stays one; a single key becomes a list only where there are more. */
static int
change (const struct sp_edit *edit, const struct turn *turn, struct sp_view old, struct sp_buf *out,
        sigpolicy_error **err)
{
  cleanup_json_tree struct sp_json_tree *tree = NULL;
  cleanup_buf struct sp_buf keys = SP_BUF (SP_POLICY_BYTES_MAX), value = SP_BUF (out->max);
  size_t count = 0;

  int rc = sp_json_tree_parse (old, SP_POLICY_DEPTH_MAX, SP_JSON_NODES_MAX, &tree, err);
  if (rc < 0)
    return rc;
  const struct sp_json_tree_node *list = sp_edit_find_list (edit, tree);
  const struct sp_json_tree_node *at = list ? list->first : NULL;
  for (size_t i = 0; at && i < turn->index; i++)
    at = at->next;
  const struct sp_json_tree_node *member = find_keys (at);
  if (!member)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "the scope has no keys");
  rc = write_keys (turn, member, &keys, &count, err);
  if (rc < 0)
    return rc;
  if (!count)
    {
      (void)sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                          "without that key the %s requirement would have no keys",
                          sp_requirement_type_name (turn->requirement->type));
      return sp_error_hint (err, "add its successor with --add-key; or remove the scope with "
                                 "'sigpolicy trust unset', or reject its images with 'sigpolicy "
                                 "trust set --type reject'");
    }
  bool is_list = member->type == SP_JSON_ARRAY || count > 1;
  sp_buf_str (&value, is_list ? "[" : "");
  sp_buf_add (&value, sp_buf_view (&keys));
  sp_buf_str (&value, is_list ? "]" : "");
  rc = sp_buf_check (&value, err);
  struct sp_view name = is_list && member->type != SP_JSON_ARRAY
                            ? (struct sp_view)SP_VIEW ("keyPaths")
                            : (struct sp_view)SP_VIEW ("");
  return rc < 0 ? rc : sp_document_replace (tree, member, name, sp_buf_view (&value), out, err);
}

static int
find_turns (const struct sp_edit *edit, const struct sp_policy *policy, struct turns *turns,
            sigpolicy_error **err)
{
  const struct sp_requirements *requirements = sp_edit_requirements_of (edit, policy);
  if (!requirements)
    return sp_edit_no_scope (edit, err);
  int rc = begin (requirements, turns, err);
  if (rc == 0 && !turns->len)
    rc = sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "the scope trusts no keys");
  for (size_t i = 0; rc == 0 && i < edit->removed.len; i++)
    rc = take_away (turns, edit->removed.items[i], err);
  for (size_t i = 0; rc == 0 && i < edit->rule.keys.len; i++)
    rc = add (turns, edit->rule.keys.items[i], err);
  return rc;
}

int
sp_edit_rotate (const struct sp_edit *edit, struct sp_view old, struct sp_buf *out,
                sigpolicy_error **err)
{
  SP_CLEANUP (turns_clear) struct turns turns = { 0 };
  cleanup_policy struct sp_policy *policy = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (out->max);

  int rc = sp_policy_parse (old, edit->policy.path, &policy, err);
  if (rc < 0)
    return sp_error_while (err, "changing a policy that cannot be used as it is");
  rc = find_turns (edit, policy, &turns, err);
  sp_buf_add (out, old);
  for (size_t i = 0; rc == 0 && i < turns.len; i++)
    {
      if (!turns.items[i].n_gone && !turns.items[i].added.len)
        continue;
      sp_buf_clear (&text);
      rc = change (edit, &turns.items[i], sp_buf_view (out), &text, err);
      sp_buf_clear (out);
      sp_buf_add (out, sp_buf_view (&text));
    }
  return rc;
}
