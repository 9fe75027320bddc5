/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/trial_int.h"

#include "audit/example.h"
#include "audit/implies.h"

/*
 * A claim about all images of a scope. Each of them is decided on by the nearest scope of the
 * policy: one below the claim's, or else what decides right at it. So the claim holds when it holds
 * for the requirements of each of those; where it does not, an image is named that proves it.
 */

/* Is it the claim's scope, or one below it? */
static int
is_within (const struct sp_trial_case *it, struct sp_view name, bool *ret, sigpolicy_error **err)
{
  cleanup_strv struct sp_strv parents = { 0 };
  struct sp_view scope = sp_view_str (it->scope);

  *ret = !scope.len || sp_view_equal (name, scope);
  int rc = *ret ? 0 : sp_scope_parents (it->transport, name, &parents, err);
  for (size_t i = 0; rc == 0 && !*ret && i < parents.len; i++)
    *ret = sp_view_is (scope, parents.items[i]);
  return rc;
}

static bool
breaks (const struct sp_trial_case *it, const struct sp_requirements *requirements)
{
  return it->kind == SP_TRIAL_NEVER_UNSIGNED ? sp_requirements_accept_anything (requirements)
                                             : !sp_requirements_always_reject (requirements);
}

/* An image that these requirements decide on; NULL where none was found, or with *err set. */
static char *
find_image (const struct sp_trial *trial, struct sp_view scope,
            const struct sp_policy_scope *decider, sigpolicy_error **err)
{
  static const char *const behind[]
      = { "", ":zz-example-zz", "/zz-example-zz:latest", "/zz-example-zz/app:latest" };
  cleanup_free char *first = sp_example_image (scope, err);

  for (size_t i = 0; !*err && i <= sizeof behind / sizeof *behind; i++)
    {
      cleanup_error sigpolicy_error *no_name = NULL;
      cleanup_image_name struct sp_image_name *image = NULL;
      bool wildcard = sp_view_starts (scope, sp_view_str ("*."));
      cleanup_free char *text = i == 0 ? (first ? sp_strdup (first, err) : NULL)
                                       : sp_asprintf (err, "docker://%s%.*s%s",
                                                      wildcard    ? "zz-example-zz"
                                                      : scope.len ? ""
                                                                  : "zz-example-zz.invalid",
                                                      (int)(scope.len - wildcard),
                                                      scope.data + wildcard, behind[i - 1]);
      if (text && sp_image_name_parse (sp_view_str (text), &image, &no_name) == 0
          && sp_policy_lookup (trial->policy, image).scope == decider)
        return sp_strdup (image->text, err);
      if (no_name && sigpolicy_error_code (no_name) == SIGPOLICY_E_NO_MEMORY)
        (void)sp_error_no_memory (err);
    }
  return NULL;
}

static int
refute (const struct sp_trial *trial, struct sp_trial_case *it, struct sp_view scope,
        const struct sp_policy_match *match, sigpolicy_error **err)
{
  it->passed = false;
  it->got = sp_strdup (it->kind == SP_TRIAL_NEVER_UNSIGNED ? "accepted without a signature"
                                                           : "not rejected by rule",
                       err);
  if (it->got && it->transport == SP_TRANSPORT_DOCKER)
    it->example = find_image (trial, scope, match->scope, err);
  else if (it->got && scope.len)
    it->example = sp_asprintf (err, "%s:%.*s", sp_transport_name (it->transport), (int)scope.len,
                               scope.data);
  return *err ? sigpolicy_error_code (*err) : sp_trial_blame (it, match, err);
}

/* What decides right at the claim's scope. */
static int
find_decider (const struct sp_trial *trial, const struct sp_trial_case *it,
              struct sp_policy_match *ret, sigpolicy_error **err)
{
  cleanup_strv struct sp_strv parents = { 0 };
  struct sp_view name = sp_view_str (it->scope);

  int rc = sp_scope_parents (it->transport, name, &parents, err);
  if (rc < 0)
    return rc;
  ret->scope = sp_policy_find_scope (trial->policy, it->transport, name);
  for (size_t i = 0; !ret->scope && i < parents.len; i++)
    ret->scope
        = sp_policy_find_scope (trial->policy, it->transport, sp_view_str (parents.items[i]));
  if (!ret->scope)
    ret->scope = sp_policy_find_scope (trial->policy, it->transport, sp_view_str (""));
  ret->transport = ret->scope ? sp_policy_find_transport (trial->policy, it->transport) : NULL;
  if (!ret->scope)
    ret->scope = sp_policy_default (trial->policy);
  return 0;
}

int
sp_trial_prove (struct sp_trial *trial, struct sp_trial_case *it, sigpolicy_error **err)
{
  const struct sp_policy_transport *transport
      = sp_policy_find_transport (trial->policy, it->transport);
  struct sp_policy_match match = { NULL, NULL };

  it->passed = true;
  int rc = find_decider (trial, it, &match, err);
  if (rc < 0)
    return rc;
  if (breaks (it, &match.scope->requirements))
    return refute (trial, it, sp_view_str (it->scope), &match, err);
  for (size_t i = 0; transport && it->passed && i < transport->n_scopes; i++)
    {
      const struct sp_policy_scope *scope = &transport->scopes[i];
      struct sp_view name = sp_view_n (scope->name, scope->name_len);
      bool within = false;
      if (!breaks (it, &scope->requirements))
        continue;
      rc = is_within (it, name, &within, err);
      if (rc == 0 && within && it->transport == SP_TRANSPORT_DOCKER)
        {
          cleanup_free char *example = sp_example_image (name, err);
          within = example;
          rc = *err ? sigpolicy_error_code (*err) : 0;
        }
      if (rc == 0 && within)
        rc = refute (trial, it, name, &(struct sp_policy_match){ scope, transport }, err);
      if (rc < 0)
        return rc;
    }
  return 0;
}
