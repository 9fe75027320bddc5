/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_EXPLAIN_H
#define SIGPOLICY_EXPLAIN_H

/** @file What the policy requires for an image name, without reading the image. */

#include <sigpolicy/context.h>
#include <sigpolicy/verdict.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /**
   * Explain which policy file applies to a name, the scopes that are searched, the one that
   * decides, what it requires, and where signatures would be looked for. No network and no image is
   * touched.
   *
   * @param name      an image name, "docker://quay.io/ns/app:v1"
   * @param ret_text  receives text that ends with a newline, to free(); untouched on failure
   * @return 0, E_USAGE for a bad name, E_CONFIG for a policy or registries.d that cannot be used,
   * E_NO_MEMORY
   *
   * Threads: one per context. Spec: containers-policy.json(5), containers-registries.d(5). Since:
   * 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_explain (sigpolicy_context *context, const char *name,
                                          sigpolicy_format format, unsigned flags, char **ret_text,
                                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
