/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_DIFF_H
#define SIGPOLICY_DIFF_H

/** @file What changes in meaning between two policies. */

#include <sigpolicy/policy.h>
#include <sigpolicy/verdict.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /** What becomes of images when one policy takes the place of another. */
  typedef enum sigpolicy_change
  {
    SIGPOLICY_CHANGE_NONE,      /**< the same images are let through */
    SIGPOLICY_CHANGE_STRICTER,  /**< only images that were let through before, but not all */
    SIGPOLICY_CHANGE_DIFFERENT, /**< neither looser nor stricter: other keys, another kind of
                                   signature */
    SIGPOLICY_CHANGE_LOOSER,    /**< all images that were let through before, and others */
  } sigpolicy_change;

  /** Two policies side by side. One thread at a time. */
  typedef struct sigpolicy_diff sigpolicy_diff;

  /**
   * Compare two policies scope by scope: for each scope that either of them has, what decided on
   * its images before and what decides now, be it a scope above it or the default. Key files that
   * have different names in the two are read, to see whether they hold the same; one that cannot be
   * read is different.
   *
   * @param before, after  the policies; each gets one more owner
   * @param ret_diff       receives the comparison, freed with sigpolicy_diff_free(); untouched on
   * failure
   * @return 0, or E_NO_MEMORY; E_USAGE for NULL where something is needed
   *
   * Threads: any. Spec: containers-policy.json(5), "SCOPES". Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_diff_new (sigpolicy_policy *before, sigpolicy_policy *after,
                                           sigpolicy_diff **ret_diff,
                                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Release a comparison; NULL is allowed. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_diff_free (sigpolicy_diff *diff);

  /**
   * Compare what the policies ask of one image, too.
   *
   * @param image  an image name, "docker://quay.io/ns/app:v1"; nothing of it is read but a path
   * that it names
   * @return 0; E_USAGE for what is no image name, E_NOT_FOUND or E_UNAVAILABLE for a path that
   * cannot be resolved; E_NO_MEMORY. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_diff_add_image (sigpolicy_diff *diff, const char *image,
                                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** How many scopes and images there are of which a change is true. Since: 0.1. */
  SIGPOLICY_PUBLIC size_t sigpolicy_diff_count (const sigpolicy_diff *diff,
                                                sigpolicy_change change);

  /**
   * The comparison as text or JSON, as sigpolicy-diff(1) describes it.
   *
   * @param flags     of verdict.h; SIGPOLICY_FORMAT_VERBOSE shows what stays the same, too
   * @param ret_text  receives text that ends with a newline, to free(); untouched on failure
   * @return 0, or E_NO_MEMORY. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_diff_format (const sigpolicy_diff *diff, sigpolicy_format format,
                                              unsigned flags, char **ret_text,
                                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
