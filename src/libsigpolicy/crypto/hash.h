/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_HASH_H
#define SP_CRYPTO_HASH_H

#include "crypto/digest.h"

#include <stddef.h>

/* The digests that bundles name. */
enum sp_hash
{
  SP_HASH_SHA256,
  SP_HASH_SHA384,
  SP_HASH_SHA512,
};
#define SP_HASHES         3
#define SP_HASH_BYTES_MAX 64

size_t sp_hash_bytes (enum sp_hash hash);
const char *sp_hash_name (enum sp_hash hash); /* "sha256" */

enum sp_digest sp_hash_digest (enum sp_hash hash);

/* The digest of that name; false for any other name. */
bool sp_hash_find (struct sp_view name, enum sp_hash *ret);

/* INTERNAL when OpenSSL cannot. */
int sp_hash (enum sp_hash hash, struct sp_view bytes, unsigned char ret[SP_HASH_BYTES_MAX],
             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Some of the digests of the same bytes. */
struct sp_digests
{
  bool has[SP_HASHES];
  unsigned char value[SP_HASHES][SP_HASH_BYTES_MAX];
};

/* One of them; empty where it is not known. Borrowed. */
struct sp_view sp_digests_get (const struct sp_digests *digests, enum sp_hash hash);

/* All digests of what a descriptor gives until its end, read in pieces. name is for messages. */
int sp_digests_read (int fd, const char *name, struct sp_digests *ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
