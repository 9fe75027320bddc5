/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Measures calls of the library, in a process that does nothing else.
 *
 * usage: in_process load POLICY             microseconds to read and parse a policy, once
 *        in_process explain POLICY NAME     microseconds for a question, the policy being loaded
 *        in_process floor                   does nothing: a process that links what the library
 * links
 */
#include <sigpolicy/sigpolicy.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define QUESTIONS 1000

static double
now (void)
{
  struct timespec at;
  (void)clock_gettime (CLOCK_MONOTONIC, &at);
  return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static int
load (const char *path, sigpolicy_policy **ret, sigpolicy_error **err)
{
  double start = now ();
  int rc = sigpolicy_policy_load (path, ret, err);
  double took = now () - start;
  if (rc == 0)
    (void)printf ("%.1f\n", took);
  return rc;
}

static int
explain (sigpolicy_policy *policy, const char *name, sigpolicy_error **err)
{
  sigpolicy_context *context = NULL;
  int rc = sigpolicy_context_new (&context, err);

  if (rc < 0)
    return rc;
  sigpolicy_context_set_policy (context, policy);
  rc = sigpolicy_context_set_registries_d (context, "/nonexistent", err);
  double start = now ();
  for (int i = 0; rc == 0 && i < QUESTIONS; i++)
    {
      char *text = NULL;
      rc = sigpolicy_explain (context, name, SIGPOLICY_FORMAT_TEXT, 0, &text, err);
      free (text);
    }
  double took = now () - start;
  if (rc == 0)
    (void)printf ("%.2f\n", took / QUESTIONS);
  sigpolicy_context_free (context);
  return rc;
}

int
main (int argc, char **argv)
{
  sigpolicy_policy *policy = NULL;
  sigpolicy_error *error = NULL;
  int rc = 0;

  if (argc == 2 && strcmp (argv[1], "floor") == 0)
    return 0;
  if (argc < 3)
    return 2;
  if (strcmp (argv[1], "load") == 0)
    rc = load (argv[2], &policy, &error);
  else
    {
      rc = sigpolicy_policy_load (argv[2], &policy, &error);
      if (rc == 0)
        rc = explain (policy, argc > 3 ? argv[3] : "", &error);
    }
  if (rc < 0)
    (void)fprintf (stderr, "%s\n", sigpolicy_error_text (error));
  sigpolicy_error_free (error);
  sigpolicy_policy_free (policy);
  return rc < 0;
}
