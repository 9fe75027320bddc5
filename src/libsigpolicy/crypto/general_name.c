/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/certificate_int.h"

#include "crypto/der.h"
#include "util/alloc.h"
#include "util/limits.h"

#include <arpa/inet.h>

static bool
is_ascii (struct sp_view text)
{
  for (size_t i = 0; i < text.len; i++)
    if ((unsigned char)text.data[i] >= 0x80)
      return false;
  return true;
}

static bool
is_one_of (char c, const char *set)
{
  return c && strchr (set, c);
}

static bool
is_alphanumeric (char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* --- domains ---------------------------------------------------------------------------------- */

bool
sp_domain_is_valid (struct sp_view domain, bool constraint)
{
  if (!domain.len)
    return true;
  if (constraint && domain.len > 1 && domain.data[0] == '.')
    domain = sp_view_from (domain, 1);
  for (size_t i = 0; i < domain.len; i++)
    {
      unsigned char c = (unsigned char)domain.data[i];
      if (c < 33 || c > 126)
        return false;
      if (c == '.' && (i == 0 || i + 1 == domain.len || domain.data[i - 1] == '.'))
        return false;
    }
  return true;
}

bool
sp_mailbox_split (struct sp_view mailbox, struct sp_view *ret_local, struct sp_view *ret_domain)
{
  size_t at = sp_view_find_last (mailbox, '@');
  if (at == SP_VIEW_NONE)
    return false;
  *ret_local = sp_view_head (mailbox, at);
  *ret_domain = sp_view_from (mailbox, at + 1);
  for (size_t i = 0; i < at; i++)
    {
      char c = mailbox.data[i];
      bool dot = c == '.' && i > 0 && i + 1 < at && mailbox.data[i - 1] != '.';
      if (!dot && !is_alphanumeric (c) && !is_one_of (c, "!#$%&'*+-/=?^_`{|}~"))
        return false;
    }
  return at > 0 && sp_domain_is_valid (*ret_domain, false);
}

/* --- URIs ------------------------------------------------------------------------------------- */

/* Does a percent sign have two hex digits behind it? */
static bool
is_escape (struct sp_view text)
{
  static const char digits[] = "0123456789abcdefABCDEF";
  return text.len >= 3 && is_one_of (text.data[1], digits) && is_one_of (text.data[2], digits);
}

/* What Go takes for no URI either: no scheme before the first colon, a control character, or in the
 * fragment a percent sign alone. There is more of that. */
static bool
is_no_uri (struct sp_view text)
{
  size_t fragment = sp_view_find (text, '#');
  for (size_t i = 0; i < text.len; i++)
    {
      bool before = fragment == SP_VIEW_NONE || i < fragment;
      char c = text.data[i];
      if (before ? c < ' ' || c == 0x7f : c == '%' && !is_escape (sp_view_from (text, i)))
        return true;
    }
  return text.len && text.data[0] == ':';
}

/* Characters of RFC 3986 that need no thought; a percent sign needs two hex digits behind it. */
static bool
is_plain_uri (struct sp_view text)
{
  for (size_t i = 0; i < text.len; i++)
    {
      char c = text.data[i];
      if (c == '%')
        {
          if (!is_escape (sp_view_from (text, i)))
            return false;
        }
      else if (!is_alphanumeric (c) && !is_one_of (c, "-._~:/?#@!$&'()*+,;="))
        return false;
    }
  return true;
}

/* host, or host:port; an address in brackets. */
static bool
split_authority (struct sp_view authority, struct sp_view *ret_host)
{
  size_t user = sp_view_find (authority, '@');
  if (user != SP_VIEW_NONE)
    {
      for (size_t i = 0; i < user; i++)
        if (!is_alphanumeric (authority.data[i]) && !is_one_of (authority.data[i], "-._~"))
          return false;
      authority = sp_view_from (authority, user + 1);
    }
  size_t colon = sp_view_find (authority, ':');
  *ret_host = sp_view_head (authority, colon);
  for (size_t i = 0; i < ret_host->len; i++)
    if (!is_alphanumeric (ret_host->data[i]) && !is_one_of (ret_host->data[i], "-._~"))
      return false;
  for (size_t i = colon == SP_VIEW_NONE ? authority.len : colon + 1; i < authority.len; i++)
    if (authority.data[i] < '0' || authority.data[i] > '9')
      return false;
  return true;
}

bool
sp_uri_host (struct sp_view uri, struct sp_view *ret_host)
{
  size_t scheme = 0;

  *ret_host = sp_view_n ("", 0);
  if (!is_plain_uri (uri))
    return false;
  while (scheme < uri.len
         && (is_alphanumeric (uri.data[scheme]) || is_one_of (uri.data[scheme], "+-.")))
    scheme++;
  if (!scheme || scheme == uri.len || uri.data[scheme] != ':' || !is_alphanumeric (uri.data[0])
      || (uri.data[0] >= '0' && uri.data[0] <= '9'))
    return false;
  struct sp_view rest = sp_view_from (uri, scheme + 1);
  if (!sp_view_starts (rest, sp_view_n ("//", 2)))
    return rest.len > 0;
  rest = sp_view_from (rest, 2);
  size_t end = 0;
  while (end < rest.len && !is_one_of (rest.data[end], "/?#"))
    end++;
  return split_authority (sp_view_head (rest, end), ret_host)
         && (!ret_host->len || sp_domain_is_valid (*ret_host, false));
}

/* --- names ------------------------------------------------------------------------------------ */

static int
add (struct sp_names *names, const struct sp_name *name, sigpolicy_error **err)
{
  if (names->len == SP_CERTIFICATE_NAMES_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "a certificate with more than %lu names", SP_CERTIFICATE_NAMES_MAX);
  if (sp_grow (&names->items, &names->capacity, names->len, sizeof *names->items, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  names->items[names->len++] = *name;
  return 0;
}

/* An IPv6 address that stands for an IPv4 one. */
static bool
is_mapped (struct sp_view address)
{
  return sp_view_starts (address, sp_view_n ("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12));
}

/* What Go takes for a URI is more than everybody reads alike: the rest of it is odd. */
static int
check_name (const struct sp_name *name, const char **ret_odd, sigpolicy_error **err)
{
  struct sp_view host;
  switch (name->kind)
    {
    case SP_NAME_EMAIL:
      return is_ascii (name->value) ? 0
                                    : sp_certificate_refuse (err, "SAN rfc822Name is malformed");
    case SP_NAME_DNS:
      return is_ascii (name->value) ? 0 : sp_certificate_refuse (err, "SAN dNSName is malformed");
    case SP_NAME_URI:
      if (!is_ascii (name->value))
        return sp_certificate_refuse (err, "SAN uniformResourceIdentifier is malformed");
      if (is_no_uri (name->value))
        return sp_certificate_refuse (err, "cannot parse URI");
      if (!sp_uri_host (name->value, &host))
        *ret_odd = "cannot parse URI";
      return 0;
    case SP_NAME_IP:
      if (name->value.len != 4 && name->value.len != 16)
        return sp_certificate_refuse (err, "cannot parse IP address");
      return name->value.len == 16 && is_mapped (name->value)
                 ? sp_certificate_refuse (err, "SAN iPAddress contains IPv4-mapped IPv6 address")
                 : 0;
    }
  return sp_certificate_refuse (err, "invalid subject alternative name");
}

/* The kind of a GeneralName that is read: its tag is primitive. */
static bool
kind_of (unsigned char tag, enum sp_name_kind *ret)
{
  switch (tag ^ 0x80)
    {
    case SP_NAME_EMAIL:
    case SP_NAME_DNS:
    case SP_NAME_URI:
    case SP_NAME_IP:
      *ret = (enum sp_name_kind) (tag ^ 0x80);
      return true;
    default:
      return false;
    }
}

int
sp_certificate_read_names (struct sp_view value, struct sp_names *ret, const char **ret_odd,
                           sigpolicy_error **err)
{
  struct sp_view list;
  struct sp_der element;

  if (!sp_der_take (&value, SP_DER_SEQUENCE, &list))
    return sp_certificate_refuse (err, "invalid subject alternative names");
  while (list.len)
    {
      struct sp_name name = { 0 };
      if (!sp_der_next (&list, &element))
        return sp_certificate_refuse (err, "invalid subject alternative name");
      if (!kind_of (element.tag, &name.kind))
        continue;
      name.value = element.content;
      int rc = check_name (&name, ret_odd, err);
      if (rc == 0)
        rc = add (ret, &name, err);
      if (rc < 0)
        return rc;
    }
  return 0;
}

/* --- constraints ------------------------------------------------------------------------------ */

/* Ones, then zeros. */
static bool
is_mask (struct sp_view mask)
{
  bool ended = false;
  for (size_t i = 0; i < mask.len; i++)
    {
      unsigned char byte = (unsigned char)mask.data[i];
      if (ended ? byte != 0 : ((byte ^ 0xff) & ((byte ^ 0xff) + 1)) != 0)
        return false;
      ended = ended || byte != 0xff;
    }
  return true;
}

bool
sp_text_is_address (struct sp_view text)
{
  unsigned char address[16];
  char copy[64];
  if (text.len >= sizeof copy || memchr (text.data, '\0', text.len))
    return false;
  memcpy (copy, text.data, text.len);
  copy[text.len] = '\0';
  return inet_pton (AF_INET, copy, address) == 1 || inet_pton (AF_INET6, copy, address) == 1;
}

static bool
is_subtree (const struct sp_name *subtree, const char **ret_odd)
{
  struct sp_view value = subtree->value, local, domain;
  switch (subtree->kind)
    {
    case SP_NAME_EMAIL:
      if (sp_view_find (value, '@') == SP_VIEW_NONE)
        return sp_domain_is_valid (value, true);
      if (!sp_mailbox_split (value, &local, &domain))
        *ret_odd = "cannot parse the mailbox of a name constraint";
      return is_ascii (value);
    case SP_NAME_DNS:
      return sp_domain_is_valid (value, true);
    case SP_NAME_URI:
      return sp_domain_is_valid (value, true) && !sp_text_is_address (value);
    case SP_NAME_IP:
      return (value.len == 8 || value.len == 32) && is_mask (sp_view_from (value, value.len / 2))
             && !(value.len == 32 && is_mapped (value));
    }
  return false;
}

static int
read_list (struct sp_view list, bool excluded, struct sp_names *ret, bool *ret_unread,
           const char **ret_odd, sigpolicy_error **err)
{
  struct sp_view subtree;
  struct sp_der base;

  while (list.len)
    {
      struct sp_name name = { .excluded = excluded };
      if (!sp_der_take (&list, SP_DER_SEQUENCE, &subtree) || !sp_der_next (&subtree, &base))
        return sp_certificate_refuse (err, "invalid NameConstraints extension");
      if (!kind_of (base.tag, &name.kind))
        {
          *ret_unread = true;
          continue;
        }
      name.value = base.content;
      if (!is_subtree (&name, ret_odd))
        return sp_certificate_refuse (err, "failed to parse a name constraint");
      int rc = add (ret, &name, err);
      if (rc < 0)
        return rc;
    }
  return 0;
}

int
sp_certificate_read_subtrees (struct sp_view value, struct sp_names *ret, bool *ret_unread,
                              const char **ret_odd, sigpolicy_error **err)
{
  struct sp_view content, permitted = { "", 0 }, excluded = { "", 0 };

  if (!sp_der_take (&value, SP_DER_SEQUENCE, &content) || value.len)
    return sp_certificate_refuse (err, "invalid NameConstraints extension");
  (void)sp_der_take (&content, SP_DER_CONTEXT_CONSTRUCTED (0), &permitted);
  (void)sp_der_take (&content, SP_DER_CONTEXT_CONSTRUCTED (1), &excluded);
  if (content.len)
    return sp_certificate_refuse (err, "invalid NameConstraints extension");
  if (!permitted.len && !excluded.len)
    return sp_certificate_refuse (err, "empty name constraints extension");
  int rc = read_list (permitted, false, ret, ret_unread, ret_odd, err);
  return rc < 0 ? rc : read_list (excluded, true, ret, ret_unread, ret_odd, err);
}
