/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_TEST_H
#define SIGPOLICY_TEST_H

/** @file A policy held against what its owner expects of it, as sigpolicy-test(1) describes it. */

#include <sigpolicy/verdict.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /** What came of a file of tests; immutable. */
  typedef struct sigpolicy_test sigpolicy_test;

  /**
   * Run the tests of a file. No image is read, and no network is used; key files are.
   *
   * @param path      the file, YAML or JSON
   * @param policy    a policy file, or NULL: the one that the file names
   * @param clock     an RFC 3339 time, or NULL: the file's, else now
   * @param ret_test  receives the results, freed with sigpolicy_test_free(); untouched on failure
   * @return 0, whether tests passed or failed; E_CONFIG for a file or a policy that is not valid,
   * with its position; E_NOT_FOUND; E_KEY for a key file that cannot be read; E_UNAVAILABLE;
   * E_USAGE for a clock that is no time; E_NO_MEMORY. Threads: any. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_test_run (const char *path, const char *policy, const char *clock,
                                           sigpolicy_test **ret_test,
                                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Release the results; NULL is allowed. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_test_free (sigpolicy_test *test);

  /** How many tests failed; those that passed, where passed is not 0. Since: 0.1. */
  SIGPOLICY_PUBLIC size_t sigpolicy_test_count (const sigpolicy_test *test, int passed);

  /**
   * Write the results: text, TAP or JUnit's XML.
   *
   * @param flags     SIGPOLICY_FORMAT_VERBOSE shows tests that passed, too; for text
   * @param ret_text  receives text that ends with a newline, to free(); untouched on failure
   * @return 0, or E_NO_MEMORY. Threads: any. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_test_format (const sigpolicy_test *test, sigpolicy_format format,
                                              unsigned flags, char **ret_text,
                                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
