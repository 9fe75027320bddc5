/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ARCHIVE_ARCHIVE_INT_H
#define SP_ARCHIVE_ARCHIVE_INT_H

#include "archive/archive.h"

/* The module, opened when first asked for. */
int sp_archive_load (const struct sp_archive_module **ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Another in its place: for tests and fuzzing. */
void sp_archive_use_module (const struct sp_archive_module *module);

#endif
