/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "explain/explain.h"
#include "util/codec.h"
#include "util/limits.h"
#include "verify/claim.h"

int
sigpolicy_signatures_list (sigpolicy_context *context, const sigpolicy_request *request,
                           sigpolicy_format format, unsigned flags, char **ret_text,
                           size_t *ret_count, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  char *text = NULL;
  size_t count = 0;
  if (!context || !request || !ret_text)
    return sp_api_done (err, &mine, sp_api_misuse ("context, request or ret_text", &mine));
  text = sp_explain_signatures (&context->host, sp_api_request_const (request), format, flags,
                                &count, &mine);
  if (!text)
    return sp_api_done (err, &mine, sigpolicy_error_code (mine));
  *ret_text = text;
  if (ret_count)
    *ret_count = count;
  return SIGPOLICY_OK;
}

/* The keyring of the given keys, or the user's. */
static int
find_keyring (struct sp_host *host, struct sp_view public_keys, struct sp_keyring **ret,
              sigpolicy_error **err)
{
  struct sp_openpgp *openpgp = NULL;
  struct sp_key_material material = { "the key file", public_keys };

  int rc = sp_host_openpgp (host, &openpgp, err);
  if (rc < 0)
    return rc;
  return public_keys.data ? sp_openpgp_keyring (openpgp, &material, 1, ret, err)
                          : sp_openpgp_user_keyring (openpgp, ret, err);
}

/* Which of the fingerprints signed: the subkey is asked for first, then its primary key. */
static const char *
accepted_fingerprint (const struct sp_openpgp_signature *signature, const char *const *fingerprints)
{
  for (size_t i = 0; fingerprints[i]; i++)
    if (strcmp (fingerprints[i], signature->fingerprint) == 0)
      return fingerprints[i];
  for (size_t i = 0; fingerprints[i]; i++)
    if (strcmp (fingerprints[i], signature->primary) == 0)
      return fingerprints[i];
  return NULL;
}

/* The payload against what is expected: the digest first, then the reference, both normalised
 * without a default tag. */
static int
hold_payload (const struct sp_untrusted_payload *payload, struct sp_view manifest,
              const struct sp_reference *expected, const char *reference, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *claimed = NULL;
  cleanup_error sigpolicy_error *ignored = NULL;
  struct sp_view text = sp_view_n (payload->reference, payload->reference_len);
  bool matches = false;

  int rc = sp_manifest_matches (manifest, sp_view_str (payload->digest), &matches, err);
  if (rc < 0)
    return rc;
  if (!matches)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_DIGEST_MISMATCH,
                         "Signature for docker digest \"%s\" does not match", payload->digest);
  cleanup_free char *shown = sp_quote_dup (text, err);
  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  if (sp_reference_parse (text, &claimed, &ignored) < 0)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_IDENTITY_MISMATCH,
                         "Invalid docker reference %s in signature", shown);
  if (strcmp (claimed->string, expected->string) != 0)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_IDENTITY_MISMATCH,
                         "Docker reference %s does not match \"%s\"", shown, reference);
  return 0;
}

static int
verify (struct sp_host *host, struct sp_view manifest, const char *reference,
        const char *const *fingerprints, struct sp_view message, struct sp_view public_keys,
        char **ret_fingerprint, char **ret_digest, sigpolicy_error **err)
{
  SP_CLEANUP (sp_openpgp_signature_clear) struct sp_openpgp_signature signature = { 0 };
  cleanup_payload struct sp_untrusted_payload payload = { 0 };
  cleanup_reference struct sp_reference *expected = NULL;
  cleanup_free char *signer = NULL, *fingerprint = NULL, *digest = NULL;
  struct sp_keyring *keyring = NULL;

  int rc = sp_reference_parse (sp_view_str (reference), &expected, err);
  if (rc == 0)
    rc = find_keyring (host, public_keys, &keyring, err);
  if (rc == 0)
    rc = sp_keyring_verify (keyring, message, &signature, &signer, err);
  if (rc < 0)
    return rc;
  const char *accepted = accepted_fingerprint (&signature, fingerprints);
  if (!accepted)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                         "signature by key %s of %s is not accepted", signature.fingerprint,
                         signature.primary);
  rc = sp_payload_parse (sp_buf_view (&signature.content.bytes), SP_PAYLOAD_SIMPLE_SIGNING,
                         &payload, err);
  if (rc == 0)
    rc = hold_payload (&payload, manifest, expected, reference, err);
  if (rc < 0)
    return rc;
  fingerprint = sp_strdup (accepted, err);
  digest = fingerprint ? sp_strdup (payload.digest, err) : NULL;
  if (!digest)
    return SIGPOLICY_E_NO_MEMORY;
  *ret_fingerprint = steal (&fingerprint);
  *ret_digest = steal (&digest);
  return 0;
}

int
sigpolicy_signature_verify (sigpolicy_context *context, const void *manifest, size_t manifest_size,
                            const char *reference, const char *const *fingerprints,
                            const void *signature, size_t signature_size, const void *public_keys,
                            size_t public_keys_size, char **ret_fingerprint, char **ret_digest,
                            sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc
      = context && (manifest || !manifest_size) && reference && fingerprints
                && (signature || !signature_size) && ret_fingerprint && ret_digest
            ? verify (&context->host, sp_view_n (manifest, manifest_size), reference, fingerprints,
                      sp_view_n (signature, signature_size),
                      sp_view_n (public_keys, public_keys_size), ret_fingerprint, ret_digest, &mine)
            : sp_api_misuse ("an argument", &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_fingerprints (sigpolicy_context *context, const void *public_keys, size_t size,
                        char ***ret_fingerprints, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  struct sp_keyring *keyring = NULL;
  if (!context || !public_keys || !ret_fingerprints)
    return sp_api_done (err, &mine,
                        sp_api_misuse ("context, public_keys or ret_fingerprints", &mine));
  int rc = find_keyring (&context->host, sp_view_n (public_keys, size), &keyring, &mine);
  if (rc < 0)
    return sp_api_done (err, &mine, rc);

  const struct sp_strv *found = sp_keyring_fingerprints (keyring);
  char **list = sp_calloc (found->len + 1, sizeof *list, &mine);
  for (size_t i = 0; list && i < found->len; i++)
    {
      list[i] = sp_strdup (found->items[i], &mine);
      if (!list[i])
        {
          sigpolicy_fingerprints_free (list);
          list = NULL;
        }
    }
  if (!list)
    return sp_api_done (err, &mine, SIGPOLICY_E_NO_MEMORY);
  *ret_fingerprints = list;
  return SIGPOLICY_OK;
}

void
sigpolicy_fingerprints_free (char **fingerprints)
{
  if (!fingerprints)
    return;
  for (size_t i = 0; fingerprints[i]; i++)
    free (fingerprints[i]);
  free (fingerprints);
}

/* The public struct borrows from what stands behind it. */
struct untrusted
{
  sigpolicy_untrusted claims;
  struct sp_untrusted_payload payload;
  char *key_id;
};

void
sigpolicy_untrusted_free (sigpolicy_untrusted *claims)
{
  struct untrusted *whole = (struct untrusted *)claims;
  if (!whole)
    return;
  sp_payload_clear (&whole->payload);
  free (whole->key_id);
  free (whole);
}

static void
untrusted_free (struct untrusted *whole)
{
  sigpolicy_untrusted_free (&whole->claims);
}

SP_DEFINE_CLEANUP (struct untrusted *, untrusted_free);

static int
dump_untrusted (struct sp_view message, sigpolicy_untrusted **ret, sigpolicy_error **err)
{
  SP_CLEANUP (untrusted_free_p) struct untrusted *whole = sp_calloc (1, sizeof *whole, err);
  cleanup_buf struct sp_buf content = SP_BUF (SP_SIGNED_TEXT_BYTES_MAX);

  if (!whole)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_openpgp_untrusted_content (message, &content, &whole->key_id, err);
  if (rc == 0)
    rc = sp_payload_parse (sp_buf_view (&content), SP_PAYLOAD_SIMPLE_SIGNING, &whole->payload, err);
  if (rc < 0)
    return rc;
  whole->claims = (sigpolicy_untrusted){
    .digest = whole->payload.digest,
    .reference = whole->payload.reference,
    .reference_size = whole->payload.reference_len,
    .creator = whole->payload.creator,
    .creator_size = whole->payload.creator_len,
    .has_timestamp = whole->payload.has_timestamp,
    .timestamp = whole->payload.timestamp,
    .key_id = whole->key_id,
  };
  *ret = &steal (&whole)->claims;
  return 0;
}

int
sigpolicy_signature_dump_untrusted (const void *signature, size_t size,
                                    sigpolicy_untrusted **ret_claims, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = (signature || !size) && ret_claims
               ? dump_untrusted (sp_view_n (signature, size), ret_claims, &mine)
               : sp_api_misuse ("signature or ret_claims", &mine);
  return sp_api_done (err, &mine, rc);
}

static int
sign (struct sp_view manifest, const char *reference, const char *key, const char *passphrase,
      const char *creator, int64_t timestamp, void **ret_signature, size_t *ret_size,
      sigpolicy_error **err)
{
  cleanup_free char *payload = NULL;
  cleanup_buf struct sp_buf message = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  char digest[SP_SHA256_TEXT_SIZE];

  int rc = sp_manifest_digest (manifest, digest, err);
  if (rc < 0)
    return rc;
  payload = sp_payload_write (digest, reference, creator, timestamp, err);
  if (!payload)
    return sigpolicy_error_code (*err);
  rc = sp_openpgp_sign (key, passphrase, sp_view_str (payload), &message, err);
  if (rc < 0)
    return rc;
  size_t size = message.len;
  char *bytes = sp_buf_steal (&message, err);
  if (!bytes)
    return SIGPOLICY_E_NO_MEMORY;
  *ret_signature = bytes;
  *ret_size = size;
  return 0;
}

int
sigpolicy_signature_sign (const void *manifest, size_t manifest_size, const char *reference,
                          const char *key, const char *passphrase, const char *creator,
                          int64_t timestamp, void **ret_signature, size_t *ret_size,
                          sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = (manifest || !manifest_size) && reference && key && creator && ret_signature && ret_size
               ? sign (sp_view_n (manifest, manifest_size), reference, key, passphrase, creator,
                       timestamp, ret_signature, ret_size, &mine)
               : sp_api_misuse ("an argument", &mine);
  return sp_api_done (err, &mine, rc);
}
