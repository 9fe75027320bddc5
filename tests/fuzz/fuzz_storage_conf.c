/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as storage.conf, and as what stands in the brackets of a name in podman's storage. A
 * store that is found has a driver that can stand in a path and absolute roots, and its name is
 * found again. */
#include "fuzz.h"

#include "sources/store.h"

#include <stdint.h>

static void
check_name (struct sp_view text)
{
  struct sp_store_name name = { 0 };
  struct sp_store_location location = { 0 }, again = { 0 };
  struct sp_store_setup setup = { 0 };
  struct sp_view rest = text;
  sigpolicy_error *err = NULL;

  if (sp_view_find (text, '\0') == SP_VIEW_NONE && sp_store_name_parse (&rest, &name, &err) == 0
      && name.graph_root && sp_store_find (&name, &setup, &location, &err) == 0)
    {
      require (!strchr (location.name.driver, '/') && location.name.driver[0] != '.');
      require (location.roots.len && location.name.graph_root[0] == '/');
      for (size_t i = 0; i < location.roots.len; i++)
        require (location.roots.items[i][0] == '/');
      require (sp_store_find (&location.name, &setup, &again, &err) == 0);
      require (strcmp (again.name.graph_root, location.name.graph_root) == 0);
      require (again.roots.len == location.roots.len);
    }
  sp_store_location_clear (&again);
  sp_store_location_clear (&location);
  sp_store_name_clear (&name);
  sp_error_clear (&err);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_view text = sp_view_n ((const char *)data, size);
  struct sp_store_conf conf = { 0 };
  sigpolicy_error *err = NULL;

  int rc = sp_store_conf_parse (text, &conf, &err);
  require ((rc == 0) == !err);
  require (rc == 0 || sigpolicy_error_code (err) == SIGPOLICY_E_CONFIG);
  sp_store_conf_clear (&conf);
  sp_error_clear (&err);
  check_name (text);
  return 0;
}
