/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_REMEDY_H
#define SP_ASK_REMEDY_H

#include "ask/context.h"
#include "ask/verdict.h"

/*
 * Commands that a hint offers. Each does one thing and says everything that it depends on, so that
 * it does the same wherever it is pasted.
 */

/* A requirement of the policy, as it is but for what is said here; strings are borrowed. */
struct sp_remedy
{
  const struct sp_verdict *verdict; /* with its trace and its policy */
  const struct sp_reference *image; /* the name that it was judged by, where that is a docker one */
  const struct sp_requirement *from;
  bool for_repository; /* of this repository alone; else of the scope that decided */
  bool has_type;
  enum sp_requirement_type type; /* with has_type */
  const char *identity;          /* as 'trust set --identity' takes it */
  const char *issuer, *email, *hostname;
  const char *add_key;             /* one more */
  const char *swap_from, *swap_to; /* a file in place of another */
};

/*
 * Appends 'sigpolicy trust set ...'. false, with the shell as it was, where no such command says
 * it: the policy is no file, or has more than this one requirement there, or holds key material
 * itself.
 */
bool sp_remedy_put (const struct sp_remedy *remedy, struct sp_shell *shell);

/* Appends 'sigpolicy verify' with the options of a context that choose its files. */
void sp_remedy_put_verify (const struct sp_context *context, struct sp_shell *shell);

#endif
