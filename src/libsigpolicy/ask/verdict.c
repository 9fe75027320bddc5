/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/verdict.h"

void
sp_verdict_free (struct sp_verdict *verdict)
{
  if (!verdict)
    return;
  sp_outcome_clear (&verdict->outcome);
  free (verdict->image);
  free (verdict->reference);
  free (verdict->identity);
  free (verdict->digest);
  free (verdict->artifact_type);
  free (verdict->list_digest);
  free (verdict->pinned);
  free (verdict->key_path);
  free (verdict->platform);
  sp_trace_free (verdict->trace);
  sp_policy_free (verdict->policy);
  sp_reading_clear (&verdict->reading);
  free (verdict->sandbox);
  for (size_t i = 0; i < verdict->n_looked_at; i++)
    free (verdict->looked_at[i].where);
  free (verdict->looked_at);
  sp_strv_clear (&verdict->warnings);
  sp_facts_clear (&verdict->facts);
  free (verdict);
}
