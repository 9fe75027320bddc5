/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

const char sp_http_module_path[] = PKGLIBDIR "/sigpolicy-http.so";
