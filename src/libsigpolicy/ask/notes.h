/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_NOTES_H
#define SP_ASK_NOTES_H

#include "ask/verdict.h"

/* What a person should know although it changes no answer, into warnings. */
int sp_notes_warn (const struct sp_trace *trace, struct sp_strv *warnings,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Where "no signature" is not the whole truth, the verdict's reason and hint say what is, by its
 * facts. */
int sp_notes_add (struct sp_verdict *verdict, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
