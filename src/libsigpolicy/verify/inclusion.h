/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_INCLUSION_H
#define SP_VERIFY_INCLUSION_H

#include "crypto/digest.h"

#include <stdint.h>

/*
 * The proof that a leaf is in a Merkle tree (RFC 6962, section 2.1.1): hashes are those of the
 * audit path, 32 bytes each, from the leaf upwards; there must be exactly as many as the tree asks
 * for. *ret is false where the root is another. Failure: REJECTED/not-in-log for numbers or a count
 * of hashes that fit no tree.
 */
int sp_inclusion_check (struct sp_view leaf, int64_t index, int64_t size, struct sp_view hashes,
                        const unsigned char root[SP_SHA256_BYTES], bool *ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
