/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_VERDICT_H
#define SIGPOLICY_VERDICT_H

/** @file The answer about one image, and why. */

#include <sigpolicy/error.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /** Forgotten memory says no. */
  typedef enum sigpolicy_answer
  {
    SIGPOLICY_REJECTED = 0,
    SIGPOLICY_ACCEPTED = 0x5a17,
  } sigpolicy_answer;

  /** A verdict; immutable. Getters return borrowed data that dies with it. */
  typedef struct sigpolicy_verdict sigpolicy_verdict;

  /** Release a verdict; NULL is allowed. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_verdict_free (sigpolicy_verdict *verdict);

  /** SIGPOLICY_ACCEPTED, or SIGPOLICY_REJECTED for everything else, also for NULL. Since: 0.1. */
  SIGPOLICY_PUBLIC sigpolicy_answer sigpolicy_verdict_answer (const sigpolicy_verdict *verdict);

  /** SIGPOLICY_OK when accepted, else the class of the rejection. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_verdict_code (const sigpolicy_verdict *verdict);

  /** The stable reason. Since: 0.1. */
  SIGPOLICY_PUBLIC sigpolicy_reason sigpolicy_verdict_reason (const sigpolicy_verdict *verdict);

  /** The reason in words; "" when accepted. It may quote the image's own bytes; nothing in it needs
   * a terminal's care. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_message (const sigpolicy_verdict *verdict);

  /** "sha256:..." of the manifest that was judged, or NULL when it did not come to that. Since:
   * 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_digest (const sigpolicy_verdict *verdict);

  /** name@sha256:..., the reference to go on with; NULL unless accepted and the image has a docker
   * name. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_pinned (const sigpolicy_verdict *verdict);

  /** "linux/arm64/v8", of an image that sigpolicy_evaluate_all() found in a list, printable; ""
   * where the list does not say. NULL for everything else. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_platform (const sigpolicy_verdict *verdict);

  /** Not 0 for the list itself, among those that sigpolicy_evaluate_all() gives. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_verdict_is_list (const sigpolicy_verdict *verdict);

  /** The number-th thing that a person should know although it changed no answer, from 0; NULL
   * behind the last. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_warning (const sigpolicy_verdict *verdict,
                                                          unsigned number);

  /** How answers are written. */
  typedef enum sigpolicy_format
  {
    SIGPOLICY_FORMAT_TEXT,
    SIGPOLICY_FORMAT_JSON,  /**< indented */
    SIGPOLICY_FORMAT_JSONL, /**< one line */
    /* The following for audits alone. */
    SIGPOLICY_FORMAT_SARIF,  /**< SARIF 2.1.0 */
    SIGPOLICY_FORMAT_JUNIT,  /**< test results in XML */
    SIGPOLICY_FORMAT_GITHUB, /**< workflow commands */
    SIGPOLICY_FORMAT_PROM,   /**< metrics as Prometheus reads them */
  } sigpolicy_format;

#define SIGPOLICY_FORMAT_VERBOSE \
  1U /**< text: every requirement and signature, and where it was looked */
#define SIGPOLICY_FORMAT_COLOUR 2U /**< text: for a terminal */
#define SIGPOLICY_FORMAT_ROW    4U /**< text: one line, of a table of all that a list names */

  /**
   * Write a verdict, as sigpolicy-verdict(5) says.
   *
   * @param ret_text  receives text that ends with a newline, to free(); untouched on failure
   * @return 0, or E_NO_MEMORY. Threads: any. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_verdict_format (const sigpolicy_verdict *verdict,
                                                 sigpolicy_format format, unsigned flags,
                                                 char **ret_text,
                                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
