/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/requirement.h"

#include <criterion/criterion.h>

#define BOTH "None of the signatures were accepted, reasons: one; two"

/* Two signatures that failed, and what is said of both: what is to be mended here first, then the
 * signature that came furthest. A good one beside them is enough, wherever it stands. */
static const struct
{
  int codes[2]; /* SIGPOLICY_OK: it is accepted */
  int stages[2];
  int code;
  sigpolicy_reason reasons[2], reason;
} cases[] = {
#define R SIGPOLICY_REASON_BAD_SIGNATURE, SIGPOLICY_REASON_KEY_NOT_TRUSTED
  { { SIGPOLICY_E_REJECTED, SIGPOLICY_E_REJECTED },
    { 1, 2 },
    SIGPOLICY_E_REJECTED,
    { R },
    SIGPOLICY_REASON_KEY_NOT_TRUSTED },
  { { SIGPOLICY_E_REJECTED, SIGPOLICY_E_REJECTED },
    { 2, 2 },
    SIGPOLICY_E_REJECTED,
    { R },
    SIGPOLICY_REASON_BAD_SIGNATURE },
  { { SIGPOLICY_E_REJECTED, SIGPOLICY_E_KEY },
    { 2, 1 },
    SIGPOLICY_E_KEY,
    { R },
    SIGPOLICY_REASON_KEY_NOT_TRUSTED },
  { { SIGPOLICY_E_KEY, SIGPOLICY_E_REJECTED },
    { 1, 2 },
    SIGPOLICY_E_KEY,
    { R },
    SIGPOLICY_REASON_BAD_SIGNATURE },
  { { SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_E_REJECTED },
    { 2, 1 },
    SIGPOLICY_E_REJECTED,
    { R },
    SIGPOLICY_REASON_KEY_NOT_TRUSTED },
  { { SIGPOLICY_E_KEY, SIGPOLICY_E_INTERNAL },
    { 1, 1 },
    SIGPOLICY_E_INTERNAL,
    { R },
    SIGPOLICY_REASON_KEY_NOT_TRUSTED },
  { { SIGPOLICY_OK, SIGPOLICY_E_INTERNAL }, { 3, 1 }, SIGPOLICY_OK, { R }, 0 },
  { { SIGPOLICY_E_INTERNAL, SIGPOLICY_OK }, { 1, 3 }, SIGPOLICY_OK, { R }, 0 },
};

Test (evaluate_requirement, which_failure_speaks)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      static char one[] = "one", two[] = "two";
      cleanup_error sigpolicy_error *err = NULL;
      const struct sp_question question = { .image = NULL };
      struct sp_trace_signature signatures[2]
          = { { .stage = cases[i].stages[0] }, { .stage = cases[i].stages[1] } };
      struct sp_trace_requirement trace = { .signatures = signatures, .n_signatures = 2 };
      for (size_t j = 0; j < 2; j++)
        {
          signatures[j].outcome.code = cases[i].codes[j];
          signatures[j].outcome.reason = cases[i].reasons[j];
          signatures[j].outcome.message = j ? two : one;
          if (cases[i].codes[j] == SIGPOLICY_OK)
            signatures[j].outcome.answer = SP_ANSWER_ACCEPTED;
        }
      cr_assert (sp_requirement_sum_up (&question, &trace, "none", &err) == 0);
      cr_expect (trace.outcome.code == cases[i].code, "row %zu: %d", i, trace.outcome.code);
      cr_expect ((trace.outcome.answer == SP_ANSWER_ACCEPTED) == (cases[i].code == SIGPOLICY_OK),
                 "row %zu", i);
      if (cases[i].code != SIGPOLICY_OK)
        {
          cr_expect (trace.outcome.reason == cases[i].reason, "row %zu: %s", i,
                     sigpolicy_reason_slug (trace.outcome.reason));
          cr_expect_str_eq (trace.outcome.message, BOTH);
        }
      sp_outcome_clear (&trace.outcome);
    }
}

/* Manifests that a claim without a name states a digest of, where the policy asks for no name. */
static const struct
{
  const char *manifest, *digest;
  int code;
  const char *stricter;
} manifests[] = {
#define OF_NOTHING "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define OCI        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\"}"
#define OF_OCI     "sha256:b22c7289dd3b4785a3795c90e15d16bd66bd29b444b8974fe29ed0443ce50405"
  { OCI, OF_OCI, SIGPOLICY_OK, NULL },
  { OCI, OF_NOTHING, SIGPOLICY_E_REJECTED, NULL },
  /* The digest is that of a reconstruction, and matches. */
  { "{\"schemaVersion\":1,\"signatures\":[]}", OF_NOTHING, SIGPOLICY_E_REJECTED, "S4" },
  /* There is none. */
  { "{\"schemaVersion\":1,\"signatures\":[{}]}", OF_NOTHING, SIGPOLICY_E_REJECTED, NULL },
};

Test (evaluate_requirement, the_digest_is_that_of_the_bytes)
{
  for (size_t i = 0; i < sizeof manifests / sizeof *manifests; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      const struct sp_image_name image = { .reference = NULL };
      const struct sp_question question
          = { .image = &image, .evidence.manifest = sp_view_str (manifests[i].manifest) };
      const struct sp_requirement requirement = { .identity.type = SP_IDENTITY_MATCH_REPOSITORY };
      const struct sp_trust trust = { .signers = NULL };
      const struct sp_claim claim = { .digest = (char *)manifests[i].digest, .is_nameless = true };
      struct sp_trace_signature trace = { .outcome.code = SIGPOLICY_E_INTERNAL };

      cr_expect (sp_requirement_check_claim (&question, &requirement, &trust, &claim, &trace, &err)
                 == 0);
      cr_expect (trace.outcome.code == manifests[i].code, "row %zu: %d, %s", i, trace.outcome.code,
                 trace.outcome.message ? trace.outcome.message : "no message");
      cr_expect ((trace.outcome.answer == SP_ANSWER_ACCEPTED) == (i == 0), "row %zu", i);
      cr_expect (!trace.outcome.stricter == !manifests[i].stricter, "row %zu", i);
      if (manifests[i].stricter && trace.outcome.stricter)
        cr_expect_str_eq (trace.outcome.stricter, manifests[i].stricter);
      sp_outcome_clear (&trace.outcome);
      free (trace.digest);
    }
}
