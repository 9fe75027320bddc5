/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_HTTP_CHALLENGE_H
#define SP_HTTP_CHALLENGE_H

#include "util/cleanup.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/view.h"

/* What a registry asks for in one line of WWW-Authenticate (RFC 7235): a scheme and its parameters,
 * in one piece of memory. Values are the registry's own bytes: nothing is checked yet. */
struct sp_challenge_param
{
  struct sp_view key, value; /* the key in lower case; no value is empty */
};

struct sp_challenge
{
  struct sp_view scheme; /* in lower case */
  struct sp_challenge_param params[SP_CHALLENGE_PARAMS_MAX];
  size_t n_params;
  char *text; /* what the views are into */
};

/*
 * Read the value of one header line. One line is one challenge, as registries have always been
 * read: reading stops without a word at the first thing that is no parameter, so of a second
 * challenge on the line nothing is seen; of a key that stands twice the last counts. *ret_found is
 * false, and *ret empty, where the line does not begin with a scheme.
 *
 * Failure: NO_MEMORY, or UNAVAILABLE with reason limit.
 */
int sp_challenge_parse (struct sp_view line, struct sp_challenge *ret, bool *ret_found,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* false when there is no such parameter; key is in lower case. */
bool sp_challenge_param (const struct sp_challenge *challenge, const char *key,
                         struct sp_view *ret);

void sp_challenge_clear (struct sp_challenge *challenge);

#define cleanup_challenge SP_CLEANUP (sp_challenge_clear)

#endif
