/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_UTIL_BANNED_H
#define SP_UTIL_BANNED_H

/* Included by the build in front of every file of ours: these do not compile here. Each has a
 * better neighbour in util/: views instead of C strings, sp_buf instead of fixed arrays, checked
 * numbers instead of atoi; secure_getenv() instead of what believes a caller with fewer rights. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* glibc makes macros of these for a fortified build with clang. */
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets atoi atol atoll atof strtok \
    strtok_r
#pragma GCC poison gmtime localtime ctime asctime mktemp tmpnam system popen getenv

#endif
