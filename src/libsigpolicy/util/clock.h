/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_UTIL_CLOCK_H
#define SP_UTIL_CLOCK_H

#include "util/error.h"
#include "util/view.h"

#include <stdint.h>

/* Seconds since 1970-01-01T00:00:00Z. Time is always an argument of what judges; only the api door
 * asks the clock. */
typedef int64_t sp_time;

/* 9999-12-31T23:59:59Z, the last that RFC 3339 can write. */
#define SP_TIME_LAST INT64_C (253402300799)

/* An RFC 3339 time such as 2026-11-21T00:30:00Z, with "Z" or a numeric offset; a fraction is
 * dropped. */
int sp_time_parse (const char *text, sp_time *ret_time, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Is this a time as Go reads it of JSON: RFC 3339 in capitals, with no second 60 and with a year 0?
 */
bool sp_time_is_written (struct sp_view text);

/* "2026-11-21T00:30:00Z". */
#define SP_TIME_TEXT_SIZE 32
void sp_time_format (sp_time time, char out[SP_TIME_TEXT_SIZE]);

#endif
