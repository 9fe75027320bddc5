/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers for many bundles in one process: check ROOT ARTIFACT (--key PEM | --identity ID ISSUER),
 * with bundles on standard input, each behind its length and a newline. Writes "accepted" or
 * "rejected REASON", a line for each.
 */
#include "ask/bundle_check.h"

#include <stdio.h>

static int
answer (struct sp_bundle_verifier *verifier, struct sp_view bundle, const char *artifact)
{
  cleanup_bundle_answer struct sp_bundle_answer *answer = NULL;
  cleanup_error sigpolicy_error *error = NULL;

  if (sp_bundle_check (verifier, bundle, artifact, &answer, &error) < 0)
    {
      (void)fprintf (stderr, "%s\n", sigpolicy_error_text (error));
      return 1;
    }
  bool good = answer->outcome.answer == SP_ANSWER_ACCEPTED;
  printf ("%s %s %s\n", good ? "accepted" : "rejected",
          sigpolicy_reason_slug (answer->outcome.reason),
          good ? "" : sp_bundle_step_name (answer->result.failed));
  return 0;
}

int
main (int argc, char **argv)
{
  cleanup_bundle_verifier struct sp_bundle_verifier *verifier = NULL;
  cleanup_error sigpolicy_error *error = NULL;
  size_t size = 0;
  int status = 0;

  if (argc < 5 || !(verifier = sp_calloc (1, sizeof *verifier, &error)))
    return 2;
  verifier->trusted_root = sp_strdup (argv[1], &error);
  if (argc == 5)
    verifier->key = sp_strdup (argv[4], &error);
  else if (sp_strv_add (&verifier->identities, sp_view_str (argv[4]), &error) == 0)
    verifier->issuer = sp_strdup (argv[5], &error);
  while (status == 0 && scanf ("%zu", &size) == 1 && getchar () == '\n')
    {
      cleanup_free char *bytes = malloc (size + 1);
      if (!bytes || fread (bytes, 1, size, stdin) != size)
        return 2;
      status = answer (verifier, sp_view_n (bytes, size), argv[2]);
    }
  return status;
}
