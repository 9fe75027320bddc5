/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_UTIL_ERROR_H
#define SP_UTIL_ERROR_H

#include "util/view.h"

#include <sigpolicy/error.h>

#include <stdarg.h>
#include <stdbool.h>

/*
 * How errors travel. The lowest room that knows what is wrong calls sp_error_set() and returns what
 * that returns; each room boundary adds one frame with sp_error_while(); a room that knows what the
 * failure means to the caller names its class with sp_error_class(). Inside the library err is
 * never NULL and *err is NULL until an error is set, so these functions always return the real,
 * negative code and can never turn a failure into 0.
 *
 * A function that needs to go on after a failure frees the error with sp_error_clear().
 */

/* Messages are written as git writes them (lower case, no full stop, no advice), except where users
 * already search for an established text; that text is kept to the letter. Whatever is quoted in
 * one is escaped as sp_make_printable() does. */
int sp_error_set (sigpolicy_error **err, int code, sigpolicy_reason reason, const char *format, ...)
    __attribute__ ((format (printf, 4, 5)));
int sp_error_vset (sigpolicy_error **err, int code, sigpolicy_reason reason, const char *format,
                   va_list args) __attribute__ ((format (printf, 4, 0)));

/* The same, with ": " and the text of errnum ("no such file or directory") behind it; errnum is
 * kept. */
int sp_error_errno (sigpolicy_error **err, int code, sigpolicy_reason reason, int errnum,
                    const char *format, ...) __attribute__ ((format (printf, 5, 6)));

int sp_error_no_memory (sigpolicy_error **err);

/* Add "while ..." context: the format says what was being done, "reading policy '%s'". Returns the
 * code. */
int sp_error_while (sigpolicy_error **err, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* Put words and ": " in front of the message, where an established text has it so. Returns the
 * code.
 */
int sp_error_prefix (sigpolicy_error **err, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* Established texts that list faults have a line for each behind the message. These lines, each
 * ending in a newline, are the caller's: what they quote of others is escaped before, and a message
 * has no line's end but theirs. Returns the code. */
int sp_error_list (sigpolicy_error **err, struct sp_view lines);

/* The message for a place that has room for one line. It dies with the error. */
const char *sp_error_one_line (const sigpolicy_error *error);

/* The same failure once more, for whoever remembers one. Returns its code. */
int sp_error_copy (const sigpolicy_error *from, sigpolicy_error **err);

/* Say what the failure means here. Out of memory stays what it is, and so does the reason "limit".
 * Returns the code. */
int sp_error_class (sigpolicy_error **err, int code, sigpolicy_reason reason);

/* Where the fault is. NULL and 0 leave what is there. Returns the code. */
int sp_error_position (sigpolicy_error **err, const char *file, unsigned line, unsigned column,
                       const char *json_path);

/* What to do about it: one sentence. The first hint stays. Returns the code. */
int sp_error_hint (sigpolicy_error **err, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* For a room that knows better what to do: what a lower one said is forgotten. Returns the code. */
int sp_error_forget_hint (sigpolicy_error **err);

/* What would do it, behind that sentence: a command, which is taken out of the shell; or an edit
 * that puts new_text in place of old, at the failure's own position. Where there is no sentence, or
 * there is such a thing already, nothing happens. Both return the code. */
struct sp_shell;
int sp_error_hint_command (sigpolicy_error **err, struct sp_shell *shell);
int sp_error_hint_edit (sigpolicy_error **err, const char *old, const char *new_text);

/* The same at a position of its own, in a file or with NULL in the file at fault. */
int sp_error_hint_edit_at (sigpolicy_error **err, const char *file, unsigned line, unsigned column,
                           const char *old, const char *new_text);

/* A copy of all that, with the position filled in; an edit without a file is left out. */
struct sp_hint;
int sp_error_take_hint (const sigpolicy_error *error, struct sp_hint *ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Mark the failure as one of the checks that are stricter than the containers image library's; id
 * is one of the list in SECURITY.md, a string that lives for ever. Returns the code. */
int sp_error_stricter (sigpolicy_error **err, const char *id);

/* That id, or NULL; every limit is "S5". */
const char *sp_error_stricter_id (const sigpolicy_error *error);

/* The errno behind the failure, or 0. */
int sp_error_errnum (const sigpolicy_error *error);

/* The exit status of the command for a code: 0 to 7. */
int sp_exit_status (int code);

void sp_error_clear (sigpolicy_error **err);

static inline void
sigpolicy_error_free_p (sigpolicy_error **err)
{
  sigpolicy_error_free (*err);
}

#define cleanup_error __attribute__ ((cleanup (sigpolicy_error_free_p)))

#endif
