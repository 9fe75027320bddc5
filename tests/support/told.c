/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One context that is told something between its questions: what each step does, in turn.
 *
 *   told CERT_DIR STEP...
 *
 *   USER:PASSWORD     set these credentials
 *   none              take them back
 *   share             go on with another context that shares
 *   FILE>FILE         rename the first to the second
 *   docker://NAME     judge this image, whose policy accepts anything; prints its exit status
 */
#include <sigpolicy/sigpolicy.h>

#include <stdio.h>
#include <string.h>

static int
judge (sigpolicy_context *context, const char *name)
{
  sigpolicy_request *request = NULL;
  sigpolicy_verdict *verdict = NULL;

  int rc = sigpolicy_request_new (&request, NULL);
  if (rc == 0)
    rc = sigpolicy_request_set_image (request, name, NULL);
  if (rc == 0)
    rc = sigpolicy_evaluate (context, request, &verdict, NULL);
  if (rc == 0)
    printf ("%d\n", -sigpolicy_verdict_code (verdict));
  sigpolicy_verdict_free (verdict);
  sigpolicy_request_free (request);
  return rc;
}

static int
take_step (sigpolicy_context **context, sigpolicy_context **other, const char *step)
{
  if (strncmp (step, "docker://", 9) == 0)
    return judge (*context, step);
  const char *arrow = strchr (step, '>');
  char from[4096];
  if (arrow)
    {
      (void)snprintf (from, sizeof from, "%.*s", (int)(arrow - step), step);
      return rename (from, arrow + 1);
    }
  if (strcmp (step, "share") != 0)
    return sigpolicy_context_set_credentials (*context, strcmp (step, "none") ? step : NULL, NULL);
  if (*other)
    return SIGPOLICY_E_USAGE;
  *other = *context;
  return sigpolicy_context_share (*other, context, NULL);
}

int
main (int argc, char **argv)
{
  sigpolicy_context *context = NULL, *other = NULL;

  int rc = argc > 1 ? sigpolicy_global_init (0, NULL) : SIGPOLICY_E_USAGE;
  if (rc == 0)
    rc = sigpolicy_context_new (&context, NULL);
  if (rc == 0)
    rc = sigpolicy_context_set_cert_dir (context, argv[1], NULL);
  sigpolicy_context_set_insecure_policy (context, 1);
  for (int i = 2; rc == 0 && i < argc; i++)
    rc = take_step (&context, &other, argv[i]);
  sigpolicy_context_free (context);
  sigpolicy_context_free (other);
  return rc != 0;
}
