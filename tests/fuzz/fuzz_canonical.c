/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The canonical form of a document is a document, the canonical form of which is itself; nothing is
 * lost or added, and numbers keep their values.
 */
#include "fuzz.h"

#include "json/json.h"
#include "util/limits.h"

#include <stdint.h>

static size_t
count (const struct sp_json *json, sp_json_node node)
{
  size_t values = 1;
  struct sp_json_iter it = sp_json_iter (json, node);
  while (sp_json_next (&it))
    values += count (json, it.value);
  return values;
}

/* A member of the one is in the other; strings may differ where bytes are no UTF-8. */
static void
compare (const struct sp_json *a, sp_json_node x, const struct sp_json *b, sp_json_node y)
{
  double left = 0, right = 0;
  require (sp_json_type_of (a, x) == sp_json_type_of (b, y));
  if (sp_json_type_of (a, x) == SP_JSON_NUMBER)
    require (sp_json_double (a, x, &left) && sp_json_double (b, y, &right) && left == right);
  if (sp_json_type_of (a, x) != SP_JSON_ARRAY)
    return;
  struct sp_json_iter i = sp_json_iter (a, x), j = sp_json_iter (b, y);
  while (sp_json_next (&i))
    {
      require (sp_json_next (&j));
      compare (a, i.value, b, j.value);
    }
  require (!sp_json_next (&j));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_json struct sp_json *json = NULL, *canonical = NULL;
  cleanup_buf struct sp_buf out = SP_BUF (SP_MIB), again = SP_BUF (SP_MIB);

  if (sp_json_parse (sp_view_n ((const char *)data, size), SP_REKOR_DEPTH_MAX, &json, &err) < 0)
    return 0;
  if (sp_json_canonical (json, SP_JSON_ROOT, &out, &err) < 0)
    {
      require (err && sigpolicy_error_message (err)[0]);
      return 0;
    }
  require (sp_json_parse (sp_buf_view (&out), SP_REKOR_DEPTH_MAX, &canonical, &err) == 0);
  require (sp_json_canonical (canonical, SP_JSON_ROOT, &again, &err) == 0);
  require (sp_view_equal (sp_buf_view (&out), sp_buf_view (&again)));
  require (count (json, SP_JSON_ROOT) == count (canonical, SP_JSON_ROOT));
  compare (json, SP_JSON_ROOT, canonical, SP_JSON_ROOT);
  return 0;
}
