/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_POLICY_H
#define SIGPOLICY_POLICY_H

/** @file A policy.json, containers-policy.json(5). */

#include <sigpolicy/context.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /** A policy; immutable, so any number of threads may use one. */
  typedef struct sigpolicy_policy sigpolicy_policy;

  /**
   * Parse the text of a policy: strict JSON, at most 16 MiB.
   *
   * @param text        the bytes; not kept
   * @param label       a file name for messages, or NULL
   * @param ret_policy  receives a policy, freed with sigpolicy_policy_free(); untouched on failure
   * @return 0, E_CONFIG with line, column and JSON path, or E_NO_MEMORY
   *
   * Threads: any. Spec: containers-policy.json(5), "FORMAT". Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_policy_parse (const void *text, size_t size, const char *label,
                                               sigpolicy_policy **ret_policy,
                                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Read and parse a policy file; otherwise as sigpolicy_policy_parse(). Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_policy_load (const char *path, sigpolicy_policy **ret_policy,
                                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Another owner of the same policy; each owner frees it. Threads: any. Since: 0.1. */
  SIGPOLICY_PUBLIC sigpolicy_policy *sigpolicy_policy_ref (sigpolicy_policy *policy);

  /** Release one owner; NULL is allowed. Threads: any. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_policy_free (sigpolicy_policy *policy);

  /** The file it came from, or NULL. Borrowed. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_policy_path (const sigpolicy_policy *policy);

  /** SHA-256 of its text, 64 hex digits. Borrowed. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_policy_sha256 (const sigpolicy_policy *policy);

  /** Use this policy instead of the host's. The context takes an ownership of its own. Since: 0.1.
   */
  SIGPOLICY_PUBLIC void sigpolicy_context_set_policy (sigpolicy_context *context,
                                                      sigpolicy_policy *policy);

#ifdef __cplusplus
}
#endif

#endif
