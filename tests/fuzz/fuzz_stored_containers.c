/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as containers.json of podman's storage. What is taken has IDs that can stand in a path,
 * and adds to what was there. */
#include "fuzz.h"

#include "reference/digest.h"
#include "sources/store.h"

#include <stdint.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_view text = sp_view_n ((const char *)data, size);
  struct sp_stored_containers containers = { 0 };
  sigpolicy_error *err = NULL;

  int rc = sp_stored_containers_parse (text, &containers, &err);
  require ((rc == 0) == !err);
  for (size_t i = 0; rc == 0 && i < containers.len; i++)
    {
      const struct sp_stored_container *it = &containers.items[i];
      require (sp_digest_is_hex64 (sp_view_str (it->id)));
      require (!it->image[0] || sp_digest_is_hex64 (sp_view_str (it->image)));
      require (!it->image_name || it->image_name[0]);
    }
  size_t len = containers.len;
  if (rc == 0)
    require (sp_stored_containers_parse (text, &containers, &err) == 0
             && containers.len == 2 * len);
  sp_stored_containers_clear (&containers);
  sp_error_clear (&err);
  return 0;
}
