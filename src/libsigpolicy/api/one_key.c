/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "edit/edit.h"
#include "util/limits.h"

/* A policy that asks for one key, of which nobody wrote a file. */

static int
describe (const char *path, const char *identity, struct sp_rule *rule, sigpolicy_error **err)
{
  enum sp_requirement_type type = SP_REQUIREMENT_SIGNED_BY;
  const char *why = NULL;

  int rc = sp_edit_type_of_key (path, &type, err);
  if (rc == 0)
    rc = sp_strv_add (&rule->keys, sp_view_str (path), err);
  rule->type = type;
  if (rc == 0 && identity)
    rc = sp_rule_set_identity (rule, identity, err);
  if (rc == 0)
    rc = sp_rule_make_absolute (rule, err);
  return rc < 0 ? rc : sp_rule_choose_identity (rule, "docker", &why, err);
}

static int
make_policy (const struct sp_rule *rule, struct sp_policy **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_POLICY_BYTES_MAX);

  sp_buf_str (&text, "{\"default\":");
  int rc = sp_rule_write (rule, &text, err);
  sp_buf_byte (&text, '}');
  if (rc == 0)
    rc = sp_buf_check (&text, err);
  if (rc == 0)
    rc = sp_policy_parse (sp_buf_view (&text), NULL, ret, err);
  /* A name in the identity that is none is a fault of the question. */
  return rc == SIGPOLICY_E_CONFIG ? sp_error_class (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE)
                                  : rc;
}

int
sigpolicy_context_set_key (sigpolicy_context *context, const char *path, const char *identity,
                           sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  cleanup_rule struct sp_rule rule = { 0 };
  cleanup_policy struct sp_policy *policy = NULL;

  if (!sp_api_is_ready (context) || !path)
    return sp_api_done (err, &mine, sp_api_misuse_of (context, "context or path", &mine));
  int rc = describe (path, identity, &rule, &mine);
  if (rc == 0)
    rc = make_policy (&rule, &policy, &mine);
  if (rc == 0)
    rc = sp_edit_check_keys (&sp_policy_default (policy)->requirements, &mine);
  char *kept = rc == 0 ? sp_strdup (rule.keys.items[0], &mine) : NULL;
  if (kept)
    sp_context_set_key (&context->inner, policy, kept);
  return sp_api_done (err, &mine, rc < 0 || kept ? rc : SIGPOLICY_E_NO_MEMORY);
}
