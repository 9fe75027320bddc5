/* SPDX-License-Identifier: Apache-2.0 */

/* A Sigstore bundle. What is read holds its limits, and reads the same with white space round it.
 */
#include "fuzz.h"

#include "model/bundle.h"
#include "util/limits.h"

#include <stdint.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  cleanup_bundle struct sp_bundle *bundle = NULL, *again = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (SP_BUNDLE_BYTES_MAX);

  if (sp_bundle_parse (sp_view_n ((const char *)data, size), &bundle, &err) < 0)
    {
      require (sigpolicy_error_code (err) == SIGPOLICY_E_REJECTED);
      return 0;
    }
  require (bundle->minor >= 1 && bundle->minor <= 3 && bundle->signature.len > 0);
  require (bundle->n_entries <= SP_BUNDLE_ENTRIES_MAX
           && bundle->n_timestamps <= SP_BUNDLE_TIMESTAMPS_MAX);
  require ((bundle->material == SP_BUNDLE_CERTIFICATE) == (bundle->certificate.len > 0));
  for (size_t i = 0; i < bundle->n_entries; i++)
    require (bundle->entries[i].has_proof || bundle->entries[i].promise.len > 0);
  sp_buf_str (&text, "\n ");
  sp_buf_add (&text, sp_view_n ((const char *)data, size));
  sp_buf_str (&text, "\t");
  if (text.failed)
    return 0;
  require (sp_bundle_parse (sp_buf_view (&text), &again, &err) == 0);
  require (again->n_entries == bundle->n_entries
           && sp_view_equal (sp_buf_view (&again->signature), sp_buf_view (&bundle->signature)));
  return 0;
}
