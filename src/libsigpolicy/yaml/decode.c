/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml/yaml_int.h"

#include "util/alloc.h"
#include "util/codec.h"

#include <search.h>

/* Mappings of a tree into structures, with what they merge. */

/* A mapping that is decoded into the same place as all others of a walk; entered from when its
 * fields are set until all that it merges is done. */
struct operand
{
  const struct sp_yaml_node *mapping;
  const struct sp_yaml_node *alias; /* by which it was reached, or NULL */
  bool entered;
};

struct name
{
  char *text;
  size_t len;
};

struct walk
{
  const struct sp_yaml_schema *schema;
  void *out;
  struct operand *stack;
  size_t depth, capacity;
  bool merging; /* beyond the first mapping */
  void *names;  /* when merging: the names that are settled, tree of search.h */
};

static int
compare_names (const void *a, const void *b)
{
  const struct name *left = a, *right = b;
  return sp_view_compare (sp_view_n (left->text, left->len), sp_view_n (right->text, right->len));
}

static void
free_name (void *data)
{
  struct name *name = data;
  free (name->text);
  free (name);
}

static void
end_walk (struct walk *walk)
{
  tdestroy (walk->names, free_name);
  free (walk->stack);
}

/* Whoever names a field first settles it. */
static int
settle (struct walk *walk, struct sp_view text, bool *ret_was_settled, sigpolicy_error **err)
{
  struct name *name = sp_calloc (1, sizeof *name, err);
  if (!name)
    return SIGPOLICY_E_NO_MEMORY;
  name->text = sp_view_dup (text, err);
  name->len = text.len;
  struct name **known = name->text ? tsearch (name, &walk->names, compare_names) : NULL;
  bool was_settled = known && *known != name;
  if (!known || was_settled)
    free_name (name);
  if (!known)
    return sp_error_no_memory (err);
  *ret_was_settled = was_settled;
  return 0;
}

static int
give_up (const char *message, const struct sp_yaml_node *node, sigpolicy_error **err)
{
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, "yaml: %s", message);
  return sp_error_position (err, NULL, node->line, node->column, NULL);
}

static int
push (struct walk *walk, const struct sp_yaml_node *operand, sigpolicy_error **err)
{
  const struct sp_yaml_node *mapping = sp_yaml_target (operand);
  if (mapping->type != SP_YAML_MAPPING)
    return give_up ("map merge requires map or sequence of maps as the value", operand, err);
  int rc = sp_grow (&walk->stack, &walk->capacity, walk->depth, sizeof *walk->stack, err);
  if (rc < 0)
    return rc;
  walk->stack[walk->depth++] = (struct operand){
    .mapping = mapping,
    .alias = operand == mapping ? NULL : operand,
  };
  return 0;
}

/* What stands beside the first merge key wins over all that is merged. Keys that are numbers,
 * dates and the like are no names for this purpose. */
static int
begin_merging (struct walk *walk, const struct sp_yaml_node *mapping, sigpolicy_error **err)
{
  walk->merging = true;
  for (size_t i = 0; i < mapping->n_children; i += 2)
    {
      cleanup_buf struct sp_buf name = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
      const struct sp_yaml_node *key = sp_yaml_target (mapping->children[i]);
      enum sp_yaml_kind kind = SP_YAML_NULL;
      enum sp_yaml_fit fit;
      bool ignored;
      int rc = key->type == SP_YAML_SCALAR ? sp_yaml_kind_of (key, &kind, err) : 0;
      if (rc == 0 && (kind == SP_YAML_TEXT || kind == SP_YAML_BINARY))
        {
          rc = sp_yaml_string (key, &name, &fit, err);
          if (rc == 0)
            rc = settle (walk, sp_buf_view (&name), &ignored, err);
        }
      if (rc < 0)
        return rc;
    }
  return 0;
}

/* Operands are taken in their order, each with its own operands: the last is pushed first. */
static int
push_operands (struct walk *walk, const struct sp_yaml_node *mapping,
               const struct sp_yaml_node *operands, sigpolicy_error **err)
{
  int rc = walk->merging ? 0 : begin_merging (walk, mapping, err);
  if (operands->type != SP_YAML_SEQUENCE)
    return rc < 0 ? rc : push (walk, operands, err);
  for (size_t i = operands->n_children; rc == 0 && i > 0; i--)
    rc = push (walk, operands->children[i - 1], err);
  return rc;
}

static int
set_fields (struct sp_yaml_decoder *decoder, struct walk *walk, const struct sp_yaml_node *mapping,
            sigpolicy_error **err)
{
  const struct sp_yaml_node *operands = NULL;

  for (size_t i = 0; i < mapping->n_children; i += 2)
    {
      cleanup_buf struct sp_buf name = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
      struct sp_yaml_field field = { .key = mapping->children[i],
                                     .value = mapping->children[i + 1],
                                     .merged = walk->merging };
      bool named, settled = false;
      if (sp_yaml_is_merge (field.key))
        {
          operands = field.value;
          continue;
        }
      /* A key that is null names nothing. */
      int rc = sp_yaml_decode_string (decoder, field.key, &name, &named, err);
      field.name = sp_buf_view (&name);
      if (rc == 0 && named && walk->merging)
        rc = settle (walk, field.name, &settled, err);
      if (rc == 0 && named && !settled)
        rc = walk->schema->set (decoder, walk->out, &field, err);
      if (rc < 0)
        return rc;
    }
  return operands ? push_operands (walk, mapping, operands, err) : 0;
}

static int
contains_itself (const struct sp_yaml_node *alias, sigpolicy_error **err)
{
  cleanup_free char *message
      = sp_asprintf (err, "anchor '%s' value contains itself", alias->text.data);
  return message ? give_up (message, alias, err) : SIGPOLICY_E_NO_MEMORY;
}

static int
enter (struct sp_yaml_decoder *decoder, struct walk *walk, sigpolicy_error **err)
{
  struct operand *top = &walk->stack[walk->depth - 1];
  const struct sp_yaml_node *mapping = top->mapping;
  bool duplicates;

  for (size_t i = 0; top->alias && i + 1 < walk->depth; i++)
    if (walk->stack[i].entered && walk->stack[i].alias == top->alias)
      return contains_itself (top->alias, err);
  top->entered = true;
  decoder->steps += 1 + mapping->n_children / 2;
  if (decoder->steps > SP_YAML_EVENTS_MAX)
    {
      (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_LIMIT,
                          "yaml: document contains excessive aliasing");
      return sp_error_position (err, NULL, mapping->line, mapping->column, NULL);
    }
  int rc = sp_yaml_report_duplicates (decoder, mapping, &duplicates, err);
  return rc < 0 || duplicates ? rc : set_fields (decoder, walk, mapping, err);
}

/* Merges may chain as long as a file has aliases, so what is still to be done is on a stack of our
 * own. */
static int
walk_mapping (struct sp_yaml_decoder *decoder, const struct sp_yaml_node *mapping,
              const struct sp_yaml_schema *schema, void *out, sigpolicy_error **err)
{
  SP_CLEANUP (end_walk) struct walk walk = { .schema = schema, .out = out };

  int rc = push (&walk, mapping, err);
  while (rc == 0 && walk.depth)
    {
      if (walk.stack[walk.depth - 1].entered)
        walk.depth--;
      else
        rc = enter (decoder, &walk, err);
    }
  return rc;
}

int
sp_yaml_decode (struct sp_yaml_decoder *decoder, const struct sp_yaml_node *value,
                const struct sp_yaml_schema *schema, void *out, bool *ret_null,
                sigpolicy_error **err)
{
  cleanup_buf struct sp_buf ignored = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
  enum sp_yaml_fit fit;

  *ret_null = false;
  if (sp_yaml_target (value)->type == SP_YAML_MAPPING)
    return walk_mapping (decoder, value, schema, out, err);
  int rc = sp_yaml_string (value, &ignored, &fit, err);
  if (rc < 0)
    return rc;
  *ret_null = fit == SP_YAML_IS_NULL;
  return *ret_null ? 0 : sp_yaml_report_type (decoder, value, schema->name, err);
}

int
sp_yaml_decode_string (struct sp_yaml_decoder *decoder, const struct sp_yaml_node *value,
                       struct sp_buf *out, bool *ret_set, sigpolicy_error **err)
{
  enum sp_yaml_fit fit = SP_YAML_MISFIT;
  int rc = sp_yaml_string (value, out, &fit, err);
  *ret_set = rc == 0 && fit == SP_YAML_FITS;
  return rc < 0 || fit != SP_YAML_MISFIT ? rc : sp_yaml_report_type (decoder, value, "string", err);
}

int
sp_yaml_decode_bool (struct sp_yaml_decoder *decoder, const struct sp_yaml_node *value, bool *out,
                     bool *ret_set, sigpolicy_error **err)
{
  enum sp_yaml_fit fit = SP_YAML_MISFIT;
  int rc = sp_yaml_bool (value, out, &fit, err);
  *ret_set = rc == 0 && fit == SP_YAML_FITS;
  return rc < 0 || fit != SP_YAML_MISFIT ? rc : sp_yaml_report_type (decoder, value, "bool", err);
}
