/* SPDX-License-Identifier: Apache-2.0 */
#include "util/module.h"

#include <dlfcn.h>
#include <errno.h>

static int
open_module (const struct sp_module *module, const void **ret, sigpolicy_error **err)
{
  /* The module itself is bound at once, as it was linked to be. The libraries underneath are as
   * they would be in a program that is linked with them: libcurl's thirty need a sixth of their
   * symbols never. */
  void *handle = dlopen (module->path, RTLD_LAZY | RTLD_LOCAL);
  const int *version = handle ? dlsym (handle, module->symbol) : NULL;

  if (!version)
    {
      int number = errno;
      const char *why = dlerror ();
      if (!handle && (number == EMFILE || number == ENFILE))
        return sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                               number, "open %s", module->path);
      (void)sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_ENGINE_MISSING,
                          "the module for %s cannot be opened: %s", module->what,
                          why ? why : "no reason");
    }
  else if (*version != module->version)
    (void)sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_ENGINE_MISSING,
                        "the module for %s, '%s', is of another version", module->what,
                        module->path);
  else
    {
      *ret = version;
      return 0;
    }
  return sp_error_hint (err, "reinstall sigpolicy, which contains this module");
}

int
sp_module_load (struct sp_module *module, const void **ret, sigpolicy_error **err)
{
  int rc = 0;
  (void)pthread_mutex_lock (&module->lock);
  if (!module->table)
    rc = open_module (module, &module->table, err);
  *ret = module->table;
  (void)pthread_mutex_unlock (&module->lock);
  return rc;
}

void
sp_module_use (struct sp_module *module, const void *table)
{
  (void)pthread_mutex_lock (&module->lock);
  module->table = table;
  (void)pthread_mutex_unlock (&module->lock);
}
