/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/hostname.h"

#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

#include <arpa/inet.h>

/* Letters, digits, hyphens that are not first, underscores; of a pattern the first label may be an
 * asterisk. A host may end in a dot, a pattern may not. */
static bool
is_host (struct sp_view name, bool pattern)
{
  if (!pattern && name.len && name.data[name.len - 1] == '.')
    name.len--;
  if (!name.len || (pattern && sp_view_is (name, "*")))
    return false;
  size_t start = 0;
  for (size_t i = 0; i <= name.len; i++)
    {
      char c = i < name.len ? sp_lower (name.data[i]) : '.';
      if (c == '.')
        {
          if (i == start)
            return false;
          start = i + 1;
          continue;
        }
      bool wildcard = pattern && c == '*' && i == 0 && name.len > 1 && name.data[1] == '.';
      if (!wildcard && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_'
          && !(c == '-' && i > start))
        return false;
    }
  return true;
}

/* As many labels, each the same; an asterisk for the first stands for any one. */
static bool
matches_pattern (struct sp_view host, struct sp_view pattern)
{
  if (host.len && host.data[host.len - 1] == '.')
    host.len--;
  if (sp_view_starts (pattern, sp_view_n ("*.", 2)))
    {
      size_t dot = sp_view_find (host, '.');
      return dot != SP_VIEW_NONE && dot > 0
             && sp_view_equal_folded (sp_view_from (host, dot), sp_view_from (pattern, 1));
    }
  return sp_view_equal_folded (host, pattern);
}

static bool
matches_dns (struct sp_view host, struct sp_view name)
{
  return is_host (host, false) && is_host (name, true) ? matches_pattern (host, name)
                                                       : sp_view_equal_folded (host, name);
}

/* Four numbers without leading zeros, or IPv6 in any spelling, with a zone that does not count. An
 * IPv6 address that stands for an IPv4 one is that. Returns the length, or 0. */
static size_t
parse_address (struct sp_view text, unsigned char out[16])
{
  static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
  char copy[INET6_ADDRSTRLEN + 1];
  size_t zone = sp_view_find (text, '%');
  bool v6 = sp_view_find (text, ':') != SP_VIEW_NONE;

  if (zone != SP_VIEW_NONE && (!v6 || zone + 1 == text.len))
    return 0;
  text = sp_view_head (text, zone);
  if (!text.len || text.len >= sizeof copy || memchr (text.data, '\0', text.len))
    return 0;
  memcpy (copy, text.data, text.len);
  copy[text.len] = '\0';
  if (!v6)
    return inet_pton (AF_INET, copy, out) == 1 ? 4 : 0;
  if (inet_pton (AF_INET6, copy, out) != 1)
    return 0;
  if (memcmp (out, mapped, sizeof mapped) != 0)
    return 16;
  memmove (out, out + 12, 4);
  return 4;
}

/* What it is for instead. */
static void
list_names (const struct sp_certificate *certificate, enum sp_name_kind kind, struct sp_buf *out)
{
  char text[INET6_ADDRSTRLEN];
  for (size_t i = 0; i < certificate->names.len; i++)
    {
      const struct sp_name *name = &certificate->names.items[i];
      if (name->kind != kind)
        continue;
      sp_buf_str (out, out->len ? ", " : "");
      if (kind != SP_NAME_IP)
        sp_escape (name->value, out);
      else if (inet_ntop (name->value.len == 4 ? AF_INET : AF_INET6, name->value.data, text,
                          sizeof text))
        sp_buf_str (out, text);
    }
}

static int
mismatch (const struct sp_certificate *certificate, struct sp_view hostname, enum sp_name_kind kind,
          sigpolicy_error **err)
{
  cleanup_buf struct sp_buf names = SP_BUF (SP_OUTPUT_BYTES_MAX);
  cleanup_free char *shown = sp_escape_dup (hostname, err);
  static const sigpolicy_reason reason = SIGPOLICY_REASON_SUBJECT_MISMATCH;
  static const char prefix[] = "Unexpected subject hostname: x509:";

  list_names (certificate, kind, &names);
  if (!shown || sp_buf_check (&names, err) < 0)
    return sigpolicy_error_code (*err);
  if (names.len)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, reason,
                         "%s certificate is valid for %s, not %s", prefix, names.data, shown);
  if (kind == SP_NAME_IP)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, reason,
                         "%s cannot validate certificate for %s because it doesn't contain any IP "
                         "SANs",
                         prefix, shown);
  if (!certificate->has_names && is_host (certificate->common_name, false))
    return sp_error_set (err, SIGPOLICY_E_REJECTED, reason,
                         "%s certificate relies on legacy Common Name field, use SANs instead",
                         prefix);
  return sp_error_set (err, SIGPOLICY_E_REJECTED, reason,
                       "%s certificate is not valid for any names, but wanted to match %s", prefix,
                       shown);
}

int
sp_hostname_check (const struct sp_certificate *certificate, struct sp_view hostname,
                   sigpolicy_error **err)
{
  unsigned char address[16];
  struct sp_view bare = hostname;

  if (bare.len >= 3 && bare.data[0] == '[' && bare.data[bare.len - 1] == ']')
    bare = sp_view_n (bare.data + 1, bare.len - 2);
  size_t length = parse_address (bare, address);
  enum sp_name_kind kind = length ? SP_NAME_IP : SP_NAME_DNS;
  for (size_t i = 0; i < certificate->names.len; i++)
    {
      const struct sp_name *name = &certificate->names.items[i];
      if (name->kind != kind)
        continue;
      if (length ? sp_view_equal (name->value, sp_view_n ((const char *)address, length))
                 : matches_dns (hostname, name->value))
        return 0;
    }
  return mismatch (certificate, hostname, kind, err);
}
