/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy_int.h"

#include "util/alloc.h"

struct sp_policy *
sp_policy_ref (struct sp_policy *policy)
{
  if (policy)
    __atomic_add_fetch (&policy->references, 1, __ATOMIC_RELAXED);
  return policy;
}

void
sp_policy_free (struct sp_policy *policy)
{
  if (!policy || __atomic_sub_fetch (&policy->references, 1, __ATOMIC_ACQ_REL) > 0)
    return;
  for (size_t i = 0; i < policy->n_transports; i++)
    {
      struct sp_policy_transport *transport = &policy->transports[i];
      for (size_t j = 0; j < transport->n_scopes; j++)
        {
          free (transport->scopes[j].name);
          sp_requirements_clear (&transport->scopes[j].requirements);
        }
      free (transport->scopes);
      free (transport->name);
    }
  free (policy->transports);
  for (size_t i = 0; i < SP_TRANSPORTS; i++)
    free (policy->sorted[i]);
  free (policy->default_scope.name);
  sp_requirements_clear (&policy->default_scope.requirements);
  free (policy->path);
  free (policy);
}

const char *
sp_policy_path (const struct sp_policy *policy)
{
  return policy->path;
}

const char *
sp_policy_sha256 (const struct sp_policy *policy)
{
  return policy->sha256;
}

const struct sp_policy_scope *
sp_policy_default (const struct sp_policy *policy)
{
  return &policy->default_scope;
}

size_t
sp_policy_n_transports (const struct sp_policy *policy)
{
  return policy->n_transports;
}

const struct sp_policy_transport *
sp_policy_transport (const struct sp_policy *policy, size_t index)
{
  return index < policy->n_transports ? &policy->transports[index] : NULL;
}

const struct sp_policy_transport *
sp_policy_find_transport (const struct sp_policy *policy, enum sp_transport transport)
{
  return policy->known[transport];
}

/* By halving the sorted list. */
const struct sp_policy_scope *
sp_policy_find_scope (const struct sp_policy *policy, enum sp_transport transport,
                      struct sp_view name)
{
  size_t low = 0, high = policy->known[transport] ? policy->known[transport]->n_scopes : 0;
  while (low < high)
    {
      size_t middle = low + (high - low) / 2;
      const struct sp_policy_scope *scope = policy->sorted[transport][middle];
      size_t common = name.len < scope->name_len ? name.len : scope->name_len;
      int order = common ? memcmp (name.data, scope->name, common) : 0;
      if (!order)
        order = (name.len > scope->name_len) - (name.len < scope->name_len);
      if (!order)
        return scope;
      if (order < 0)
        high = middle;
      else
        low = middle + 1;
    }
  return NULL;
}

struct sp_policy_match
sp_policy_lookup (const struct sp_policy *policy, const struct sp_image_name *image)
{
  const struct sp_policy_transport *transport = policy->known[image->transport];
  const struct sp_policy_scope *scope = NULL;

  const char *name;
  for (size_t i = 0; transport && !scope && (name = sp_image_name_scope (image, i)); i++)
    scope = sp_policy_find_scope (policy, image->transport, sp_view_str (name));
  return scope ? (struct sp_policy_match){ scope, transport }
               : (struct sp_policy_match){ &policy->default_scope, NULL };
}
