/* SPDX-License-Identifier: Apache-2.0 */
/* EC_GROUP_precompute_mult(): see below. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/equation.h"

#include "util/alloc.h"
#include "util/buf.h"
#include "util/limits.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <pthread.h>

SP_DEFINE_CLEANUP (BN_CTX *, BN_CTX_free);
SP_DEFINE_CLEANUP (EC_POINT *, EC_POINT_free);

static const unsigned char *
bytes_of (struct sp_view view)
{
  return (const unsigned char *)view.data;
}

static BIGNUM *
number_of (struct sp_view view, BIGNUM *into)
{
  return BN_bin2bn (bytes_of (view), (int)view.len, into);
}

/* OpenSSL's queue of errors is there once something has failed; to clear it would set it up. */
static bool
cleared (bool good)
{
  if (!good)
    ERR_clear_error ();
  return good;
}

/* --- ECDSA ------------------------------------------------------------------------------------ */

struct sp_ec_key
{
  const EC_GROUP *group;
  EC_POINT *point;
  struct multiples *multiples; /* NULL where they do not help */
};

/*
 * A key of P-256 that verifies many signatures, as in a batch: its multiples are computed once, as
 * OpenSSL has those of the generator, and halve the time of every further signature. They take as
 * long as the signatures before, and 150 KiB.
 */
#define SIGNATURES_BEFORE 350
struct multiples
{
  unsigned signatures; /* both by atomic operations alone */
  EC_GROUP *group;     /* the curve with the key as its generator; NULL as long as there are none */
};

SP_DEFINE_CLEANUP (struct sp_ec_key *, sp_ec_key_free);

/* Made once for all keys; nothing changes it. NULL without memory. */
static const EC_GROUP *
group_of (unsigned bits)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static struct
  {
    unsigned bits;
    int name;
    EC_GROUP *group;
  } groups[] = {
    { 224, NID_secp224r1, NULL },
    { 256, NID_X9_62_prime256v1, NULL },
    { 384, NID_secp384r1, NULL },
    { 521, NID_secp521r1, NULL },
  };
  const EC_GROUP *found = NULL;

  (void)pthread_mutex_lock (&lock);
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
    if (groups[i].bits == bits)
      {
        if (!groups[i].group)
          groups[i].group = EC_GROUP_new_by_curve_name (groups[i].name);
        found = groups[i].group;
      }
  (void)pthread_mutex_unlock (&lock);
  return found;
}

/* Did memory keep OpenSSL from taking a point, of which it may have had none to say so? Of a point
 * that is none it says why. */
static bool
lacked_memory (void)
{
  int reason = ERR_GET_REASON (ERR_peek_last_error ());
  return reason == 0 || reason == ERR_R_MALLOC_FAILURE;
}

int
sp_ec_key_new (unsigned curve_bits, struct sp_view point, struct sp_ec_key **ret,
               sigpolicy_error **err)
{
  SP_CLEANUP (sp_ec_key_free_p) struct sp_ec_key *key = sp_calloc (1, sizeof *key, err);

  if (!key)
    return SIGPOLICY_E_NO_MEMORY;
  key->group = group_of (curve_bits);
  key->point = key->group ? EC_POINT_new (key->group) : NULL;
  if (!key->point)
    {
      ERR_clear_error ();
      return sp_error_no_memory (err);
    }
#ifndef OPENSSL_NO_DEPRECATED_3_0
  if (curve_bits == 256)
    key->multiples = calloc (1, sizeof *key->multiples);
#endif
  bool has_form = point.len && point.data[0] == POINT_CONVERSION_UNCOMPRESSED;
  /* The point is found to be on the curve, or refused. */
  if (has_form
      && EC_POINT_oct2point (key->group, key->point, bytes_of (point), point.len, NULL) == 1)
    {
      *ret = steal (&key);
      return 0;
    }
  bool is_memory = has_form && lacked_memory ();
  ERR_clear_error ();
  return is_memory ? sp_error_no_memory (err)
                   : sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                                   "ecdsa: invalid uncompressed public key");
}

void
sp_ec_key_free (struct sp_ec_key *key)
{
  if (!key)
    return;
  EC_POINT_free (key->point);
  if (key->multiples)
    EC_GROUP_free (key->multiples->group);
  free (key->multiples);
  free (key);
}

#ifndef OPENSSL_NO_DEPRECATED_3_0

static EC_GROUP *
compute_multiples (const struct sp_ec_key *key, BN_CTX *context)
{
  EC_GROUP *group = EC_GROUP_dup (key->group);
  if (group
      && EC_GROUP_set_generator (group, key->point, EC_GROUP_get0_order (key->group),
                                 EC_GROUP_get0_cofactor (key->group))
             == 1
      && EC_GROUP_precompute_mult (group, context) == 1)
    return group;
  EC_GROUP_free (group);
  return NULL;
}

/* The curve with the key as its generator, once that pays; one thread computes it. */
static const EC_GROUP *
group_of_key (const struct sp_ec_key *key, BN_CTX *context)
{
  struct multiples *multiples = key->multiples;

  if (!multiples)
    return NULL;
  if (__atomic_load_n (&multiples->signatures, __ATOMIC_RELAXED) < SIGNATURES_BEFORE
      && __atomic_add_fetch (&multiples->signatures, 1, __ATOMIC_RELAXED) == SIGNATURES_BEFORE)
    __atomic_store_n (&multiples->group, compute_multiples (key, context), __ATOMIC_RELEASE);
  return __atomic_load_n (&multiples->group, __ATOMIC_ACQUIRE);
}

#else

static const EC_GROUP *
group_of_key (const struct sp_ec_key *key, BN_CTX *context)
{
  (void)key;
  (void)context;
  return NULL;
}

#endif

/* u1 times the generator and u2 times the key. */
static bool
add_up (const struct sp_ec_key *key, const BIGNUM *u1, const BIGNUM *u2, EC_POINT *ret,
        BN_CTX *context)
{
  const EC_GROUP *own = group_of_key (key, context);

  if (!own)
    return EC_POINT_mul (key->group, ret, u1, key->point, u2, context) == 1;
  SP_CLEANUP (EC_POINT_free_p) EC_POINT *other = EC_POINT_new (key->group);
  return other && EC_POINT_mul (key->group, other, u1, NULL, NULL, context) == 1
         && EC_POINT_mul (own, ret, u2, NULL, NULL, context) == 1
         && EC_POINT_add (key->group, ret, ret, other, context) == 1;
}

/* From 1 to the order less 1. */
static bool
is_scalar (const BIGNUM *number, const BIGNUM *order)
{
  return !BN_is_zero (number) && !BN_is_negative (number) && BN_ucmp (number, order) < 0;
}

static bool
ecdsa_holds (const struct sp_ec_key *key, struct sp_view digest, struct sp_view r_bytes,
             struct sp_view s_bytes, BN_CTX *context)
{
  SP_CLEANUP (EC_POINT_free_p) EC_POINT *sum = EC_POINT_new (key->group);
  const BIGNUM *order = EC_GROUP_get0_order (key->group);
  BIGNUM *r = BN_CTX_get (context), *s = BN_CTX_get (context), *z = BN_CTX_get (context),
         *inverse = BN_CTX_get (context), *u1 = BN_CTX_get (context), *u2 = BN_CTX_get (context),
         *x = BN_CTX_get (context);

  /* Every order has whole bytes, but that of P-521, which is longer than any digest. */
  digest = sp_view_head (digest, (size_t)BN_num_bytes (order));
  return x && sum && number_of (r_bytes, r) && number_of (s_bytes, s) && is_scalar (r, order)
         && is_scalar (s, order) && number_of (digest, z)
         && BN_mod_inverse (inverse, s, order, context)
         && BN_mod_mul (u1, z, inverse, order, context) == 1
         && BN_mod_mul (u2, r, inverse, order, context) == 1
         && add_up (key, u1, u2, sum, context)
         /* The point at infinity has no coordinates: it fails. */
         && EC_POINT_get_affine_coordinates (key->group, sum, x, NULL, context) == 1
         && BN_nnmod (x, x, order, context) == 1 && BN_cmp (x, r) == 0;
}

bool
sp_ec_key_holds (const struct sp_ec_key *key, struct sp_view digest, struct sp_view r,
                 struct sp_view s)
{
  SP_CLEANUP (BN_CTX_free_p) BN_CTX *context = BN_CTX_new ();

  if (!context || r.len > SP_KEY_BYTES_MAX || s.len > SP_KEY_BYTES_MAX)
    return false;
  BN_CTX_start (context);
  bool good = ecdsa_holds (key, digest, r, s, context);
  BN_CTX_end (context);
  return cleared (good);
}

/* --- RSA -------------------------------------------------------------------------------------- */

/* What OpenSSL goes up to. */
#define RSA_BITS_MAX 16384

struct sp_rsa_key
{
  BIGNUM *modulus, *exponent;
  BN_MONT_CTX *montgomery; /* of the modulus; NULL for one that is refused */
  char refusal[128];
};

/* The limits within which an RSA key verifies; 65537 and 2048 bits are what people use. */
static void
set_refusal (struct sp_rsa_key *key)
{
  const char *why = NULL;
  unsigned bits = sp_rsa_key_bits (key);

  if (bits < 1024)
    (void)snprintf (key->refusal, sizeof key->refusal,
                    "crypto/rsa: %u-bit keys are insecure (see "
                    "https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)",
                    bits);
  else if (!BN_is_odd (key->modulus))
    why = "crypto/rsa: public modulus is even";
  else if (BN_num_bits (key->exponent) < 2)
    why = "crypto/rsa: public exponent too small or negative";
  else if (!BN_is_odd (key->exponent))
    why = "crypto/rsa: public exponent is even";
  else if (BN_num_bits (key->exponent) > 31)
    why = "crypto/rsa: public exponent too large";
  if (why)
    (void)snprintf (key->refusal, sizeof key->refusal, "%s", why);
}

struct sp_rsa_key *
sp_rsa_key_new (struct sp_view modulus, struct sp_view exponent)
{
  SP_CLEANUP (BN_CTX_free_p) BN_CTX *context = BN_CTX_new ();
  struct sp_rsa_key *key = calloc (1, sizeof *key);
  bool good = false;

  if (key && context)
    {
      key->modulus = number_of (modulus, NULL);
      key->exponent = number_of (exponent, NULL);
      good = key->modulus && key->exponent;
    }
  if (good)
    set_refusal (key);
  if (good && !key->refusal[0] && sp_rsa_key_bits (key) <= RSA_BITS_MAX)
    {
      key->montgomery = BN_MONT_CTX_new ();
      good = key->montgomery && BN_MONT_CTX_set (key->montgomery, key->modulus, context) == 1;
    }
  if (cleared (good))
    return key;
  sp_rsa_key_free (key);
  return NULL;
}

void
sp_rsa_key_free (struct sp_rsa_key *key)
{
  if (!key)
    return;
  BN_free (key->modulus);
  BN_free (key->exponent);
  BN_MONT_CTX_free (key->montgomery);
  free (key);
}

unsigned
sp_rsa_key_bits (const struct sp_rsa_key *key)
{
  return (unsigned)BN_num_bits (key->modulus);
}

const char *
sp_rsa_key_refusal (const struct sp_rsa_key *key)
{
  return key->refusal[0] ? key->refusal : NULL;
}

/* The encoded message of RFC 8017, 9.2: nothing in it is left to whoever signs. */
static bool
encode (enum sp_digest kind, struct sp_view digest, struct sp_buf *out, size_t length)
{
  static const struct sp_view prefixes[] = {
    [SP_DIGEST_SHA256]
    = SP_VIEW ("\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"),
    [SP_DIGEST_SHA384]
    = SP_VIEW ("\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"),
    [SP_DIGEST_SHA512]
    = SP_VIEW ("\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"),
  };
  enum
  {
    PADDING_MIN = 8,
    AROUND = 3,
  };
  struct sp_view prefix = prefixes[kind];

  if (!prefix.len || digest.len != (unsigned char)prefix.data[prefix.len - 1]
      || length < AROUND + PADDING_MIN + prefix.len + digest.len)
    return false;
  sp_buf_add (out, sp_view_n ("\0\1", 2));
  for (size_t i = prefix.len + digest.len + AROUND; i < length; i++)
    sp_buf_byte (out, '\xff');
  sp_buf_byte (out, '\0');
  sp_buf_add (out, prefix);
  sp_buf_add (out, digest);
  return !out->failed;
}

static bool
rsa_holds (const struct sp_rsa_key *key, struct sp_view expected, struct sp_view signature,
           BN_CTX *context)
{
  BIGNUM *s = BN_CTX_get (context), *message = BN_CTX_get (context), *wanted = BN_CTX_get (context);

  return wanted && number_of (signature, s) && BN_ucmp (s, key->modulus) < 0
         && BN_mod_exp_mont (message, s, key->exponent, key->modulus, context, key->montgomery) == 1
         && number_of (expected, wanted) && BN_cmp (message, wanted) == 0;
}

bool
sp_rsa_key_holds (const struct sp_rsa_key *key, enum sp_digest kind, struct sp_view digest,
                  struct sp_view signature)
{
  SP_CLEANUP (BN_CTX_free_p) BN_CTX *context = NULL;
  cleanup_buf struct sp_buf expected = SP_BUF (RSA_BITS_MAX / 8);

  if (!key->montgomery || signature.len != (size_t)BN_num_bytes (key->modulus)
      || !encode (kind, digest, &expected, signature.len) || !(context = BN_CTX_new ()))
    return false;
  BN_CTX_start (context);
  bool good = rsa_holds (key, sp_buf_view (&expected), signature, context);
  BN_CTX_end (context);
  return cleared (good);
}
