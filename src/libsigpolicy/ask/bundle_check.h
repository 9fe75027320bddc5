/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_BUNDLE_CHECK_H
#define SP_ASK_BUNDLE_CHECK_H

#include "evaluate/trace.h"
#include "verify/bundle.h"

/* Where trust is looked for when no file is named. */

/* What bundles are verified by, without a policy. The files are read when the first bundle is. */
struct sp_bundle_verifier
{
  char *trusted_root, *key; /* paths; NULL: the host's file, and no key */
  struct sp_strv identities;
  char *issuer, *predicate_type;
  struct sp_trusted_root *root;
  struct sp_public_key *loaded_key;
};
void sp_bundle_verifier_free (struct sp_bundle_verifier *verifier);

SP_DEFINE_CLEANUP (struct sp_bundle_verifier *, sp_bundle_verifier_free);
#define cleanup_bundle_verifier SP_CLEANUP (sp_bundle_verifier_free_p)

/* The answer about one bundle, and what it was. */
struct sp_bundle_answer
{
  struct sp_outcome outcome;
  struct sp_buf text; /* of the bundle */
  char *artifact;     /* as it was asked for */
  struct sp_bundle_result result;
};
void sp_bundle_answer_free (struct sp_bundle_answer *answer);

SP_DEFINE_CLEANUP (struct sp_bundle_answer *, sp_bundle_answer_free);
#define cleanup_bundle_answer SP_CLEANUP (sp_bundle_answer_free_p)

/*
 * Verify a bundle. artifact is the path of a file, or "sha256:" and 64 digits where no file has
 * that name. What must be there follows from what the trusted root can check: an entry of a log
 * where it has logs, and, of certificates, a signed time and a certificate log where it has these.
 * Returns 0 with an answer, or an error where there is none: USAGE, KEY for the trusted root and
 * the key, NOT_FOUND and UNAVAILABLE for the file.
 */
int sp_bundle_check (struct sp_bundle_verifier *verifier, struct sp_view bundle,
                     const char *artifact, struct sp_bundle_answer **ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
