/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_JSON_TREE_H
#define SP_JSON_TREE_H

#include "json/json.h"

/*
 * A JSON document with its positions, for those who show it or change it rather than obey it: every
 * value and every key is a node that knows where it stands in the text. The document is read by
 * sp_json_parse(), so the grammar is the same strict one; but a key that stands twice is no fault
 * here: all members are there, in document order, and the later ones are marked.
 *
 *   for (const struct sp_json_tree_node *scope = docker->first; scope; scope = scope->next)
 *     use (scope->key->string, scope);
 *
 * A tree never changes. Its text is its own copy, and all nodes and views die with it.
 */
struct sp_json_tree_node
{
  enum sp_json_type type; /* a key is a string */
  bool repeated;          /* a key, or the value behind it, that an earlier member has, too */
  sp_json_node id;        /* the same value in tree->json, for sp_json_int64() and the like */
  unsigned line, column;  /* of its first byte, both from 1 */
  struct sp_view source; /* its text, with the quotes of a string and the brackets of a container */
  struct sp_view string; /* the decoded content of a string or key; otherwise empty */
  size_t count;          /* of members or elements */
  size_t index;          /* among those of its parent, from 0 */
  const struct sp_json_tree_node *parent; /* NULL for the root; a key's is the object */
  const struct sp_json_tree_node *key;    /* of a member's value; otherwise NULL */
  const struct sp_json_tree_node *first;  /* value of a container */
  const struct sp_json_tree_node *next;   /* value in the same container */
};

struct sp_json_tree
{
  struct sp_view text;
  const struct sp_json *json;
  const struct sp_json_tree_node *root;
  size_t n_nodes; /* keys are nodes of their own */
};

/*
 * Parse text, copying it. max_depth as for sp_json_parse(); nodes_max is the greatest number of
 * values and keys. Fails as sp_json_parse() does, with line and column; then *ret is untouched.
 */
int sp_json_tree_parse (struct sp_view text, unsigned max_depth, size_t nodes_max,
                        struct sp_json_tree **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_json_tree_free (struct sp_json_tree *tree);

SP_DEFINE_CLEANUP (struct sp_json_tree *, sp_json_tree_free);
#define cleanup_json_tree SP_CLEANUP (sp_json_tree_free_p)

/* The first member of that name; NULL when there is none, or node is no object or NULL. */
const struct sp_json_tree_node *sp_json_tree_member (const struct sp_json_tree_node *node,
                                                     struct sp_view name);

/* Where a node's text begins and ends, in bytes of the document. */
size_t sp_json_tree_start (const struct sp_json_tree *tree, const struct sp_json_tree_node *node);
size_t sp_json_tree_end (const struct sp_json_tree *tree, const struct sp_json_tree_node *node);

/* The path of a node as errors write it: transports.docker["quay.io/ns"][0].keyPath; nothing for
 * the root. A key has that of its value. Into an empty buffer. */
void sp_json_tree_path (const struct sp_json_tree *tree, const struct sp_json_tree_node *node,
                        struct sp_buf *path);

#endif
