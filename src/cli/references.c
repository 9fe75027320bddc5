/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#define REFERENCES_BYTES (16U * 1024U * 1024U)

int
read_references (const char *path,
                 int (*take) (void *data, const char *image, sigpolicy_error **error), void *data)
{
  sigpolicy_error *error = NULL;
  void *bytes = NULL;
  size_t size = 0;
  unsigned number = 0;
  char *why = NULL;

  int status = read_file (path, REFERENCES_BYTES, &bytes, &size, &why);
  if (status != 0)
    return complain_file (status, why);
  char *end = (char *)bytes + size;
  for (char *line = bytes, *next; line < end && status == 0; line = next)
    {
      next = memchr (line, '\n', (size_t)(end - line));
      next = next ? next : end;
      number++;
      char *last = next;
      while (last > line && strchr (" \t\r", last[-1]))
        last--;
      *last = '\0';
      if (*line && *line != '#' && take (data, line, &error) < 0)
        {
          status = exit_status (sigpolicy_error_code (error));
          complain ("%s:%u: %s", path, number, sigpolicy_error_text (error));
          sigpolicy_error_free (error);
        }
      next++;
    }
  free (bytes);
  return status;
}
