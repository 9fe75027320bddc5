/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EVALUATE_TRACE_H
#define SP_EVALUATE_TRACE_H

#include "model/policy.h"
#include "model/signature_blob.h"

/*
 * What was decided and every step to it, written by evaluate/ alone and rendered by explain/.
 * Zeroed memory says "rejected, internal": only sp_trace_accept_*() in evaluate.c says otherwise.
 */
enum sp_answer
{
  SP_ANSWER_REJECTED = 0,
  SP_ANSWER_ACCEPTED = 0x5a17,
};

struct sp_trace_signature
{
  char *source;
  enum sp_signature_format format;
  enum sp_answer answer;
  int code; /* of the failure; 0 when accepted */
  sigpolicy_reason reason;
  char *message;   /* NULL when accepted */
  char *detail;    /* more for people, such as what would have matched; or NULL */
  char *key;       /* the signer where it is known, or NULL */
  bool verified;   /* the claim below is of verified bytes */
  char *reference; /* claimed; NULL while nothing was read */
  size_t reference_len;
  char *digest;
  int stage;            /* enum sp_verify_stage */
  const char *stricter; /* an id of the published list of stricter checks, or NULL */
  bool skipped;         /* of a format that this requirement does not look at */
  bool weak;
};

struct sp_trace_requirement
{
  const struct sp_requirement *requirement; /* borrowed from the policy */
  enum sp_answer answer;
  bool evaluated;
  int code;
  sigpolicy_reason reason;
  char *message;
  const char *stricter;
  struct sp_trace_signature *signatures;
  size_t n_signatures, signatures_capacity;
};

struct sp_trace
{
  struct sp_policy *policy; /* a reference of its own */
  struct sp_policy_match match;
  struct sp_trace_requirement *requirements;
  size_t n_requirements, requirements_capacity;
  enum sp_answer answer;
  int code; /* 0 when accepted, else a sigpolicy_code */
  sigpolicy_reason reason;
  char *message; /* NULL when accepted */
  char *hint;
  const char *stricter;
};

void sp_trace_free (struct sp_trace *trace);

SP_DEFINE_CLEANUP (struct sp_trace *, sp_trace_free);
#define cleanup_trace SP_CLEANUP (sp_trace_free_p)

#endif
