/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_MANIFEST_H
#define SIGPOLICY_MANIFEST_H

/** @file Manifests. */

#include <sigpolicy/error.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C"
{
#endif

/** "sha256:", 64 digits and the final NUL. */
#define SIGPOLICY_DIGEST_SIZE 72

  /**
   * The digest of a manifest: SHA-256 of its bytes, or of the reconstructed payload where it is a
   * signed schema 1 manifest.
   *
   * @return 0, or E_REJECTED for a broken schema 1 manifest and for more than 4 MiB. Threads: any.
   * Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_manifest_digest (const void *manifest, size_t size,
                                                  char ret_digest[SIGPOLICY_DIGEST_SIZE],
                                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
