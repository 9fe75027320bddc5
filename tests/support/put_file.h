/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_PUT_FILE_H
#define TESTS_PUT_FILE_H

#include "util/cleanup.h"
#include "util/error.h"

/* Write a whole file, in place of what it held. */
int put_file (const char *path, struct sp_view bytes, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
