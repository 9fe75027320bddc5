/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hash.h"

#include "crypto/crypto_int.h"

#include <errno.h>

#define PIECE ((size_t)64 * 1024)

static const struct
{
  const char *name, *openssl;
  size_t bytes;
} hashes[SP_HASHES] = {
  [SP_HASH_SHA256] = { "sha256", "SHA256", 32 },
  [SP_HASH_SHA384] = { "sha384", "SHA384", 48 },
  [SP_HASH_SHA512] = { "sha512", "SHA512", 64 },
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
  ERR_clear_error ();
  return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_INTERNAL,
                       "OpenSSL cannot compute %s", hashes[hash].name);
}

int
sp_hash (enum sp_hash hash, struct sp_view bytes, unsigned char ret[SP_HASH_BYTES_MAX],
         sigpolicy_error **err)
{
  size_t length = 0;
  return EVP_Q_digest (sp_openssl (), hashes[hash].openssl, NULL, bytes.len ? bytes.data : "",
                       bytes.len, ret, &length)
                     == 1
                 && length == hashes[hash].bytes
             ? 0
             : cannot (hash, err);
}

struct sp_view
sp_digests_get (const struct sp_digests *digests, enum sp_hash hash)
{
  return digests->has[hash] ? sp_view_n ((const char *)digests->value[hash], hashes[hash].bytes)
                            : sp_view_n ("", 0);
}

static EVP_MD_CTX *
begin (enum sp_hash hash)
{
  SP_CLEANUP (EVP_MD_CTX_free_p) EVP_MD_CTX *context = EVP_MD_CTX_new ();
  EVP_MD *md = EVP_MD_fetch (sp_openssl (), hashes[hash].openssl, NULL);
  bool good = context && md && EVP_DigestInit_ex (context, md, NULL) == 1;
  EVP_MD_free (md);
  return good ? steal (&context) : NULL;
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
  EVP_MD_CTX *contexts[SP_HASHES] = { 0 };
  cleanup_free char *piece = sp_calloc (1, PIECE, err);
  size_t length = 1;
  int rc = piece ? 0 : SIGPOLICY_E_NO_MEMORY;

  for (int i = 0; i < SP_HASHES && rc == 0; i++)
    if (!(contexts[i] = begin ((enum sp_hash)i)))
      rc = cannot ((enum sp_hash)i, err);
  while (rc == 0 && length > 0)
    {
      rc = read_piece (fd, name, piece, &length, err);
      for (int i = 0; i < SP_HASHES && rc == 0; i++)
        if (EVP_DigestUpdate (contexts[i], piece, length) != 1)
          rc = cannot ((enum sp_hash)i, err);
    }
  for (int i = 0; i < SP_HASHES && rc == 0; i++)
    {
      unsigned size = 0;
      if (EVP_DigestFinal_ex (contexts[i], ret->value[i], &size) != 1 || size != hashes[i].bytes)
        rc = cannot ((enum sp_hash)i, err);
      ret->has[i] = rc == 0;
    }
  for (int i = 0; i < SP_HASHES; i++)
    EVP_MD_CTX_free (contexts[i]);
  return rc;
}
