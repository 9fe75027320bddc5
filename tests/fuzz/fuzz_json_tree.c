/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as a tree. A document is refused by the tree exactly where the scanner refuses it. The
 * texts of all keys and plain values, in order, with what stands between them, are the document,
 * and nothing stands between them but brackets, commas, colons and white space. What is marked as
 * repeated is what a simple search finds.
 */
#include "fuzz.h"

#include "json/tree.h"

#define DEPTH_MAX 64

/* Takes the leaf that comes next; what was stepped over is no value. */
static void
take (const struct sp_json_tree *tree, const struct sp_json_tree_node *leaf, size_t *at)
{
  require (sp_json_tree_start (tree, leaf) >= *at);
  for (; *at < sp_json_tree_start (tree, leaf); ++*at)
    require (memchr ("{}[],: \t\r\n", tree->text.data[*at], 10));
  *at = sp_json_tree_end (tree, leaf);
}

static void
check_links (const struct sp_json_tree *tree, const struct sp_json_tree_node *node)
{
  const struct sp_json_tree_node *child = node->first;
  size_t count = 0;

  for (; child; child = child->next, count++)
    {
      require (child->parent == node && child->index == count);
      require (!child->key == (node->type != SP_JSON_OBJECT));
      require (!child->key
               || (child->key->parent == node && child->key->repeated == child->repeated));
      require (sp_json_tree_start (tree, child) > sp_json_tree_start (tree, node));
      require (sp_json_tree_end (tree, child) < sp_json_tree_end (tree, node));
      if (child->key && node->count < 50)
        require ((sp_json_tree_member (node, child->key->string) != child) == child->repeated);
    }
  require (count == node->count);
}

static void
check_path (const struct sp_json_tree *tree, const struct sp_json_tree_node *node)
{
  struct sp_buf path = SP_BUF (1 << 20);
  sp_json_tree_path (tree, node, &path);
  require (!path.failed && (path.len > 0) == (node != tree->root));
  sp_buf_clear (&path);
}

/* Without recursion: into the first child, else on to the next, else up. */
static void
walk (const struct sp_json_tree *tree)
{
  const struct sp_json_tree_node *node = tree->root;
  size_t at = 0, n_nodes = 0;

  while (node)
    {
      n_nodes += node->key ? 2 : 1;
      if (node->key)
        take (tree, node->key, &at);
      if (node->type != SP_JSON_OBJECT && node->type != SP_JSON_ARRAY)
        take (tree, node, &at);
      check_links (tree, node);
      if (n_nodes < 400)
        check_path (tree, node);
      if (node->first)
        {
          node = node->first;
          continue;
        }
      while (node && !node->next)
        node = node->parent;
      node = node ? node->next : NULL;
    }
  for (; at < tree->text.len; at++)
    require (memchr ("{}[],: \t\r\n", tree->text.data[at], 10));
  require (n_nodes == tree->n_nodes);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_view text = { (const char *)data, size };
  struct sp_json_tree *tree = NULL;
  struct sp_json *json = NULL;
  sigpolicy_error *err = NULL, *tree_err = NULL;

  int rc = sp_json_parse (text, DEPTH_MAX, &json, &err);
  require (sp_json_tree_parse (text, DEPTH_MAX, SIZE_MAX, &tree, &tree_err) == rc);
  require (!tree == (rc < 0));
  if (tree)
    {
      require (sp_view_equal (tree->text, text));
      walk (tree);
    }
  else
    require (!strcmp (sigpolicy_error_text (err), sigpolicy_error_text (tree_err)));
  sp_error_clear (&err);
  sp_error_clear (&tree_err);
  sp_json_tree_free (tree);
  sp_json_free (json);
  return 0;
}
