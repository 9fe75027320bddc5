/* SPDX-License-Identifier: Apache-2.0 */

/* A list of signed certificate timestamps: what is read lies within it, to its end. */
#include "fuzz.h"

#include "crypto/sct.h"

#include "util/limits.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_sct scts[SP_SCTS_MAX];
  cleanup_error sigpolicy_error *err = NULL;
  const char *end = (const char *)data + size;
  size_t n_scts = 0;

  if (sp_sct_parse (sp_view_n ((const char *)data, size), scts, SP_SCTS_MAX, &n_scts, &err) < 0)
    return 0;
  require (n_scts > 0);
  for (size_t i = 0; i < n_scts; i++)
    require (scts[i].log_id.len == 32 && scts[i].milliseconds < 1000 && scts[i].time >= 0
             && scts[i].signature.data + scts[i].signature.len <= end);
  require (scts[n_scts - 1].signature.data + scts[n_scts - 1].signature.len == end);
  return 0;
}
