/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/certificate_int.h"

#include "crypto/crypto_int.h"
#include "crypto/der.h"
#include "util/limits.h"

#include <pthread.h>

int
sp_certificate_refuse (sigpolicy_error **err, const char *words)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE, "x509: %s",
                       words);
}

int
sp_certificate_stricter (sigpolicy_error **err, const char *words)
{
  (void)sp_certificate_refuse (err, words);
  return sp_error_stricter (err, "S9");
}

const struct sp_extension *
sp_certificate_extension (const struct sp_certificate *certificate, struct sp_view oid)
{
  for (size_t i = 0; i < certificate->n_extensions; i++)
    if (sp_view_equal (certificate->extensions[i].oid, oid))
      return &certificate->extensions[i];
  return NULL;
}

/* Versions 1 to 3; 1 is not written. */
static int
take_version (struct sp_view *tbs, unsigned *ret, sigpolicy_error **err)
{
  struct sp_view explicit, integer;
  int64_t number = 0;

  if (sp_der_take (tbs, SP_DER_CONTEXT_CONSTRUCTED (0), &explicit)
      && (!sp_der_take (&explicit, SP_DER_INTEGER, &integer) || explicit.len
          || !sp_der_number (integer, &number)))
    return sp_certificate_refuse (err, "malformed version");
  if (number > 2)
    return sp_certificate_refuse (err, "invalid version");
  *ret = (unsigned)number + 1;
  return 0;
}

static int
take_serial (struct sp_view *tbs, struct sp_view *ret, sigpolicy_error **err)
{
  if (!sp_der_take (tbs, SP_DER_INTEGER, ret) || !sp_der_is_integer (*ret))
    return sp_certificate_refuse (err, "malformed serial number");
  if ((unsigned char)ret->data[0] & 0x80)
    return sp_certificate_refuse (err, "negative serial number");
  return 0;
}

static int
take_algorithm (struct sp_view *tbs, struct sp_view *ret, sigpolicy_error **err)
{
  struct sp_view content, oid, parameters;

  if (!sp_der_take (tbs, SP_DER_SEQUENCE, ret))
    return sp_certificate_refuse (err, "malformed signature algorithm identifier");
  content = *ret;
  return sp_der_algorithm (&content, &oid, &parameters)
             ? 0
             : sp_certificate_refuse (err, "malformed signature algorithm identifier");
}

static int
take_name (struct sp_view *tbs, struct sp_view *ret_whole, struct sp_view *ret_common_name,
           struct sp_view *ret_organization, const char *malformed, const char **ret_odd,
           sigpolicy_error **err)
{
  struct sp_der name;
  if (!sp_der_peek (*tbs, SP_DER_SEQUENCE) || !sp_der_next (tbs, &name))
    return sp_certificate_refuse (err, malformed);
  *ret_whole = name.whole;
  return sp_certificate_check_name (name.content, ret_common_name, ret_organization, ret_odd, err);
}

static int
take_validity (struct sp_view *tbs, struct sp_certificate *certificate, sigpolicy_error **err)
{
  struct sp_view validity;
  if (!sp_der_take (tbs, SP_DER_SEQUENCE, &validity)
      || !sp_certificate_take_time (&validity, &certificate->not_before)
      || !sp_certificate_take_time (&validity, &certificate->not_after))
    return sp_certificate_refuse (err, "malformed validity");
  return 0;
}

static int
take_key (struct sp_view *tbs, struct sp_certificate *certificate, sigpolicy_error **err)
{
  struct sp_der spki;
  if (!sp_der_peek (*tbs, SP_DER_SEQUENCE) || !sp_der_next (tbs, &spki))
    return sp_certificate_refuse (err, "malformed spki");
  certificate->spki = spki.whole;
  return 0;
}

static int
take_extension (struct sp_view *list, struct sp_extension *ret, sigpolicy_error **err)
{
  struct sp_view content, critical;

  if (!sp_der_take (list, SP_DER_SEQUENCE, &content))
    return sp_certificate_refuse (err, "malformed extension");
  if (!sp_der_take (&content, SP_DER_OID, &ret->oid) || !sp_der_is_plain_oid (ret->oid))
    return sp_certificate_refuse (err, "malformed extension OID field");
  if (sp_der_peek (content, SP_DER_BOOLEAN))
    {
      if (!sp_der_take (&content, SP_DER_BOOLEAN, &critical) || critical.len != 1
          || ((unsigned char)critical.data[0] != 0 && (unsigned char)critical.data[0] != 0xff))
        return sp_certificate_refuse (err, "malformed extension critical field");
      ret->critical = critical.data[0] != 0;
    }
  if (!sp_der_take (&content, SP_DER_OCTET_STRING, &ret->value))
    return sp_certificate_refuse (err, "malformed extension value field");
  return 0;
}

static int
take_extensions (struct sp_view *tbs, struct sp_certificate *certificate, sigpolicy_error **err)
{
  struct sp_view explicit, list;

  if (!sp_der_peek (*tbs, SP_DER_CONTEXT_CONSTRUCTED (3)))
    return 0;
  if (!sp_der_take (tbs, SP_DER_CONTEXT_CONSTRUCTED (3), &explicit)
      || !sp_der_take (&explicit, SP_DER_SEQUENCE, &list))
    return sp_certificate_refuse (err, "malformed extensions");
  certificate->extensions
      = sp_calloc (SP_CERTIFICATE_EXTENSIONS_MAX, sizeof *certificate->extensions, err);
  if (!certificate->extensions)
    return SIGPOLICY_E_NO_MEMORY;
  while (list.len)
    {
      struct sp_extension *extension = &certificate->extensions[certificate->n_extensions];
      if (certificate->n_extensions == SP_CERTIFICATE_EXTENSIONS_MAX)
        return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                             "a certificate with more than %lu extensions",
                             SP_CERTIFICATE_EXTENSIONS_MAX);
      int rc = take_extension (&list, extension, err);
      if (rc < 0)
        return rc;
      if (sp_certificate_extension (certificate, extension->oid))
        return sp_certificate_refuse (err, "certificate contains duplicate extensions");
      certificate->n_extensions++;
    }
  return 0;
}

/* Go over an element that may be missing. */
static bool
skip (struct sp_view *tbs, unsigned char tag)
{
  struct sp_view ignored;
  return !sp_der_peek (*tbs, tag) || sp_der_take (tbs, tag, &ignored);
}

/* The part that is signed, in the order in which it stands. Go does not look at what stands behind
 * the last element, here and elsewhere; OpenSSL refuses it. */
static int
read_tbs (struct sp_view tbs, struct sp_certificate *certificate, struct sp_view *ret_algorithm,
          sigpolicy_error **err)
{
  int rc = take_version (&tbs, &certificate->version, err);
  if (rc == 0)
    rc = take_serial (&tbs, &certificate->serial, err);
  if (rc == 0)
    rc = take_algorithm (&tbs, ret_algorithm, err);
  if (rc == 0)
    rc = take_name (&tbs, &certificate->issuer, NULL, NULL, "malformed issuer", &certificate->odd,
                    err);
  if (rc == 0)
    rc = take_validity (&tbs, certificate, err);
  if (rc == 0)
    rc = take_name (&tbs, &certificate->subject, &certificate->common_name,
                    &certificate->organization, "malformed subject", &certificate->odd, err);
  if (rc == 0)
    rc = take_key (&tbs, certificate, err);
  if (rc < 0)
    return rc;
  if (certificate->version > 1
      && (!skip (&tbs, SP_DER_CONTEXT (1)) || !skip (&tbs, SP_DER_CONTEXT (2))))
    return sp_certificate_refuse (err, "malformed unique identifier");
  return certificate->version == 3 ? take_extensions (&tbs, certificate, err) : 0;
}

static int
read_certificate (struct sp_certificate *certificate, sigpolicy_error **err)
{
  struct sp_view rest = sp_buf_view (&certificate->der), content, inner, outer, bits, signature;
  struct sp_der tbs;
  unsigned unused;

  if (!sp_der_take (&rest, SP_DER_SEQUENCE, &content))
    return sp_certificate_refuse (err, "malformed certificate");
  if (rest.len)
    return sp_certificate_refuse (err, "trailing data");
  if (!sp_der_peek (content, SP_DER_SEQUENCE) || !sp_der_next (&content, &tbs))
    return sp_certificate_refuse (err, "malformed tbs certificate");
  certificate->tbs = tbs.whole;
  int rc = read_tbs (tbs.content, certificate, &inner, err);
  if (rc < 0)
    return rc;
  if (!sp_der_take (&content, SP_DER_SEQUENCE, &outer))
    return sp_certificate_refuse (err, "malformed algorithm identifier");
  if (!sp_view_equal (inner, outer))
    return sp_certificate_refuse (err, "inner and outer signature algorithm identifiers don't "
                                       "match");
  if (!sp_der_take (&content, SP_DER_BIT_STRING, &bits) || !sp_der_bits (bits, &unused, &signature))
    return sp_certificate_refuse (err, "malformed signature");
  sp_der_align (signature, unused, &certificate->signature);
  rc = sp_buf_check (&certificate->signature, err);
  if (rc < 0)
    return rc;
  sp_certificate_read_algorithm (certificate, inner);
  return sp_certificate_read_extensions (certificate, err);
}

/* --- OpenSSL's opinion ------------------------------------------------------------------------ */

/* What OpenSSL made of it, once it was asked. Most certificates that are read are never part of a
 * path, and to read one costs OpenSSL more than all the rest. */
struct sp_openssl_certificate
{
  pthread_mutex_t lock;
  bool is_read;
  X509 *x509;
};

static X509 *
read_by_openssl (struct sp_view der)
{
  const unsigned char *start = (const unsigned char *)der.data, *at = start;
  OSSL_LIB_CTX *openssl = sp_openssl ();
  X509 *x509 = openssl ? X509_new_ex (openssl, NULL) : NULL;

  if (!x509)
    return NULL;
  /* d2i_X509() frees what it was given when it fails. */
  bool good = d2i_X509 (&x509, &at, (long)der.len) && at == start + der.len;
  if (!good && at != start)
    X509_free (x509);
  ERR_clear_error ();
  return good ? x509 : NULL;
}

X509 *
sp_certificate_x509 (const struct sp_certificate *certificate)
{
  struct sp_openssl_certificate *openssl = certificate->openssl;

  (void)pthread_mutex_lock (&openssl->lock);
  if (!openssl->is_read)
    openssl->x509 = read_by_openssl (sp_buf_view (&certificate->der));
  openssl->is_read = true;
  (void)pthread_mutex_unlock (&openssl->lock);
  return openssl->x509;
}

const char *
sp_certificate_odd (const struct sp_certificate *certificate)
{
  return certificate->odd                     ? certificate->odd
         : !sp_certificate_x509 (certificate) ? "OpenSSL cannot read the certificate"
                                              : NULL;
}

/* ---------------------------------------------------------------------------------------------- */

static int
read_key (struct sp_certificate *certificate, sigpolicy_error **err)
{
  int rc = sp_public_key_make (certificate->spki, &certificate->odd, &certificate->key, err);
  return rc < 0 ? sp_error_class (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE) : 0;
}

int
sp_certificate_parse (struct sp_view der, struct sp_certificate **ret, sigpolicy_error **err)
{
  cleanup_certificate struct sp_certificate *certificate = sp_calloc (1, sizeof *certificate, err);

  if (!certificate || !(certificate->openssl = sp_calloc (1, sizeof *certificate->openssl, err)))
    return SIGPOLICY_E_NO_MEMORY;
  (void)pthread_mutex_init (&certificate->openssl->lock, NULL);
  certificate->der = (struct sp_buf)SP_BUF (SP_CERTIFICATE_BYTES_MAX);
  certificate->signature = (struct sp_buf)SP_BUF (SP_CERTIFICATE_BYTES_MAX);
  certificate->path_length = -1;
  if (der.len > SP_CERTIFICATE_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "a certificate of more than %lu bytes", SP_CERTIFICATE_BYTES_MAX);
  sp_buf_add (&certificate->der, der);
  int rc = sp_buf_check (&certificate->der, err);
  if (rc == 0)
    rc = read_certificate (certificate, err);
  if (rc == 0 && certificate->odd)
    rc = sp_certificate_stricter (err, certificate->odd);
  if (rc == 0)
    rc = read_key (certificate, err);
  if (rc < 0)
    return rc;
  *ret = steal (&certificate);
  return 0;
}

void
sp_certificate_free (struct sp_certificate *certificate)
{
  if (!certificate)
    return;
  if (certificate->openssl)
    {
      X509_free (certificate->openssl->x509);
      (void)pthread_mutex_destroy (&certificate->openssl->lock);
    }
  free (certificate->openssl);
  sp_public_key_free (certificate->key);
  free (certificate->extensions);
  free (certificate->names.items);
  free (certificate->subtrees.items);
  sp_buf_clear (&certificate->der);
  sp_buf_clear (&certificate->signature);
  free (certificate);
}
