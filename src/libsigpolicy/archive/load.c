/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/archive_int.h"

#include "util/module.h"

static struct sp_module module = {
  .path = sp_archive_module_path,
  .symbol = SP_ARCHIVE_MODULE_SYMBOL,
  .what = "archives",
  .version = SP_ARCHIVE_MODULE_VERSION,
  .lock = PTHREAD_MUTEX_INITIALIZER,
};

int
sp_archive_load (const struct sp_archive_module **ret, sigpolicy_error **err)
{
  const void *table = NULL;
  int rc = sp_module_load (&module, &table, err);
  *ret = table;
  return rc;
}

void
sp_archive_use_module (const struct sp_archive_module *table)
{
  sp_module_use (&module, table);
}
