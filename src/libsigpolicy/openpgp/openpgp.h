/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_OPENPGP_OPENPGP_H
#define SP_OPENPGP_OPENPGP_H

#include "util/alloc.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/verified.h"

/*
 * OpenPGP through gpgme and gpg. Keys live in private homes, one for each distinct list of key
 * material, made when first needed and removed with the engine, or by sp_openpgp_remove_homes()
 * when a signal ends the process. gpg is started through our wrapper, which sets its limits and
 * its options. The user's own keyring is never touched unless a function says so. The time at which
 * something is judged is an argument of the one who asks: an engine has none.
 *
 * An engine and its keyrings belong to one thread at a time.
 */
struct sp_openpgp;
struct sp_keyring;

/* The wrapper of the installation, and gpg itself; tests are linked with a wrapper of the build
 * tree, and doubles. */
extern const char sp_openpgp_wrapper[], sp_openpgp_gpg[];

/* The private module of the installation, where GPGME is not linked with; tests have the one of the
 * build tree. */
struct sp_openpgp_module;
extern const char sp_openpgp_module_path[];
extern const struct sp_openpgp_module *const sp_openpgp_linked;

/* Once for the process; idempotent, before threads start. Loads GPGME, unless light: then that
 * waits until gpg is needed, and GPGME does not probe gpgconf, which changes the whole process's
 * GPGME. Only a program that owns its process may ask for that. */
int sp_openpgp_init (bool light, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

int sp_openpgp_new (struct sp_openpgp **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_openpgp_free (struct sp_openpgp *engine);

/* Have gpg verify everything, for what is asked from now on. Without it, what is plain beyond doubt
 * is accepted in process (openpgp/plain.h). */
void sp_openpgp_use_gpg_alone (struct sp_openpgp *engine, bool on);

SP_DEFINE_CLEANUP (struct sp_openpgp *, sp_openpgp_free);
#define cleanup_openpgp SP_CLEANUP (sp_openpgp_free_p)

/* Remove every private home of this process and kill the gpg processes that use them; no home is
 * made after that. For the end of the process: safe from another thread than the one that verifies,
 * not from a signal handler. */
void sp_openpgp_remove_homes (void);

/*
 * The keyring that holds exactly the keys of these sources (the contents of key files; label names
 * each for messages). Binary or armored, several keys in one, expired and revoked ones too;
 * something that is no key adds nothing. Cached by content. Borrowed from the engine. No gpg is
 * started: it takes the keys when it is first needed.
 *
 * Failure: KEY/key-unusable for secret keys, a keybox file ("export it with gpg --export");
 * KEY/limit for too many keys or bytes. Also cached.
 */
struct sp_key_material
{
  const char *label;
  struct sp_view bytes;
};
int sp_openpgp_keyring (struct sp_openpgp *engine, const struct sp_key_material *sources,
                        size_t n_sources, struct sp_keyring **ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The user's own keyring ($GNUPGHOME), for standalone-verify without a key file. Borrowed from the
 * engine. */
int sp_openpgp_user_keyring (struct sp_openpgp *engine, struct sp_keyring **ret,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Is there surely no key in it? Else gpg is the one who knows. */
bool sp_keyring_is_empty (const struct sp_keyring *keyring);

/* Is this the fingerprint of one of its primary keys, as we read them or as gpg did? */
bool sp_keyring_has (const struct sp_keyring *keyring, const char *fingerprint);

/* Fingerprints of the primary keys that gpg takes at this time, upper-case hex; empty for the
 * user's keyring. Borrowed. Failure as sp_keyring_verify(). */
int sp_keyring_fingerprints (struct sp_keyring *keyring, sp_time now, const struct sp_strv **ret,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

struct sp_openpgp_signature
{
  struct sp_verified_bytes content;
  char *fingerprint; /* of the key or subkey that signed */
  char *primary;     /* of its primary key; the same where it is one */
  sp_time made;      /* as it says; 0: it does not */
  bool weak;         /* SHA-1 or another weak hash, RSA below 2048 bits: accepted, with a warning */
};
void sp_openpgp_signature_clear (struct sp_openpgp_signature *signature);

/*
 * Verify an OpenPGP signed message: exactly one signature, made by a key of the keyring that is
 * neither expired nor revoked at the time now, over everything there is, binary (not armored,
 * not clear-signed: stricter S1). Success is one written predicate over all that gpgme says.
 *
 * Failure, with what is known of the signer in *ret_signer (fingerprint or key ID, NULL if unknown;
 * to free()): REJECTED/bad-signature  "No data", "Bad data", "Unexpected GPG signature count %d",
 * "Invalid GPG signature: ..." REJECTED/expired, REJECTED/revoked, REJECTED/key-not-trusted (signer
 * not in the keyring) REJECTED/limit          the limits of size, packets and time
 *   REJECTED/unsupported-format  armored or clear-signed (S1)
 *   KEY/key-unusable        gpg takes none of the keys, KEY/limit
 *   INTERNAL/engine-missing
 *   UNAVAILABLE             a time that gpg cannot count to, a home that has gone, no room for one
 */
int sp_keyring_verify (struct sp_keyring *keyring, struct sp_view message, sp_time now,
                       struct sp_openpgp_signature *ret, char **ret_signer,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * The same for a clear-signed text, which is all of the message: one block, nothing but white space
 * around it, hashed with SHA-256, SHA-384 or SHA-512. gpg always verifies it. The content is the
 * text that gpg returns: without the escapes of dashes, with line ends as they came, and with white
 * space at the ends of lines that no signature covers.
 *
 * Failure beside the above: REJECTED/unsupported-format for what is not clear-signed;
 * REJECTED/bad-signature for text outside of the block, several blocks, a weak hash or key.
 */
int sp_keyring_verify_text (struct sp_keyring *keyring, struct sp_view message, sp_time now,
                            struct sp_openpgp_signature *ret, char **ret_signer,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Is it a signature alone, without what it is of? No such thing is verified; for hints. */
bool sp_openpgp_is_detached (struct sp_view message);

/*
 * The content of a signed message and the key ID that it names, without any verification: for
 * untrusted-signature-dump-without-verification and `signatures`. Failure: REJECTED/bad-signature
 * with skopeo's texts.
 */
int sp_openpgp_untrusted_content (struct sp_view message, struct sp_buf *ret_content,
                                  char **ret_key_id, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Sign text with a key of the user's keyring: a binary one-pass signed message. passphrase may be
 * NULL (then the agent asks). Failure: KEY/key-unusable 'key "%s" not found',
 * INTERNAL/engine-missing. */
int sp_openpgp_sign (const char *key, const char *passphrase, struct sp_view text,
                     struct sp_buf *ret_message, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
