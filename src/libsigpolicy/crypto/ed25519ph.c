/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto_int.h"

#include "crypto/hash.h"

#include <openssl/bn.h>

/*
 * Ed25519ph, which OpenSSL knows from 3.2 on only. Verification handles no secrets, so plain big
 * numbers do; it asks for what Go's does: s below the group's order, and [s]B - [k]A, encoded,
 * equal to R to the byte. What is stricter: A must be encoded canonically.
 */
#define COORDINATE 32
#define DOM2                                                                           \
  "SigEd25519 no Ed25519 collisions\x01" /* phflag 1; the context's length, 0, follows \
                                          */

static const char prime_hex[] = "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed";
static const char order_hex[] = "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed";
static const char d_hex[] = "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3";
static const char base_y_hex[] = "6666666666666666666666666666666666666666666666666666666666666658";

/* Extended coordinates (RFC 8032, 5.1.4). */
struct point
{
  BIGNUM *x, *y, *z, *t;
};

/* What all steps need. After the first failure every step does nothing. */
struct field
{
  BN_CTX *context;
  BIGNUM *p, *order, *d;
  bool good;
};

static BIGNUM *
fresh (struct field *f)
{
  BIGNUM *number = f->good ? BN_CTX_get (f->context) : NULL;
  f->good = f->good && number;
  return number;
}

static BIGNUM *
constant (struct field *f, const char *hex)
{
  BIGNUM *number = fresh (f);
  f->good = f->good && BN_hex2bn (&number, hex) > 0;
  return number;
}

static void
mul (struct field *f, BIGNUM *r, const BIGNUM *a, const BIGNUM *b)
{
  f->good = f->good && BN_mod_mul (r, a, b, f->p, f->context) == 1;
}

static void
add (struct field *f, BIGNUM *r, const BIGNUM *a, const BIGNUM *b)
{
  f->good = f->good && BN_mod_add_quick (r, a, b, f->p) == 1;
}

static void
sub (struct field *f, BIGNUM *r, const BIGNUM *a, const BIGNUM *b)
{
  f->good = f->good && BN_mod_sub_quick (r, a, b, f->p) == 1;
}

static void
point_new (struct field *f, struct point *point)
{
  *point = (struct point){ fresh (f), fresh (f), fresh (f), fresh (f) };
  if (f->good)
    {
      BN_zero (point->x);
      BN_zero (point->t);
    }
  f->good = f->good && BN_one (point->y) == 1;
  f->good = f->good && BN_one (point->z) == 1;
}

/* r += q; the formula is complete, so it doubles, too. */
static void
point_add (struct field *f, struct point *r, const struct point *q)
{
  if (!f->good)
    return;
  BN_CTX_start (f->context);
  BIGNUM *a = fresh (f), *b = fresh (f), *c = fresh (f), *d = fresh (f), *e = fresh (f);
  sub (f, a, r->y, r->x);
  sub (f, e, q->y, q->x);
  mul (f, a, a, e);
  add (f, b, r->y, r->x);
  add (f, e, q->y, q->x);
  mul (f, b, b, e);
  mul (f, c, r->t, q->t);
  mul (f, c, c, f->d);
  add (f, c, c, c);
  mul (f, d, r->z, q->z);
  add (f, d, d, d);
  sub (f, e, b, a); /* e */
  add (f, b, b, a); /* h */
  sub (f, a, d, c); /* f */
  add (f, d, d, c); /* g */
  mul (f, r->x, e, a);
  mul (f, r->y, d, b);
  mul (f, r->t, e, b);
  mul (f, r->z, a, d);
  BN_CTX_end (f->context);
}

/* The point with that y and the sign of x; *ret_on_curve tells whether there is one. */
static void
point_from_y (struct field *f, const BIGNUM *y, bool odd, struct point *ret, bool *ret_on_curve)
{
  BIGNUM *u = fresh (f), *v = fresh (f), *x = fresh (f);
  *ret_on_curve = false;
  mul (f, u, y, y);
  mul (f, v, u, f->d);
  f->good = f->good && BN_sub_word (u, 1) == 1 && BN_add_word (v, 1) == 1
            && BN_nnmod (u, u, f->p, f->context) == 1 && BN_nnmod (v, v, f->p, f->context) == 1
            && BN_mod_inverse (v, v, f->p, f->context);
  mul (f, u, u, v);
  /* No square root: not on the curve. */
  if (!f->good || !BN_mod_sqrt (x, u, f->p, f->context))
    return;
  if (BN_is_odd (x) != odd)
    {
      if (BN_is_zero (x))
        return;
      f->good = BN_sub (x, f->p, x) == 1;
    }
  point_new (f, ret);
  f->good = f->good && BN_copy (ret->x, x) && BN_copy (ret->y, y);
  mul (f, ret->t, x, y);
  *ret_on_curve = f->good;
}

static BIGNUM *
little_endian (struct field *f, const unsigned char *bytes, int length)
{
  BIGNUM *number = fresh (f);
  f->good = f->good && BN_lebin2bn (bytes, length, number);
  return number;
}

/* k = SHA-512 (dom2 || R || A || digest), as a number below the order. */
static BIGNUM *
challenge (struct field *f, const unsigned char *key, const unsigned char *digest, const char *r)
{
  char bytes[sizeof DOM2 + 2 * COORDINATE + 64];
  unsigned char hash[SP_HASH_BYTES_MAX];
  cleanup_error sigpolicy_error *ignored = NULL;

  memcpy (bytes, DOM2, sizeof DOM2); /* with its NUL, which is the length of the context */
  memcpy (bytes + sizeof DOM2, r, COORDINATE);
  memcpy (bytes + sizeof DOM2 + COORDINATE, key, COORDINATE);
  memcpy (bytes + sizeof DOM2 + 2 * COORDINATE, digest, 64);
  f->good
      = f->good && sp_hash (SP_HASH_SHA512, sp_view_n (bytes, sizeof bytes), hash, &ignored) == 0;
  BIGNUM *k = little_endian (f, hash, f->good ? 64 : 0);
  f->good = f->good && BN_nnmod (k, k, f->order, f->context) == 1;
  return k;
}

/* [s]B + [k]Q. */
static void
add_multiples (struct field *f, const BIGNUM *s, const struct point *b, const BIGNUM *k,
               const struct point *q, struct point *ret)
{
  point_new (f, ret);
  for (int bit = 255; bit >= 0 && f->good; bit--)
    {
      struct point same = *ret;
      point_add (f, ret, &same);
      if (BN_is_bit_set (s, bit))
        point_add (f, ret, b);
      if (BN_is_bit_set (k, bit))
        point_add (f, ret, q);
    }
}

static bool
encodes_to (struct field *f, const struct point *point, const char *wanted)
{
  unsigned char bytes[COORDINATE];
  BIGNUM *inverse = fresh (f);

  f->good = f->good && BN_mod_inverse (inverse, point->z, f->p, f->context);
  mul (f, point->x, point->x, inverse);
  mul (f, point->y, point->y, inverse);
  if (!f->good || BN_bn2lebinpad (point->y, bytes, COORDINATE) != COORDINATE)
    return false;
  bytes[COORDINATE - 1] |= (unsigned char)(BN_is_odd (point->x) ? 0x80 : 0);
  return memcmp (bytes, wanted, COORDINATE) == 0;
}

static bool
verify (struct field *f, const unsigned char *key, const unsigned char digest[64],
        struct sp_view signature)
{
  struct point base, q, result;
  unsigned char y_bytes[COORDINATE];
  bool on_curve = false;

  f->p = constant (f, prime_hex);
  f->order = constant (f, order_hex);
  f->d = constant (f, d_hex);
  point_from_y (f, constant (f, base_y_hex), false, &base, &on_curve);
  if (!on_curve)
    return false;
  memcpy (y_bytes, key, COORDINATE);
  bool odd = y_bytes[COORDINATE - 1] & 0x80;
  y_bytes[COORDINATE - 1] &= 0x7f;
  const BIGNUM *y = little_endian (f, y_bytes, COORDINATE);
  const BIGNUM *s
      = little_endian (f, (const unsigned char *)signature.data + COORDINATE, COORDINATE);
  if (!f->good || BN_cmp (y, f->p) >= 0 || BN_cmp (s, f->order) >= 0)
    return false;
  point_from_y (f, y, odd, &q, &on_curve);
  if (!on_curve)
    return false;
  /* -A */
  BIGNUM *zero = fresh (f);
  if (f->good)
    BN_zero (zero);
  sub (f, q.x, zero, q.x);
  sub (f, q.t, zero, q.t);
  add_multiples (f, s, &base, challenge (f, key, digest, signature.data), &q, &result);
  return f->good && encodes_to (f, &result, signature.data);
}

bool
sp_ed25519ph_verify (const unsigned char *key, const unsigned char digest[64],
                     struct sp_view signature)
{
  struct field f = { .context = BN_CTX_new_ex (sp_openssl ()) };
  f.good = f.context != NULL;
  if (signature.len != 2 * COORDINATE || !f.good)
    {
      BN_CTX_free (f.context);
      return false;
    }
  BN_CTX_start (f.context);
  bool good = verify (&f, key, digest, signature);
  BN_CTX_end (f.context);
  BN_CTX_free (f.context);
  ERR_clear_error ();
  return good;
}
