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

/* RFC 9580, 5: the packets that keys are made of. */
enum
{
  SP_TAG_SIGNATURE = 2,
  SP_TAG_SECRET_KEY = 5,
  SP_TAG_PUBLIC_KEY = 6,
  SP_TAG_SECRET_SUBKEY = 7,
  SP_TAG_USER_ID = 13,
  SP_TAG_PUBLIC_SUBKEY = 14,
  SP_TAG_USER_ATTRIBUTE = 17,
};

struct sp_packet
{
  unsigned tag;
  bool whole;          /* neither cut off nor in parts, as keys never are */
  struct sp_view body; /* empty unless it is whole */
};

/* Moves past one packet; false at the end and where it is malformed. */
bool sp_packet_next (struct sp_view *left, struct sp_packet *ret);

/* The bytes of the next armored block of keys of *left, which is moved behind it; *ret_whole tells
 * that all of it was base64, else ret has what came before the fault. Failure: memory. */
int sp_armor_next (struct sp_view *left, struct sp_buf *ret, bool *ret_found, bool *ret_whole,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The body of a key or subkey packet. *ret_fact gets all but what signatures say. Failure:
 * OpenSSL's, for the fingerprint. */
struct sp_key_fact;
int sp_packet_read_key (struct sp_packet packet, struct sp_key_fact *ret_fact,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What a signature packet says in its protected part; the type is 0xff where it cannot be read. */
struct sp_packet_signature
{
  unsigned type, algorithm, hash;
  sp_time created;
  sp_time key_lifetime; /* seconds; 0: for ever */
  bool has_lifetime, has_flags;
  unsigned flags;
  bool has_back_signature; /* a subkey's own signature over its primary key is inside */
  char issuer[16 + 1];     /* upper-case hex key ID; empty where it does not say */
};
struct sp_packet_signature sp_packet_read_signature (struct sp_packet packet);

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
