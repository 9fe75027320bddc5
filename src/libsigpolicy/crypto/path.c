/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chain_int.h"

#define KEY_USAGE_CERT_SIGN (1U << 5)

static int
refuse (sigpolicy_error **err, sigpolicy_reason reason, const char *words)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, reason, "x509: %s", words);
}

int
sp_path_check_issuing (const struct sp_certificate *child, const struct sp_certificate *parent,
                       sigpolicy_error **err)
{
  static const sigpolicy_reason reason = SIGPOLICY_REASON_KEY_NOT_TRUSTED;
  enum sp_key_kind kind = sp_public_key_kind (parent->key);
  bool is_ca = parent->has_basic_constraints ? parent->is_ca : parent->version < 3;
  const char *why = sp_public_key_refusal (parent->key);
  bool fits = false;

  if (!is_ca || (parent->key_usage && !(parent->key_usage & KEY_USAGE_CERT_SIGN)))
    return refuse (err, reason,
                   "invalid signature: parent certificate cannot sign this kind of certificate");
  if (why)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, reason, "%s", why);
  switch (child->algorithm)
    {
    case SP_ALGORITHM_SHA1:
      return refuse (err, reason, "cannot verify signature: insecure algorithm SHA1");
    case SP_ALGORITHM_UNKNOWN:
      return refuse (err, reason, "cannot verify signature: algorithm unimplemented");
    case SP_ALGORITHM_RSA:
      fits = kind == SP_KEY_RSA;
      break;
    case SP_ALGORITHM_ECDSA:
      fits = kind == SP_KEY_ECDSA;
      break;
    case SP_ALGORITHM_ED25519:
      fits = kind == SP_KEY_ED25519;
      break;
    }
  if (!fits)
    return refuse (err, reason,
                   "signature algorithm specifies a public key of another kind than the issuer's");
  if (sp_certificate_is_signed_by (child, parent))
    return 0;
  return sp_error_set (err, SIGPOLICY_E_REJECTED, reason, "%s",
                       kind == SP_KEY_RSA     ? "crypto/rsa: verification error"
                       : kind == SP_KEY_ECDSA ? "x509: ECDSA verification failure"
                                              : "x509: Ed25519 verification failure");
}

static int
check_time (const struct sp_certificate *certificate, const struct sp_chain_question *question,
            sigpolicy_error **err)
{
  char at[SP_TIME_TEXT_SIZE], bound[SP_TIME_TEXT_SIZE];
  bool late = question->is_now ? question->at >= certificate->not_after
                               : question->at > certificate->not_after;

  if (!late && question->at >= certificate->not_before)
    return 0;
  sp_time_format (question->at, at);
  sp_time_format (late ? certificate->not_after : certificate->not_before, bound);
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_EXPIRED,
                       "x509: certificate has expired or is not yet valid: current time %s is %s "
                       "%s",
                       at, late ? "after" : "before", bound);
}

int
sp_path_check_certificate (const struct sp_certificate *certificate, enum sp_path_place place,
                           size_t below, const struct sp_chain_question *question,
                           sigpolicy_error **err)
{
  static const sigpolicy_reason reason = SIGPOLICY_REASON_KEY_NOT_TRUSTED;
  bool odd = certificate->has_critical_odd_names
             && !(place == SP_PATH_LEAF && question->odd_names_are_fine);

  if (certificate->has_unknown_critical || odd)
    return refuse (err, reason, "unhandled critical extension");
  int rc = check_time (certificate, question, err);
  if (rc < 0)
    return rc;
  if (place == SP_PATH_MIDDLE && !(certificate->has_basic_constraints && certificate->is_ca))
    return refuse (err, reason, "certificate is not authorized to sign other certificates");
  /* Those strictly between it and the leaf count, self-issued ones too. */
  if (place != SP_PATH_LEAF && certificate->path_length >= 0
      && below > (uint64_t)certificate->path_length + 1)
    return refuse (err, reason, "too many intermediates for path length constraint");
  return 0;
}

/* Without alternative names here or there, as Go has it, the rest of the path does not count. */
bool
sp_path_has (const struct sp_path *path, const struct sp_certificate *candidate)
{
  for (size_t i = 0; i < path->len; i++)
    {
      const struct sp_certificate *other = path->items[i];
      if (!sp_view_equal (candidate->subject, other->subject)
          || !sp_view_equal (candidate->spki, other->spki))
        continue;
      if (!candidate->has_names || !other->has_names)
        return candidate->has_names == other->has_names;
      if (sp_view_equal (candidate->names_value, other->names_value))
        return true;
    }
  return false;
}

/* Keys of authorities that were broken into, as Go lists them. */
static bool
is_distrusted (const struct sp_certificate *certificate)
{
  static const char *const digests[] = {
    "sha256:ebed6475c2c2d80fcb199f3fe8dd6e6b3ce60b77eb15d4e42c3dec0c6f5b5105",
    "sha256:49dd353dc2b919a3770645117d0e60c16115e7d1bc259eefe734b00ea434fe5f",
    "sha256:e0254c7fcdc265e2f0f8a428dabb75ab4ae039b4872d62f5ee57f0877d5a8a41",
    "sha256:5c0660a2b164910d8ff589c18e14552e9e0ec237dcefe2cb736d41a4811f81a0",
    "sha256:43bffa19d6ef651451f6841e019931e96f6f2eaeff28ab4b6f1ce4576de2717b",
    "sha256:63ecefee431d49523bc1136c4e72d0206a477086caf606cd5cf025686c109cf8",
    "sha256:ec4ffa1ad0ac88081314b7aaffef6a91f97cd57291bb5ba686c5415f5eb4f6b6",
    "sha256:92c063d67e8f14db71d288e11266ffdaf69cbf115f7bab14f3bc2f68d25e0e30",
  };
  for (size_t i = 0; i < sizeof digests / sizeof *digests; i++)
    if (strcmp (sp_public_key_fingerprint (certificate->key), digests[i]) == 0)
      return true;
  return false;
}

int
sp_path_check_whole (const struct sp_path *path, sigpolicy_error **err)
{
  static const sigpolicy_reason reason = SIGPOLICY_REASON_KEY_NOT_TRUSTED;

  for (size_t i = 1; i < path->len; i++)
    for (size_t j = 0; j < i; j++)
      {
        int rc = sp_certificate_check_subtrees (path->items[i], path->items[j], err);
        if (rc < 0)
          return rc;
      }
  for (size_t i = 0; i < path->len; i++)
    if (is_distrusted (path->items[i]))
      return refuse (err, reason, "no valid chains built");
  for (size_t i = 0; i < path->len; i++)
    if (path->items[i]->has_extended_key_usage && !path->items[i]->is_for_code_signing)
      return refuse (err, reason, "certificate specifies an incompatible key usage");
  /* Rules about policies are not followed but refused; those of the anchor do not count. */
  for (size_t i = 0; i + 1 < path->len; i++)
    if (path->items[i]->has_policy_rules)
      {
        (void)refuse (err, reason,
                      "no valid chains built: 1 candidate chains with invalid policies");
        return sp_error_stricter (err, "S9");
      }
  return 0;
}
