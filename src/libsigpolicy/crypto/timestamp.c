/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/timestamp.h"

#include "crypto/crypto_int.h"
#include "crypto/der.h"

#include <openssl/ts.h>
#include <openssl/x509v3.h>
#include <time.h>

SP_DEFINE_CLEANUP (TS_RESP *, TS_RESP_free);
SP_DEFINE_CLEANUP (TS_VERIFY_CTX *, TS_VERIFY_CTX_free);
SP_DEFINE_CLEANUP (X509_STORE *, X509_STORE_free);
SP_DEFINE_CLEANUP (STACK_OF (X509) *, sk_X509_free);
SP_DEFINE_CLEANUP (EXTENDED_KEY_USAGE *, EXTENDED_KEY_USAGE_free);

static int
refuse (sigpolicy_error **err, const char *words)
{
  ERR_clear_error ();
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                       "signed timestamp: %s", words);
}

static bool
is_strong (const X509_ALGOR *algorithm)
{
  const ASN1_OBJECT *object = NULL;
  X509_ALGOR_get0 (&object, NULL, NULL, algorithm);
  int nid = OBJ_obj2nid (object);
  return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
}

static int
parse (struct sp_view der, TS_RESP **ret, sigpolicy_error **err)
{
  const unsigned char *at = (const unsigned char *)der.data, *end = at + der.len;
  struct sp_der whole;
  struct sp_view rest = der;

  if (!sp_der_next (&rest, &whole) || rest.len)
    return refuse (err, "not one element of DER");
  SP_CLEANUP (TS_RESP_free_p) TS_RESP *response = d2i_TS_RESP (NULL, &at, (long)der.len);
  if (!response || at != end)
    return refuse (err, "not a TimeStampResp of RFC 3161");
  if (!TS_RESP_get_tst_info (response) || !TS_RESP_get_token (response))
    return refuse (err, "the authority did not grant a timestamp");
  *ret = steal (&response);
  return 0;
}

/* The time that is stated, in whole seconds. */
static int
read_time (TS_RESP *response, sp_time *ret, bool *ret_late, sigpolicy_error **err)
{
  const ASN1_GENERALIZEDTIME *stated = TS_TST_INFO_get_time (TS_RESP_get_tst_info (response));
  struct tm tm;

  if (!stated || ASN1_TIME_to_tm (stated, &tm) != 1)
    return refuse (err, "its time is invalid");
  *ret = (sp_time)timegm (&tm);
  *ret_late = memchr (ASN1_STRING_get0_data (stated), '.', (size_t)ASN1_STRING_length (stated));
  return 0;
}

static int
check_digests (TS_RESP *response, sigpolicy_error **err)
{
  TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint (TS_RESP_get_tst_info (response));
  STACK_OF (PKCS7_SIGNER_INFO) *signers = PKCS7_get_signer_info (TS_RESP_get_token (response));
  X509_ALGOR *digest = NULL;

  if (!imprint || !is_strong (TS_MSG_IMPRINT_get_algo (imprint)))
    return refuse (err, "its message imprint is not SHA-256, SHA-384 or SHA-512");
  if (!signers || sk_PKCS7_SIGNER_INFO_num (signers) != 1)
    return refuse (err, "not exactly one signer");
  PKCS7_SIGNER_INFO_get0_algs (sk_PKCS7_SIGNER_INFO_value (signers, 0), NULL, &digest, NULL);
  return digest && is_strong (digest)
             ? 0
             : refuse (err, "its signature is not over SHA-256, SHA-384 or SHA-512");
}

/* The name of the signature's algorithm is not signed, and OpenSSL goes by the key and the digest
 * alone: it must be a name of these two. */
static bool
is_named_right (TS_RESP *response, X509 *signer)
{
  STACK_OF (PKCS7_SIGNER_INFO) *signers = PKCS7_get_signer_info (TS_RESP_get_token (response));
  X509_ALGOR *digest = NULL, *signature = NULL;
  const ASN1_OBJECT *object = NULL;
  int named_digest = NID_undef, named_key = NID_undef;

  PKCS7_SIGNER_INFO_get0_algs (sk_PKCS7_SIGNER_INFO_value (signers, 0), NULL, &digest, &signature);
  X509_ALGOR_get0 (&object, NULL, NULL, signature);
  int name = OBJ_obj2nid (object), key = EVP_PKEY_get_base_id (X509_get0_pubkey (signer));
  if (name == NID_rsaEncryption)
    return key == EVP_PKEY_RSA;
  X509_ALGOR_get0 (&object, NULL, NULL, digest);
  return OBJ_find_sigid_algs (name, &named_digest, &named_key) == 1 && named_key == key
         && named_digest == OBJ_obj2nid (object);
}

/* For timestamps and nothing else, and says so critically. */
static bool
is_for_timestamps (X509 *certificate)
{
  int critical = 0;
  SP_CLEANUP (EXTENDED_KEY_USAGE_free_p)
  EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i (certificate, NID_ext_key_usage, &critical, NULL);
  return usage && critical == 1 && sk_ASN1_OBJECT_num (usage) == 1
         && OBJ_obj2nid (sk_ASN1_OBJECT_value (usage, 0)) == NID_time_stamp
         && X509_check_ca (certificate) == 0;
}

/* Of the certificates that came with the response: is the signer's among them, or another one that
 * goes by its name? */
static void
find_embedded (TS_RESP *response, const X509 *signer, bool *ret_there, bool *ret_other)
{
  STACK_OF (X509) *embedded = TS_RESP_get_token (response)->d.sign->cert;

  *ret_there = *ret_other = false;
  for (int i = 0; embedded && i < sk_X509_num (embedded); i++)
    {
      const X509 *certificate = sk_X509_value (embedded, i);
      bool same = X509_cmp (certificate, signer) == 0;
      *ret_there = *ret_there || same;
      *ret_other = *ret_other || (!same && X509_issuer_and_serial_cmp (certificate, signer) == 0);
    }
}

/* Who signed: the authority's own certificate, which is its first one if that is no CA's; where it
 * has none, one that came with the response. */
static int
check_signer (TS_RESP *response, const struct sp_certificates *authority,
              STACK_OF (X509) * certificates, sigpolicy_error **err)
{
  SP_CLEANUP (sk_X509_free_p)
  STACK_OF (X509) *signers = PKCS7_get0_signers (TS_RESP_get_token (response), certificates, 0);
  const struct sp_certificate *own = authority->items[0];
  bool is_embedded = false, is_another = false;

  if (!own->is_ca && authority->len == 1)
    return refuse (err, "the authority has no root certificate");
  if (!signers || sk_X509_num (signers) != 1)
    return refuse (err, "its signer's certificate is not known");
  X509 *signer = sk_X509_value (signers, 0);
  find_embedded (response, signer, &is_embedded, &is_another);
  if (is_another || (own->is_ca ? !is_embedded : X509_cmp (signer, sp_certificate_x509 (own)) != 0))
    return refuse (err, "its signer is not the authority");
  if (!is_named_right (response, signer))
    return refuse (err, "its signature is not of the algorithm that it names");
  return is_for_timestamps (signer)
             ? 0
             : refuse (err, "its signer's certificate is not only for timestamps");
}

static X509_STORE *
make_store (const struct sp_certificates *authority, sp_time at)
{
  SP_CLEANUP (X509_STORE_free_p) X509_STORE *store = X509_STORE_new ();
  if (!store || (sp_time)(time_t)at != at
      || X509_STORE_add_cert (store, sp_certificate_x509 (authority->items[authority->len - 1]))
             != 1)
    return NULL;
  X509_VERIFY_PARAM *parameters = X509_STORE_get0_param (store);
  X509_VERIFY_PARAM_set_time (parameters, (time_t)at);
  X509_VERIFY_PARAM_set_auth_level (parameters, 1);
  X509_STORE_set_verify_cb (store, sp_openssl_allow_last_second);
  return X509_VERIFY_PARAM_set_flags (parameters, X509_V_FLAG_PARTIAL_CHAIN) == 1 ? steal (&store)
                                                                                  : NULL;
}

/* All certificates of the authority but the root, which is in the store. */
static STACK_OF (X509) * make_certificates (const struct sp_certificates *authority)
{
  STACK_OF (X509) *stack = sk_X509_new_null ();
  for (size_t i = 0; stack && i < authority->len; i++)
    {
      X509 *x509 = sp_certificate_x509 (authority->items[i]);
      if (X509_up_ref (x509) != 1)
        continue;
      if (!sk_X509_push (stack, x509))
        X509_free (x509);
    }
  return stack;
}

int
sp_timestamp_verify (struct sp_view der, struct sp_view bytes,
                     const struct sp_certificates *authority, sp_time *ret, bool *ret_late,
                     sigpolicy_error **err)
{
  SP_CLEANUP (TS_RESP_free_p) TS_RESP *response = NULL;
  SP_CLEANUP (TS_VERIFY_CTX_free_p) TS_VERIFY_CTX *context = NULL;
  sp_time at = 0;
  bool late = false;

  for (size_t i = 0; i < authority->len; i++)
    if (!sp_certificate_x509 (authority->items[i]))
      return refuse (err, "OpenSSL cannot read a certificate of the authority");
  int rc = parse (der, &response, err);
  if (rc == 0)
    rc = read_time (response, &at, &late, err);
  if (rc == 0)
    rc = check_digests (response, err);
  if (rc < 0)
    return rc;
  /* The context owns all that it is given. */
  X509_STORE *store = make_store (authority, at);
  STACK_OF (X509) *certificates = make_certificates (authority);
  BIO *data = BIO_new_mem_buf (bytes.data, (int)bytes.len);
  context = TS_VERIFY_CTX_new ();
  if (!store || !certificates || !data || !context)
    {
      X509_STORE_free (store);
      sk_X509_pop_free (certificates, X509_free);
      BIO_free (data);
      ERR_clear_error ();
      return sp_error_no_memory (err);
    }
  TS_VERIFY_CTX_set_store (context, store);
  TS_VERIFY_CTX_set_certs (context, certificates);
  TS_VERIFY_CTX_set_data (context, data);
  TS_VERIFY_CTX_set_flags (context, TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_DATA);
  if (TS_RESP_verify_response (context, response) != 1)
    return refuse (err, "this authority did not sign it");
  rc = check_signer (response, authority, certificates, err);
  if (rc < 0)
    return rc;
  ERR_clear_error ();
  *ret = at;
  *ret_late = late;
  return 0;
}
