/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"
#include "openpgp/plain.h"

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

/* Is a compressed message made of more packets than a message may have, or of compressed ones
 * again? What cannot be unpacked here is gpg's to judge. */
static bool
is_nested (struct sp_view message)
{
  enum
  {
    COMPRESSED = 8,
    ZLIB_HEAD = 2,
    ZLIB_TAIL = 4,
  };
  cleanup_buf struct sp_buf body = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  cleanup_buf struct sp_buf inside = SP_BUF (2 * SP_SIGNED_TEXT_BYTES_MAX);
  struct sp_packet packet;

  if (!sp_packet_take (&message, &packet, &body) || packet.tag != COMPRESSED || !body.len)
    return false;
  struct sp_view packed = sp_view_from (sp_buf_view (&body), 1);
  if (body.data[0] == 2 && packed.len > ZLIB_HEAD + ZLIB_TAIL)
    packed = sp_view_n (packed.data + ZLIB_HEAD, packed.len - ZLIB_HEAD - ZLIB_TAIL);
  (void)sp_inflate (packed, &inside);
  struct sp_packets packets = sp_packets_scan (sp_buf_view (&inside));
  return packets.first_tag == COMPRESSED || packets.count > SP_SIGNATURE_PACKETS_MAX;
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
      return sp_error_hint (err, "convert it with 'gpg --dearmor'");
    case SP_PACKETS_MESSAGE:
      break;
    }
  if (packets.has_version_6 && !packets.has_other)
    {
      (void)bad (err, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                 "the signature is one of OpenPGP version 6, which gpg does not read");
      return sp_error_hint (err, "have the image signed with a version 4 key");
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
      (void)sp_gpgme->strerror_r (signature->status, words, sizeof words);
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

/* A home that is not what it was is used no more. */
static int
check_home (struct sp_keyring *keyring, sigpolicy_error **err)
{
  int rc = keyring->home ? sp_home_check (keyring->home, err) : 0;
  if (rc < 0)
    sp_keyring_forget (keyring);
  return rc;
}

/* Runs gpg over the message, at a time or at the system's; its output is nothing yet. */
static int
run (struct sp_keyring *keyring, struct sp_view message, const sp_time *now, struct sp_buf *output,
     sigpolicy_error **err)
{
  cleanup_gpgme_data gpgme_data_t in = NULL, out = NULL;
  char words[128];

  int rc = sp_keyring_set_time (keyring, now, err);
  if (rc == 0)
    rc = check_home (keyring, err);
  if (rc < 0)
    return rc;
  memset (&keyring->valid, 0, sizeof keyring->valid);
  sp_gpgme->set_status_cb (keyring->context, note_status, &keyring->valid);
  gpgme_error_t error = sp_gpgme->set_ctx_flag (keyring->context, "full-status", "1");
  if (!error)
    error = sp_gpgme->data_new_from_mem (&in, message.data, message.len, 0);
  if (!error)
    error = sp_gpgme->data_new_from_cbs (&out, &output_callbacks, output);
  if (!error)
    error = sp_gpgme->op_verify (keyring->context, in, NULL, out);
  if (output->failed == SP_BUF_NO_MEMORY)
    return sp_error_no_memory (err);
  if (output->failed)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "the signed text is larger than %lu bytes", SP_SIGNED_TEXT_BYTES_MAX);
  /* A home that went meanwhile has no keys. */
  rc = check_home (keyring, err);
  if (rc < 0)
    return rc;
  gpgme_verify_result_t result = sp_gpgme->op_verify_result (keyring->context);
  if ((!result || !result->signatures) && (rc = sp_openpgp_need_gpg (keyring, err)) < 0)
    return rc;
  switch ((int)gpgme_err_code (error))
    {
    case GPG_ERR_NO_ERROR:
      return 0;
    case GPG_ERR_NO_DATA:
      return bad (err, SIGPOLICY_REASON_BAD_SIGNATURE, "No data");
    case GPG_ERR_BAD_DATA:
      return bad (err, SIGPOLICY_REASON_BAD_SIGNATURE, "Bad data");
    case GPG_ERR_INV_ENGINE:
    case GPG_ERR_NOT_SUPPORTED:
      return sp_openpgp_failed (err, error, "a signature was verified");
    default:
      break;
    }
  if (keyring->is_user || gpgme_err_code (error) == GPG_ERR_UNKNOWN_ERRNO
      || sp_gpgme->err_code_to_errno (gpgme_err_code (error)) != 0)
    return sp_openpgp_failed (err, error, "a signature was verified");
  /* gpg is there, its options are ours and the machine is well: it is what the signature makes of
   * gpg. In the user's own home, it may be what the user's options do. */
  (void)sp_gpgme->strerror_r (error, words, sizeof words);
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                       "gpg cannot read the signature: %s", words);
}

static int
keep_signer (const char *fingerprint, char **ret_signer, sigpolicy_error **err)
{
  if (!fingerprint)
    return 0;
  *ret_signer = sp_strdup (fingerprint, err);
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

bool
sp_keyring_has (const struct sp_keyring *keyring, const char *fingerprint)
{
  return is_listed (&keyring->primaries, fingerprint)
         || is_listed (&keyring->fingerprints, fingerprint);
}

/* A subkey of two keys is the signature of neither: gpg says one of them, and the containers image
 * library gives up. gpg is asked again where there may be two. */
static int
refuse_shared (struct sp_keyring *keyring, const char *fingerprint, sigpolicy_error **err)
{
  gpgme_key_t key = NULL;
  size_t count = keyring->newest == INT64_MAX ? 2 : 0;

  for (size_t i = 0; i < keyring->subkeys.len; i++)
    count += strcmp (keyring->subkeys.items[i], fingerprint) == 0;
  if (count < 2 || is_listed (&keyring->fingerprints, fingerprint))
    return 0;
  gpgme_error_t error = sp_gpgme->get_key (keyring->context, fingerprint, &key, 0);
  sp_gpgme->key_unref (key);
  if (gpgme_err_code (error) == GPG_ERR_AMBIGUOUS_NAME)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                         "signature by key %s is not accepted: it is a subkey of more than one key",
                         fingerprint);
  return error ? sp_openpgp_failed (err, error, "a key was looked up") : 0;
}

/* The primary key of the one good signature, which must be one of those given. Borrowed. */
static int
find_owner (struct sp_keyring *keyring, const char *fingerprint, const char **ret,
            sigpolicy_error **err)
{
  const struct sp_valid_sig *valid = &keyring->valid;

  if (valid->count != 1 || strcmp (valid->key, fingerprint) != 0 || !valid->primary[0])
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                         "Invalid GPG signature: gpg does not tell whose key %s is", fingerprint);
  if (!keyring->is_user && !is_listed (&keyring->fingerprints, valid->primary))
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                         "signature by key %s is not accepted", fingerprint);
  *ret = valid->primary;
  return keyring->is_user ? 0 : refuse_shared (keyring, fingerprint, err);
}

/* The keys, where this is for us to say without gpg. */
static struct sp_plain_keys *
find_plain (struct sp_keyring *keyring)
{
  struct sp_openpgp *engine = keyring->engine;

  if (keyring->is_user || engine->gpg_alone)
    return NULL;
  if (!engine->knows_host)
    engine->host_is_plain = sp_plain_host ("");
  engine->knows_host = true;
  if (!keyring->is_plain_known && engine->host_is_plain)
    {
      keyring->plain = sp_plain_keys_new (keyring->sources, keyring->n_sources);
      keyring->is_plain_known = true;
    }
  return keyring->plain;
}

/* The keys, for gpg; there is one at least. */
static int
need_keys (struct sp_keyring *keyring, sp_time now, sigpolicy_error **err)
{
  int rc = sp_keyring_import (keyring, now, err);
  if (rc == 0 && !keyring->is_user && !keyring->fingerprints.len)
    rc = sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                       "No public keys imported");
  return rc;
}

/* What gpg says: one good signature, by a key that was given. *ret_hash is GPGME's number of its
 * hash.
 */
static int
verify_by_gpg (struct sp_keyring *keyring, struct sp_view message, sp_time now,
               struct sp_openpgp_signature *ret, int *ret_hash, char **ret_signer,
               sigpolicy_error **err)
{
  cleanup_buf struct sp_buf output = SP_BUF (SP_SIGNED_TEXT_BYTES_MAX);
  cleanup_free char *fingerprint = NULL, *primary = NULL;
  const char *owner = NULL;
  int count = 0;

  int rc = need_keys (keyring, now, err);
  if (rc == 0)
    rc = run (keyring, message, &now, &output, err);
  if (rc < 0)
    return rc;

  gpgme_verify_result_t result = sp_gpgme->op_verify_result (keyring->context);
  for (gpgme_signature_t one = result ? result->signatures : NULL; one; one = one->next)
    count++;
  if (count != 1)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                         "Unexpected GPG signature count %d", count);
  const struct _gpgme_signature *signature = result->signatures;
  rc = keep_signer (signature->fpr, ret_signer, err);
  if (rc == 0)
    rc = judge (signature, err);
  if (rc < 0)
    return rc;
  fingerprint = sp_strdup (signature->fpr, err);
  bool weak = signature->hash_algo == GPGME_MD_SHA1 || signature->hash_algo == GPGME_MD_MD5
              || signature->hash_algo == GPGME_MD_RMD160
              || (signature->fpr && is_listed (&keyring->short_rsa, signature->fpr));
  if (!fingerprint)
    return SIGPOLICY_E_NO_MEMORY;
  rc = find_owner (keyring, fingerprint, &owner, err);
  if (rc < 0)
    return rc;
  primary = sp_strdup (owner, err);
  if (!primary)
    return SIGPOLICY_E_NO_MEMORY;

  *ret_hash = (int)signature->hash_algo;
  ret->content.bytes = output;
  output = (struct sp_buf)SP_BUF (0);
  ret->fingerprint = steal (&fingerprint);
  ret->primary = steal (&primary);
  ret->made = (sp_time)signature->timestamp;
  ret->weak = weak;
  return 0;
}

int
sp_keyring_verify (struct sp_keyring *keyring, struct sp_view message, sp_time now,
                   struct sp_openpgp_signature *ret, char **ret_signer, sigpolicy_error **err)
{
  struct sp_plain_keys *plain = NULL;
  int hash;

  int rc = check_form (message, err);
  if (rc == 0 && (plain = find_plain (keyring)) && sp_plain_verify (plain, message, now, ret))
    return keep_signer (ret->fingerprint, ret_signer, err);
  bool nested = rc == 0 && is_nested (message);
  /* What is wrong with the keys is said first: without them nobody accepts it. */
  if (nested)
    rc = need_keys (keyring, now, err);
  if (rc == 0 && nested)
    rc = sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                       "the signature has compressed packets in a compressed packet, or more than "
                       "%u packets",
                       SP_SIGNATURE_PACKETS_MAX);
  return rc < 0 ? rc : verify_by_gpg (keyring, message, now, ret, &hash, ret_signer, err);
}

int
sp_keyring_verify_text (struct sp_keyring *keyring, struct sp_view message, sp_time now,
                        struct sp_openpgp_signature *ret, char **ret_signer, sigpolicy_error **err)
{
  SP_CLEANUP (sp_openpgp_signature_clear)
  struct sp_openpgp_signature signature = { .content = { .bytes = SP_BUF (0) } };
  int hash = GPGME_MD_NONE;

  if (message.len > SP_SIGNED_TEXT_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "the clear-signed text has more than %lu bytes", SP_SIGNED_TEXT_BYTES_MAX);
  int rc = sp_clear_text_check (message, err);
  if (rc == 0)
    rc = verify_by_gpg (keyring, message, now, &signature, &hash, ret_signer, err);
  if (rc < 0)
    return rc;
  if (signature.weak
      || (hash != GPGME_MD_SHA256 && hash != GPGME_MD_SHA384 && hash != GPGME_MD_SHA512))
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                         "the signature by %s uses a weak algorithm", signature.fingerprint);
  *ret = signature;
  signature = (struct sp_openpgp_signature){ .content = { .bytes = SP_BUF (0) } };
  return 0;
}

bool
sp_openpgp_is_detached (struct sp_view message)
{
  struct sp_packets packets = sp_packets_scan (message);
  return packets.kind == SP_PACKETS_MESSAGE && packets.first_tag == SP_TAG_SIGNATURE
         && packets.count == 1;
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
  int rc = sp_openpgp_new (&engine, err);
  if (rc == 0)
    rc = sp_openpgp_keyring (engine, NULL, 0, &nobody, err);
  if (rc == 0)
    rc = sp_keyring_import (nobody, 0, err);
  if (rc == 0)
    rc = run (nobody, message, NULL, ret_content, err);
  if (rc < 0)
    return rc;
  gpgme_verify_result_t result = sp_gpgme->op_verify_result (nobody->context);
  if (!result || !result->signatures)
    return bad (err, SIGPOLICY_REASON_BAD_SIGNATURE, "The input is not a signature");
  rc = keep_signer (result->signatures->fpr, &signer, err);
  if (rc < 0)
    return rc;
  /* The key ID is the end of a fingerprint. */
  size_t length = signer ? strlen (signer) : 0;
  *ret_key_id = sp_strdup (length < 16 ? "" : signer + length - 16, err);
  return *ret_key_id ? 0 : SIGPOLICY_E_NO_MEMORY;
}
