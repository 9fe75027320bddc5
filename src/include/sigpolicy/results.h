/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_RESULTS_H
#define SIGPOLICY_RESULTS_H

/** @file Many verdicts in one document, for continuous integration and monitoring. */

#include <sigpolicy/verdict.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /** What is kept of verdicts: names, answers, reasons, digests, signers. One thread at a time. */
  typedef struct sigpolicy_results sigpolicy_results;

  /** An empty list. @return 0, or E_NO_MEMORY. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_results_new (sigpolicy_results **ret_results,
                                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Release a list; NULL is allowed. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_results_free (sigpolicy_results *results);

  /**
   * Add a verdict, of which nothing is borrowed.
   *
   * @param label  what it is about beside its image, such as a container; or NULL
   * @return 0, or E_NO_MEMORY. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_results_add (sigpolicy_results *results,
                                              const sigpolicy_verdict *verdict, const char *label,
                                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * Write the list: SARIF, JUNIT, GITHUB, MARKDOWN or PROM.
   *
   * @param ret_text  receives text that ends with a newline, to free(); untouched on failure
   * @return 0, E_USAGE for another format, or E_NO_MEMORY. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_results_format (const sigpolicy_results *results,
                                                 sigpolicy_format format, char **ret_text,
                                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
