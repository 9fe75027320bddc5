/* SPDX-License-Identifier: Apache-2.0 */
/* SHA256_*(): see below. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/digest.h"

#include "util/codec.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

/*
 * The functions of SHA-256 itself, where OpenSSL has them: EVP reads openssl.cnf and sets up a
 * provider with all its algorithms first, a millisecond and two megabytes for the one digest that
 * every verification needs.
 */
static bool
compute (struct sp_view bytes, unsigned char ret[SP_SHA256_BYTES])
{
#ifndef OPENSSL_NO_DEPRECATED_3_0
  SHA256_CTX context;
  return SHA256_Init (&context) == 1 && SHA256_Update (&context, bytes.data, bytes.len) == 1
         && SHA256_Final (ret, &context) == 1;
#else
  unsigned length = 0;
  return EVP_Digest (bytes.data, bytes.len, ret, &length, EVP_sha256 (), NULL) == 1
         && length == SP_SHA256_BYTES;
#endif
}

int
sp_sha256 (struct sp_view bytes, unsigned char ret[SP_SHA256_BYTES], sigpolicy_error **err)
{
  if (!compute (bytes.len ? bytes : sp_view_str (""), ret))
    {
      ERR_clear_error ();
      return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_INTERNAL,
                           "OpenSSL cannot compute SHA-256");
    }
  return 0;
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
sp_sha1 (struct sp_view bytes, unsigned char ret[SP_SHA1_BYTES], sigpolicy_error **err)
{
  unsigned length = 0;
  if (EVP_Digest (bytes.len ? bytes.data : "", bytes.len, ret, &length, EVP_sha1 (), NULL) != 1
      || length != SP_SHA1_BYTES)
    {
      ERR_clear_error ();
      return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_INTERNAL,
                           "OpenSSL cannot compute SHA-1");
    }
  return 0;
}
