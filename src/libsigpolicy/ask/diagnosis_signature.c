/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/diagnosis_signer.h"

#include "verify/sigstore.h"

/* A signature that has run out, was withdrawn, or is broken. */

/* The policy's key that signed, in facts, and the file that it is in; NULL where it is not found.
 */
static int
find_signer (const struct sp_diagnosis *it, struct sp_key_facts_list *facts,
             const struct sp_primary_key **ret_primary, const struct sp_key_fact **ret_key,
             const char **ret_label, sigpolicy_error **err)
{
  const struct sp_requirement *requirement = it->requirement->requirement;
  cleanup_key_files struct sp_key_files files = { 0 };

  if (!it->signature->key)
    return 0;
  int rc = sp_diagnosis_read_keys (requirement, &files, err);
  for (size_t i = 0; rc == 0 && i < files.len && !*ret_primary; i++)
    {
      sp_key_facts_clear (facts);
      if (!files.views[i].data)
        continue;
      rc = sp_diagnosis_key_facts (files.views[i], facts, err);
      *ret_primary = sp_diagnosis_find_key (facts, it->signature->key, ret_key);
      *ret_label = sp_diagnosis_label (&requirement->keys.items[i]);
    }
  return rc;
}

static int
diagnose_expired_key (struct sp_diagnosis *it, sigpolicy_error **err)
{
  cleanup_key_facts struct sp_key_facts_list facts = { 0 };
  const struct sp_primary_key *primary = NULL;
  const struct sp_key_fact *key = NULL;
  const char *label = NULL;
  char stamp[SP_TIME_TEXT_SIZE];

  int rc = find_signer (it, &facts, &primary, &key, &label, err);
  if (rc < 0)
    return rc;
  sp_time ends = !primary ? 0 : key->expires ? key->expires : primary->key.expires;
  if (primary && primary->key.expires && primary->key.expires < ends)
    ends = primary->key.expires;
  if (!ends || ends > it->verdict->time)
    return sp_diagnosis_say (
        it, err,
        "the signature itself has an expiry date, which has passed: " SP_NO_HELP_HERE
        "; have the image signed again");
  sp_time_format (ends, stamp);
  rc = sp_diagnosis_say (
      it, err,
      "the key %s in %s expired at %s: if its owner has extended it, get it again, import it, and "
      "use it in the policy; otherwise have the image signed again with a key that is valid",
      primary->key.fingerprint, label, stamp);
  return rc < 0 ? rc : sp_diagnosis_offer_export (it, primary->key.fingerprint, err);
}

static int
diagnose_expired_certificate (struct sp_diagnosis *it, sigpolicy_error **err)
{
  cleanup_signer_words struct sp_signer_words signer = { 0 };
  char begins[SP_TIME_TEXT_SIZE], ends[SP_TIME_TEXT_SIZE];

  int rc = sp_sigstore_describe_signer (it->blob, &signer, err);
  if (rc < 0 || !signer.has_certificate)
    return rc;
  sp_time_format (signer.not_before, begins);
  sp_time_format (signer.not_after, ends);
  return sp_diagnosis_say (
      it, err,
      "the signer's certificate is valid from %s to %s, or a CA certificate has expired, "
      "and " SP_NO_HELP_HERE
      ": have the image signed again; a signature stays valid after its certificate expires only "
      "with Fulcio and a Rekor log (fulcio, rekorPublicKeyPath)",
      begins, ends);
}

int
sp_diagnose_expired (struct sp_diagnosis *it, sigpolicy_error **err)
{
  return it->blob->format == SP_SIGNATURE_SIMPLE_SIGNING ? diagnose_expired_key (it, err)
                                                         : diagnose_expired_certificate (it, err);
}

int
sp_diagnose_revoked (struct sp_diagnosis *it, sigpolicy_error **err)
{
  cleanup_key_facts struct sp_key_facts_list facts = { 0 };
  const struct sp_primary_key *primary = NULL;
  const struct sp_key_fact *key = NULL;
  const char *label = NULL;

  int rc = find_signer (it, &facts, &primary, &key, &label, err);
  if (rc < 0)
    return rc;
  return sp_diagnosis_say (
      it, err,
      "the key %s%s%s was revoked by its owner, and " SP_NO_HELP_HERE
      ": have the image signed again with another key, and remove this key from the policy",
      primary ? primary->key.fingerprint : it->signature->key, primary ? " in " : "",
      primary ? label : "");
}

/* --- what is broken --------------------------------------------------------------------------- */

int
sp_diagnose_broken (struct sp_diagnosis *it, sigpolicy_error **err)
{
  const struct sp_trace_signature *signature = it->signature;
  bool is_gpg = it->blob->format == SP_SIGNATURE_SIMPLE_SIGNING;

  if (signature->stage >= SP_STAGE_PAYLOAD)
    return sp_diagnosis_say (it, err,
                             "the signature is valid, but what was signed is not a statement about "
                             "an image, so " SP_NO_HELP_HERE ": have the image signed by skopeo, "
                             "podman or cosign");
  if (is_gpg && sp_openpgp_is_detached (it->blob->message))
    return sp_diagnosis_say (it, err,
                             "%s is a detached signature; an image needs a message that contains "
                             "the signed statement (gpg --sign), so " SP_NO_HELP_HERE
                             ": have the image signed by skopeo or podman",
                             signature->source);
  if (is_gpg && signature->key)
    return sp_diagnosis_say (
        it, err,
        "%s names the key %s, but that key did not make this signature: the file was damaged or "
        "changed; fetch it again from the publisher of the image, and " SP_NO_HELP_HERE
        " if it is still the same",
        signature->source, signature->key);
  if (is_gpg)
    return sp_diagnosis_say (
        it, err,
        "%s must be one message that contains the signed statement and has one signature (gpg "
        "--sign), not a detached signature and not several in one file; " SP_NO_HELP_HERE
        ": have the image signed by skopeo or podman",
        signature->source);
  return sp_diagnosis_say (
      it, err,
      "%s is malformed, and " SP_NO_HELP_HERE
      ": fetch it again from the publisher of the image, or have the image signed again",
      signature->source);
}
