/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

static int
hand_out (struct sp_policy *policy, sigpolicy_policy **ret)
{
  *ret = (sigpolicy_policy *)policy;
  return SIGPOLICY_OK;
}

int
sigpolicy_policy_parse (const void *text, size_t size, const char *label,
                        sigpolicy_policy **ret_policy, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  struct sp_policy *policy = NULL;
  int rc = text && ret_policy ? sp_policy_parse (sp_view_n (text, size), label, &policy, &mine)
                              : sp_api_misuse ("text or ret_policy", &mine);
  return rc < 0 ? sp_api_done (err, &mine, rc) : hand_out (policy, ret_policy);
}

int
sigpolicy_policy_load (const char *path, sigpolicy_policy **ret_policy, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  struct sp_policy *policy = NULL;
  int rc = path && ret_policy ? sp_policy_load (path, &policy, &mine)
                              : sp_api_misuse ("path or ret_policy", &mine);
  return rc < 0 ? sp_api_done (err, &mine, rc) : hand_out (policy, ret_policy);
}

sigpolicy_policy *
sigpolicy_policy_ref (sigpolicy_policy *policy)
{
  return policy ? (sigpolicy_policy *)sp_policy_ref (sp_api_policy (policy)) : NULL;
}

void
sigpolicy_policy_free (sigpolicy_policy *policy)
{
  sp_policy_free (sp_api_policy (policy));
}

const char *
sigpolicy_policy_path (const sigpolicy_policy *policy)
{
  return policy ? sp_policy_path ((const struct sp_policy *)policy) : NULL;
}

const char *
sigpolicy_policy_sha256 (const sigpolicy_policy *policy)
{
  return policy ? sp_policy_sha256 ((const struct sp_policy *)policy) : NULL;
}

void
sigpolicy_context_set_policy (sigpolicy_context *context, sigpolicy_policy *policy)
{
  if (sp_api_is_ready (context) && policy)
    sp_context_set_policy (&context->inner, sp_api_policy (policy));
}
