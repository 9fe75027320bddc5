/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chain_int.h"

#include "crypto/crypto_int.h"
#include "util/limits.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

SP_DEFINE_CLEANUP (X509_STORE *, X509_STORE_free);
SP_DEFINE_CLEANUP (X509_STORE_CTX *, X509_STORE_CTX_free);
SP_DEFINE_CLEANUP (STACK_OF (X509) *, sk_X509_free);

/* --- anchors ---------------------------------------------------------------------------------- */

/* OpenSSL says that a certificate has expired in its last second. What is too late is decided with
 * the rest of the path. */
static int
allow_last_second (int good, X509_STORE_CTX *context)
{
  time_t at = X509_VERIFY_PARAM_get_time (X509_STORE_CTX_get0_param (context));
  X509 *current = X509_STORE_CTX_get_current_cert (context);

  if (!good && current && X509_STORE_CTX_get_error (context) == X509_V_ERR_CERT_HAS_EXPIRED
      && ASN1_TIME_cmp_time_t (X509_get0_notAfter (current), at) == 0)
    return 1;
  return good;
}

static int
make_store (struct sp_certificate_pool *pool, sigpolicy_error **err)
{
  SP_CLEANUP (X509_STORE_free_p) X509_STORE *store = X509_STORE_new ();

  if (!store)
    return sp_error_no_memory (err);
  for (size_t i = 0; i < pool->anchors.len; i++)
    if (X509_STORE_add_cert (store, pool->anchors.items[i]->x509) != 1)
      {
        ERR_clear_error ();
        return sp_error_no_memory (err);
      }
  X509_STORE_set_verify_cb (store, allow_last_second);
  pool->store = steal (&store);
  return 0;
}

int
sp_certificate_pool_new (struct sp_view text, const char *none, struct sp_certificate_pool **ret,
                         sigpolicy_error **err)
{
  cleanup_certificate_pool struct sp_certificate_pool *pool = sp_calloc (1, sizeof *pool, err);

  if (!pool)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_certificates_scan (text, &pool->anchors, err);
  if (rc == 0 && !pool->anchors.len)
    rc = sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE, "%s", none);
  if (rc == 0)
    rc = make_store (pool, err);
  if (rc < 0)
    return rc;
  *ret = steal (&pool);
  return 0;
}

void
sp_certificate_pool_free (struct sp_certificate_pool *pool)
{
  if (!pool)
    return;
  X509_STORE_free (pool->store);
  sp_certificates_clear (&pool->anchors);
  free (pool);
}

/* --- paths ------------------------------------------------------------------------------------ */

/* Ours of one of OpenSSL's. */
static const struct sp_certificate *
find (const struct sp_certificate *leaf, const struct sp_chain_question *question, const X509 *x509)
{
  if (leaf->x509 == x509)
    return leaf;
  for (size_t list = 0; list < 2; list++)
    for (size_t i = 0; i < question->n_intermediates[list]; i++)
      if (question->intermediates[list]->items[i]->x509 == x509)
        return question->intermediates[list]->items[i];
  for (size_t i = 0; i < question->anchors->anchors.len; i++)
    if (question->anchors->anchors.items[i]->x509 == x509)
      return question->anchors->anchors.items[i];
  return NULL;
}

static bool
is_anchor (const struct sp_certificate *certificate, const struct sp_certificate_pool *pool)
{
  for (size_t i = 0; i < pool->anchors.len; i++)
    if (sp_view_equal (sp_buf_view (&pool->anchors.items[i]->der), sp_buf_view (&certificate->der)))
      return true;
  return false;
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

static STACK_OF (X509) * stack_of (const struct sp_chain_question *question)
{
  SP_CLEANUP (sk_X509_free_p) STACK_OF (X509) *stack = sk_X509_new_null ();
  for (size_t list = 0; stack && list < 2; list++)
    for (size_t i = 0; i < question->n_intermediates[list]; i++)
      if (!sk_X509_push (stack, question->intermediates[list]->items[i]->x509))
        return NULL;
  return steal (&stack);
}

/* The path that OpenSSL finds and verifies; empty, with OpenSSL's word for why, when there is none.
 */
static int
build (struct sp_certificate *leaf, const struct sp_chain_question *question, struct sp_path *ret,
       int *ret_why, sigpolicy_error **err)
{
  SP_CLEANUP (sk_X509_free_p) STACK_OF (X509) *untrusted = stack_of (question);
  SP_CLEANUP (X509_STORE_CTX_free_p)
  X509_STORE_CTX *context = X509_STORE_CTX_new_ex (sp_openssl (), NULL);

  *ret_why = X509_V_ERR_UNSPECIFIED;
  if (!untrusted || !context
      || X509_STORE_CTX_init (context, question->anchors->store, leaf->x509, untrusted) != 1
      || set_parameters (context, question->at) != 1)
    {
      ERR_clear_error ();
      return sp_error_no_memory (err);
    }
  bool good = X509_verify_cert (context) == 1;
  *ret_why = X509_STORE_CTX_get_error (context);
  ERR_clear_error ();
  if (!good)
    return *ret_why == X509_V_ERR_OUT_OF_MEM ? sp_error_no_memory (err) : 0;

  STACK_OF (X509) *chain = X509_STORE_CTX_get0_chain (context);
  int length = chain ? sk_X509_num (chain) : 0;
  if (length < 1 || length > SP_PATH_MAX)
    return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_INTERNAL,
                         "OpenSSL verified no path");
  for (int i = 0; i < length; i++)
    {
      ret->items[i] = find (leaf, question, sk_X509_value (chain, i));
      if (!ret->items[i])
        return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_INTERNAL,
                             "OpenSSL verified a path with an unknown certificate");
    }
  ret->len = (size_t)length;
  return 0;
}

/* Everything that OpenSSL does not hold, or holds otherwise. */
static int
check_built_path (const struct sp_path *path, const struct sp_chain_question *question,
                  sigpolicy_error **err)
{
  if (!is_anchor (path->items[path->len - 1], question->anchors))
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                         "x509: certificate signed by unknown authority");
  for (size_t i = 1; i < path->len; i++)
    {
      const struct sp_certificate *child = path->items[i - 1], *parent = path->items[i];
      bool is_issuer = sp_view_equal (child->issuer, parent->subject)
                       && sp_public_key_kind (parent->key) != SP_KEY_UNKNOWN;
      int rc = is_issuer
                   ? sp_path_check_issuing (child, parent, err)
                   : sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                                   "x509: certificate signed by unknown authority");
      if (rc == 0)
        rc = sp_path_check_certificate (
            parent, i + 1 == path->len ? SP_PATH_ANCHOR : SP_PATH_MIDDLE, i, question, err);
      if (rc < 0)
        return rc;
    }
  return sp_path_check_whole (path, err);
}

int
sp_chain_verify (struct sp_certificate *leaf, const struct sp_chain_question *question,
                 sigpolicy_error **err)
{
  struct sp_path path = { 0 };
  int why = X509_V_OK;

  int rc = sp_path_check_certificate (leaf, SP_PATH_LEAF, 0, question, err);
  if (rc < 0)
    return rc;
  if (is_anchor (leaf, question->anchors))
    {
      /* It was named itself: nobody else has to vouch for it. */
      path = (struct sp_path){ .items = { leaf }, .len = 1 };
      return sp_path_check_whole (&path, err);
    }
  rc = build (leaf, question, &path, &why, err);
  if (rc < 0)
    return rc;
  if (path.len)
    return check_built_path (&path, question, err);
  if (why == X509_V_ERR_CERT_CHAIN_TOO_LONG)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "a certificate path with more than %d intermediates",
                         SP_CERTIFICATE_INTERMEDIATES_MAX);
  return sp_chain_explain (leaf, question, X509_verify_cert_error_string (why), err);
}
