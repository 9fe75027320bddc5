/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_AUDIT_TRIAL_H
#define SP_AUDIT_TRIAL_H

#include "model/policy.h"
#include "util/clock.h"

#include <sigpolicy/verdict.h>

/*
 * A policy held against what its owner expects of it: a file of cases, in YAML or JSON. A case is
 * an image that is signed by somebody as something, or by nobody, and the answer to it; or a claim
 * about all images of a scope. No image is read: signatures are taken to be as the case says.
 */

enum sp_trial_kind
{
  SP_TRIAL_IMAGE,
  SP_TRIAL_NEVER_UNSIGNED,  /* no image of the scope is accepted unsigned */
  SP_TRIAL_ALWAYS_REJECTED, /* no image of the scope is accepted at all */
};

struct sp_trial_case
{
  enum sp_trial_kind kind;
  char *name; /* as results call it, printable */
  char *image, *scope;
  enum sp_transport transport; /* of the scope */
  struct sp_trial_signature *signatures;
  size_t n_signatures, signatures_capacity;
  bool accepted;           /* what is expected */
  sigpolicy_reason reason; /* INTERNAL: any */
  unsigned line;
  bool passed;
  char *got;            /* "rejected: no-signature", or which scope is to blame */
  char *example;        /* an image that proves the failure, or NULL */
  char *detail;         /* why, in a sentence, or NULL */
  unsigned policy_line; /* what decided, and as what: docker "quay.io/ns" */
  char *policy_scope;
};

struct sp_trial
{
  char *path;
  struct sp_policy *policy;
  sp_time now;
  struct sp_trial_case *cases;
  size_t n_cases, capacity;
  void *materials; /* key files, each read once: a tree of search.h */
  size_t n_unread; /* key files that are not here, and are compared by their names */
};

/* Read the file and its policy (policy_path instead of the file's, or NULL) and try all cases, as
 * of now unless the file says when. Failure: CONFIG for either file with its position, NOT_FOUND,
 * UNAVAILABLE, memory. */
int sp_trial_run (const char *path, const char *policy_path, const char *clock, sp_time now,
                  struct sp_trial **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_trial_free (struct sp_trial *trial);

SP_DEFINE_CLEANUP (struct sp_trial *, sp_trial_free);
#define cleanup_trial SP_CLEANUP (sp_trial_free_p)

size_t sp_trial_count (const struct sp_trial *trial, bool passed);

/* Text, TAP or JUnit's XML; to free(). */
char *sp_trial_format (const struct sp_trial *trial, sigpolicy_format format, unsigned flags,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
