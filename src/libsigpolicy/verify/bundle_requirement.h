/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_BUNDLE_REQUIREMENT_H
#define SP_VERIFY_BUNDLE_REQUIREMENT_H

#include "model/policy.h"
#include "verify/bundle.h"
#include "verify/claim.h"
#include "verify/trust.h"

/* Where a bundle states a name: cosign sign -a docker-reference=quay.io/ns/app:v1 */
#define SP_REFERENCE_ANNOTATION "docker-reference"

/*
 * A bundle in place of a sigstore signature, for a sigstoreSigned requirement: signed by the
 * requirement's own keys, Fulcio or private CA, and in its own log where it names one. root, which
 * may be NULL, adds logs and timestamp authorities, and never a signer. The statement must be of
 * cosign's predicate type for signatures, with one subject, which is the manifest; an attestation
 * is no signature.
 *
 * The reference of the claim is the signed annotation docker-reference. Where there is none, mode
 * says whether the claim may do without: the claim then has is_nameless. Failure: REJECTED, with
 * the stage.
 */
int sp_bundle_requirement_verify (struct sp_view text, const struct sp_requirement *requirement,
                                  const struct sp_trust *trust, const struct sp_trusted_root *root,
                                  enum sp_bundle_mode mode, sp_time now, struct sp_view manifest,
                                  struct sp_claim *ret, enum sp_verify_stage *ret_stage,
                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
