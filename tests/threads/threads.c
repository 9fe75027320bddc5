/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Eight threads share a policy, each with a context of its own, and judge images that are accepted
 * and such that are forged, all at once. contrib/check also builds it with ThreadSanitizer.
 */
#include <sigpolicy/sigpolicy.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define THREADS   8
#define ROUNDS    3
#define FIXTURES  ABS_SRCDIR "/tests/fixtures/"
#define NOW       1780272000 /* 2026-06-01 */
#define REFERENCE "docker://registry.example/ns/app:v1"

static const struct
{
  const char *name, *reference, *signature;
  sigpolicy_reason reason;
} cases[] = {
  { "accepted", REFERENCE, "good.sig", SIGPOLICY_REASON_ACCEPTED },
  { "forged", REFERENCE, "forged.sig", SIGPOLICY_REASON_BAD_SIGNATURE },
  { "accepted, framed", REFERENCE, "framed.sig", SIGPOLICY_REASON_ACCEPTED },
  { "another tag", "docker://registry.example/ns/app:v2", "good.sig",
    SIGPOLICY_REASON_IDENTITY_MISMATCH },
  { "another key", REFERENCE, "by-bob.sig", SIGPOLICY_REASON_KEY_NOT_TRUSTED },
  { "another digest", REFERENCE, "other-digest.sig", SIGPOLICY_REASON_DIGEST_MISMATCH },
  { "no signature", REFERENCE, NULL, SIGPOLICY_REASON_NO_SIGNATURE },
  { "anything", "docker://open.example/app:v1", NULL, SIGPOLICY_REASON_ACCEPTED },
  { "the default", "docker://elsewhere.example/app:v1", "good.sig",
    SIGPOLICY_REASON_REJECTED_BY_RULE },
};
#define CASES (sizeof cases / sizeof *cases)

static const char policy_text[]
    = "{\"default\":[{\"type\":\"reject\"}],\"transports\":{\"docker\":{"
      "\"registry.example\":[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"" FIXTURES
      "alice.gpg\"}],\"open.example\":[{\"type\":\"insecureAcceptAnything\"}]}}}";

struct one
{
  pthread_t thread;
  sigpolicy_policy *policy;  /* an owner of its own */
  sigpolicy_context *shared; /* or a context that shares another's */
  unsigned number, right[CASES];
  char problem[256]; /* the first */
};

static void
set_problem (struct one *one, const char *name, const char *text)
{
  if (!one->problem[0])
    (void)snprintf (one->problem, sizeof one->problem, "%s: %s", name, text);
}

static bool
judge (sigpolicy_context *context, size_t i, struct one *one)
{
  sigpolicy_request *request = NULL;
  sigpolicy_verdict *verdict = NULL;
  sigpolicy_error *error = NULL;
  char *text = NULL, path[512];
  bool right = false;

  (void)snprintf (path, sizeof path, FIXTURES "%s", cases[i].signature ? cases[i].signature : "");
  if (sigpolicy_request_new (&request, &error) < 0
      || sigpolicy_request_set_reference (request, cases[i].reference, &error) < 0
      || sigpolicy_request_set_manifest_file (request, FIXTURES "manifest.json", &error) < 0
      || (cases[i].signature && sigpolicy_request_add_signature_file (request, path, &error) < 0)
      || sigpolicy_evaluate (context, request, &verdict, &error) < 0
      || sigpolicy_verdict_format (verdict, (sigpolicy_format)(one->number % 3), 0, &text, &error)
             < 0)
    set_problem (one, cases[i].name, sigpolicy_error_text (error));
  else if (sigpolicy_verdict_reason (verdict) != cases[i].reason
           || (sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED)
                  != (cases[i].reason == SIGPOLICY_REASON_ACCEPTED))
    set_problem (one, cases[i].name, text);
  else
    right = true;
  free (text);
  sigpolicy_verdict_free (verdict);
  sigpolicy_request_free (request);
  sigpolicy_error_free (error);
  return right;
}

static void *
work (void *argument)
{
  struct one *one = argument;
  sigpolicy_context *context = one->shared;
  sigpolicy_error *error = NULL;
  char *text = NULL;

  if (!context
      && (sigpolicy_context_new (&context, &error) < 0
          || sigpolicy_context_set_registries_d (context, FIXTURES "none.d", &error) < 0))
    set_problem (one, "a context", sigpolicy_error_text (error));
  else
    {
      sigpolicy_context_set_clock (context, NOW);
      if (one->policy)
        sigpolicy_context_set_policy (context, one->policy);
      sigpolicy_policy_free (one->policy);
      /* Each thread begins elsewhere, so that different cases meet. */
      for (size_t i = 0; i < ROUNDS * CASES; i++)
        one->right[(i + one->number) % CASES] += judge (context, (i + one->number) % CASES, one);
      if (sigpolicy_explain (context, REFERENCE, SIGPOLICY_FORMAT_TEXT, 0, &text, &error) < 0)
        set_problem (one, "explain", sigpolicy_error_text (error));
    }
  free (text);
  sigpolicy_error_free (error);
  sigpolicy_context_free (context);
  return NULL;
}

static _Noreturn void
bail_out (sigpolicy_error *error)
{
  printf ("Bail out! %s\n", error ? sigpolicy_error_text (error) : "cannot start a thread");
  exit (99);
}

int
main (void)
{
  static struct one all[THREADS];
  sigpolicy_error *error = NULL;
  sigpolicy_policy *policy = NULL;
  sigpolicy_context *first = NULL;
  unsigned wrong = 0;

  if (sigpolicy_global_init (0, &error) < 0
      || sigpolicy_policy_parse (policy_text, sizeof policy_text - 1, "the policy", &policy, &error)
             < 0
      || sigpolicy_context_new (&first, &error) < 0
      || sigpolicy_context_set_registries_d (first, FIXTURES "none.d", &error) < 0)
    bail_out (error);
  sigpolicy_context_set_clock (first, NOW);
  sigpolicy_context_set_policy (first, policy);
  for (unsigned i = 0; i < THREADS; i++)
    {
      all[i].number = i;
      if (i % 2)
        all[i].policy = sigpolicy_policy_ref (policy);
      else if (sigpolicy_context_share (first, &all[i].shared, &error) < 0)
        bail_out (error);
    }
  for (unsigned i = 0; i < THREADS; i++)
    if (pthread_create (&all[i].thread, NULL, work, &all[i]) != 0)
      bail_out (NULL);
  /* What they share is theirs until the last of them ends. */
  sigpolicy_policy_free (policy);
  sigpolicy_context_free (first);
  for (unsigned i = 0; i < THREADS; i++)
    (void)pthread_join (all[i].thread, NULL);

  printf ("1..%zu\n", CASES + 1);
  for (size_t c = 0; c < CASES; c++)
    {
      unsigned right = 0;
      for (unsigned i = 0; i < THREADS; i++)
        right += all[i].right[c];
      wrong += right != THREADS * ROUNDS;
      printf ("%s %zu - %s: %u of %d are right\n", right == THREADS * ROUNDS ? "ok" : "not ok",
              c + 1, cases[c].name, right, THREADS * ROUNDS);
    }
  unsigned problems = 0;
  for (unsigned i = 0; i < THREADS; i++)
    if (all[i].problem[0])
      {
        problems++;
        for (char *at = all[i].problem; *at; at++)
          if (*at == '\n')
            *at = ' ';
        printf ("# thread %u: %s\n", i, all[i].problem);
      }
  printf ("%s %zu - every thread went through\n", problems ? "not ok" : "ok", CASES + 1);
  return wrong || problems;
}
