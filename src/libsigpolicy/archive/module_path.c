/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/archive.h"

const char sp_archive_module_path[] = PKGLIBDIR "/sigpolicy-archive.so";
