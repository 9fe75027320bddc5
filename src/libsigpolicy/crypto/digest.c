/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include "util/codec.h"

#include <openssl/err.h>
#include <openssl/evp.h>

int
sp_sha256 (struct sp_view bytes, unsigned char ret[SP_SHA256_BYTES], sigpolicy_error **err)
{
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;

  if (EVP_Digest (bytes.len ? bytes.data : "", bytes.len, digest, &length, EVP_sha256 (), NULL) != 1
      || length != SP_SHA256_BYTES)
    {
      ERR_clear_error ();
      return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_INTERNAL,
                           "OpenSSL cannot compute SHA-256");
    }
  memcpy (ret, digest, SP_SHA256_BYTES);
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
