/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

/* The module of the build tree, in place of the installed one. */
const char sp_http_module_path[] = ABS_BUILDDIR "/sigpolicy-http.so";
