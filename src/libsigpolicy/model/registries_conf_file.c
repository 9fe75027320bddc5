/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json.h"
#include "model/registries_conf_int.h"
#include "util/codec.h"

#include <stddef.h>

/*
 * The tables of a file and the types of their settings, in the words that users know. The names of
 * the tables in messages are those that messages have always used.
 */

/* Where a value stands, for messages. */
struct context
{
  const char *path; /* of the table, with a dot behind it */
  struct sp_view key;
};

struct field
{
  const char *name;
  int (*set) (void *member, const struct sp_toml_node *value, const struct context *context,
              sigpolicy_error **err);
  size_t offset;
};

struct table
{
  const char *path;
  const char *name;
  const struct field *fields; /* up to one without a name */
};

#define FIELDS_MAX 8

static const char *
type_words (const struct sp_toml_node *node)
{
  switch (node->type)
    {
    case SP_TOML_STRING:
      return "string";
    case SP_TOML_INTEGER:
      return "int64";
    case SP_TOML_FLOAT:
      return "float64";
    case SP_TOML_BOOLEAN:
      return "bool";
    case SP_TOML_DATE:
      return "time.Time";
    case SP_TOML_ARRAY:
      return node->is_table_array ? "[]map[string]any" : "[]any";
    case SP_TOML_TABLE:
      break;
    }
  return "map[string]any";
}

static const char *
advice_for (const struct sp_toml_node *value, enum sp_toml_type wanted)
{
  if (wanted == SP_TOML_BOOLEAN)
    return "write true or false, without quotes";
  if (wanted == SP_TOML_STRING)
    return "write the value in quotes";
  if (wanted == SP_TOML_ARRAY && value->type == SP_TOML_TABLE)
    return "write the name in double brackets, as in [[registry]]: there may be several";
  return wanted == SP_TOML_ARRAY ? "write a list, as in [\"one\", \"two\"]" : NULL;
}

/* value is none of the type that is wanted; problem, up to where the type that it is follows, and
 * what follows that. */
static int
mismatch (const struct sp_toml_node *value, enum sp_toml_type wanted, const struct context *context,
          const char *problem, const char *end, sigpolicy_error **err)
{
  cleanup_free char *key = sp_escape_dup (context->key, err);
  if (!key)
    return SIGPOLICY_E_NO_MEMORY;
  const char *advice = advice_for (value, wanted);
  int rc = sp_conf_file_fault (value, err, "toml: line %u (last key \"%s%s\"): %s%s%s", value->line,
                               context->path, key, problem, type_words (value), end);
  return advice ? sp_error_hint (err, "%s", advice) : rc;
}

static int
expect_type (const struct sp_toml_node *value, enum sp_toml_type wanted,
             const struct context *context, sigpolicy_error **err)
{
  if (value->type == wanted)
    return 0;
  return mismatch (value, wanted, context, "incompatible types: TOML value has type ",
                   wanted == SP_TOML_STRING    ? "; destination has type string"
                   : wanted == SP_TOML_BOOLEAN ? "; destination has type boolean"
                                               : "; destination has type slice",
                   err);
}

/* --- values --------------------------------------------------------------------------------- */

static int
set_string (void *member, const struct sp_toml_node *value, const struct context *context,
            sigpolicy_error **err)
{
  *(const struct sp_toml_node **)member = value;
  return expect_type (value, SP_TOML_STRING, context, err);
}

static int
set_switch (void *member, const struct sp_toml_node *value, const struct context *context,
            sigpolicy_error **err)
{
  *(bool *)member = value->boolean;
  return expect_type (value, SP_TOML_BOOLEAN, context, err);
}

static int
set_list (void *member, const struct sp_toml_node *value, const struct context *context,
          sigpolicy_error **err)
{
  *(const struct sp_toml_node **)member = value;
  int rc = expect_type (value, SP_TOML_ARRAY, context, err);
  for (const struct sp_toml_node *it = value->first; rc == 0 && it; it = it->next)
    rc = expect_type (it, SP_TOML_STRING, context, err);
  return rc;
}

/* What is no table at all is ignored here, as the containers image library does it; what is in one
 * is not. */
static int
set_aliases (void *member, const struct sp_toml_node *value, const struct context *context,
             sigpolicy_error **err)
{
  int rc = 0;
  (void)context;
  if (value->type != SP_TOML_TABLE)
    return 0;
  *(const struct sp_toml_node **)member = value;
  for (const struct sp_toml_node *it = value->first; rc == 0 && it; it = it->next)
    rc = expect_type (it, SP_TOML_STRING, &(struct context){ "aliases.", it->key }, err);
  return rc;
}

/* --- tables --------------------------------------------------------------------------------- */

static const struct field *
find_field (const struct table *table, struct sp_view key)
{
  for (const struct field *field = table->fields; field->name; field++)
    if (sp_json_folds_to (key, field->name))
      return field;
  return NULL;
}

static int
written_twice (const struct sp_toml_node *first, const struct sp_toml_node *second,
               const char *name, sigpolicy_error **err)
{
  cleanup_free char *one = sp_quote_dup (first->key, err);
  cleanup_free char *other = one ? sp_quote_dup (second->key, err) : NULL;
  if (!other)
    return SIGPOLICY_E_NO_MEMORY;
  (void)sp_conf_file_fault (second, err, "%s and %s are the same setting", one, other);
  return sp_error_hint (err, "keep one of them, as %s", name);
}

static int
set_fields (const struct sp_toml_node *value, const struct table *table,
            const struct context *context, void *out, sigpolicy_error **err)
{
  const struct sp_toml_node *seen[FIELDS_MAX] = { 0 };

  if (value->type != SP_TOML_TABLE)
    {
      cleanup_free char *problem
          = sp_asprintf (err, "type mismatch for %s: expected table but found ", table->name);
      return problem ? mismatch (value, SP_TOML_TABLE, context, problem, "", err)
                     : SIGPOLICY_E_NO_MEMORY;
    }
  for (const struct sp_toml_node *it = value->first; it; it = it->next)
    {
      const struct field *field = find_field (table, it->key);
      if (!field)
        continue;
      const struct sp_toml_node **known = &seen[field - table->fields];
      if (*known)
        return written_twice (*known, it, field->name, err);
      *known = it;
      int rc = field->set ((char *)out + field->offset, it,
                           &(struct context){ table->path, it->key }, err);
      if (rc < 0)
        return rc;
    }
  return 0;
}

static const struct field mirror_fields[] = {
  { "location", set_string, offsetof (struct location, location) },
  { "insecure", set_switch, offsetof (struct location, insecure) },
  { "pull-from-mirror", set_string, offsetof (struct location, pull_from_mirror) },
  { NULL, NULL, 0 },
};
static const struct table mirror_table
    = { "registry.mirror.", "sysregistriesv2.Endpoint", mirror_fields };

static int
set_mirrors (void *member, const struct sp_toml_node *value, const struct context *context,
             sigpolicy_error **err)
{
  struct registry *registry = member;
  int rc = expect_type (value, SP_TOML_ARRAY, context, err);
  for (const struct sp_toml_node *it = value->first; rc == 0 && it; it = it->next)
    {
      rc = sp_grow (&registry->mirrors, &registry->capacity, registry->n_mirrors,
                    sizeof *registry->mirrors, err);
      if (rc < 0)
        return rc;
      struct location *mirror = &registry->mirrors[registry->n_mirrors++];
      mirror->line = it->line;
      rc = set_fields (it, &mirror_table, context, mirror, err);
    }
  return rc;
}

static const struct field registry_fields[] = {
  { "prefix", set_string, offsetof (struct registry, written_prefix) },
  { "location", set_string, offsetof (struct registry, primary.location) },
  { "insecure", set_switch, offsetof (struct registry, primary.insecure) },
  { "pull-from-mirror", set_string, offsetof (struct registry, primary.pull_from_mirror) },
  { "mirror", set_mirrors, 0 },
  { "blocked", set_switch, offsetof (struct registry, blocked) },
  { "mirror-by-digest-only", set_switch, offsetof (struct registry, mirror_by_digest_only) },
  { NULL, NULL, 0 },
};
static const struct table registry_table
    = { "registry.", "sysregistriesv2.Registry", registry_fields };

static int
set_registries (void *member, const struct sp_toml_node *value, const struct context *context,
                sigpolicy_error **err)
{
  struct conf_file *file = member;
  file->has_registries = true;
  int rc = expect_type (value, SP_TOML_ARRAY, context, err);
  for (const struct sp_toml_node *it = value->first; rc == 0 && it; it = it->next)
    {
      struct registry *registry = sp_registries_add (&file->registries, it->line, err);
      rc = registry ? set_fields (it, &registry_table, context, registry, err)
                    : sigpolicy_error_code (*err);
    }
  return rc;
}

/* --- version 1 ------------------------------------------------------------------------------ */

static const struct field v1_list_fields[] = {
  { "registries", set_list, 0 },
  { NULL, NULL, 0 },
};
static const struct table v1_list_table
    = { "registries.", "sysregistriesv2.V1TOMLregistries", v1_list_fields };

static int
set_v1_list (void *member, const struct sp_toml_node *value, const struct context *context,
             sigpolicy_error **err)
{
  return set_fields (value, &v1_list_table, context, member, err);
}

static const struct field v1_fields[] = {
  { "search", set_v1_list, offsetof (struct conf_file, v1_search) },
  { "insecure", set_v1_list, offsetof (struct conf_file, v1_insecure) },
  { "block", set_v1_list, offsetof (struct conf_file, v1_block) },
  { NULL, NULL, 0 },
};
static const struct table v1_table = { "registries.", "sysregistriesv2.V1TOMLConfig", v1_fields };

static int
set_v1 (void *member, const struct sp_toml_node *value, const struct context *context,
        sigpolicy_error **err)
{
  return set_fields (value, &v1_table, context, member, err);
}

/* --- the document --------------------------------------------------------------------------- */

static const struct field document_fields[] = {
  { "registry", set_registries, 0 },
  { "unqualified-search-registries", set_list, offsetof (struct conf_file, search) },
  { "credential-helpers", set_list, offsetof (struct conf_file, helpers) },
  { "short-name-mode", set_string, offsetof (struct conf_file, short_name_mode) },
  { "additional-layer-store-auth-helper", set_string,
    offsetof (struct conf_file, layer_store_helper) },
  { "aliases", set_aliases, offsetof (struct conf_file, aliases) },
  { "registries", set_v1, 0 },
  { NULL, NULL, 0 },
};
static const struct table document_table = { "", "sysregistriesv2.tomlConfig", document_fields };

_Static_assert(sizeof document_fields / sizeof *document_fields <= FIELDS_MAX
                   && sizeof registry_fields / sizeof *registry_fields <= FIELDS_MAX,
               "set_fields() remembers this many");

int
sp_conf_file_decode (const struct sp_toml *toml, struct conf_file *file, sigpolicy_error **err)
{
  const struct context nowhere = { "", sp_view_str ("") };
  return set_fields (sp_toml_root (toml), &document_table, &nowhere, file, err);
}
