/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_HTTP_HTTP_INT_H
#define SP_HTTP_HTTP_INT_H

#include "http/http.h"

/* The module, opened when first asked for. */
int sp_http_load (const struct sp_http_module **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- hung.c: servers that did not answer in time ---------------------------------------------- */

/* Is it one of them? Then the failure of who waited for it. Else who asks may wait so many
 * milliseconds for it; where it was one, these become fewer, and the others go on without. */
int sp_http_hung_check (struct sp_http_hung *hung, const char *origin, int64_t now, long *patience,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* It was waited for so many milliseconds, and this came of it. */
void sp_http_hung_add (struct sp_http_hung *hung, const char *origin, int64_t now, int64_t waited,
                       const sigpolicy_error *why);

/* It answered. */
void sp_http_hung_remove (struct sp_http_hung *hung, const char *origin);

/* Another in its place: for tests and fuzzing. */
void sp_http_use_module (const struct sp_http_module *module);

#endif
