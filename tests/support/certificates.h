/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SUPPORT_CERTIFICATES_H
#define TESTS_SUPPORT_CERTIFICATES_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stddef.h>

/*
 * Keys, certificates and log entries, made on the spot. A mistake of the test is an abort; what is
 * made is the caller's to free.
 */

/* When the tests judge: 2026-06-01T00:00:00Z. Dates of certificates are relative to it. */
#define TEST_NOW 1780272000
#define DAY      86400

/* "P-256", "P-256-explicit" (its curve in numbers), "secp256k1", "ED25519", "ED448", "X25519",
 * "RSA-2048", "RSA-2048-PSS" ... Made once for each name and number, and kept. */
EVP_PKEY *make_key (const char *kind, unsigned number);

struct recipe
{
  const char *subject;    /* "root": the common name; NULL is "none" */
  const char *extensions; /* lines NAME=VALUE as x509v3_config(5) has them; NULL for none */
  const char *key;        /* kind, "P-256" by default */
  unsigned number;        /* of the key */
  long start, end;        /* seconds from TEST_NOW; 0 is a day before and after */
  const char *digest;     /* that it is signed over, "SHA256" by default; "" for none */
  int salt;               /* of RSASSA-PSS; 0 for PKCS #1 v1.5 */
  int version;            /* 3 by default */
  long serial;            /* 1 by default */
  int string_type;        /* of the subject, V_ASN1_UTF8STRING by default */
  const char *issuer;     /* another common name than that of the issuer's subject */
  int issuer_type;
};

/* A certificate for the recipe's key, signed by the issuer's; issuer NULL is self-signed. */
X509 *make_certificate (const struct recipe *recipe, const struct recipe *issuer,
                        X509 *issuer_certificate);

/* PEM, as strings to free(). */
char *certificate_pem (X509 *certificate);
char *public_key_pem (EVP_PKEY *key);

/* A signature, to free(); digest is "SHA256", or NULL for a key that needs none. */
unsigned char *make_signature (EVP_PKEY *key, const char *digest, const void *message,
                               size_t length, size_t *ret_length);

/* Base64 in one line, to free(). */
char *base64 (const void *bytes, size_t length);

/* The signed entry timestamp of a stand-in log for a signature over payload by the key or
 * certificate of a PEM text. */
char *make_log_entry (EVP_PKEY *log, long long time, const char *signer_pem, const char *signature,
                      const void *payload, size_t length);

/* The same of any canonical payload. */
char *sign_log_payload (EVP_PKEY *log, const char *payload);

#endif
