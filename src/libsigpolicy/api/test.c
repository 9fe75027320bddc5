/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "audit/trial.h"

#include <time.h>

static const struct sp_trial *
inner (const sigpolicy_test *test)
{
  return (const struct sp_trial *)test;
}

int
sigpolicy_test_run (const char *path, const char *policy, const char *clock,
                    sigpolicy_test **ret_test, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  struct sp_trial *trial = NULL;
  int rc = path && ret_test
               ? sp_trial_run (path, policy, clock, (sp_time)time (NULL), &trial, &mine)
               : sp_api_misuse ("path or ret_test", &mine);
  if (rc < 0)
    return sp_api_done (err, &mine, rc);
  *ret_test = (sigpolicy_test *)trial;
  return SIGPOLICY_OK;
}

void
sigpolicy_test_free (sigpolicy_test *test)
{
  sp_trial_free ((struct sp_trial *)test);
}

size_t
sigpolicy_test_count (const sigpolicy_test *test, int passed)
{
  return test ? sp_trial_count (inner (test), passed != 0) : 0;
}

int
sigpolicy_test_format (const sigpolicy_test *test, sigpolicy_format format, unsigned flags,
                       char **ret_text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!test || !ret_text)
    return sp_api_done (err, &mine, sp_api_misuse ("test or ret_text", &mine));
  char *text = sp_trial_format (inner (test), format, flags, &mine);
  if (!text)
    return sp_api_done (err, &mine, sigpolicy_error_code (mine));
  *ret_text = text;
  return SIGPOLICY_OK;
}
