/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EDIT_EDIT_H
#define SP_EDIT_EDIT_H

#include "edit/rule.h"

/*
 * One change of a host's policy, and of its registries.d where that belongs to it: asked for,
 * previewed, then made. Nothing is written that the reader of policies refuses.
 */
enum sp_edit_change
{
  SP_EDIT_NOTHING,
  SP_EDIT_SET,
  SP_EDIT_UNSET,
  SP_EDIT_ROTATE,
  SP_EDIT_INIT,
};

/* A file before and after. */
struct sp_edit_file
{
  char *path;
  bool existed, changed;
  struct sp_buf before, after;
  char *backup; /* where the old one is; NULL before it is replaced, or when there was none */
};

struct sp_edit
{
  /* What is asked for. */
  enum sp_edit_change change;
  char *transport, *scope; /* both NULL: the policy's default; transport alone: where
                               a rule that is verbatim finds the scope */
  struct sp_rule rule;     /* of SP_EDIT_SET; the added keys of SP_EDIT_ROTATE */
  char *requirements;      /* of SP_EDIT_SET, in place of the rule: this list, in JSON, as it is */
  struct sp_strv removed;  /* of SP_EDIT_ROTATE: paths and fingerprints, as given */
  const char *text;        /* of SP_EDIT_INIT: the policy */
  char *registries_d;      /* the directory; NULL leaves it alone */
  char *read_d; /* of SP_EDIT_UNSET: the directory that may have an entry of the scope, or NULL */
  char *lookaside;  /* the URL where signatures are read, or NULL */
  bool attachments; /* look for sigstore attachments */
  /* What came of it. */
  struct sp_edit_file policy, storage;
  bool is_committed;
  struct sp_strv policy_warnings, storage_warnings; /* what is not as it was */
  const char *why;    /* the signed identity that was chosen, and why; or NULL */
  struct sp_buf kept; /* what of the old requirements stays, a line each, for people */
};

int sp_edit_new (const char *policy_path, struct sp_edit **ret,
                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_edit_free (struct sp_edit *edit);

SP_DEFINE_CLEANUP (struct sp_edit *, sp_edit_free);
#define cleanup_edit SP_CLEANUP (sp_edit_free_p)

/* Have registries.d say where the signatures of the scope are, too. Failure: USAGE for a lookaside
 * that is no URL of http, https or file, and for a transport that has no signatures elsewhere. */
int sp_edit_set_storage (struct sp_edit *edit, const char *directory, const char *lookaside,
                         bool attachments, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What a key file is for: GPG keys for signedBy, a public key in PEM for sigstoreSigned. Failure:
 * KEY. */
int sp_edit_type_of_key (const char *path, enum sp_requirement_type *ret,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Every key file and certificate of the requirements can be used. Failure: KEY/key-unusable. */
int sp_edit_check_keys (const struct sp_requirements *requirements,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Policies to begin with. */
extern const char sp_edit_signed_registries[], sp_edit_reject_all[], sp_edit_accept_all[];

/*
 * What the change would make of the files, in policy and storage; nothing is written. Failure:
 * USAGE for what contradicts itself, KEY for key files that cannot be used, CONFIG for a policy
 * that is missing or broken, NOT_FOUND for a scope to be removed that is not there.
 */
int sp_edit_preview (struct sp_edit *edit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Make the change, from the files as they are then. registries.d comes first: its entry alone
 * accepts nothing. */
int sp_edit_commit (struct sp_edit *edit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * Several changes, of SP_EDIT_SET with requirements, SP_EDIT_UNSET, or of SP_EDIT_NOTHING with a
 * file of registries.d in storage.path: what they come to as a unified diff, and, if commits, the
 * change itself, each file once. Failure as above, and then no file is changed but by a fault of
 * the machine between two of them.
 */
int sp_edit_several (struct sp_edit *const *edits, size_t n, bool commits, struct sp_buf *diff,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* After either: the change as a unified diff; and which files it is in, for people. */
void sp_edit_put_diff (const struct sp_edit *edit, struct sp_buf *out);
void sp_edit_put_files (const struct sp_edit *edit, struct sp_buf *out);

#endif
