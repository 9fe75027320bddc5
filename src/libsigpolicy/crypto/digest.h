/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_DIGEST_H
#define SP_CRYPTO_DIGEST_H

#include "util/error.h"
#include "util/view.h"

#define SP_SHA256_BYTES 32

/* SHA-256. INTERNAL when OpenSSL cannot. */
int sp_sha256 (struct sp_view bytes, unsigned char ret[SP_SHA256_BYTES],
               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* "sha256:" and 64 lower-case digits; the array has SP_SHA256_TEXT_SIZE (72) bytes. */
int sp_sha256_text (struct sp_view bytes, char ret[72], sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* "ALGORITHM:HEX" by the algorithm of another digest, which sp_digest_check() let pass. */
#define SP_DIGEST_TEXT_SIZE 136
int sp_digest_text_like (struct sp_view bytes, struct sp_view digest, char ret[SP_DIGEST_TEXT_SIZE],
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A digest of several pieces, as if they were one; how many bytes it has, or 0 when OpenSSL cannot.
 */
enum sp_digest
{
  SP_DIGEST_SHA1, /* nothing rests on it */
  SP_DIGEST_SHA256,
  SP_DIGEST_SHA384,
  SP_DIGEST_SHA512,
};
#define SP_DIGEST_BYTES_MAX 64
size_t sp_digest (enum sp_digest kind, const struct sp_view *pieces, size_t n_pieces,
                  unsigned char ret[SP_DIGEST_BYTES_MAX]);

/* The same of bytes that come one after the other. new and end say by NULL and 0 when OpenSSL
 * cannot. */
struct sp_digest_stream;
struct sp_digest_stream *sp_digest_stream_new (enum sp_digest kind);
bool sp_digest_stream_add (struct sp_digest_stream *stream, struct sp_view bytes);
size_t sp_digest_stream_end (struct sp_digest_stream *stream,
                             unsigned char ret[SP_DIGEST_BYTES_MAX]);
void sp_digest_stream_free (struct sp_digest_stream *stream);

/* SHA-1, for OpenPGP fingerprints alone: nothing rests on it. */
#define SP_SHA1_BYTES 20
int sp_sha1 (struct sp_view bytes, unsigned char ret[SP_SHA1_BYTES],
             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
