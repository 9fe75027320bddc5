/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_AUDIT_H
#define SIGPOLICY_AUDIT_H

/** @file What is wrong, or will be, with the policy of a host: sigpolicy-audit(7) has the rules. */

#include <sigpolicy/verdict.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /** How much a finding matters. */
  typedef enum sigpolicy_severity
  {
    SIGPOLICY_SEVERITY_INFO,
    SIGPOLICY_SEVERITY_LOW,
    SIGPOLICY_SEVERITY_MEDIUM,
    SIGPOLICY_SEVERITY_HIGH,
    SIGPOLICY_SEVERITY_CRITICAL, /**< nothing works, or nothing is protected */
  } sigpolicy_severity;

  /** "info", "low", "medium", "high", "critical". Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_severity_name (sigpolicy_severity severity);

  /** The severity of that name; E_USAGE when there is none. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_severity_parse (const char *name, sigpolicy_severity *ret,
                                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** One audit: what it is to look at, and then what it found. One thread at a time. */
  typedef struct sigpolicy_audit sigpolicy_audit;

  /** An audit of this host. @return 0, or E_NO_MEMORY. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_audit_new (sigpolicy_audit **ret_audit,
                                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Release an audit; NULL is allowed. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_audit_free (sigpolicy_audit *audit);

  /** What sigpolicy_audit_set() sets. Each is one text, but for those that may be set repeatedly.
   */
  typedef enum sigpolicy_audit_option
  {
    SIGPOLICY_AUDIT_ROOT,            /**< a directory that stands for "/": links stay within it */
    SIGPOLICY_AUDIT_POLICY,          /**< a policy, instead of the host's */
    SIGPOLICY_AUDIT_REGISTRIES_D,    /**< a directory, instead of the host's */
    SIGPOLICY_AUDIT_REGISTRIES_CONF, /**< a file, instead of the host's with its drop-ins */
    SIGPOLICY_AUDIT_CLOCK,           /**< an RFC 3339 time, instead of now */
    SIGPOLICY_AUDIT_SUPPRESSIONS,    /**< a file of findings that somebody has answered for */
    SIGPOLICY_AUDIT_BASELINE,        /**< a file of findings that were there before */
    SIGPOLICY_AUDIT_SEVERITY,        /**< report nothing below */
    SIGPOLICY_AUDIT_DISABLE,         /**< a rule that is not asked for (repeatable) */
    SIGPOLICY_AUDIT_FILE,            /**< a unit or a script to look at, too (repeatable) */
  } sigpolicy_audit_option;

  /** @return 0, E_USAGE for a value that makes no sense, or E_NO_MEMORY. The value is copied; NULL
   * changes nothing. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_audit_set (sigpolicy_audit *audit, sigpolicy_audit_option option,
                                            const char *value,
                                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * Look. What is wrong with the files of the host is a finding, also that there is no policy.
   *
   * @return 0, E_CONFIG for suppressions or a baseline that cannot be read, E_UNAVAILABLE for a
   * root that is no directory, E_NO_MEMORY. Threads: one per audit. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_audit_run (sigpolicy_audit *audit,
                                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** How many findings are at least that severe. Since: 0.1. */
  SIGPOLICY_PUBLIC size_t sigpolicy_audit_count (const sigpolicy_audit *audit,
                                                 sigpolicy_severity at_least);

  /** A finding, most severe first; borrowed from its audit. */
  typedef struct sigpolicy_finding sigpolicy_finding;

  /** The number-th, from 0; NULL behind the last. Since: 0.1. */
  SIGPOLICY_PUBLIC const sigpolicy_finding *sigpolicy_audit_finding (const sigpolicy_audit *audit,
                                                                     size_t number);

  /** Since: 0.1. */
  SIGPOLICY_PUBLIC sigpolicy_severity sigpolicy_finding_severity (const sigpolicy_finding *finding);

  /** The parts of a finding. */
  typedef enum sigpolicy_finding_part
  {
    SIGPOLICY_FINDING_RULE, /**< its id, such as "scope-short-name" */
    SIGPOLICY_FINDING_FILE,
    SIGPOLICY_FINDING_JSON_PATH,
    SIGPOLICY_FINDING_SCOPE,   /**< transport and scope: docker "quay.io/ns" */
    SIGPOLICY_FINDING_EXAMPLE, /**< an image that it is about */
    SIGPOLICY_FINDING_MESSAGE,
    SIGPOLICY_FINDING_FIX,
    SIGPOLICY_FINDING_EFFECT, /**< on that image: "accepts", "rejects", "never-used", "invalid" */
  } sigpolicy_finding_part;

  /** One of them, escaped where it is not ours; NULL where the finding has none. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_finding_text (const sigpolicy_finding *finding,
                                                       sigpolicy_finding_part part);

  /** Where it is, from 1; 0 where a file has no such place. Since: 0.1. */
  SIGPOLICY_PUBLIC unsigned sigpolicy_finding_line (const sigpolicy_finding *finding);
  SIGPOLICY_PUBLIC unsigned sigpolicy_finding_column (const sigpolicy_finding *finding);

  /**
   * Write the findings.
   *
   * @param format    any
   * @param flags     SIGPOLICY_FORMAT_VERBOSE, SIGPOLICY_FORMAT_COLOUR: for text
   * @param ret_text  receives text that ends with a newline, to free(); untouched on failure
   * @return 0, or E_NO_MEMORY. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_audit_format (const sigpolicy_audit *audit,
                                               sigpolicy_format format, unsigned flags,
                                               char **ret_text,
                                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** The findings as a file for SIGPOLICY_AUDIT_BASELINE, to free(). Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_audit_baseline (const sigpolicy_audit *audit, char **ret_text,
                                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Every rule: a line each, or JSON. To free(). Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_audit_rules (sigpolicy_format format, char **ret_text,
                                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
