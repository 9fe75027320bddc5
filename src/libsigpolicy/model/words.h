/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_WORDS_H
#define SP_MODEL_WORDS_H

#include "model/policy.h"
#include "util/words.h"

/* docker "quay.io/ns", or default. */
void sp_words_scope (struct sp_buf *out, const struct sp_policy_match *match);

/* What a requirement asks, in one sentence: 'a simple signature by a GPG key in /etc/k.gpg, for the
 * same repository'. */
void sp_words_requirement (struct sp_buf *out, const struct sp_requirement *requirement);

/* "with a certificate for EMAIL and HOST of the private CA in "; its files follow. */
void sp_words_pki (struct sp_buf *out, const struct sp_pki *pki);

#endif
