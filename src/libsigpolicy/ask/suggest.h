/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_SUGGEST_H
#define SP_ASK_SUGGEST_H

#include "ask/context.h"
#include "reference/image_name.h"

/* The transport that a name begins with, also of a name that has other faults. */
bool sp_transport_of (const char *text, enum sp_transport *ret);

/* Adds to the error that a name has made the name that was meant, as a hint, where that is plain.
 * Returns the code of the error, or NO_MEMORY. */
int sp_suggest_name (struct sp_context *context, const char *text,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
