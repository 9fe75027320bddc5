/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_PEM_H
#define SP_CRYPTO_PEM_H

#include "util/buf.h"

/*
 * PEM (RFC 7468) as Go reads it, which OpenSSL's reader does not: a block is found from its END
 * line backwards, so unfinished blocks and text round it are skipped; both labels must agree; the
 * body is strict base64 in which spaces and tabs do not count.
 */
struct sp_pem_block
{
  struct sp_view label; /* borrowed from the text */
  bool has_headers;
  struct sp_buf bytes;
};

/*
 * The next block of *rest, which then begins behind the line end of its END line. *ret_found is
 * false, and *rest as it was, when there is none. *ret is to be cleared before it is used again.
 * Failure: NO_MEMORY.
 */
int sp_pem_next (struct sp_view *rest, struct sp_pem_block *ret, bool *ret_found,
                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_pem_block_clear (struct sp_pem_block *block);

#define cleanup_pem_block SP_CLEANUP (sp_pem_block_clear)

#endif
