/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "reference/image_name.h"

#include <stdint.h>

/* Does a namespace stand above an identity: a prefix of it, a wildcard, or the store of an image?
 */
static int
stands_above (const char *space, const char *identity)
{
  return strncmp (space, identity, strlen (space)) == 0 || strncmp (space, "*.", 2) == 0
         || space[0] == '[';
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  cleanup_image_name struct sp_image_name *name = NULL, *again = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_view text = { (const char *)data, size };

  /* The transports of paths ask the file system, where anything may be. */
  if (!sp_view_starts (text, sp_view_str ("docker"))
      && !sp_view_starts (text, sp_view_str ("atomic:"))
      && !sp_view_starts (text, sp_view_str ("containers-storage:")))
    return 0;
  if (sp_image_name_parse (text, &name, &err) < 0)
    return 0;
  for (size_t i = 0; i < name->namespaces.len; i++)
    if (!stands_above (name->namespaces.items[i], name->identity))
      __builtin_trap ();
  /* The canonical spelling of a name on docker.io is short, and may read as one of another
   * registry. */
  if (name->transport != SP_TRANSPORT_CONTAINERS_STORAGE && name->reference
      && strcmp (name->reference->domain, "docker.io") == 0)
    return 0;
  if (sp_image_name_parse (sp_view_str (name->text), &again, &err) < 0)
    __builtin_trap ();
  if (strcmp (again->identity, name->identity) != 0 || strcmp (again->text, name->text) != 0)
    __builtin_trap ();
  return 0;
}
