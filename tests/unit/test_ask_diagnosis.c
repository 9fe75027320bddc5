/* SPDX-License-Identifier: Apache-2.0 */
#include "sigpolicy/sigpolicy.h"
#include "support/put_file.h"
#include "support/remove_tree.h"
#include "util/alloc.h"
#include "util/cleanup.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#define FIXTURES   ABS_SRCDIR "/tests/fixtures/"
#define SIGSTORE   "sigstoreSigned\""
#define GPG        "signedBy\",\"keyType\":\"GPGKeys\""
#define PEM(label) "-----BEGIN " label "-----\nAAAA\n-----END " label "-----\n"
#define GET_AGAIN  "get the key from the signer again"
#define PUBLIC_ONLY                                                                             \
  "a policy needs only public keys: name a file with the public key, and keep the private key " \
  "elsewhere"

/* What is told of a file that a policy names as a key, and is none. */
static const struct
{
  const char *file;  /* its content */
  const char *words; /* of what it is */
  const char *advice;
  const char *command; /* NULL: none */
} cases[] = {
  { "", "is empty", GET_AGAIN, NULL },
  { "hello\n", "has an unknown format", GET_AGAIN, NULL },
  { " \n<!DOCTYPE html>", "is a web page", GET_AGAIN, NULL },
  { "\xef\xbb\xbf" PEM ("PUBLIC KEY"), "begins with a byte order mark", "remove the mark",
    "sed -i" },
  { PEM ("ENCRYPTED SIGSTORE PRIVATE KEY"), "is a private key of cosign", PUBLIC_ONLY,
    "cosign public-key --key" },
  { PEM ("ENCRYPTED COSIGN PRIVATE KEY"), "is a private key of cosign", PUBLIC_ONLY,
    "cosign public-key --key" },
  { PEM ("PRIVATE KEY"), "is a private key", PUBLIC_ONLY, "openssl pkey -pubout" },
  { PEM ("PGP PRIVATE KEY BLOCK"), "holds a secret GPG key",
    "a policy needs only public keys: export the public key (gpg --export), and keep the secret "
    "key elsewhere",
    NULL },
  { PEM ("PGP PUBLIC KEY BLOCK"), "is a GPG key", "for a GPG key, use \"type\": \"signedBy\"",
    "signedBy" },
  { PEM ("CERTIFICATE"), "is a certificate",
    "name a file with the public key in it, or require certificates with \"pki\"",
    "openssl x509 -noout -pubkey" },
};

/* The verdict on a signed image under that policy. */
static sigpolicy_verdict *
judge (const char *policy)
{
  cleanup_error sigpolicy_error *err = NULL;
  sigpolicy_context *context = NULL;
  sigpolicy_request *request = NULL;
  sigpolicy_verdict *verdict = NULL;

  int rc = sigpolicy_context_new (&context, &err);
  if (rc == 0)
    rc = sigpolicy_context_set_policy_path (context, policy, &err);
  if (rc == 0)
    rc = sigpolicy_request_new (&request, &err);
  if (rc == 0)
    rc = sigpolicy_request_set_reference (request, "docker://registry.example/ns/app:v1", &err);
  if (rc == 0)
    rc = sigpolicy_request_set_manifest_file (request, FIXTURES "manifest.json", &err);
  if (rc == 0)
    rc = sigpolicy_request_add_signature_file (request, FIXTURES "good.sig", &err);
  if (rc == 0)
    rc = sigpolicy_evaluate (context, request, &verdict, &err);
  cr_assert (rc == 0, "%s", sigpolicy_error_text (err));
  sigpolicy_request_free (request);
  sigpolicy_context_free (context);
  return verdict;
}

Test (ask_diagnosis, key_files)
{
  char directory[] = "/tmp/sigpolicy-test.XXXXXX";
  cleanup_error sigpolicy_error *err = NULL;

  cr_assert (mkdtemp (directory) != NULL);
  cleanup_free char *key = sp_asprintf (&err, "%s/key", directory);
  cleanup_free char *policy = sp_asprintf (&err, "%s/policy.json", directory);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_free char *text = sp_asprintf (
          &err, "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"%s\"}]}", key);
      cr_assert (put_file (key, sp_view_str (cases[i].file), &err) == 0
                 && put_file (policy, sp_view_str (text), &err) == 0);
      sigpolicy_verdict *verdict = judge (policy);
      const char *hint = sigpolicy_verdict_hint (verdict);
      const char *command = sigpolicy_verdict_hint_command (verdict);
      cr_expect (sigpolicy_verdict_answer (verdict) == SIGPOLICY_REJECTED);
      cr_expect (sigpolicy_verdict_reason (verdict) == SIGPOLICY_REASON_KEY_UNUSABLE, "row %zu: %s",
                 i, sigpolicy_reason_slug (sigpolicy_verdict_reason (verdict)));
      cr_expect (hint && strstr (hint, cases[i].words) && strstr (hint, cases[i].advice),
                 "row %zu: %s", i, hint ? hint : "none");
      cr_expect (cases[i].command ? command && strstr (command, cases[i].command) : !command,
                 "row %zu: %s", i, command ? command : "none");
      sigpolicy_verdict_free (verdict);
    }
  (void)remove_tree (directory);
}
