/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/public_key.h"

#include "support/certificates.h"
#include "util/alloc.h"
#include "util/codec.h"

#include <criterion/criterion.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#define MESSAGE "{\"critical\":{}}"

static char *
pem_of (const char *label, const void *der, size_t length)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *body = base64 (der, length);
  return sp_asprintf (&err, "-----BEGIN %s-----\n%s\n-----END %s-----\n", label, body, label);
}

static char *
pem_of_hex (const char *label, const char *hex)
{
  long length = 0;
  unsigned char *der = OPENSSL_hexstr2buf (hex, &length);
  cr_assert (der);
  char *pem = pem_of (label, der, (size_t)length);
  OPENSSL_free (der);
  return pem;
}

static struct sp_public_key *
load (const char *pem)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_public_key *key = NULL;
  cr_assert (sp_public_key_from_pem (sp_view_str (pem), &key, &err) == 0, "%s: %s", pem,
             sigpolicy_error_message (err));
  return key;
}

static void
refuse (const char *name, const char *pem, const char *message)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_public_key struct sp_public_key *key = NULL;
  int rc = sp_public_key_from_pem (sp_view_str (pem), &key, &err);
  cr_expect (rc == SIGPOLICY_E_KEY && !key, "%s is accepted", name);
  if (rc < 0)
    cr_expect (strstr (sigpolicy_error_message (err), message), "%s: '%s'", name,
               sigpolicy_error_message (err));
}

/* --- loading ---------------------------------------------------------------------------------- */

static const struct
{
  const char *kind;
  enum sp_key_kind wanted;
  bool weak;
} kinds[] = {
  { "P-224", SP_KEY_ECDSA, true },      { "P-256", SP_KEY_ECDSA, false },
  { "P-384", SP_KEY_ECDSA, false },     { "P-521", SP_KEY_ECDSA, false },
  { "RSA-1024", SP_KEY_RSA, true },     { "RSA-2048", SP_KEY_RSA, false },
  { "ED25519", SP_KEY_ED25519, false }, { "X25519", SP_KEY_X25519, false },
};

Test (crypto_public_key, kinds)
{
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    {
      unsigned char *der = NULL;
      EVP_PKEY *made = make_key (kinds[i].kind, 0);
      cleanup_free char *pem = public_key_pem (made);
      cleanup_public_key struct sp_public_key *key = load (pem);
      int length = i2d_PUBKEY (made, &der);
      cr_expect (sp_public_key_kind (key) == kinds[i].wanted, "%s", kinds[i].kind);
      cr_expect (sp_public_key_is_weak (key) == kinds[i].weak, "%s", kinds[i].kind);
      cr_expect (
          sp_view_equal (sp_public_key_spki (key), sp_view_n ((const char *)der, (size_t)length)),
          "%s", kinds[i].kind);
      cr_expect (strncmp (sp_public_key_fingerprint (key), "sha256:", 7) == 0
                 && strlen (sp_public_key_fingerprint (key)) == 71);
      OPENSSL_free (der);
    }
}

Test (crypto_public_key, other_kinds)
{
  static const char *const rows[][2] = {
    { "secp256k1", "x509: unsupported elliptic curve" },
    { "brainpoolP256r1", "x509: unsupported elliptic curve" },
    { "P-192", "x509: unsupported elliptic curve" },
    { "ED448", "x509: unknown public key algorithm" },
    { "RSA-1024-PSS", "x509: unknown public key algorithm" },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_free char *pem = public_key_pem (make_key (rows[i][0], 0));
      refuse (rows[i][0], pem, rows[i][1]);
    }
}

/* A P-256 point, x and y; and encodings of it that are not to be taken. */
#define EC_ID  "301306072a8648ce3d020106082a8648ce3d030107"
#define X      "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define Y      "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
#define RSA_ID "300d06092a864886f70d0101010500"
#define ED_ID  "300506032b6570"
#define DSA_ID "301406072a8648ce380401300902011702010b020104"
#define ED_KEY "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

static const struct
{
  const char *name, *hex, *message; /* NULL: it is a key */
} encodings[] = {
  { "a point",
    "3059" EC_ID "034200"
    "04" X Y,
    NULL },
  { "compressed",
    "3039" EC_ID "032200"
    "03" X,
    "ecdsa: invalid uncompressed public key" },
  { "hybrid",
    "3059" EC_ID "034200"
    "07" X Y,
    "ecdsa: invalid uncompressed public key" },
  { "not on the curve",
    "3059" EC_ID "034200"
    "04" Y X,
    "ecdsa: invalid" },
  { "infinity", "3018" EC_ID "030100", "ecdsa: invalid" },
  { "short point",
    "3058" EC_ID "034100"
    "04" X "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ec"
    "ecbb6406837bf51",
    "ecdsa: invalid" },
  { "another curve",
    "3056301006072a8648ce3d020106052b8104000a034200"
    "04" X Y,
    "unsupported elliptic curve" },
  { "no curve",
    "304f300906072a8648ce3d0201034200"
    "04" X Y,
    "invalid ECDSA parameters" },
  { "explicit curve",
    "3051300b06072a8648ce3d02013000034200"
    "04" X Y,
    "invalid ECDSA parameters" },
  { "trailing byte",
    "3059" EC_ID "034200"
    "04" X Y "00",
    "trailing data" },
  { "trailing element",
    "305b" EC_ID "034200"
    "04" X Y "0500",
    "structure error" },
  { "long length",
    "308159" EC_ID "034200"
    "04" X Y,
    "structure error" },
  { "indefinite length",
    "3080" EC_ID "034200"
    "04" X Y "0000",
    "structure error" },
  { "unused bits",
    "3059" EC_ID "034201"
    "04" X Y,
    "structure error" },
  { "Ed25519", "302a" ED_ID "032100" ED_KEY, NULL },
  { "Ed25519 with parameters", "302c300706032b65700500032100" ED_KEY, "illegal parameters" },
  { "short Ed25519",
    "3029" ED_ID "032000"
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a"
    "68f70751",
    "wrong Ed25519 public key size" },
  { "RSA without NULL", "3019300b06092a864886f70d010101030a00300702020cd7020103",
    "RSA key missing NULL parameters" },
  { "small RSA",
    "301b" RSA_ID "030a003007"
    "02020cd7"
    "020103",
    NULL },
  { "negative modulus",
    "301b" RSA_ID "030a003007"
    "02028cd7"
    "020103",
    "not a positive number" },
  { "exponent 0",
    "301b" RSA_ID "030a003007"
    "02020cd7"
    "020100",
    "not a positive number" },
  { "negative exponent",
    "301b" RSA_ID "030a003007"
    "02020cd7"
    "0201fd",
    "exponent" },
  { "long exponent",
    "3023" RSA_ID "031200300f"
    "02020cd7"
    "0209010000000000000001",
    "exponent" },
  { "DSA", "301c" DSA_ID "030400020108", NULL },
  { "DSA, bytes behind it", "301e" DSA_ID "0306000201080500", NULL },
  { "DSA, no number", "301c" DSA_ID "030400040108", "invalid DSA public key" },
  { "DSA, zero", "301c" DSA_ID "030400020100", "zero or negative DSA parameter" },
  { "DSA without parameters", "3011300906072a8648ce380401030400020108", "invalid DSA parameters" },
  { "nothing", "3000", "structure error" },
  { "a number", "020101", "structure error" },
};

Test (crypto_public_key, encodings)
{
  for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
    {
      cleanup_free char *pem = pem_of_hex ("PUBLIC KEY", encodings[i].hex);
      if (encodings[i].message)
        refuse (encodings[i].name, pem, encodings[i].message);
      else
        sp_public_key_free (load (pem));
    }
}

Test (crypto_public_key, labels)
{
  cleanup_free char *ec = public_key_pem (make_key ("P-256", 0));
  cleanup_free char *spki = pem_of_hex ("RSA PUBLIC KEY", "3059" EC_ID "034200"
                                                          "04" X Y);
  cleanup_free char *pkcs1 = pem_of_hex ("PUBLIC KEY", "3007"
                                                       "02020cd7"
                                                       "020103");
  cleanup_free char *rsa = pem_of_hex ("RSA PUBLIC KEY", "3007"
                                                         "02020cd7"
                                                         "020103");
  cleanup_free char *trailing = pem_of_hex ("RSA PUBLIC KEY", "3007"
                                                              "02020cd7"
                                                              "020103"
                                                              "00");
  cleanup_free char *within = pem_of_hex ("RSA PUBLIC KEY", "3009"
                                                            "02020cd7"
                                                            "020103"
                                                            "0500");
  cleanup_free char *certificate = pem_of_hex ("CERTIFICATE", "3000");
  cleanup_free char *lower = pem_of_hex ("public key", "3059" EC_ID "034200"
                                                       "04" X Y);
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *after = sp_asprintf (&err, "%s%s", ec, certificate);
  cleanup_free char *before = sp_asprintf (&err, "%s%s", certificate, ec);

  sp_public_key_free (load (rsa));
  sp_public_key_free (load (after));
  refuse ("a certificate before the key", before, "unknown Public key PEM file type: CERTIFICATE");
  refuse ("a certificate", certificate,
          "unknown Public key PEM file type: CERTIFICATE. Are you passing the correct public key?");
  refuse ("another case", lower, "unknown Public key PEM file type: public key");
  refuse ("SPKI as PKCS #1", spki, "use ParsePKIXPublicKey instead");
  refuse ("PKCS #1 as SPKI", pkcs1, "use ParsePKCS1PublicKey instead");
  refuse ("trailing", trailing, "trailing data");
  refuse ("trailing within it", within, "trailing data");
  refuse ("nothing", "", "PEM decoding failed");
  refuse ("no PEM", "ssh-ed25519 AAAA", "PEM decoding failed");
}

/* --- verifying -------------------------------------------------------------------------------- */

static int
verify (const struct sp_public_key *key, const char *message, struct sp_view signature,
        const char *wanted)
{
  cleanup_error sigpolicy_error *err = NULL;
  bool raw = false;
  int rc = sp_public_key_verify (key, sp_view_str (message), signature, &raw, &err);
  if (wanted && rc < 0)
    cr_expect_str_eq (sigpolicy_error_message (err), wanted);
  return rc;
}

/* Every kind, with its forged twins: a bit of the message, each bit of the signature, its length.
 */
Test (crypto_public_key, signatures)
{
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    {
      if (kinds[i].wanted == SP_KEY_X25519)
        continue;
      size_t length;
      EVP_PKEY *made = make_key (kinds[i].kind, 0);
      cleanup_free char *pem = public_key_pem (made);
      cleanup_free char *other_pem = public_key_pem (make_key (kinds[i].kind, 1));
      cleanup_public_key struct sp_public_key *key = load (pem);
      cleanup_public_key struct sp_public_key *other = load (other_pem);
      unsigned char *signature
          = make_signature (made, kinds[i].wanted == SP_KEY_ED25519 ? NULL : "SHA256", MESSAGE,
                            strlen (MESSAGE), &length);
      struct sp_view view = sp_view_n ((const char *)signature, length);

      cr_expect (verify (key, MESSAGE, view, NULL) == 0, "%s", kinds[i].kind);
      cr_expect (verify (other, MESSAGE, view, NULL) < 0, "%s", kinds[i].kind);
      cr_expect (verify (key, MESSAGE " ", view, NULL) < 0, "%s", kinds[i].kind);
      cr_expect (verify (key, "", view, NULL) < 0, "%s", kinds[i].kind);
      for (size_t bit = 0; bit < 8 * length; bit++)
        {
          signature[bit / 8] ^= (unsigned char)(1U << bit % 8);
          cr_expect (verify (key, MESSAGE, view, NULL) < 0, "%s: bit %zu", kinds[i].kind, bit);
          signature[bit / 8] ^= (unsigned char)(1U << bit % 8);
        }
      for (size_t shorter = 0; shorter < length; shorter++)
        cr_expect (verify (key, MESSAGE, sp_view_head (view, shorter), NULL) < 0, "%s: %zu bytes",
                   kinds[i].kind, shorter);
      cr_expect (verify (key, MESSAGE, view, NULL) == 0, "%s", kinds[i].kind);
      free (signature);
    }
}

/* Another hash, another padding, another Ed25519. */
Test (crypto_public_key, other_algorithms)
{
  static const struct
  {
    const char *kind, *digest, *message, *told; /* what is told of the digest */
  } rows[] = {
    { "P-384", "SHA384", "invalid signature when validating ASN.1 encoded signature", "SHA-384" },
    { "P-521", "SHA512", "invalid signature when validating ASN.1 encoded signature", "SHA-512" },
    { "P-384", "SHA512", "invalid signature when validating ASN.1 encoded signature", NULL },
    { "P-384", "SHA256", NULL, NULL },
    { "P-256", "SHA1", "invalid signature when validating ASN.1 encoded signature", NULL },
    { "RSA-2048", "SHA512", "crypto/rsa: verification error", NULL },
    { "RSA-2048", "SHA1", "crypto/rsa: verification error", NULL },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      size_t length;
      EVP_PKEY *made = make_key (rows[i].kind, 0);
      cleanup_free char *pem = public_key_pem (made);
      cleanup_public_key struct sp_public_key *key = load (pem);
      cleanup_free unsigned char *signature
          = make_signature (made, rows[i].digest, MESSAGE, strlen (MESSAGE), &length);
      struct sp_view view = sp_view_n ((const char *)signature, length);
      cr_expect ((verify (key, MESSAGE, view, rows[i].message) < 0) == (rows[i].message != NULL),
                 "%s with %s", rows[i].kind, rows[i].digest);
      const char *told = sp_public_key_other_digest (key, sp_view_str (MESSAGE), view);
      cr_expect (told == rows[i].told || (told && rows[i].told && strcmp (told, rows[i].told) == 0),
                 "%s with %s: %s", rows[i].kind, rows[i].digest, told ? told : "nothing");
      cr_expect (!sp_public_key_other_digest (key, sp_view_str (MESSAGE " "), view), "%s with %s",
                 rows[i].kind, rows[i].digest);
    }
}

/* The same numbers in other encodings. */
Test (crypto_public_key, encodings_of_ecdsa)
{
  size_t length;
  EVP_PKEY *made = make_key ("P-256", 0);
  cleanup_free char *pem = public_key_pem (made);
  cleanup_public_key struct sp_public_key *key = load (pem);
  cleanup_free unsigned char *der
      = make_signature (made, "SHA256", MESSAGE, strlen (MESSAGE), &length);
  const unsigned char *at = der;
  ECDSA_SIG *numbers = d2i_ECDSA_SIG (NULL, &at, (long)length);
  unsigned char raw[132] = { 0 };
  bool is_raw = false;
  cleanup_error sigpolicy_error *err = NULL;
  static const char bad_raw[] = "ecdsa: Invalid IEEE_P1363 encoded bytes";
  static const char wrong_raw[] = "invalid signature when validating IEEE_P1363 encoded signature";
  static const char wrong_der[] = "invalid signature when validating ASN.1 encoded signature";

  /* Halves of any length with the number at their end. */
  for (int half = 32; half <= 66; half++)
    {
      memset (raw, 0, sizeof raw);
      cr_assert (BN_bn2binpad (ECDSA_SIG_get0_r (numbers), raw, half) == half
                 && BN_bn2binpad (ECDSA_SIG_get0_s (numbers), raw + half, half) == half);
      is_raw = false;
      cr_expect (sp_public_key_verify (key, sp_view_str (MESSAGE),
                                       sp_view_n ((char *)raw, 2 * (size_t)half), &is_raw, &err)
                         == 0
                     && is_raw,
                 "half of %d", half);
      raw[half - 1] ^= 1;
      cr_expect (verify (key, MESSAGE, sp_view_n ((char *)raw, 2 * (size_t)half), wrong_raw) < 0);
      raw[half - 1] ^= 1;
      cr_expect (!sp_public_key_verify_der (key, sp_view_str (MESSAGE),
                                            sp_view_n ((char *)raw, 2 * (size_t)half)));
    }
  cr_expect (verify (key, MESSAGE, sp_view_n ("", 0), bad_raw) < 0);
  cr_expect (verify (key, MESSAGE, sp_view_n ("invalid signature", 17), bad_raw) < 0);
  cr_expect (verify (key, MESSAGE, sp_view_n ((char *)raw, 131), bad_raw) < 0);
  char long_raw[134] = { 0 };
  cr_expect (verify (key, MESSAGE, sp_view_n (long_raw, 134), bad_raw) < 0);
  cr_expect (verify (key, MESSAGE, sp_view_n (long_raw, 64), wrong_raw) < 0);

  /* What begins as DER must be DER to its end. */
  cleanup_buf struct sp_buf more = SP_BUF (200);
  sp_buf_add (&more, sp_view_n ((char *)der, length));
  sp_buf_byte (&more, '\0');
  cr_expect (verify (key, MESSAGE, sp_buf_view (&more), wrong_der) < 0);
  /* One element more, within it. */
  more.data[1] = (char)(length - 2 + 3);
  more.len--;
  sp_buf_add (&more, sp_view_n ("\x02\x01\x01", 3));
  cr_expect (verify (key, MESSAGE, sp_buf_view (&more), wrong_der) < 0);
  cr_expect (verify (key, MESSAGE, sp_view_n ("\x30\x06\x02\x01\x00\x02\x01\x00", 8), wrong_der)
             < 0);
  cr_expect (verify (key, MESSAGE, sp_view_n ("\x30\x09\x02\x01\x01\x02\x01\x01\x02\x01\x01", 11),
                     wrong_der)
             < 0);
  cr_expect (verify (key, MESSAGE, sp_view_n ("\x30\x06\x02\x01\xff\x02\x01\xff", 8), wrong_der)
             < 0);

  /* (r, n - s) is as good as (r, s). */
  BIGNUM *order = NULL, *high = BN_new ();
  EVP_PKEY_get_bn_param (made, OSSL_PKEY_PARAM_EC_ORDER, &order);
  cr_assert (order && BN_sub (high, order, ECDSA_SIG_get0_s (numbers)) == 1);
  ECDSA_SIG_set0 (numbers, BN_dup (ECDSA_SIG_get0_r (numbers)), high);
  unsigned char *malleated = NULL;
  int malleated_length = i2d_ECDSA_SIG (numbers, &malleated);
  cr_expect (verify (key, MESSAGE, sp_view_n ((char *)malleated, (size_t)malleated_length), NULL)
             == 0);
  OPENSSL_free (malleated);
  BN_free (order);
  ECDSA_SIG_free (numbers);
}

/* RSA keys that load and verify nothing. */
Test (crypto_public_key, limits_of_rsa)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *pem = public_key_pem (make_key ("RSA-1024", 0));
  cleanup_public_key struct sp_public_key *enough = load (pem);
  cr_expect (!sp_public_key_refusal (enough));

  static const struct
  {
    const char *first, *exponent, *message; /* the modulus begins and ends with these */
    bool even;
  } rows[] = {
    { "7f", "010001", "crypto/rsa: 1023-bit keys are insecure", false },
    { "00ff", "01", "public exponent too small", false },
    { "00ff", "02", "public exponent is even", false },
    { "00ff", "0080000001", "public exponent too large", false },
    { "00ff", "010001", "public modulus is even", true },
    { "00ff", "7fffffff", NULL, false },
    { "00ff", "03", NULL, false },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      char middle[2 * 126 + 1];
      memset (middle, '5', sizeof middle - 1);
      middle[sizeof middle - 1] = '\0';
      size_t modulus = strlen (rows[i].first) / 2 + 127, exponent = strlen (rows[i].exponent) / 2;
      cleanup_free char *hex = sp_asprintf (
          &err, "3081%02zx0281%02zx%s%s%s02%02zx%s", modulus + 3 + exponent + 2, modulus,
          rows[i].first, middle, rows[i].even ? "54" : "55", exponent, rows[i].exponent);
      cleanup_free char *text = pem_of_hex ("RSA PUBLIC KEY", hex);
      cleanup_public_key struct sp_public_key *key = load (text);
      const char *refusal = sp_public_key_refusal (key);
      cr_expect ((refusal == NULL) == (rows[i].message == NULL), "row %zu: %s", i, refusal);
      if (refusal && rows[i].message)
        {
          cr_expect (strstr (refusal, rows[i].message), "row %zu: %s", i, refusal);
          cr_expect (verify (key, MESSAGE, sp_view_n (middle, 128), refusal) < 0);
        }
    }
}

Test (crypto_public_key, verifies_nothing)
{
  cleanup_free char *pem = public_key_pem (make_key ("X25519", 0));
  cleanup_public_key struct sp_public_key *key = load (pem);
  cr_expect (verify (key, MESSAGE, sp_view_n ("", 0), "unsupported public key type") < 0);
  cr_expect (!sp_public_key_verify_der (key, sp_view_str (MESSAGE), sp_view_n ("", 0)));
}
