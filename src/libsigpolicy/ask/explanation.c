/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/explanation_int.h"

#include "ask/gather.h"
#include "ask/storage.h"

static void
requirement_clear (struct sp_explained_requirement *it)
{
  sp_reference_free (it->needed);
  sp_explained_keys_clear (&it->keys);
}

void
sp_explanation_clear (struct sp_explanation *it)
{
  for (size_t i = 0; i < it->n_requirements; i++)
    requirement_clear (&it->requirements[i]);
  free (it->requirements);
  sp_explained_locations_clear (&it->locations);
  free (it->newer);
  sp_reading_clear (&it->reading);
  sp_strv_clear (&it->warnings);
  sp_image_name_free (it->image);
  *it = (struct sp_explanation){ 0 };
}

/* Endpoints that are never asked, for what registries.conf says of them. */
static int
warn_of_locations (const struct sp_explained_locations *locations, struct sp_strv *warnings,
                   sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < locations->endpoints.len; i++)
    {
      const struct sp_endpoint *endpoint = &locations->endpoints.items[i];
      if (endpoint->refusal && !endpoint->blocked)
        rc = sp_strv_take (
            warnings,
            sp_asprintf (err, "%s (%s:%u)", endpoint->refusal, endpoint->file, endpoint->line),
            err);
    }
  return rc;
}

/* What the policy seems to ask for, and does not; and what it asks for in vain. */
static int
warn_of_requirement (const struct sp_explained_requirement *it, struct sp_strv *warnings,
                     sigpolicy_error **err)
{
  int rc = 0;
  if (it->requirement->rekor_dropped)
    rc = sp_strv_take (
        warnings,
        sp_asprintf (
            err, "the Rekor key field of the policy is empty (line %u): no log entry is required",
            it->requirement->line),
        err);
  for (size_t i = 0; rc == 0 && i < it->keys.problems.len; i++)
    rc = sp_strv_take (warnings,
                       sp_asprintf (err, "%s: every signature is rejected until this is fixed",
                                    it->keys.problems.items[i]),
                       err);
  return rc;
}

static int
find_requirements (struct sp_explanation *it, sigpolicy_error **err)
{
  const struct sp_requirements *list = &it->match.scope->requirements;
  int rc = 0;

  it->requirements = sp_calloc (list->len, sizeof *it->requirements, err);
  if (!it->requirements)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; rc == 0 && i < list->len; i++)
    {
      struct sp_explained_requirement *here = &it->requirements[it->n_requirements++];
      here->requirement = &list->items[i];
      here->looks_for_signatures = sp_requirement_needs_signature (here->requirement);
      it->looks_for_signatures = it->looks_for_signatures || here->looks_for_signatures;
      if (here->looks_for_signatures)
        rc = sp_identity_needed (&here->requirement->identity, it->image->reference, &here->needed,
                                 err);
      if (rc == 0 && here->looks_for_signatures)
        rc = sp_explained_keys_read (here->requirement, &here->keys, err);
      if (rc == 0)
        rc = warn_of_requirement (here, &it->warnings, err);
    }
  return rc;
}

int
sp_explanation_gather (struct sp_context *context, const char *name, struct sp_explanation *ret,
                       sigpolicy_error **err)
{
  int rc = sp_storage_is (name)
               ? sp_storage_name (context, name, &ret->store, &ret->image, &ret->warnings, err)
               : sp_image_parse (context, name, &ret->image, &ret->warnings, err);
  bool of_registry = rc == 0 && ret->image->transport == SP_TRANSPORT_DOCKER;

  ret->now = sp_context_now (context);
  if (rc == 0)
    rc = sp_context_policy (context, &ret->policy, err);
  if (rc == 0)
    rc = sp_context_warn_readers (context, &ret->warnings, err);
  if (rc == 0)
    rc = sp_context_compare_readers (context, of_registry, &ret->warnings, &ret->newer, err);
  if (rc == 0)
    rc = sp_explained_locations_find (context, ret->image, &ret->locations, err);
  if (rc == 0)
    rc = warn_of_locations (&ret->locations, &ret->warnings, err);
  if (rc == 0)
    rc = sp_context_reading (context, of_registry, &ret->reading, err);
  if (rc < 0)
    return rc;
  ret->match = sp_policy_lookup (ret->policy, ret->image);
  return find_requirements (ret, err);
}
