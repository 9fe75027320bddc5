/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_OPENPGP_PLAIN_H
#define SP_OPENPGP_PLAIN_H

#include "crypto/public_key.h"
#include "openpgp/openpgp.h"

/*
 * Acceptances without gpg. What is accepted here, gpg accepts, with the same key, the same bytes
 * and no warning; all else is gpg's to judge, and nothing here ever says "rejected". So every doubt
 * is a false, whatever its cause, and only what is written here to the letter is taken: version 4
 * keys and signatures, RSA from 2048 bits on, Ed25519, the NIST curves, SHA-2.
 */

/* --- plain_packets.c: what is in a packet --- */

#define SP_PLAIN_KEY_ID 8

struct sp_plain_key
{
  struct sp_view body;
  unsigned algorithm;
  sp_time created;
  unsigned char fingerprint[SP_SHA1_BYTES]; /* its last eight bytes are the key ID */
  struct sp_view curve, numbers[4];
  struct sp_public_key *verifier; /* once it was needed */
  /* plain_keys.c */
  size_t primary;         /* its own place, or that of its primary key */
  struct sp_view packets; /* all up to the next key */
  bool is_odd;            /* a primary key: something is revoked, or a user ID follows a subkey */
  enum
  {
    SP_PLAIN_UNKNOWN,
    SP_PLAIN_GOOD,
    SP_PLAIN_DOUBTFUL,
  } state;         /* of its self-signatures */
  sp_time newest;  /* when the last of them was made */
  sp_time expires; /* the earliest time that any of them says; 0: never */
  bool may_sign;   /* by every one of them */
};

/* The key ID, which is the end of the fingerprint. */
static inline struct sp_view
sp_plain_key_id (const struct sp_plain_key *key)
{
  return sp_view_n ((const char *)key->fingerprint + SP_SHA1_BYTES - SP_PLAIN_KEY_ID,
                    SP_PLAIN_KEY_ID);
}

struct sp_plain_signature
{
  unsigned type, algorithm, hash;
  struct sp_view hashed;     /* from the version on to the end of what is protected */
  struct sp_view unhashed;   /* subpackets */
  struct sp_view head;       /* the first two bytes of the digest */
  struct sp_view numbers[2]; /* of the signature */
  /* sp_plain_read_subpackets() */
  sp_time created, lifetime; /* of the key; 0: for ever */
  bool is_about_key;         /* it has what only signatures over keys have */
  struct sp_view flags;      /* of the key; empty where there are none */
  struct sp_view issuer, fingerprint, back;
};

/* The form of a packet: all its parts, and nothing behind them. */
bool sp_plain_read_key (struct sp_view body, struct sp_plain_key *ret);
bool sp_plain_read_signature (struct sp_view body, struct sp_plain_signature *ret);

/* Its subpackets, all of them ones that are known here, none twice that must not be. */
bool sp_plain_read_subpackets (struct sp_plain_signature *signature);

/* It names this key as its issuer, in every way that it names one. */
bool sp_plain_is_by (const struct sp_plain_signature *signature, const struct sp_plain_key *key);

/* What is hashed of a key: 5.2.4. */
void sp_plain_put_key (struct sp_buf *out, struct sp_view body);

/* Does it hold over this, by an algorithm and a hash that nobody doubts? */
bool sp_plain_holds (const struct sp_plain_signature *signature, struct sp_plain_key *key,
                     struct sp_view content);

/* That can be told here: the algorithm and the hash are ones of these. */
bool sp_plain_can_tell (const struct sp_plain_signature *signature, struct sp_plain_key *key);

/* --- plain_keys.c: whose keys they are --- */

/* Is a signature packet seen not to hold over what it stands behind: a primary key, and one of its
 * user IDs or subkeys, or neither (NULL)? */
bool sp_plain_is_false (struct sp_view signature, struct sp_view primary,
                        const struct sp_view *user_id, const struct sp_view *subkey);

struct sp_plain_keys
{
  struct sp_buf bytes; /* of all sources, without armor */
  struct sp_plain_key *items;
  size_t len, capacity;
};

/* The keys of these sources; NULL where one of them has anything that is not plain, and so may
 * change what gpg thinks of the others. */
struct sp_plain_keys *sp_plain_keys_new (const struct sp_key_material *sources, size_t n_sources);
void sp_plain_keys_free (struct sp_plain_keys *keys);

SP_DEFINE_CLEANUP (struct sp_plain_keys *, sp_plain_keys_free);

/* The key of that ID, if it may sign, and there is no doubt about that now or within a day. */
struct sp_plain_key *sp_plain_keys_find (struct sp_plain_keys *keys, struct sp_view key_id,
                                         sp_time now);

/* --- host.c, plain.c: what they signed --- */

/* Nothing of this host makes gpg stricter than it is by itself: no gpg.conf of the system's, no
 * FIPS mode, no policy. root is "" but in tests. */
bool sp_plain_host (const char *root);

/* *ret is filled for an acceptance, else untouched. */
bool sp_plain_verify (struct sp_plain_keys *keys, struct sp_view message, sp_time now,
                      struct sp_openpgp_signature *ret);

#endif
