/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_SCT_H
#define SP_CRYPTO_SCT_H

#include "crypto/certificate.h"

/* Signed certificate timestamps (RFC 6962) that are embedded in a certificate. */
struct sp_sct
{
  struct sp_view log_id; /* 32 bytes */
  sp_time time;          /* in seconds; milliseconds is what is left of it */
  unsigned milliseconds;
  struct sp_view extensions, signature;
  bool is_sha256, is_ecdsa, is_rsa; /* how it is signed */
};

/* Those of a certificate, at most max; none is no failure. Failure: REJECTED/bad-signature, limit.
 * The views look into the certificate. */
int sp_sct_read (const struct sp_certificate *certificate, struct sp_sct *ret, size_t max,
                 size_t *ret_n, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The same for the value of the extension. */
int sp_sct_parse (struct sp_view value, struct sp_sct *ret, size_t max, size_t *ret_n,
                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Did that log see the certificate, issued by the key of issuer? *ret is false where its signature
 * does not hold. Failure: NO_MEMORY and the like. */
int sp_sct_verify (const struct sp_sct *sct, const struct sp_certificate *certificate,
                   const struct sp_certificate *issuer, const struct sp_public_key *log, bool *ret,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
