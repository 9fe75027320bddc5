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

  /*
   * What it is to look at. Strings are copied; NULL is as if the function had not been called. Each
   * returns 0, E_USAGE for a value that makes no sense, or E_NO_MEMORY.
   */

  /** A directory that stands for "/": links stay within it. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_audit_set_root (sigpolicy_audit *audit, const char *directory,
                                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** A policy, a registries.d, and a registries.conf without drop-ins, instead of the host's.
   * Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_audit_set_policy (sigpolicy_audit *audit, const char *file,
                                                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
  SIGPOLICY_PUBLIC int
  sigpolicy_audit_set_registries_d (sigpolicy_audit *audit, const char *directory,
                                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
  SIGPOLICY_PUBLIC int
  sigpolicy_audit_set_registries_conf (sigpolicy_audit *audit, const char *file,
                                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** "old", "5.40" or "auto", as sigpolicy_context_set_reader(). Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_audit_set_reader (sigpolicy_audit *audit, const char *reader,
                                                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** The time that it looks at, in seconds since 1970 instead of now; or as RFC 3339 text. Since:
   * 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_audit_set_clock (sigpolicy_audit *audit, int64_t seconds);
  SIGPOLICY_PUBLIC int sigpolicy_audit_set_clock_text (sigpolicy_audit *audit, const char *text,
                                                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** A file of suppressions, and a baseline: findings that are not reported again. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_audit_set_suppressions (sigpolicy_audit *audit, const char *file,
                                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
  SIGPOLICY_PUBLIC int sigpolicy_audit_set_baseline (sigpolicy_audit *audit, const char *file,
                                                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Show nothing below; all findings are counted. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_audit_set_severity (sigpolicy_audit *audit,
                                                      sigpolicy_severity least);

  /** Do not ask this rule; may be called for several. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_audit_disable (sigpolicy_audit *audit, const char *rule,
                                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** A unit or a script to look at, too; may be called for several. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_audit_add_file (sigpolicy_audit *audit, const char *file,
                                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** "5.40": only what readers from that release on change; and an image that this is asked of,
   * which may be called for several. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_audit_set_upgrade_to (sigpolicy_audit *audit, const char *release,
                                                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
  SIGPOLICY_PUBLIC int sigpolicy_audit_add_image (sigpolicy_audit *audit, const char *image,
                                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** An RFC 3339 time, or a day: only what stops verifying by then. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_audit_set_until (sigpolicy_audit *audit, const char *text,
                                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * Look. What is wrong with the files of the host is a finding, also that there is no policy.
   *
   * @return 0, E_CONFIG for suppressions, a baseline or settings of sigpolicy that cannot be read,
   * E_USAGE for a reader that is none, E_UNAVAILABLE for a root that is no directory, E_NO_MEMORY.
   * Threads: one per audit. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_audit_run (sigpolicy_audit *audit,
                                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** How many findings are at least that severe, whether they are shown or not. Since: 0.1. */
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

  /** Where it is, from 1; 0 where a file has no such position. Since: 0.1. */
  SIGPOLICY_PUBLIC unsigned sigpolicy_finding_line (const sigpolicy_finding *finding);
  SIGPOLICY_PUBLIC unsigned sigpolicy_finding_column (const sigpolicy_finding *finding);

  /**
   * Write the findings.
   *
   * @param format    any
   * @param flags     SIGPOLICY_FORMAT_VERBOSE, for text
   * @param ret_text  receives text that ends with a newline, to free(); untouched on failure
   * @return 0, or E_NO_MEMORY. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_audit_format (const sigpolicy_audit *audit,
                                               sigpolicy_format format, unsigned flags,
                                               char **ret_text,
                                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** The findings as a file for sigpolicy_audit_set_baseline(), to free(). Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_audit_baseline (const sigpolicy_audit *audit, char **ret_text,
                                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * Make the fixes of the findings that are safe: nothing is accepted by them that the policy does
   * not ask for. Files are changed as by edit.h, each once, and keep a backup.
   *
   * @param dry_run   not 0: write nothing
   * @param ret_text  receives commands and a unified diff that say what was done, to free(); ""
   * where there is nothing to do
   * @return 0, E_CONFIG for a file that cannot be changed as it is, E_UNAVAILABLE, E_NO_MEMORY
   *
   * Threads: one per audit. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_audit_fix (const sigpolicy_audit *audit, int dry_run,
                                            char **ret_text,
                                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** What a rule says: its severity, why it matters, and how to fix it; in text or JSON, to free().
   * @return 0, E_USAGE for a rule that is none, E_NO_MEMORY. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_audit_explain (const char *rule, sigpolicy_format format,
                                                char **ret_text,
                                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Every rule: a line each, or JSON. To free(). Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_audit_rules (sigpolicy_format format, char **ret_text,
                                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
