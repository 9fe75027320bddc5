/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_int.h"

#include "util/module.h"

static struct sp_module module = {
  .path = sp_http_module_path,
  .symbol = SP_HTTP_MODULE_SYMBOL,
  .what = "HTTP",
  .version = SP_HTTP_MODULE_VERSION,
  .lock = PTHREAD_MUTEX_INITIALIZER,
};

int
sp_http_load (const struct sp_http_module **ret, sigpolicy_error **err)
{
  const void *table = NULL;
  int rc = sp_module_load (&module, &table, err);
  *ret = table;
  return rc;
}

void
sp_http_use_module (const struct sp_http_module *table)
{
  sp_module_use (&module, table);
}
