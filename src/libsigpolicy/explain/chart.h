/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EXPLAIN_CHART_H
#define SP_EXPLAIN_CHART_H

#include "ask/chart_check.h"

#include <sigpolicy/verdict.h>

/* The answer about a chart, in words and as JSON; new text that ends with a newline. */
char *sp_explain_chart_text (const struct sp_chart_answer *answer, unsigned flags,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
char *sp_explain_chart_json (const struct sp_chart_answer *answer, bool indented,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
