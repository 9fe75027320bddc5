/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_YAML_YAML_H
#define SP_YAML_YAML_H

#include "util/buf.h"
#include "util/cleanup.h"

/*
 * The first document of a YAML file as a tree, from libyaml's events, in the dialect that files of
 * registries.d have always been read in: YAML 1.1 as its parsers spread it. %YAML above 1.1 is
 * refused; an anchor may be defined again; what follows the first document is not read, but for a
 * token or two. Aliases are nodes of their own, so a tree is as large as its file, whatever its
 * aliases would expand to, and whoever follows them counts. Merge keys are for the reader of the
 * tree, by sp_yaml_is_merge().
 */
struct sp_yaml;

enum sp_yaml_type
{
  SP_YAML_SCALAR,
  SP_YAML_SEQUENCE,
  SP_YAML_MAPPING,
  SP_YAML_ALIAS,
};

/* A node. Borrowed from its tree. */
struct sp_yaml_node
{
  enum sp_yaml_type type;
  struct sp_view text; /* scalars: decoded, may hold NUL; aliases: the name of the anchor */
  const char *tag;     /* as written and expanded ("tag:yaml.org,2002:str", "!foo"), or NULL */
  bool plain;          /* an unquoted scalar */
  bool anchored;       /* it has an anchor of its own */
  const struct sp_yaml_node *target; /* aliases: never an alias, perhaps a node around this one */
  struct sp_yaml_node **children;    /* a mapping's are key, value, key, value */
  size_t n_children;
  unsigned line, column; /* from 1 */
};

/* The root is NULL for an empty document. Failure: CONFIG with line and column and the established
 * texts ("yaml: line 4: did not find expected key"), or limit. */
int sp_yaml_parse (struct sp_view text, struct sp_yaml **ret,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
const struct sp_yaml_node *sp_yaml_root (const struct sp_yaml *yaml);
void sp_yaml_free (struct sp_yaml *yaml);

SP_DEFINE_CLEANUP (struct sp_yaml *, sp_yaml_free);
#define cleanup_yaml SP_CLEANUP (sp_yaml_free_p)

/* What an alias stands for; any other node is itself. */
static inline const struct sp_yaml_node *
sp_yaml_target (const struct sp_yaml_node *node)
{
  return node->type == SP_YAML_ALIAS ? node->target : node;
}

/* Of the following, those that ask what a node is look through an alias first; whether a key merges
 * is asked of the key as it stands. */

enum sp_yaml_kind
{
  SP_YAML_NULL,
  SP_YAML_BOOL,
  SP_YAML_INT,
  SP_YAML_FLOAT,
  SP_YAML_TIMESTAMP,
  SP_YAML_BINARY, /* base64, by its tag */
  SP_YAML_TEXT,   /* anything else; also what has a tag of the application */
};

/* What a scalar is: by its tag, else text when it is quoted, else by its spelling. CONFIG error
 * when the spelling does not fit the tag ("!!int x"). */
int sp_yaml_kind_of (const struct sp_yaml_node *scalar, enum sp_yaml_kind *ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A plain ~, null, Null, NULL or nothing, or tagged !!null. Collections so tagged count. */
bool sp_yaml_is_null (const struct sp_yaml_node *node);

/* A << that is plain, or tagged !!merge. */
bool sp_yaml_is_merge (const struct sp_yaml_node *key);

/* The tag as messages have it: "!!str", "!!seq", "!foo"; what a plain scalar is, when it has none.
 */
void sp_yaml_put_tag (const struct sp_yaml_node *node, struct sp_buf *out);

/* Does a tree say nothing but what it shows: no anchor, alias, tag or merge key, every key a scalar
 * and none twice in a mapping? CONFIG error where it does. */
int sp_yaml_require_plain (const struct sp_yaml_node *root,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

enum sp_yaml_fit
{
  SP_YAML_FITS,
  SP_YAML_IS_NULL, /* nothing was written */
  SP_YAML_MISFIT,  /* of another type: for the caller to report */
};

/* The text of a string field: numbers, booleans and dates keep their spelling, !!binary is decoded.
 * Appends to out. CONFIG error for text that does not fit its tag. */
int sp_yaml_string (const struct sp_yaml_node *node, struct sp_buf *out, enum sp_yaml_fit *ret,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A boolean: true and false when they are such, and the words of YAML 1.1, yes, on, n and so on,
 * also as text: so "yes" in quotes is true and "true" in quotes is none. */
int sp_yaml_bool (const struct sp_yaml_node *node, bool *out, enum sp_yaml_fit *ret,
                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
