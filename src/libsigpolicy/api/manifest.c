/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

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
