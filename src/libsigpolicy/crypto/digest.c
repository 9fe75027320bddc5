/* SPDX-License-Identifier: Apache-2.0 */
/* SHA256_*(): see below. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/digest.h"

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

#  define DEFINE_DIGEST(name, PREFIX, size)                                                \
    static size_t name (const struct sp_view *pieces, size_t n_pieces, unsigned char *ret) \
    {                                                                                      \
      PREFIX##_CTX context;                                                                \
      bool good = PREFIX##_Init (&context) == 1;                                           \
      for (size_t i = 0; i < n_pieces; i++)                                                \
        good = good && PREFIX##_Update (&context, pieces[i].data, pieces[i].len) == 1;     \
      return good && PREFIX##_Final (ret, &context) == 1 ? (size) : 0;                     \
    }

#  define SHA1_CTX   SHA_CTX
#  define SHA384_CTX SHA512_CTX
DEFINE_DIGEST (sha1, SHA1, 20)
DEFINE_DIGEST (sha256, SHA256, 32)
DEFINE_DIGEST (sha384, SHA384, 48)
DEFINE_DIGEST (sha512, SHA512, 64)

size_t
sp_digest (enum sp_digest kind, const struct sp_view *pieces, size_t n_pieces,
           unsigned char ret[SP_DIGEST_BYTES_MAX])
{
  static size_t (*const kinds[]) (const struct sp_view *, size_t, unsigned char *)
      = { [SP_DIGEST_SHA1] = sha1,
          [SP_DIGEST_SHA256] = sha256,
          [SP_DIGEST_SHA384] = sha384,
          [SP_DIGEST_SHA512] = sha512 };
  return kinds[kind](pieces, n_pieces, ret);
}

#else

size_t
sp_digest (enum sp_digest kind, const struct sp_view *pieces, size_t n_pieces,
           unsigned char ret[SP_DIGEST_BYTES_MAX])
{
  static const EVP_MD *(*const kinds[]) (void) = { [SP_DIGEST_SHA1] = EVP_sha1,
                                                   [SP_DIGEST_SHA256] = EVP_sha256,
                                                   [SP_DIGEST_SHA384] = EVP_sha384,
                                                   [SP_DIGEST_SHA512] = EVP_sha512 };
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  unsigned length = 0;
  bool good = context && EVP_DigestInit_ex (context, kinds[kind](), NULL) == 1;

  for (size_t i = 0; i < n_pieces; i++)
    good = good && EVP_DigestUpdate (context, pieces[i].data, pieces[i].len) == 1;
  good = good && EVP_DigestFinal_ex (context, ret, &length) == 1;
  EVP_MD_CTX_free (context);
  ERR_clear_error ();
  return good ? length : 0;
}

#endif

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
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned length = 0;

  if (sp_view_starts (digest, sp_view_str ("sha256:")))
    return sp_sha256_text (bytes, ret, err);
  if (EVP_Digest (bytes.len ? bytes.data : "", bytes.len, hash, &length,
                  is_sha384 ? EVP_sha384 () : EVP_sha512 (), NULL)
          != 1
      || length != (is_sha384 ? 48 : 64))
    {
      ERR_clear_error ();
      return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_INTERNAL,
                           "OpenSSL cannot compute SHA-2");
    }
  memcpy (ret, is_sha384 ? "sha384:" : "sha512:", 7);
  sp_hex (hash, length, ret + 7);
  return 0;
}

int
sp_sha1 (struct sp_view bytes, unsigned char ret[SP_SHA1_BYTES], sigpolicy_error **err)
{
  return compute (SP_DIGEST_SHA1, "SHA-1", bytes, ret, SP_SHA1_BYTES, err);
}
