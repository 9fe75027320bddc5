/* SPDX-License-Identifier: Apache-2.0 */
#include "support/certificates.h"

#include <openssl/bio.h>
#include <openssl/conf.h>
#include <openssl/ec.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What must not fail here. */
static void
must (int good, const char *what)
{
  if (good)
    return;
  (void)fprintf (stderr, "test support: %s\n", what);
  ERR_print_errors_fp (stderr);
  abort ();
}

/* --- keys ------------------------------------------------------------------------------------- */

static EVP_PKEY *
generate (const char *kind)
{
  EVP_PKEY *key = NULL;
  if (strncmp (kind, "RSA-", 4) == 0)
    {
      const char *type = strstr (kind, "PSS") ? "RSA-PSS" : "RSA";
      EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (NULL, type, NULL);
      must (context && EVP_PKEY_keygen_init (context) == 1
                && EVP_PKEY_CTX_set_rsa_keygen_bits (context, (int)strtol (kind + 4, NULL, 10)) == 1
                && EVP_PKEY_generate (context, &key) == 1,
            kind);
      EVP_PKEY_CTX_free (context);
    }
  else if (strcmp (kind, "P-256-explicit") == 0)
    {
      key = EVP_EC_gen ("P-256");
      must (
          key && EVP_PKEY_set_utf8_string_param (key, OSSL_PKEY_PARAM_EC_ENCODING, "explicit") == 1,
          kind);
    }
  else if (strncmp (kind, "P-", 2) == 0 || strncmp (kind, "secp", 4) == 0
           || strncmp (kind, "brainpool", 9) == 0)
    key = EVP_EC_gen (kind);
  else
    key = EVP_PKEY_Q_keygen (NULL, NULL, kind);
  must (key != NULL, kind);
  return key;
}

EVP_PKEY *
make_key (const char *kind, unsigned number)
{
  static struct
  {
    const char *kind;
    unsigned number;
    EVP_PKEY *key;
  } made[64];
  size_t i = 0;

  while (made[i].kind && (strcmp (made[i].kind, kind) != 0 || made[i].number != number))
    must (++i < sizeof made / sizeof *made, "too many keys");
  if (!made[i].kind)
    {
      made[i].key = generate (kind);
      made[i].kind = kind;
      made[i].number = number;
    }
  return made[i].key;
}

static char *
take (BIO *bio)
{
  char *data = NULL;
  long length = BIO_get_mem_data (bio, &data);
  char *text = strndup (data, (size_t)length);
  must (text != NULL, "memory");
  BIO_free (bio);
  return text;
}

char *
public_key_pem (EVP_PKEY *key)
{
  BIO *bio = BIO_new (BIO_s_mem ());
  must (bio && PEM_write_bio_PUBKEY (bio, key) == 1, "writing a key");
  return take (bio);
}

/* --- certificates ----------------------------------------------------------------------------- */

static X509_NAME *
make_name (const char *common_name, int type)
{
  X509_NAME *name = X509_NAME_new ();
  must (name
            && X509_NAME_add_entry_by_txt (name, "CN", type ? type : V_ASN1_UTF8STRING,
                                           (const unsigned char *)common_name, -1, -1, 0)
                   == 1,
        "a name");
  return name;
}

static void
add_extensions (X509 *certificate, X509 *issuer, const char *lines)
{
  CONF *empty = NCONF_new (NULL);
  X509V3_CTX context;

  X509V3_set_ctx (&context, issuer ? issuer : certificate, certificate, NULL, NULL, 0);
  X509V3_set_nconf (&context, empty);
  while (*lines)
    {
      size_t length = strcspn (lines, "\n"), name = strcspn (lines, "=");
      char *line = strndup (lines, length);
      must (line && name < length, lines);
      line[name] = '\0';
      X509_EXTENSION *extension = X509V3_EXT_nconf (empty, &context, line, line + name + 1);
      must (extension && X509_add_ext (certificate, extension, -1) == 1, lines);
      X509_EXTENSION_free (extension);
      free (line);
      lines += length + (lines[length] == '\n');
    }
  NCONF_free (empty);
}

static EVP_PKEY *
key_of (const struct recipe *recipe)
{
  return make_key (recipe->key ? recipe->key : "P-256", recipe->number);
}

static const char *
name_of (const struct recipe *recipe)
{
  return recipe->subject ? recipe->subject : "none";
}

/* With the algorithm of the issuer's key. */
static void
sign (X509 *certificate, EVP_PKEY *key, const struct recipe *recipe)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  EVP_PKEY_CTX *parameters = NULL;
  int bare = EVP_PKEY_is_a (key, "ED25519") || EVP_PKEY_is_a (key, "ED448");
  const char *digest = recipe->digest ? recipe->digest : "SHA256";

  must (context
            && EVP_DigestSignInit_ex (context, &parameters, bare ? NULL : digest, NULL, NULL, key,
                                      NULL)
                   == 1,
        "signing");
  if (recipe->salt)
    must (EVP_PKEY_CTX_set_rsa_padding (parameters, RSA_PKCS1_PSS_PADDING) == 1
              && EVP_PKEY_CTX_set_rsa_pss_saltlen (parameters, recipe->salt) == 1,
          "PSS");
  must (X509_sign_ctx (certificate, context) > 0, "signing a certificate");
  EVP_MD_CTX_free (context);
}

X509 *
make_certificate (const struct recipe *recipe, const struct recipe *issuer,
                  X509 *issuer_certificate)
{
  X509 *certificate = X509_new ();
  const struct recipe *by = issuer ? issuer : recipe;
  X509_NAME *subject = make_name (name_of (recipe), recipe->string_type);
  X509_NAME *issued_by = make_name (recipe->issuer ? recipe->issuer : name_of (by),
                                    recipe->issuer_type ? recipe->issuer_type : by->string_type);

  must (certificate
            && X509_set_version (certificate, (recipe->version ? recipe->version : 3) - 1) == 1
            && ASN1_INTEGER_set (X509_get_serialNumber (certificate),
                                 recipe->serial ? recipe->serial : 1)
                   == 1
            && ASN1_TIME_set (X509_getm_notBefore (certificate),
                              TEST_NOW + (recipe->start ? recipe->start : -DAY))
            && ASN1_TIME_set (X509_getm_notAfter (certificate),
                              TEST_NOW + (recipe->end ? recipe->end : DAY))
            && X509_set_subject_name (certificate, subject) == 1
            && X509_set_issuer_name (certificate, issued_by) == 1
            && X509_set_pubkey (certificate, key_of (recipe)) == 1,
        "a certificate");
  X509_NAME_free (subject);
  X509_NAME_free (issued_by);
  if (recipe->extensions)
    add_extensions (certificate, issuer_certificate, recipe->extensions);
  sign (certificate, key_of (by), recipe);
  return certificate;
}

char *
certificate_pem (X509 *certificate)
{
  BIO *bio = BIO_new (BIO_s_mem ());
  must (bio && PEM_write_bio_X509 (bio, certificate) == 1, "writing a certificate");
  return take (bio);
}

/* --- signatures and logs ---------------------------------------------------------------------- */

unsigned char *
make_signature (EVP_PKEY *key, const char *digest, const void *message, size_t length,
                size_t *ret_length)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  size_t room = 2048;
  unsigned char *signature = malloc (room);

  must (signature && context
            && EVP_DigestSignInit_ex (context, NULL, digest, NULL, NULL, key, NULL) == 1
            && EVP_DigestSign (context, signature, &room, message, length) == 1,
        "a signature");
  EVP_MD_CTX_free (context);
  *ret_length = room;
  return signature;
}

char *
base64 (const void *bytes, size_t length)
{
  char *text = calloc (1, 4 * ((length + 2) / 3) + 1);
  must (text != NULL, "memory");
  (void)EVP_EncodeBlock ((unsigned char *)text, bytes, (int)length);
  return text;
}

char *
sign_log_payload (EVP_PKEY *log, const char *payload)
{
  size_t length;
  unsigned char *signature = make_signature (log, "SHA256", payload, strlen (payload), &length);
  char *encoded = base64 (signature, length), *set = NULL;

  must (asprintf (&set, "{\"SignedEntryTimestamp\":\"%s\",\"Payload\":%s}", encoded, payload) > 0,
        "memory");
  free (signature);
  free (encoded);
  return set;
}

char *
make_log_entry (EVP_PKEY *log, long long time, const char *signer_pem, const char *signature,
                const void *payload, size_t length)
{
  unsigned char digest[32];
  char hex[65], *signer = base64 (signer_pem, strlen (signer_pem)), *body = NULL, *text = NULL;

  must (EVP_Digest (payload, length, digest, NULL, EVP_sha256 (), NULL) == 1, "SHA-256");
  for (size_t i = 0; i < sizeof digest; i++)
    (void)snprintf (hex + 2 * i, 3, "%02x", digest[i]);
  must (asprintf (&body,
                  "{\"apiVersion\":\"0.0.1\",\"kind\":\"hashedrekord\",\"spec\":{\"data\":{"
                  "\"hash\":{\"algorithm\":\"sha256\",\"value\":\"%s\"}},\"signature\":{"
                  "\"content\":\"%s\",\"publicKey\":{\"content\":\"%s\"}}}}",
                  hex, signature, signer)
            > 0,
        "memory");
  char *encoded = base64 (body, strlen (body));
  must (asprintf (&text,
                  "{\"body\":\"%s\",\"integratedTime\":%lld,\"logID\":\"c0ffee\",\"logIndex\":7}",
                  encoded, time)
            > 0,
        "memory");
  char *set = sign_log_payload (log, text);
  free (signer);
  free (body);
  free (encoded);
  free (text);
  return set;
}
