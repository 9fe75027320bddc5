/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "util/fs.h"
#include "util/limits.h"

int
sigpolicy_manifest_digest (const void *manifest, size_t size,
                           char ret_digest[SIGPOLICY_DIGEST_SIZE], sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!manifest && size)
    return sp_api_done (err, &mine, sp_api_misuse ("manifest", &mine));
  return sp_api_done (err, &mine,
                      sp_manifest_digest (sp_view_n (manifest, size), ret_digest, &mine));
}

int
sigpolicy_file_read (const char *path, size_t limit, void **ret_bytes, size_t *ret_size,
                     sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  cleanup_buf struct sp_buf bytes = SP_BUF (limit);
  if (!path || !ret_bytes || !ret_size)
    return sp_api_done (err, &mine, sp_api_misuse ("path, ret_bytes or ret_size", &mine));
  int rc = sp_fs_read_input (path, &bytes, &mine);
  if (rc < 0)
    return sp_api_done (err, &mine, rc);
  size_t size = bytes.len;
  char *data = sp_buf_steal (&bytes, &mine);
  if (!data)
    return sp_api_done (err, &mine, SIGPOLICY_E_NO_MEMORY);
  *ret_bytes = data;
  *ret_size = size;
  return SIGPOLICY_OK;
}

int
sigpolicy_file_write (const char *path, const void *bytes, size_t size, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!path || (!bytes && size))
    return sp_api_done (err, &mine, sp_api_misuse ("path or bytes", &mine));
  return sp_api_done (err, &mine, sp_fs_write (path, sp_view_n (bytes, size), &mine));
}
