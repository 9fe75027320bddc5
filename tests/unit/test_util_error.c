/* SPDX-License-Identifier: Apache-2.0 */
#include "util/error.h"

#include <criterion/criterion.h>
#include <errno.h>

Test (util_error, prefix_is_part_of_the_message)
{
  cleanup_error sigpolicy_error *err = NULL;

  (void)sp_error_errno (&err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, ENOENT,
                        "open %s", "x");
  (void)sp_error_hint (&err, "look elsewhere");
  (void)sp_error_while (&err, "looking");
  (void)sp_error_position (&err, "file", 3, 4, NULL);
  cr_expect (sp_error_prefix (&err, "reading %d", 1) == SIGPOLICY_E_UNAVAILABLE);
  cr_expect_str_eq (sigpolicy_error_message (err), "reading 1: open x: no such file or directory");
  cr_expect_str_eq (sigpolicy_error_text (err),
                    "file:3:4: reading 1: open x: no such file or directory\n  while looking");
  cr_expect_str_eq (sigpolicy_error_hint (err), "look elsewhere");
  cr_expect_eq (sp_error_forget_hint (&err), sigpolicy_error_code (err));
  cr_expect_eq (sigpolicy_error_hint (err), NULL);
  cr_expect (sp_error_errnum (err) == ENOENT);
}

Test (util_error, copy_has_everything)
{
  cleanup_error sigpolicy_error *err = NULL, *copy = NULL;

  (void)sp_error_errno (&err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE, EIO, "read x");
  (void)sp_error_hint (&err, "hint");
  (void)sp_error_while (&err, "looking");
  (void)sp_error_position (&err, "file", 3, 4, "a.b");
  cr_assert (sp_error_copy (err, &copy) == SIGPOLICY_E_KEY);
  cr_expect (copy != err);
  cr_expect (sigpolicy_error_code (copy) == SIGPOLICY_E_KEY);
  cr_expect (sigpolicy_error_reason (copy) == SIGPOLICY_REASON_KEY_UNUSABLE);
  cr_expect_str_eq (sigpolicy_error_message (copy), sigpolicy_error_message (err));
  cr_expect_str_eq (sigpolicy_error_text (copy), sigpolicy_error_text (err));
  cr_expect_str_eq (sigpolicy_error_hint (copy), "hint");
  cr_expect_str_eq (sigpolicy_error_file (copy), "file");
  cr_expect_str_eq (sigpolicy_error_json_path (copy), "a.b");
  cr_expect (sigpolicy_error_line (copy) == 3 && sigpolicy_error_column (copy) == 4);
  cr_expect (sp_error_errnum (copy) == EIO);
  /* Frames that come later are the copy's own. */
  (void)sp_error_while (&copy, "asking again");
  cr_expect (!strstr (sigpolicy_error_text (err), "asking again"));
}

Test (util_error, copy_of_no_memory)
{
  cleanup_error sigpolicy_error *err = NULL, *copy = NULL;

  (void)sp_error_no_memory (&err);
  cr_expect (sp_error_copy (err, &copy) == SIGPOLICY_E_NO_MEMORY);
  cr_expect (sp_error_prefix (&copy, "x") == SIGPOLICY_E_NO_MEMORY);
  cr_expect_str_eq (sigpolicy_error_message (copy), "out of memory");
}

/* Too many open files says nothing of the file, whoever says what it is for. */
Test (util_error, no_descriptor)
{
  static const int numbers[] = { EMFILE, ENFILE };
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cr_expect (sp_error_errno (&err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                                 numbers[i], "open x")
                 == SIGPOLICY_E_UNAVAILABLE);
      cr_expect (sp_error_class (&err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE)
                 == SIGPOLICY_E_UNAVAILABLE);
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_COULD_NOT_LOOK);
    }
}

/* A list has its lines, and no other text brings one of its own. */
Test (util_error, list)
{
  cleanup_error sigpolicy_error *err = NULL, *copy = NULL, *quoted = NULL;

  (void)sp_error_set (&err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, "wrong\n  line 1:");
  cr_expect_str_eq (sp_error_one_line (err), "wrong\\n  line 1:");
  cr_assert (sp_error_list (&err, sp_view_str ("")) == SIGPOLICY_E_CONFIG);
  cr_expect_str_eq (sigpolicy_error_message (err), "wrong\\n  line 1:");
  cr_assert (sp_error_list (&err, sp_view_str ("  line 2: a\r\n  line 3: b\xff\n"))
             == SIGPOLICY_E_CONFIG);
  (void)sp_error_prefix (&err, "parsing\nx");
  (void)sp_error_while (&err, "reading");
  cr_expect_str_eq (sigpolicy_error_message (err),
                    "parsing\\nx: wrong\\n  line 1:\n  line 2: a\\r\n  line 3: b\\xff");
  cr_expect_str_eq (
      sigpolicy_error_text (err),
      "parsing\\nx: wrong\\n  line 1:\n  line 2: a\\r\n  line 3: b\\xff\n  while reading");
  cr_expect_str_eq (sp_error_one_line (err),
                    "parsing\\nx: wrong\\n  line 1: line 2: a\\r; line 3: b\\xff");
  (void)sp_error_copy (err, &copy);
  cr_expect_str_eq (sigpolicy_error_message (copy), sigpolicy_error_message (err));
  cr_expect_str_eq (sp_error_one_line (copy), sp_error_one_line (err));
  (void)sp_error_set (&quoted, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, "%s",
                      sigpolicy_error_message (err));
  cr_expect_null (strchr (sigpolicy_error_message (quoted), '\n'));
}
