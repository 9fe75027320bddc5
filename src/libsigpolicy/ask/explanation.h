/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_EXPLANATION_H
#define SP_ASK_EXPLANATION_H

#include "ask/context.h"
#include "verify/signers.h"

/*
 * What a policy asks of an image name, and where its signatures would be looked for. Nothing but
 * configuration and key files is read, and nothing is decided.
 */

/* What the key files of a requirement hold. */
struct sp_explained_keys
{
  struct sp_signer_list list;
  struct sp_strv problems; /* each of them makes the requirement fail */
};

struct sp_explained_requirement
{
  const struct sp_requirement *requirement; /* borrowed from the policy */
  bool looks_for_signatures;
  struct sp_reference *needed; /* the name that must be signed; NULL where there is none */
  struct sp_explained_keys keys;
};

/* What one registry, or a mirror of it, would be asked for. */
struct sp_explained_location
{
  struct sp_lookaside *lookaside;
  char *first;    /* the first signature there, with DIGEST where the name has none */
  char *attached; /* the name of attached signatures, likewise */
  char *index;    /* the name of the index of referrers, where there is no registry's own */
  bool attachments;
  struct sp_registries_d_answer lookaside_answer, attachments_answer;
};

struct sp_explained_locations
{
  struct sp_endpoints endpoints;       /* of docker names that have a tag or a digest */
  struct sp_explained_location *items; /* one for each endpoint */
  bool insecure;                       /* all of them, by option; */
  bool secure;                         /* or none */
  /* What is read as referrers, and what says so: a line of registries.d, else an option. */
  enum sp_bundle_mode bundles;
  bool referrers;
  struct sp_registries_d_answer bundles_answer, referrers_answer;
  const char *registries_d; /* the directory, borrowed; or NULL */
};

/* The policy, the storage and the directory are borrowed from the context. */
struct sp_explanation
{
  struct sp_image_name *image;
  struct sp_policy *policy;
  char *newer; /* the file that a podman of the other generation would read instead, or NULL */
  struct sp_policy_match match;
  struct sp_explained_requirement *requirements; /* one for each of the scope's */
  size_t n_requirements;
  bool looks_for_signatures; /* some requirement does */
  struct sp_explained_locations locations;
  const struct sp_store *store; /* of names in podman's storage */
  struct sp_reading reading;
  struct sp_strv warnings;
  sp_time now;
};

/* Failure: USAGE for what is no image name, CONFIG. */
int sp_explanation_gather (struct sp_context *context, const char *name, struct sp_explanation *ret,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_explanation_clear (struct sp_explanation *it);

#define cleanup_explanation SP_CLEANUP (sp_explanation_clear)

#endif
