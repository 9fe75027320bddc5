/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as a file of policy tests. What is read has cases, each about one thing, with a name
 * that can be printed; each can be tried by a policy that rejects everything, where no case that
 * expects an acceptance passes and a claim that all is rejected does.
 */
#include "fuzz.h"

#include "audit/trial_int.h"
#include "util/codec.h"
#include "util/limits.h"

static void
check_signature (const struct sp_trial_signature *signature)
{
  bool certified = signature->kind != SP_TRIAL_KEY;

  require (signature->file && signature->line);
  require (certified || (!signature->email && !signature->issuer && !signature->hostname));
  require (!certified || !signature->fingerprint);
  require (!certified || signature->email || signature->hostname);
}

static void
check_case (const struct sp_trial_case *it)
{
  bool is_image = it->kind == SP_TRIAL_IMAGE;

  require (it->name && it->line && !it->passed && !it->got);
  for (const char *at = it->name; *at; at++)
    require ((unsigned char)*at >= ' ' && *at != 0x7f);
  require (!it->image == !is_image && !it->scope == is_image);
  require (is_image || (!it->n_signatures && !it->accepted));
  require (it->n_signatures <= SP_SIGNATURES_MAX);
  for (size_t i = 0; i < it->n_signatures; i++)
    check_signature (&it->signatures[i]);
}

/* No key file is read where everything is rejected. */
static void
try_case (struct sp_trial *trial, struct sp_trial_case *it)
{
  cleanup_error sigpolicy_error *err = NULL;
  int rc = it->kind == SP_TRIAL_IMAGE ? sp_trial_judge (trial, it, &err)
                                      : sp_trial_prove (trial, it, &err);

  require ((rc == 0) == !err);
  if (rc == 0)
    require (it->kind == SP_TRIAL_IMAGE ? !(it->passed && it->accepted) : it->passed);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const struct sp_view policy = SP_VIEW ("{\"default\":[{\"type\":\"reject\"}]}");
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_trial struct sp_trial *trial = sp_calloc (1, sizeof *trial, &err);
  cleanup_free char *own_policy = NULL, *clock = NULL;

  require (trial && (trial->path = sp_strdup ("/nowhere/tests.yaml", &err)));
  require (sp_policy_parse (policy, "policy.json", &trial->policy, &err) == 0);
  int rc = sp_trial_parse (trial, sp_view_n ((const char *)data, size), &own_policy, &clock, &err);
  require ((rc == 0) == !err);
  if (rc < 0)
    {
      require (rc == SIGPOLICY_E_CONFIG && !own_policy && !clock);
      return 0;
    }
  require (trial->n_cases > 0 && (!own_policy || own_policy[0] == '/' || !own_policy[0]));
  for (size_t i = 0; i < trial->n_cases; i++)
    {
      check_case (&trial->cases[i]);
      try_case (trial, &trial->cases[i]);
    }
  return 0;
}
