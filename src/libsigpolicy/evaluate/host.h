/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EVALUATE_HOST_H
#define SP_EVALUATE_HOST_H

#include "model/manifest.h"
#include "model/policy.h"
#include "model/lookaside.h"
#include "openpgp/openpgp.h"
#include "sources/registry.h"
#include "sources/store.h"
#include "verify/trust.h"

/*
 * What this host has decided about images, and the options that change where that is found. The
 * policy, registries.d, the OpenPGP engine and parsed keys are loaded when first needed and kept.
 * One thread at a time.
 */
struct sp_host
{
  char *policy_path;      /* explicit, or NULL for the usual search */
  char *registries_d_dir; /* explicit, or NULL */
  bool insecure_policy;   /* accept anything, read no policy */
  bool require_signed;
  bool offline;
  bool has_clock;
  sp_time clock; /* with has_clock: the time at which everything is judged */
  char *architecture, *os, *variant;
  /* How registries are reached. */
  char *registries_conf_path; /* explicit, or NULL */
  char *authfile;             /* explicit, or NULL */
  char *credentials;          /* "user:password", or NULL */
  char *cert_dir;             /* explicit, or NULL */
  enum sp_tls_verify tls_verify;
  int64_t image_ms; /* what the servers of one image may take; 0 or less: the ceiling */

  bool knows_home;
  char *home; /* NULL: there is none */
  struct sp_policy *policy;
  struct sp_registries_d *registries_d;
  struct sp_openpgp *openpgp;
  struct sp_registries_conf *registries_conf;
  struct sp_registries *registries;
  struct sp_store *store; /* the last one that was asked for */
  struct sp_trust_cache *trust;
};

/* The policy that applies on this host, borrowed. Failure: CONFIG. */
int sp_host_policy (struct sp_host *host, struct sp_policy **ret,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Use this policy from now on; a reference is taken. */
void sp_host_set_policy (struct sp_host *host, struct sp_policy *policy);

/* The file that a newer podman would read instead of the policy in use, or NULL. To free(). */
int sp_host_newer_policy (struct sp_host *host, char **ret,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

int sp_host_registries_d (struct sp_host *host, const struct sp_registries_d **ret,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The user's home, borrowed, or NULL: there is none, and no user configuration. */
int sp_host_home (struct sp_host *host, const char **ret,
                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

int sp_host_openpgp (struct sp_host *host, struct sp_openpgp **ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What sigstoreSigned requirements trust, parsed once for the same bytes; borrowed. */
int sp_host_trust (struct sp_host *host, struct sp_trust_cache **ret,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Where signatures of a docker reference are read, and which line says so. Both are the caller's:
 * the lookaside to free, the answer borrowed from the host. */
int sp_host_lookaside (struct sp_host *host, const struct sp_reference *reference,
                       struct sp_lookaside **ret, struct sp_registries_d_answer *ret_answer,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* registries.conf, and the connections to registries that it leads to. */
int sp_host_registries_conf (struct sp_host *host, const struct sp_registries_conf **ret,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_host_registries (struct sp_host *host, struct sp_registries **ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* podman's storage: the one that a name says, else this host's. Borrowed, until the next is asked
 * for. */
int sp_host_store (struct sp_host *host, const struct sp_store_name *said, struct sp_store **ret,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Make to, which is empty, a host of another thread: the same options, and what from has or can
 * load of the policy and registries.d. What cannot be loaded is left to the one who asks. */
int sp_host_share (struct sp_host *from, struct sp_host *to,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

sp_time sp_host_now (const struct sp_host *host);
struct sp_platform sp_host_platform (const struct sp_host *host);

void sp_host_clear (struct sp_host *host);

#endif
