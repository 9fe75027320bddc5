/* SPDX-License-Identifier: Apache-2.0 */
#include "toml/toml_int.h"

#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

#include <search.h>

/*
 * The tree while it grows. A table may be written in several places, so each part of a key is
 * looked up, and how the node came to be says whether this place may add to it.
 */

static int
by_parent_and_key (const void *a, const void *b)
{
  const struct sp_toml_item *left = a, *right = b;
  uint32_t of_left = left->parent->number, of_right = right->parent->number;
  return of_left != of_right ? (of_left > of_right) - (of_left < of_right)
                             : sp_view_compare (left->node.key, right->node.key);
}

static struct sp_toml_item *
find (const struct sp_toml *toml, struct sp_toml_item *table, const struct sp_toml_key *key)
{
  const struct sp_toml_item wanted = { .node.key = sp_buf_view (&key->text), .parent = table };
  struct sp_toml_item **found = tfind (&wanted, &toml->index, by_parent_and_key);
  return found ? *found : NULL;
}

struct sp_toml_item *
sp_toml_add (struct sp_toml *toml, struct sp_toml_item *parent, enum sp_toml_type type,
             enum sp_toml_origin origin, const struct sp_toml_key *key,
             struct sp_toml_position position, sigpolicy_error **err)
{
  if (toml->n_items == SP_TOML_NODES_MAX)
    {
      (void)sp_toml_too_much (position, "values", SP_TOML_NODES_MAX, err);
      return NULL;
    }
  struct sp_toml_item *item = sp_calloc (1, sizeof *item, err);
  if (!item)
    return NULL;
  item->made_before = toml->newest;
  toml->newest = item;
  item->number = toml->n_items++;
  item->origin = origin;
  item->parent = parent;
  item->node.type = type;
  item->node.line = item->node.key_line = position.line;
  item->node.column = item->node.key_column = position.column;
  if (key)
    {
      item->node.key_line = key->position.line;
      item->node.key_column = key->position.column;
      item->key_memory = sp_view_dup (sp_buf_view (&key->text), err);
      if (!item->key_memory)
        return NULL;
      item->node.key = sp_view_n (item->key_memory, key->text.len);
      if (!tsearch (item, &toml->index, by_parent_and_key))
        {
          (void)sp_error_no_memory (err);
          return NULL;
        }
    }
  if (!parent)
    return item;
  if (parent->last_child)
    parent->last_child->node.next = &item->node;
  else
    parent->node.first = &item->node;
  parent->last_child = item;
  parent->node.n_children++;
  return item;
}

/* key names something already, in a way that rules this out. */
static int
clash (const struct sp_toml_item *known, const struct sp_toml_key *key, const char *problem,
       sigpolicy_error **err)
{
  cleanup_free char *quoted = sp_quote_dup (sp_buf_view (&key->text), err);
  if (!quoted)
    return SIGPOLICY_E_NO_MEMORY;
  (void)sp_toml_fault (key->position, err, "key %s %s", quoted, problem);
  return sp_error_hint (err, "it was defined in line %u", known->node.key_line);
}

/* A new table in *table, which it becomes. */
static int
go_into_new (struct sp_toml *toml, struct sp_toml_item **table, enum sp_toml_origin origin,
             const struct sp_toml_key *key, sigpolicy_error **err)
{
  struct sp_toml_item *made
      = sp_toml_add (toml, *table, SP_TOML_TABLE, origin, key, key->position, err);
  if (!made)
    return sigpolicy_error_code (*err);
  *table = made;
  return 0;
}

int
sp_toml_pass_header (struct sp_toml *toml, struct sp_toml_item **table,
                     const struct sp_toml_key *key, sigpolicy_error **err)
{
  struct sp_toml_item *known = find (toml, *table, key);
  if (!known)
    return go_into_new (toml, table, SP_TOML_IMPLIED, key, err);
  if (known->origin == SP_TOML_WRITTEN)
    return clash (known, key, "has a value, to which nothing can be added", err);
  *table = known->node.type == SP_TOML_ARRAY ? known->last_child : known;
  return 0;
}

int
sp_toml_pass_dotted (struct sp_toml *toml, unsigned section, struct sp_toml_item **table,
                     const struct sp_toml_key *key, sigpolicy_error **err)
{
  struct sp_toml_item *known = find (toml, *table, key);
  if (!known)
    {
      int rc = go_into_new (toml, table, SP_TOML_DOTTED, key, err);
      if (rc == 0)
        (*table)->section = section;
      return rc;
    }
  if (known->origin == SP_TOML_WRITTEN)
    return clash (known, key, "has a value, to which nothing can be added", err);
  if (known->origin == SP_TOML_OPENED
      || (known->origin == SP_TOML_DOTTED && known->section != section))
    return clash (known, key, "is a table that is complete", err);
  known->origin = SP_TOML_DOTTED;
  known->section = section;
  *table = known;
  return 0;
}

int
sp_toml_open_table (struct sp_toml *toml, struct sp_toml_item **table,
                    const struct sp_toml_key *key, sigpolicy_error **err)
{
  struct sp_toml_item *known = find (toml, *table, key);
  if (!known)
    return go_into_new (toml, table, SP_TOML_OPENED, key, err);
  if (known->origin == SP_TOML_WRITTEN)
    return clash (known, key, "has a value already", err);
  if (known->origin != SP_TOML_IMPLIED)
    return clash (known, key, "is a table already", err);
  known->origin = SP_TOML_OPENED;
  known->node.line = known->node.key_line = key->position.line;
  known->node.column = known->node.key_column = key->position.column;
  *table = known;
  return 0;
}

int
sp_toml_open_element (struct sp_toml *toml, struct sp_toml_item **table,
                      const struct sp_toml_key *key, sigpolicy_error **err)
{
  struct sp_toml_item *known = find (toml, *table, key);
  if (known && known->origin == SP_TOML_WRITTEN)
    return clash (known, key, "has a value already", err);
  if (known && known->node.type != SP_TOML_ARRAY)
    return clash (known, key, "is a single table already", err);
  if (!known)
    known = sp_toml_add (toml, *table, SP_TOML_ARRAY, SP_TOML_OPENED, key, key->position, err);
  if (!known)
    return sigpolicy_error_code (*err);
  known->node.is_table_array = true;
  struct sp_toml_item *element
      = sp_toml_add (toml, known, SP_TOML_TABLE, SP_TOML_OPENED, NULL, key->position, err);
  if (!element)
    return sigpolicy_error_code (*err);
  *table = element;
  return 0;
}

int
sp_toml_check_new (struct sp_toml *toml, struct sp_toml_item *table, const struct sp_toml_key *key,
                   sigpolicy_error **err)
{
  const struct sp_toml_item *known = find (toml, table, key);
  return known ? clash (known, key, "stands twice", err) : 0;
}
