/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/certificate_int.h"

#include "crypto/der.h"
#include "util/limits.h"

/* RFC 5280, section 4.2. What is known must be well-formed, critical or not. */

static int
read_key_usage (struct sp_certificate *certificate, const struct sp_extension *extension,
                sigpolicy_error **err)
{
  struct sp_view value = extension->value, content, bits;
  unsigned unused;
  if (!sp_der_take (&value, SP_DER_BIT_STRING, &content) || !sp_der_bits (content, &unused, &bits))
    return sp_certificate_refuse (err, "invalid key usage");
  for (size_t i = 0; i < 9 && i / 8 < bits.len; i++)
    if ((unsigned char)bits.data[i / 8] & (0x80U >> i % 8))
      certificate->key_usage |= 1U << i;
  return 0;
}

static int
read_basic_constraints (struct sp_certificate *certificate, const struct sp_extension *extension,
                        sigpolicy_error **err)
{
  struct sp_view value = extension->value, content, field;

  certificate->has_basic_constraints = true;
  if (!sp_der_take (&value, SP_DER_SEQUENCE, &content))
    return sp_certificate_refuse (err, "invalid basic constraints");
  if (sp_der_peek (content, SP_DER_BOOLEAN))
    {
      if (!sp_der_take (&content, SP_DER_BOOLEAN, &field) || field.len != 1
          || ((unsigned char)field.data[0] != 0 && (unsigned char)field.data[0] != 0xff))
        return sp_certificate_refuse (err, "invalid basic constraints");
      certificate->is_ca = field.data[0] != 0;
    }
  if (sp_der_peek (content, SP_DER_INTEGER)
      && (!sp_der_take (&content, SP_DER_INTEGER, &field)
          || !sp_der_number (field, &certificate->path_length)))
    return sp_certificate_refuse (err, "invalid basic constraints");
  return 0;
}

static int
read_extended_key_usage (struct sp_certificate *certificate, const struct sp_extension *extension,
                         sigpolicy_error **err)
{
  static const struct sp_view any = SP_VIEW ("\x55\x1d\x25\x00");
  static const struct sp_view code_signing = SP_VIEW ("\x2b\x06\x01\x05\x05\x07\x03\x03");
  struct sp_view value = extension->value, list, oid;

  if (!sp_der_take (&value, SP_DER_SEQUENCE, &list))
    return sp_certificate_refuse (err, "invalid extended key usages");
  while (list.len)
    {
      if (!sp_der_take (&list, SP_DER_OID, &oid) || !sp_der_is_plain_oid (oid))
        return sp_certificate_refuse (err, "invalid extended key usages");
      certificate->has_extended_key_usage = true;
      if (sp_view_equal (oid, any) || sp_view_equal (oid, code_signing))
        certificate->is_for_code_signing = true;
    }
  return 0;
}

static int
read_names (struct sp_certificate *certificate, const struct sp_extension *extension,
            sigpolicy_error **err)
{
  int rc
      = sp_certificate_read_names (extension->value, &certificate->names, &certificate->odd, err);
  certificate->has_names = true;
  certificate->names_value = extension->value;
  certificate->has_critical_odd_names = extension->critical && !certificate->names.len;
  return rc;
}

static int
read_subtrees (struct sp_certificate *certificate, const struct sp_extension *extension,
               sigpolicy_error **err)
{
  bool unread = false;
  int rc = sp_certificate_read_subtrees (extension->value, &certificate->subtrees, &unread,
                                         &certificate->odd, err);
  certificate->has_subtrees = true;
  if (unread && extension->critical)
    certificate->has_unknown_critical = true;
  return rc;
}

static int
read_subject_key_id (struct sp_certificate *certificate, const struct sp_extension *extension,
                     sigpolicy_error **err)
{
  struct sp_view value = extension->value;
  if (extension->critical)
    return sp_certificate_refuse (err, "subject key identifier incorrectly marked critical");
  return sp_der_take (&value, SP_DER_OCTET_STRING, &certificate->subject_key_id)
             ? 0
             : sp_certificate_refuse (err, "invalid subject key identifier");
}

static int
read_authority_key_id (struct sp_certificate *certificate, const struct sp_extension *extension,
                       sigpolicy_error **err)
{
  struct sp_view value = extension->value, content;
  if (extension->critical)
    return sp_certificate_refuse (err, "authority key identifier incorrectly marked critical");
  if (!sp_der_take (&value, SP_DER_SEQUENCE, &content)
      || (sp_der_peek (content, SP_DER_CONTEXT (0))
          && !sp_der_take (&content, SP_DER_CONTEXT (0), &certificate->authority_key_id)))
    return sp_certificate_refuse (err, "invalid authority key identifier");
  return 0;
}

/* The content of an INTEGER within 64 bits, of either sign. */
static bool
is_int64 (struct sp_view content)
{
  return sp_der_is_integer (content) && content.len <= sizeof (int64_t);
}

static int
read_policy_constraints (struct sp_certificate *certificate, const struct sp_extension *extension,
                         sigpolicy_error **err)
{
  struct sp_view value = extension->value, content, field;

  certificate->has_policy_rules = true;
  if (!sp_der_take (&value, SP_DER_SEQUENCE, &content))
    return sp_certificate_refuse (err, "invalid policy constraints extension");
  for (unsigned i = 0; i < 2; i++)
    if (sp_der_peek (content, SP_DER_CONTEXT (i))
        && (!sp_der_take (&content, SP_DER_CONTEXT (i), &field) || !is_int64 (field)))
      return sp_certificate_refuse (err, "invalid policy constraints extension");
  return 0;
}

static int
read_policy_mappings (struct sp_certificate *certificate, const struct sp_extension *extension,
                      sigpolicy_error **err)
{
  struct sp_view value = extension->value, list, pair, oid;

  certificate->has_policy_rules = true;
  if (!sp_der_take (&value, SP_DER_SEQUENCE, &list))
    return sp_certificate_refuse (err, "invalid policy mappings extension");
  while (list.len)
    if (!sp_der_take (&list, SP_DER_SEQUENCE, &pair) || !sp_der_take (&pair, SP_DER_OID, &oid)
        || !sp_der_take (&pair, SP_DER_OID, &oid))
      return sp_certificate_refuse (err, "invalid policy mappings extension");
  return 0;
}

/* A policy stands once. */
static int
read_policies (struct sp_certificate *certificate, const struct sp_extension *extension,
               sigpolicy_error **err)
{
  struct sp_view value = extension->value, list, rest, policy, oid, other;
  size_t count = 0;
  (void)certificate;

  if (!sp_der_take (&value, SP_DER_SEQUENCE, &list))
    return sp_certificate_refuse (err, "invalid certificate policies");
  while (list.len)
    {
      if (!sp_der_take (&list, SP_DER_SEQUENCE, &policy) || !sp_der_take (&policy, SP_DER_OID, &oid)
          || !sp_der_is_oid (oid))
        return sp_certificate_refuse (err, "invalid certificate policies");
      if (++count > SP_CERTIFICATE_NAMES_MAX)
        return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                             "a certificate with more than %lu policies", SP_CERTIFICATE_NAMES_MAX);
      for (rest = list; sp_der_take (&rest, SP_DER_SEQUENCE, &policy);)
        if (sp_der_take (&policy, SP_DER_OID, &other) && sp_view_equal (oid, other))
          return sp_certificate_refuse (err, "invalid certificate policies");
    }
  return 0;
}

static int
read_inhibit_any_policy (struct sp_certificate *certificate, const struct sp_extension *extension,
                         sigpolicy_error **err)
{
  struct sp_view value = extension->value, field;
  (void)certificate;
  return sp_der_take (&value, SP_DER_INTEGER, &field) && is_int64 (field)
             ? 0
             : sp_certificate_refuse (err, "invalid inhibit any policy extension");
}

static int
read_distribution_points (struct sp_certificate *certificate, const struct sp_extension *extension,
                          sigpolicy_error **err)
{
  struct sp_view value = extension->value, list, point, name, inner, uri;
  (void)certificate;

  if (!sp_der_take (&value, SP_DER_SEQUENCE, &list))
    return sp_certificate_refuse (err, "invalid CRL distribution points");
  while (list.len)
    {
      if (!sp_der_take (&list, SP_DER_SEQUENCE, &point))
        return sp_certificate_refuse (err, "invalid CRL distribution point");
      if (!sp_der_peek (point, SP_DER_CONTEXT_CONSTRUCTED (0)))
        continue;
      if (!sp_der_take (&point, SP_DER_CONTEXT_CONSTRUCTED (0), &name)
          || !sp_der_take (&name, SP_DER_CONTEXT_CONSTRUCTED (0), &inner))
        return sp_certificate_refuse (err, "invalid CRL distribution point");
      while (sp_der_peek (inner, SP_DER_CONTEXT (6)))
        if (!sp_der_take (&inner, SP_DER_CONTEXT (6), &uri))
          return sp_certificate_refuse (err, "invalid CRL distribution point");
    }
  return 0;
}

static int
read_information_access (struct sp_certificate *certificate, const struct sp_extension *extension,
                         sigpolicy_error **err)
{
  struct sp_view value = extension->value, list, access, oid, uri;
  (void)certificate;

  if (extension->critical)
    return sp_certificate_refuse (err, "authority info access incorrectly marked critical");
  if (!sp_der_take (&value, SP_DER_SEQUENCE, &list))
    return sp_certificate_refuse (err, "invalid authority info access");
  while (list.len)
    if (!sp_der_take (&list, SP_DER_SEQUENCE, &access) || !sp_der_take (&access, SP_DER_OID, &oid)
        || !sp_der_is_plain_oid (oid)
        || (sp_der_peek (access, SP_DER_CONTEXT (6))
            && !sp_der_take (&access, SP_DER_CONTEXT (6), &uri)))
      return sp_certificate_refuse (err, "invalid authority info access");
  return 0;
}

#define CE(number) SP_VIEW ("\x55\x1d" number)

static const struct
{
  struct sp_view oid;
  int (*read) (struct sp_certificate *certificate, const struct sp_extension *extension,
               sigpolicy_error **err);
} known[] = {
  { CE ("\x0e"), read_subject_key_id },
  { CE ("\x0f"), read_key_usage },
  { CE ("\x11"), read_names },
  { CE ("\x13"), read_basic_constraints },
  { CE ("\x1e"), read_subtrees },
  { CE ("\x1f"), read_distribution_points },
  { CE ("\x20"), read_policies },
  { CE ("\x21"), read_policy_mappings },
  { CE ("\x23"), read_authority_key_id },
  { CE ("\x24"), read_policy_constraints },
  { CE ("\x25"), read_extended_key_usage },
  { CE ("\x36"), read_inhibit_any_policy },
  { SP_VIEW ("\x2b\x06\x01\x05\x05\x07\x01\x01"), read_information_access },
};

int
sp_certificate_read_extensions (struct sp_certificate *certificate, sigpolicy_error **err)
{
  for (size_t i = 0; i < certificate->n_extensions; i++)
    {
      const struct sp_extension *extension = &certificate->extensions[i];
      size_t j = 0, n_known = sizeof known / sizeof *known;
      while (j < n_known && !sp_view_equal (extension->oid, known[j].oid))
        j++;
      int rc = j < n_known ? known[j].read (certificate, extension, err) : 0;
      if (rc < 0)
        return rc;
      if (j == n_known && extension->critical)
        certificate->has_unknown_critical = true;
    }
  return 0;
}
