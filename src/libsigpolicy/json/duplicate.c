/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_int.h"

#include "util/alloc.h"

/* By content, then by position in the document. Length first: it is the cheaper question. */
static int
compare (const void *a, const void *b)
{
  const struct sp_json_sorted_key *x = a, *y = b;
  if (x->text.len != y->text.len)
    return x->text.len < y->text.len ? -1 : 1;
  int order = x->text.len ? memcmp (x->text.data, y->text.data, x->text.len) : 0;
  if (order)
    return order;
  return x->node < y->node ? -1 : x->node > y->node;
}

int
sp_json_sort_keys (const struct sp_json *json, sp_json_node object,
                   struct sp_json_sorted_key **ret_keys, size_t *ret_count, sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, object);
  size_t count = 0;

  struct sp_json_sorted_key *keys = sp_calloc (it.left ? it.left : 1, sizeof *keys, err);
  if (!keys)
    return SIGPOLICY_E_NO_MEMORY;
  while (sp_json_next (&it))
    keys[count++] = (struct sp_json_sorted_key){ it.key, it.key_node };
  qsort (keys, count, sizeof *keys, compare);
  *ret_keys = keys;
  *ret_count = count;
  return 0;
}

int
sp_json_find_duplicate (const struct sp_json *json, sp_json_node object, bool *ret_found,
                        sp_json_node *ret_second_key, sigpolicy_error **err)
{
  cleanup_free struct sp_json_sorted_key *keys = NULL;
  sp_json_node first = UINT32_MAX;
  size_t count = 0;

  *ret_found = false;
  if (sp_json_type_of (json, object) != SP_JSON_OBJECT || sp_json_count (json, object) < 2)
    return 0;
  int rc = sp_json_sort_keys (json, object, &keys, &count, err);
  if (rc < 0)
    return rc;
  for (size_t i = 1; i < count; i++)
    if (sp_view_equal (keys[i - 1].text, keys[i].text) && keys[i].node < first)
      first = keys[i].node;
  if (first == UINT32_MAX)
    return 0;
  *ret_second_key = first;
  *ret_found = true;
  return 0;
}
