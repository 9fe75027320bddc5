/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_UTIL_MODULE_H
#define SP_UTIL_MODULE_H

#include "util/error.h"

#include <pthread.h>

/*
 * A private module of ours, which a library that not everybody needs is linked with. It is opened
 * when first asked for and kept: libraries underneath do not like to be unloaded. What it shows is
 * one table, whose first member is an int, its version.
 */
struct sp_module
{
  const char *path, *symbol;
  const char *what; /* it is for: for messages */
  int version;
  pthread_mutex_t lock;
  const void *table;
};

/* Its table. INTERNAL/engine-missing when it cannot be opened, or is of another version. */
int sp_module_load (struct sp_module *module, const void **ret,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Another table in its place: for tests and fuzzing. */
void sp_module_use (struct sp_module *module, const void *table);

#endif
