/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jose_key.h"

#include "crypto/digest.h"
#include "util/alloc.h"
#include "util/cleanup.h"

#include <limits.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

SP_DEFINE_CLEANUP (BIGNUM *, BN_free);
SP_DEFINE_CLEANUP (EVP_PKEY *, EVP_PKEY_free);
SP_DEFINE_CLEANUP (EVP_PKEY_CTX *, EVP_PKEY_CTX_free);
SP_DEFINE_CLEANUP (OSSL_PARAM *, OSSL_PARAM_free);
SP_DEFINE_CLEANUP (OSSL_PARAM_BLD *, OSSL_PARAM_BLD_free);

#define EC_BYTES_MAX 66

static const struct curve
{
  const char *name;
  size_t length;
} curves[] = {
  { "P-256", 32 },
  { "P-384", 48 },
  { "P-521", EC_BYTES_MAX },
};

static const struct curve *
find_curve (struct sp_view name)
{
  for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
    if (sp_view_is (name, curves[i].name))
      return &curves[i];
  return NULL;
}

size_t
sp_jose_ec_length (struct sp_view curve)
{
  const struct curve *found = find_curve (curve);
  return found ? found->length : 0;
}

static int
openssl_failed (sigpolicy_error **err)
{
  ERR_clear_error ();
  return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_INTERNAL,
                       "OpenSSL cannot encode a public key");
}

/* The key of these parameters; NULL when they describe none. */
static EVP_PKEY *
make_key (const char *type, OSSL_PARAM *params)
{
  SP_CLEANUP (EVP_PKEY_CTX_free_p)
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (NULL, type, NULL);
  EVP_PKEY *key = NULL;

  if (!context || EVP_PKEY_fromdata_init (context) != 1
      || EVP_PKEY_fromdata (context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
    {
      ERR_clear_error ();
      return NULL;
    }
  return key;
}

/* 240 bits are 48 digits of base32 (RFC 4648, section 6), without padding. */
static void
write_key_id (const unsigned char digest[SP_SHA256_BYTES], char ret[SP_JOSE_KEY_ID_SIZE])
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  unsigned bits = 0, held = 0;

  for (size_t i = 0, byte = 0, at = 0; i < 48; i++)
    {
      if (held < 5)
        {
          bits = (bits << 8 | digest[byte++]) & 0xfff;
          held += 8;
        }
      held -= 5;
      if (i && i % 4 == 0)
        ret[at++] = ':';
      ret[at++] = digits[bits >> held & 31];
    }
  ret[SP_JOSE_KEY_ID_SIZE - 1] = '\0';
}

static int
key_id (EVP_PKEY *key, char ret[SP_JOSE_KEY_ID_SIZE], sigpolicy_error **err)
{
  unsigned char *der = NULL, digest[SP_SHA256_BYTES];
  int length = i2d_PUBKEY (key, &der);
  if (length <= 0)
    return openssl_failed (err);
  int rc = sp_sha256 (sp_view_n ((const char *)der, (size_t)length), digest, err);
  OPENSSL_free (der);
  if (rc == 0)
    write_key_id (digest, ret);
  return rc;
}

int
sp_jose_ec_key_id (struct sp_view curve, struct sp_view x, struct sp_view y,
                   char ret[SP_JOSE_KEY_ID_SIZE], sigpolicy_error **err)
{
  const struct curve *found = find_curve (curve);
  unsigned char point[1 + 2 * EC_BYTES_MAX] = { POINT_CONVERSION_UNCOMPRESSED };
  char name[8] = "";

  if (!found || x.len != found->length || y.len != found->length)
    return openssl_failed (err);
  memcpy (point + 1, x.data, x.len);
  memcpy (point + 1 + x.len, y.data, y.len);
  memcpy (name, found->name, strlen (found->name));
  OSSL_PARAM params[]
      = { OSSL_PARAM_construct_utf8_string (OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
          OSSL_PARAM_construct_octet_string (OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * x.len),
          OSSL_PARAM_construct_end () };
  SP_CLEANUP (EVP_PKEY_free_p) EVP_PKEY *key = make_key ("EC", params);
  if (!key)
    {
      ret[0] = '\0';
      return 0;
    }
  return key_id (key, ret, err);
}

int
sp_jose_rsa_key_id (struct sp_view modulus, struct sp_view exponent, char ret[SP_JOSE_KEY_ID_SIZE],
                    sigpolicy_error **err)
{
  if (modulus.len > INT_MAX || exponent.len > INT_MAX)
    return openssl_failed (err);
  SP_CLEANUP (BN_free_p)
  BIGNUM *n = BN_bin2bn ((const unsigned char *)modulus.data, (int)modulus.len, NULL);
  SP_CLEANUP (BN_free_p)
  BIGNUM *e = BN_bin2bn ((const unsigned char *)exponent.data, (int)exponent.len, NULL);
  SP_CLEANUP (OSSL_PARAM_BLD_free_p) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new ();
  if (!n || !e || !builder || OSSL_PARAM_BLD_push_BN (builder, OSSL_PKEY_PARAM_RSA_N, n) != 1
      || OSSL_PARAM_BLD_push_BN (builder, OSSL_PKEY_PARAM_RSA_E, e) != 1)
    return openssl_failed (err);
  SP_CLEANUP (OSSL_PARAM_free_p) OSSL_PARAM *params = OSSL_PARAM_BLD_to_param (builder);
  SP_CLEANUP (EVP_PKEY_free_p) EVP_PKEY *key = params ? make_key ("RSA", params) : NULL;
  return key ? key_id (key, ret, err) : openssl_failed (err);
}
