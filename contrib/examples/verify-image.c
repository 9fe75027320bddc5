/* SPDX-License-Identifier: Apache-2.0 */

/*
 * May this image be used? Prints the verdict and its reason, and exits as the sigpolicy command
 * does: 0 accepted, 1 rejected, 2 usage, 3 policy, 4 keys, 5 not found, 6 could not find out, 7
 * internal.
 *
 *   cc -o verify-image verify-image.c $(pkg-config --cflags --libs sigpolicy)
 *   ./verify-image /etc/containers/policy.json dir:/srv/app docker://quay.io/ns/app:v1
 *
 * The name is the one that the image is judged by; without it, its own. A time, such as
 * 2026-11-21T00:30:00Z, stands in place of now.
 */
#include <sigpolicy/sigpolicy.h>

#include <stdio.h>

/* What the question was, what it needs, and what came of it; all of it is released in one place. */
struct question
{
  sigpolicy_context *context;
  sigpolicy_request *request;
  sigpolicy_verdict *verdict;
  sigpolicy_error *error;
};

static int
ask (struct question *q, const char *policy, const char *image, const char *name, const char *time)
{
  int rc;

  if ((rc = sigpolicy_global_init (SIGPOLICY_INIT_OWN_PROCESS, &q->error)) < 0
      || (rc = sigpolicy_context_new (&q->context, &q->error)) < 0
      || (rc = sigpolicy_context_set_policy_path (q->context, policy, &q->error)) < 0
      || (rc = sigpolicy_request_new (&q->request, &q->error)) < 0
      || (rc = sigpolicy_request_set_image (q->request, image, &q->error)) < 0)
    return rc;
  if (name && (rc = sigpolicy_request_set_reference (q->request, name, &q->error)) < 0)
    return rc;
  if (time && (rc = sigpolicy_context_set_clock_text (q->context, time, &q->error)) < 0)
    return rc;
  return sigpolicy_evaluate (q->context, q->request, &q->verdict, &q->error);
}

/* 0 only says that there is an answer. The answer is in the verdict. */
static int
report (const struct question *q)
{
  const sigpolicy_verdict *verdict = q->verdict;

  if (sigpolicy_verdict_answer (verdict) != SIGPOLICY_ACCEPTED)
    {
      printf ("rejected: %s: %s\n", sigpolicy_reason_slug (sigpolicy_verdict_reason (verdict)),
              sigpolicy_verdict_message (verdict));
      return -sigpolicy_verdict_code (verdict);
    }
  /* Go on with the pinned reference: what the tag names may be another image by now. */
  const char *pinned = sigpolicy_verdict_pinned (verdict);
  printf ("accepted: %s\n", pinned ? pinned : sigpolicy_verdict_digest (verdict));
  return 0;
}

int
main (int argc, char **argv)
{
  struct question q = { 0 };
  int status;

  if (argc < 3 || argc > 5)
    {
      fprintf (stderr, "usage: %s POLICY IMAGE [NAME [TIME]]\n", argv[0]);
      return 2;
    }
  int rc = ask (&q, argv[1], argv[2], argc > 3 ? argv[3] : NULL, argc > 4 ? argv[4] : NULL);
  if (rc < 0)
    {
      fprintf (stderr, "%s\n", sigpolicy_error_text (q.error));
      status = -rc;
    }
  else
    status = report (&q);

  sigpolicy_verdict_free (q.verdict);
  sigpolicy_request_free (q.request);
  sigpolicy_context_free (q.context);
  sigpolicy_error_free (q.error);
  return status;
}
