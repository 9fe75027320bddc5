/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/ask.h"
#include "evaluate/evaluate.h"
#include "util/fs.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define NAME "docker://registry.example/ns/app:v1"
#define ALICE                                                                \
  "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"" ABS_SRCDIR \
  "/tests/fixtures/alice.gpg\"}"
#define BOB                                                                  \
  "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"" ABS_SRCDIR \
  "/tests/fixtures/bob.gpg\"}"
#define NONE "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"/nonexistent/key\"}"
#define X509 \
  "{\"type\":\"signedBy\",\"keyType\":\"X509Certificates\",\"keyPath\":\"/nonexistent/key\"}"
#define BASE                "{\"type\":\"signedBaseLayer\",\"baseLayerIdentity\":{\"type\":\"matchExact\"}}"
#define SIGSTORE_KEYS(path) "{\"type\":\"sigstoreSigned\",\"keyPath\":\"" path "\"}"
#define SIGSTORE            SIGSTORE_KEYS (ABS_SRCDIR "/tests/fixtures/sigstore/cosign.pub")
#define NO_SIGSTORE         SIGSTORE_KEYS ("/nonexistent/key")
#define ACCEPT              "{\"type\":\"insecureAcceptAnything\"}"
#define REJECT              "{\"type\":\"reject\"}"

/* Signatures are files of tests/fixtures, at most three. */
static const struct
{
  const char *name, *requirements, *signatures[3];
  bool require_signed;
  int code;
  sigpolicy_reason reason;
  const char *message;
} cases[] = {
  { "good", ALICE, { "good.sig" }, false, 0, SIGPOLICY_REASON_ACCEPTED, NULL },
  { "forged", ALICE, { "forged.sig" }, false, -1, SIGPOLICY_REASON_BAD_SIGNATURE, NULL },
  { "good, and required", ALICE, { "good.sig" }, true, 0, SIGPOLICY_REASON_ACCEPTED, NULL },
  { "one good of two",
    ALICE,
    { "forged.sig", "good.sig" },
    false,
    0,
    SIGPOLICY_REASON_ACCEPTED,
    NULL },
  { "both must hold",
    ALICE "," BOB,
    { "good.sig" },
    false,
    -1,
    SIGPOLICY_REASON_KEY_NOT_TRUSTED,
    NULL },
  { "both hold",
    ALICE "," BOB,
    { "good.sig", "by-bob.sig" },
    false,
    0,
    SIGPOLICY_REASON_ACCEPTED,
    NULL },
  { "none there",
    ALICE,
    { NULL },
    false,
    -1,
    SIGPOLICY_REASON_NO_SIGNATURE,
    "A signature was required, but no signature exists" },
  { "anything", ACCEPT, { NULL }, false, 0, SIGPOLICY_REASON_ACCEPTED, NULL },
  { "anything, but required",
    ACCEPT,
    { NULL },
    true,
    -1,
    SIGPOLICY_REASON_NOT_SIGNED_ENOUGH,
    "No signature verification policy found for image docker:registry.example/ns/app:v1" },
  { "anything and signed, required",
    ACCEPT "," ALICE,
    { "good.sig" },
    true,
    0,
    SIGPOLICY_REASON_ACCEPTED,
    NULL },
  { "anything, unparsable", ACCEPT, { "armored.asc" }, false, 0, SIGPOLICY_REASON_ACCEPTED, NULL },
  { "unparsable beside good",
    ALICE,
    { "good.sig", "armored.asc" },
    false,
    -1,
    SIGPOLICY_REASON_BAD_SIGNATURE,
    NULL },
  { "reject",
    REJECT,
    { "good.sig" },
    false,
    -1,
    SIGPOLICY_REASON_REJECTED_BY_RULE,
    "Running image " NAME " is rejected by policy." },
  { "signed, then reject",
    ALICE "," REJECT,
    { "good.sig" },
    false,
    -1,
    SIGPOLICY_REASON_REJECTED_BY_RULE,
    NULL },
  { "base layer",
    BASE,
    { "good.sig" },
    false,
    -1,
    SIGPOLICY_REASON_REJECTED_BY_RULE,
    "signedBaseLayer not implemented yet!" },
  { "missing key, no signature", NONE, { NULL }, false, -4, SIGPOLICY_REASON_KEY_UNUSABLE, NULL },
  { "missing key",
    NONE,
    { "good.sig" },
    false,
    -4,
    SIGPOLICY_REASON_KEY_UNUSABLE,
    "open /nonexistent/key: no such file or directory" },
  { "key type",
    X509,
    { "good.sig" },
    false,
    -3,
    SIGPOLICY_REASON_CONFIG_ERROR,
    "Unimplemented \"keyType\" value \"X509Certificates\"" },
  { "the digest comes before the name",
    ALICE,
    { "other-digest.sig" },
    false,
    -1,
    SIGPOLICY_REASON_DIGEST_MISMATCH,
    NULL },
  { "the furthest speaks",
    ALICE,
    { "by-bob.sig", "other-tag.sig", "forged.sig" },
    false,
    -1,
    SIGPOLICY_REASON_IDENTITY_MISMATCH,
    NULL },
  { "sigstore sees no simple signature",
    SIGSTORE,
    { "good.sig" },
    false,
    -1,
    SIGPOLICY_REASON_NO_SIGNATURE,
    "A signature was required, but no signature exists (1 non-sigstore signatures, 0 sigstore "
    "non-signature attachments)" },
  { "signedBy sees no sigstore signature",
    ALICE,
    { "sigstore/by-cosign-cosign.sig" },
    false,
    -1,
    SIGPOLICY_REASON_NO_SIGNATURE,
    "A signature was required, but no signature exists" },
  { "keys before signatures, sigstore",
    NO_SIGSTORE,
    { "good.sig" },
    false,
    SIGPOLICY_E_KEY,
    SIGPOLICY_REASON_KEY_UNUSABLE,
    "open /nonexistent/key: no such file or directory" },
  { "keys before signatures",
    "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"/nonexistent/key\"}",
    { NULL },
    false,
    SIGPOLICY_E_KEY,
    SIGPOLICY_REASON_KEY_UNUSABLE,
    "open /nonexistent/key: no such file or directory" },
  { "a path with a NUL",
    SIGSTORE_KEYS ("/nonexistent\\u0000/key"),
    { NULL },
    false,
    SIGPOLICY_E_KEY,
    SIGPOLICY_REASON_KEY_UNUSABLE,
    "open /nonexistent\\x00/key: invalid argument" },
  { "no key in the keys",
    "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyData\":\"aGVsbG8=\"}",
    { NULL },
    false,
    SIGPOLICY_E_KEY,
    SIGPOLICY_REASON_KEY_UNUSABLE,
    "No public keys imported" },
  { "rejected before the keys",
    REJECT "," NO_SIGSTORE,
    { NULL },
    false,
    -1,
    SIGPOLICY_REASON_REJECTED_BY_RULE,
    NULL },
};

static struct sp_policy *
make_policy (const char *requirements)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_policy *policy = NULL;
  cleanup_free char *text = sp_asprintf (&err, "{\"default\":[%s]}", requirements);
  cr_assert (sp_policy_parse (sp_view_str (text), NULL, &policy, &err) == 0, "%s",
             sigpolicy_error_text (err));
  return policy;
}

static void
read_fixture (const char *name, struct sp_buf *content)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = sp_asprintf (&err, ABS_SRCDIR "/tests/fixtures/%s", name);
  cr_assert (sp_fs_read (path, content, &err) == 0, "%s", sigpolicy_error_text (err));
}

Test (evaluate_evaluate, requirements)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_trust_cache struct sp_trust_cache *trust = NULL;
  cleanup_image_name struct sp_image_name *name = NULL;
  cleanup_buf struct sp_buf manifest = SP_BUF (SP_MANIFEST_BYTES_MAX);
  sp_time now = 0;

  cr_assert (sp_openpgp_init (true, &err) == 0
             && sp_time_parse ("2026-06-01T00:00:00Z", &now, &err) == 0
             && sp_trust_cache_new (&trust, &err) == 0
             && sp_image_name_parse (sp_view_str (NAME), &name, &err) == 0);
  read_fixture ("manifest.json", &manifest);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_policy struct sp_policy *policy = make_policy (cases[i].requirements);
      cleanup_evidence struct sp_evidence *evidence = NULL;
      cleanup_trace struct sp_trace *trace = NULL;

      cr_assert (sp_evidence_new (&evidence, &err) == 0
                 && sp_evidence_set_manifest (evidence, sp_buf_view (&manifest), "manifest", &err)
                        == 0);
      for (size_t j = 0; j < 3 && cases[i].signatures[j]; j++)
        {
          cleanup_buf struct sp_buf bytes = SP_BUF (SP_SIGNATURE_BYTES_MAX);
          read_fixture (cases[i].signatures[j], &bytes);
          cr_assert (sp_evidence_add_signature (evidence, sp_buf_view (&bytes), "file", &err) == 0);
        }
      struct sp_asked asked = { .policy = policy,
                                .image = name,
                                .evidence = evidence,
                                .trust = trust,
                                .now = now,
                                .require_signed = cases[i].require_signed };
      cr_assert (sp_ask (&asked, &trace, &err) == 0, "%s: no answer", cases[i].name);
      const struct sp_outcome *outcome = &trace->outcome;
      cr_expect (outcome->code == cases[i].code && outcome->reason == cases[i].reason,
                 "%s: code %d, reason %s, '%s'", cases[i].name, outcome->code,
                 sigpolicy_reason_slug (outcome->reason), outcome->message);
      cr_expect ((outcome->answer == SP_ANSWER_ACCEPTED) == (cases[i].code == 0), "%s",
                 cases[i].name);
      cr_expect ((outcome->message == NULL) == (cases[i].code == 0), "%s: message", cases[i].name);
      if (cases[i].message)
        cr_expect_str_eq (outcome->message, cases[i].message, "%s: '%s'", cases[i].name,
                          outcome->message);
    }
}

/* Whoever gathered it took a bundle; it counts only where the question does. */
Test (evaluate_evaluate, a_bundle_where_nobody_asked_for_one)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_trust_cache struct sp_trust_cache *trust = NULL;
  cleanup_image_name struct sp_image_name *name = NULL;
  cleanup_buf struct sp_buf manifest = SP_BUF (SP_MANIFEST_BYTES_MAX);
  cleanup_buf struct sp_buf bytes = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  cleanup_evidence struct sp_evidence *evidence = NULL;
  cleanup_policy struct sp_policy *policy = make_policy (
      "{\"type\":\"sigstoreSigned\",\"keyPath\":\"" ABS_SRCDIR
      "/tests/fixtures/bundles/p256.pub\",\"signedIdentity\":{\"type\":\"matchRepository\"}}");
  sp_time now = 0;

  read_fixture ("manifest.json", &manifest);
  read_fixture ("bundles/image-digest.json", &bytes);
  cr_assert (sp_time_parse ("2026-06-01T00:00:00Z", &now, &err) == 0
             && sp_trust_cache_new (&trust, &err) == 0
             && sp_image_name_parse (sp_view_str (NAME), &name, &err) == 0
             && sp_evidence_new (&evidence, &err) == 0);
  sp_evidence_set_bundles (evidence, SP_BUNDLES_DIGEST);
  cr_assert (sp_evidence_set_manifest (evidence, sp_buf_view (&manifest), "manifest", &err) == 0
             && sp_evidence_add_signature (evidence, sp_buf_view (&bytes), "file", &err) == 0);
  for (int asked_for = 0; asked_for < 2; asked_for++)
    {
      cleanup_trace struct sp_trace *trace = NULL;
      struct sp_asked asked = { .policy = policy,
                                .image = name,
                                .evidence = evidence,
                                .trust = trust,
                                .now = now,
                                .bundles = asked_for ? SP_BUNDLES_DIGEST : SP_BUNDLES_OFF };
      cr_assert (sp_ask (&asked, &trace, &err) == 0);
      cr_expect ((trace->outcome.answer == SP_ANSWER_ACCEPTED) == asked_for, "%d: %s", asked_for,
                 trace->outcome.message);
      cr_expect (asked_for || trace->outcome.reason == SIGPOLICY_REASON_NO_SIGNATURE, "%s",
                 sigpolicy_reason_slug (trace->outcome.reason));
    }
}

/* No policy file can say it: a list without a requirement. */
Test (evaluate_evaluate, no_requirement)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_policy struct sp_policy *policy = make_policy (ACCEPT);
  cleanup_image_name struct sp_image_name *name = NULL;
  struct sp_policy_scope scope = *sp_policy_default (policy);
  struct sp_question question = { .policy = policy, .match = { .scope = &scope } };

  cr_assert (sp_image_name_parse (sp_view_str (NAME), &name, &err) == 0);
  question.image = name;
  for (size_t len = 0; len < 2; len++)
    {
      cleanup_trace struct sp_trace *trace = NULL;
      scope.requirements.len = len;
      cr_assert (sp_evaluate (&question, &trace, &err) == 0);
      cr_expect ((trace->outcome.answer == SP_ANSWER_ACCEPTED) == (len == 1));
      cr_expect (trace->outcome.reason
                 == (len ? SIGPOLICY_REASON_ACCEPTED : SIGPOLICY_REASON_CONFIG_ERROR));
    }
}

/* What nobody filled in is a rejection. */
Test (evaluate_evaluate, zeroed_memory_says_no)
{
  struct sp_outcome outcome = { 0 };
  cr_expect (outcome.answer != SP_ANSWER_ACCEPTED);
  cr_expect (SIGPOLICY_REASON_INTERNAL == outcome.reason);
}
