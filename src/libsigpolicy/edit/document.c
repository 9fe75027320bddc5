/* SPDX-License-Identifier: Apache-2.0 */
#include "edit/document.h"

#include "util/codec.h"
#include "util/limits.h"

static int
parse (struct sp_view text, struct sp_json_tree **ret, sigpolicy_error **err)
{
  int rc = sp_json_tree_parse (text, SP_POLICY_DEPTH_MAX, SP_JSON_NODES_MAX, ret, err);
  return rc < 0 ? sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR) : 0;
}

/* How far a path leads. */
struct found
{
  const struct sp_json_tree_node *object; /* the last object that is there */
  const struct sp_json_tree_node *value;  /* the member itself, or NULL */
  size_t n_keys;                          /* of the path, up to the object */
};

static int
not_an_object (const struct sp_json_tree *tree, const struct sp_json_tree_node *node,
               sigpolicy_error **err)
{
  return sp_json_error (tree->json, node->id, err, SIGPOLICY_E_CONFIG,
                        SIGPOLICY_REASON_CONFIG_ERROR, "expected an object, found %s",
                        sp_json_type_words (node->type));
}

static int
follow (const struct sp_json_tree *tree, struct sp_document_path path, struct found *ret,
        sigpolicy_error **err)
{
  const struct sp_json_tree_node *at = tree->root;
  *ret = (struct found){ .object = at };
  for (size_t i = 0; i < path.n_keys && at; i++)
    {
      if (at->type != SP_JSON_OBJECT)
        return not_an_object (tree, at, err);
      ret->object = at;
      ret->n_keys = i;
      at = sp_json_tree_member (at, path.keys[i]);
    }
  ret->value = at;
  return 0;
}

/* The value of a member that is not there: in the objects that its path lacks. */
static void
wrap (struct sp_document_path missing, struct sp_view value, struct sp_buf *out)
{
  for (size_t i = 0; i < missing.n_keys; i++)
    {
      sp_buf_byte (out, '{');
      sp_layout_string (missing.keys[i], out);
      sp_buf_byte (out, ':');
    }
  sp_buf_add (out, value);
  for (size_t i = 0; i < missing.n_keys; i++)
    sp_buf_byte (out, '}');
}

/* The text up to one offset and from another one on, with what belongs between. */
static int
splice (const struct sp_json_tree *tree, size_t start, const struct sp_buf *middle, size_t end,
        struct sp_buf *out, sigpolicy_error **err)
{
  int rc = sp_buf_check (middle, err);
  if (rc < 0)
    return rc;
  sp_buf_add (out, sp_view_head (tree->text, start));
  sp_buf_add (out, sp_buf_view (middle));
  sp_buf_add (out, sp_view_from (tree->text, end));
  return sp_buf_check (out, err);
}

static int
add_member (const struct sp_json_tree *tree, const struct sp_json_tree_node *object,
            struct sp_view key, struct sp_view value, struct sp_buf *out, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf middle = SP_BUF (SP_POLICY_BYTES_MAX);
  cleanup_json_tree struct sp_json_tree *added = NULL;
  const struct sp_json_tree_node *last = object->first;
  size_t at = sp_json_tree_start (tree, object) + 1, end = sp_json_tree_end (tree, object) - 1;

  int rc = parse (value, &added, err);
  if (rc < 0)
    return rc;
  while (last && last->next)
    last = last->next;
  if (last)
    at = end = sp_json_tree_end (tree, last);
  sp_layout_member (tree, object, last, key, added->root, &middle);
  return splice (tree, at, &middle, end, out, err);
}

int
sp_document_replace (const struct sp_json_tree *tree, const struct sp_json_tree_node *old,
                     struct sp_view key, struct sp_view value, struct sp_buf *out,
                     sigpolicy_error **err)
{
  cleanup_buf struct sp_buf middle = SP_BUF (SP_POLICY_BYTES_MAX);
  cleanup_json_tree struct sp_json_tree *added = NULL;
  size_t start = sp_json_tree_start (tree, old);

  int rc = parse (value, &added, err);
  if (rc < 0)
    return rc;
  if (key.len && old->key)
    {
      size_t end = sp_json_tree_end (tree, old->key);
      sp_layout_string (key, &middle);
      sp_buf_add (&middle, sp_view_n (tree->text.data + end, start - end));
      start = sp_json_tree_start (tree, old->key);
    }
  sp_layout_value (tree, old, added->root, &middle);
  return splice (tree, start, &middle, sp_json_tree_end (tree, old), out, err);
}

int
sp_document_set (struct sp_view text, struct sp_document_path path, struct sp_view value,
                 struct sp_buf *out, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf wrapped = SP_BUF (SP_POLICY_BYTES_MAX);
  cleanup_json_tree struct sp_json_tree *tree = NULL;
  struct found found;

  int rc = parse (text, &tree, err);
  if (rc == 0)
    rc = follow (tree, path, &found, err);
  if (rc < 0)
    return rc;
  if (found.value)
    return sp_document_replace (tree, found.value, (struct sp_view)SP_VIEW (""), value, out, err);
  size_t n_known = found.n_keys + 1; /* the object's own, and the member to be made in it */
  wrap ((struct sp_document_path){ path.keys + n_known, path.n_keys - n_known }, value, &wrapped);
  rc = sp_buf_check (&wrapped, err);
  return rc < 0 ? rc
                : add_member (tree, found.object, path.keys[found.n_keys], sp_buf_view (&wrapped),
                              out, err);
}

int
sp_document_remove (struct sp_view text, struct sp_document_path path, struct sp_buf *out,
                    bool *ret_found, sigpolicy_error **err)
{
  cleanup_json_tree struct sp_json_tree *tree = NULL;
  static const struct sp_buf nothing = SP_BUF (0);
  struct found found;

  int rc = parse (text, &tree, err);
  if (rc == 0)
    rc = follow (tree, path, &found, err);
  if (rc < 0)
    return rc;
  *ret_found = found.value != NULL && found.value->key;
  if (!*ret_found)
    {
      sp_buf_add (out, text);
      return sp_buf_check (out, err);
    }
  const struct sp_json_tree_node *member = found.value, *before = found.object->first;
  size_t start = sp_json_tree_start (tree, found.object) + 1;
  size_t end = sp_json_tree_end (tree, found.object) - 1;
  while (before != member && before->next != member)
    before = before->next;
  if (before != member)
    start = sp_json_tree_end (tree, before), end = sp_json_tree_end (tree, member);
  else if (member->next)
    start = sp_json_tree_start (tree, member->key),
    end = sp_json_tree_start (tree, member->next->key);
  return splice (tree, start, &nothing, end, out, err);
}

int
sp_document_lay_out (struct sp_view value, struct sp_buf *out, sigpolicy_error **err)
{
  cleanup_json_tree struct sp_json_tree *tree = NULL;
  int rc = parse (value, &tree, err);
  if (rc < 0)
    return rc;
  sp_layout_document (tree->root, out);
  return sp_buf_check (out, err);
}
