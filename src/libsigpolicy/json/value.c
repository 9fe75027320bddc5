/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_int.h"

enum sp_json_type
sp_json_type_of (const struct sp_json *json, sp_json_node node)
{
  return (enum sp_json_type)sp_json_entry (json, node)->type;
}

const char *
sp_json_type_words (enum sp_json_type type)
{
  switch (type)
    {
    case SP_JSON_NULL:
      return "null";
    case SP_JSON_FALSE:
    case SP_JSON_TRUE:
      return "a boolean";
    case SP_JSON_NUMBER:
      return "a number";
    case SP_JSON_STRING:
      return "a string";
    case SP_JSON_ARRAY:
      return "an array";
    case SP_JSON_OBJECT:
      return "an object";
    }
  return "an unknown value";
}

size_t
sp_json_count (const struct sp_json *json, sp_json_node node)
{
  const struct sp_json_entry *entry = sp_json_entry (json, node);
  return sp_json_is_container (entry) ? entry->count : 0;
}

struct sp_json_iter
sp_json_iter (const struct sp_json *json, sp_json_node node)
{
  struct sp_json_iter it = { .json = json, .key = { "", 0 }, .index = SIZE_MAX };
  it.object = sp_json_type_of (json, node) == SP_JSON_OBJECT;
  it.left = (uint32_t)sp_json_count (json, node);
  it.next = node + 1;
  return it;
}

bool
sp_json_next (struct sp_json_iter *it)
{
  if (!it->left)
    return false;
  it->left--;
  it->index++;
  it->key_node = it->value = it->next;
  if (it->object)
    {
      it->key = sp_json_string (it->json, it->key_node);
      it->value++;
    }
  it->next = sp_json_behind (it->json, it->value);
  return true;
}

struct sp_view
sp_json_string (const struct sp_json *json, sp_json_node node)
{
  const struct sp_json_entry *entry = sp_json_entry (json, node);
  if (entry->type != SP_JSON_STRING)
    return sp_view_n ("", 0);
  if (entry->decoded)
    return sp_view_n (json->decoded.data + entry->offset, entry->length);
  return sp_view_n (json->text.data + entry->start + 1, entry->end - entry->start - 2);
}

struct sp_view
sp_json_source (const struct sp_json *json, sp_json_node node)
{
  const struct sp_json_entry *entry = sp_json_entry (json, node);
  return sp_view_n (json->text.data + entry->start, entry->end - entry->start);
}

bool
sp_json_folds_to (struct sp_view key, const char *name)
{
  static const struct sp_view long_s = SP_VIEW ("\xc5\xbf"), kelvin = SP_VIEW ("\xe2\x84\xaa");

  for (; *name; name++)
    {
      char wanted = *name, found;
      size_t length = 1;
      if (!key.len)
        return false;
      found = key.data[0];
      if (found == long_s.data[0] && sp_view_starts (key, long_s))
        found = 's', length = long_s.len;
      else if (found == kelvin.data[0] && sp_view_starts (key, kelvin))
        found = 'k', length = kelvin.len;
      if (found >= 'A' && found <= 'Z')
        found = (char)(found + ('a' - 'A'));
      if (wanted >= 'A' && wanted <= 'Z')
        wanted = (char)(wanted + ('a' - 'A'));
      if (found != wanted)
        return false;
      key = sp_view_from (key, length);
    }
  return key.len == 0;
}

static bool
find (const struct sp_json *json, sp_json_node object, const char *name,
      bool (*same) (struct sp_view key, const char *name), sp_json_node *ret)
{
  struct sp_json_iter it = sp_json_iter (json, object);
  bool found = false;
  sp_json_node value = 0;
  if (!it.object)
    return false;
  while (sp_json_next (&it))
    if (same (it.key, name))
      {
        value = it.value;
        found = true;
      }
  if (found)
    *ret = value;
  return found;
}

bool
sp_json_find (const struct sp_json *json, sp_json_node object, const char *name, sp_json_node *ret)
{
  return find (json, object, name, sp_view_is, ret);
}

bool
sp_json_find_folded (const struct sp_json *json, sp_json_node object, const char *name,
                     sp_json_node *ret)
{
  return find (json, object, name, sp_json_folds_to, ret);
}

void
sp_json_find_all_folded (const struct sp_json *json, sp_json_node object, const char *const *names,
                         size_t n, sp_json_node *ret)
{
  struct sp_json_iter it = sp_json_iter (json, object);

  for (size_t i = 0; i < n; i++)
    ret[i] = SP_JSON_ROOT;
  while (it.object && sp_json_next (&it))
    for (size_t i = 0; i < n; i++)
      if (sp_json_folds_to (it.key, names[i]))
        {
          ret[i] = it.value;
          break;
        }
}
