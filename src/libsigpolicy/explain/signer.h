/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EXPLAIN_SIGNER_H
#define SP_EXPLAIN_SIGNER_H

#include "ask/verdict.h"

/* "accepted"; "accepted (unsigned)" where no signature was required; "rejected"; "undecided" where
 * nothing was evaluated; "error" for what a person must fix first. Static. */
const char *sp_explain_word (const struct sp_verdict *verdict);

/* The same of an outcome alone, without "(unsigned)". */
const char *sp_explain_outcome_word (const struct sp_outcome *outcome);

/* Whose key verified a signature; *ret is NULL for a certificate, and where nothing was verified.
 * Returns 0 or NO_MEMORY. */
int sp_explain_signer (const struct sp_trace_signature *signature, const struct sp_signer **ret,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Who signed what was accepted, in one line: user IDs, e-mail addresses or fingerprints, "" where
 * nobody did. To free(); NULL: no memory. */
char *sp_explain_signers (const struct sp_verdict *verdict, sigpolicy_error **err);

#endif
