/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_CONTEXT_H
#define SIGPOLICY_CONTEXT_H

/** @file The configuration of an evaluation: policy, registries.d, credentials, platform, time. */

#include <sigpolicy/error.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C"
{
#endif

/**
 * The library may change the process-wide settings of GPGME to start fewer helper programs, and
 * loads GPGME when gpg is first needed. Only for a program that owns its process: another user of
 * GPGME in it would be affected.
 */
#define SIGPOLICY_INIT_OWN_PROCESS 1U

/**
 * Trace on standard error, line by line, which files are read, which servers are contacted with
 * which credentials and certificates, and the result of each signature; never a secret. The text
 * may change.
 */
#define SIGPOLICY_INIT_DEBUG 2U

  /**
   * Initialise the libraries that this one uses. Further calls do nothing; without a call, the
   * first evaluation initialises them, once for all threads. If other code of the process uses
   * GPGME or libcurl, such as code in Go or Python, initialise those before threads start, as their
   * documentation says.
   *
   * @param flags  SIGPOLICY_INIT_OWN_PROCESS, SIGPOLICY_INIT_DEBUG, both or 0
   * @param err    NULL, or receives an error the caller frees
   * @return 0, or E_INTERNAL when GPGME cannot be used
   *
   * Threads: with SIGPOLICY_INIT_OWN_PROCESS before the first other thread; else any. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_global_init (unsigned flags,
                                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * Remove every temporary file of this process and end the gpg processes that use them. For a
   * process that a signal ends: verifications in other threads fail. Call it from a thread that
   * waits for signals, not from a signal handler.
   *
   * Threads: any. Since: 0.1.
   */
  SIGPOLICY_PUBLIC void sigpolicy_global_cleanup (void);

  /** Options, and what was loaded by them: the policy, registries.d, keyrings. One thread at a
   * time. */
  typedef struct sigpolicy_context sigpolicy_context;

  /**
   * A context with the host's defaults.
   *
   * @param ret_context  receives the context, freed with sigpolicy_context_free(); untouched on
   * failure
   * @return 0, or E_NO_MEMORY
   *
   * Threads: any; the context belongs to one thread at a time. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_context_new (sigpolicy_context **ret_context,
                                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Release a context with its keyrings and temporary files; NULL is allowed. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_context_free (sigpolicy_context *context);

  /**
   * Cancel the evaluations of a context, from another thread: the current one and all later ones
   * give the verdict "could not look" (E_UNAVAILABLE). The current one waits for a server for at
   * most a second, but still waits for a running gpg, a credential helper and the lock of a
   * storage. Other contexts continue, also those that share its options.
   *
   * @param context  NULL is allowed; it must not be freed meanwhile. Threads: any. Since: 0.1.
   */
  SIGPOLICY_PUBLIC void sigpolicy_context_cancel (sigpolicy_context *context);

  /**
   * A context for another thread: the same options, and the same policy and registries.d, which are
   * loaded once for all that share them (now, unless they have been). Keyrings are each context's
   * own.
   *
   * @param ret_context  receives a context of its own life, freed with sigpolicy_context_free()
   * @return 0, or E_NO_MEMORY. A policy that cannot be read is no failure here: each verdict says
   * so. Threads: as for any use of context. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_context_share (sigpolicy_context *context,
                                                sigpolicy_context **ret_context,
                                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /*
   * Setters. Each takes effect from the next evaluation on, which loads again what the setting
   * concerns. Strings are copied. Each returns 0, or E_NO_MEMORY;
   * sigpolicy_context_set_clock_text() also E_USAGE.
   */

  /** The policy file, used as it is, instead of the usual search (containers-policy.json(5)). NULL:
   * search. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_context_set_policy_path (sigpolicy_context *context, const char *path,
                                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** The directory of containers-registries.d(5), used as it is. NULL: the user's, else the
   * system's. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_context_set_registries_d (sigpolicy_context *context, const char *path,
                                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Accept anything and read no policy. Every verdict carries a warning. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_context_set_insecure_policy (sigpolicy_context *context, int on);

  /** Reject images that the policy accepts unsigned. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_context_set_require_signed (sigpolicy_context *context, int on);

  /** Never use the network; an image that needs it gives "could not look". Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_context_set_offline (sigpolicy_context *context, int on);

  /**
   * Have gpg verify every OpenPGP signature. Otherwise gpg verifies only those that the library
   * does not accept itself; the verdicts are the same. SIGPOLICY_OPENPGP=gpg in the environment
   * does the same. Since: 0.1.
   */
  SIGPOLICY_PUBLIC void sigpolicy_context_set_gpg_alone (sigpolicy_context *context, int on);

  /** The time as of which signatures and keys are verified, in seconds since 1970-01-01T00:00:00Z,
   * instead of now. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_context_set_clock (sigpolicy_context *context, int64_t seconds);

  /** The same as RFC 3339 text, such as 2026-11-21T00:30:00Z. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_context_set_clock_text (sigpolicy_context *context, const char *text,
                                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** The platform that is chosen from a manifest list, in Go's names ("arm64", "linux", "v8");
   * NULL: this machine's. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_context_set_platform (sigpolicy_context *context,
                                                       const char *architecture, const char *os,
                                                       const char *variant,
                                                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * How policy.json, registries.d, registries.conf and certs.d are found: "old", as the containers
   * image library up to 5.39 finds them; "5.40", as that release and podman 6 do; "auto", as the
   * podman that is installed does, else skopeo, else CRI-O. NULL: as $SIGPOLICY_READER or
   * /etc/sigpolicy/sigpolicy.conf says, else "old". What is none of these fails with USAGE when the
   * context is used. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_context_set_reader (sigpolicy_context *context, const char *reader,
                                                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /*
   * How registries are reached, for images that are read there.
   */

  /** The registries.conf(5), used as it is with the host's drop-ins, instead of the user's or the
   * system's. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_context_set_registries_conf (sigpolicy_context *context, const char *path,
                                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** The credentials file, containers-auth.json(5), instead of $REGISTRY_AUTH_FILE and the usual
   * ones. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_context_set_authfile (sigpolicy_context *context, const char *path,
                                                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** "user:password", only for the registry of the first image that is verified, instead
   * of those in files. An image of another registry is then a usage error. Contexts that share this
   * one's settings share the registry. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_context_set_credentials (sigpolicy_context *context, const char *credentials,
                                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** A directory of certificates as containers-certs.d(5) has one for each registry, used for all
   * of them. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_context_set_cert_dir (sigpolicy_context *context, const char *path,
                                                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Whether the certificates of registries are checked, and plain HTTP refused, whatever
   * registries.conf says. Unless it is called, registries.conf decides. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_context_set_tls_verify (sigpolicy_context *context, int on);

  /** Limit the total network time of one image, in milliseconds; when it is exceeded, the verdict
   * is "could not look". The default and the maximum are two minutes; 0 or less means the default.
   * Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_context_set_image_timeout (sigpolicy_context *context,
                                                             int64_t milliseconds);

  /**
   * Require one key instead of a policy: every image must be signed by it, GPG keys as with
   * signedBy, a public key in PEM as with sigstoreSigned. Sigstore attachments are read, whatever
   * registries.d says. A later setter of the policy replaces this.
   *
   * @param path      a key file; an acceptance has a hint with the command that trusts it for good
   * @param identity  what a signature must say of the image, as sigpolicy_rule_add() takes it; NULL
   * for matchRepoDigestOrExact of a GPG key and matchRepository of another
   * @return 0, E_KEY for a file that cannot be used, E_USAGE for an invalid identity,
   * E_NO_MEMORY
   *
   * Threads: one per context. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_context_set_key (sigpolicy_context *context, const char *path,
                                                  const char *identity,
                                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** What a Sigstore bundle may do for a requirement sigstoreSigned. */
  typedef enum sigpolicy_bundles
  {
    SIGPOLICY_BUNDLES_OFF,      /**< nothing, as in podman, skopeo and CRI-O; the default */
    SIGPOLICY_BUNDLES_DIGEST,   /**< satisfy it, though the bundle may state a digest and no name */
    SIGPOLICY_BUNDLES_IDENTITY, /**< satisfy it by the signed annotation docker-reference */
  } sigpolicy_bundles;

  /** Accept Sigstore bundles, which podman, skopeo and CRI-O do not read. Unless this is called,
      x-sigpolicy-bundles of registries.d decides for each name. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_context_set_bundles (sigpolicy_context *context,
                                                       sigpolicy_bundles bundles);

  /** Look for signatures that are stored as objects which refer to an image, too, which podman,
      skopeo and CRI-O do not. Unless this is called, x-sigpolicy-referrers of registries.d decides
      for each name. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_context_set_referrers (sigpolicy_context *context, int on);

  /** A trusted_root.json whose logs and timestamp authorities are trusted beside the policy's own;
   * it adds no signer. NULL for none. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_context_set_trusted_root (sigpolicy_context *context, const char *path,
                                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
