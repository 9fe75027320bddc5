/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_DIAGNOSIS_H
#define SP_ASK_DIAGNOSIS_H

#include "ask/context.h"
#include "ask/remedy.h"
#include "ask/request.h"
#include "ask/verdict.h"

/*
 * From what was found out about an image that is not accepted to what to do about it. A hint is
 * made of facts: the keys that were tried and that signed, the names, the files, the certificate.
 * What is not known is not said, and a command is offered only where it leads to an acceptance,
 * given that its reader trusts whom the hint names. The one word for the other case is that nothing
 * on this host will help.
 */
struct sp_diagnosis
{
  /* What is known; borrowed. */
  struct sp_context *context;
  const struct sp_request *request;
  const struct sp_image_name *name; /* NULL where it came to none */
  struct sp_evidence *evidence;     /* or NULL */
  struct sp_verdict *verdict;

  /* The requirement that speaks for the verdict and the signature that speaks for it, and that as
   * it is stored; each NULL where there is none. */
  const struct sp_trace_requirement *requirement;
  const struct sp_trace_signature *signature;
  const struct sp_signature_blob *blob;

  struct sp_hint hint; /* what comes of it */
};

/* The hint of a verdict that is complete but for that. One that is there already stays: who set it
 * knew more. */
int sp_diagnose (struct sp_context *context, const struct sp_request *request,
                 const struct sp_image_name *name, struct sp_evidence *evidence,
                 struct sp_verdict *verdict, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- within the diagnosis: each says its hint, or nothing ------------------------------------- */

#define SP_NO_HELP_HERE "nothing on this host will help"

/* The hint's sentence, in one line that is printable. */
int sp_diagnosis_say (struct sp_diagnosis *it, sigpolicy_error **err, const char *format,
                      ...) SIGPOLICY_MUST_CHECK __attribute__ ((format (printf, 3, 4)));

/* The hint's command, if there is one. */
int sp_diagnosis_offer (struct sp_diagnosis *it, struct sp_shell *shell,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The change of the policy that is described, as the hint's command, if it can be said. */
int sp_diagnosis_offer_remedy (struct sp_diagnosis *it, const struct sp_remedy *remedy,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* One that changes nothing yet. */
struct sp_remedy sp_diagnosis_remedy (const struct sp_diagnosis *it);

/* diagnosis_name.c: identity-mismatch, digest-mismatch */
int sp_diagnose_identity (struct sp_diagnosis *it, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_diagnose_digest (struct sp_diagnosis *it, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* diagnosis_signer.c: key-not-trusted */
int sp_diagnose_signer (struct sp_diagnosis *it, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* diagnosis_signature.c: bad-signature, expired, revoked of either kind of signature */
int sp_diagnose_broken (struct sp_diagnosis *it, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_diagnose_expired (struct sp_diagnosis *it, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_diagnose_revoked (struct sp_diagnosis *it, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* diagnosis_certificate.c: issuer-mismatch, subject-mismatch, not-in-log */
int sp_diagnose_certificate (struct sp_diagnosis *it, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_diagnose_log (struct sp_diagnosis *it, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* diagnosis_input.c: not-found, limit, engine-missing, internal */
int sp_diagnose_missing (struct sp_diagnosis *it, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_diagnose_limit (struct sp_diagnosis *it, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_diagnose_engine (struct sp_diagnosis *it, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_diagnose_internal (struct sp_diagnosis *it, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* diagnosis_keys.c: key-unusable */
int sp_diagnose_keys (struct sp_diagnosis *it, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
