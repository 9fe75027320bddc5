/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_UTIL_DEBUG_H
#define SP_UTIL_DEBUG_H

#include <stdbool.h>

/*
 * A trace of what is read, asked and found, for the person who wonders why: lines on a descriptor,
 * of the whole process, or, as from the start, nothing. Nothing that decides looks at it, and no
 * caller says a secret: names of users, files, entries and URLs without their queries are none.
 */

/* From now on there; -1: nowhere. Threads: any. */
void sp_debug_to (int fd);
bool sp_debug_is_on (void);

/* "debug: ..." in one line, whatever the words are: what cannot be shown is escaped. A line that
 * cannot be written is lost. errno stays. */
void sp_debug (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

#endif
