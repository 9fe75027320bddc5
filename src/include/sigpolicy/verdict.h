/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_VERDICT_H
#define SIGPOLICY_VERDICT_H

/** @file The answer about one image, and why. */

#include <sigpolicy/error.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /** Zeroed memory means rejected. */
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

  /** The reason as text; "" when accepted. It may contain text from the image; control characters
   * are escaped, so it is safe to print. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_message (const sigpolicy_verdict *verdict);

  /** What to do about the answer, in one line of text; NULL where it was accepted, or where there
   * is nothing useful to say. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_hint (const sigpolicy_verdict *verdict);

  /** The command that does it, for a POSIX shell, quoted, in one line of printable ASCII; NULL
   * where no command does it. Read the hint first: a command that trusts somebody is for those who
   * do. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_hint_command (const sigpolicy_verdict *verdict);

  /** An edit of a file. */
  typedef struct sigpolicy_hint_edit
  {
    const char *file;
    unsigned line, column; /**< in bytes, both from 1 */
    const char *old;       /**< the text to replace; "" to insert */
    const char *text;      /**< the new text; a file that does not exist is created with it */
  } sigpolicy_hint_edit;

  /** The edit that does it, into @p ret, whose strings are borrowed from the verdict; nothing in
   * them is escaped.
   * @return 1, or 0 where no edit does it and @p ret is as it was. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_verdict_hint_edit (const sigpolicy_verdict *verdict,
                                                    sigpolicy_hint_edit *ret);

  /** "sha256:..." of the verified manifest, or NULL if none was read. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_digest (const sigpolicy_verdict *verdict);

  /** The digest reference, name@sha256:...; NULL unless accepted and the image has a docker name.
   * Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_pinned (const sigpolicy_verdict *verdict);

  /** The name that was given, and the one that the policy was applied to, in their canonical
   * spelling; the identity that scopes were compared with, "docker:quay.io/ns/app:v1". NULL if the
   * names were not read. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_image (const sigpolicy_verdict *verdict);
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_reference (const sigpolicy_verdict *verdict);
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_identity (const sigpolicy_verdict *verdict);

  /** What is no image, such as a Helm chart: its artifact type, or the media type of its
   * configuration; NULL for an image. And what people call it, static: "chart", "artifact",
   * "image". Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_artifact_type (const sigpolicy_verdict *verdict);
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_artifact_kind (const sigpolicy_verdict *verdict);

  /** "sha256:..." of the manifest list that the image was chosen from, or NULL. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_list_digest (const sigpolicy_verdict *verdict);

  /** The policy file, NULL without one. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_policy_path (const sigpolicy_verdict *verdict);

  /** The transport and the scope whose requirements applied; "" for a transport's default, NULL for
   * the policy's. They are a file's own text: nothing in them is escaped, and @p ret_size (may be
   * NULL) counts what may have a NUL in it. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_transport (const sigpolicy_verdict *verdict,
                                                            size_t *ret_size);
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_scope (const sigpolicy_verdict *verdict,
                                                        size_t *ret_size);

  /** The file of the one key that was required instead of a policy (sigpolicy_context_set_key()),
   * and in @p ret_identity (may be NULL) the type of its signed identity, NULL where nothing was
   * evaluated; NULL where a policy decided. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_key (const sigpolicy_verdict *verdict,
                                                      const char **ret_identity);

  /** How the configuration was found, "old" or "5.40", and in @p ret_by (may be NULL) what chose
   * that; NULL if none was searched for. And the number-th file that was read, from 0; NULL
   * after the last. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_reader (const sigpolicy_verdict *verdict,
                                                         const char **ret_by);
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_reader_file (const sigpolicy_verdict *verdict,
                                                              unsigned number);

  /** Who signed, of the signature that the number-th requirement accepted, from 0: a fingerprint,
   * or the SHA-256 of a key; NULL where it accepted none. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_signer (const sigpolicy_verdict *verdict,
                                                         unsigned number);

  /** The same for people, in one line: user IDs of the keys as their files are now, addresses of
   * certificates, else as above; "" where no signature was required. To free().
   *
   * @return 0, E_USAGE, E_NO_MEMORY. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_verdict_signers (const sigpolicy_verdict *verdict, char **ret_text,
                                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** The answer in a word, static: "accepted"; "accepted (unsigned)" where no signature was
   * required; "rejected"; "undecided" where nothing was evaluated (exit status 5 and 6); "error"
   * for what a person must fix first (2, 3, 4 and 7). Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_word (const sigpolicy_verdict *verdict);

  /** The policy's own bytes, "9f86d0..." (SHA-256), and the line of the scope that applied, from 1,
   * 0 without one; NULL without a policy. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_policy_sha256 (const sigpolicy_verdict *verdict);
  SIGPOLICY_PUBLIC unsigned sigpolicy_verdict_policy_line (const sigpolicy_verdict *verdict);

  /** Where the fault of a file is, "policy.json:3:7 (at $.default)", or NULL. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_position (const sigpolicy_verdict *verdict);

  /** The id of the check of SECURITY.md that rejects what the Go library accepts, or NULL. Since:
   * 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_stricter (const sigpolicy_verdict *verdict);

  /** The time as of which the image was verified, in seconds since 1970. Since: 0.1. */
  SIGPOLICY_PUBLIC int64_t sigpolicy_verdict_time (const sigpolicy_verdict *verdict);

  /** What confined the process, as sigpolicy_context_set_sandbox() was told, or NULL. Since: 0.1.
   */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_sandbox (const sigpolicy_verdict *verdict);

  /** The number-th location that was searched for signatures, from 0, and in @p ret_result (may be
   * NULL) the result; NULL after the last. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_looked_at (const sigpolicy_verdict *verdict,
                                                            unsigned number,
                                                            const char **ret_result);

  /** The result of a requirement, or of a signature. */
  typedef enum sigpolicy_result
  {
    SIGPOLICY_RESULT_REJECTED,
    SIGPOLICY_RESULT_ACCEPTED,
    SIGPOLICY_RESULT_NOT_ASKED, /**< an earlier requirement rejected; a signature of another kind */
  } sigpolicy_result;

  /** The parts of either that are text. */
  typedef enum sigpolicy_part
  {
    SIGPOLICY_PART_TYPE,      /**< "signedBy"; "simple-signing", "sigstore" */
    SIGPOLICY_PART_MESSAGE,   /**< why it was rejected, as text */
    SIGPOLICY_PART_POSITION,  /**< of an error in a file */
    SIGPOLICY_PART_STRICTER,  /**< see sigpolicy_verdict_stricter() */
    SIGPOLICY_PART_SOURCE,    /**< where the signature was read */
    SIGPOLICY_PART_KEY,       /**< the signer: a fingerprint, or the SHA-256 of a key */
    SIGPOLICY_PART_SUBJECT,   /**< of the signer's certificate, as the policy required it */
    SIGPOLICY_PART_ISSUER,    /**< the OIDC issuer that identified the subject */
    SIGPOLICY_PART_REFERENCE, /**< the name that it states; only from verified bytes */
    SIGPOLICY_PART_DIGEST,    /**< the digest that it states; only from verified bytes */
    SIGPOLICY_PART_DETAIL,    /**< for people, such as what would have matched */
    SIGPOLICY_PART_IDENTITY,  /**< "not-stated" for a bundle that states a digest and no name */
  } sigpolicy_part;

  /** A requirement of the policy with its result, borrowed from the verdict. */
  typedef struct sigpolicy_judged_requirement sigpolicy_judged_requirement;

  /** The number-th requirement of the scope that applied, from 0; NULL after the last. Since: 0.1.
   */
  SIGPOLICY_PUBLIC const sigpolicy_judged_requirement *
  sigpolicy_verdict_requirement (const sigpolicy_verdict *verdict, unsigned number);
  SIGPOLICY_PUBLIC sigpolicy_result
  sigpolicy_judged_requirement_result (const sigpolicy_judged_requirement *requirement);
  SIGPOLICY_PUBLIC sigpolicy_reason
  sigpolicy_judged_requirement_reason (const sigpolicy_judged_requirement *requirement);

  /** A part of it, safe to print; NULL where it has none. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *
  sigpolicy_judged_requirement_text (const sigpolicy_judged_requirement *requirement,
                                     sigpolicy_part part);

  /** What it requires, in a sentence: "a simple signature by a GPG key in /etc/k.gpg, for the same
   * repository". To free().
   *
   * @return 0, E_USAGE, E_NO_MEMORY. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_judged_requirement_words (const sigpolicy_judged_requirement *requirement,
                                      char **ret_text, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** A signature with its result for one requirement, borrowed from the verdict. */
  typedef struct sigpolicy_judged_signature sigpolicy_judged_signature;

  /** The number-th signature that the requirement evaluated, from 0; NULL after the last. Since:
   * 0.1. */
  SIGPOLICY_PUBLIC const sigpolicy_judged_signature *
  sigpolicy_judged_requirement_signature (const sigpolicy_judged_requirement *requirement,
                                          unsigned number);
  SIGPOLICY_PUBLIC sigpolicy_result
  sigpolicy_judged_signature_result (const sigpolicy_judged_signature *signature);
  SIGPOLICY_PUBLIC sigpolicy_reason
  sigpolicy_judged_signature_reason (const sigpolicy_judged_signature *signature);
  SIGPOLICY_PUBLIC const char *
  sigpolicy_judged_signature_text (const sigpolicy_judged_signature *signature,
                                   sigpolicy_part part);

  /** The length of the name that it states, which may contain a NUL. 0 where it states none.
   * Since: 0.1. */
  SIGPOLICY_PUBLIC size_t
  sigpolicy_judged_signature_reference_size (const sigpolicy_judged_signature *signature);

  /** When it was made, as its signer says, in seconds since 1970, into @p ret; only from verified
   * bytes.
   * @return 1, or 0 where the signer does not say and @p ret is as it was. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_judged_signature_signed (const sigpolicy_judged_signature *signature, int64_t *ret);

  /** When a log recorded it, in seconds since 1970, into @p ret.
   * @return 1, or 0 where no log did and @p ret is as it was. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_judged_signature_logged (const sigpolicy_judged_signature *signature, int64_t *ret);

  /** The owner of a key, as the key file states it; borrowed from the verdict. */
  typedef struct sigpolicy_signer sigpolicy_signer;

  /**
   * Whose key verified a signature, read from the bytes that were trusted. They are parsed at the
   * first call, once for all verdicts of a context with the same keys.
   *
   * @param ret_signer  receives the signer; NULL for a certificate, and for a signature that was
   * not verified
   * @return 0, E_USAGE, E_NO_MEMORY. Threads: any. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int
  sigpolicy_judged_signature_signer (const sigpolicy_judged_signature *signature,
                                     const sigpolicy_signer **ret_signer,
                                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** The first user ID of a GPG key, "Alice <alice@example.com>", which is whatever its owner
   * wrote: UTF-8, not escaped. NULL for another key. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_signer_user_id (const sigpolicy_signer *signer);

  /** The file that the policy names; NULL for a key that is in the policy itself. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_signer_key_file (const sigpolicy_signer *signer);

  /** When the key expires, in seconds since 1970, into @p ret.
   * @return 1, or 0 for a key that does not. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_signer_expires (const sigpolicy_signer *signer, int64_t *ret);

  /** "linux/arm64/v8", of an image that sigpolicy_evaluate_all() found in a list, printable; ""
   * where the list does not say. NULL for everything else. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_platform (const sigpolicy_verdict *verdict);

  /** Not 0 for the manifest list, among those that sigpolicy_evaluate_all() gives. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_verdict_is_list (const sigpolicy_verdict *verdict);

  /** The number-th warning, from 0; NULL after the last. Warnings do not change the answer.
   * Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_verdict_warning (const sigpolicy_verdict *verdict,
                                                          unsigned number);

  /** How answers are written. */
  typedef enum sigpolicy_format
  {
    SIGPOLICY_FORMAT_TEXT,
    SIGPOLICY_FORMAT_JSON,  /**< indented */
    SIGPOLICY_FORMAT_JSONL, /**< one line */
    /* The following where a function says so. */
    SIGPOLICY_FORMAT_SARIF,    /**< SARIF 2.1.0 */
    SIGPOLICY_FORMAT_JUNIT,    /**< test results in XML */
    SIGPOLICY_FORMAT_GITHUB,   /**< workflow commands */
    SIGPOLICY_FORMAT_PROM,     /**< metrics as Prometheus reads them */
    SIGPOLICY_FORMAT_TAP,      /**< the Test Anything Protocol */
    SIGPOLICY_FORMAT_GITLAB,   /**< GitLab's report of code quality */
    SIGPOLICY_FORMAT_MARKDOWN, /**< a comment for a merge request */
    SIGPOLICY_FORMAT_HTML,     /**< a page that is whole by itself */
  } sigpolicy_format;

#define SIGPOLICY_FORMAT_VERBOSE 1U /**< text: every requirement, signature and location */

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
