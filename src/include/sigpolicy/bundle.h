/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_BUNDLE_H
#define SIGPOLICY_BUNDLE_H

/** @file Sigstore bundles, verified offline by a key or an identity, without a policy. */

#include <sigpolicy/verdict.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /** Who is trusted, and what is required of a bundle. One thread at a time. */
  typedef struct sigpolicy_bundle_verifier sigpolicy_bundle_verifier;

  /** The answer about one bundle. Immutable. */
  typedef struct sigpolicy_bundle_result sigpolicy_bundle_result;

  /** A new verifier, freed with sigpolicy_bundle_verifier_free(). Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_bundle_verifier_new (sigpolicy_bundle_verifier **ret_verifier,
                                                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Release a verifier; NULL is allowed. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_bundle_verifier_free (sigpolicy_bundle_verifier *verifier);

  /** The trusted_root.json with logs and authorities; NULL for /etc/sigpolicy/trusted_root.json.
   * It is read once, with the first bundle. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_bundle_verifier_set_trusted_root (sigpolicy_bundle_verifier *verifier, const char *path,
                                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Signed by this public key: a file in PEM. Excludes identities. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_bundle_verifier_set_key (sigpolicy_bundle_verifier *verifier, const char *path,
                                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Signed with a certificate for this identity, to the letter; of several, one is enough. Since:
   * 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_bundle_verifier_add_identity (sigpolicy_bundle_verifier *verifier, const char *identity,
                                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** The OIDC issuer that vouched for the identity. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_bundle_verifier_set_issuer (sigpolicy_bundle_verifier *verifier, const char *url,
                                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** An in-toto statement of this predicate type; NULL for any content. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_bundle_verifier_set_predicate_type (sigpolicy_bundle_verifier *verifier,
                                                const char *type,
                                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * Verify one bundle. The network is not used, and the time of day plays no part: certificates
   * must have been valid when they signed.
   *
   * @param bundle    the bundle's bytes, at most 1 MiB
   * @param artifact  what must have been signed: the path of a file, "-" for standard input, or
   * "sha256:" and 64 hex digits where no file has that name
   * @param ret_result  receives the answer, freed with sigpolicy_bundle_result_free(); untouched on
   * failure
   * @return 0 when there is an answer, whatever it is; E_USAGE unless there is a key or an identity
   * with its issuer; E_KEY for a trusted root or key that cannot be used; E_NOT_FOUND,
   * E_UNAVAILABLE for the artifact. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_bundle_verify (sigpolicy_bundle_verifier *verifier,
                                                const void *bundle, size_t size,
                                                const char *artifact,
                                                sigpolicy_bundle_result **ret_result,
                                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Release an answer; NULL is allowed. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_bundle_result_free (sigpolicy_bundle_result *result);

  /** SIGPOLICY_ACCEPTED, or SIGPOLICY_REJECTED, also for NULL. Since: 0.1. */
  SIGPOLICY_PUBLIC sigpolicy_answer
  sigpolicy_bundle_result_answer (const sigpolicy_bundle_result *result);

  /** The class of the answer: SIGPOLICY_OK, or why not. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_bundle_result_code (const sigpolicy_bundle_result *result);

  /** The in-toto statement that was verified, to the byte; NULL where there is none, or it is not
   * verified. It may hold any byte. Borrowed. Since: 0.1. */
  SIGPOLICY_PUBLIC const void *
  sigpolicy_bundle_result_statement (const sigpolicy_bundle_result *result, size_t *ret_size);

  /**
   * The answer as text or JSON, as sigpolicy-verify-bundle(1) describes it.
   *
   * @param flags     of verdict.h; SIGPOLICY_FORMAT_VERBOSE lists every check
   * @param ret_text  receives text that ends with a newline, to free(); untouched on failure
   * @return 0, or E_NO_MEMORY. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_bundle_result_format (const sigpolicy_bundle_result *result,
                                                       sigpolicy_format format, unsigned flags,
                                                       char **ret_text,
                                                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
