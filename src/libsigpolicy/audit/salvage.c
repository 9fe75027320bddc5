/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "util/limits.h"

/*
 * Recover from an error: overwrite the faulty text with spaces, so that all other positions stay as
 * they are, and parse again. A faulty requirement is left out as a whole, and a scope without
 * requirements, too; a faulty default is replaced by one that rejects.
 */

#define STAND_IN "[{\"type\":\"reject\"}]"

static void
blank (struct sp_buf *text, size_t from, size_t to)
{
  for (size_t i = from; i < to && i < text->len; i++)
    if (text->data[i] != '\n')
      text->data[i] = ' ';
}

static bool
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t
offset_of (const struct sp_buf *text, unsigned line, unsigned column)
{
  size_t at = 0;
  for (; line > 1 && at < text->len; at++)
    line -= text->data[at] == '\n';
  at += column ? column - 1 : 0;
  return at < text->len ? at : text->len;
}

/* --- what is no JSON ----------------------------------------------------------------------------
 */

/* A comment, a comma too many, a byte order mark, or anything behind the document. */
static bool
salvage_syntax (struct sp_buf *text, const sigpolicy_error *fault)
{
  size_t at = offset_of (text, sigpolicy_error_line (fault), sigpolicy_error_column (fault));
  struct sp_view rest = sp_view_from (sp_buf_view (text), at);
  static const struct sp_view bom = SP_VIEW ("\xef\xbb\xbf"), line_comment = SP_VIEW ("//"),
                              comment = SP_VIEW ("/*");
  size_t before = at;

  if (sp_view_starts (rest, bom))
    blank (text, at, at + bom.len);
  else if (sp_view_starts (rest, line_comment) || (rest.len && rest.data[0] == '#'))
    {
      size_t end = sp_view_find (rest, '\n');
      blank (text, at, end == SP_VIEW_NONE ? text->len : at + end);
    }
  else if (sp_view_starts (rest, comment))
    {
      const char *end = memmem (rest.data, rest.len, "*/", 2);
      blank (text, at, end ? (size_t)(end - text->data) + 2 : text->len);
    }
  else if (rest.len && (rest.data[0] == '}' || rest.data[0] == ']'))
    {
      while (before > 0 && is_space (text->data[before - 1]))
        before--;
      if (!before || text->data[before - 1] != ',')
        return false;
      blank (text, before - 1, before);
    }
  else if (rest.len && strstr (sigpolicy_error_message (fault), "after top-level value"))
    blank (text, at, text->len);
  else
    return false;
  return true;
}

/* --- what no policy has -------------------------------------------------------------------------
 */

/* The innermost node that begins at a position; a key means its member. */
static const struct sp_json_tree_node *
node_at (const struct sp_json_tree_node *node, unsigned line, unsigned column)
{
  for (;;)
    {
      const struct sp_json_tree_node *next = NULL;
      for (const struct sp_json_tree_node *child = node->first; child; child = child->next)
        {
          const struct sp_json_tree_node *start = child->key ? child->key : child;
          if (start->line > line || (start->line == line && start->column > column))
            break;
          next = child;
          if (start->line == line && start->column == column)
            return child;
        }
      if (!next || (next->line == line && next->column == column))
        return next ? next : node;
      node = next;
    }
}

static unsigned
depth_of (const struct sp_json_tree_node *node)
{
  unsigned depth = 0;
  for (; node->parent; node = node->parent)
    depth++;
  return depth;
}

/* What is left out for a fault in a node: a key that may not stand there by itself, else the
 * requirement around it, the scope, the transport, the member of the document. A key that is only
 * misspelt is needed, so without it the rest says something else. */
static const struct sp_json_tree_node *
victim_of (const struct sp_json_tree_node *node, const sigpolicy_error *fault)
{
  const char *message = sigpolicy_error_message (fault);
  bool is_misspelt = sigpolicy_error_hint (fault)
                     && strncmp (sigpolicy_error_hint (fault), "did you mean", 12) == 0;
  bool is_key
      = strncmp (message, "Unknown key", 11) == 0 || strncmp (message, "Duplicate key", 13) == 0;
  const struct sp_json_tree_node *first = node;

  if (is_key && node->key && !is_misspelt)
    return node;
  while (first->parent && first->parent->parent)
    first = first->parent;
  /* default [ requirement; transports { transport { scope [ requirement */
  bool in_default = first->key && sp_view_is (first->key->string, "default");
  unsigned wanted = in_default ? 2 : 4;
  while (depth_of (node) > wanted)
    node = node->parent;
  /* A list that is left empty is no list. */
  if (depth_of (node) == wanted && node->parent->count == 1)
    node = node->parent;
  return node;
}

/* A member or element with one comma beside it. */
static void
cut (struct sp_buf *text, size_t start, size_t end)
{
  size_t after = end, before = start;

  while (after < text->len && is_space (text->data[after]))
    after++;
  while (before > 0 && is_space (text->data[before - 1]))
    before--;
  if (after < text->len && text->data[after] == ',')
    end = after + 1;
  else if (before > 0 && text->data[before - 1] == ',')
    blank (text, before - 1, before);
  blank (text, start, end);
}

/* Add a default; all positions before it stay. */
static int
add_default (struct sp_buf *text, const struct sp_json_tree *tree, size_t is_in_place,
             sigpolicy_error **err)
{
  cleanup_buf struct sp_buf salvaged = SP_BUF (text->max);
  size_t end = sp_json_tree_end (tree, tree->root) - 1;

  sp_buf_add (&salvaged, sp_view_head (sp_buf_view (text), end));
  sp_buf_str (&salvaged, tree->root->count > is_in_place ? "," : "");
  sp_buf_str (&salvaged, "\"default\":" STAND_IN);
  sp_buf_add (&salvaged, sp_view_from (sp_buf_view (text), end));
  int rc = sp_buf_check (&salvaged, err);
  if (rc < 0)
    return rc;
  sp_buf_clear (text);
  *text = salvaged;
  salvaged = (struct sp_buf)SP_BUF (0);
  return 0;
}

static int
salvage_policy (struct sp_buf *text, const struct sp_json_tree *tree, const sigpolicy_error *fault,
                bool *ret_salvaged, bool *ret_default_is_ours, sigpolicy_error **err)
{
  const char *message = sigpolicy_error_message (fault);

  if (tree->root->type != SP_JSON_OBJECT)
    return 0;
  *ret_salvaged = true;
  if (strstr (message, "Default policy is missing"))
    {
      *ret_default_is_ours = true;
      return add_default (text, tree, 0, err);
    }
  const struct sp_json_tree_node *node = victim_of (
      node_at (tree->root, sigpolicy_error_line (fault), sigpolicy_error_column (fault)), fault);
  if (!node->parent)
    {
      *ret_salvaged = false;
      return 0;
    }
  cut (text, sp_json_tree_start (tree, node->key ? node->key : node),
       sp_json_tree_end (tree, node));
  if (node->parent->parent || node->repeated || !sp_view_is (node->key->string, "default"))
    return 0;
  *ret_default_is_ours = true;
  return add_default (text, tree, 1, err);
}

int
sp_salvage (struct sp_buf *text, const sigpolicy_error *fault, bool *ret_salvaged,
            bool *ret_default_is_ours, sigpolicy_error **err)
{
  cleanup_json_tree struct sp_json_tree *tree = NULL;
  cleanup_error sigpolicy_error *no_json = NULL;

  *ret_salvaged = false;
  if (!sigpolicy_error_line (fault) || sigpolicy_error_reason (fault) == SIGPOLICY_REASON_LIMIT)
    return 0;
  int rc = sp_json_tree_parse (sp_buf_view (text), SP_POLICY_DEPTH_MAX, SP_JSON_NODES_MAX, &tree,
                               &no_json);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (rc == 0)
    return salvage_policy (text, tree, fault, ret_salvaged, ret_default_is_ours, err);
  *ret_salvaged = salvage_syntax (text, fault);
  return 0;
}
