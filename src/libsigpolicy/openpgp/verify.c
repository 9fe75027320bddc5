/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"

#include "util/limits.h"

#include <errno.h>

void
sp_openpgp_signature_clear (struct sp_openpgp_signature *signature)
{
  sp_buf_clear (&signature->content.bytes);
  free (signature->fingerprint);
  free (signature->primary);
  memset (signature, 0, sizeof *signature);
  signature->content.bytes = (struct sp_buf)SP_BUF (0);
}

/* gpgme writes what gpg put out; a buffer that is full fails the operation. */
static ssize_t
write_output (void *handle, const void *bytes, size_t size)
{
  struct sp_buf *output = handle;
  sp_buf_add (output, sp_view_n (bytes, size));
  if (output->failed)
    {
      errno = ENOSPC;
      return -1;
    }
  return (ssize_t)size;
}

static struct gpgme_data_cbs output_callbacks = { .write = write_output };

static int
bad (sigpolicy_error **err, sigpolicy_reason reason, const char *text)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, reason, "%s", text);
}

/* What is settled by looking at the outside of the message. */
static int
check_form (struct sp_view message, sigpolicy_error **err)
{
  struct sp_packets packets = sp_packets_scan (message);

  if (message.len > SP_SIGNATURE_BYTES_MAX || packets.count > SP_SIGNATURE_PACKETS_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "the signature has more than %lu bytes or %u packets",
                         SP_SIGNATURE_BYTES_MAX, SP_SIGNATURE_PACKETS_MAX);
  switch (packets.kind)
    {
    case SP_PACKETS_NONE:
      return bad (err, SIGPOLICY_REASON_BAD_SIGNATURE, "No data");
    case SP_PACKETS_ENCRYPTED:
      return bad (err, SIGPOLICY_REASON_BAD_SIGNATURE, "Bad data");
    case SP_PACKETS_TEXT:
      (void)bad (
          err, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
          "the signature is ASCII text (armored or clear-signed), a binary signed message is "
          "needed");
      (void)sp_error_stricter (err, "S1");
      return sp_error_hint (err, "store what gpg --dearmor makes of it");
    case SP_PACKETS_MESSAGE:
      break;
    }
  return 0;
}

/* Why gpg does not vouch for the one signature there is; 0 when it does. */
static int
judge (const struct _gpgme_signature *signature, sigpolicy_error **err)
{
  const char *key = signature->fpr ? signature->fpr : "an unknown key";
  char words[128];

  switch ((int)gpgme_err_code (signature->status))
    {
    case GPG_ERR_NO_ERROR:
      break;
    case GPG_ERR_NO_PUBKEY:
      return sp_error_set (
          err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
          "Invalid GPG signature: made by the key %s, which is not among those given", key);
    case GPG_ERR_SIG_EXPIRED:
      return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_EXPIRED,
                           "Invalid GPG signature: the signature by %s has expired", key);
    case GPG_ERR_KEY_EXPIRED:
      return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_EXPIRED,
                           "Invalid GPG signature: the key %s has expired", key);
    case GPG_ERR_CERT_REVOKED:
      return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_REVOKED,
                           "Invalid GPG signature: the key %s is revoked", key);
    case GPG_ERR_BAD_SIGNATURE:
      return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                           "Invalid GPG signature: the signature by %s does not verify", key);
    default:
      (void)gpgme_strerror_r (signature->status, words, sizeof words);
      return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                           "Invalid GPG signature: %s (key %s)", words, key);
    }
  if (signature->validity == GPGME_VALIDITY_NEVER || signature->validity_reason
      || signature->wrong_key_usage)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                         "Invalid GPG signature: the key %s may not make it", key);
  if (!signature->fpr || strlen (signature->fpr) < 40)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                         "Invalid GPG signature: gpg does not tell its key");
  return 0;
}

/* The nth word, counted from 0, where it is a fingerprint; empty otherwise. */
static void
take_fingerprint (struct sp_view words, unsigned n, char ret[SP_FINGERPRINT_DIGITS + 1])
{
  static const struct sp_view digits = SP_VIEW ("0123456789ABCDEF");
  struct sp_view word;

  ret[0] = '\0';
  for (;; n--)
    {
      size_t end = sp_view_find (words, ' ');
      word = sp_view_head (words, end);
      if (!n)
        break;
      if (end == SP_VIEW_NONE)
        return;
      words = sp_view_from (words, end + 1);
    }
  if (word.len < 40 || word.len > SP_FINGERPRINT_DIGITS)
    return;
  for (size_t i = 0; i < word.len; i++)
    if (sp_view_find (digits, word.data[i]) == SP_VIEW_NONE)
      return;
  memcpy (ret, word.data, word.len);
  ret[word.len] = '\0';
}

/* gpg's status lines, as GPGME reads them: VALIDSIG of DETAILS in gpg's documentation. It tells the
 * primary key, which would take another start of gpg to look up. */
static gpgme_error_t
note_status (void *handle, const char *keyword, const char *arguments)
{
  struct sp_valid_sig *valid = handle;

  if (strcmp (keyword, "VALIDSIG") == 0)
    {
      valid->count++;
      take_fingerprint (sp_view_str (arguments), 0, valid->key);
      take_fingerprint (sp_view_str (arguments), 9, valid->primary);
    }
  return 0;
}

/* Runs gpg over the message; its output is nothing yet. */
static int
run (struct sp_keyring *keyring, struct sp_view message, struct sp_buf *output,
     sigpolicy_error **err)
{
  cleanup_gpgme_data gpgme_data_t in = NULL, out = NULL;

  memset (&keyring->valid, 0, sizeof keyring->valid);
  gpgme_set_status_cb (keyring->context, note_status, &keyring->valid);
  gpgme_error_t error = gpgme_set_ctx_flag (keyring->context, "full-status", "1");
  if (!error)
    error = gpgme_data_new_from_mem (&in, message.data, message.len, 0);
  if (!error)
    error = gpgme_data_new_from_cbs (&out, &output_callbacks, output);
  if (!error)
    error = gpgme_op_verify (keyring->context, in, NULL, out);
  if (output->failed == SP_BUF_NO_MEMORY)
    return sp_error_no_memory (err);
  if (output->failed)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "the signed text is larger than %lu bytes", SP_SIGNED_TEXT_BYTES_MAX);
  gpgme_verify_result_t result = gpgme_op_verify_result (keyring->context);
  if (!result || !result->signatures)
    {
      int rc = sp_openpgp_need_gpg (keyring, err);
      if (rc < 0)
        return rc;
    }
  switch ((int)gpgme_err_code (error))
    {
    case GPG_ERR_NO_ERROR:
      return 0;
    case GPG_ERR_NO_DATA:
      return bad (err, SIGPOLICY_REASON_BAD_SIGNATURE, "No data");
    case GPG_ERR_BAD_DATA:
      return bad (err, SIGPOLICY_REASON_BAD_SIGNATURE, "Bad data");
    default:
      return sp_openpgp_failed (err, error, "a signature was verified");
    }
}

static int
keep_signer (const struct _gpgme_signature *signature, char **ret_signer, sigpolicy_error **err)
{
  if (!signature || !signature->fpr)
    return 0;
  *ret_signer = sp_strdup (signature->fpr, err);
  return *ret_signer ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static bool
is_listed (const struct sp_strv *list, const char *text)
{
  for (size_t i = 0; i < list->len; i++)
    if (strcmp (list->items[i], text) == 0)
      return true;
  return false;
}

/* The primary key of the one good signature, which must be one of those given. Borrowed. */
static int
find_owner (const struct sp_keyring *keyring, const char *fingerprint, const char **ret,
            sigpolicy_error **err)
{
  const struct sp_valid_sig *valid = &keyring->valid;

  if (valid->count != 1 || strcmp (valid->key, fingerprint) != 0 || !valid->primary[0])
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                         "Invalid GPG signature: gpg does not tell whose key %s is", fingerprint);
  if (keyring->home && !is_listed (&keyring->fingerprints, valid->primary))
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                         "signature by key %s is not accepted", fingerprint);
  *ret = valid->primary;
  return 0;
}

int
sp_keyring_verify (struct sp_keyring *keyring, struct sp_view message,
                   struct sp_openpgp_signature *ret, char **ret_signer, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf output = SP_BUF (SP_SIGNED_TEXT_BYTES_MAX);
  cleanup_free char *fingerprint = NULL, *primary = NULL;
  const char *owner = NULL;
  int count = 0;

  int rc = check_form (message, err);
  if (rc == 0)
    rc = run (keyring, message, &output, err);
  if (rc < 0)
    return rc;

  gpgme_verify_result_t result = gpgme_op_verify_result (keyring->context);
  for (gpgme_signature_t one = result ? result->signatures : NULL; one; one = one->next)
    count++;
  if (count != 1)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                         "Unexpected GPG signature count %d", count);
  const struct _gpgme_signature *signature = result->signatures;
  rc = keep_signer (signature, ret_signer, err);
  if (rc == 0)
    rc = judge (signature, err);
  if (rc < 0)
    return rc;
  fingerprint = sp_strdup (signature->fpr, err);
  bool weak = signature->hash_algo == GPGME_MD_SHA1 || signature->hash_algo == GPGME_MD_MD5
              || signature->hash_algo == GPGME_MD_RMD160;
  if (!fingerprint)
    return SIGPOLICY_E_NO_MEMORY;
  rc = find_owner (keyring, fingerprint, &owner, err);
  if (rc < 0)
    return rc;
  primary = sp_strdup (owner, err);
  if (!primary)
    return SIGPOLICY_E_NO_MEMORY;

  ret->content.bytes = output;
  output = (struct sp_buf)SP_BUF (0);
  ret->fingerprint = steal (&fingerprint);
  ret->primary = steal (&primary);
  ret->weak = weak;
  return 0;
}

int
sp_openpgp_untrusted_content (struct sp_view message, struct sp_buf *ret_content, char **ret_key_id,
                              sigpolicy_error **err)
{
  cleanup_openpgp struct sp_openpgp *engine = NULL;
  struct sp_keyring *nobody = NULL;
  struct sp_packets packets = sp_packets_scan (message);
  cleanup_free char *signer = NULL;

  if (!message.len)
    return bad (err, SIGPOLICY_REASON_BAD_SIGNATURE, "EOF");
  if (packets.kind == SP_PACKETS_NONE || packets.kind == SP_PACKETS_TEXT)
    return bad (err, SIGPOLICY_REASON_BAD_SIGNATURE,
                "openpgp: invalid data: tag byte does not have MSB set");
  if (packets.kind == SP_PACKETS_ENCRYPTED)
    return bad (err, SIGPOLICY_REASON_BAD_SIGNATURE, "openpgp: incorrect key");

  /* gpg with an empty keyring verifies nothing, but takes the message apart and names the key. */
  int rc = sp_openpgp_new (0, false, &engine, err);
  if (rc == 0)
    rc = sp_openpgp_keyring (engine, NULL, 0, &nobody, err);
  if (rc == 0)
    rc = run (nobody, message, ret_content, err);
  if (rc < 0)
    return rc;
  gpgme_verify_result_t result = gpgme_op_verify_result (nobody->context);
  if (!result || !result->signatures)
    return bad (err, SIGPOLICY_REASON_BAD_SIGNATURE, "The input is not a signature");
  rc = keep_signer (result->signatures, &signer, err);
  if (rc < 0)
    return rc;
  /* The key ID is the end of a fingerprint. */
  size_t length = signer ? strlen (signer) : 0;
  *ret_key_id = sp_strdup (length < 16 ? "" : signer + length - 16, err);
  return *ret_key_id ? 0 : SIGPOLICY_E_NO_MEMORY;
}
