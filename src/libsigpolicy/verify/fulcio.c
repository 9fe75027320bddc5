/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/certificate_signer.h"

#include "crypto/der.h"
#include "util/codec.h"
#include "util/limits.h"

/* Extensions of Fulcio's arc, 1.3.6.1.4.1.57264.1: the OIDC issuer as bare bytes, and as a string
 * in DER. */
#define FULCIO "\x2b\x06\x01\x04\x01\x83\xbf\x30\x01"
static const struct sp_view oid_issuer = SP_VIEW (FULCIO "\x01");
static const struct sp_view oid_issuer_v2 = SP_VIEW (FULCIO "\x08");

/* A time that stands for "none" where Go compares, and then for the present: 0001-01-01. */
#define ZERO_TIME (-62135596800)

static int
bad_issuer (sigpolicy_error **err, const char *words)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_ISSUER_MISMATCH,
                       "invalid ASN.1 in OIDC issuer v2 extension%s", words);
}

static bool
is_within (struct sp_view text, const char *set, bool letters_and_digits)
{
  for (size_t i = 0; i < text.len; i++)
    {
      char c = text.data[i];
      bool plain = letters_and_digits
                   && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
      if (!plain && (!c || !strchr (set, c)))
        return false;
    }
  return true;
}

static bool
put_utf8 (struct sp_view text, struct sp_buf *out)
{
  unsigned rune;
  sp_buf_add (out, text);
  for (int length; (length = sp_utf8_next (text, &rune)) >= 0;)
    {
      if (length == 0)
        return false;
      text = sp_view_from (text, (size_t)length);
    }
  return true;
}

static void
put_latin1 (struct sp_view text, struct sp_buf *out)
{
  for (size_t i = 0; i < text.len; i++)
    sp_utf8_put ((unsigned char)text.data[i], out);
}

/* 16-bit characters; a last one of zero is dropped. */
static bool
put_bmp (struct sp_view text, struct sp_buf *out)
{
  if (!sp_der_is_bmp (text))
    return false;
  if (text.len && !text.data[text.len - 1] && !text.data[text.len - 2])
    text.len -= 2;
  for (size_t i = 0; i < text.len; i += 2)
    sp_utf8_put ((unsigned)(unsigned char)text.data[i] << 8 | (unsigned char)text.data[i + 1], out);
  return true;
}

/* A string in DER, of any of the types that Go reads into one, as UTF-8. */
static bool
decode_string (const struct sp_der *element, struct sp_buf *out)
{
  struct sp_view text = element->content;
  switch (element->tag)
    {
    case SP_DER_UTF8_STRING:
      return put_utf8 (text, out);
    case SP_DER_PRINTABLE_STRING:
      sp_buf_add (out, text);
      return is_within (text, " '()+,-./:=?*&", true);
    case SP_DER_NUMERIC_STRING:
      sp_buf_add (out, text);
      return is_within (text, " 0123456789", false);
    case SP_DER_IA5_STRING:
      sp_buf_add (out, text);
      for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.data[i] >= 0x80)
          return false;
      return true;
    case SP_DER_T61_STRING:
    case SP_DER_GENERAL_STRING:
      put_latin1 (text, out);
      return true;
    case SP_DER_BMP_STRING:
      return put_bmp (text, out);
    default:
      return false;
    }
}

static int
read_issuer_v2 (struct sp_view value, struct sp_buf *out, sigpolicy_error **err)
{
  struct sp_der element;
  if (!sp_der_next (&value, &element) || !decode_string (&element, out))
    return bad_issuer (err, ": not a string in DER");
  if (value.len)
    return bad_issuer (err, ", trailing data");
  return sp_buf_check (out, err);
}

static int
inconsistent (struct sp_view v1, struct sp_view v2, sigpolicy_error **err)
{
  cleanup_free char *first = sp_quote_dup (v1, err);
  cleanup_free char *second = first ? sp_quote_dup (v2, err) : NULL;
  return second ? sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_ISSUER_MISMATCH,
                                "inconsistent OIDC issuer extension values: v1 %s, v2 %s", first,
                                second)
                : SIGPOLICY_E_NO_MEMORY;
}

/* Who told Fulcio whose mailbox it is: one of two extensions, or both saying the same. */
int
sp_signer_read_issuer (const struct sp_certificate *leaf, struct sp_buf *out, sigpolicy_error **err)
{
  const struct sp_extension *v1 = sp_certificate_extension (leaf, oid_issuer);
  const struct sp_extension *v2 = sp_certificate_extension (leaf, oid_issuer_v2);

  int rc = v2 ? read_issuer_v2 (v2->value, out, err) : 0;
  if (rc < 0)
    return rc;
  if (!v1 && !v2)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_ISSUER_MISMATCH,
                         "Fulcio certificate is missing the issuer extension");
  if (!v2)
    sp_buf_add (out, v1->value);
  else if (v1 && !sp_view_equal (v1->value, sp_buf_view (out)))
    return inconsistent (v1->value, sp_buf_view (out), err);
  return sp_buf_check (out, err);
}

int
sp_signer_check_issuer (const struct sp_certificate *leaf, struct sp_view wanted,
                        sigpolicy_error **err)
{
  cleanup_buf struct sp_buf issuer = SP_BUF (2 * SP_CERTIFICATE_BYTES_MAX);

  int rc = sp_signer_read_issuer (leaf, &issuer, err);
  if (rc < 0 || sp_view_equal (sp_buf_view (&issuer), wanted))
    return rc;
  cleanup_free char *quoted = sp_quote_dup (sp_buf_view (&issuer), err);
  return quoted ? sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_ISSUER_MISMATCH,
                                "Unexpected Fulcio OIDC issuer %s", quoted)
                : SIGPOLICY_E_NO_MEMORY;
}

/* The log recorded this certificate with this signature. */
static int
check_log (const struct sp_trust *trust, struct sp_view set, struct sp_view certificate,
           struct sp_view signature, struct sp_view payload, sp_time *ret_logged,
           sigpolicy_error **err)
{
  cleanup_rekor_entry struct sp_rekor_entry entry = { 0 };
  const struct sp_rekor_signer signer = { .certificate_pem = certificate };

  int rc = sp_rekor_open (set, trust->rekor_keys, trust->n_rekor_keys, &entry, err);
  if (rc == 0)
    rc = sp_rekor_match (&entry, &signer, signature, payload, err);
  if (rc < 0)
    return rc;
  if (entry.time == ZERO_TIME)
    {
      (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NOT_IN_LOG,
                          "parsing Rekor SET payload: integratedTime is no time");
      return sp_error_stricter (err, "S9");
    }
  *ret_logged = entry.time;
  return 0;
}

int
sp_fulcio_check (const struct sp_signature_blob *blob, const struct sp_fulcio *fulcio,
                 const struct sp_trust *trust, struct sp_view signature,
                 struct sp_signer_certificates *ret, struct sp_claim *ret_claim,
                 enum sp_verify_stage *ret_stage, sigpolicy_error **err)
{
  struct sp_view issuer = sp_view_n (fulcio->oidc_issuer, fulcio->oidc_issuer_len);
  struct sp_view email = sp_view_n (fulcio->subject_email, fulcio->subject_email_len);
  struct sp_view set, certificate;
  cleanup_error sigpolicy_error *failure = NULL;

  int rc
      = sp_sigstore_annotation (blob, SP_ANNOTATION_BUNDLE, SIGPOLICY_REASON_NOT_IN_LOG, &set, err);
  if (rc == 0)
    rc = sp_sigstore_annotation (blob, SP_ANNOTATION_CERTIFICATE, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                                 &certificate, err);
  if (rc == 0)
    rc = check_log (trust, set, certificate, signature, sp_buf_view (&blob->payload),
                    &ret_claim->logged, err);
  if (rc < 0)
    return rc;
  ret_claim->is_logged = true;
  rc = sp_signer_certificates_read (blob, certificate, ret, err);
  if (rc < 0)
    return rc;
  rc = sp_signer_check_path (ret, trust, ret_claim->logged, false, true, err);
  if (rc < 0 && !sp_error_stricter_id (*err))
    return rc;
  int subject = sp_signer_check_issuer (ret->leaf.items[0], issuer, &failure);
  if (subject == 0)
    subject = sp_signer_check_email (ret->leaf.items[0], email, &failure);
  *ret_stage = rc == 0 || subject < 0 ? SP_STAGE_SIGNER : *ret_stage;
  rc = sp_signer_join (rc, err, subject, &failure);
  if (rc < 0)
    return rc;
  ret_claim->issuer = sp_view_dup (issuer, err);
  ret_claim->subject = ret_claim->issuer ? sp_view_dup (email, err) : NULL;
  return ret_claim->subject ? 0 : SIGPOLICY_E_NO_MEMORY;
}
