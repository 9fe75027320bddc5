/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto_int.h"

#include "crypto/der.h"
#include "util/limits.h"

/* Keys and signatures of which somebody has the bare numbers are written as DER first: so they pass
 * the same gates as all others. */

/* A number as an INTEGER: no zeros in front but the one that keeps it positive. */
static void
append_number (struct sp_buf *out, struct sp_view number)
{
  cleanup_buf struct sp_buf content = SP_BUF (SP_KEY_BYTES_MAX);

  while (number.len > 1 && !number.data[0])
    number = sp_view_from (number, 1);
  if (!number.len || ((unsigned char)number.data[0] & 0x80))
    sp_buf_byte (&content, '\0');
  sp_buf_add (&content, number);
  if (content.failed)
    out->failed = content.failed;
  sp_der_append (out, SP_DER_INTEGER, sp_buf_view (&content));
}

/* A SubjectPublicKeyInfo of an AlgorithmIdentifier, as DER, and the bits of a key. */
static int
from_parts (struct sp_view identifier, struct sp_view key, struct sp_public_key **ret,
            sigpolicy_error **err)
{
  cleanup_buf struct sp_buf bits = SP_BUF (SP_KEY_BYTES_MAX);
  cleanup_buf struct sp_buf content = SP_BUF (SP_KEY_BYTES_MAX);
  cleanup_buf struct sp_buf whole = SP_BUF (SP_KEY_BYTES_MAX);

  sp_buf_byte (&bits, '\0');
  sp_buf_add (&bits, key);
  sp_buf_add (&content, identifier);
  sp_der_append (&content, SP_DER_BIT_STRING, sp_buf_view (&bits));
  sp_der_append (&whole, SP_DER_SEQUENCE, sp_buf_view (&content));
  if (sp_buf_check (&bits, err) < 0 || sp_buf_check (&content, err) < 0
      || sp_buf_check (&whole, err) < 0)
    return sigpolicy_error_code (*err);
  return sp_public_key_from_spki (sp_buf_view (&whole), ret, err);
}

int
sp_public_key_from_rsa (struct sp_view modulus, struct sp_view exponent, struct sp_public_key **ret,
                        sigpolicy_error **err)
{
  static const struct sp_view identifier
      = SP_VIEW ("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00");
  cleanup_buf struct sp_buf numbers = SP_BUF (SP_KEY_BYTES_MAX);
  cleanup_buf struct sp_buf key = SP_BUF (SP_KEY_BYTES_MAX);

  append_number (&numbers, modulus);
  append_number (&numbers, exponent);
  sp_der_append (&key, SP_DER_SEQUENCE, sp_buf_view (&numbers));
  if (sp_buf_check (&numbers, err) < 0 || sp_buf_check (&key, err) < 0)
    return sigpolicy_error_code (*err);
  return from_parts (identifier, sp_buf_view (&key), ret, err);
}

int
sp_public_key_from_point (enum sp_raw_curve curve, struct sp_view point, struct sp_public_key **ret,
                          sigpolicy_error **err)
{
  static const struct sp_view identifiers[] = {
    [SP_CURVE_P256]
    = SP_VIEW ("\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01"
               "\x07"),
    [SP_CURVE_P384]
    = SP_VIEW ("\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22"),
    [SP_CURVE_P521]
    = SP_VIEW ("\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23"),
    [SP_CURVE_ED25519] = SP_VIEW ("\x30\x05\x06\x03\x2b\x65\x70"),
  };
  return from_parts (identifiers[curve], point, ret, err);
}

void
sp_ecdsa_signature_append (struct sp_buf *out, struct sp_view r, struct sp_view s)
{
  cleanup_buf struct sp_buf content = SP_BUF (SP_KEY_BYTES_MAX);

  append_number (&content, r);
  append_number (&content, s);
  if (content.failed)
    out->failed = content.failed;
  sp_der_append (out, SP_DER_SEQUENCE, sp_buf_view (&content));
}
