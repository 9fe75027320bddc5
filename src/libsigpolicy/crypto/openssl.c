/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto_int.h"

#include <openssl/crypto.h>
#include <openssl/provider.h>

static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static OSSL_LIB_CTX *context;

static void
make_context (void)
{
  OSSL_LIB_CTX *made = OSSL_LIB_CTX_new ();
  if (made && !OSSL_PROVIDER_load (made, "default"))
    {
      OSSL_LIB_CTX_free (made);
      made = NULL;
    }
  context = made;
}

OSSL_LIB_CTX *
sp_openssl (void)
{
  return CRYPTO_THREAD_run_once (&once, make_context) == 1 ? context : NULL;
}
