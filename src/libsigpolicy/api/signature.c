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
  cleanup_stored_signatures struct sp_stored_signatures signatures = { 0 };
  if (!sp_api_is_ready (context) || !request || !ret_text)
    return sp_api_done (err, &mine,
                        sp_api_misuse_of (context, "context, request or ret_text", &mine));
  int rc = sp_stored_signatures_gather (&context->inner, sp_api_request_const (request),
                                        &signatures, &mine);
  char *text = rc == 0 ? sp_explain_signatures (&signatures, format, flags, &mine) : NULL;
  if (!text)
    return sp_api_done (err, &mine, sigpolicy_error_code (mine));
  *ret_text = text;
  if (ret_count)
    *ret_count = signatures.len;
  return SIGPOLICY_OK;
}

/* The keyring of the given keys, or the user's. */
static int
find_keyring (struct sp_context *context, struct sp_view public_keys, struct sp_keyring **ret,
              sigpolicy_error **err)
{
  struct sp_trust_cache *cache = NULL;
  struct sp_key_material material = { "the key file", public_keys };

  int rc = sp_context_trust (context, &cache, err);
  if (rc < 0)
    return rc;
  struct sp_openpgp *openpgp = sp_trust_cache_openpgp (cache);
  return public_keys.data ? sp_openpgp_keyring (openpgp, &material, 1, ret, err)
                          : sp_openpgp_user_keyring (openpgp, ret, err);
}

/* The claim against what is expected: the digest first, then the reference, both normalised
 * without a default tag. */
static int
hold_claim (const struct sp_claim *claim, struct sp_view manifest,
            const struct sp_reference *expected, const char *reference, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *claimed = NULL;
  cleanup_error sigpolicy_error *ignored = NULL;
  struct sp_view text = sp_view_n (claim->reference, claim->reference_len);
  bool matches = false;

  int rc = sp_manifest_matches (manifest, sp_view_str (claim->digest), &matches, err);
  if (rc < 0)
    return rc;
  if (!matches)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_DIGEST_MISMATCH,
                         "Signature for docker digest \"%s\" does not match", claim->digest);
  rc = sp_manifest_refuse_schema1 (manifest, err);
  if (rc < 0)
    return rc;
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

struct sigpolicy_signature_verifier
{
  struct sp_buf manifest, public_keys;
  bool has_manifest, has_public_keys;
  char *reference;
  struct sp_strv fingerprints;
};

int
sigpolicy_signature_verifier_new (sigpolicy_signature_verifier **ret_verifier,
                                  sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!ret_verifier)
    return sp_api_done (err, &mine, sp_api_misuse ("ret_verifier", &mine));
  sigpolicy_signature_verifier *verifier = sp_calloc (1, sizeof *verifier, &mine);
  if (!verifier)
    return sp_api_done (err, &mine, SIGPOLICY_E_NO_MEMORY);
  verifier->manifest = (struct sp_buf)SP_BUF (SIZE_MAX / 2);
  verifier->public_keys = (struct sp_buf)SP_BUF (SIZE_MAX / 2);
  *ret_verifier = verifier;
  return SIGPOLICY_OK;
}

void
sigpolicy_signature_verifier_free (sigpolicy_signature_verifier *verifier)
{
  if (!verifier)
    return;
  sp_buf_clear (&verifier->manifest);
  sp_buf_clear (&verifier->public_keys);
  free (verifier->reference);
  sp_strv_clear (&verifier->fingerprints);
  free (verifier);
}

/* A copy, in place of what was there. */
static int
copy_bytes (struct sp_buf *to, bool *ret_has, const void *bytes, size_t size, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = to && (bytes || !size) ? 0 : sp_api_misuse ("verifier or bytes", &mine);
  if (rc == 0)
    {
      struct sp_buf copy = SP_BUF (SIZE_MAX / 2);
      sp_buf_add (&copy, sp_view_n (bytes ? bytes : "", size));
      rc = sp_buf_check (&copy, &mine);
      if (rc < 0)
        sp_buf_clear (&copy);
      else
        {
          sp_buf_clear (to);
          *to = copy;
          *ret_has = true;
        }
    }
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_signature_verifier_set_manifest (sigpolicy_signature_verifier *verifier,
                                           const void *bytes, size_t size, sigpolicy_error **err)
{
  return copy_bytes (verifier ? &verifier->manifest : NULL,
                     verifier ? &verifier->has_manifest : NULL, bytes, size, err);
}

int
sigpolicy_signature_verifier_set_public_keys (sigpolicy_signature_verifier *verifier,
                                              const void *bytes, size_t size, sigpolicy_error **err)
{
  return copy_bytes (verifier ? &verifier->public_keys : NULL,
                     verifier ? &verifier->has_public_keys : NULL, bytes, size, err);
}

int
sigpolicy_signature_verifier_set_reference (sigpolicy_signature_verifier *verifier,
                                            const char *reference, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = verifier && reference ? sp_keep (&verifier->reference, reference, &mine)
                                 : sp_api_misuse ("verifier or reference", &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_signature_verifier_add_fingerprint (sigpolicy_signature_verifier *verifier,
                                              const char *fingerprint, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = verifier && fingerprint
               ? sp_strv_add (&verifier->fingerprints, sp_view_str (fingerprint), &mine)
               : sp_api_misuse ("verifier or fingerprint", &mine);
  return sp_api_done (err, &mine, rc);
}

static int
verify (struct sp_context *context, const sigpolicy_signature_verifier *verifier,
        struct sp_view message, char **ret_fingerprint, char **ret_digest, sigpolicy_error **err)
{
  cleanup_claim struct sp_claim claim = { 0 };
  cleanup_reference struct sp_reference *expected = NULL;
  cleanup_free char *signer = NULL;
  cleanup_free const char **fingerprints
      = sp_calloc (verifier->fingerprints.len + 1, sizeof *fingerprints, err);
  struct sp_view keys
      = verifier->has_public_keys ? sp_buf_view (&verifier->public_keys) : sp_view_n (NULL, 0);
  struct sp_trust trust = { .fingerprints = fingerprints };
  enum sp_verify_stage stage = SP_STAGE_KEYS;

  if (!fingerprints)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; i < verifier->fingerprints.len; i++)
    fingerprints[i] = verifier->fingerprints.items[i];
  int rc = sp_reference_parse (sp_view_str (verifier->reference), &expected, err);
  if (rc == 0)
    rc = find_keyring (context, keys, &trust.keyring, err);
  if (rc == 0)
    rc = sp_simple_signing_verify (message, &trust, sp_context_now (context), &claim, &stage,
                                   &signer, err);
  if (rc == 0)
    rc = hold_claim (&claim, sp_buf_view (&verifier->manifest), expected, verifier->reference, err);
  if (rc < 0)
    return rc;
  *ret_fingerprint = steal (&claim.key);
  *ret_digest = steal (&claim.digest);
  return 0;
}

int
sigpolicy_signature_verify (sigpolicy_context *context,
                            const sigpolicy_signature_verifier *verifier, const void *signature,
                            size_t size, char **ret_fingerprint, char **ret_digest,
                            sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  bool is_whole = verifier && verifier->has_manifest && verifier->reference
                  && verifier->fingerprints.len && (signature || !size) && ret_fingerprint
                  && ret_digest;
  int rc = sp_api_is_ready (context) && is_whole
               ? verify (&context->inner, verifier, sp_view_n (signature ? signature : "", size),
                         ret_fingerprint, ret_digest, &mine)
               : sp_api_misuse_of (context, "an argument, or what the verifier needs,", &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_fingerprints (sigpolicy_context *context, const void *public_keys, size_t size,
                        char ***ret_fingerprints, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  struct sp_keyring *keyring = NULL;
  if (!sp_api_is_ready (context) || !public_keys || !ret_fingerprints)
    return sp_api_done (
        err, &mine, sp_api_misuse_of (context, "context, public_keys or ret_fingerprints", &mine));
  const struct sp_strv *found = NULL;
  int rc = find_keyring (&context->inner, sp_view_n (public_keys, size), &keyring, &mine);
  if (rc == 0)
    rc = sp_keyring_fingerprints (keyring, sp_context_now (&context->inner), &found, &mine);
  if (rc < 0)
    return sp_api_done (err, &mine, rc);

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
    rc = sp_untrusted_payload_parse (sp_buf_view (&content), SP_PAYLOAD_SIMPLE_SIGNING,
                                     &whole->payload, err);
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
  if (rc == 0)
    rc = sp_manifest_refuse_schema1 (manifest, err);
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
