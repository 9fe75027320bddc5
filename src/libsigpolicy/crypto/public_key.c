/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto_int.h"

#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/pem.h"
#include "util/codec.h"
#include "util/limits.h"

static const struct sp_view oid_rsa = SP_VIEW ("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01");
static const struct sp_view oid_ec = SP_VIEW ("\x2a\x86\x48\xce\x3d\x02\x01");
static const struct sp_view oid_dsa = SP_VIEW ("\x2a\x86\x48\xce\x38\x04\x01");
static const struct sp_view oid_ed25519 = SP_VIEW ("\x2b\x65\x70");
static const struct sp_view oid_x25519 = SP_VIEW ("\x2b\x65\x6e");

static const struct curve
{
  struct sp_view oid;
  unsigned bits;
} curves[] = {
  { SP_VIEW ("\x2b\x81\x04\x00\x21"), 224 },
  { SP_VIEW ("\x2a\x86\x48\xce\x3d\x03\x01\x07"), 256 },
  { SP_VIEW ("\x2b\x81\x04\x00\x22"), 384 },
  { SP_VIEW ("\x2b\x81\x04\x00\x23"), 521 },
};

static int
unusable (sigpolicy_error **err, const char *text)
{
  return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE, "%s", text);
}

/* The parts of a SubjectPublicKeyInfo, in DER. */
struct spki
{
  struct sp_view algorithm;  /* content of its OID */
  struct sp_view parameters; /* whole; empty where absent */
  struct sp_view key;
  unsigned unused; /* bits at the end of the key */
  bool is_ml_dsa;  /* an unknown kind to us */
  bool is_odd; /* it has bits or elements that do not count for Go, where OpenSSL refuses them */
};

static bool
split_spki (struct sp_view der, struct spki *ret)
{
  struct sp_view content, identifier, bits;

  bool good = sp_der_take (&der, SP_DER_SEQUENCE, &content) && !der.len
              && sp_der_take (&content, SP_DER_SEQUENCE, &identifier)
              && sp_der_algorithm (&identifier, &ret->algorithm, &ret->parameters)
              && sp_der_take (&content, SP_DER_BIT_STRING, &bits)
              && sp_der_bits (bits, &ret->unused, &ret->key);
  ret->is_ml_dsa = false;
  ret->is_odd = good && (identifier.len || content.len || ret->unused);
  return good;
}

static int
check_ec (const struct spki *spki, unsigned *ret_bits, sigpolicy_error **err)
{
  struct sp_view parameters = spki->parameters, oid;

  if (!sp_der_take (&parameters, SP_DER_OID, &oid))
    return unusable (err, "x509: invalid ECDSA parameters");
  for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
    if (sp_view_equal (oid, curves[i].oid))
      {
        *ret_bits = curves[i].bits;
        if (spki->key.len != 1 + 2 * ((curves[i].bits + 7) / 8) || spki->key.data[0] != 4)
          return unusable (err, "ecdsa: invalid uncompressed public key");
        return 0;
      }
  return unusable (err, "x509: unsupported elliptic curve");
}

static bool
is_positive (struct sp_view number)
{
  return !((unsigned char)number.data[0] & 0x80) && !(number.len == 1 && number.data[0] == 0);
}

/* An RSAPublicKey: two positive numbers, the exponent within 63 bits. */
static int
check_rsa (struct sp_view der, bool *ret_odd, sigpolicy_error **err)
{
  struct sp_view content, modulus, exponent;
  int64_t number;

  if (!sp_der_take (&der, SP_DER_SEQUENCE, &content))
    return unusable (err, "x509: invalid RSA public key");
  if (!sp_der_take (&content, SP_DER_INTEGER, &modulus) || !sp_der_is_integer (modulus))
    return unusable (err, "x509: invalid RSA modulus");
  if (!sp_der_take (&content, SP_DER_INTEGER, &exponent) || !sp_der_number (exponent, &number))
    return unusable (err, "x509: invalid RSA public exponent");
  if (!is_positive (modulus))
    return unusable (err, "x509: RSA modulus is not a positive number");
  if (number == 0)
    return unusable (err, "x509: RSA public exponent is not a positive number");
  *ret_odd = *ret_odd || der.len || content.len;
  return 0;
}

/* A key that verifies nothing; four positive numbers, and what stands behind them does not matter.
 */
static int
check_dsa (const struct spki *spki, sigpolicy_error **err)
{
  struct sp_view parameters = spki->parameters, key = spki->key, content, numbers[4];

  if (!sp_der_take (&key, SP_DER_INTEGER, &numbers[3]) || !sp_der_is_integer (numbers[3]))
    return unusable (err, "x509: invalid DSA public key");
  bool good = sp_der_take (&parameters, SP_DER_SEQUENCE, &content);
  for (size_t i = 0; i < 3 && good; i++)
    good = sp_der_take (&content, SP_DER_INTEGER, &numbers[i]) && sp_der_is_integer (numbers[i]);
  if (!good)
    return unusable (err, "x509: invalid DSA parameters");
  for (size_t i = 0; i < 4; i++)
    if (!is_positive (numbers[i]))
      return unusable (err, "x509: zero or negative DSA parameter");
  return 0;
}

/* Go 1.27 reads keys of ML-DSA (RFC 9881), by their length, and refuses others. */
static int
check_ml_dsa (struct spki *spki, sigpolicy_error **err)
{
  static const struct sp_view arc = SP_VIEW ("\x60\x86\x48\x01\x65\x03\x04\x03");
  static const size_t lengths[] = { 1312, 1952, 2592 };
  struct sp_view oid = spki->algorithm;

  if (oid.len != arc.len + 1 || !sp_view_starts (oid, arc))
    return 0;
  unsigned number = (unsigned char)oid.data[arc.len] - 17U;
  if (number >= sizeof lengths / sizeof *lengths)
    return 0;
  if (spki->parameters.len || spki->key.len != lengths[number])
    return unusable (err, "x509: invalid ML-DSA public key");
  spki->is_ml_dsa = true;
  return 0;
}

/* What kind of key it is, and whether it is written as that kind must be. */
static int
check_spki (struct spki *spki, enum sp_key_kind *ret, unsigned *ret_bits, sigpolicy_error **err)
{
  bool ed25519 = sp_view_equal (spki->algorithm, oid_ed25519);

  *ret = SP_KEY_UNKNOWN;
  if (sp_view_equal (spki->algorithm, oid_rsa))
    {
      *ret = SP_KEY_RSA;
      if (!sp_view_equal (spki->parameters, sp_view_n ("\x05\x00", 2)))
        return unusable (err, "x509: RSA key missing NULL parameters");
      return check_rsa (spki->key, &spki->is_odd, err);
    }
  if (sp_view_equal (spki->algorithm, oid_ec))
    {
      *ret = SP_KEY_ECDSA;
      return check_ec (spki, ret_bits, err);
    }
  if (ed25519 || sp_view_equal (spki->algorithm, oid_x25519))
    {
      *ret = ed25519 ? SP_KEY_ED25519 : SP_KEY_X25519;
      if (spki->parameters.len)
        return unusable (err, ed25519 ? "x509: Ed25519 key encoded with illegal parameters"
                                      : "x509: X25519 key encoded with illegal parameters");
      if (spki->key.len != 32)
        return unusable (err, ed25519 ? "x509: wrong Ed25519 public key size"
                                      : "x509: invalid X25519 public key");
      return 0;
    }
  if (!sp_view_equal (spki->algorithm, oid_dsa))
    return check_ml_dsa (spki, err);
  *ret = SP_KEY_DSA;
  return check_dsa (spki, err);
}

/* --- keys that verify ------------------------------------------------------------------------- */

/* The modulus and the exponent as bytes, without the sign. */
static int
load_rsa (struct sp_view der, struct sp_rsa_key **ret, sigpolicy_error **err)
{
  struct sp_view content, modulus, exponent;

  if (!sp_der_take (&der, SP_DER_SEQUENCE, &content)
      || !sp_der_take (&content, SP_DER_INTEGER, &modulus)
      || !sp_der_take (&content, SP_DER_INTEGER, &exponent))
    return unusable (err, "x509: invalid RSA public key");
  *ret = sp_rsa_key_new (modulus, exponent);
  return *ret ? 0 : sp_error_no_memory (err);
}

/* What the key verifies with. */
static int
load (struct sp_public_key *key, const struct spki *spki, sigpolicy_error **err)
{
  int rc;

  switch (key->kind)
    {
    case SP_KEY_ECDSA:
      return sp_ec_key_new (key->bits, spki->key, &key->ec, err);
    case SP_KEY_RSA:
      rc = load_rsa (spki->key, &key->rsa, err);
      key->bits = rc == 0 ? sp_rsa_key_bits (key->rsa) : key->bits;
      return rc;
    case SP_KEY_ED25519:
      memcpy (key->ed25519, spki->key.data, sizeof key->ed25519);
      return 0;
    case SP_KEY_DSA:
    case SP_KEY_X25519:
    case SP_KEY_UNKNOWN:
      break;
    }
  return 0;
}

int
sp_public_key_make (struct sp_view der, const char **ret_odd, struct sp_public_key **ret,
                    sigpolicy_error **err)
{
  cleanup_public_key struct sp_public_key *key = sp_calloc (1, sizeof *key, err);
  cleanup_buf struct sp_buf aligned = SP_BUF (SP_KEY_BYTES_MAX);
  struct spki spki;

  if (!key)
    return SIGPOLICY_E_NO_MEMORY;
  key->spki = (struct sp_buf)SP_BUF (SP_KEY_BYTES_MAX);
  if (der.len > SP_KEY_BYTES_MAX || !split_spki (der, &spki))
    return unusable (err, "asn1: structure error: not a SubjectPublicKeyInfo");
  sp_der_align (spki.key, spki.unused, &aligned);
  int rc = sp_buf_check (&aligned, err);
  if (rc == 0)
    {
      spki.key = sp_buf_view (&aligned);
      /* In a certificate, Go does not know X25519 either. */
      key->kind = SP_KEY_UNKNOWN;
      if (!ret_odd || !sp_view_equal (spki.algorithm, oid_x25519))
        rc = check_spki (&spki, &key->kind, &key->bits, err);
    }
  if (rc < 0)
    return rc;
  if (spki.is_ml_dsa && ret_odd)
    *ret_odd = "a public key of ML-DSA";
  if (spki.is_odd && !ret_odd)
    return unusable (err, "asn1: structure error: not a SubjectPublicKeyInfo");
  if (spki.is_odd)
    *ret_odd = "a public key with bits or elements that nobody reads";
  rc = load (key, &spki, err);
  if (rc == 0)
    rc = sp_sha256_text (der, key->fingerprint, err);
  /* What was taken apart to the byte has this one encoding. */
  if (rc == 0 && key->kind != SP_KEY_DSA && key->kind != SP_KEY_UNKNOWN)
    sp_buf_add (&key->spki, der);
  if (rc == 0)
    rc = sp_buf_check (&key->spki, err);
  if (rc < 0)
    return rc;
  *ret = steal (&key);
  return 0;
}

int
sp_public_key_from_spki (struct sp_view der, struct sp_public_key **ret, sigpolicy_error **err)
{
  return sp_public_key_make (der, NULL, ret, err);
}

/* --- PEM -------------------------------------------------------------------------------------- */

/* Put an RSAPublicKey into a SubjectPublicKeyInfo. */
static int
wrap_rsa (struct sp_view der, struct sp_buf *ret, sigpolicy_error **err)
{
  static const struct sp_view identifier
      = SP_VIEW ("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00");
  cleanup_buf struct sp_buf bits = SP_BUF (SP_KEY_BYTES_MAX + 1);
  cleanup_buf struct sp_buf content = SP_BUF (SP_KEY_BYTES_MAX + 64);

  bool is_odd = false;
  int rc = check_rsa (der, &is_odd, err);
  if (rc == 0 && is_odd)
    rc = unusable (err, "x509: trailing data after ASN.1 of public-key");
  if (rc < 0)
    return rc;
  sp_buf_byte (&bits, '\0');
  sp_buf_add (&bits, der);
  sp_buf_add (&content, identifier);
  sp_der_append (&content, SP_DER_BIT_STRING, sp_buf_view (&bits));
  sp_der_append (ret, SP_DER_SEQUENCE, sp_buf_view (&content));
  if (sp_buf_check (&bits, err) < 0 || sp_buf_check (&content, err) < 0)
    return sigpolicy_error_code (*err);
  return sp_buf_check (ret, err);
}

/* A key under the other label is told apart, as it is an easy mistake. */
static int
from_block (const struct sp_pem_block *block, struct sp_public_key **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf wrapped = SP_BUF (SP_KEY_BYTES_MAX + 256);
  struct sp_view der = sp_buf_view (&block->bytes), whole = der, content, number;
  struct spki spki;
  bool is_spki = split_spki (der, &spki);
  bool is_rsa = !is_spki && sp_der_take (&whole, SP_DER_SEQUENCE, &content)
                && sp_der_take (&content, SP_DER_INTEGER, &number);

  if (sp_view_is (block->label, "RSA PUBLIC KEY"))
    {
      if (is_spki)
        return unusable (err, "x509: failed to parse public key (use ParsePKIXPublicKey instead "
                              "for this key format)");
      if (is_rsa && whole.len)
        return unusable (err, "x509: trailing data after ASN.1 of public-key");
      int rc = wrap_rsa (der, &wrapped, err);
      return rc < 0 ? rc : sp_public_key_from_spki (sp_buf_view (&wrapped), ret, err);
    }
  if (is_rsa)
    return unusable (err, "x509: failed to parse public key (use ParsePKCS1PublicKey instead for "
                          "this key format)");
  whole = der;
  if (sp_der_take (&whole, SP_DER_SEQUENCE, &content) && whole.len)
    return unusable (err, "x509: trailing data after ASN.1 of public-key");
  return sp_public_key_from_spki (der, ret, err);
}

int
sp_public_key_from_pem (struct sp_view text, struct sp_public_key **ret, sigpolicy_error **err)
{
  cleanup_pem_block struct sp_pem_block block = { .bytes = SP_BUF (0) };
  cleanup_public_key struct sp_public_key *key = NULL;
  bool found = false;

  int rc = sp_pem_next (&text, &block, &found, err);
  if (rc < 0)
    return rc;
  if (!found)
    return unusable (err, "PEM decoding failed");
  if (!sp_view_is (block.label, "PUBLIC KEY") && !sp_view_is (block.label, "RSA PUBLIC KEY"))
    {
      cleanup_free char *label = sp_escape_dup (block.label, err);
      return label ? sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                                   "unknown Public key PEM file type: %s. Are you passing the "
                                   "correct public key?",
                                   label)
                   : SIGPOLICY_E_NO_MEMORY;
    }
  rc = from_block (&block, &key, err);
  if (rc == 0 && key->kind == SP_KEY_UNKNOWN)
    rc = unusable (err, "x509: unknown public key algorithm");
  if (rc < 0)
    return rc;
  *ret = steal (&key);
  return 0;
}

enum sp_key_kind
sp_public_key_kind (const struct sp_public_key *key)
{
  return key->kind;
}

struct sp_view
sp_public_key_spki (const struct sp_public_key *key)
{
  return sp_buf_view (&key->spki);
}

const char *
sp_public_key_fingerprint (const struct sp_public_key *key)
{
  return key->fingerprint;
}

bool
sp_public_key_is_weak (const struct sp_public_key *key)
{
  return (key->kind == SP_KEY_RSA && key->bits < 2048)
         || (key->kind == SP_KEY_ECDSA && key->bits < 256);
}

const char *
sp_public_key_refusal (const struct sp_public_key *key)
{
  return key->rsa ? sp_rsa_key_refusal (key->rsa) : NULL;
}

void
sp_public_key_free (struct sp_public_key *key)
{
  if (!key)
    return;
  sp_ec_key_free (key->ec);
  sp_rsa_key_free (key->rsa);
  sp_buf_clear (&key->spki);
  free (key);
}
