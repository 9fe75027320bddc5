/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EXPLAIN_HINT_H
#define SP_EXPLAIN_HINT_H

#include "evaluate/image.h"

/* What to do about a verdict, or NULL. To free(); *err tells NULL from failure. */
char *sp_explain_hint (const struct sp_verdict *verdict, sigpolicy_error **err);

#endif
