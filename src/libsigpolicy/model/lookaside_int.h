/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_LOOKASIDE_INT_H
#define SP_MODEL_LOOKASIDE_INT_H

#include "model/lookaside.h"
#include "util/buf.h"
#include "util/limits.h"

/* Take a URL to pieces: scheme to fragment of ret, which the caller clears also after a failure.
 * CONFIG error "parse \\"URL\\": REASON". */
int sp_lookaside_parse (struct sp_view text, struct sp_lookaside *ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Put the pieces together, with this path; a password only when it may be seen. */
void sp_lookaside_compose (const struct sp_lookaside *lookaside, struct sp_view path,
                           bool with_password, struct sp_buf *out);

/* A text that may be no URL, but may hold a password, for messages: the password is xxxxx. */
void sp_lookaside_hide (struct sp_view text, struct sp_buf *out);

/* The longest URL is a configured one, encoded, and what we add. */
#define SP_LOOKASIDE_BYTES_MAX (4 * SP_REGISTRIES_D_FILE_BYTES_MAX)

#endif
