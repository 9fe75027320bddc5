/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_ERROR_H
#define SIGPOLICY_ERROR_H

/**
 * @file
 * What went wrong, and what a caller does about it.
 *
 * Every function that can fail returns 0 or a negative sigpolicy_code. The code says what to do (it
 * is the exit status of the command, negated); the reason is a stable word for programs; the
 * message is for the person who has to fix it.
 */

#ifdef __cplusplus
extern "C"
{
#endif

#if defined __GNUC__
#  define SIGPOLICY_PUBLIC     __attribute__ ((visibility ("default")))
#  define SIGPOLICY_MUST_CHECK __attribute__ ((warn_unused_result))
#else
#  define SIGPOLICY_PUBLIC
#  define SIGPOLICY_MUST_CHECK
#endif

  /** The class of a failure: what the caller does about it. */
  typedef enum sigpolicy_code
  {
    SIGPOLICY_OK = 0,
    SIGPOLICY_E_REJECTED
    = -1,                    /**< the image's own bytes are at fault: do not use it, do not retry */
    SIGPOLICY_E_USAGE = -2,  /**< the call or the command line is wrong */
    SIGPOLICY_E_CONFIG = -3, /**< policy.json is missing or invalid, or other configuration is
                               invalid */
    SIGPOLICY_E_KEY = -4,    /**< key material is missing or unusable */
    SIGPOLICY_E_NOT_FOUND = -5,   /**< an input does not exist */
    SIGPOLICY_E_UNAVAILABLE = -6, /**< it could not be found out: network, I/O, time limit */
    SIGPOLICY_E_INTERNAL = -7,    /**< an engine is missing, or a fault of our own */
    SIGPOLICY_E_NO_MEMORY = -8,   /**< memory ran out; exit status 7 */
  } sigpolicy_code;

  /** The stable words of sigpolicy-verdict(5). Values are appended, never changed. */
  typedef enum sigpolicy_reason
  {
    SIGPOLICY_REASON_INTERNAL = 0,
    SIGPOLICY_REASON_ACCEPTED,
    SIGPOLICY_REASON_NO_SIGNATURE,
    SIGPOLICY_REASON_SIGNATURES_NOT_LOOKED_FOR,
    SIGPOLICY_REASON_COULD_NOT_LOOK,
    SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
    SIGPOLICY_REASON_KEY_NOT_TRUSTED,
    SIGPOLICY_REASON_BAD_SIGNATURE,
    SIGPOLICY_REASON_EXPIRED,
    SIGPOLICY_REASON_REVOKED,
    SIGPOLICY_REASON_DIGEST_MISMATCH,
    SIGPOLICY_REASON_IDENTITY_MISMATCH,
    SIGPOLICY_REASON_ISSUER_MISMATCH,
    SIGPOLICY_REASON_SUBJECT_MISMATCH,
    SIGPOLICY_REASON_NOT_IN_LOG,
    SIGPOLICY_REASON_REJECTED_BY_RULE,
    SIGPOLICY_REASON_NOT_SIGNED_ENOUGH,
    SIGPOLICY_REASON_CONFIG_ERROR,
    SIGPOLICY_REASON_KEY_UNUSABLE,
    SIGPOLICY_REASON_NOT_FOUND,
    SIGPOLICY_REASON_LIMIT,
    SIGPOLICY_REASON_ENGINE_MISSING,
    SIGPOLICY_REASON_USAGE,
  } sigpolicy_reason;

  /** One failure: code, reason, message, position. Owned by whoever received it. */
  typedef struct sigpolicy_error sigpolicy_error;

  /**
   * The word for a reason, such as "identity-mismatch".
   *
   * @return a static string; "internal" for a value that does not exist. Threads: any. Since: 0.1.
   */
  SIGPOLICY_PUBLIC const char *sigpolicy_reason_slug (sigpolicy_reason reason);

  /** The class of the failure. NULL gives SIGPOLICY_E_INTERNAL. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_error_code (const sigpolicy_error *error);

  /** The stable reason of the failure. Since: 0.1. */
  SIGPOLICY_PUBLIC sigpolicy_reason sigpolicy_error_reason (const sigpolicy_error *error);

  /**
   * What is wrong, in one line, without what was being done. UTF-8; bytes that the input chose are
   * escaped.
   * @return borrowed, dies with @p error. Since: 0.1.
   */
  SIGPOLICY_PUBLIC const char *sigpolicy_error_message (const sigpolicy_error *error);

  /**
   * The message with its position in front and what was being done around it, as the command prints
   * it.
   * @return borrowed, dies with @p error. Since: 0.1.
   */
  SIGPOLICY_PUBLIC const char *sigpolicy_error_text (const sigpolicy_error *error);

  /** What to do about it, or NULL where there is nothing useful to say. Borrowed. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_error_hint (const sigpolicy_error *error);

  /** The file at fault, or NULL. Borrowed. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_error_file (const sigpolicy_error *error);

  /** Line of the fault, counted from 1; 0 where there is none. Since: 0.1. */
  SIGPOLICY_PUBLIC unsigned sigpolicy_error_line (const sigpolicy_error *error);

  /** Column of the fault in bytes, counted from 1; 0 where there is none. Since: 0.1. */
  SIGPOLICY_PUBLIC unsigned sigpolicy_error_column (const sigpolicy_error *error);

  /** Where in a JSON document, such as transports.docker["quay.io"][0].keyPath; or NULL. Borrowed.
   * Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_error_json_path (const sigpolicy_error *error);

  /** Release an error; NULL is allowed. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_error_free (sigpolicy_error *error);

#ifdef __cplusplus
}
#endif

#endif
