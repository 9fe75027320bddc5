/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_CONTEXT_H
#define SP_ASK_CONTEXT_H

#include "ask/reading.h"
#include "model/engines.h"
#include "model/manifest.h"
#include "model/policy.h"
#include "model/lookaside.h"
#include "sources/registry.h"
#include "sources/store.h"
#include "model/bundle.h"
#include "model/trusted_root.h"
#include "verify/trust.h"

#include <stdatomic.h>

/*
 * What this host has decided about images, and the options that change where that is found. The
 * policy, registries.d, the OpenPGP engine and parsed keys are loaded when first needed and kept.
 * One thread at a time.
 */
struct sp_context
{
  char *policy_path;      /* explicit, or NULL for the usual search */
  char *registries_d_dir; /* explicit, or NULL */
  char *reader_name;      /* "old", "5.40", "auto", or NULL: as the host is set */
  char *root;             /* the directory that is "/" to the search for configuration, or NULL */
  bool insecure_policy;   /* accept anything, read no policy */
  bool require_signed;
  bool offline;
  bool gpg_alone; /* see sp_openpgp_use_gpg_alone() */
  bool has_clock;
  sp_time clock; /* with has_clock: the time at which everything is judged */
  char *architecture, *os, *variant;
  /* How registries are reached. */
  char *registries_conf_path;         /* explicit, or NULL */
  char *authfile;                     /* explicit, or NULL */
  char *credentials;                  /* "user:password", or NULL */
  struct sp_creds_owner *creds_owner; /* which registry they are for */
  struct sp_http_hung *hung;          /* whom nobody waits for */
  char *cert_dir;                     /* explicit, or NULL */
  enum sp_tls_verify tls_verify;
  bool bundles_are_set, referrers_are_set; /* the two below were said, whatever registries.d says */
  enum sp_bundle_mode bundles;
  bool referrers;
  char *trusted_root_path; /* explicit, or NULL: the usual one, where there is one */
  char *sandbox; /* what confines this process, words, as the caller says; or NULL: not said */
  sigpolicy_helper_runner *helper; /* runs credential helpers in the library's place; or NULL */
  void *helper_data;
  atomic_bool cancelled; /* by any thread, and for good */
  int64_t image_ms;      /* what the servers of one image may take; 0 or less: the limit */

  bool knows_home, knows_reader;
  char *home; /* NULL: there is none */
  struct sp_reader reader;
  struct sp_reader_setting reader_setting;
  struct sp_policy *given;    /* stands in place of every file; or NULL */
  char *key_path;             /* given asks for this one key; or NULL */
  struct sp_policy *insecure; /* what insecure_policy stands for, once it was needed */
  struct sp_policy *policy;   /* of the file */
  struct sp_registries_d *registries_d;
  struct sp_registries_conf *registries_conf;
  struct sp_registries *registries;
  struct sp_store *store; /* the last one that was asked for */
  struct sp_trust_cache *trust;
  struct sp_trusted_root *trusted_root;
};

/* The policy that applies on this context, borrowed. Failure: CONFIG. */
int sp_context_policy (struct sp_context *context, struct sp_policy **ret,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Use this policy from now on, instead of a file; a reference is taken. */
void sp_context_set_policy (struct sp_context *context, struct sp_policy *policy);

/* The same with a policy whose default asks for this one key, in one requirement. Signatures that
 * are attached are looked for, whatever registries.d says. path is taken over. */
void sp_context_set_key (struct sp_context *context, struct sp_policy *policy, char *path);

/* How configuration is found; borrowed. *ret_setting, if not NULL, tells why. Failure: USAGE,
 * CONFIG. */
int sp_context_reader (struct sp_context *context, const struct sp_reader **ret,
                       const struct sp_reader_setting **ret_setting,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * What readers of the other generation would take instead of what is read here: a sentence for each
 * kind of configuration that is searched, where that differs: "a newer podman would read PATH
 * instead of PATH". Of registries only if they are asked. *ret_policy is the policy that they would
 * read, to free(); it stays NULL where that is the same or there is none.
 */
int sp_context_compare_readers (struct sp_context *context, bool asks_registries,
                                struct sp_strv *ret, char **ret_policy,
                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* How configuration was found, and what has been loaded of it; of registries only if they are
 * asked. */
int sp_context_reading (struct sp_context *context, bool asks_registries, struct sp_reading *ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A sentence for each engine of the host that reads in another way than the one that was chosen. */
int sp_context_warn_readers (struct sp_context *context, struct sp_strv *ret,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

int sp_context_registries_d (struct sp_context *context, const struct sp_registries_d **ret,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The user's home, borrowed, or NULL: there is none, and no user configuration. */
int sp_context_home (struct sp_context *context, const char **ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What requirements trust, parsed once for the same bytes; borrowed. */
int sp_context_trust (struct sp_context *context, struct sp_trust_cache **ret,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Where signatures of a docker reference are read, and which line says so. Both are the caller's:
 * the lookaside to free, the answer borrowed from the context. */
int sp_context_lookaside (struct sp_context *context, const struct sp_reference *reference,
                          struct sp_lookaside **ret, struct sp_registries_d_answer *ret_answer,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* registries.conf, and the connections to registries that it leads to. */
int sp_context_registries_conf (struct sp_context *context, const struct sp_registries_conf **ret,
                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_context_registries (struct sp_context *context, struct sp_registries **ret,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* podman's storage: the one that a name says, else this host's. Borrowed, until the next is asked
 * for. */
int sp_context_store (struct sp_context *context, const struct sp_store_name *said,
                      struct sp_store **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Make to, which is empty, the context of another thread: the same options, and what from has or
 * can load of the policy and registries.d. What cannot be loaded is left to the one who asks. */
int sp_context_share (struct sp_context *from, struct sp_context *to,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * What a Sigstore bundle may do for an image of this name, and whether signatures that are stored
 * as its referrers are looked for: as was said, else as registries.d says of the name that the
 * policy is asked about, whichever mirror it comes from; reference may be NULL. Failure: CONFIG.
 */
int sp_context_bundles (struct sp_context *context, const struct sp_reference *reference,
                        enum sp_bundle_mode *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_context_referrers (struct sp_context *context, const struct sp_reference *reference,
                          bool *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Where the logs and authorities stand that are trusted unless a file is named. */
#define SP_TRUSTED_ROOT_PATH "/etc/sigpolicy/trusted_root.json"

/* The trusted root that was named, else the usual one, borrowed; NULL where that does not exist. */
int sp_context_trusted_root (struct sp_context *context, const struct sp_trusted_root **ret,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Forget what was loaded by an option that has changed: how configuration is found, with all that
 * was; the policy, also one that was given; registries.d; registries.conf with the connections that
 * came of it; these alone; the trusted root. */
void sp_context_drop_reader (struct sp_context *context);
void sp_context_drop_policy (struct sp_context *context);
void sp_context_drop_registries_d (struct sp_context *context);
void sp_context_drop_registries_conf (struct sp_context *context);
void sp_context_drop_registries (struct sp_context *context);
void sp_context_drop_trusted_root (struct sp_context *context);

/* Each is taken over, and may be NULL. */
void sp_context_take_platform (struct sp_context *context, char *architecture, char *os,
                               char *variant);

/* Nothing more is to be asked: UNAVAILABLE/could-not-look. */
int sp_context_check_cancelled (const struct sp_context *context,
                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

sp_time sp_context_now (const struct sp_context *context);
struct sp_platform sp_context_platform (const struct sp_context *context);

void sp_context_clear (struct sp_context *context);

#endif
