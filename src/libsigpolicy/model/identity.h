/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_IDENTITY_H
#define SP_MODEL_IDENTITY_H

#include "json/json.h"
#include "reference/reference.h"

/* signedIdentity: what a signature may say about the image it is used for:
 * containers-policy.json(5). */
enum sp_identity_type
{
  SP_IDENTITY_MATCH_EXACT,
  SP_IDENTITY_MATCH_REPO_DIGEST_OR_EXACT, /* the default */
  SP_IDENTITY_MATCH_REPOSITORY,
  SP_IDENTITY_EXACT_REFERENCE,
  SP_IDENTITY_EXACT_REPOSITORY,
  SP_IDENTITY_REMAP,
};

struct sp_identity
{
  enum sp_identity_type type;
  struct sp_reference *reference; /* exactReference, exactRepository: the configured one */
  char *configured;               /* that one as it is written in the policy */
  char *prefix, *signed_prefix;   /* remapIdentity */
};

const char *sp_identity_type_name (enum sp_identity_type type);

/* Parse an identity object of a policy. Failure: CONFIG/config-error with its position. */
int sp_identity_parse (const struct sp_json *json, sp_json_node node, struct sp_identity *ret,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_identity_clear (struct sp_identity *identity);

/* The name that a signature for an image must have, whole or in part: the configured one, else the
 * image's, or what that is rewritten to. *ret stays NULL where there is none that could fit. */
int sp_identity_needed (const struct sp_identity *identity, const struct sp_reference *image,
                        struct sp_reference **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Does it ask for more than the repository? */
bool sp_identity_needs_name (const struct sp_identity *identity);

/*
 * Does a signature for signed_reference (its text, unparsed) fit an image? image is the image's
 * docker reference, or NULL where it has none. Returns 0 with the answer, or NO_MEMORY.
 * ret_expected (may be NULL) receives, when the answer is no, a sentence for people on what would
 * have matched ("matchRepoDigestOrExact needs \"quay.io/ns/app:v1\""), to free().
 */
int sp_identity_matches (const struct sp_identity *identity, const struct sp_reference *image,
                         struct sp_view signed_reference, bool *ret_matches, char **ret_expected,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
