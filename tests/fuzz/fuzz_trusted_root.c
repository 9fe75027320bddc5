/* SPDX-License-Identifier: Apache-2.0 */

/* A trusted root: every log and authority that is read can be used. */
#include "fuzz.h"

#include "model/trusted_root.h"

#include "util/limits.h"

#include <stdint.h>

static void
check_logs (const struct sp_trusted_log *logs, size_t n_logs)
{
  for (size_t i = 0; i < n_logs; i++)
    require (logs[i].key && logs[i].id.len == 32 && logs[i].period.has_start
             && sp_trusted_log_find (logs, n_logs, sp_buf_view (&logs[i].id)));
}

static void
check_authorities (const struct sp_trusted_authority *authorities, size_t n_authorities)
{
  for (size_t i = 0; i < n_authorities; i++)
    require (authorities[i].roots && authorities[i].chain.len > 0
             && authorities[i].n_intermediates + 1 == authorities[i].chain.len);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  cleanup_trusted_root struct sp_trusted_root *root = NULL;
  cleanup_error sigpolicy_error *err = NULL;

  if (sp_trusted_root_parse (sp_view_n ((const char *)data, size), &root, &err) < 0)
    {
      require (sigpolicy_error_code (err) == SIGPOLICY_E_KEY);
      return 0;
    }
  check_logs (root->logs, root->n_logs);
  check_logs (root->ct_logs, root->n_ct_logs);
  check_authorities (root->authorities, root->n_authorities);
  check_authorities (root->timestamp_authorities, root->n_timestamp_authorities);
  return 0;
}
