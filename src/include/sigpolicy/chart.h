/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_CHART_H
#define SIGPOLICY_CHART_H

/** @file Helm charts, verified by their provenance: a text that is signed with OpenPGP. */

#include <sigpolicy/context.h>
#include <sigpolicy/verdict.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /** By whom charts must be signed. One thread at a time. */
  typedef struct sigpolicy_chart_verifier sigpolicy_chart_verifier;

  /** The answer about one chart. Immutable. */
  typedef struct sigpolicy_chart_result sigpolicy_chart_result;

  /** A new verifier, freed with sigpolicy_chart_verifier_free(). Returns 0, or E_NO_MEMORY. Since:
   * 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_chart_verifier_new (sigpolicy_chart_verifier **ret_verifier,
                                                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Release a verifier; NULL is allowed. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_chart_verifier_free (sigpolicy_chart_verifier *verifier);

  /** Trust the OpenPGP keys in this file, binary or armored; at least one file is needed. Returns
   * 0, or E_NO_MEMORY. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_chart_verifier_add_keyring (sigpolicy_chart_verifier *verifier, const char *path,
                                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Of these keys, trust this one: the full fingerprint of a key or of its primary key. May be set
   * repeatedly; without it, every key is trusted. Returns 0, E_USAGE for what is no fingerprint, or
   * E_NO_MEMORY. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_chart_verifier_add_signer (sigpolicy_chart_verifier *verifier, const char *fingerprint,
                                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** The file of the provenance; NULL for the chart's name with ".prov". Returns 0, or E_NO_MEMORY.
   * Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_chart_verifier_set_provenance (sigpolicy_chart_verifier *verifier, const char *path,
                                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * Verify one chart, as sigpolicy-chart(1) describes it.
   *
   * @param context   the time, and how registries are reached; no policy is read
   * @param chart     the archive: a file NAME-VERSION.tgz, or "oci://REGISTRY/NAME:VERSION", of
   * which the archive itself is not downloaded
   * @param ret_result  receives the answer, freed with sigpolicy_chart_result_free(); untouched on
   * failure
   * @return 0 when there is an answer, whatever it is; E_USAGE without a keyring, and for a name
   * that is neither; E_NO_MEMORY
   *
   * Threads: as for any use of context. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_chart_verify (sigpolicy_context *context,
                                               const sigpolicy_chart_verifier *verifier,
                                               const char *chart,
                                               sigpolicy_chart_result **ret_result,
                                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Release an answer; NULL is allowed. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_chart_result_free (sigpolicy_chart_result *result);

  /** SIGPOLICY_ACCEPTED, or SIGPOLICY_REJECTED, also for NULL. Since: 0.1. */
  SIGPOLICY_PUBLIC sigpolicy_answer
  sigpolicy_chart_result_answer (const sigpolicy_chart_result *result);

  /** The class of the answer: SIGPOLICY_OK, or why not. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_chart_result_code (const sigpolicy_chart_result *result);

  /** A text that a person should see although it changed no answer, by its number from 0; NULL
   * after the last. Borrowed. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_chart_result_warning (const sigpolicy_chart_result *result,
                                                               size_t index);

  /**
   * The answer as text or JSON, as sigpolicy-chart(1) describes it.
   *
   * @param flags     of verdict.h
   * @param ret_text  receives text that ends with a newline, to free(); untouched on failure
   * @return 0, or E_NO_MEMORY. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_chart_result_format (const sigpolicy_chart_result *result,
                                                      sigpolicy_format format, unsigned flags,
                                                      char **ret_text,
                                                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
