/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_REGISTRIES_CONF_INT_H
#define SP_MODEL_REGISTRIES_CONF_INT_H

#include "model/registries_conf.h"
#include "toml/toml.h"

/* All views here are borrowed from the documents, which live as long as the configuration. */

enum use_of_mirror
{
  USE_ALWAYS,
  USE_FOR_DIGESTS,
  USE_FOR_TAGS,
};

/* What mirrors and registries have in common. Strings of the file are nodes, NULL where absent. */
struct location
{
  const struct sp_toml_node *location, *pull_from_mirror;
  bool insecure;
  struct sp_view text; /* of the location, without slashes at its end */
  enum use_of_mirror use;
  unsigned line;
};

struct registry
{
  const struct sp_toml_node *written_prefix;
  struct sp_view prefix; /* without slashes at its end; the location by default */
  struct location primary;
  struct location *mirrors;
  size_t n_mirrors, capacity;
  bool blocked, mirror_by_digest_only;
  const char *file; /* of the configuration */
};

struct registries
{
  struct registry **items;
  size_t len, capacity;
};

/* The settings of one file: nodes of the document, of the types that they must have, NULL where
 * absent. */
struct conf_file
{
  const char *path;
  struct registries registries;
  bool has_registries; /* perhaps none in them */
  const struct sp_toml_node *search, *helpers, *aliases;
  const struct sp_toml_node *short_name_mode, *layer_store_helper;
  const struct sp_toml_node *v1_search, *v1_insecure, *v1_block; /* of version 1 */
};

void sp_conf_file_clear (struct conf_file *file);

#define cleanup_conf_file SP_CLEANUP (sp_conf_file_clear)

/* Another, empty one; NULL on failure. */
struct registry *sp_registries_add (struct registries *registries, unsigned line,
                                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The text of a string, empty where there is none. */
static inline struct sp_view
sp_conf_text (const struct sp_toml_node *string)
{
  return string ? string->text : sp_view_str ("");
}

/* An alias of a short name; reference is NULL when a file takes it back. */
struct alias
{
  struct sp_view name;
  struct sp_reference *reference;
  const char *file;
};

struct sp_registries_conf
{
  unsigned references;
  bool refuses_version_1;
  char *sources; /* "FILE or DIRECTORY", as messages have it */
  struct sp_strv files;
  struct sp_toml **documents;
  size_t n_documents, documents_capacity;

  void *registries; /* tree of search.h by prefix */
  void *aliases;    /* the same by name */
  struct sp_view *search;
  size_t n_search;
  const char *search_file;
  struct sp_strv helpers;
};

/* --- registries_conf_file.c --- */

/* The settings of a document by their types; what they say is not looked at. */
int sp_conf_file_decode (const struct sp_toml *toml, struct conf_file *file,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- registries_conf_check.c --- */

/* Normalise and check all but the aliases; version 1 becomes version 2, or is refused. */
int sp_conf_file_check (struct conf_file *file, enum sp_registries_conf_role role,
                        bool refuses_version_1, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* An error at the position of a node. Returns the code. */
int sp_conf_file_fault (const struct sp_toml_node *node, sigpolicy_error **err, const char *format,
                        ...) __attribute__ ((format (printf, 3, 4)));

/* --- registries_conf_names.c --- */

/* Check the aliases of a file, all of them, and take them over. */
int sp_conf_file_take_aliases (struct sp_registries_conf *conf, const struct conf_file *file,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_alias_free (void *alias);

/* --- registries_conf_dir.c --- */

/* Put in front of a message which file was being loaded. Returns the code. */
int sp_registries_conf_name_file (const char *path, enum sp_registries_conf_role role,
                                  sigpolicy_error **err);

/* --- registries_conf_endpoints.c --- */

/* The order of the tree of registries. */
int sp_registry_compare (const void *a, const void *b);

#endif
