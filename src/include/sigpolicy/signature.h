/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_SIGNATURE_H
#define SIGPOLICY_SIGNATURE_H

/** @file Single signatures: listed without judging them, verified by fingerprint, made. */

#include <sigpolicy/evaluate.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /**
   * List what is stored with an image. Nothing is verified, and the list says so on every line.
   *
   * @param ret_text   receives the list, ending with a newline, to free()
   * @param ret_count  receives the number of signatures; may be NULL
   * @return 0; the codes of the sources when the image or a signature cannot be read or recognised.
   * Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_signatures_list (sigpolicy_context *context,
                                                  const sigpolicy_request *request,
                                                  sigpolicy_format format, unsigned flags,
                                                  char **ret_text, size_t *ret_count,
                                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** What one simple signature is to be of, and by whom; without a policy. One thread at a time. */
  typedef struct sigpolicy_signature_verifier sigpolicy_signature_verifier;

  /** A verifier, freed with sigpolicy_signature_verifier_free(), which takes NULL. Bytes and
   * strings that it is given are copied. Each function returns 0, E_USAGE for NULL, or E_NO_MEMORY.
   * Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_signature_verifier_new (sigpolicy_signature_verifier **ret_verifier,
                                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
  SIGPOLICY_PUBLIC void sigpolicy_signature_verifier_free (sigpolicy_signature_verifier *verifier);

  /** The manifest's bytes. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_signature_verifier_set_manifest (sigpolicy_signature_verifier *verifier,
                                             const void *bytes, size_t size,
                                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** The docker reference that must have been signed, compared in normalised form; no tag is added.
   * Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_signature_verifier_set_reference (sigpolicy_signature_verifier *verifier,
                                              const char *reference,
                                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** A full fingerprint of a primary key or a signing subkey that may have signed; at least one is
   * needed. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_signature_verifier_add_fingerprint (sigpolicy_signature_verifier *verifier,
                                                const char *fingerprint,
                                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** The keys, as a key file has them; without, those of the user's own keyring. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_signature_verifier_set_public_keys (sigpolicy_signature_verifier *verifier,
                                                const void *bytes, size_t size,
                                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * Verify one simple signature.
   *
   * @param signature        an OpenPGP message as it is, without the framing of stored signatures
   * @param ret_fingerprint  receives the fingerprint of the list that signed, to free()
   * @param ret_digest       receives the signed digest, to free()
   * @return 0 when it verified; E_REJECTED, E_KEY, E_INTERNAL ... otherwise
   *
   * Threads: one per context. Spec: containers-signature(5). Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_signature_verify (sigpolicy_context *context,
                                                   const sigpolicy_signature_verifier *verifier,
                                                   const void *signature, size_t size,
                                                   char **ret_fingerprint, char **ret_digest,
                                                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** The fingerprints of the primary keys in key material, as a NULL-terminated list to free with
   * sigpolicy_fingerprints_free(). Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_fingerprints (sigpolicy_context *context, const void *public_keys,
                                               size_t size, char ***ret_fingerprints,
                                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
  SIGPOLICY_PUBLIC void sigpolicy_fingerprints_free (char **fingerprints);

  /** What an unverified signature claims. Strings are borrowed; sizes count, they may hold any
   * byte. */
  typedef struct sigpolicy_untrusted
  {
    const char *digest;
    const char *reference;
    size_t reference_size;
    const char *creator; /**< NULL where absent */
    size_t creator_size;
    int has_timestamp;
    int64_t timestamp;  /**< seconds since 1970 */
    const char *key_id; /**< 16 upper-case hex digits */
  } sigpolicy_untrusted;

  /**
   * Take a simple signature apart WITHOUT verifying anything: for debugging alone.
   *
   * @param ret_claims  receives the claims, freed with sigpolicy_untrusted_free()
   * @return 0, or E_REJECTED. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int
  sigpolicy_signature_dump_untrusted (const void *signature, size_t size,
                                      sigpolicy_untrusted **ret_claims,
                                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
  SIGPOLICY_PUBLIC void sigpolicy_untrusted_free (sigpolicy_untrusted *claims);

  /**
   * Sign a manifest with a key of the user's GnuPG home.
   *
   * @param reference   what the manifest is signed as; not checked
   * @param key         anything that GnuPG finds a secret key by
   * @param passphrase  the passphrase, or NULL to let the user's agent ask
   * @param creator     what the payload names as its creator
   * @param timestamp   seconds since 1970 for the payload
   * @param ret_signature  receives an OpenPGP message, to free()
   * @return 0; E_REJECTED when the manifest has no digest, or is signed schema 1 (S4); E_KEY when
   * the key is not there. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_signature_sign (const void *manifest, size_t manifest_size,
                                                 const char *reference, const char *key,
                                                 const char *passphrase, const char *creator,
                                                 int64_t timestamp, void **ret_signature,
                                                 size_t *ret_size,
                                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
