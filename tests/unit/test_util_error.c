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
  (void)sp_error_place (&err, "file", 3, 4, NULL);
  cr_expect (sp_error_prefix (&err, "reading %d", 1) == SIGPOLICY_E_UNAVAILABLE);
  cr_expect_str_eq (sigpolicy_error_message (err), "reading 1: open x: no such file or directory");
  cr_expect_str_eq (sigpolicy_error_text (err),
                    "file:3:4: reading 1: open x: no such file or directory\n  while looking");
  cr_expect_str_eq (sigpolicy_error_hint (err), "look elsewhere");
  cr_expect (sp_error_errnum (err) == ENOENT);
}

Test (util_error, copy_has_everything)
{
  cleanup_error sigpolicy_error *err = NULL, *copy = NULL;

  (void)sp_error_errno (&err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE, EIO, "read x");
  (void)sp_error_hint (&err, "hint");
  (void)sp_error_while (&err, "looking");
  (void)sp_error_place (&err, "file", 3, 4, "a.b");
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
