/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/signature_digest.h"
#include "util/buf.h"

#include <criterion/criterion.h>

/* RFC 8032, section 7.3: the key, the message "abc" and its signature. */
#define KEY "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf"
#define R   "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
#define S   "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"

static void
read_hex (const char *text, unsigned char *ret, size_t len)
{
  for (size_t i = 0; i < len; i++)
    cr_assert (sscanf (text + 2 * i, "%2hhx", &ret[i]) == 1);
}

static struct sp_public_key *
make_key (const char *hex)
{
  static const unsigned char prefix[12]
      = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };
  unsigned char spki[sizeof prefix + 32];
  struct sp_public_key *key = NULL;
  cleanup_error sigpolicy_error *err = NULL;

  memcpy (spki, prefix, sizeof prefix);
  read_hex (hex, spki + sizeof prefix, 32);
  cr_assert (sp_public_key_from_spki (sp_view_n ((const char *)spki, sizeof spki), &key, &err)
             == 0);
  return key;
}

static bool
holds (const struct sp_public_key *key, const char *message, const unsigned char *signature,
       size_t len)
{
  unsigned char digest[SP_HASH_BYTES_MAX];
  cleanup_error sigpolicy_error *err = NULL;

  cr_assert (sp_hash (SP_HASH_SHA512, sp_view_str (message), digest, &err) == 0);
  return sp_public_key_verify_digest (key, SP_HASH_SHA512, sp_view_n ((const char *)digest, 64),
                                      sp_view_n ((const char *)signature, len));
}

Test (crypto_ed25519ph, rfc_8032)
{
  cleanup_public_key struct sp_public_key *key = make_key (KEY);
  unsigned char signature[65] = { 0 };

  read_hex (R S, signature, 64);
  cr_expect (holds (key, "abc", signature, 64));
  cr_expect (!holds (key, "abd", signature, 64));
  cr_expect (!holds (key, "", signature, 64));
  cr_expect (!holds (key, "abc", signature, 63));
  cr_expect (!holds (key, "abc", signature, 65));
  cr_expect (!holds (key, "abc", signature, 0));
}

Test (crypto_ed25519ph, every_bit_counts)
{
  cleanup_public_key struct sp_public_key *key = make_key (KEY);
  unsigned char signature[64];

  read_hex (R S, signature, 64);
  for (size_t bit = 0; bit < 512; bit++)
    {
      signature[bit / 8] ^= (unsigned char)(1U << bit % 8);
      cr_expect (!holds (key, "abc", signature, 64), "bit %zu", bit);
      signature[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
}

Test (crypto_ed25519ph, other_keys)
{
  char hex[] = KEY;
  unsigned char signature[64];

  read_hex (R S, signature, 64);
  for (size_t i = 0; i < 64; i++)
    {
      hex[i] = hex[i] == '0' ? '1' : '0';
      cleanup_public_key struct sp_public_key *key = make_key (hex);
      cr_expect (!holds (key, "abc", signature, 64), "digit %zu", i);
      hex[i] = KEY[i];
    }
}

/* What is another signature of the same key, or none of anybody's. */
static const struct
{
  const char *name, *key, *signature;
} others[] = {
  { "pure Ed25519 of the message", KEY,
    "c9446c82f4235087613364b1e2c31aed0ae9f11a6982859914bdd8565e119d26"
    "cd47423c26c2a49d5f60d847f75120f4bada1a01063aafef8fecb9a07e32e707" },
  { "pure Ed25519 of the digest", KEY,
    "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
    "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704" },
  { "S and the order", KEY, R "1ecc469f609f3c8d30bdfa7241a7d4bfa10b8c61e636062aaad11c2a26083416" },
  { "nothing but zeros", KEY,
    "0000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000" },
  { "the neutral point", KEY,
    "0100000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000" },
};

Test (crypto_ed25519ph, others)
{
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    {
      cleanup_public_key struct sp_public_key *key = make_key (others[i].key);
      unsigned char signature[64];
      read_hex (others[i].signature, signature, 64);
      cr_expect (!holds (key, "abc", signature, 64), "%s", others[i].name);
    }
}
