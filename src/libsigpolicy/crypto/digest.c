/* SPDX-License-Identifier: Apache-2.0 */
/* SHA256_*() and its like: see below. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/digest.h"

#include "util/alloc.h"
#include "util/codec.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

/*
 * The functions of the digests themselves, where OpenSSL has them: EVP reads openssl.cnf and sets
 * up a provider with all its algorithms first, a millisecond and two megabytes for the few digests
 * that every verification needs.
 */
#ifndef OPENSSL_NO_DEPRECATED_3_0

struct sp_digest_stream
{
  enum sp_digest kind;
  union
  {
    SHA_CTX sha1;
    SHA256_CTX sha256;
    SHA512_CTX sha512; /* of SHA-384, too */
  } state;
};

static bool
start (struct sp_digest_stream *stream, enum sp_digest kind)
{
  stream->kind = kind;
  switch (kind)
    {
    case SP_DIGEST_SHA1:
      return SHA1_Init (&stream->state.sha1) == 1;
    case SP_DIGEST_SHA256:
      return SHA256_Init (&stream->state.sha256) == 1;
    case SP_DIGEST_SHA384:
      return SHA384_Init (&stream->state.sha512) == 1;
    case SP_DIGEST_SHA512:
      return SHA512_Init (&stream->state.sha512) == 1;
    }
  return false;
}

static bool
update (struct sp_digest_stream *stream, struct sp_view bytes)
{
  switch (stream->kind)
    {
    case SP_DIGEST_SHA1:
      return SHA1_Update (&stream->state.sha1, bytes.data, bytes.len) == 1;
    case SP_DIGEST_SHA256:
      return SHA256_Update (&stream->state.sha256, bytes.data, bytes.len) == 1;
    case SP_DIGEST_SHA384:
    case SP_DIGEST_SHA512:
      return SHA512_Update (&stream->state.sha512, bytes.data, bytes.len) == 1;
    }
  return false;
}

static size_t
finish (struct sp_digest_stream *stream, unsigned char *ret)
{
  switch (stream->kind)
    {
    case SP_DIGEST_SHA1:
      return SHA1_Final (ret, &stream->state.sha1) == 1 ? SP_SHA1_BYTES : 0;
    case SP_DIGEST_SHA256:
      return SHA256_Final (ret, &stream->state.sha256) == 1 ? SP_SHA256_BYTES : 0;
    case SP_DIGEST_SHA384:
      return SHA384_Final (ret, &stream->state.sha512) == 1 ? 48 : 0;
    case SP_DIGEST_SHA512:
      return SHA512_Final (ret, &stream->state.sha512) == 1 ? 64 : 0;
    }
  return 0;
}

static void
release (struct sp_digest_stream *stream)
{
  (void)stream;
}

#else

struct sp_digest_stream
{
  EVP_MD_CTX *context;
};

static bool
start (struct sp_digest_stream *stream, enum sp_digest kind)
{
  static const EVP_MD *(*const kinds[]) (void) = { [SP_DIGEST_SHA1] = EVP_sha1,
                                                   [SP_DIGEST_SHA256] = EVP_sha256,
                                                   [SP_DIGEST_SHA384] = EVP_sha384,
                                                   [SP_DIGEST_SHA512] = EVP_sha512 };
  stream->context = EVP_MD_CTX_new ();
  return stream->context && EVP_DigestInit_ex (stream->context, kinds[kind](), NULL) == 1;
}

static bool
update (struct sp_digest_stream *stream, struct sp_view bytes)
{
  return EVP_DigestUpdate (stream->context, bytes.data, bytes.len) == 1;
}

static size_t
finish (struct sp_digest_stream *stream, unsigned char *ret)
{
  unsigned length = 0;
  return EVP_DigestFinal_ex (stream->context, ret, &length) == 1 ? length : 0;
}

static void
release (struct sp_digest_stream *stream)
{
  EVP_MD_CTX_free (stream->context);
  ERR_clear_error ();
}

#endif

size_t
sp_digest (enum sp_digest kind, const struct sp_view *pieces, size_t n_pieces,
           unsigned char ret[SP_DIGEST_BYTES_MAX])
{
  struct sp_digest_stream stream = { 0 };
  bool good = start (&stream, kind);
  for (size_t i = 0; i < n_pieces; i++)
    good = good && update (&stream, pieces[i]);
  size_t length = good ? finish (&stream, ret) : 0;
  release (&stream);
  return length;
}

struct sp_digest_stream *
sp_digest_stream_new (enum sp_digest kind)
{
  struct sp_digest_stream *stream = calloc (1, sizeof *stream);
  if (stream && start (stream, kind))
    return stream;
  sp_digest_stream_free (stream);
  return NULL;
}

bool
sp_digest_stream_add (struct sp_digest_stream *stream, struct sp_view bytes)
{
  return update (stream, bytes);
}

size_t
sp_digest_stream_end (struct sp_digest_stream *stream, unsigned char ret[SP_DIGEST_BYTES_MAX])
{
  return finish (stream, ret);
}

void
sp_digest_stream_free (struct sp_digest_stream *stream)
{
  if (stream)
    release (stream);
  free (stream);
}

static int
compute (enum sp_digest kind, const char *name, struct sp_view bytes, unsigned char *ret,
         size_t size, sigpolicy_error **err)
{
  unsigned char digest[SP_DIGEST_BYTES_MAX];

  if (sp_digest (kind, &bytes, 1, digest) != size)
    return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_INTERNAL,
                         "OpenSSL cannot compute %s", name);
  memcpy (ret, digest, size);
  return 0;
}

int
sp_sha256 (struct sp_view bytes, unsigned char ret[SP_SHA256_BYTES], sigpolicy_error **err)
{
  return compute (SP_DIGEST_SHA256, "SHA-256", bytes, ret, SP_SHA256_BYTES, err);
}

int
sp_sha256_text (struct sp_view bytes, char ret[72], sigpolicy_error **err)
{
  unsigned char digest[SP_SHA256_BYTES];
  int rc = sp_sha256 (bytes, digest, err);
  if (rc < 0)
    return rc;
  memcpy (ret, "sha256:", 7);
  sp_hex (digest, SP_SHA256_BYTES, ret + 7);
  return 0;
}

int
sp_digest_text_like (struct sp_view bytes, struct sp_view digest, char ret[SP_DIGEST_TEXT_SIZE],
                     sigpolicy_error **err)
{
  bool is_sha384 = sp_view_starts (digest, sp_view_str ("sha384:"));
  unsigned char hash[SP_DIGEST_BYTES_MAX];

  if (sp_view_starts (digest, sp_view_str ("sha256:")))
    return sp_sha256_text (bytes, ret, err);
  int rc = is_sha384 ? compute (SP_DIGEST_SHA384, "SHA-384", bytes, hash, 48, err)
                     : compute (SP_DIGEST_SHA512, "SHA-512", bytes, hash, 64, err);
  if (rc < 0)
    return rc;
  memcpy (ret, is_sha384 ? "sha384:" : "sha512:", 7);
  sp_hex (hash, is_sha384 ? 48 : 64, ret + 7);
  return 0;
}

int
sp_sha1 (struct sp_view bytes, unsigned char ret[SP_SHA1_BYTES], sigpolicy_error **err)
{
  return compute (SP_DIGEST_SHA1, "SHA-1", bytes, ret, SP_SHA1_BYTES, err);
}
