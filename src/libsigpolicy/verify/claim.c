/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/claim.h"

void
sp_claim_clear (struct sp_claim *claim)
{
  free (claim->digest);
  free (claim->reference);
  free (claim->key);
  free (claim->subject);
  free (claim->issuer);
  memset (claim, 0, sizeof *claim);
}

int
sp_claim_read (const struct sp_verified_bytes *content, enum sp_payload_kind kind,
               struct sp_claim *ret, sigpolicy_error **err)
{
  cleanup_payload struct sp_untrusted_payload payload = { 0 };

  int rc = sp_untrusted_payload_parse (sp_buf_view (&content->bytes), kind, &payload, err);
  if (rc < 0)
    return rc;
  ret->digest = steal (&payload.digest);
  ret->reference = steal (&payload.reference);
  ret->reference_len = payload.reference_len;
  if (payload.has_timestamp && payload.timestamp > 0 && payload.timestamp <= SP_TIME_LAST)
    ret->made = payload.timestamp;
  return 0;
}
