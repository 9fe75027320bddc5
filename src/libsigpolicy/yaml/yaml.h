/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_YAML_YAML_H
#define SP_YAML_YAML_H

#include "util/buf.h"
#include "util/cleanup.h"

/*
 * The first document of a YAML file as a tree, from libyaml's events, with the dialect of the
 * registries.d reader (image-and-signature-sources 1.4): anchors and aliases (bounded, never
 * cyclic), merge keys resolved by the reader of the tree through sp_yaml_is_merge(), %YAML
 * above 1.1 refused, what follows the first document never looked at.
 */
struct sp_yaml;

enum sp_yaml_type
{
  SP_YAML_SCALAR,
  SP_YAML_SEQUENCE,
  SP_YAML_MAPPING,
};

/* A node; for a mapping the children are key, value, key, value. Borrowed from the tree. */
struct sp_yaml_node
{
  enum sp_yaml_type type;
  struct sp_view text; /* scalars: decoded, may hold NUL */
  const char *tag;     /* as written and expanded ("tag:yaml.org,2002:str", "!foo"), or NULL */
  bool plain;          /* an unquoted scalar */
  const struct sp_yaml_node **children; /* aliases are resolved to their targets */
  size_t n_children;
  unsigned line, column; /* from 1 */
};

/* ret_root is NULL inside for an empty document. Failure: CONFIG with line and column ("yaml:
 * ..."), or limit. */
int sp_yaml_parse (struct sp_view text, struct sp_yaml **ret,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
const struct sp_yaml_node *sp_yaml_root (const struct sp_yaml *yaml);
void sp_yaml_free (struct sp_yaml *yaml);

SP_DEFINE_CLEANUP (struct sp_yaml *, sp_yaml_free);
#define cleanup_yaml SP_CLEANUP (sp_yaml_free_p)

/* A plain ~, null, Null, NULL or nothing, or tagged !!null with empty text. */
bool sp_yaml_is_null (const struct sp_yaml_node *node);

/* A plain <<. */
bool sp_yaml_is_merge (const struct sp_yaml_node *key);

enum sp_yaml_tristate
{
  SP_YAML_UNSET,
  SP_YAML_FALSE,
  SP_YAML_TRUE,
};

/* The text of a string field: numbers, booleans and dates keep their spelling, null is "", !!binary
 * is decoded. Appends to out. CONFIG error for sequences, maps and text that does not fit its tag.
 */
int sp_yaml_string (const struct sp_yaml_node *node, struct sp_buf *out,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The table of booleans; null is UNSET. */
int sp_yaml_bool (const struct sp_yaml_node *node, enum sp_yaml_tristate *ret,
                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
