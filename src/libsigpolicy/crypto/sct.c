/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sct.h"

#include "crypto/crypto_int.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/signature_digest.h"
#include "util/limits.h"

/* 1.3.6.1.4.1.11129.2.4.2 */
static const struct sp_view oid_scts = SP_VIEW ("\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02");

#define SHA256_NUMBER 4
#define RSA_NUMBER    1
#define ECDSA_NUMBER  3

static int
refuse (sigpolicy_error **err)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                       "malformed list of signed certificate timestamps");
}

static bool
take_number (struct sp_view *rest, size_t bytes, uint64_t *ret)
{
  if (rest->len < bytes)
    return false;
  *ret = 0;
  for (size_t i = 0; i < bytes; i++)
    *ret = *ret << 8 | (unsigned char)rest->data[i];
  *rest = sp_view_from (*rest, bytes);
  return true;
}

static bool
take_bytes (struct sp_view *rest, size_t length, struct sp_view *ret)
{
  if (rest->len < length)
    return false;
  *ret = sp_view_head (*rest, length);
  *rest = sp_view_from (*rest, length);
  return true;
}

/* Bytes with their length, in two bytes, in front. */
static bool
take_vector (struct sp_view *rest, struct sp_view *ret)
{
  uint64_t length;
  return take_number (rest, 2, &length) && take_bytes (rest, (size_t)length, ret);
}

static bool
parse_one (struct sp_view text, struct sp_sct *ret)
{
  uint64_t version, time, hash, algorithm;
  if (!take_number (&text, 1, &version) || version != 0 || !take_bytes (&text, 32, &ret->log_id)
      || !take_number (&text, 8, &time) || time > INT64_MAX
      || !take_vector (&text, &ret->extensions) || !take_number (&text, 1, &hash)
      || !take_number (&text, 1, &algorithm) || !take_vector (&text, &ret->signature) || text.len)
    return false;
  ret->time = (sp_time)(time / 1000);
  ret->milliseconds = (unsigned)(time % 1000);
  ret->is_sha256 = hash == SHA256_NUMBER;
  ret->is_ecdsa = algorithm == ECDSA_NUMBER;
  ret->is_rsa = algorithm == RSA_NUMBER;
  return true;
}

int
sp_sct_parse (struct sp_view value, struct sp_sct *ret, size_t max, size_t *ret_n,
              sigpolicy_error **err)
{
  struct sp_view content, list, one;

  *ret_n = 0;
  if (!sp_der_take (&value, SP_DER_OCTET_STRING, &content) || value.len
      || !take_vector (&content, &list) || content.len || !list.len)
    return refuse (err);
  while (list.len)
    {
      if (*ret_n == max)
        return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                             "more than %zu signed certificate timestamps", max);
      if (!take_vector (&list, &one) || !parse_one (one, &ret[*ret_n]))
        return refuse (err);
      (*ret_n)++;
    }
  return 0;
}

int
sp_sct_read (const struct sp_certificate *certificate, struct sp_sct *ret, size_t max,
             size_t *ret_n, sigpolicy_error **err)
{
  const struct sp_extension *extension = sp_certificate_extension (certificate, oid_scts);
  *ret_n = 0;
  return extension ? sp_sct_parse (extension->value, ret, max, ret_n, err) : 0;
}

/* The extensions but the list of timestamps; nothing when that is the only one. */
static void
put_other_extensions (struct sp_view list, struct sp_buf *out)
{
  cleanup_buf struct sp_buf others = SP_BUF (SP_CERTIFICATE_BYTES_MAX);
  cleanup_buf struct sp_buf wrapped = SP_BUF (SP_CERTIFICATE_BYTES_MAX);
  struct sp_der extension;
  struct sp_view oid;

  while (sp_der_next (&list, &extension))
    if (!sp_der_take (&extension.content, SP_DER_OID, &oid) || !sp_view_equal (oid, oid_scts))
      sp_buf_add (&others, extension.whole);
  sp_der_append (&wrapped, SP_DER_SEQUENCE, sp_buf_view (&others));
  if (others.len)
    sp_der_append (out, SP_DER_CONTEXT_CONSTRUCTED (3), sp_buf_view (&wrapped));
  if (others.failed || wrapped.failed)
    out->failed = others.failed ? others.failed : wrapped.failed;
}

/* The part of the certificate that is signed, as it was before the log had seen it (RFC 6962, 3.2),
 * behind its length. */
static int
put_tbs (const struct sp_certificate *certificate, struct sp_buf *out, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf elements = SP_BUF (SP_CERTIFICATE_BYTES_MAX);
  cleanup_buf struct sp_buf tbs = SP_BUF (SP_CERTIFICATE_BYTES_MAX);
  struct sp_view whole = certificate->tbs, rest, list;
  struct sp_der element;

  bool good = sp_der_take (&whole, SP_DER_SEQUENCE, &rest);
  while (good && sp_der_next (&rest, &element))
    if (element.tag != SP_DER_CONTEXT_CONSTRUCTED (3))
      sp_buf_add (&elements, element.whole);
    else if (sp_der_take (&element.content, SP_DER_SEQUENCE, &list))
      put_other_extensions (list, &elements);
  sp_der_append (&tbs, SP_DER_SEQUENCE, sp_buf_view (&elements));
  for (int shift = 16; shift >= 0; shift -= 8)
    sp_buf_byte (out, (char)(tbs.len >> shift));
  sp_buf_add (out, sp_buf_view (&tbs));
  return sp_buf_check (&elements, err) < 0 || sp_buf_check (&tbs, err) < 0
             ? sigpolicy_error_code (*err)
             : sp_buf_check (out, err);
}

int
sp_sct_verify (const struct sp_sct *sct, const struct sp_certificate *certificate,
               const struct sp_certificate *issuer, const struct sp_public_key *log, bool *ret,
               sigpolicy_error **err)
{
  cleanup_buf struct sp_buf signed_text = SP_BUF (2 * SP_CERTIFICATE_BYTES_MAX + 0x10000);
  unsigned char hash[SP_HASH_BYTES_MAX];
  uint64_t time = (uint64_t)sct->time * 1000 + sct->milliseconds;

  *ret = false;
  if (!sct->is_sha256 || !(sp_public_key_kind (log) == SP_KEY_ECDSA ? sct->is_ecdsa : sct->is_rsa))
    return 0;
  int rc = sp_sha256 (issuer->spki, hash, err);
  if (rc < 0)
    return rc;
  sp_buf_add (&signed_text, sp_view_n ("\0\0", 2)); /* version 1, of a certificate's timestamp */
  for (int shift = 56; shift >= 0; shift -= 8)
    sp_buf_byte (&signed_text, (char)(time >> shift));
  sp_buf_add (&signed_text, sp_view_n ("\0\1", 2)); /* a certificate that was yet to be signed */
  sp_buf_add (&signed_text, sp_view_n ((const char *)hash, SP_SHA256_BYTES));
  rc = put_tbs (certificate, &signed_text, err);
  if (rc < 0)
    return rc;
  sp_buf_byte (&signed_text, (char)(sct->extensions.len >> 8));
  sp_buf_byte (&signed_text, (char)sct->extensions.len);
  sp_buf_add (&signed_text, sct->extensions);
  rc = sp_buf_check (&signed_text, err);
  if (rc == 0)
    rc = sp_hash (SP_HASH_SHA256, sp_buf_view (&signed_text), hash, err);
  if (rc < 0)
    return rc;
  *ret = sp_public_key_verify_digest (
      log, SP_HASH_SHA256, sp_view_n ((const char *)hash, SP_SHA256_BYTES), sct->signature);
  return 0;
}
