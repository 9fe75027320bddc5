/* SPDX-License-Identifier: Apache-2.0 */
#include "show/show_int.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

/* What was read once is not read again, and neither is what could not be. */
Test (show_show_files, each_once)
{
  char path[] = "/tmp/sigpolicy-unit.XXXXXX";
  struct sp_show_files files = { 0 };
  struct sp_view bytes = SP_VIEW ("");
  int fd = mkstemp (path);

  cr_assert (fd >= 0 && write (fd, "key", 3) == 3 && close (fd) == 0);
  for (int removed = 0; removed < 2; removed++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cr_expect (sp_show_files_read (&files, path, &bytes, &err) == 0);
      cr_expect (sp_view_is (bytes, "key"));
      cr_expect (removed || unlink (path) == 0);
    }
  sp_show_files_clear (&files);
  for (int made = 0; made < 2; made++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cr_expect (sp_show_files_read (&files, path, &bytes, &err) == SIGPOLICY_E_NOT_FOUND);
      FILE *file = made ? NULL : fopen (path, "we");
      cr_expect (made || (file && fclose (file) == 0));
    }
  sp_show_files_clear (&files);
  cr_expect (unlink (path) == 0);
}
