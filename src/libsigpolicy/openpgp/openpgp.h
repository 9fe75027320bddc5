/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_OPENPGP_OPENPGP_H
#define SP_OPENPGP_OPENPGP_H

#include "util/alloc.h"
#include "util/buf.h"
#include "util/clock.h"

/*
 * OpenPGP through gpgme and gpg. Keys live in private homes, one for each distinct list of key
 * material, made when first needed and removed with the engine, or by sp_openpgp_remove_homes()
 * when a signal ends the process. gpg is started through our wrapper, which sets its limits. The
 * user's own keyring is never touched unless a function says so.
 *
 * An engine and its keyrings belong to one thread at a time.
 */
struct sp_openpgp;
struct sp_keyring;

/* The wrapper of the installation, and gpg itself; tests are linked with a wrapper of the build
 * tree, and doubles. */
extern const char sp_openpgp_wrapper[], sp_openpgp_gpg[];

/* Initialise gpgme, once for the process; idempotent, before threads start. light spares gpgme's
 * own probing of gpgconf, which changes the whole process's gpgme: only a program that owns its
 * process may ask for it. */
int sp_openpgp_init (bool light, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* now is the time at which signatures are judged; faked says that it is not the wall clock's, and
 * gpg must be told. */
int sp_openpgp_new (sp_time now, bool faked, struct sp_openpgp **ret,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_openpgp_free (struct sp_openpgp *engine);

SP_DEFINE_CLEANUP (struct sp_openpgp *, sp_openpgp_free);
#define cleanup_openpgp SP_CLEANUP (sp_openpgp_free_p)

/* Remove every private home of this process and kill the gpg processes that use them; no home is
 * made after that. For the end of the process: safe from another thread than the one that verifies,
 * not from a signal handler. */
void sp_openpgp_remove_homes (void);

/*
 * The keyring that holds exactly the keys of these sources (the contents of key files; label names
 * each for messages). Binary or armored, several keys in one, expired and revoked ones too;
 * something that is no key adds nothing. Cached by content. Borrowed from the engine.
 *
 * Failure: KEY/key-unusable for secret keys, too many keys, a keybox file ("export it with gpg
 * --export"); INTERNAL/engine-missing when gpg cannot be run; UNAVAILABLE when there is no place
 * for a home.
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

/* Fingerprints of the primary keys, upper-case hex; empty for the user's keyring. */
const struct sp_strv *sp_keyring_fingerprints (const struct sp_keyring *keyring);

/*
 * Bytes that a signature covers. Only sp_keyring_verify() makes a non-empty one: what takes this
 * type parses nothing that was not verified.
 */
struct sp_verified_bytes
{
  struct sp_buf bytes;
};

struct sp_openpgp_signature
{
  struct sp_verified_bytes content;
  char *fingerprint; /* of the key or subkey that signed */
  char *primary;     /* of its primary key; the same where it is one */
  bool weak;         /* SHA-1 or another weak hash, RSA below 2048 bits: accepted, with a warning */
};
void sp_openpgp_signature_clear (struct sp_openpgp_signature *signature);

/*
 * Verify an OpenPGP signed message: exactly one signature, made by a key of the keyring that is
 * neither expired nor revoked at the engine's time, over everything there is, binary (not armored,
 * not clear-signed: stricter S1). Success is one written predicate over all that gpgme says.
 *
 * Failure, with what is known of the signer in *ret_signer (fingerprint or key ID, NULL if unknown;
 * to free()): REJECTED/bad-signature  "No data", "Bad data", "Unexpected GPG signature count %d",
 * "Invalid GPG signature: ..." REJECTED/expired, REJECTED/revoked, REJECTED/key-not-trusted (signer
 * not in the keyring) REJECTED/limit          the ceilings of size, packets and time
 *   REJECTED/unsupported-format  armored or clear-signed (S1)
 *   INTERNAL/engine-missing, UNAVAILABLE
 */
int sp_keyring_verify (struct sp_keyring *keyring, struct sp_view message,
                       struct sp_openpgp_signature *ret, char **ret_signer,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

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
