/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_CRYPTO_INT_H
#define SP_CRYPTO_CRYPTO_INT_H

#include "crypto/public_key.h"
#include "util/alloc.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

SP_DEFINE_CLEANUP (EVP_PKEY *, EVP_PKEY_free);
SP_DEFINE_CLEANUP (EVP_MD_CTX *, EVP_MD_CTX_free);
SP_DEFINE_CLEANUP (X509 *, X509_free);

/*
 * Our own OpenSSL context with the default provider: what the host's openssl.cnf allows or forbids
 * changes no verdict. Made once, for all threads; NULL when OpenSSL cannot.
 */
OSSL_LIB_CTX *sp_openssl (void);

/* For X509_STORE_set_verify_cb(): a certificate is valid in its last second, too. */
int sp_openssl_allow_last_second (int good, X509_STORE_CTX *context);

/* Ed25519ph (RFC 8032) with an empty context, over the SHA-512 of a message. key has 32 bytes. */
bool sp_ed25519ph_verify (const unsigned char *key, const unsigned char digest[64],
                          struct sp_view signature);

struct sp_public_key
{
  enum sp_key_kind kind;
  EVP_PKEY *key; /* NULL for kinds that verify nothing */
  unsigned bits;
  struct sp_buf spki;
  char fingerprint[72];
  char refusal[128];
};

/* sp_public_key_from_spki() of a certificate's, and what OpenSSL has loaded of it already; loaded
 * may be NULL, and stays the caller's. ret_odd, unless NULL, gets why a key that Go takes is odd.
 */
int sp_public_key_make (struct sp_view der, EVP_PKEY *loaded, const char **ret_odd,
                        struct sp_public_key **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
