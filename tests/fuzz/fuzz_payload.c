/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as the payload of a signature. What is accepted has a digest, and a text that was
 * written from it reads back the same; what is refused has left nothing behind. No text is a
 * payload of both kinds.
 */
#include "fuzz.h"

#include "reference/digest.h"
#include "verify/payload.h"

#include <stdlib.h>

static void
check_round_trip (const struct sp_untrusted_payload *payload)
{
  struct sp_untrusted_payload again = { 0 };
  sigpolicy_error *err = NULL;

  char *text
      = sp_payload_write (payload->digest, payload->reference,
                          payload->creator ? payload->creator : "", payload->timestamp, &err);
  require (
      text
      && sp_untrusted_payload_parse (sp_view_str (text), SP_PAYLOAD_SIMPLE_SIGNING, &again, &err)
             == 0);
  require (strcmp (again.digest, payload->digest) == 0);
  require (strcmp (again.reference, payload->reference) == 0);
  require (strlen (again.reference) == again.reference_len);
  require (strcmp (again.creator, payload->creator ? payload->creator : "") == 0);
  /* Timestamps are read as doubles; those that were read once stay as they are. */
  require (again.has_timestamp && again.timestamp == payload->timestamp);
  sp_payload_clear (&again);
  free (text);
}

static bool
check_kind (struct sp_view text, enum sp_payload_kind kind)
{
  struct sp_untrusted_payload payload = { 0 };
  sigpolicy_error *err = NULL;
  bool accepted = sp_untrusted_payload_parse (text, kind, &payload, &err) == 0;

  require (accepted == !err);
  if (accepted)
    {
      require (sp_digest_check (sp_view_str (payload.digest), &err) == 0);
      require (payload.reference && payload.reference[payload.reference_len] == '\0');
      require (!payload.creator || payload.creator[payload.creator_len] == '\0');
      require (payload.has_timestamp || payload.timestamp == 0);
      check_round_trip (&payload);
    }
  else
    require (!payload.digest && !payload.reference && !payload.creator
             && sigpolicy_error_code (err) == SIGPOLICY_E_REJECTED);
  sp_error_clear (&err);
  sp_payload_clear (&payload);
  return accepted;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_view text = { (const char *)data, size };
  bool simple = check_kind (text, SP_PAYLOAD_SIMPLE_SIGNING);
  bool sigstore = check_kind (text, SP_PAYLOAD_SIGSTORE);
  require (!simple || !sigstore);
  return 0;
}
