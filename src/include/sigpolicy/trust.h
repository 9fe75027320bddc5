/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_TRUST_H
#define SIGPOLICY_TRUST_H

/**
 * @file
 * A policy as it stands, in the rows that podman-image-trust(1) shows: one for each requirement.
 * It is read as laxly as there, so that one can be shown which verification refuses.
 */

#include <sigpolicy/edit.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /** A text of the policy or of a key file: anybody's bytes. */
  typedef struct sigpolicy_trust_text
  {
    const char *bytes;     /**< with a NUL behind them; NULL: there is no such text */
    size_t size;           /**< of the bytes; they may hold a NUL, too */
    const char *printable; /**< for a terminal: UTF-8, and what cannot be shown is escaped */
  } sigpolicy_trust_text;

  /** A key or certificate that a requirement names. Texts but kind and fingerprint are anybody's.
   */
  typedef struct sigpolicy_trust_key
  {
    const char *kind;   /**< "GPG key", "sigstore key", "Rekor key", "Fulcio CA", "PKI root" ... */
    const char *source; /**< the file, or "the policy" */
    const char *fingerprint; /**< NULL where problem says why */
    const char *name;        /**< user IDs, or the subject of a certificate; NULL: none */
    int64_t expires;         /**< seconds since 1970; 0: never */
    int is_expired;          /**< as of the context's time */
    int is_revoked;
    const char *problem; /**< why nothing of it can be used; else NULL */
  } sigpolicy_trust_key;

  /** A requirement. */
  typedef struct sigpolicy_trust_row
  {
    sigpolicy_trust_text transport; /**< without bytes for the policy's default */
    sigpolicy_trust_text scope;     /**< "" for the transport's own default */
    sigpolicy_trust_text type;      /**< as the policy has it */
    const char *type_shown; /**< as podman calls it: "accept", "signed", "sigstoreSigned", "reject";
                                 "" for a type that it does not know */
    sigpolicy_trust_text id;    /**< of GPG keys, as podman shows them; "N/A" for sigstore's */
    sigpolicy_trust_text store; /**< where podman finds signatures, by registries.d; "": nowhere */
    unsigned line;              /**< of the policy */
    const char *words; /**< what it asks, in a sentence of printable ASCII; NULL where verification
                            refuses the policy */
    const sigpolicy_trust_key *keys; /**< with SIGPOLICY_TRUST_KEYS */
    size_t n_keys;
  } sigpolicy_trust_row;

  /** All that was read. */
  typedef struct sigpolicy_trust
  {
    const char *document; /**< the policy's bytes, with a NUL behind them */
    size_t document_size;
    const sigpolicy_trust_row *rows; /**< the default first, then by transport and scope */
    size_t n_rows;
    const char *warnings; /**< lines for people, each with its newline; "": none */
  } sigpolicy_trust;

  /** What sigpolicy_trust_read() reads beside the document. */
  enum
  {
    SIGPOLICY_TRUST_ROWS = 1, /**< the rows; else the document need not be a policy */
    SIGPOLICY_TRUST_KEYS = 2, /**< the rows, and the keys that they name */
  };

  /**
   * Read a policy, and what registries.d and key files say of its rows.
   *
   * @param context    names the policy and the directory of registries.d, where it does
   * @param place      whose files are read
   * @param image      only the rows that apply to this image name ("docker://" may be left out), as
   * verification finds them; or NULL
   * @param flags      SIGPOLICY_TRUST_*
   * @param ret_trust  receives what was read, freed with sigpolicy_trust_free(); untouched on
   * failure
   * @return 0, E_CONFIG for a policy or registries.d that cannot be read, E_USAGE for what is no
   * image name, E_REJECTED/limit for more than can be shown, E_NO_MEMORY
   *
   * Threads: one per context. Spec: podman-image-trust(1). Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_trust_read (sigpolicy_context *context, sigpolicy_edit_place place,
                                             const char *image, unsigned flags,
                                             sigpolicy_trust **ret_trust,
                                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Release what was read, with every text of it; NULL is allowed. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_trust_free (sigpolicy_trust *trust);

#ifdef __cplusplus
}
#endif

#endif
