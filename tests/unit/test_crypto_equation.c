/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/equation.h"

#include "support/certificates.h"
#include "util/buf.h"

#include <criterion/criterion.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <string.h>

#define WORDS "what is signed"

static const struct kind
{
  const char *name, *digest;
  enum sp_digest kind;
  unsigned bits; /* of a curve; 0 for RSA */
} kinds[] = {
  { "P-224", "SHA256", SP_DIGEST_SHA256, 224 },  { "P-224", "SHA512", SP_DIGEST_SHA512, 224 },
  { "P-256", "SHA256", SP_DIGEST_SHA256, 256 },  { "P-256", "SHA384", SP_DIGEST_SHA384, 256 },
  { "P-384", "SHA256", SP_DIGEST_SHA256, 384 },  { "P-384", "SHA512", SP_DIGEST_SHA512, 384 },
  { "P-521", "SHA256", SP_DIGEST_SHA256, 521 },  { "P-521", "SHA512", SP_DIGEST_SHA512, 521 },
  { "RSA-1024", "SHA512", SP_DIGEST_SHA512, 0 }, { "RSA-2048", "SHA256", SP_DIGEST_SHA256, 0 },
  { "RSA-2048", "SHA384", SP_DIGEST_SHA384, 0 },
};
#define N_KINDS (sizeof kinds / sizeof *kinds)

/* A key of the tests, and the same as numbers. */
struct pair
{
  EVP_PKEY *openssl;
  struct sp_ec_key *ec;
  struct sp_rsa_key *rsa;
};

static struct sp_view
view_of (const void *bytes, size_t length)
{
  return sp_view_n (bytes, length);
}

static struct sp_rsa_key *
rsa_of (const BIGNUM *n, const BIGNUM *e)
{
  unsigned char modulus[2049], exponent[1024];
  int n_length = BN_bn2bin (n, modulus), e_length = BN_bn2bin (e, exponent);
  struct sp_rsa_key *key
      = sp_rsa_key_new (view_of (modulus, (size_t)n_length), view_of (exponent, (size_t)e_length));
  cr_assert (key);
  return key;
}

/* NULL where the point is none of the curve. */
static struct sp_ec_key *
ec_of (unsigned bits, struct sp_view point)
{
  struct sp_ec_key *key = NULL;
  sigpolicy_error *err = NULL;

  int rc = sp_ec_key_new (bits, point, &key, &err);
  cr_expect ((rc == 0) == !!key && (rc == 0 || rc == SIGPOLICY_E_KEY), "%s",
             sigpolicy_error_text (err));
  sigpolicy_error_free (err);
  return key;
}

static struct pair
pair_of (const struct kind *kind)
{
  struct pair pair = { make_key (kind->name, 0), NULL, NULL };

  if (kind->bits)
    {
      unsigned char point[1 + 2 * 66];
      size_t length = 0;
      cr_assert (EVP_PKEY_get_octet_string_param (pair.openssl, OSSL_PKEY_PARAM_PUB_KEY, point,
                                                  sizeof point, &length)
                 == 1);
      pair.ec = ec_of (kind->bits, view_of (point, length));
      cr_assert (pair.ec);
      return pair;
    }
  BIGNUM *n = NULL, *e = NULL;
  cr_assert (EVP_PKEY_get_bn_param (pair.openssl, OSSL_PKEY_PARAM_RSA_N, &n) == 1
             && EVP_PKEY_get_bn_param (pair.openssl, OSSL_PKEY_PARAM_RSA_E, &e) == 1);
  pair.rsa = rsa_of (n, e);
  BN_free (n);
  BN_free (e);
  return pair;
}

static void
release (struct pair *pair)
{
  sp_ec_key_free (pair->ec);
  sp_rsa_key_free (pair->rsa);
}

/* The measure: OpenSSL's verification of whole signatures, with numbers written as DER. */
static bool
openssl_holds (const struct pair *pair, const struct kind *kind, struct sp_view digest,
               struct sp_view signature)
{
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey (NULL, pair->openssl, NULL);
  EVP_MD *md = EVP_MD_fetch (NULL, kind->digest, NULL);
  cr_assert (context && md && EVP_PKEY_verify_init (context) == 1
             && EVP_PKEY_CTX_set_signature_md (context, md) == 1);
  bool good = EVP_PKEY_verify (context, (const unsigned char *)signature.data, signature.len,
                               (const unsigned char *)digest.data, digest.len)
              == 1;
  EVP_MD_free (md);
  EVP_PKEY_CTX_free (context);
  ERR_clear_error ();
  return good;
}

/* What both say, which is the same. An ECDSA signature is both numbers, of half the length each. */
static bool
both (const struct pair *pair, const struct kind *kind, struct sp_view digest,
      struct sp_view signature)
{
  if (pair->rsa)
    {
      bool ours = sp_rsa_key_holds (pair->rsa, kind->kind, digest, signature);
      cr_expect (ours == openssl_holds (pair, kind, digest, signature), "%s over %s", kind->name,
                 kind->digest);
      return ours;
    }
  size_t half = signature.len / 2;
  struct sp_view r = sp_view_head (signature, half), s = sp_view_from (signature, half);
  ECDSA_SIG *numbers = ECDSA_SIG_new ();
  unsigned char *der = NULL;
  cr_assert (numbers
             && ECDSA_SIG_set0 (numbers, BN_bin2bn ((const unsigned char *)r.data, (int)half, NULL),
                                BN_bin2bn ((const unsigned char *)s.data, (int)half, NULL))
                    == 1);
  int length = i2d_ECDSA_SIG (numbers, &der);
  bool ours = sp_ec_key_holds (pair->ec, digest, r, s);
  cr_expect (ours == openssl_holds (pair, kind, digest, view_of (der, (size_t)length)),
             "%s over %s", kind->name, kind->digest);
  OPENSSL_free (der);
  ECDSA_SIG_free (numbers);
  return ours;
}

/* A signature of WORDS, as both takes them; how long it is. */
static size_t
sign (const struct pair *pair, const struct kind *kind, unsigned char *ret)
{
  size_t length = 0;
  unsigned char *made
      = make_signature (pair->openssl, kind->digest, WORDS, strlen (WORDS), &length);
  const unsigned char *at = made;

  if (pair->ec)
    {
      ECDSA_SIG *numbers = d2i_ECDSA_SIG (NULL, &at, (long)length);
      int half = (int)(kind->bits + 7) / 8;
      cr_assert (numbers && BN_bn2binpad (ECDSA_SIG_get0_r (numbers), ret, half) == half
                 && BN_bn2binpad (ECDSA_SIG_get0_s (numbers), ret + half, half) == half);
      ECDSA_SIG_free (numbers);
      length = 2 * (size_t)half;
    }
  else
    memcpy (ret, made, length);
  free (made);
  return length;
}

static struct sp_view
digest_of (const struct kind *kind, unsigned char *bytes)
{
  struct sp_view words = sp_view_str (WORDS);
  return view_of (bytes, sp_digest (kind->kind, &words, 1, bytes));
}

/* Of a signature every fifth bit, of its digest every third, and the lengths. */
static void
compare (const struct pair *pair, const struct kind *kind)
{
  unsigned char digest[SP_DIGEST_BYTES_MAX], signature[1024];
  size_t length = sign (pair, kind, signature);
  struct sp_view over = digest_of (kind, digest), view = view_of (signature, length);

  cr_expect (both (pair, kind, over, view), "%s", kind->name);
  for (size_t bit = 0; bit < 8 * length; bit += 5)
    {
      signature[bit / 8] ^= (unsigned char)(1U << bit % 8);
      cr_expect (!both (pair, kind, over, view), "%s: bit %zu", kind->name, bit);
      signature[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
  /* Of a digest that is longer than the curve, the end does not count. */
  for (size_t bit = 0; bit < 8 * over.len; bit += 3)
    {
      digest[bit / 8] ^= (unsigned char)(1U << bit % 8);
      cr_expect (both (pair, kind, over, view) == (kind->bits && bit >= kind->bits),
                 "%s: bit %zu of the digest", kind->name, bit);
      digest[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
  for (size_t shorter = 0; shorter < length; shorter += 6)
    cr_expect (!both (pair, kind, over, sp_view_head (view, shorter)), "%s", kind->name);
}

Test (crypto_equation, as_openssl)
{
  for (size_t i = 0; i < N_KINDS; i++)
    {
      struct pair pair = pair_of (&kinds[i]);
      compare (&pair, &kinds[i]);
      release (&pair);
    }
}

/* A key that has verified so many signatures that its multiples are known. */
static void
use_often (const struct sp_ec_key *key)
{
  unsigned char digest[32] = { 1 }, number[32] = { 2 };
  for (unsigned i = 0; i < 400; i++)
    cr_expect (
        !sp_ec_key_holds (key, view_of (digest, 32), view_of (number, 32), view_of (number, 32)));
}

Test (crypto_equation, often)
{
  const struct kind *kind = &kinds[2];
  struct pair pair = pair_of (kind);

  use_often (pair.ec);
  compare (&pair, kind);
  compare (&pair, &kinds[3]);
  release (&pair);
}

struct shared
{
  const struct pair *pair;
  struct sp_view digest, signature;
};

static void *
verify_often (void *arg)
{
  const struct shared *shared = arg;
  size_t good = 0;
  for (unsigned i = 0; i < 500; i++)
    good += sp_ec_key_holds (shared->pair->ec, shared->digest, sp_view_head (shared->signature, 32),
                             sp_view_from (shared->signature, 32));
  return (void *)good;
}

/* The same by threads that come to that point together. */
Test (crypto_equation, threads)
{
  const struct kind *kind = &kinds[2];
  struct pair pair = pair_of (kind);
  unsigned char digest[SP_DIGEST_BYTES_MAX], signature[1024];
  size_t length = sign (&pair, kind, signature);
  struct shared shared = { &pair, digest_of (kind, digest), view_of (signature, length) };
  pthread_t threads[4];

  for (size_t i = 0; i < 4; i++)
    cr_assert (pthread_create (&threads[i], NULL, verify_often, &shared) == 0);
  for (size_t i = 0; i < 4; i++)
    {
      void *good = NULL;
      cr_assert (pthread_join (threads[i], &good) == 0);
      cr_expect ((size_t)good == 500, "%zu", (size_t)good);
    }
  release (&pair);
}

/* Nothing, the order and what is beyond it, in place of either number; and s with the order added,
 * which would be as good. */
Test (crypto_equation, scalars)
{
  for (size_t i = 0; i < N_KINDS && kinds[i].bits; i++)
    {
      struct pair pair = pair_of (&kinds[i]);
      unsigned char digest[SP_DIGEST_BYTES_MAX], signature[2 * 67], order[67];
      struct sp_view over = digest_of (&kinds[i], digest);
      EC_GROUP *group
          = EC_GROUP_new_by_curve_name (OBJ_sn2nid (kinds[i].bits == 224   ? "secp224r1"
                                                    : kinds[i].bits == 256 ? "prime256v1"
                                                    : kinds[i].bits == 384 ? "secp384r1"
                                                                           : "secp521r1"));
      size_t half = sign (&pair, &kinds[i], signature) / 2;
      const BIGNUM *n = EC_GROUP_get0_order (group);
      BIGNUM *number = BN_new ();

      cr_assert (BN_bn2binpad (n, order, (int)half) == (int)half);
      for (int what = 0; what < 4; what++)
        for (int which = 0; which < 2; which++)
          {
            unsigned char changed[2 * 67];
            memcpy (changed, signature, 2 * half);
            cr_assert (BN_copy (number, n));
            if (what == 0)
              BN_zero (number);
            else if (what > 1)
              cr_assert (BN_add_word (number, (BN_ULONG)what - 1) == 1);
            cr_assert (BN_bn2binpad (number, changed + (size_t)which * half, (int)half)
                       == (int)half);
            cr_expect (!both (&pair, &kinds[i], over, view_of (changed, 2 * half)), "%s: %d in %d",
                       kinds[i].name, what, which);
          }
      for (int which = 0; which < 2; which++)
        {
          unsigned char r[67] = { 0 }, s[67] = { 0 };
          memcpy (r + 1, signature, half);
          memcpy (s + 1, signature + half, half);
          cr_expect (sp_ec_key_holds (pair.ec, over, view_of (r, half + 1), view_of (s, half + 1)),
                     "%s: zeros in front", kinds[i].name);
          unsigned char *grown = which ? s : r;
          cr_assert (BN_bin2bn (grown, (int)half + 1, number) && BN_add (number, number, n) == 1
                     && BN_bn2binpad (number, grown, (int)half + 1) == (int)half + 1);
          cr_expect (!sp_ec_key_holds (pair.ec, over, view_of (r, half + 1), view_of (s, half + 1)),
                     "%s: the order added", kinds[i].name);
        }
      BN_free (number);
      EC_GROUP_free (group);
      release (&pair);
    }
}

/* z + rd = 0: the sum of the two points is at infinity, whatever s is. The key is the generator, so
 * d is 1, and z is the order less r. */
Test (crypto_equation, infinity)
{
  EC_GROUP *group = EC_GROUP_new_by_curve_name (NID_X9_62_prime256v1);
  unsigned char point[65], z[32], r[1] = { 5 }, s[1] = { 7 };
  BIGNUM *number = BN_dup (EC_GROUP_get0_order (group));

  cr_assert (number
             && EC_POINT_point2oct (group, EC_GROUP_get0_generator (group),
                                    POINT_CONVERSION_UNCOMPRESSED, point, sizeof point, NULL)
                    == sizeof point
             && BN_sub_word (number, r[0]) == 1 && BN_bn2binpad (number, z, sizeof z) == sizeof z);
  struct sp_ec_key *key = ec_of (256, view_of (point, sizeof point));
  cr_assert (key);
  cr_expect (!sp_ec_key_holds (key, view_of (z, sizeof z), view_of (r, 1), view_of (s, 1)));
  use_often (key);
  cr_expect (!sp_ec_key_holds (key, view_of (z, sizeof z), view_of (r, 1), view_of (s, 1)));
  cr_expect (ERR_peek_error () == 0, "an error is left");
  sp_ec_key_free (key);
  BN_free (number);
  EC_GROUP_free (group);
}

/* The number of a signature is below the modulus. With 1028 bits it has room above that. */
Test (crypto_equation, rsa_modulus_added)
{
  static const struct kind kind = { "RSA-1028", "SHA256", SP_DIGEST_SHA256, 0 };
  struct pair pair = pair_of (&kind);
  unsigned char digest[SP_DIGEST_BYTES_MAX], signature[1024], grown[1024];
  struct sp_view over = digest_of (&kind, digest);
  size_t length = sign (&pair, &kind, signature);
  BIGNUM *n = NULL, *number = BN_bin2bn (signature, (int)length, NULL);

  cr_assert (EVP_PKEY_get_bn_param (pair.openssl, OSSL_PKEY_PARAM_RSA_N, &n) == 1 && number
             && BN_add (number, number, n) == 1
             && BN_bn2binpad (number, grown, (int)length) == (int)length);
  cr_expect (both (&pair, &kind, over, view_of (signature, length)));
  cr_expect (!both (&pair, &kind, over, view_of (grown, length)));
  BN_free (number);
  BN_free (n);
  release (&pair);
}

Test (crypto_equation, rsa_other_digests)
{
  const struct kind *kind = &kinds[N_KINDS - 2];
  struct pair pair = pair_of (kind);
  unsigned char digest[SP_DIGEST_BYTES_MAX], signature[1024];
  struct sp_view over = digest_of (kind, digest);
  struct sp_view view = view_of (signature, sign (&pair, kind, signature));

  cr_expect (sp_rsa_key_holds (pair.rsa, SP_DIGEST_SHA256, over, view));
  cr_expect (!sp_rsa_key_holds (pair.rsa, SP_DIGEST_SHA384, over, view));
  cr_expect (
      !sp_rsa_key_holds (pair.rsa, SP_DIGEST_SHA1, sp_view_head (over, SP_SHA1_BYTES), view));
  release (&pair);
}

/* Paddings that some verifiers take, made with the private key's own operation. */
Test (crypto_equation, rsa_paddings)
{
  static const char prefix[]
      = "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
  static const char bare[] /* without the NULL of the parameters */
      = "\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20";
  static const struct
  {
    const char *name, *prefix;
    size_t prefix_len;
    unsigned char start, type, fill;
    size_t behind; /* bytes behind the digest */
    bool good;
  } rows[] = {
    { "as it must be", prefix, sizeof prefix - 1, 0, 1, 0xff, 0, true },
    { "no NULL", bare, sizeof bare - 1, 0, 1, 0xff, 0, false },
    { "type 2", prefix, sizeof prefix - 1, 0, 2, 0xff, 0, false },
    { "type 0", prefix, sizeof prefix - 1, 0, 0, 0xff, 0, false },
    { "another start", prefix, sizeof prefix - 1, 1, 1, 0xff, 0, false },
    { "another filling", prefix, sizeof prefix - 1, 0, 1, 0xfe, 0, false },
    { "bytes behind", prefix, sizeof prefix - 1, 0, 1, 0xff, 9, false },
  };
  const struct kind *kind = &kinds[N_KINDS - 2];
  struct pair pair = pair_of (kind);
  unsigned char digest[SP_DIGEST_BYTES_MAX];
  struct sp_view over = digest_of (kind, digest);

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      unsigned char message[256], signature[256];
      size_t length = sizeof signature;
      size_t tail = rows[i].prefix_len + over.len + rows[i].behind;
      memset (message, rows[i].fill, sizeof message);
      message[0] = rows[i].start;
      message[1] = rows[i].type;
      message[sizeof message - tail - 1] = 0;
      unsigned char *at = message + sizeof message - tail;
      memcpy (at, rows[i].prefix, rows[i].prefix_len);
      memcpy (at + rows[i].prefix_len, over.data, over.len);
      memset (at + rows[i].prefix_len + over.len, 0, rows[i].behind);

      EVP_PKEY_CTX *context = EVP_PKEY_CTX_new (pair.openssl, NULL);
      cr_assert (context && EVP_PKEY_decrypt_init (context) == 1
                 && EVP_PKEY_CTX_set_rsa_padding (context, RSA_NO_PADDING) == 1
                 && EVP_PKEY_decrypt (context, signature, &length, message, sizeof message) == 1
                 && length == sizeof signature);
      EVP_PKEY_CTX_free (context);
      cr_expect (both (&pair, kind, over, view_of (signature, length)) == rows[i].good, "%s",
                 rows[i].name);
    }
  release (&pair);
}

/* Keys that are refused hold for nothing, and no point is taken that is not on the curve. */
Test (crypto_equation, keys)
{
  static const struct
  {
    int bits; /* of the modulus: the first, and those of low */
    BN_ULONG low, exponent;
    const char *refusal;
  } rows[] = {
    { 4, 5, 3, "crypto/rsa: 4-bit keys are insecure" },
    { 1024, 2, 3, "crypto/rsa: public modulus is even" },
    { 1024, 3, 1, "crypto/rsa: public exponent too small or negative" },
    { 1024, 3, 0x10000, "crypto/rsa: public exponent is even" },
    { 1024, 3, 0x80000001, "crypto/rsa: public exponent too large" },
    { 1024, 3, 0x7fffffff, NULL },
    { 16385, 3, 0x10001, NULL }, /* longer than what OpenSSL takes */
  };
  unsigned char bytes[SP_DIGEST_BYTES_MAX] = { 4 }, zeros[2049] = { 0 };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      BIGNUM *n = BN_new (), *e = BN_new ();
      cr_assert (n && e && BN_set_word (e, rows[i].exponent) == 1
                 && BN_set_bit (n, rows[i].bits - 1) == 1 && BN_add_word (n, rows[i].low) == 1);
      struct sp_rsa_key *key = rsa_of (n, e);
      const char *refusal = sp_rsa_key_refusal (key), *wanted = rows[i].refusal;
      cr_expect (!refusal == !wanted
                     && (!wanted || strncmp (refusal, wanted, strlen (wanted)) == 0),
                 "%zu: %s", i, refusal ? refusal : "none");
      cr_expect (!sp_rsa_key_holds (key, SP_DIGEST_SHA256, view_of (bytes, 32),
                                    view_of (zeros, (size_t)BN_num_bytes (n))),
                 "%zu", i);
      sp_rsa_key_free (key);
      BN_free (n);
      BN_free (e);
    }
  cr_expect (!ec_of (256, view_of (bytes, 65)) && !ec_of (256, view_of (bytes, 0))
             && !ec_of (256, view_of ("", 1)));
  cr_expect (ERR_peek_error () == 0, "an error is left");
}
