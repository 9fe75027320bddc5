/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_FACTS_H
#define SP_ASK_FACTS_H

#include "ask/context.h"
#include "evaluate/trace.h"
#include "sources/evidence.h"

/*
 * What was found out beside a verdict of "no signature": what there is that nobody reads, and where
 * nobody looked. It decides nothing; the hint is made of it. Start from {0}.
 */
struct sp_facts
{
  bool wants_simple, wants_sigstore; /* what was missed: signatures of which kind */
  struct sp_hint attachments;        /* attached ones are not looked for: what would change that */
  struct sp_referrers referrers; /* what refers to the image, and is no signature that is read */
  struct sp_hint lookaside;      /* nothing names a lookaside: what would */
  size_t list_signatures;        /* of the list that the image was chosen from, which has some */
};

/* Gathers them, where the outcome is that there is no signature. What cannot be found out is as if
 * it were not there; negative is returned only for NO_MEMORY. The evidence is of no further use but
 * for where it looked. */
int sp_facts_gather (struct sp_context *context, const struct sp_reference *judged,
                     const struct sp_trace *trace, struct sp_evidence *evidence,
                     struct sp_facts *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The list's signatures, for which the image's own are forgotten: after all else. */
int sp_facts_of_list (struct sp_evidence *evidence, struct sp_facts *facts,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The one of them that says most that somebody signed, or NULL. */
const struct sp_attachment *sp_facts_attachment (const struct sp_facts *facts);

void sp_facts_clear (struct sp_facts *facts);

#endif
