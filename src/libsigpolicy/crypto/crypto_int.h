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

struct sp_public_key
{
  enum sp_key_kind kind;
  EVP_PKEY *key; /* NULL for kinds that verify nothing */
  unsigned bits;
  struct sp_buf spki;
  char fingerprint[72];
  char refusal[128];
};

/* sp_public_key_from_spki() of what OpenSSL has loaded already; loaded may be NULL, and stays the
 * caller's. */
int sp_public_key_make (struct sp_view der, EVP_PKEY *loaded, struct sp_public_key **ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
