/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_OPENPGP_OPENPGP_INT_H
#define SP_OPENPGP_OPENPGP_INT_H

#include "crypto/digest.h"
#include "openpgp/module.h"
#include "openpgp/openpgp.h"

#include "util/cleanup.h"

#include <sys/stat.h>

/* --- homes
 * --------------------------------------------------------------------------------------------------------------
 */

/*
 * A private GnuPG home, on the list of those that are to be gone at the end. Its path can be given
 * to another directory by who may write beside it, so the directory is held: gpg is led to it by
 * our descriptor. A lock keeps those off who clean up old files. It belongs to the process that
 * made it: a child that was forked neither uses nor removes it.
 */
struct sp_home
{
  char *path;
  char *name; /* how gpg finds it: /proc/PID/fd/N, or the path where there is no /proc */
  size_t name_size;
  int fd;
  pid_t process;
  struct stat made; /* as it was made: device, inode, owner, mode */
  bool has_keys;
  struct sp_home *next;
};

int sp_home_new (struct sp_home **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
/* What is in it is to stay: keys were imported. */
void sp_home_seal (struct sp_home *home);
/* Before each run: it is there, and what its path leads to is what was made. Failure:
 * UNAVAILABLE. */
int sp_home_check (const struct sp_home *home, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
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
  bool is_user;           /* the user's own */
  struct sp_home *home;   /* NULL for the user's own, and until gpg is needed */
  gpgme_ctx_t context;    /* the same */
  bool gpg_is_there;      /* and new enough: see sp_openpgp_need_gpg() */
  struct sp_buf material; /* the sources, each behind its length: to find it again, and to import */
  struct sp_key_material *sources; /* views of it, with labels of their own */
  struct sp_strv labels;
  size_t n_sources;
  /*
   * What gpg imports depends on the time in one way: it takes no key that was created later. So an
   * import holds for another time if it, too, is not before the creation of the newest key.
   */
  sigpolicy_error *unusable; /* what was read of it refuses it, for ever */
  bool is_empty;             /* there is surely no key in it */
  struct sp_strv short_rsa;  /* fingerprints of RSA keys and subkeys that are too short today */
  struct sp_strv primaries;  /* fingerprints by our own reading */
  struct sp_strv subkeys;    /* the same of subkeys, each as often as it is there */
  struct sp_openpgp *engine;
  struct sp_plain_keys *plain; /* NULL where there is anything for gpg alone */
  bool is_plain_known;
  sp_time newest;   /* INT64_MAX: not known */
  bool is_imported; /* or refused */
  sp_time imported; /* when, by the time that gpg was given */
  sigpolicy_error *refusal;
  struct sp_strv fingerprints; /* of what was imported */
  struct sp_valid_sig valid;   /* of the last message */
  struct sp_keyring *next;
};

/* Have gpg take the keys, unless it did at a time for which that holds. Failure: KEY,
 * UNAVAILABLE. */
int sp_keyring_import (struct sp_keyring *keyring, sp_time now,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Nothing of an import is left: the next one has a home of its own. */
void sp_keyring_forget (struct sp_keyring *keyring);

/* Tell gpg its time for the next runs; NULL: the system's. Failure: UNAVAILABLE where gpg cannot
 * count to it. */
int sp_keyring_set_time (struct sp_keyring *keyring, const sp_time *now,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A context of GPGME that runs a program as gpg, with home for its home; NULL: the user's. */
int sp_openpgp_open_context (const char *program, const char *home, gpgme_ctx_t *ret,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

void sp_keyring_free (struct sp_keyring *keyring);

/* Nothing came of a start of gpg: is it because there is none, or an old one? Asks gpg itself, once
 * for a keyring; in a private home the wrapper has vouched for it until then. */
int sp_openpgp_need_gpg (struct sp_keyring *keyring, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* GPGME, which whoever opens a context has loaded. Failure: INTERNAL/engine-missing. */
extern const struct sp_openpgp_module *sp_gpgme;
int sp_openpgp_load (sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Before the first context of a private home: load GPGME, and lead it to the wrapper, where we may.
 */
int sp_openpgp_lead_to_wrapper (sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

struct sp_openpgp
{
  bool gpg_alone, must_use_gpg;   /* the latter by the environment */
  bool knows_host, host_is_plain; /* see sp_plain_host() */
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
  bool has_version_6, has_other; /* signatures, by their version */
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
  bool is_cut;         /* there is less of it than it says */
  bool is_open;        /* it does not say how long it is: all that is left */
  struct sp_view body; /* empty unless it is whole */
};

/* Moves past one packet; false at the end and where it is malformed. */
bool sp_packet_next (struct sp_view *left, struct sp_packet *ret);

/* The same for packets of messages: a body that comes in parts is put together. False also for what
 * is cut off, or larger than the buffer may be. */
bool sp_packet_take (struct sp_view *left, struct sp_packet *ret, struct sp_buf *ret_body);

/* The same for one that is whole, and of a length that it says. */
bool sp_packet_whole (struct sp_view *left, struct sp_packet *ret);

/* The fingerprint of a key of version 4 in upper-case hex, as gpg writes it; to free(). */
char *sp_packet_fingerprint (const unsigned char bytes[SP_SHA1_BYTES],
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What is in packets: so many bytes from the front of *left, a number of so many, and a subpacket
 * (RFC 9580, 5.2.3.7) with the bit of its type that says it is critical. False where there is less.
 */
bool sp_packet_bytes (struct sp_view *left, size_t len, struct sp_view *ret);
bool sp_packet_number (struct sp_view *left, size_t bytes, size_t *ret);
bool sp_packet_subpacket (struct sp_view *left, size_t *ret_type, struct sp_view *ret);

/* The next line, without its end and the white space before that. */
struct sp_view sp_armor_line (struct sp_view *left);

/* The bytes of the next armored block of keys of *left, which is moved behind it; *ret_whole tells
 * that all of it was base64, else ret has what came before the fault. Failure: memory. */
int sp_armor_next (struct sp_view *left, struct sp_buf *ret, bool *ret_found, bool *ret_whole,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The bytes of a file that is one armored block of public keys and nothing else, with its checksum;
 * false where gpg might see anything else in it. */
bool sp_armor_is_plain (struct sp_view text, struct sp_buf *ret);

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

/* One clear-signed block and nothing else (RFC 9580, 7): its frame, not its signature. */
int sp_clear_text_check (struct sp_view text, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Could no program be started now, for want of descriptors for its pipes? (engine.c) */
bool sp_openpgp_lacks_descriptors (void);

/* Walk the packets of binary data; stops quietly where they are malformed, and gpg decides. */
struct sp_packets sp_packets_scan (struct sp_view bytes);

/* Undo a deflate stream (RFC 1951) that is all of these bytes; false when it is none, or larger
 * than the buffer may be. */
bool sp_inflate (struct sp_view bytes, struct sp_buf *ret);

/* --- gpgme's types
 * --------------------------------------------------------------------------------------------------------
 */

/* There is none unless GPGME was loaded. */
#define SP_DEFINE_GPGME_CLEANUP(type, name)         \
  static inline void sp_gpgme_##name##_p (type *at) \
  {                                                 \
    if (*at)                                        \
      sp_gpgme->name (*at);                         \
  }
SP_DEFINE_GPGME_CLEANUP (gpgme_data_t, data_release)
SP_DEFINE_GPGME_CLEANUP (gpgme_ctx_t, release)
SP_DEFINE_GPGME_CLEANUP (gpgme_key_t, key_unref)
#define cleanup_gpgme_data    SP_CLEANUP (sp_gpgme_data_release_p)
#define cleanup_gpgme_context SP_CLEANUP (sp_gpgme_release_p)
#define cleanup_gpgme_key     SP_CLEANUP (sp_gpgme_key_unref_p)

#endif
