/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Answers many questions in one process, for tests/prove/bits.py and network.py. Each is a letter
 * and its blobs, each behind its size and a newline:
 *
 *   I CLOCK POLICY MANIFEST SIGNATURE REFERENCE     may this image be used?
 *   B KEY IDENTITY ISSUER TRUSTED-ROOT BUNDLE ARTIFACT   is this bundle verified? KEY may be empty
 *   N MILLISECONDS POLICY DIRECTORY CERTIFICATES IMAGE REFERENCE   the same of an image on a
 * registry, with a context of its own; POLICY and DIRECTORY, of registries.conf and registries.d,
 * are paths; without CERTIFICATES, another one, there is no TLS
 *
 * N is answered with the exit status of the command. For the others, writes "accepted", "rejected
 * REASON" or "error" for each. A policy, and the trust of a bundle, is kept while the next question
 * has the same.
 */
#include <sigpolicy/sigpolicy.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOBS_MAX 6
#define BLOB_MAX  ((size_t)4 << 20)

struct blob
{
  char *bytes; /* a zero byte follows */
  size_t size;
};

/* What the question before this one was asked with. */
struct kept
{
  struct blob trust[4];
  sigpolicy_context *context;
  sigpolicy_bundle_verifier *verifier;
};

static void
fatal (const char *what, sigpolicy_error *err)
{
  (void)fprintf (stderr, "judge: %s: %s\n", what, err ? sigpolicy_error_text (err) : "failed");
  exit (2);
}

static struct blob
read_blob (void)
{
  struct blob blob = { 0 };

  if (scanf ("%zu", &blob.size) != 1 || getchar () != '\n' || blob.size > BLOB_MAX)
    fatal ("a blob's size", NULL);
  if (!(blob.bytes = malloc (blob.size + 1)))
    fatal ("memory", NULL);
  if (fread (blob.bytes, 1, blob.size, stdin) != blob.size)
    fatal ("a blob", NULL);
  blob.bytes[blob.size] = '\0';
  return blob;
}

static bool
equal (struct blob a, struct blob b)
{
  return a.bytes && b.bytes && a.size == b.size && memcmp (a.bytes, b.bytes, a.size) == 0;
}

/* Whether what is kept was made of these; if not, they are what is kept from now on. */
static bool
keeps (struct kept *kept, struct blob *blobs, size_t count)
{
  bool same = true;

  for (size_t i = 0; i < count; i++)
    same = same && equal (kept->trust[i], blobs[i]);
  for (size_t i = 0; i < count && !same; i++)
    {
      free (kept->trust[i].bytes);
      kept->trust[i] = blobs[i];
      blobs[i].bytes = NULL;
    }
  return same;
}

/* A file that has a path and no name. */
static int
file_of (struct blob blob, char *path, size_t size)
{
  int fd = memfd_create ("judge", MFD_CLOEXEC);

  if (fd < 0 || write (fd, blob.bytes, blob.size) != (ssize_t)blob.size)
    fatal ("a file in memory", NULL);
  (void)snprintf (path, size, "/proc/self/fd/%d", fd);
  return fd;
}

/* The context of a policy, NULL where the policy is none; err says why. */
static sigpolicy_context *
context_of (struct blob clock, struct blob text, sigpolicy_error **err)
{
  sigpolicy_context *context = NULL;
  sigpolicy_policy *policy = NULL;

  if (sigpolicy_policy_parse (text.bytes, text.size, NULL, &policy, err) < 0)
    return NULL;
  if (sigpolicy_context_new (&context, err) < 0
      || sigpolicy_context_set_clock_text (context, clock.bytes, err) < 0)
    fatal ("a context", *err);
  sigpolicy_context_set_offline (context, 1);
  sigpolicy_context_set_bundles (context, SIGPOLICY_BUNDLES_DIGEST);
  sigpolicy_context_set_policy (context, policy);
  sigpolicy_policy_free (policy);
  return context;
}

static void
answer_image (struct kept *kept, struct blob *blobs)
{
  sigpolicy_request *request = NULL;
  sigpolicy_verdict *verdict = NULL;
  sigpolicy_error *err = NULL;

  if (!keeps (kept, blobs, 2))
    {
      sigpolicy_context_free (kept->context);
      kept->context = context_of (kept->trust[0], kept->trust[1], &err);
      sigpolicy_error_free (err);
      err = NULL;
    }
  if (!kept->context)
    {
      puts ("error");
      return;
    }
  if (sigpolicy_request_new (&request, &err) < 0
      || sigpolicy_request_set_manifest (request, blobs[2].bytes, blobs[2].size, "M", &err) < 0
      || sigpolicy_request_add_signature (request, blobs[3].bytes, blobs[3].size, "S", &err) < 0
      || sigpolicy_request_set_reference (request, blobs[4].bytes, &err) < 0
      || sigpolicy_evaluate (kept->context, request, &verdict, &err) < 0)
    fatal ("a question", err);
  if (sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED)
    puts ("accepted");
  else
    printf ("rejected %s\n", sigpolicy_reason_slug (sigpolicy_verdict_reason (verdict)));
  sigpolicy_verdict_free (verdict);
  sigpolicy_request_free (request);
}

static sigpolicy_bundle_verifier *
verifier_of (const struct blob *key, const struct blob *identity, const struct blob *issuer)
{
  sigpolicy_bundle_verifier *verifier = NULL;
  sigpolicy_error *err = NULL;

  if (sigpolicy_bundle_verifier_new (&verifier, &err) < 0)
    fatal ("a verifier", err);
  if (!key->size
      && (sigpolicy_bundle_verifier_add_identity (verifier, identity->bytes, &err) < 0
          || sigpolicy_bundle_verifier_set_issuer (verifier, issuer->bytes, &err) < 0))
    fatal ("an identity", err);
  return verifier;
}

static void
answer_bundle (struct kept *kept, struct blob *blobs)
{
  sigpolicy_bundle_result *result = NULL;
  sigpolicy_error *err = NULL;
  char key[64], root[64];

  if (!keeps (kept, blobs, 4))
    {
      sigpolicy_bundle_verifier_free (kept->verifier);
      kept->verifier = verifier_of (&kept->trust[0], &kept->trust[1], &kept->trust[2]);
    }
  int key_fd = file_of (kept->trust[0], key, sizeof key);
  int root_fd = file_of (kept->trust[3], root, sizeof root);
  if ((kept->trust[0].size && sigpolicy_bundle_verifier_set_key (kept->verifier, key, &err) < 0)
      || sigpolicy_bundle_verifier_set_trusted_root (kept->verifier, root, &err) < 0)
    fatal ("trust", err);
  if (sigpolicy_bundle_verify (kept->verifier, blobs[4].bytes, blobs[4].size, blobs[5].bytes,
                               &result, &err)
      < 0)
    puts ("error");
  else
    puts (sigpolicy_bundle_result_answer (result) == SIGPOLICY_ACCEPTED ? "accepted" : "rejected");
  sigpolicy_error_free (err);
  sigpolicy_bundle_result_free (result);
  close (key_fd);
  close (root_fd);
}

/* As the command does with one image. */
static int
ask_registry (sigpolicy_context *context, const struct blob *blobs, const char *conf,
              const char *registries_d, sigpolicy_error **err)
{
  sigpolicy_request *request = NULL;
  sigpolicy_verdict *verdict = NULL;

  int rc = sigpolicy_context_set_clock_text (context, "2026-06-01T00:00:00Z", err);
  if (rc == 0)
    rc = sigpolicy_context_set_policy_path (context, blobs[1].bytes, err);
  if (rc == 0)
    rc = sigpolicy_context_set_registries_conf (context, conf, err);
  if (rc == 0)
    rc = sigpolicy_context_set_registries_d (context, registries_d, err);
  if (rc == 0)
    rc = sigpolicy_context_set_platform (context, "amd64", "linux", NULL, err);
  if (rc == 0 && blobs[3].size)
    rc = sigpolicy_context_set_cert_dir (context, blobs[3].bytes, err);
  else if (rc == 0)
    sigpolicy_context_set_tls_verify (context, 0);
  sigpolicy_context_set_image_timeout (context, strtol (blobs[0].bytes, NULL, 10));
  if (rc == 0)
    rc = sigpolicy_request_new (&request, err);
  if (rc == 0)
    rc = sigpolicy_request_set_image (request, blobs[4].bytes, err);
  if (rc == 0)
    rc = sigpolicy_request_set_reference (request, blobs[5].bytes, err);
  if (rc == 0)
    rc = sigpolicy_evaluate (context, request, &verdict, err);
  if (rc == 0)
    rc = sigpolicy_verdict_code (verdict);
  sigpolicy_verdict_free (verdict);
  sigpolicy_request_free (request);
  return rc;
}

static void
answer_session (const struct blob *blobs)
{
  sigpolicy_context *context = NULL;
  sigpolicy_error *err = NULL;
  char conf[512], registries_d[512];

  (void)snprintf (conf, sizeof conf, "%s/registries.conf", blobs[2].bytes);
  (void)snprintf (registries_d, sizeof registries_d, "%s/registries.d", blobs[2].bytes);
  if (sigpolicy_context_new (&context, &err) < 0)
    fatal ("a context", err);
  int rc = ask_registry (context, blobs, conf, registries_d, &err);
  /* The command's exit status of it. */
  printf ("%d\n", rc < SIGPOLICY_E_INTERNAL ? -SIGPOLICY_E_INTERNAL : -rc);
  sigpolicy_error_free (err);
  sigpolicy_context_free (context);
}

int
main (void)
{
  struct kept images = { 0 }, bundles = { 0 };
  struct blob blobs[BLOBS_MAX];
  sigpolicy_error *err = NULL;
  char kind;

  if (sigpolicy_global_init (SIGPOLICY_INIT_OWN_PROCESS, &err) < 0)
    fatal ("initialisation", err);
  while (scanf (" %c", &kind) == 1)
    {
      size_t count = kind == 'I' ? 5 : 6;
      for (size_t i = 0; i < count; i++)
        blobs[i] = read_blob ();
      if (kind == 'N')
        answer_session (blobs);
      else if (kind == 'I')
        answer_image (&images, blobs);
      else
        answer_bundle (&bundles, blobs);
      (void)fflush (stdout);
      for (size_t i = 0; i < count; i++)
        free (blobs[i].bytes);
    }
  sigpolicy_context_free (images.context);
  sigpolicy_bundle_verifier_free (bundles.verifier);
  for (size_t i = 0; i < 4; i++)
    {
      free (images.trust[i].bytes);
      free (bundles.trust[i].bytes);
    }
  sigpolicy_global_cleanup ();
  return 0;
}
