/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hash.h"

#include "util/alloc.h"
#include "util/cleanup.h"

#include <errno.h>
#include <unistd.h>

#define PIECE ((size_t)64 * 1024)

static const struct
{
  const char *name;
  enum sp_digest digest;
  size_t bytes;
} hashes[SP_HASHES] = {
  [SP_HASH_SHA256] = { "sha256", SP_DIGEST_SHA256, 32 },
  [SP_HASH_SHA384] = { "sha384", SP_DIGEST_SHA384, 48 },
  [SP_HASH_SHA512] = { "sha512", SP_DIGEST_SHA512, 64 },
};

size_t
sp_hash_bytes (enum sp_hash hash)
{
  return hashes[hash].bytes;
}

const char *
sp_hash_name (enum sp_hash hash)
{
  return hashes[hash].name;
}

enum sp_digest
sp_hash_digest (enum sp_hash hash)
{
  return hashes[hash].digest;
}

bool
sp_hash_find (struct sp_view name, enum sp_hash *ret)
{
  for (int i = 0; i < SP_HASHES; i++)
    if (sp_view_is (name, hashes[i].name))
      {
        *ret = (enum sp_hash)i;
        return true;
      }
  return false;
}

static int
cannot (enum sp_hash hash, sigpolicy_error **err)
{
  return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_INTERNAL,
                       "OpenSSL cannot compute %s", hashes[hash].name);
}

int
sp_hash (enum sp_hash hash, struct sp_view bytes, unsigned char ret[SP_HASH_BYTES_MAX],
         sigpolicy_error **err)
{
  return sp_digest (hashes[hash].digest, &bytes, 1, ret) == hashes[hash].bytes ? 0
                                                                               : cannot (hash, err);
}

struct sp_view
sp_digests_get (const struct sp_digests *digests, enum sp_hash hash)
{
  return digests->has[hash] ? sp_view_n ((const char *)digests->value[hash], hashes[hash].bytes)
                            : sp_view_n ("", 0);
}

/* The next piece; 0 at the end. */
static int
read_piece (int fd, const char *name, char *piece, size_t *ret, sigpolicy_error **err)
{
  ssize_t got;
  do
    got = read (fd, piece, PIECE);
  while (got < 0 && errno == EINTR);
  if (got < 0)
    return sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, errno,
                           "read %s", name);
  *ret = (size_t)got;
  return 0;
}

int
sp_digests_read (int fd, const char *name, struct sp_digests *ret, sigpolicy_error **err)
{
  struct sp_digest_stream *streams[SP_HASHES] = { 0 };
  cleanup_free char *piece = sp_calloc (1, PIECE, err);
  size_t length = 1;
  int rc = piece ? 0 : SIGPOLICY_E_NO_MEMORY;

  for (int i = 0; i < SP_HASHES && rc == 0; i++)
    if (!(streams[i] = sp_digest_stream_new (hashes[i].digest)))
      rc = cannot ((enum sp_hash)i, err);
  while (rc == 0 && length > 0)
    {
      rc = read_piece (fd, name, piece, &length, err);
      for (int i = 0; i < SP_HASHES && rc == 0; i++)
        if (!sp_digest_stream_add (streams[i], sp_view_n (piece, length)))
          rc = cannot ((enum sp_hash)i, err);
    }
  for (int i = 0; i < SP_HASHES && rc == 0; i++)
    {
      if (sp_digest_stream_end (streams[i], ret->value[i]) != hashes[i].bytes)
        rc = cannot ((enum sp_hash)i, err);
      ret->has[i] = rc == 0;
    }
  for (int i = 0; i < SP_HASHES; i++)
    sp_digest_stream_free (streams[i]);
  return rc;
}
