/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_UTIL_WORDS_H
#define SP_UTIL_WORDS_H

#include "util/buf.h"

#include <sigpolicy/verdict.h>

/* Text for people. Nothing here writes a byte that is not printable ASCII, newlines of its own
 * apart. */

/* Text that may hold hostile bytes, such as a message: what is not printable becomes \xNN. */
void sp_words (struct sp_buf *out, struct sp_view text);
void sp_words_str (struct sp_buf *out, const char *text);

/* The same in double quotes, quotes and backslashes escaped. */
void sp_words_quoted (struct sp_buf *out, struct sp_view text);

/* Lines of a verdict: what to do about it. Without text there are none; command and edit may be
 * NULL. */
void sp_words_hint (struct sp_buf *out, const char *text, const char *command,
                    const sigpolicy_hint_edit *edit);

#endif
