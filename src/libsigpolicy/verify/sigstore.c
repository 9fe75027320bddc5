/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/sigstore_int.h"

#include "util/codec.h"
#include "util/limits.h"
#include "verify/certificate_signer.h"
#include "verify/rekor.h"

#define ED25519_SIGNATURE_BYTES 64

int
sp_sigstore_annotation (const struct sp_signature_blob *blob, const char *key,
                        sigpolicy_reason reason, struct sp_view *ret, sigpolicy_error **err)
{
  if (sp_signature_blob_annotation (blob, key, ret))
    return 0;
  return sp_error_set (err, SIGPOLICY_E_REJECTED, reason, "missing %s annotation", key);
}

/* A verifier is made of every key before one of them is tried, so a key that verifies nothing
 * spoils the others. */
static int
check_kinds (struct sp_public_key *const *keys, size_t n_keys, sigpolicy_error **err)
{
  for (size_t i = 0; i < n_keys; i++)
    switch (sp_public_key_kind (keys[i]))
      {
      case SP_KEY_ECDSA:
      case SP_KEY_RSA:
      case SP_KEY_ED25519:
        break;
      case SP_KEY_DSA:
      case SP_KEY_X25519:
      case SP_KEY_UNKNOWN:
        return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_UNUSABLE,
                             "unsupported public key type");
      }
  return 0;
}

/* The failures of several keys in one. */
struct failures
{
  struct sp_buf text;
  size_t count;
  sigpolicy_reason reason; /* of the one that came furthest */
};

#define FAILURES                                                                   \
  {                                                                                \
    .text = SP_BUF (SP_OUTPUT_BYTES_MAX), .reason = SIGPOLICY_REASON_BAD_SIGNATURE \
  }

static void
failures_clear (struct failures *failures)
{
  sp_buf_clear (&failures->text);
}

static void
failures_add (struct failures *failures, const sigpolicy_error *failure, bool further)
{
  sp_buf_str (&failures->text, failures->count++ ? ", " : "");
  sp_buf_str (&failures->text, sigpolicy_error_message (failure));
  if (further || failures->count == 1)
    failures->reason = sigpolicy_error_reason (failure);
}

static int
failures_report (const struct failures *failures, const char *prefix, sigpolicy_error **err)
{
  int rc = sp_buf_check (&failures->text, err);
  return rc < 0 ? rc
                : sp_error_set (err, SIGPOLICY_E_REJECTED, failures->reason, "%s: %s", prefix,
                                failures->text.data);
}

/*
 * The key of the policy that the log recorded for this signature. Each is asked in order, and a
 * kind of key that cannot be written as the log would have it ends the search.
 */
static int
find_logged_key (const struct sp_signature_blob *blob, const struct sp_trust *trust,
                 struct sp_view signature, struct sp_public_key **ret, sp_time *ret_logged,
                 sigpolicy_error **err)
{
  cleanup_rekor_entry struct sp_rekor_entry entry = { 0 };
  cleanup_error sigpolicy_error *unopened = NULL;
  SP_CLEANUP (failures_clear) struct failures failures = FAILURES;
  struct sp_view set;

  int rc
      = sp_sigstore_annotation (blob, SP_ANNOTATION_BUNDLE, SIGPOLICY_REASON_NOT_IN_LOG, &set, err);
  if (rc < 0)
    return rc;
  if (sp_rekor_open (set, trust->rekor_keys, trust->n_rekor_keys, &entry, &unopened)
      == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  for (size_t i = 0; i < trust->n_keys; i++)
    {
      cleanup_error sigpolicy_error *failure = NULL;
      const struct sp_rekor_signer signer = { .spki = sp_public_key_spki (trust->keys[i]) };
      if (!signer.spki.len)
        return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                             "re-marshaling public key to PEM: x509: unsupported public key type: "
                             "*dsa.PublicKey");
      rc = unopened ? sp_error_copy (unopened, &failure)
                    : sp_rekor_match (&entry, &signer, signature, sp_buf_view (&blob->payload),
                                      &failure);
      if (rc == 0)
        {
          *ret = trust->keys[i];
          *ret_logged = entry.time;
          return 0;
        }
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      failures_add (&failures, failure,
                    sigpolicy_error_reason (failure) != SIGPOLICY_REASON_KEY_NOT_TRUSTED);
    }
  return failures_report (&failures, "No public key verified against the RekorSET", err);
}

/* cosign 3 signs with the digest of the key's curve, and with Ed25519ph, which OpenSSL 3.0 cannot
 * verify. Neither is ever accepted. */
static int
hint_at_cosign (const struct sp_public_key *key, struct sp_view payload, struct sp_view signature,
                sigpolicy_error **err)
{
  const char *digest = sp_public_key_other_digest (key, payload, signature);

  if (digest)
    return sp_error_hint (
        err,
        "the right key signed, but with the hash %s, as cosign 3 does with such a key; "
        "sigstoreSigned accepts only SHA-256: sign with the same key with skopeo or podman "
        "(--sign-by-sigstore-private-key), or with cosign and a P-256 or RSA key",
        digest);
  if (sp_public_key_kind (key) == SP_KEY_ED25519 && signature.len == ED25519_SIGNATURE_BYTES)
    return sp_error_hint (
        err, "with an Ed25519 key cosign 3 makes Ed25519ph signatures, which sigstoreSigned does "
             "not accept: sign with the same key with skopeo or podman "
             "(--sign-by-sigstore-private-key), or with cosign and a P-256 or RSA key");
  return sigpolicy_error_code (*err);
}

/* Any one of the keys. */
static int
verify_by_any (struct sp_public_key *const *keys, size_t n_keys, struct sp_view payload,
               struct sp_view signature, const struct sp_public_key **ret_key, bool *ret_raw,
               sigpolicy_error **err)
{
  SP_CLEANUP (failures_clear) struct failures failures = FAILURES;

  for (size_t i = 0; i < n_keys; i++)
    {
      cleanup_error sigpolicy_error *failure = NULL;
      int rc = sp_public_key_verify (keys[i], payload, signature, ret_raw, &failure);
      if (rc == 0)
        {
          *ret_key = keys[i];
          return 0;
        }
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      failures_add (&failures, failure,
                    sigpolicy_error_reason (failure) == SIGPOLICY_REASON_KEY_NOT_TRUSTED);
    }
  /* What has the form of a signature may be one by a key of another kind. */
  if (failures.count && failures.reason == SIGPOLICY_REASON_BAD_SIGNATURE
      && (sp_signature_may_be_of (SP_KEY_ECDSA, signature)
          || sp_signature_may_be_of (SP_KEY_RSA, signature)
          || sp_signature_may_be_of (SP_KEY_ED25519, signature)))
    failures.reason = SIGPOLICY_REASON_KEY_NOT_TRUSTED;
  int rc = failures_report (&failures, "cryptographic signature verification failed", err);
  for (size_t i = 0; i < n_keys && !sigpolicy_error_hint (*err); i++)
    rc = hint_at_cosign (keys[i], payload, signature, err);
  return rc;
}

/* What may have made a signature: keys of the policy, or the key of a certificate. */
struct candidates
{
  struct sp_public_key *const *keys;
  size_t len;
  struct sp_public_key *one; /* the only one, where a log or certificate told which */
  struct sp_signer_certificates certificates;
};

static void
candidates_clear (struct candidates *candidates)
{
  sp_signer_certificates_clear (&candidates->certificates);
}

static int
find_candidates (const struct sp_signature_blob *blob, const struct sp_requirement *requirement,
                 const struct sp_trust *trust, sp_time now, struct sp_view signature,
                 struct candidates *ret, struct sp_claim *claim, enum sp_verify_stage *stage,
                 sigpolicy_error **err)
{
  int rc;
  if (requirement->fulcio)
    rc = sp_fulcio_check (blob, requirement->fulcio, trust, signature, &ret->certificates, claim,
                          stage, err);
  else if (requirement->pki)
    rc = sp_pki_check (blob, requirement->pki, trust, now, &ret->certificates, claim, stage, err);
  else if (trust->n_rekor_keys)
    {
      rc = find_logged_key (blob, trust, signature, &ret->one, &claim->logged, err);
      claim->is_logged = rc == 0;
    }
  else
    {
      ret->keys = trust->keys;
      ret->len = trust->n_keys;
      return 0;
    }
  if (rc < 0)
    return rc;
  if (requirement->fulcio || requirement->pki)
    ret->one = ret->certificates.leaf.items[0]->key;
  ret->keys = &ret->one;
  ret->len = 1;
  return 0;
}

static int
verify_signature (const struct candidates *candidates, struct sp_view payload, struct sp_view text,
                  struct sp_claim *claim, struct sp_verified_bytes *ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf signature = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  const struct sp_public_key *key = NULL;
  bool raw = false;

  int rc = sp_base64_decode (text, &signature, err);
  if (rc < 0)
    return sp_error_prefix (err, "base64 decoding");
  rc = check_kinds (candidates->keys, candidates->len, err);
  if (rc == 0)
    rc = verify_by_any (candidates->keys, candidates->len, payload, sp_buf_view (&signature), &key,
                        &raw, err);
  if (rc < 0)
    return rc;
  claim->weak = raw || sp_public_key_is_weak (key);
  claim->key = sp_strdup (sp_public_key_fingerprint (key), err);
  if (!claim->key)
    return SIGPOLICY_E_NO_MEMORY;
  sp_buf_add (&ret->bytes, payload);
  return sp_buf_check (&ret->bytes, err);
}

/* Only we refuse the path to the signer's certificate: unless its key has not made the signature,
 * or none that can be used. */
static int
also_refused (struct candidates *candidates, struct sp_view payload, struct sp_view signature,
              int rc, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *failure = NULL;
  cleanup_claim struct sp_claim ignored = { 0 };
  cleanup_verified struct sp_verified_bytes content = SP_VERIFIED_BYTES (payload.len);

  candidates->one = candidates->certificates.leaf.items[0]->key;
  candidates->keys = &candidates->one;
  candidates->len = 1;
  int next = verify_signature (candidates, payload, signature, &ignored, &content, &failure);
  return sp_signer_join (rc, err, next, &failure);
}

int
sp_sigstore_verify (const struct sp_signature_blob *blob, const struct sp_requirement *requirement,
                    const struct sp_trust *trust, sp_time now, struct sp_claim *ret,
                    enum sp_verify_stage *ret_stage, sigpolicy_error **err)
{
  SP_CLEANUP (candidates_clear) struct candidates candidates = { 0 };
  struct sp_view bytes = sp_buf_view (&blob->payload), signature;
  cleanup_verified struct sp_verified_bytes content = SP_VERIFIED_BYTES (bytes.len);

  *ret_stage = SP_STAGE_SIGNATURE;
  int rc = sp_sigstore_annotation (blob, SP_ANNOTATION_SIGNATURE, SIGPOLICY_REASON_BAD_SIGNATURE,
                                   &signature, err);
  if (rc == 0)
    rc = find_candidates (blob, requirement, trust, now, signature, &candidates, ret, ret_stage,
                          err);
  if (rc < 0 && candidates.certificates.leaf.len == 1 && sp_error_stricter_id (*err))
    return also_refused (&candidates, bytes, signature, rc, err);
  if (rc == 0)
    rc = verify_signature (&candidates, bytes, signature, ret, &content, err);
  if (rc < 0)
    return rc;

  *ret_stage = SP_STAGE_PAYLOAD;
  return sp_claim_read (&content, SP_PAYLOAD_SIGSTORE, ret, err);
}
