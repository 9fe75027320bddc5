/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "support/put_file.h"
#include "support/remove_tree.h"
#include "util/alloc.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define FIXTURES ABS_SRCDIR "/tests/fixtures/"
#define NOW      1780272000 /* 2026-06-01 */

static int
read_policy (const char *text, const char *image, unsigned flags, sigpolicy_trust **ret,
             sigpolicy_error **err)
{
  char directory[] = "/tmp/sigpolicy-test.XXXXXX";
  sigpolicy_context *context = NULL;

  cr_assert (mkdtemp (directory) != NULL);
  cleanup_free char *path = sp_asprintf (err, "%s/policy.json", directory);
  cr_assert (path && put_file (path, sp_view_str (text), err) == 0);
  cr_assert (sigpolicy_context_new (&context, err) == 0);
  sigpolicy_context_set_clock (context, NOW);
  cr_assert (sigpolicy_context_set_policy_path (context, path, err) == 0);
  cr_assert (sigpolicy_context_set_registries_d (context, directory, err) == 0);
  int rc = sigpolicy_trust_read (context, SIGPOLICY_EDIT_HOST, image, flags, ret, err);
  sigpolicy_context_free (context);
  remove_tree (directory);
  return rc;
}

/* All of it outlives the context and the files; bytes are the policy's own, a NUL among them. */
Test (api_trust, rows_and_keys)
{
  static const char policy[]
      = "{\"default\":[{\"type\":\"reject\"}],\"transports\":{\"docker\":{"
        "\"registry.example\":[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":"
        "\"" FIXTURES "alice.gpg\"}],"
        "\"a\\u0000\\u001bb\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"/nonexistent\"}]}}}";
  cleanup_error sigpolicy_error *err = NULL;
  sigpolicy_trust *trust = NULL;

  cr_assert (read_policy (policy, NULL, SIGPOLICY_TRUST_ROWS | SIGPOLICY_TRUST_KEYS, &trust, &err)
                 == 0,
             "%s", sigpolicy_error_text (err));
  cr_expect (trust->document_size == strlen (policy) && strcmp (trust->document, policy) == 0);
  cr_assert_eq (trust->n_rows, 3u);

  const sigpolicy_trust_row *row = trust->rows;
  cr_expect (!row[0].transport.bytes && strcmp (row[0].type_shown, "reject") == 0);
  cr_expect_eq (row[0].n_keys, 0u);

  cr_expect (row[1].scope.size == 4 && memcmp (row[1].scope.bytes, "a\0\033b", 5) == 0);
  cr_expect_str_eq (row[1].scope.printable, "a\\x00\\x1bb");
  cr_expect_str_eq (row[1].id.bytes, "N/A");

  cr_expect_str_eq (row[2].transport.bytes, "docker");
  cr_expect_str_eq (row[2].type_shown, "signed");
  cr_assert (row[2].n_keys == 1 && row[2].keys[0].fingerprint);
  cr_expect (row[2].keys[0].name && !row[2].keys[0].problem && !row[2].keys[0].is_expired);
  cr_expect_str_eq (row[2].keys[0].source, FIXTURES "alice.gpg");
  sigpolicy_trust_free (trust);
}

/* Without the keys none is read; the document alone need not be a policy, and rows must be one. */
Test (api_trust, parts)
{
  cleanup_error sigpolicy_error *err = NULL;
  sigpolicy_trust *trust = NULL;

  cr_assert (read_policy ("no policy", NULL, 0, &trust, &err) == 0);
  cr_expect (trust->n_rows == 0 && strcmp (trust->document, "no policy") == 0);
  sigpolicy_trust_free (trust);
  trust = NULL;
  cr_expect (read_policy ("no policy", NULL, SIGPOLICY_TRUST_ROWS, &trust, &err)
             == SIGPOLICY_E_CONFIG);
  cr_expect (!trust);
  sp_error_clear (&err);
  cr_expect (sigpolicy_trust_read (NULL, SIGPOLICY_EDIT_HOST, NULL, 0, &trust, NULL)
             == SIGPOLICY_E_USAGE);
  sigpolicy_trust_free (NULL);
}

/* Of an image, the rows of the scope that decides; what verification refuses decides nothing. */
Test (api_trust, of_an_image)
{
  static const char policy[] = "{\"default\":[{\"type\":\"reject\"}],\"transports\":{\"docker\":{"
                               "\"a.example/ns\":[{\"type\":\"insecureAcceptAnything\"}]}}}";
  cleanup_error sigpolicy_error *err = NULL;
  sigpolicy_trust *trust = NULL;

  cr_assert (read_policy (policy, "a.example/ns/app:v1", SIGPOLICY_TRUST_ROWS, &trust, &err) == 0);
  cr_expect (trust->n_rows == 1 && strcmp (trust->rows[0].type_shown, "accept") == 0);
  sigpolicy_trust_free (trust);
  trust = NULL;
  cr_assert (read_policy (policy, "b.example/ns/app:v1", SIGPOLICY_TRUST_ROWS, &trust, &err) == 0);
  cr_expect (trust->n_rows == 1 && !trust->rows[0].transport.bytes);
  sigpolicy_trust_free (trust);
  trust = NULL;
  cr_expect (read_policy ("{\"default\":[]}", "a.example/ns", SIGPOLICY_TRUST_ROWS, &trust, &err)
             == SIGPOLICY_E_CONFIG);
}
