/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/key_files.h"

#include "util/alloc.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>

void
sp_key_files_clear (struct sp_key_files *files)
{
  for (size_t i = 0; i < files->len; i++)
    sp_buf_clear (&files->contents[i]);
  free (files->contents);
  free (files->views);
  memset (files, 0, sizeof *files);
}

static int
read_file (const struct sp_key_source *source, struct sp_buf *contents, sigpolicy_error **err)
{
  int rc;
  if (strlen (source->path) != source->path_len)
    {
      cleanup_free char *shown = sp_escape_dup (sp_view_n (source->path, source->path_len), err);
      if (!shown)
        return SIGPOLICY_E_NO_MEMORY;
      rc = sp_error_errno (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE, EINVAL, "open %s",
                           shown);
    }
  else
    rc = sp_fs_read (source->path, contents, err);
  return rc < 0 ? sp_error_class (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE) : 0;
}

int
sp_key_files_read (const struct sp_key_sources *sources, struct sp_key_files *ret,
                   sigpolicy_error **err)
{
  ret->contents = sp_calloc (sources->len, sizeof *ret->contents, err);
  if (!ret->contents)
    return SIGPOLICY_E_NO_MEMORY;
  ret->views = sp_calloc (sources->len, sizeof *ret->views, err);
  if (!ret->views)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; i < sources->len; i++)
    {
      const struct sp_key_source *source = &sources->items[i];
      ret->contents[i] = (struct sp_buf)SP_BUF (SP_KEY_BYTES_MAX);
      ret->len = i + 1;
      int rc = source->path ? read_file (source, &ret->contents[i], err) : 0;
      if (rc < 0)
        return rc;
      ret->views[i] = sp_buf_view (source->path ? &ret->contents[i] : &source->data);
    }
  return 0;
}
