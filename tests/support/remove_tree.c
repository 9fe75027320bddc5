/* SPDX-License-Identifier: Apache-2.0 */
#include "remove_tree.h"

#include <ftw.h>
#include <stdio.h>

static int
remove_one (const char *path, const struct stat *status, int type, struct FTW *where)
{
  (void)status;
  (void)type;
  (void)where;
  return remove (path);
}

int
remove_tree (const char *path)
{
  return nftw (path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
