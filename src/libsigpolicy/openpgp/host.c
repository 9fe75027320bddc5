/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/plain.h"

#include "util/fs.h"
#include "util/limits.h"

/* What gpg and its library read on their own, whatever we tell them. */
bool
sp_plain_host (const char *root)
{
  static const char *const strict[] = {
    "/etc/gnupg/gpg.conf",           "/etc/gnupg/common.conf",
    "/usr/local/etc/gnupg/gpg.conf", "/usr/local/etc/gnupg/common.conf",
    "/etc/gcrypt/fips_enabled",
  };
  static const struct
  {
    const char *path, *values[2]; /* what it may say */
  } said[] = {
    { "/proc/sys/crypto/fips_enabled", { "0\n", "0" } },
    { "/etc/crypto-policies/state/current", { "DEFAULT\n", "LEGACY\n" } },
  };
  cleanup_error sigpolicy_error *ignored = NULL;
  char path[SP_PATH_BYTES_MAX];

  for (size_t i = 0; i < sizeof strict / sizeof *strict; i++)
    if (snprintf (path, sizeof path, "%s%s", root, strict[i]) >= (int)sizeof path
        || access (path, F_OK) == 0)
      return false;
  for (size_t i = 0; i < sizeof said / sizeof *said; i++)
    {
      cleanup_buf struct sp_buf text = SP_BUF (4096);
      if (snprintf (path, sizeof path, "%s%s", root, said[i].path) >= (int)sizeof path)
        return false;
      if (access (path, F_OK) != 0)
        continue;
      if (sp_fs_read (path, &text, &ignored) < 0
          || (!sp_view_is (sp_buf_view (&text), said[i].values[0])
              && !sp_view_is (sp_buf_view (&text), said[i].values[1])))
        return false;
    }
  return true;
}
