/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_int.h"

#include <dlfcn.h>
#include <pthread.h>

/* Opened once and kept: libcurl and OpenSSL do not like to be unloaded. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const struct sp_http_module *loaded;

static int
open_module (const struct sp_http_module **ret, sigpolicy_error **err)
{
  void *handle = dlopen (sp_http_module_path, RTLD_NOW | RTLD_LOCAL);
  const struct sp_http_module *module = handle ? dlsym (handle, SP_HTTP_MODULE_SYMBOL) : NULL;

  if (!module)
    {
      const char *why = dlerror ();
      return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_ENGINE_MISSING,
                           "the module for HTTP cannot be opened: %s", why ? why : "no reason");
    }
  if (module->version != SP_HTTP_MODULE_VERSION)
    return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_ENGINE_MISSING,
                         "the module for HTTP, '%s', is of another version", sp_http_module_path);
  *ret = module;
  return 0;
}

int
sp_http_load (const struct sp_http_module **ret, sigpolicy_error **err)
{
  int rc = 0;
  (void)pthread_mutex_lock (&lock);
  if (!loaded)
    rc = open_module (&loaded, err);
  *ret = loaded;
  (void)pthread_mutex_unlock (&lock);
  return rc;
}

void
sp_http_use_module (const struct sp_http_module *module)
{
  (void)pthread_mutex_lock (&lock);
  loaded = module;
  (void)pthread_mutex_unlock (&lock);
}
