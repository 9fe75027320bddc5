/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_OPENPGP_KEY_FACTS_H
#define SP_OPENPGP_KEY_FACTS_H

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"

/*
 * What a key file says of its keys, for those who look after it: read from the packets alone, in no
 * time and without gpg. Nothing here decides about an image; gpg may know less of a key, never
 * more.
 *
 * Verified: a signature of a key over itself, its user IDs and its subkeys, and a revocation of
 * these, by an algorithm and a hash that sp_plain_can_tell() knows. One that does not hold is as if
 * it were not there.
 *
 * Only read, and so anybody's words: such signatures by other algorithms and hashes, over user
 * attributes, and of other versions than 4; the signature of a subkey over its primary key, of
 * which it is seen that it is there; all else of a packet, such as fingerprint, algorithm and the
 * time of creation; user IDs themselves, whether or not a signature binds them. Signatures by other
 * keys are not looked at.
 */

/* RFC 9580, 9.5: hashes by their numbers. */
enum
{
  SP_PGP_MD5 = 1,
  SP_PGP_SHA1 = 2,
};

/* RFC 9580, 9.1: public-key algorithms by their numbers. */
enum
{
  SP_PGP_RSA = 1, /* 2 and 3 are RSA, too, for one use only */
  SP_PGP_ELGAMAL = 16,
  SP_PGP_DSA = 17,
  SP_PGP_ECDH = 18,
  SP_PGP_ECDSA = 19,
  SP_PGP_EDDSA = 22,
};

/* A primary key or a subkey. */
struct sp_key_fact
{
  char
      fingerprint[64 + 1]; /* upper-case hex, 40 or 64 digits; empty where the version is unknown */
  unsigned version, algorithm;
  const char *curve; /* "ed25519", "nistp256", ...; NULL where there is none or we know it not */
  unsigned bits;     /* as gpg counts them; 0 where unknown */
  sp_time created;
  sp_time expires; /* 0: never */
  bool revoked;    /* by itself; a subkey by its primary key */
  bool secret;
  bool can_sign; /* for a subkey: and there is a signature of its own, not verified, over its
                    primary key */
  unsigned hash; /* of the newest signature that binds it to its user IDs or primary key; 0: none */
  bool is_truncated; /* its packet cannot be read to the end */
};

struct sp_primary_key
{
  struct sp_key_fact key;
  struct sp_strv user_ids; /* valid UTF-8, and nothing else about them is: escape them */
  struct sp_key_fact *subkeys;
  size_t n_subkeys, subkeys_capacity;
};

enum sp_key_file_kind
{
  SP_KEY_FILE_OTHER, /* empty, PEM, text, anything */
  SP_KEY_FILE_BINARY,
  SP_KEY_FILE_ARMORED,
  SP_KEY_FILE_KEYBOX, /* GnuPG's own storage, which nobody imports */
};

/* Start from {0}. */
struct sp_key_facts_list
{
  enum sp_key_file_kind kind;
  struct sp_primary_key *items;
  size_t len, capacity;
  bool has_secret;   /* somewhere */
  bool is_malformed; /* something in it could not be read, and was left out */
};
void sp_key_facts_clear (struct sp_key_facts_list *list);

#define cleanup_key_facts SP_CLEANUP (sp_key_facts_clear)

/* Read the contents of a key file: binary or armored, any number of keys. What is no key at all is
 * an empty list. Failure: KEY/limit (SP_KEY_BYTES_MAX, SP_KEY_PACKETS_MAX, SP_KEYS_MAX), memory. */
int sp_openpgp_key_facts (struct sp_view file, struct sp_key_facts_list *ret,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
