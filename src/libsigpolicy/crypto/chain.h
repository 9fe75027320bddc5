/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_CHAIN_H
#define SP_CRYPTO_CHAIN_H

#include "crypto/certificate.h"

/*
 * Certificate paths (RFC 5280, section 6), for code signing. Candidates are tried in the order and
 * within the bounds of Go's search, each by itself: by every rule of the containers image library,
 * and then by OpenSSL's validation of that very path. One that keeps all is enough, wherever it
 * stands. When there is none, and one breaks no rule of the library, the failure is "stricter S9".
 */
struct sp_certificate_pool;

/* The trust anchors of a text, see sp_certificates_scan(). Failure: KEY/key-unusable with the text
 * none when there is no certificate in it. */
int sp_certificate_pool_new (struct sp_view text, const char *none,
                             struct sp_certificate_pool **ret,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
/* The same of one certificate, which is borrowed for as long as the pool is there. */
int sp_certificate_pool_of (struct sp_certificate *anchor, struct sp_certificate_pool **ret,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_certificate_pool_free (struct sp_certificate_pool *pool);

SP_DEFINE_CLEANUP (struct sp_certificate_pool *, sp_certificate_pool_free);
#define cleanup_certificate_pool SP_CLEANUP (sp_certificate_pool_free_p)

struct sp_chain_question
{
  const struct sp_certificate_pool *anchors;
  /* Candidates for the middle of the path, of two origins. */
  const struct sp_certificates *intermediates[2];
  size_t n_intermediates[2]; /* how many of each list, from its start */
  sp_time at;                /* when every certificate must be valid */
  bool is_now;               /* the time has a fraction: the last second is over already */
  bool odd_names_are_fine;   /* of the leaf, though critical: somebody else looks at them */
};

/* Failure: REJECTED with the established text; expired, or key-not-trusted; limit. */
int sp_chain_verify (struct sp_certificate *leaf, const struct sp_chain_question *question,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
