/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/archive.h"

/* The module of the build tree, in place of the installed one. */
const char sp_archive_module_path[] = ABS_BUILDDIR "/sigpolicy-archive.so";
