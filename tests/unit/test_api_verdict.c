/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "ask/diagnosis.h"
#include "support/put_file.h"
#include "support/remove_tree.h"
#include "util/fs.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define FIXTURES ABS_SRCDIR "/tests/fixtures/"
#define NOW      1780272000 /* 2026-06-01 */
#define POLICY(key_path)                                                                      \
  "{\"default\":[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"" key_path "\":\"" FIXTURES \
  "alice.gpg\"}]}"

/* What a program is told to do: a command, an edit, or nothing. */
Test (api_verdict, hints)
{
  static const struct
  {
    const char *policy, *signature, *hint, *command, *old, *text;
  } cases[] = {
    { POLICY ("keyPath"), "good.sig", NULL, NULL, NULL, NULL },
    { POLICY ("keyPath"), "other-tag.sig", "it was signed as registry.example/ns/app:v2",
      " registry.example/ns/app --type signedBy ", NULL, NULL },
    { POLICY ("keyPath"), "other-digest.sig", "nothing on this host will help", NULL, NULL, NULL },
    { POLICY ("keypath"), "good.sig", "did you mean \"keyPath\"?", NULL, "\"keypath\"",
      "\"keyPath\"" },
  };
  char directory[] = "/tmp/sigpolicy-test.XXXXXX";
  cleanup_error sigpolicy_error *err = NULL;

  cr_assert (mkdtemp (directory) != NULL);
  cleanup_free char *path = sp_asprintf (&err, "%s/policy.json", directory);
  cr_assert (path != NULL);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      sigpolicy_context *context = NULL;
      sigpolicy_request *request = NULL;
      sigpolicy_verdict *verdict = NULL;
      sigpolicy_hint_edit edit = { 0 };
      cleanup_free char *signature = sp_asprintf (&err, FIXTURES "%s", cases[i].signature);

      cr_assert (put_file (path, sp_view_str (cases[i].policy), &err) == 0);
      cr_assert (sigpolicy_context_new (&context, &err) == 0);
      sigpolicy_context_set_clock (context, NOW);
      int rc = sigpolicy_context_set_policy_path (context, path, &err);
      if (rc == 0)
        rc = sigpolicy_request_new (&request, &err);
      if (rc == 0)
        rc = sigpolicy_request_set_reference (request, "docker://registry.example/ns/app:v1", &err);
      if (rc == 0)
        rc = sigpolicy_request_set_manifest_file (request, FIXTURES "manifest.json", &err);
      if (rc == 0)
        rc = sigpolicy_request_add_signature_file (request, signature, &err);
      if (rc == 0)
        rc = sigpolicy_evaluate (context, request, &verdict, &err);
      cr_assert (rc == 0, "%s", sigpolicy_error_text (err));

      const char *hint = sigpolicy_verdict_hint (verdict);
      const char *command = sigpolicy_verdict_hint_command (verdict);
      int edits = sigpolicy_verdict_hint_edit (verdict, &edit);
      cr_expect (cases[i].hint ? hint && strstr (hint, cases[i].hint) : !hint, "row %zu: %s", i,
                 hint ? hint : "none");
      cr_expect (cases[i].command ? command && strstr (command, cases[i].command) : !command,
                 "row %zu: %s", i, command ? command : "none");
      cr_expect (edits == (cases[i].old != NULL), "row %zu", i);
      if (edits)
        {
          cr_expect_str_eq (edit.file, path);
          cr_expect (edit.line == 1 && edit.column > 1);
          cr_expect_str_eq (edit.old, cases[i].old);
          cr_expect_str_eq (edit.text, cases[i].text);
        }
      sigpolicy_verdict_free (verdict);
      sigpolicy_request_free (request);
      sigpolicy_context_free (context);
    }
  cr_expect (!sigpolicy_verdict_hint (NULL) && !sigpolicy_verdict_hint_command (NULL)
             && !sigpolicy_verdict_hint_edit (NULL, NULL));
  (void)remove_tree (directory);
}

/* --- whose key it was --------------------------------------------------------------------------
 */

/* The verdict on a manifest with one signature, under a policy of one requirement; it outlives its
 * context and the files. */
static sigpolicy_verdict *
judge (const char *policy_text, const char *signature, const char *reference, bool all_signatures)
{
  cleanup_error sigpolicy_error *err = NULL;
  sigpolicy_policy *policy = NULL;
  sigpolicy_context *context = NULL;
  sigpolicy_request *request = NULL;
  sigpolicy_verdict *verdict = NULL;

  cr_assert (sigpolicy_policy_parse (policy_text, strlen (policy_text), NULL, &policy, &err) == 0,
             "%s", sigpolicy_error_text (err));
  cr_assert (sigpolicy_context_new (&context, &err) == 0);
  sigpolicy_context_set_clock (context, NOW);
  sigpolicy_context_set_policy (context, policy);
  sigpolicy_policy_free (policy);
  int rc = sigpolicy_context_set_registries_d (context, FIXTURES "none.d", &err);
  if (rc == 0)
    rc = sigpolicy_request_new (&request, &err);
  if (rc == 0)
    rc = sigpolicy_request_set_reference (request, reference, &err);
  if (rc == 0)
    rc = sigpolicy_request_set_manifest_file (request, FIXTURES "manifest.json", &err);
  if (rc == 0 && signature)
    rc = sigpolicy_request_add_signature_file (request, signature, &err);
  sigpolicy_request_set_all_signatures (request, all_signatures);
  if (rc == 0)
    rc = sigpolicy_evaluate (context, request, &verdict, &err);
  cr_assert (rc == 0, "%s", sigpolicy_error_text (err));
  sigpolicy_request_free (request);
  sigpolicy_context_free (context);
  return verdict;
}

#define NAME "docker://registry.example/ns/app:v1"
#define SIGSTORE                                                       \
  "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"" FIXTURES \
  "sigstore/cosign.pub\",\"signedIdentity\":{\"type\":\"matchRepository\"}}]}"

Test (api_verdict, signer)
{
  static const struct
  {
    const char *policy, *signature, *reference;
    const char *user_id, *key_file;
    bool is_known, is_signed;
  } cases[] = {
    { POLICY ("keyPath"), FIXTURES "good.sig", NAME, "alice <alice@example.com>",
      FIXTURES "alice.gpg", true, true },
    /* Verified, and for another name: whose it is is known all the same. */
    { POLICY ("keyPath"), FIXTURES "other-tag.sig", NAME, "alice <alice@example.com>",
      FIXTURES "alice.gpg", true, true },
    /* Not verified: what it says of itself is no signer. */
    { POLICY ("keyPath"), FIXTURES "forged.sig", NAME, NULL, NULL, false, false },
    { POLICY ("keyPath"), FIXTURES "by-bob.sig", NAME, NULL, NULL, false, false },
    { SIGSTORE, FIXTURES "sigstore/by-cosign-cosign.sig", NAME, NULL,
      FIXTURES "sigstore/cosign.pub", true, false },
  };

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      const sigpolicy_signer *who = NULL, *again = NULL;
      int64_t time = 0;
      sigpolicy_verdict *verdict
          = judge (cases[i].policy, cases[i].signature, cases[i].reference, false);
      const sigpolicy_judged_signature *signature
          = sigpolicy_judged_requirement_signature (sigpolicy_verdict_requirement (verdict, 0), 0);

      cr_assert (signature != NULL, "row %zu", i);
      cr_assert (sigpolicy_judged_signature_signer (signature, &who, &err) == 0);
      cr_assert (sigpolicy_judged_signature_signer (signature, &again, &err) == 0);
      cr_expect (who == again && (who != NULL) == cases[i].is_known, "row %zu", i);
      if (cases[i].user_id)
        cr_expect_str_eq (sigpolicy_signer_user_id (who), cases[i].user_id, "row %zu", i);
      else
        cr_expect (!sigpolicy_signer_user_id (who), "row %zu", i);
      if (cases[i].key_file)
        cr_expect_str_eq (sigpolicy_signer_key_file (who), cases[i].key_file, "row %zu", i);
      else
        cr_expect (!sigpolicy_signer_key_file (who), "row %zu", i);
      cr_expect (!sigpolicy_signer_expires (who, &time), "row %zu", i);
      cr_expect (
          !cases[i].is_signed
              || (sigpolicy_judged_signature_signed (signature, &time) && time > 0 && time <= NOW),
          "row %zu", i);
      cr_expect (cases[i].is_known || !sigpolicy_judged_signature_signed (signature, &time),
                 "row %zu", i);
      sigpolicy_verdict_free (verdict);
    }
  cr_expect (sigpolicy_judged_signature_signer (NULL, NULL, NULL) == SIGPOLICY_E_USAGE);
}

/* Two policies that name one key by two paths: each verdict has its own. */
Test (api_verdict, signer_of_the_same_key)
{
  char directory[] = "/tmp/sigpolicy-test.XXXXXX";
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf key = SP_BUF (1 << 20);

  cr_assert (mkdtemp (directory) != NULL);
  cleanup_free char *path = sp_asprintf (&err, "%s/copy.gpg", directory);
  cleanup_free char *policy = sp_asprintf (
      &err,
      "{\"default\":[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"" FIXTURES
      "alice.gpg\"},{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"%s\"}]}",
      path);
  cr_assert (sp_fs_read (FIXTURES "alice.gpg", &key, &err) == 0);
  cr_assert (path && policy && put_file (path, sp_buf_view (&key), &err) == 0);
  sigpolicy_verdict *verdict = judge (policy, FIXTURES "good.sig", NAME, false);
  cr_assert (sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED);
  for (unsigned i = 0; i < 2; i++)
    {
      const sigpolicy_signer *who = NULL;
      cr_assert (
          sigpolicy_judged_signature_signer (sigpolicy_judged_requirement_signature (
                                                 sigpolicy_verdict_requirement (verdict, i), 0),
                                             &who, &err)
          == 0);
      cr_expect_str_eq (sigpolicy_signer_key_file (who), i ? path : FIXTURES "alice.gpg");
    }
  sigpolicy_verdict_free (verdict);
  (void)remove_tree (directory);
}

/* --- all the signatures there are --------------------------------------------------------------
 */

Test (api_verdict, all_signatures)
{
  const char *where;
  sigpolicy_verdict *verdict = judge (POLICY ("keyPath"), NULL, NAME, true);

  cr_expect (sigpolicy_verdict_reason (verdict) == SIGPOLICY_REASON_NO_SIGNATURE);
  for (unsigned i = 0; (where = sigpolicy_verdict_looked_at (verdict, i, NULL)); i++)
    cr_expect (false, "looked at %s", where);
  sigpolicy_verdict_free (verdict);
  verdict = judge (POLICY ("keyPath"), FIXTURES "good.sig", NAME, true);
  cr_expect (sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED);
  sigpolicy_verdict_free (verdict);
}

/* --- a fault of our own ------------------------------------------------------------------------
 */

/* No input makes one: what is said of it is asked here. */
Test (api_verdict, internal)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_context context = { 0 };
  struct sp_request request = { 0 };
  struct sp_verdict verdict
      = { .outcome = { .code = SIGPOLICY_E_INTERNAL, .reason = SIGPOLICY_REASON_INTERNAL } };

  cr_assert (sp_diagnose (&context, &request, NULL, NULL, &verdict, &err) == 0);
  cr_assert (verdict.outcome.hint.text != NULL);
  cr_expect (strstr (verdict.outcome.hint.text, "report it"));
  cr_expect (strstr (verdict.outcome.hint.text, "nothing on this host will help"));
  cr_expect (!verdict.outcome.hint.command && !verdict.outcome.hint.file);
  sp_hint_clear (&verdict.outcome.hint);
}
