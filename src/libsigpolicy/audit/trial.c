/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/trial_int.h"

#include <search.h>

static void
case_clear (struct sp_trial_case *it)
{
  free (it->name);
  free (it->image);
  free (it->scope);
  for (size_t i = 0; i < it->n_signatures; i++)
    sp_trial_signature_clear (&it->signatures[i]);
  free (it->signatures);
  free (it->got);
  free (it->example);
  free (it->detail);
  free (it->policy_scope);
}

void
sp_trial_free (struct sp_trial *trial)
{
  if (!trial)
    return;
  for (size_t i = 0; i < trial->n_cases; i++)
    case_clear (&trial->cases[i]);
  free (trial->cases);
  tdestroy (trial->materials, sp_material_free);
  sp_policy_free (trial->policy);
  free (trial->path);
  free (trial);
}

int
sp_trial_run (const char *path, const char *policy_path, const char *clock, sp_time now,
              struct sp_trial **ret, sigpolicy_error **err)
{
  cleanup_trial struct sp_trial *trial = sp_calloc (1, sizeof *trial, err);
  cleanup_free char *own_policy = NULL, *own_clock = NULL;

  if (!trial || !(trial->path = sp_strdup (path, err)))
    return SIGPOLICY_E_NO_MEMORY;
  trial->now = now;
  int rc = sp_trial_read (trial, &own_policy, &own_clock, err);
  if (rc < 0)
    return rc;
  if (!policy_path && !own_policy)
    {
      (void)sp_trial_fault (trial, 0, 0, err, "the file names no policy");
      return sp_error_hint (err, "write 'policy: policy.json' into it, or give --policy FILE");
    }
  if (clock || own_clock)
    rc = sp_time_parse (clock ? clock : own_clock, &trial->now, err);
  if (rc < 0 && !clock)
    {
      (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
      return sp_error_position (err, path, 0, 0, NULL);
    }
  if (rc == 0)
    rc = sp_policy_load (policy_path ? policy_path : own_policy, &trial->policy, err);
  for (size_t i = 0; rc == 0 && i < trial->n_cases; i++)
    rc = trial->cases[i].kind == SP_TRIAL_IMAGE ? sp_trial_judge (trial, &trial->cases[i], err)
                                                : sp_trial_prove (trial, &trial->cases[i], err);
  if (rc < 0)
    return rc;
  *ret = steal (&trial);
  return 0;
}

size_t
sp_trial_count (const struct sp_trial *trial, bool passed)
{
  size_t count = 0;
  for (size_t i = 0; i < trial->n_cases; i++)
    count += trial->cases[i].passed == passed;
  return count;
}
