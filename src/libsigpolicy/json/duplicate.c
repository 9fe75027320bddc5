/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_int.h"

#include "util/alloc.h"

struct key
{
  struct sp_view text;
  sp_json_node node;
};

/* By content, then by place in the document. Length first: it is the cheaper question. */
static int
compare (const void *a, const void *b)
{
  const struct key *x = a, *y = b;
  if (x->text.len != y->text.len)
    return x->text.len < y->text.len ? -1 : 1;
  int order = x->text.len ? memcmp (x->text.data, y->text.data, x->text.len) : 0;
  if (order)
    return order;
  return x->node < y->node ? -1 : x->node > y->node;
}

int
sp_json_find_duplicate (const struct sp_json *json, sp_json_node object, bool *ret_found,
                        sp_json_node *ret_second_key, sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, object);
  sp_json_node first = UINT32_MAX;
  size_t count = 0;

  *ret_found = false;
  if (!it.object || it.left < 2)
    return 0;
  cleanup_free struct key *keys = sp_calloc (it.left, sizeof *keys, err);
  if (!keys)
    return SIGPOLICY_E_NO_MEMORY;
  while (sp_json_next (&it))
    keys[count++] = (struct key){ it.key, it.key_node };
  qsort (keys, count, sizeof *keys, compare);
  for (size_t i = 1; i < count; i++)
    if (sp_view_equal (keys[i - 1].text, keys[i].text) && keys[i].node < first)
      first = keys[i].node;
  if (first == UINT32_MAX)
    return 0;
  *ret_second_key = first;
  *ret_found = true;
  return 0;
}
