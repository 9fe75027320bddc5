/* SPDX-License-Identifier: Apache-2.0 */
#include "util/hint.h"

#include "util/alloc.h"

#include <criterion/criterion.h>

Test (util_hint, shell)
{
  static const struct
  {
    const char *words[4];
    const char *command;
  } cases[] = {
    { { "trust", "set", "quay.io/ns" }, "trust set quay.io/ns" },
    { { "--identity", "exactRepository=q.io/a" }, "--identity exactRepository=q.io/a" },
    { { "" }, "''" },
    { { "a b" }, "'a b'" },
    { { "it's" }, "'it'\\''s'" },
    { { "$(x)", "`x`", "a;b" }, "'$(x)' '`x`' 'a;b'" },
    { { "~/x" }, "'~/x'" },
    { { "*", "a\\b" }, "'*' 'a\\b'" },
    { { "a\nb" }, NULL },
    { { "a\x1b[m" }, NULL },
    { { "fine", "\xc3\xa9" }, NULL },
    { { "\x7f" }, NULL },
  };

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_shell struct sp_shell shell = SP_SHELL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_free char *command = NULL;
      for (size_t j = 0; cases[i].words[j]; j++)
        sp_shell_word (&shell, cases[i].words[j]);
      cr_assert (sp_shell_take (&shell, &command, &err) == 0);
      cr_expect (cases[i].command ? command && strcmp (command, cases[i].command) == 0 : !command,
                 "row %zu: %s", i, command ? command : "none");
    }
}

Test (util_hint, too_long)
{
  cleanup_shell struct sp_shell shell = SP_SHELL;
  cleanup_error sigpolicy_error *err = NULL;
  char *command = NULL;

  for (int i = 0; i < SP_SHELL_BYTES_MAX / 8; i++)
    sp_shell_word (&shell, "12345678");
  cr_expect (sp_shell_take (&shell, &command, &err) == 0 && !command && !err);
}

/* A hint of an error gets its place when it is taken; without a file there is no edit. */
Test (util_hint, of_an_error)
{
  cleanup_error sigpolicy_error *fault = NULL, *err = NULL;
  cleanup_hint struct sp_hint hint = { 0 };

  (void)sp_error_set (&fault, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, "wrong");
  (void)sp_error_hint_edit (&fault, "x", "y");
  cr_expect (sp_error_take_hint (fault, &hint, &err) == 0 && !hint.text && !hint.file);
  (void)sp_error_hint (&fault, "write y");
  (void)sp_error_hint_edit (&fault, "x", "y");
  (void)sp_error_hint_edit (&fault, "z", "never");
  cr_expect (sp_error_take_hint (fault, &hint, &err) == 0 && hint.text && !hint.file && !hint.old);
  (void)sp_error_position (&fault, "f", 3, 5, NULL);
  cr_assert (sp_error_take_hint (fault, &hint, &err) == 0 && hint.file);
  cr_expect (strcmp (hint.file, "f") == 0 && hint.line == 3 && hint.column == 5);
  cr_expect (strcmp (hint.old, "x") == 0 && strcmp (hint.new_text, "y") == 0);

  cleanup_error sigpolicy_error *copy = NULL;
  cleanup_hint struct sp_hint again = { 0 };
  (void)sp_error_copy (fault, &copy);
  cr_expect (sp_error_take_hint (copy, &again, &err) == 0 && strcmp (again.file, "f") == 0);
}
