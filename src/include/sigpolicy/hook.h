/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_HOOK_H
#define SIGPOLICY_HOOK_H

/** @file What container engines hand to the programs that they ask. */

#include <sigpolicy/manifest.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /**
   * The digest that an OCI descriptor names. Its media type must be that of an image or of an
   * index.
   *
   * @param ret_digest  receives "sha256:..."
   * @return 0; E_REJECTED with reason "unsupported-format" for another media type or algorithm,
   * with "bad-signature" for bytes that are no descriptor, with "limit" for more than 1 MiB;
   * E_NO_MEMORY
   *
   * Threads: any. Spec: OCI image specification, "Content Descriptors". Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_descriptor_digest (const void *descriptor, size_t size,
                                                    char ret_digest[SIGPOLICY_DIGEST_SIZE],
                                                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * The root directory that the configuration of a container names.
   *
   * @param config    config.json of the container, at most 16 MiB
   * @param ret_path  receives an absolute path without "." and "..", to free()
   * @return 0; E_REJECTED as above, also for a relative path; E_NO_MEMORY
   *
   * Threads: any. Spec: OCI runtime specification, "Root". Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_runtime_root (const void *config, size_t size, char **ret_path,
                                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
