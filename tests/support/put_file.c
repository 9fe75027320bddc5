/* SPDX-License-Identifier: Apache-2.0 */
#include "put_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int
put_file (const char *path, struct sp_view bytes, sigpolicy_error **err)
{
  cleanup_close int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);
  while (fd >= 0 && bytes.len)
    {
      ssize_t done = write (fd, bytes.data, bytes.len);
      if (done < 0)
        break;
      bytes = sp_view_from (bytes, (size_t)done);
    }
  if (fd >= 0 && !bytes.len && close (sp_steal_fd (&fd)) == 0)
    return 0;
  return sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, errno,
                         "write %s", path);
}
