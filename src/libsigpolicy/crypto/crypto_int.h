/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_CRYPTO_INT_H
#define SP_CRYPTO_CRYPTO_INT_H

#include "crypto/certificate.h"
#include "crypto/equation.h"
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

/* The certificate as OpenSSL reads it, which happens when it is first asked for, by any thread;
 * NULL when OpenSSL cannot. The certificate's. */
X509 *sp_certificate_x509 (const struct sp_certificate *certificate);

/* For X509_STORE_set_verify_cb(): a certificate is valid in its last second, too. */
int sp_openssl_allow_last_second (int good, X509_STORE_CTX *context);

/* Ed25519ph (RFC 8032) with an empty context, over the SHA-512 of a message. key has 32 bytes. */
bool sp_ed25519ph_verify (const unsigned char *key, const unsigned char digest[64],
                          struct sp_view signature);

struct sp_public_key
{
  enum sp_key_kind kind;
  /* What verifies, by the kind; none for those that verify nothing. */
  struct sp_ec_key *ec;
  struct sp_rsa_key *rsa;
  unsigned char ed25519[32];
  unsigned bits;
  struct sp_buf spki;
  char fingerprint[72];
};

/* sp_public_key_from_spki() of a certificate's. ret_odd, unless NULL, gets why a key that Go takes
 * is odd. */
int sp_public_key_make (struct sp_view der, const char **ret_odd, struct sp_public_key **ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Has an ECDSA or RSA key made the signature of a digest? One of ECDSA is strict DER; padding of
 * RSA is PKCS #1 v1.5. */
bool sp_public_key_holds (const struct sp_public_key *key, enum sp_digest kind,
                          struct sp_view digest, struct sp_view signature);

#endif
