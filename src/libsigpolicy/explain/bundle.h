/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EXPLAIN_BUNDLE_H
#define SP_EXPLAIN_BUNDLE_H

#include "ask/bundle_check.h"

#include <sigpolicy/verdict.h>

/* A bundle that was verified, or not: words and JSON as sigpolicy-verify-bundle(1) has them. New
 * text that ends with a newline, or NULL with an error. */
char *sp_explain_bundle_text (const struct sp_bundle_answer *answer, unsigned flags,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
char *sp_explain_bundle_json (const struct sp_bundle_answer *answer, bool indented,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
