/* SPDX-License-Identifier: Apache-2.0 */
#include "util/cleanup.h"
#include "util/fs.h"

#include <dirent.h>
#include <errno.h>

static void
close_directory (DIR **directory)
{
  if (*directory)
    (void)closedir (*directory);
}

static int
unreadable (const char *verb, const char *path, int errnum, sigpolicy_error **err)
{
  return sp_error_errno (err, errnum == ENOENT ? SIGPOLICY_E_NOT_FOUND : SIGPOLICY_E_UNAVAILABLE,
                         errnum == ENOENT ? SIGPOLICY_REASON_NOT_FOUND
                                          : SIGPOLICY_REASON_COULD_NOT_LOOK,
                         errnum, "%s %s", verb, path);
}

static int
compare_strings (const void *a, const void *b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

int
sp_fs_list (const char *path, bool (*wants) (int directory, const char *name), size_t limit,
            struct sp_strv *names, sigpolicy_error **err)
{
  SP_CLEANUP (close_directory)
  DIR *directory = opendir (path);

  if (!directory)
    return unreadable (errno == ENOTDIR ? "readdirent" : "open", path, errno, err);
  for (;;)
    {
      errno = 0;
      const struct dirent *entry = readdir (directory);
      if (!entry && errno)
        return unreadable ("readdirent", path, errno, err);
      if (!entry)
        break;
      if (!wants (dirfd (directory), entry->d_name))
        continue;
      if (names->len == limit)
        return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                             "%s has more than %zu files", path, limit);
      int rc = sp_strv_add (names, sp_view_str (entry->d_name), err);
      if (rc < 0)
        return rc;
    }
  if (names->len)
    qsort (names->items, names->len, sizeof *names->items, compare_strings);
  return 0;
}
