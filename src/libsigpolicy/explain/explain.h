/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EXPLAIN_EXPLAIN_H
#define SP_EXPLAIN_EXPLAIN_H

#include "evaluate/image.h"

#include <sigpolicy/verdict.h>

/*
 * Words and JSON for people and programs, as sigpolicy-verdict(5) says. Each returns new text that
 * ends with a newline, or NULL with an error. Text shows no byte outside printable ASCII; JSON is
 * valid whatever the input was.
 */
char *sp_explain_verdict_text (const struct sp_verdict *verdict, unsigned flags,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
char *sp_explain_verdict_json (const struct sp_verdict *verdict, bool indented,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What would be asked of a name; nothing but the policy and registries.d is read. */
char *sp_explain_name (struct sp_host *host, const char *name, sigpolicy_format format,
                       unsigned flags, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What is stored with an image, unverified. */
char *sp_explain_signatures (struct sp_host *host, const struct sp_request *request,
                             sigpolicy_format format, unsigned flags, size_t *ret_count,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
