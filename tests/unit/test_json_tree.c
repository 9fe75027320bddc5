/* SPDX-License-Identifier: Apache-2.0 */
#include "json/tree.h"
#include "util/limits.h"

#include <criterion/criterion.h>

static const char document[] = "{\n"
                               "  \"default\": [ { \"type\" : \"reject\" } ],\n"
                               "  \"transports\": {\n"
                               "    \"docker\": { \"quay.io/ns\": [ 1, true ] },\n"
                               "    \"d\\u006fcker\": { }\n"
                               "  }\n"
                               "}\n";

static struct sp_json_tree *
parse (const char *text)
{
  struct sp_json_tree *tree = NULL;
  sigpolicy_error *err = NULL;
  int rc = sp_json_tree_parse (sp_view_str (text), 64, 1000, &tree, &err);
  cr_assert (rc == 0, "%s", sigpolicy_error_text (err));
  return tree;
}

static const struct sp_json_tree_node *
member (const struct sp_json_tree_node *node, const char *name)
{
  return sp_json_tree_member (node, sp_view_str (name));
}

static bool
path_is (const struct sp_json_tree *tree, const struct sp_json_tree_node *node, const char *wanted)
{
  cleanup_buf struct sp_buf path = SP_BUF (4096);
  sp_json_tree_path (tree, node, &path);
  return sp_view_is (sp_buf_view (&path), wanted);
}

Test (json_tree, places)
{
  cleanup_json_tree struct sp_json_tree *tree = parse (document);
  const struct sp_json_tree_node *transports = member (tree->root, "transports");
  const struct sp_json_tree_node *docker = transports->first;
  const struct sp_json_tree_node *scope = member (docker, "quay.io/ns");

  cr_expect (!tree->root->parent && !tree->root->key && tree->root->count == 2);
  cr_expect (transports->parent == tree->root && transports->index == 1);
  cr_expect (transports->line == 3 && transports->column == 17);
  cr_expect (transports->key->line == 3 && transports->key->column == 3);
  cr_expect (sp_view_is (transports->key->source, "\"transports\""));
  cr_expect (sp_view_is (transports->key->string, "transports"));
  cr_expect (sp_view_is (scope->source, "[ 1, true ]"));
  cr_expect (sp_json_tree_end (tree, scope) - sp_json_tree_start (tree, scope) == 11);
  cr_expect (scope->first->type == SP_JSON_NUMBER && scope->first->next->type == SP_JSON_TRUE);
  cr_expect (!scope->first->key && !scope->first->next->next);
  cr_expect (path_is (tree, tree->root, ""));
  cr_expect (path_is (tree, scope, "transports.docker[\"quay.io/ns\"]"));
  cr_expect (path_is (tree, scope->key, "transports.docker[\"quay.io/ns\"]"));
  cr_expect (path_is (tree, scope->first->next, "transports.docker[\"quay.io/ns\"][1]"));
  cr_expect (path_is (tree, member (tree->root, "default")->first->first, "default[0].type"));
  cr_expect (sp_json_count (tree->json, scope->id) == 2);
}

Test (json_tree, duplicates)
{
  cleanup_json_tree struct sp_json_tree *tree = parse (document);
  const struct sp_json_tree_node *first = member (tree->root, "transports")->first;
  const struct sp_json_tree_node *second = first->next;

  cr_expect (!first->repeated && !first->key->repeated);
  cr_expect (second->repeated && second->key->repeated && !second->next);
  cr_expect (sp_view_is (second->key->source, "\"d\\u006fcker\""));
  cr_expect (sp_view_is (second->key->string, "docker"));
  cr_expect (second->line == 5 && second->count == 0 && !second->first);
  cr_expect (member (first->parent, "docker") == first, "the first one is found");
}

Test (json_tree, no_members)
{
  cleanup_json_tree struct sp_json_tree *tree = parse ("[ \"a\" ]");
  cr_expect (!member (tree->root, "a"));
  cr_expect (!member (NULL, "a"));
  cr_expect (!member (tree->root->first, "a"));
}

Test (json_tree, refusals)
{
  struct sp_json_tree *tree = NULL;
  cleanup_error sigpolicy_error *err = NULL;

  cr_expect (sp_json_tree_parse (sp_view_str ("{\"a\":\n[1,]}"), 64, 100, &tree, &err)
             == SIGPOLICY_E_REJECTED);
  cr_expect (!tree && sigpolicy_error_line (err) == 2 && sigpolicy_error_column (err) == 4);
  sp_error_clear (&err);
  cr_expect (sp_json_tree_parse (sp_view_str ("[[]]"), 1, 100, &tree, &err) < 0);
  cr_expect (!tree && sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
  sp_error_clear (&err);
  cr_expect (sp_json_tree_parse (sp_view_str ("[1,2]"), 64, 2, &tree, &err) < 0);
  cr_expect (!tree && sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
  sp_error_clear (&err);
  cr_expect (sp_json_tree_parse (sp_view_str ("[1,2]"), 64, 3, &tree, &err) == 0);
  sp_json_tree_free (tree);
}
