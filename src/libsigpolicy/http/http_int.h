/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_HTTP_HTTP_INT_H
#define SP_HTTP_HTTP_INT_H

#include "http/http.h"

/* The module, opened when first asked for. */
int sp_http_load (const struct sp_http_module **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Another in its place: for tests and fuzzing. */
void sp_http_use_module (const struct sp_http_module *module);

#endif
