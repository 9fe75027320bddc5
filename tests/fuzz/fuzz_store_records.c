/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a file of records of podman's storage; the first says of what. What can be read is
 * an array, or nothing, and can be read as well with something behind a NUL. */
#include "fuzz.h"

#include "sources/store_int.h"
#include "util/limits.h"

#include <stdint.h>

static int
count (const struct sp_json *json, sp_json_node record, void *data, sigpolicy_error **err)
{
  size_t *n = data;
  (void)err;
  ++*n;
  require (sp_json_type_of (json, record) <= SP_JSON_OBJECT);
  return 0;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf more = SP_BUF (SP_STORE_BYTES_MAX);
  size_t n = 0, again = 0;

  if (!size)
    return 0;
  enum sp_record_kind kind = data[0] % (SP_RECORD_MOUNT + 1);
  struct sp_view text = sp_view_n ((const char *)data + 1, size - 1);
  int rc = sp_records_walk (text, kind, count, &n, &err);
  require ((rc == 0) == !err);
  require (rc == 0 || sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT
           || sigpolicy_error_hint (err));
  if (rc < 0)
    return 0;
  sp_buf_add (&more, text);
  sp_buf_add (&more, sp_view_n ("\0]", 2));
  require (more.failed || sp_records_walk (sp_buf_view (&more), kind, count, &again, &err) == 0);
  require (more.failed || n == again);
  return 0;
}
