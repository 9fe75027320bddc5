/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chain_int.h"

#include "crypto/crypto_int.h"
#include "util/limits.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

SP_DEFINE_CLEANUP (X509_STORE *, X509_STORE_free);
SP_DEFINE_CLEANUP (X509_STORE_CTX *, X509_STORE_CTX_free);
SP_DEFINE_CLEANUP (STACK_OF (X509) *, sk_X509_free);

/* OpenSSL says that a certificate has expired in its last second. What is too late is decided with
 * the rest of the path. */
int
sp_openssl_allow_last_second (int good, X509_STORE_CTX *context)
{
  time_t at = X509_VERIFY_PARAM_get_time (X509_STORE_CTX_get0_param (context));
  X509 *current = X509_STORE_CTX_get_current_cert (context);

  if (!good && current && X509_STORE_CTX_get_error (context) == X509_V_ERR_CERT_HAS_EXPIRED
      && ASN1_TIME_cmp_time_t (X509_get0_notAfter (current), at) == 0)
    return 1;
  return good;
}

/* Only the next of the path issues one of it, and only if OpenSSL would think so: it has no choice,
 * but it may object. */
static int
is_next (X509_STORE_CTX *context, X509 *child, X509 *issuer)
{
  const struct sp_path *path = X509_STORE_CTX_get_app_data (context);

  for (size_t i = 0; i + 1 < path->len; i++)
    if (sp_certificate_x509 (path->items[i]) == child)
      return sp_certificate_x509 (path->items[i + 1]) == issuer
             && X509_check_issued (issuer, child) == X509_V_OK;
  return 0;
}

static int
set_parameters (X509_STORE_CTX *context, sp_time at)
{
  X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param (context);
  if ((sp_time)(time_t)at != at)
    return 0;
  X509_VERIFY_PARAM_set_time (parameters, (time_t)at);
  X509_VERIFY_PARAM_set_depth (parameters, SP_CERTIFICATE_INTERMEDIATES_MAX);
  /* 80 bits: no SHA-1, no RSA below 1024 bits. */
  X509_VERIFY_PARAM_set_auth_level (parameters, 1);
  /* An anchor is one because it was named, whether it is self-signed or not. */
  return X509_VERIFY_PARAM_set_flags (parameters, X509_V_FLAG_PARTIAL_CHAIN);
}

/* Those of the path from one to another, without the latter. */
static STACK_OF (X509) * stack_of (const struct sp_path *path, size_t from, size_t to)
{
  SP_CLEANUP (sk_X509_free_p) STACK_OF (X509) *stack = sk_X509_new_null ();
  for (size_t i = from; stack && i < to; i++)
    if (!sk_X509_push (stack, sp_certificate_x509 (path->items[i])))
      return NULL;
  return steal (&stack);
}

/* Is what OpenSSL verified the path, from end to end? */
static bool
is_whole (X509_STORE_CTX *context, const struct sp_path *path)
{
  STACK_OF (X509) *chain = X509_STORE_CTX_get0_chain (context);
  if (!chain || (size_t)sk_X509_num (chain) != path->len)
    return false;
  for (size_t i = 0; i < path->len; i++)
    if (sk_X509_value (chain, (int)i) != sp_certificate_x509 (path->items[i]))
      return false;
  return true;
}

int
sp_path_check_by_openssl (struct sp_path *path, sp_time at, sigpolicy_error **err)
{
  SP_CLEANUP (X509_STORE_free_p) X509_STORE *store = X509_STORE_new ();
  SP_CLEANUP (sk_X509_free_p) STACK_OF (X509) *middle = stack_of (path, 1, path->len - 1);
  SP_CLEANUP (sk_X509_free_p) STACK_OF (X509) *anchor = stack_of (path, path->len - 1, path->len);
  SP_CLEANUP (X509_STORE_CTX_free_p)
  X509_STORE_CTX *context = X509_STORE_CTX_new_ex (sp_openssl (), NULL);

  if (!store || !middle || !anchor || !context)
    return sp_error_no_memory (err);
  X509_STORE_set_verify_cb (store, sp_openssl_allow_last_second);
  X509_STORE_set_check_issued (store, is_next);
  if (X509_STORE_CTX_init (context, store, sp_certificate_x509 (path->items[0]), middle) != 1
      || X509_STORE_CTX_set_app_data (context, path) != 1 || set_parameters (context, at) != 1)
    {
      ERR_clear_error ();
      return sp_error_no_memory (err);
    }
  X509_STORE_CTX_set0_trusted_stack (context, anchor);
  bool good = X509_verify_cert (context) == 1;
  int why = X509_STORE_CTX_get_error (context);
  ERR_clear_error ();
  if (good && is_whole (context, path))
    return 0;
  if (why == X509_V_ERR_OUT_OF_MEM)
    return sp_error_no_memory (err);
  (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                      "x509: OpenSSL refuses the certificate path: %s",
                      X509_verify_cert_error_string (good ? X509_V_ERR_UNSPECIFIED : why));
  return sp_error_stricter (err, "S9");
}
