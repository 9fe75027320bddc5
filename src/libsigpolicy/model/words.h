/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_WORDS_H
#define SP_MODEL_WORDS_H

#include "model/policy.h"
#include "util/buf.h"

/* Text for people. Nothing here writes a byte that is not printable ASCII, newlines of its own
 * apart. */

/* Text that may hold hostile bytes, such as a message: what is not printable becomes \xNN. */
void sp_words (struct sp_buf *out, struct sp_view text);
void sp_words_str (struct sp_buf *out, const char *text);

/* The same in double quotes, quotes and backslashes escaped. */
void sp_words_quoted (struct sp_buf *out, struct sp_view text);

/* docker "quay.io/ns", or default. */
void sp_words_scope (struct sp_buf *out, const struct sp_policy_match *match);

/* What a requirement asks, in one sentence: 'a simple signature by a GPG key of /etc/k.gpg, for the
 * same repository'. */
void sp_words_requirement (struct sp_buf *out, const struct sp_requirement *requirement);

/* Colours of a terminal, or "" when flags do not ask for them. */
const char *sp_words_colour (bool good, unsigned flags);
const char *sp_words_plain (unsigned flags);

#endif
