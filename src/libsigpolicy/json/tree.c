/* SPDX-License-Identifier: Apache-2.0 */
#include "json/tree.h"

#include "json/json_int.h"
#include "util/alloc.h"
#include "util/limits.h"

/* What a handle points to. nodes[i] is the value or key that is number i in the document. */
struct owned_tree
{
  struct sp_json_tree tree; /* first: the handle */
  char *text;
  struct sp_json *json;
  struct sp_json_tree_node *nodes;
};

/* The children of a container: everything about them that is not in themselves. */
static void
link_children (struct owned_tree *owned, struct sp_json_tree_node *container)
{
  struct sp_json_iter it = sp_json_iter (owned->json, container->id);
  const struct sp_json_tree_node **link = &container->first;

  while (sp_json_next (&it))
    {
      struct sp_json_tree_node *value = &owned->nodes[it.value];
      value->parent = container;
      value->index = it.index;
      if (it.object)
        {
          struct sp_json_tree_node *key = &owned->nodes[it.key_node];
          key->parent = container;
          key->index = it.index;
          value->key = key;
        }
      *link = value;
      link = &value->next;
    }
}

static int
mark_repeated (struct owned_tree *owned, const struct sp_json_tree_node *object,
               sigpolicy_error **err)
{
  cleanup_free struct sp_json_sorted_key *keys = NULL;
  size_t n_keys;

  if (object->type != SP_JSON_OBJECT || object->count < 2)
    return 0;
  int rc = sp_json_sort_keys (owned->json, object->id, &keys, &n_keys, err);
  if (rc < 0)
    return rc;
  for (size_t i = 1; i < n_keys; i++)
    if (sp_view_equal (keys[i - 1].text, keys[i].text))
      owned->nodes[keys[i].node].repeated = owned->nodes[keys[i].node + 1].repeated = true;
  return 0;
}

static int
build (struct owned_tree *owned, sigpolicy_error **err)
{
  const struct sp_json *json = owned->json;
  size_t n_nodes = json->n_entries;
  int rc = 0;

  owned->nodes = sp_calloc (n_nodes, sizeof *owned->nodes, err);
  if (!owned->nodes)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; i < n_nodes; i++)
    {
      struct sp_json_tree_node *node = &owned->nodes[i];
      node->id = (sp_json_node)i;
      node->type = sp_json_type_of (json, node->id);
      node->source = sp_json_source (json, node->id);
      node->string = sp_json_string (json, node->id);
      node->count = sp_json_count (json, node->id);
      sp_json_position (json, node->id, &node->line, &node->column);
    }
  for (size_t i = 0; rc == 0 && i < n_nodes; i++)
    {
      link_children (owned, &owned->nodes[i]);
      rc = mark_repeated (owned, &owned->nodes[i], err);
    }
  return rc;
}

int
sp_json_tree_parse (struct sp_view text, unsigned max_depth, size_t nodes_max,
                    struct sp_json_tree **ret, sigpolicy_error **err)
{
  struct owned_tree *owned = sp_calloc (1, sizeof *owned, err);
  if (!owned)
    return SIGPOLICY_E_NO_MEMORY;
  cleanup_json_tree struct sp_json_tree *tree = &owned->tree;
  owned->text = sp_view_dup (text, err);
  if (!owned->text)
    return SIGPOLICY_E_NO_MEMORY;
  tree->text = sp_view_n (owned->text, text.len);
  int rc = sp_json_parse (tree->text, max_depth, &owned->json, err);
  if (rc < 0)
    return rc;
  tree->json = owned->json;
  tree->n_nodes = owned->json->n_entries;
  if (tree->n_nodes > nodes_max)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "more than %zu values in one JSON document", nodes_max);
  rc = build (owned, err);
  if (rc < 0)
    return rc;
  tree->root = owned->nodes;
  *ret = steal (&tree);
  return 0;
}

void
sp_json_tree_free (struct sp_json_tree *tree)
{
  struct owned_tree *owned = (struct owned_tree *)tree;
  if (!owned)
    return;
  free (owned->nodes);
  sp_json_free (owned->json);
  free (owned->text);
  free (owned);
}

const struct sp_json_tree_node *
sp_json_tree_member (const struct sp_json_tree_node *node, struct sp_view name)
{
  if (!node || node->type != SP_JSON_OBJECT)
    return NULL;
  const struct sp_json_tree_node *member = node->first;
  while (member && !sp_view_equal (member->key->string, name))
    member = member->next;
  return member;
}

size_t
sp_json_tree_start (const struct sp_json_tree *tree, const struct sp_json_tree_node *node)
{
  return (size_t)(node->source.data - tree->text.data);
}

size_t
sp_json_tree_end (const struct sp_json_tree *tree, const struct sp_json_tree_node *node)
{
  return sp_json_tree_start (tree, node) + node->source.len;
}

/* The node so many levels above another. */
static const struct sp_json_tree_node *
ancestor (const struct sp_json_tree_node *node, size_t levels)
{
  while (levels--)
    node = node->parent;
  return node;
}

void
sp_json_tree_path (const struct sp_json_tree *tree, const struct sp_json_tree_node *node,
                   struct sp_buf *path)
{
  size_t depth = 0;

  if (node->parent && !node->key && node->parent->type == SP_JSON_OBJECT)
    node++; /* a key, which its value follows */
  for (const struct sp_json_tree_node *at = node; at != tree->root; at = at->parent)
    depth++;
  while (depth-- && path->len < SP_SHOWN_BYTES_MAX)
    {
      const struct sp_json_tree_node *at = ancestor (node, depth);
      if (at->key)
        sp_json_path_key (at->key->string, path);
      else
        sp_json_path_index (at->index, path);
    }
  if (depth != (size_t)-1)
    sp_buf_str (path, "...");
}
