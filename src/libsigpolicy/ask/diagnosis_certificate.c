/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/diagnosis.h"

#include "ask/trust.h"
#include "verify/rekor.h"
#include "verify/sigstore.h"

/* Of whom the signer's certificate is, and what a log says. */

/* --- another person --------------------------------------------------------------------------- */

static const char *
or_none (const char *text)
{
  return text ? text : "nobody";
}

static int
diagnose_fulcio (struct sp_diagnosis *it, const struct sp_signer_words *signer,
                 sigpolicy_error **err)
{
  const struct sp_fulcio *fulcio = it->requirement->requirement->fulcio;
  struct sp_remedy remedy = sp_diagnosis_remedy (it);

  if (!signer->email)
    return sp_diagnosis_say (
        it, err,
        "the certificate is for %s, by %s, and has no e-mail address; a policy can name only an "
        "e-mail address, so " SP_NO_HELP_HERE
        ": have the image signed with a key, or with a certificate for an e-mail address",
        or_none (signer->uri), or_none (signer->issuer));
  int rc = sp_diagnosis_say (it, err,
                             "the certificate is for %s, from the OIDC issuer %s; the policy (line "
                             "%u) requires %s, from the OIDC issuer %s: if you trust the signer of "
                             "the certificate, name that signer in the policy",
                             signer->email, or_none (signer->issuer),
                             it->requirement->requirement->line, fulcio->subject_email,
                             fulcio->oidc_issuer);
  remedy.email = signer->email;
  remedy.issuer = signer->issuer;
  return rc < 0 || !signer->issuer ? rc : sp_diagnosis_offer_remedy (it, &remedy, err);
}

static int
diagnose_pki (struct sp_diagnosis *it, const struct sp_signer_words *signer, sigpolicy_error **err)
{
  const struct sp_pki *pki = it->requirement->requirement->pki;
  struct sp_remedy remedy = sp_diagnosis_remedy (it);
  bool email = pki->subject_email, hostname = pki->subject_hostname;

  int rc
      = sp_diagnosis_say (it, err,
                          "the certificate is for %s%s%s; the policy (line %u) requires %s%s%s: if "
                          "you trust the signer of the certificate, name that signer in the policy",
                          or_none (signer->email ? signer->email : signer->hostname),
                          signer->email && signer->hostname ? " and " : "",
                          signer->email && signer->hostname ? signer->hostname : "",
                          it->requirement->requirement->line, email ? pki->subject_email : "",
                          email && hostname ? " and " : "", hostname ? pki->subject_hostname : "");
  remedy.email = email ? signer->email : NULL;
  remedy.hostname = hostname ? signer->hostname : NULL;
  return rc < 0 || (email && !signer->email) || (hostname && !signer->hostname)
             ? rc
             : sp_diagnosis_offer_remedy (it, &remedy, err);
}

int
sp_diagnose_certificate (struct sp_diagnosis *it, sigpolicy_error **err)
{
  cleanup_signer_words struct sp_signer_words signer = { 0 };

  int rc = sp_sigstore_describe_signer (it->blob, &signer, err);
  if (rc < 0 || !signer.has_certificate)
    return rc;
  return it->requirement->requirement->fulcio ? diagnose_fulcio (it, &signer, err)
         : it->requirement->requirement->pki  ? diagnose_pki (it, &signer, err)
                                              : 0;
}

/* --- the log ---------------------------------------------------------------------------------- */

/* Does a key of the policy vouch for the entry, whatever that is of? */
static int
is_of_log (struct sp_diagnosis *it, struct sp_view set, bool *ret, sigpolicy_error **err)
{
  cleanup_rekor_entry struct sp_rekor_entry entry = { 0 };
  cleanup_error sigpolicy_error *fault = NULL;
  struct sp_trust_cache *cache = NULL;
  const struct sp_trust *trust = NULL;

  int rc = sp_context_trust (it->context, &cache, &fault);
  if (rc == 0)
    rc = sp_trust_load (cache, it->requirement->requirement, &trust, &fault);
  if (rc == 0)
    rc = sp_rekor_open (set, trust->rekor_keys, trust->n_rekor_keys, &entry, &fault);
  *ret = rc == 0;
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

int
sp_diagnose_log (struct sp_diagnosis *it, sigpolicy_error **err)
{
  const struct sp_key_sources *logs = &it->requirement->requirement->rekor_keys;
  const char *file = logs->len && logs->items[0].path ? logs->items[0].path : "the policy";
  unsigned line = it->requirement->requirement->line;
  struct sp_view set;
  bool ours = false;

  if (it->blob->format != SP_SIGNATURE_SIGSTORE_JSON)
    return 0;
  if (!sp_signature_blob_annotation (it->blob, SP_ANNOTATION_BUNDLE, &set))
    return sp_diagnosis_say (
        it, err,
        "the signature has no log entry, and the policy (line %u) requires one from the Rekor log "
        "with the key %s: have the image signed with an entry in that log (cosign sign "
        "--new-bundle-format=false --tlog-upload=true), or, if you need no log, remove the Rekor "
        "key from the policy",
        line, file);
  int rc = is_of_log (it, set, &ours, err);
  if (rc < 0)
    return rc;
  return ours ? sp_diagnosis_say (it, err,
                                  "the log entry belongs to another signature, so " SP_NO_HELP_HERE
                                  ": have the image signed again with the log")
              : sp_diagnosis_say (
                  it, err,
                  "the log entry is not from the log with the key %s (line %u): if it is from "
                  "another log that you trust, name the public key of that log there; otherwise "
                  "have the image signed with an entry in this log",
                  file, line);
}
