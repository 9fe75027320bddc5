/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_UTIL_ALLOC_H
#define SP_UTIL_ALLOC_H

#include "util/error.h"
#include "util/view.h"

#include <stdlib.h>

/* Allocation that reports: each returns NULL with *err set to the static out-of-memory error. Freed
 * with free(). */
void *sp_calloc (size_t count, size_t size, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
char *sp_strdup (const char *text, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Replaces *slot by a copy of text, which may be NULL; on failure it is as it was. */
int sp_keep (char **slot, const char *text, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A NUL-terminated copy of a view; NULs inside are kept. */
char *sp_view_dup (struct sp_view view, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

char *sp_vasprintf (sigpolicy_error **err, const char *format, va_list args) SIGPOLICY_MUST_CHECK
    __attribute__ ((format (printf, 2, 0)));
char *sp_asprintf (sigpolicy_error **err, const char *format, ...) SIGPOLICY_MUST_CHECK
    __attribute__ ((format (printf, 2, 3)));

/*
 * Make room for one more element in a growing array: *array has *capacity elements of size bytes,
 * count of them in use. New room is zeroed. Returns 0, or NO_MEMORY with nothing changed.
 */
int sp_grow (void *array, size_t *capacity, size_t count, size_t size,
             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A list of owned strings. Start from {0}. */
struct sp_strv
{
  char **items;
  size_t len, capacity;
};

/* Takes text over, also on failure; a NULL text is passed on as the failure it is. */
int sp_strv_take (struct sp_strv *list, char *text, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_strv_add (struct sp_strv *list, struct sp_view text,
                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_strv_clear (struct sp_strv *list);

#define cleanup_strv SP_CLEANUP (sp_strv_clear)

#endif
