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
      if (kind == SP_KEY_RSA)
        return 0;
      break;
    case SP_ALGORITHM_ECDSA:
      if (kind == SP_KEY_ECDSA)
        return 0;
      break;
    case SP_ALGORITHM_ED25519:
      if (kind == SP_KEY_ED25519)
        return 0;
      break;
    }
  return refuse (err, reason,
                 "signature algorithm specifies a public key of another kind than the issuer's");
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

static bool
same_names (const struct sp_certificate *a, const struct sp_certificate *b)
{
  if (a->names.len != b->names.len)
    return false;
  for (size_t i = 0; i < a->names.len; i++)
    if (a->names.items[i].kind != b->names.items[i].kind
        || !sp_view_equal (a->names.items[i].value, b->names.items[i].value))
      return false;
  return true;
}

int
sp_path_check_whole (const struct sp_path *path, sigpolicy_error **err)
{
  static const sigpolicy_reason reason = SIGPOLICY_REASON_KEY_NOT_TRUSTED;

  for (size_t i = 0; i < path->len; i++)
    for (size_t j = i + 1; j < path->len; j++)
      if (sp_view_equal (path->items[i]->subject, path->items[j]->subject)
          && sp_view_equal (path->items[i]->spki, path->items[j]->spki)
          && same_names (path->items[i], path->items[j]))
        return refuse (err, reason, "certificate signed by unknown authority");
  for (size_t i = 1; i < path->len; i++)
    for (size_t j = 0; j < i; j++)
      {
        int rc = sp_certificate_check_subtrees (path->items[i], path->items[j], err);
        if (rc < 0)
          return rc;
      }
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
