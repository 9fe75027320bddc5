/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_UTIL_HINT_H
#define SP_UTIL_HINT_H

#include "util/buf.h"

#include <sigpolicy/verdict.h>

/*
 * What to do about an answer: a sentence, and where there is such a thing the command or the edit
 * that does it, exactly as it is to be run or made. Start from {0}; everything is owned.
 */
struct sp_hint
{
  char *text; /* one line, printable; NULL: there is no hint, and no more of it */
  char *
      command; /* for a POSIX shell: quoted, one line, nothing in it but printable ASCII; or NULL */
  /* In file, old stands at that line and column (in bytes, both from 1): put new_text there. Where
   * old is empty, new_text is put in; where there is no file, it is made of new_text. */
  char *file; /* NULL: there is no edit */
  unsigned line, column;
  char *old, *new_text;
};

/* Replaces what is in to, also where from is empty. Returns 0 or NO_MEMORY. */
int sp_hint_copy (const struct sp_hint *from, struct sp_hint *to,
                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_hint_clear (struct sp_hint *hint);

#define cleanup_hint SP_CLEANUP (sp_hint_clear)

/* An edit, in place of the one that is there; file, old and new_text are copied. */
int sp_hint_set_edit (struct sp_hint *hint, const char *file, unsigned line, unsigned column,
                      const char *old, const char *new_text,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The edit as programs are given it, borrowed; false where there is none. */
bool sp_hint_edit (const struct sp_hint *hint, sigpolicy_hint_edit *ret);

/*
 * A command, word by word. A word that the shell would read as more than itself is quoted. What
 * holds a control, or anything beyond ASCII, cannot be pasted safely: then there is no command.
 */
struct sp_shell
{
  struct sp_buf text;
  bool is_unfit;
};

/* clang-format off */
#define SP_SHELL { .text = SP_BUF (SP_SHELL_BYTES_MAX) }
/* clang-format on */
#define SP_SHELL_BYTES_MAX 65536

void sp_shell_word (struct sp_shell *shell, const char *word);

/* Words that a programmer wrote, "a b | c", as they are. */
void sp_shell_raw (struct sp_shell *shell, const char *text);

/* The command into *ret, which is empty; it stays NULL where there is none. Empties the shell. */
int sp_shell_take (struct sp_shell *shell, char **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_shell_clear (struct sp_shell *shell);

#define cleanup_shell SP_CLEANUP (sp_shell_clear)

#endif
