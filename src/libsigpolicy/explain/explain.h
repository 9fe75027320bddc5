/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EXPLAIN_EXPLAIN_H
#define SP_EXPLAIN_EXPLAIN_H

#include "ask/explanation.h"
#include "ask/stored_signatures.h"

#include <sigpolicy/store.h>
#include <sigpolicy/verdict.h>

/*
 * Words and JSON for people and programs, of what was gathered elsewhere; verdicts are written in
 * render/. Each returns new text
 * that ends with a newline, or NULL with an error. Text shows no byte outside printable ASCII; JSON
 * is valid whatever the input was.
 */

char *sp_explain_name (const struct sp_explanation *explanation, sigpolicy_format format,
                       unsigned flags, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

char *sp_explain_signatures (const struct sp_stored_signatures *signatures, sigpolicy_format format,
                             unsigned flags, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What of podman's storage was not judged: its kind in a word, in a sentence, and a line of JSON.
 */
const char *sp_explain_stored_name (sigpolicy_stored_kind kind);
const char *sp_explain_stored_words (sigpolicy_stored_kind kind);
char *sp_explain_stored (sigpolicy_stored_kind kind, const char *id, size_t line, const char *name,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
