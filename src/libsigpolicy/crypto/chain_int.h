/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_CHAIN_INT_H
#define SP_CRYPTO_CHAIN_INT_H

#include "crypto/certificate_int.h"
#include "crypto/chain.h"

/* From the leaf to the anchor. */
#define SP_PATH_MAX 16
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

/* May parent issue, and can its key have made the child's signature? The signature itself is not
 * verified. */
int sp_path_check_issuing (const struct sp_certificate *child, const struct sp_certificate *parent,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A certificate by itself, above below others: criticals, dates, whether it is a CA, its path
 * length. */
int sp_path_check_certificate (const struct sp_certificate *certificate, enum sp_path_place place,
                               size_t below, const struct sp_chain_question *question,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Usages, constraints and policies of a whole path. */
int sp_path_check_whole (const struct sp_path *path, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- chain_refusal.c: why there is no path --- */

struct sp_certificate_pool
{
  struct sp_certificates anchors;
  struct x509_store_st *store;
};

/* Sets the error that says why the leaf, which is fine by itself, has no path; openssl is what
 * OpenSSL calls it. */
int sp_chain_explain (const struct sp_certificate *leaf, const struct sp_chain_question *question,
                      const char *openssl, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
