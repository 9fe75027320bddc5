/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EXPLAIN_RESULTS_H
#define SP_EXPLAIN_RESULTS_H

#include "ask/verdict.h"

#include <sigpolicy/verdict.h>

/* What is kept of a verdict among many. Texts are printable; NULL where there is nothing to say. */
struct sp_result
{
  char *name;  /* "docker://quay.io/ns/app:v1", with its label or platform in front */
  char *label; /* of a container, or NULL */
  char *digest, *pinned, *message, *hint, *signer;
  char *policy_path, *scope; /* scope: docker "quay.io/ns" */
  unsigned line;             /* of the scope */
  sigpolicy_reason reason;
  int code;
  bool accepted;
  bool unsigned_; /* accepted, and nothing was required */
};

struct sp_results
{
  struct sp_result *items;
  size_t len, capacity;
  sp_time now; /* of the first */
};

/* "accepted", "rejected", or "undecided" where nothing was evaluated. */
const char *sp_result_answer (const struct sp_result *result);

int sp_results_add (struct sp_results *results, const struct sp_verdict *verdict, const char *label,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_results_clear (struct sp_results *results);

/* How many have this answer. */
size_t sp_results_count (const struct sp_results *results, const char *answer);

/* To free(); NULL with an error, USAGE for a format that is not of many. */
char *sp_results_format (const struct sp_results *results, sigpolicy_format format,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
