/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_REPORT_H
#define SIGPOLICY_REPORT_H

/** @file One page about a host, as sigpolicy-report(1) describes it. */

#include <sigpolicy/audit.h>
#include <sigpolicy/context.h>
#include <sigpolicy/results.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /** What there is to say about a host. One thread at a time. */
  typedef struct sigpolicy_report sigpolicy_report;

  /**
   * Collect what a report says: the policy of the context, and what an audit and verifications
   * found. That the policy is missing or invalid is no failure; the report says so.
   *
   * @param audit               one that was run; borrowed until the report is freed
   * @param images, containers  verdicts, or NULL; borrowed likewise
   * @param ret_report          receives the report, freed with sigpolicy_report_free()
   * @return 0, or E_NO_MEMORY. Threads: as for any use of context. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int
  sigpolicy_report_new (sigpolicy_context *context, const sigpolicy_audit *audit,
                        const sigpolicy_results *images, const sigpolicy_results *containers,
                        sigpolicy_report **ret_report, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Release a report; NULL is allowed. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_report_free (sigpolicy_report *report);

  /**
   * Compare with an earlier report.
   *
   * @param text   its JSON; not kept
   * @param label  a file name for messages, or NULL
   * @return 0; E_CONFIG for what is no such report; E_USAGE when called again; E_NO_MEMORY. Since:
   * 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_report_since (sigpolicy_report *report, const void *text,
                                               size_t size, const char *label,
                                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * Write the report: SIGPOLICY_FORMAT_HTML, a page that is whole by itself, or JSON.
   *
   * @param ret_text  receives text that ends with a newline, to free(); untouched on failure
   * @return 0, E_USAGE for another format, or E_NO_MEMORY. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_report_format (const sigpolicy_report *report,
                                                sigpolicy_format format, char **ret_text,
                                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
