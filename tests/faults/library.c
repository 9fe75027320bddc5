/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <sigpolicy/sigpolicy.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIMIT (1U << 20)

/* Calls that the command does not make. Each says what it found in one write(2), or nothing. */

struct file
{
  void *bytes;
  size_t size;
};

static int
say (const char *text)
{
  size_t size = strlen (text);
  return write (STDOUT_FILENO, text, size) == (ssize_t)size ? 0 : 6;
}

/* As the command does. */
static int
exit_status (int code)
{
  return code < SIGPOLICY_E_INTERNAL ? -SIGPOLICY_E_INTERNAL : -code;
}

static int
read_file (const char *path, struct file *ret)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  char *bytes = malloc (LIMIT);
  ssize_t size = bytes && fd >= 0 ? read (fd, bytes, LIMIT) : -1;

  if (fd >= 0)
    (void)close (fd);
  *ret = (struct file){ bytes, size > 0 ? (size_t)size : 0 };
  return !bytes ? SIGPOLICY_E_NO_MEMORY : size < 0 ? SIGPOLICY_E_NOT_FOUND : 0;
}

static int
answer (const sigpolicy_verdict *verdict)
{
  int status = exit_status (sigpolicy_verdict_code (verdict));
  if (status != 0)
    return status;
  if (sigpolicy_verdict_answer (verdict) != SIGPOLICY_ACCEPTED)
    return 99;
  return say (sigpolicy_verdict_pinned (verdict));
}

/* POLICY MANIFEST SIGNATURE NAME: everything in memory, the policy shared with a second context. */
static int
evaluate (char **argv, struct file files[3], sigpolicy_error **err)
{
  sigpolicy_policy *policy = NULL;
  sigpolicy_context *context = NULL, *other = NULL;
  sigpolicy_request *request = NULL;
  sigpolicy_verdict *verdict = NULL;

  int rc = sigpolicy_policy_parse (files[0].bytes, files[0].size, "the policy", &policy, err);
  if (rc == 0)
    rc = sigpolicy_context_new (&context, err);
  if (rc == 0)
    rc = sigpolicy_context_set_clock_text (context, "2026-06-01T00:00:00Z", err);
  if (rc == 0)
    {
      sigpolicy_context_set_policy (context, policy);
      rc = sigpolicy_context_share (context, &other, err);
    }
  sigpolicy_policy_free (policy);
  sigpolicy_context_free (context);
  if (rc == 0)
    rc = sigpolicy_request_new (&request, err);
  if (rc == 0)
    rc = sigpolicy_request_set_reference (request, argv[4], err);
  if (rc == 0)
    rc = sigpolicy_request_set_manifest (request, files[1].bytes, files[1].size, NULL, err);
  if (rc == 0)
    rc = sigpolicy_request_add_signature (request, files[2].bytes, files[2].size, NULL, err);
  if (rc == 0)
    rc = sigpolicy_evaluate (other, request, &verdict, err);
  int status = rc < 0 ? exit_status (rc) : answer (verdict);
  sigpolicy_verdict_free (verdict);
  sigpolicy_request_free (request);
  sigpolicy_context_free (other);
  return status;
}

/* KEYS MANIFEST SIGNATURE NAME: a signature by any of these keys. */
static int
verify (char **argv, struct file files[3], sigpolicy_error **err)
{
  sigpolicy_context *context = NULL;
  sigpolicy_signature_verifier *verifier = NULL;
  char **fingerprints = NULL, *fingerprint = NULL, *digest = NULL;

  int rc = sigpolicy_context_new (&context, err);
  if (rc == 0)
    rc = sigpolicy_fingerprints (context, files[0].bytes, files[0].size, &fingerprints, err);
  if (rc == 0)
    rc = sigpolicy_signature_verifier_new (&verifier, err);
  if (rc == 0)
    rc = sigpolicy_signature_verifier_set_manifest (verifier, files[1].bytes, files[1].size, err);
  if (rc == 0)
    rc = sigpolicy_signature_verifier_set_reference (verifier, argv[4], err);
  for (size_t i = 0; rc == 0 && fingerprints[i]; i++)
    rc = sigpolicy_signature_verifier_add_fingerprint (verifier, fingerprints[i], err);
  if (rc == 0)
    rc = sigpolicy_signature_verifier_set_public_keys (verifier, files[0].bytes, files[0].size,
                                                       err);
  if (rc == 0)
    rc = sigpolicy_signature_verify (context, verifier, files[2].bytes, files[2].size, &fingerprint,
                                     &digest, err);
  sigpolicy_signature_verifier_free (verifier);
  int status = rc < 0 ? exit_status (rc) : say (fingerprint);
  free (fingerprint);
  free (digest);
  sigpolicy_fingerprints_free (fingerprints);
  sigpolicy_context_free (context);
  return status;
}

int
library_main (int argc, char **argv)
{
  struct file files[3] = { 0 };
  sigpolicy_error *error = NULL;
  int rc = argc == 5 ? sigpolicy_global_init (0, &error) : SIGPOLICY_E_USAGE;

  for (int i = 0; rc == 0 && i < 3; i++)
    rc = read_file (argv[i + 1], &files[i]);
  int status = rc < 0                               ? exit_status (rc)
               : strcmp (argv[0], "@evaluate") == 0 ? evaluate (argv, files, &error)
                                                    : verify (argv, files, &error);
  for (int i = 0; i < 3; i++)
    free (files[i].bytes);
  sigpolicy_error_free (error);
  sigpolicy_global_cleanup ();
  return status;
}
