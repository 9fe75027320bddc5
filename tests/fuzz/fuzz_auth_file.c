/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as a file of credentials. What it says of a name, it says again with more space round
 * it; what it finds is whole, a pair or an identity token with one; and where a host has a helper,
 * all its repositories have it. A fault has a place, and finds nothing.
 */
#include "fuzz.h"

#include "sources/credentials_int.h"
#include "util/limits.h"

#include <stdint.h>

static const struct
{
  const char *repository, *host;
} names[] = {
  { "quay.io/ns/app", "quay.io" },
  { "quay.io/other", "quay.io" },
  { "docker.io/library/busybox", "docker.io" },
  { "reg.example:5000/a", "reg.example:5000" },
};

/* 0 with an answer, or the line of the fault. */
static unsigned
look_up (struct sp_view text, bool legacy, size_t name, struct sp_auth_file_answer *answer)
{
  cleanup_error sigpolicy_error *err = NULL;

  int rc
      = sp_auth_file_look_up (text, legacy, names[name].repository, names[name].host, answer, &err);
  require ((rc == 0) == !err);
  if (rc == 0)
    return 0;
  require (rc == SIGPOLICY_E_CONFIG && sigpolicy_error_line (err) > 0);
  require (!answer->helper && !answer->credentials.user);
  return sigpolicy_error_line (err);
}

static bool
same (const char *a, const char *b)
{
  return a && b ? strcmp (a, b) == 0 : a == b;
}

static void
check_answer (const struct sp_auth_file_answer *answer)
{
  const struct sp_credentials *found = &answer->credentials;

  require (!found->from && !found->warnings.len);
  require (!found->user == !found->password);
  require (!found->identity_token || (found->user && found->identity_token[0]));
  require (!found->user || found->identity_token || found->user[0] || found->password[0]);
  require (!found->user || !strchr (found->user, ':'));
  require (!answer->helper || (!found->user && !answer->no_colon));
  require (!answer->no_colon || !found->user);
}

static void
check_again (struct sp_view text, bool legacy, size_t name, const struct sp_auth_file_answer *first)
{
  SP_CLEANUP (sp_auth_file_answer_clear) struct sp_auth_file_answer again = { 0 };
  cleanup_buf struct sp_buf spaced = SP_BUF (text.len + 2);

  sp_buf_byte (&spaced, '\n');
  sp_buf_add (&spaced, text);
  sp_buf_byte (&spaced, ' ');
  require (!spaced.failed);
  require (look_up (sp_buf_view (&spaced), legacy, name, &again) == 0);
  require (same (again.helper, first->helper) && again.no_colon == first->no_colon
           && same (again.credentials.user, first->credentials.user)
           && same (again.credentials.password, first->credentials.password)
           && same (again.credentials.identity_token, first->credentials.identity_token));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_view text = sp_view_n ((const char *)data, size);

  if (size > SP_AUTH_FILE_BYTES_MAX)
    return 0;
  for (int legacy = 0; legacy < 2; legacy++)
    {
      char *helper = NULL;
      for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        {
          SP_CLEANUP (sp_auth_file_answer_clear) struct sp_auth_file_answer answer = { 0 };
          if (look_up (text, legacy, i, &answer) > 0)
            continue;
          check_answer (&answer);
          check_again (text, legacy, i, &answer);
          require (!legacy || !answer.helper);
          if (i == 0)
            helper = steal (&answer.helper);
          else if (i == 1)
            require (same (helper, answer.helper));
        }
      free (helper);
    }
  return 0;
}
