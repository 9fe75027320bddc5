/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/hint.h"

#include "util/alloc.h"

/* One sentence each on what a person can do; NULL where the message says it all. */
static const char *const hints[] = {
  [SIGPOLICY_REASON_NO_SIGNATURE] = "no signature is stored where it was looked for: sign the "
                                    "image, or copy it with its signatures",
  [SIGPOLICY_REASON_EXPIRED]
  = "get the signer's renewed key, or have the image signed again with a key that is valid",
  [SIGPOLICY_REASON_REVOKED]
  = "the owner of the key withdrew it: have the image signed again with another key",
  [SIGPOLICY_REASON_DIGEST_MISMATCH]
  = "these are not the bytes that were signed or asked for: fetch the image again",
  [SIGPOLICY_REASON_BAD_SIGNATURE] = "the signature is broken or not a signature: fetch it again",
  [SIGPOLICY_REASON_NOT_IN_LOG]
  = "the policy asks for an entry of this very signature in its log: sign with the log enabled, as "
    "cosign does by default",
  [SIGPOLICY_REASON_ISSUER_MISMATCH]
  = "the certificate was issued for another provider's account: if you trust that, set oidcIssuer",
  [SIGPOLICY_REASON_SUBJECT_MISMATCH]
  = "the certificate is somebody else's: if you trust them, set subjectEmail or subjectHostname",
  [SIGPOLICY_REASON_REJECTED_BY_RULE]
  = "to allow it, give the image's scope a requirement that it can meet",
  [SIGPOLICY_REASON_NOT_SIGNED_ENOUGH]
  = "the policy asks for no signature here: give the image's scope a signedBy or sigstoreSigned "
    "requirement",
  [SIGPOLICY_REASON_ENGINE_MISSING] = "install GnuPG (the package gpg), or reinstall sigpolicy",
};

/* The first signature that was rejected for a reason. */
static const struct sp_trace_signature *
rejected_for (const struct sp_trace *trace, sigpolicy_reason reason)
{
  for (size_t i = 0; i < trace->n_requirements; i++)
    for (size_t j = 0; j < trace->requirements[i].n_signatures; j++)
      if (!trace->requirements[i].signatures[j].skipped
          && trace->requirements[i].signatures[j].outcome.reason == reason)
        return &trace->requirements[i].signatures[j];
  return NULL;
}

static const char *
identity_hint (const struct sp_verdict *verdict)
{
  const struct sp_trace_signature *signature
      = verdict->trace ? rejected_for (verdict->trace, SIGPOLICY_REASON_IDENTITY_MISMATCH) : NULL;
  bool docker = sp_view_starts (sp_view_str (verdict->reference), sp_view_str ("docker:"));

  if (!docker)
    return "this image has no docker name to compare with: say which with --as docker://NAME";
  if (signature && signature->reference
      && !memchr (signature->reference, '@', signature->reference_len)
      && sp_view_find (sp_view_from (sp_view_n (signature->reference, signature->reference_len),
                                     1
                                         + sp_view_find_last (sp_view_n (signature->reference,
                                                                         signature->reference_len),
                                                              '/')),
                       ':')
             == SP_VIEW_NONE)
    return "it was signed without a tag, as cosign does: use \"signedIdentity\": {\"type\": "
           "\"matchRepository\"}";
  return "it was signed under another name: sign it as this one, or set signedIdentity in the "
         "policy (remapIdentity for a mirror)";
}

/* An OpenPGP message says whose it is before it is verified; of a sigstore signature nobody knows
 * whether it is another's or was changed. */
static const char *
key_hint (const struct sp_verdict *verdict)
{
  const struct sp_trace_signature *signature
      = verdict->trace ? rejected_for (verdict->trace, SIGPOLICY_REASON_KEY_NOT_TRUSTED) : NULL;

  return signature && signature->format == SP_SIGNATURE_SIGSTORE_JSON
             ? "no key or authority of the policy stands for it: it is somebody else's, or was "
               "changed; fetch it again"
             : "the signer is not among the policy's keys: if you trust that key, add its file to "
               "keyPaths";
}

/* Not every transport has a place for signatures. */
static const char *
no_signature_hint (const struct sp_verdict *verdict)
{
  static const char *const bare[] = { "oci:", "oci-archive:", "docker-archive:" };

  for (size_t i = 0; i < sizeof bare / sizeof *bare; i++)
    if (sp_view_starts (sp_view_str (verdict->image), sp_view_str (bare[i])))
      return "layouts and archives have no place for signatures: give the manifest and its "
             "signatures as files, or copy the image with its signatures to dir:PATH";
  return hints[SIGPOLICY_REASON_NO_SIGNATURE];
}

char *
sp_explain_hint (const struct sp_verdict *verdict, sigpolicy_error **err)
{
  sigpolicy_reason reason = verdict->outcome.reason;
  const char *hint = verdict->outcome.hint;

  if (verdict->outcome.answer == SP_ANSWER_ACCEPTED)
    return NULL;
  if (!hint && reason == SIGPOLICY_REASON_IDENTITY_MISMATCH)
    hint = identity_hint (verdict);
  else if (!hint && reason == SIGPOLICY_REASON_KEY_NOT_TRUSTED)
    hint = key_hint (verdict);
  else if (!hint && reason == SIGPOLICY_REASON_NO_SIGNATURE)
    hint = no_signature_hint (verdict);
  else if (!hint && (size_t)reason < sizeof hints / sizeof *hints)
    hint = hints[reason];
  return hint ? sp_strdup (hint, err) : NULL;
}
