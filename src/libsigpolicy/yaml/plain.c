/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml/yaml_int.h"

static int
refuse (const struct sp_yaml_node *node, const char *what, sigpolicy_error **err)
{
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, "yaml: line %u: %s",
                      node->line, what);
  return sp_error_position (err, NULL, node->line, node->column, NULL);
}

static int
check_keys (const struct sp_yaml_node *mapping, sigpolicy_error **err)
{
  cleanup_yaml_decoder struct sp_yaml_decoder decoder = SP_YAML_DECODER;
  bool any = false;

  for (size_t i = 0; i < mapping->n_children; i += 2)
    {
      const struct sp_yaml_node *key = mapping->children[i];
      if (key->type != SP_YAML_SCALAR)
        return refuse (key, "a key that is no scalar", err);
      if (sp_yaml_is_merge (key))
        return refuse (key, "a merge key", err);
    }
  int rc = sp_yaml_report_duplicates (&decoder, mapping, &any, err);
  return rc < 0 ? rc : sp_yaml_decoder_end (&decoder, err);
}

/* As deep as SP_YAML_DEPTH_MAX, which the tree has been held to. */
int
sp_yaml_require_plain (const struct sp_yaml_node *root, sigpolicy_error **err)
{
  int rc = 0;

  if (root->type == SP_YAML_ALIAS)
    return refuse (root, "an alias", err);
  if (root->anchored)
    return refuse (root, "an anchor", err);
  if (root->tag)
    return refuse (root, "a tag", err);
  if (root->type == SP_YAML_MAPPING)
    rc = check_keys (root, err);
  for (size_t i = 0; rc == 0 && i < root->n_children; i++)
    rc = sp_yaml_require_plain (root->children[i], err);
  return rc;
}
