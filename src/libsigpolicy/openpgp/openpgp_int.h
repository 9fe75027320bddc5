/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_OPENPGP_OPENPGP_INT_H
#define SP_OPENPGP_OPENPGP_INT_H

#include "openpgp/openpgp.h"

#include "util/cleanup.h"

#include <gpgme.h>

/* --- homes
 * --------------------------------------------------------------------------------------------------------------
 */

/* A private GnuPG home, on the list of those that are to be gone at the end. */
struct sp_home
{
  char *path;
  struct sp_home *next;
};

/* Make one with our gpg.conf. faked: gpg takes now for its time. */
int sp_home_new (sp_time now, bool faked, struct sp_home **ret,
                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_home_free (struct sp_home *home);

/* The process is ours alone: sp_openpgp_remove_homes() ends every child that is no daemon, with or
 * without a home, and from then on a thread that forks waits for the end of the process. Before
 * threads start; idempotent. */
int sp_home_own_process (sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- keyrings
 * ------------------------------------------------------------------------------------------------------------
 */

/* The longest fingerprint, as text: version 5 and 6 keys have 64 digits. */
#define SP_FINGERPRINT_DIGITS 64U

/* What gpg says on VALIDSIG and GPGME keeps to itself: whose key it was, too. */
struct sp_valid_sig
{
  unsigned count;
  char key[SP_FINGERPRINT_DIGITS + 1], primary[SP_FINGERPRINT_DIGITS + 1];
};

struct sp_keyring
{
  struct sp_home *home; /* NULL for the user's own */
  gpgme_ctx_t context;
  bool gpg_is_there; /* and new enough: see sp_openpgp_need_gpg() */
  struct sp_strv fingerprints;
  struct sp_valid_sig valid; /* of the last message */
  struct sp_buf material;    /* what it was made from, to find it again */
  struct sp_keyring *next;
};

void sp_keyring_free (struct sp_keyring *keyring);

/* Nothing came of a start of gpg: is it because there is none, or an old one? Asks gpg itself, once
 * for a keyring; in a private home the wrapper has vouched for it until then. */
int sp_openpgp_need_gpg (struct sp_keyring *keyring, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Before the first context of a private home: lead GPGME to the wrapper, where we may. */
void sp_openpgp_lead_to_wrapper (void);

struct sp_openpgp
{
  sp_time now;
  bool faked;
  struct sp_keyring *keyrings;
  struct sp_keyring *user;
};

/* What gpgme says, as an error of ours: a missing engine is INTERNAL/engine-missing, no memory is
 * that. */
int sp_openpgp_failed (sigpolicy_error **err, gpgme_error_t error, const char *doing);

/* --- packets: the outside of a message, without any cryptography
 * -------------------------------------------------------- */

enum sp_packets_kind
{
  SP_PACKETS_NONE, /* empty, or not OpenPGP at all */
  SP_PACKETS_TEXT, /* armored or clear-signed */
  SP_PACKETS_ENCRYPTED,
  SP_PACKETS_MESSAGE, /* binary packets, for gpg to judge */
};

struct sp_packets
{
  enum sp_packets_kind kind;
  unsigned first_tag;
  size_t count; /* packets at the outer level; packets inside compressed data are not seen */
  bool secret_key;
};

/* Walk the packets of binary data; stops quietly where they are malformed, and gpg decides. */
struct sp_packets sp_packets_scan (struct sp_view bytes);

/* --- gpgme's types
 * --------------------------------------------------------------------------------------------------------
 */

SP_DEFINE_CLEANUP (gpgme_data_t, gpgme_data_release);
SP_DEFINE_CLEANUP (gpgme_ctx_t, gpgme_release);
SP_DEFINE_CLEANUP (gpgme_key_t, gpgme_key_unref);
#define cleanup_gpgme_data    SP_CLEANUP (gpgme_data_release_p)
#define cleanup_gpgme_context SP_CLEANUP (gpgme_release_p)
#define cleanup_gpgme_key     SP_CLEANUP (gpgme_key_unref_p)

#endif
