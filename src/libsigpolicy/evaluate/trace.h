/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EVALUATE_TRACE_H
#define SP_EVALUATE_TRACE_H

#include "model/policy.h"
#include "model/signature_blob.h"
#include "util/clock.h"
#include "util/hint.h"
#include "verify/signers.h"

/*
 * What was decided and every step to it, written by this room alone and rendered by explain/.
 *
 * Zeroed memory says "rejected, internal". The accepting value is set in one place for each level:
 * signatures in signed_by.c, requirements in requirement.c, the whole in evaluate.c.
 */
enum sp_answer
{
  SP_ANSWER_REJECTED = 0,
  SP_ANSWER_ACCEPTED = 0x5a17,
};

/* One answer and its reason; the words are NULL where it is an acceptance. */
struct sp_outcome
{
  enum sp_answer answer;
  int code; /* a sigpolicy_code; SIGPOLICY_OK only when accepted */
  sigpolicy_reason reason;
  char *message;
  char *position; /* file:line:column (at path), for a fault in a file; or NULL */
  struct sp_hint hint;
  const char
      *stricter; /* an id of the list of checks that are stricter than the library's, or NULL */
};

struct sp_trace_signature
{
  struct sp_outcome outcome;
  char *source;
  enum sp_signature_format format;
  bool skipped;  /* of a format that the requirement does not look at: neither accepted nor rejected
                  */
  int stage;     /* enum sp_verify_stage: how far it came */
  char *key;     /* the signer, where it is known */
  bool verified; /* the claim below is of verified bytes */
  char *reference; /* the claim; NULL while nothing was read */
  size_t reference_len;
  char *digest;
  char *detail;               /* for people, such as what would have matched; or NULL */
  char *subject, *issuer;     /* of a certificate, as the policy asked for them; or NULL */
  struct sp_signers *signers; /* an owner, once verified: who has the key; NULL for a certificate */
  sp_time made;               /* when the signer says it was made; 0: nobody says */
  bool is_logged;
  sp_time logged; /* when a log recorded it */
  bool nameless;  /* it states a digest and no name */
  bool weak;
};

struct sp_trace_requirement
{
  struct sp_outcome outcome;
  const struct sp_requirement *requirement; /* borrowed from the policy */
  bool evaluated;
  struct sp_trace_signature *signatures;
  size_t n_signatures, signatures_capacity;
};

struct sp_trace
{
  struct sp_outcome outcome;
  struct sp_policy *policy; /* a reference of its own */
  struct sp_policy_match match;
  struct sp_trace_requirement *requirements; /* one for each of the policy's */
  size_t n_requirements;
};

/* Record a failure as a rejection. The error is used up. Returns 0, or NO_MEMORY with the error
 * still there. */
int sp_outcome_fail (struct sp_outcome *outcome, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Record a rejection in words; code and reason as in sp_error_set(). */
int sp_outcome_reject (struct sp_outcome *outcome, sigpolicy_reason reason, sigpolicy_error **err,
                       const char *format, ...) SIGPOLICY_MUST_CHECK
    __attribute__ ((format (printf, 4, 5)));

int sp_outcome_copy (struct sp_outcome *to, const struct sp_outcome *from,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_outcome_clear (struct sp_outcome *outcome);

void sp_trace_free (struct sp_trace *trace);

SP_DEFINE_CLEANUP (struct sp_trace *, sp_trace_free);
#define cleanup_trace SP_CLEANUP (sp_trace_free_p)

#endif
