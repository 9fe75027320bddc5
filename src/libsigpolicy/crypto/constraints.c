/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/certificate_int.h"

#include "util/alloc.h"
#include "util/codec.h"

/* Name constraints, RFC 5280, section 4.2.1.10, for the kinds of names that are read. */

/* The domain itself and what is below it; only the latter for a constraint with a leading dot; the
 * empty constraint is every domain. */
static bool
domain_is_within (struct sp_view domain, struct sp_view constraint)
{
  if (!constraint.len)
    return true;
  if (constraint.data[0] == '.')
    return domain.len > constraint.len
           && sp_view_equal_folded (sp_view_from (domain, domain.len - constraint.len), constraint);
  if (domain.len < constraint.len)
    return false;
  struct sp_view tail = sp_view_from (domain, domain.len - constraint.len);
  return sp_view_equal_folded (tail, constraint)
         && (tail.len == domain.len || domain.data[domain.len - tail.len - 1] == '.');
}

/* What begins with a wildcard may stand for a name that is excluded: both without their first
 * label, of whatever kind the name is and whatever stands behind the wildcard in that label. */
static bool
wildcard_meets (struct sp_view domain, struct sp_view constraint)
{
  size_t dot = sp_view_find (domain, '.'), other_dot = sp_view_find (constraint, '.');
  return domain.len && domain.data[0] == '*' && dot != SP_VIEW_NONE && other_dot != SP_VIEW_NONE
         && sp_view_equal_folded (sp_view_from (domain, dot), sp_view_from (constraint, other_dot));
}

static bool
address_is_within (struct sp_view address, struct sp_view range)
{
  if (range.len != 2 * address.len)
    return false;
  for (size_t i = 0; i < address.len; i++)
    if ((address.data[i] ^ range.data[i]) & range.data[address.len + i])
      return false;
  return true;
}

/* A name, taken apart as far as constraints need it. */
struct subject
{
  const struct sp_name *name;
  struct sp_view local;  /* of a mailbox */
  struct sp_view domain; /* of a mailbox or URI; the whole of a DNS name */
};

static bool
is_within (const struct subject *subject, const struct sp_name *subtree)
{
  struct sp_view local, domain;
  switch (subtree->kind)
    {
    case SP_NAME_EMAIL:
      if (sp_mailbox_split (subtree->value, &local, &domain))
        return sp_view_equal (subject->local, local)
               && sp_view_equal_folded (subject->domain, domain);
      __attribute__ ((fallthrough));
    case SP_NAME_DNS:
    case SP_NAME_URI:
      return domain_is_within (subject->domain, subtree->value)
             || (subtree->excluded && wildcard_meets (subject->domain, subtree->value));
    case SP_NAME_IP:
      return address_is_within (subject->name->value, subtree->value);
    }
  return false;
}

/* What no constraint can be held against is outside of every one. */
static bool
take_apart (const struct sp_name *name, struct subject *ret)
{
  ret->name = name;
  switch (name->kind)
    {
    case SP_NAME_EMAIL:
      return sp_mailbox_split (name->value, &ret->local, &ret->domain);
    case SP_NAME_DNS:
      ret->domain = name->value;
      return sp_domain_is_valid (name->value, false);
    case SP_NAME_URI:
      return sp_uri_host (name->value, &ret->domain) && ret->domain.len
             && !sp_text_is_address (ret->domain);
    case SP_NAME_IP:
      return true;
    }
  return false;
}

static int
refuse (const struct sp_name *name, const struct sp_name *excluded_by, const char *why,
        sigpolicy_error **err)
{
  static const char *const kinds[] = {
    [SP_NAME_EMAIL] = "email address",
    [SP_NAME_DNS] = "DNS name",
    [SP_NAME_URI] = "URI",
    [SP_NAME_IP] = "IP address",
  };
  cleanup_free char *shown = sp_quote_dup (name->value, err);
  cleanup_free char *by = shown && excluded_by ? sp_quote_dup (excluded_by->value, err) : NULL;
  if (!shown || (excluded_by && !by))
    return SIGPOLICY_E_NO_MEMORY;
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                       "x509: a root or intermediate certificate is not authorized to sign for "
                       "this name: %s %s %s%s",
                       kinds[name->kind], shown, why, by ? by : "");
}

int
sp_certificate_check_subtrees (const struct sp_certificate *ca, const struct sp_certificate *below,
                               sigpolicy_error **err)
{
  for (size_t i = 0; ca->has_subtrees && i < below->names.len; i++)
    {
      const struct sp_name *name = &below->names.items[i];
      struct subject subject = { 0 };
      bool constrained = false, permitted = false;

      /* Go reads quoted mailboxes, too. */
      if (!take_apart (name, &subject))
        return refuse (name, NULL, "cannot be held against constraints", err)
                       == SIGPOLICY_E_REJECTED
                   ? sp_error_stricter (err, "S9")
                   : SIGPOLICY_E_NO_MEMORY;
      for (size_t j = 0; j < ca->subtrees.len; j++)
        {
          const struct sp_name *subtree = &ca->subtrees.items[j];
          if (subtree->kind != name->kind)
            continue;
          bool within = is_within (&subject, subtree);
          if (subtree->excluded && within)
            return refuse (name, subtree, "is excluded by constraint ", err);
          constrained = constrained || !subtree->excluded;
          permitted = permitted || (!subtree->excluded && within);
        }
      if (constrained && !permitted)
        return refuse (name, NULL, "is not permitted by any constraint", err);
    }
  return 0;
}
