/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_MANIFEST_H
#define SIGPOLICY_MANIFEST_H

/** @file Manifests and files in general. */

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

  /**
   * Read a regular file whole, bounded; "-" is standard input.
   *
   * @param limit      the most bytes to take; a longer file is E_REJECTED with reason "limit"
   * @param ret_bytes  receives the bytes and a NUL behind them, to free()
   * @return 0, E_NOT_FOUND, E_UNAVAILABLE, E_REJECTED, E_NO_MEMORY. Threads: any. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_file_read (const char *path, size_t limit, void **ret_bytes,
                                            size_t *ret_size,
                                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Write a file whole, replacing what it held; mode 0644 before the umask. E_UNAVAILABLE,
   * E_NOT_FOUND. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_file_write (const char *path, const void *bytes, size_t size,
                                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
