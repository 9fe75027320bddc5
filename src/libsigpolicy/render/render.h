/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_RENDER_RENDER_H
#define SP_RENDER_RENDER_H

#include "util/error.h"

#include <sigpolicy/verdict.h>

/*
 * A verdict as text and as JSON, as sigpolicy-verdict(5) says, written as any program could that
 * has the public header and no more; contrib/check-layers holds that. Each returns new text that
 * ends with a newline, or NULL with an error. Text shows no byte outside printable ASCII; JSON is
 * valid whatever the input was.
 */
char *sp_render_text (const sigpolicy_verdict *verdict, unsigned flags,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
char *sp_render_json (const sigpolicy_verdict *verdict, bool indented,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
