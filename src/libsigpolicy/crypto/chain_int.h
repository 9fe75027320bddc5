/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_CHAIN_INT_H
#define SP_CRYPTO_CHAIN_INT_H

#include "crypto/certificate_int.h"
#include "crypto/chain.h"

/* From the leaf to the anchor: as long as the search can make it. */
#define SP_PATH_MAX 102
struct sp_path
{
  const struct sp_certificate *items[SP_PATH_MAX];
  size_t len;
};

enum sp_path_place
{
  SP_PATH_LEAF,
  SP_PATH_MIDDLE,
  SP_PATH_ANCHOR,
};

/* --- path.c: what is held of a path --- */

/* May parent issue, and has its key made the child's signature? */
int sp_path_check_issuing (const struct sp_certificate *child, const struct sp_certificate *parent,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A certificate by itself, above below others: criticals, dates, whether it is a CA, its path
 * length. */
int sp_path_check_certificate (const struct sp_certificate *certificate, enum sp_path_place place,
                               size_t below, const struct sp_chain_question *question,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Is there one of that name and key, and with the same alternative names, in the path already? */
bool sp_path_has (const struct sp_path *path, const struct sp_certificate *candidate);

/* Usages, constraints and policies of a whole path. */
int sp_path_check_whole (const struct sp_path *path, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- chain_openssl.c --- */

/* OpenSSL's validation of that path, each of which it can read. Failure: REJECTED, stricter S9. */
int sp_path_check_by_openssl (struct sp_path *path, sp_time at,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- chain_search.c --- */

struct sp_certificate_pool
{
  struct sp_certificates anchors;
  bool is_borrowed; /* the anchors are somebody else's */
};

struct sp_chain_search
{
  const struct sp_chain_question *question;
  struct sp_path path;       /* starts with the leaf */
  unsigned checks;           /* candidates that were considered */
  bool found;                /* a path that keeps every rule */
  sigpolicy_error *refusal;  /* of the first path that does not */
  sigpolicy_error *stricter; /* of the first that only we refuse */
};

/* Failure, also in err: why there is none; then refusal and stricter are of no use any more. */
int sp_chain_search (struct sp_chain_search *search, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
