/* SPDX-License-Identifier: Apache-2.0 */
#include "model/lookaside_int.h"

#include "util/codec.h"

#include <arpa/inet.h>
#include <ctype.h>

/*
 * URLs as RFC 3986 has them, with the tolerance that locations in registries.d have always been
 * read with. Pieces are kept decoded and encoded afresh, so escapes that are not needed go, and all
 * that a piece may not hold by itself is escaped.
 */

enum part
{
  HOST,
  ZONE, /* of an IPv6 address */
  USERINFO,
  PATH,
  FRAGMENT,
};

static bool
is_alphanumeric (char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool
is_one_of (char c, const char *bytes)
{
  return c && strchr (bytes, c);
}

/* May a byte stand in a part as it is? */
static bool
stands (char c, enum part part)
{
  static const char *const others[] = {
    [HOST] = "!$&'()*+,;=:[]<>\"", [ZONE] = "!$&'()*+,;=:[]<>\"", [USERINFO] = "$&+,;=",
    [PATH] = "$&+,/:;=@",          [FRAGMENT] = "$&+,/:;=?@!()*",
  };
  return is_alphanumeric (c) || is_one_of (c, "-_.~") || is_one_of (c, others[part]);
}

static void
encode (struct sp_view text, enum part part, struct sp_buf *out)
{
  for (size_t i = 0; i < text.len; i++)
    if (stands (text.data[i], part))
      sp_buf_byte (out, text.data[i]);
    else
      sp_buf_printf (out, "%%%02X", (unsigned char)text.data[i]);
}

static int
invalid (const char *what, struct sp_view piece, const char *rest, sigpolicy_error **err)
{
  cleanup_free char *quoted = sp_quote_dup (piece, err);
  return quoted ? sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, "%s %s%s",
                                what, quoted, rest)
                : SIGPOLICY_E_NO_MEMORY;
}

static int
fault (const char *text, sigpolicy_error **err)
{
  return sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, "%s", text);
}

static int
hex_value (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Hosts are escaped only where they are not ASCII; a zone may hold what a host may, and spaces. */
static bool
may_be_escaped (char c, struct sp_view escape, enum part part)
{
  if ((part != HOST && part != ZONE) || sp_view_is (escape, "%25"))
    return true;
  return part == HOST ? (unsigned char)c >= 0x80 : c == ' ' || stands (c, HOST);
}

static int
decode (struct sp_view text, enum part part, struct sp_buf *out, sigpolicy_error **err)
{
  for (size_t i = 0; i < text.len; i++)
    {
      char c = text.data[i];
      if (c != '%')
        {
          if ((part == HOST || part == ZONE) && (unsigned char)c < 0x80 && !stands (c, part))
            return invalid ("invalid character", sp_view_n (&c, 1), " in host name", err);
          sp_buf_byte (out, c);
          continue;
        }
      struct sp_view escape = sp_view_head (sp_view_from (text, i), 3);
      int high = escape.len == 3 ? hex_value (escape.data[1]) : -1;
      int low = escape.len == 3 ? hex_value (escape.data[2]) : -1;
      if (high < 0 || low < 0 || !may_be_escaped ((char)(high << 4 | low), escape, part))
        return invalid ("invalid URL escape", escape, "", err);
      sp_buf_byte (out, (char)(high << 4 | low));
      i += 2;
    }
  return sp_buf_check (out, err);
}

/* --- taking apart --------------------------------------------------------------------------- */

/* Cuts text at the first such byte; true when there is one. */
static bool
cut (struct sp_view text, char byte, struct sp_view *ret_before, struct sp_view *ret_after)
{
  size_t at = sp_view_find (text, byte);
  *ret_before = sp_view_head (text, at);
  *ret_after = at == SP_VIEW_NONE ? sp_view_n (text.data, 0) : sp_view_from (text, at + 1);
  return at != SP_VIEW_NONE;
}

static int
parse_scheme (struct sp_view *rest, char **ret, sigpolicy_error **err)
{
  size_t length = 0;

  while (length < rest->len
         && (is_alphanumeric (rest->data[length]) || is_one_of (rest->data[length], "+-.")))
    length++;
  bool colon = length < rest->len && rest->data[length] == ':';
  if (colon && !length)
    return fault ("missing protocol scheme", err);
  if (!colon || !isalpha ((unsigned char)rest->data[0]))
    length = 0;
  *ret = sp_view_dup (sp_view_head (*rest, length), err);
  if (!*ret)
    return SIGPOLICY_E_NO_MEMORY;
  for (char *c = *ret; *c; c++)
    if (*c >= 'A' && *c <= 'Z')
      *c = (char)(*c - 'A' + 'a');
  if (length)
    *rest = sp_view_from (*rest, length + 1);
  return 0;
}

/* Nothing, or a colon and digits, perhaps none. */
static int
check_port (struct sp_view port, sigpolicy_error **err)
{
  bool good = !port.len || port.data[0] == ':';
  for (size_t i = 1; i < port.len; i++)
    good = good && port.data[i] >= '0' && port.data[i] <= '9';
  return good ? 0 : invalid ("invalid port", port, " after host", err);
}

/* [IPV6], perhaps with a zone behind %25. */
static int
parse_literal (struct sp_view host, struct sp_buf *out, sigpolicy_error **err)
{
  char address[INET6_ADDRSTRLEN + 1];
  struct in6_addr ignored;
  size_t end = sp_view_find_last (host, ']');
  const struct sp_view marker = SP_VIEW ("%25");
  size_t zone = 0;

  if (end == SP_VIEW_NONE)
    return fault ("missing ']' in host", err);
  struct sp_view literal = sp_view_from (sp_view_head (host, end), 1);
  struct sp_view port = sp_view_from (host, end + 1);
  int rc = check_port (port, err);
  while (zone < literal.len && !sp_view_starts (sp_view_from (literal, zone), marker))
    zone++;
  sp_buf_byte (out, '[');
  if (rc == 0)
    rc = decode (sp_view_head (literal, zone), HOST, out, err);
  if (rc < 0)
    return rc;
  struct sp_view shown = sp_view_from (sp_buf_view (out), 1);
  bool good = shown.len < sizeof address;
  if (good)
    {
      memcpy (address, shown.data, shown.len);
      address[shown.len] = '\0';
      good = strlen (address) == shown.len && inet_pton (AF_INET6, address, &ignored) == 1
             && literal.len - zone != marker.len;
    }
  if (!good)
    return invalid ("invalid host:", literal, " is no IPv6 address", err);
  rc = decode (sp_view_from (literal, zone), ZONE, out, err);
  sp_buf_byte (out, ']');
  sp_buf_add (out, port);
  return rc;
}

static int
parse_host (struct sp_view host, char **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_LOOKASIDE_BYTES_MAX);
  size_t bracket = sp_view_find (host, '[');
  size_t colon = sp_view_find_last (host, ':');
  int rc;

  if (bracket != SP_VIEW_NONE && bracket > 0)
    return fault ("invalid IP-literal", err);
  if (bracket == 0)
    rc = parse_literal (host, &out, err);
  else
    {
      rc = colon == SP_VIEW_NONE ? 0 : check_port (sp_view_from (host, colon), err);
      if (rc == 0)
        rc = decode (host, HOST, &out, err);
    }
  if (rc < 0)
    return rc;
  *ret = sp_buf_steal (&out, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
parse_userinfo (struct sp_view text, char **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_LOOKASIDE_BYTES_MAX);
  cleanup_buf struct sp_buf user = SP_BUF (SP_LOOKASIDE_BYTES_MAX);
  cleanup_buf struct sp_buf password = SP_BUF (SP_LOOKASIDE_BYTES_MAX);
  struct sp_view before, after;

  for (size_t i = 0; i < text.len; i++)
    if (!is_alphanumeric (text.data[i]) && !is_one_of (text.data[i], "-._:~!$&'()*+,;=%@"))
      return fault ("net/url: invalid userinfo", err);
  bool has_password = cut (text, ':', &before, &after);
  int rc = decode (before, USERINFO, &user, err);
  if (rc == 0)
    rc = decode (after, USERINFO, &password, err);
  if (rc < 0)
    return rc;
  encode (sp_buf_view (&user), USERINFO, &out);
  if (has_password)
    sp_buf_byte (&out, ':');
  encode (sp_buf_view (&password), USERINFO, &out);
  *ret = sp_buf_steal (&out, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
parse_authority (struct sp_view text, struct sp_lookaside *ret, sigpolicy_error **err)
{
  size_t at = sp_view_find_last (text, '@');
  int rc = parse_host (at == SP_VIEW_NONE ? text : sp_view_from (text, at + 1), &ret->host, err);
  return rc < 0 || at == SP_VIEW_NONE
             ? rc
             : parse_userinfo (sp_view_head (text, at), &ret->userinfo, err);
}

static int
parse_path (struct sp_view text, struct sp_lookaside *ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf path = SP_BUF (SP_LOOKASIDE_BYTES_MAX);
  int rc = decode (text, PATH, &path, err);
  if (rc < 0)
    return rc;
  ret->path_len = path.len;
  ret->path = sp_buf_steal (&path, err);
  return ret->path ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* What stands behind a scheme and before a query. */
static int
parse_hierarchy (struct sp_view text, struct sp_lookaside *ret, sigpolicy_error **err)
{
  bool scheme = ret->scheme[0], slash = text.len && text.data[0] == '/';
  size_t end = sp_view_find (text, '/');

  if (!slash && !scheme && sp_view_find (sp_view_head (text, end), ':') != SP_VIEW_NONE)
    return fault ("first path segment in URL cannot contain colon", err);
  if (!slash && scheme)
    {
      ret->host = sp_strdup ("", err);
      if (text.len)
        ret->opaque = sp_view_dup (text, err);
      return *err ? SIGPOLICY_E_NO_MEMORY : parse_path (sp_view_str (""), ret, err);
    }
  if (sp_view_starts (text, sp_view_str ("//"))
      && (scheme || !sp_view_starts (text, sp_view_str ("///"))))
    {
      struct sp_view authority = sp_view_from (text, 2);
      end = sp_view_find (authority, '/');
      text = end == SP_VIEW_NONE ? sp_view_str ("") : sp_view_from (authority, end);
      int rc = parse_authority (sp_view_head (authority, end), ret, err);
      if (rc < 0)
        return rc;
    }
  return parse_path (text, ret, err);
}

static int
parse_without_fragment (struct sp_view text, struct sp_lookaside *ret, sigpolicy_error **err)
{
  struct sp_view query;

  for (size_t i = 0; i < text.len; i++)
    if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
      return fault ("net/url: invalid control character in URL", err);
  int rc = parse_scheme (&text, &ret->scheme, err);
  if (rc < 0)
    return rc;
  if (cut (text, '?', &text, &query))
    {
      ret->query = sp_view_dup (query, err);
      if (!ret->query)
        return SIGPOLICY_E_NO_MEMORY;
    }
  return parse_hierarchy (text, ret, err);
}

/* A fragment stays as it is written, if it is encoded as such. */
static int
parse_fragment (struct sp_view text, char **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf plain = SP_BUF (SP_LOOKASIDE_BYTES_MAX);
  cleanup_buf struct sp_buf out = SP_BUF (SP_LOOKASIDE_BYTES_MAX);
  bool encoded = true;

  int rc = decode (text, FRAGMENT, &plain, err);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < text.len; i++)
    encoded = encoded && (stands (text.data[i], FRAGMENT) || is_one_of (text.data[i], "'[]%"));
  if (encoded)
    sp_buf_add (&out, text);
  else
    encode (sp_buf_view (&plain), FRAGMENT, &out);
  *ret = sp_buf_steal (&out, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

int
sp_lookaside_parse (struct sp_view text, struct sp_lookaside *ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf shown = SP_BUF (SP_LOOKASIDE_BYTES_MAX);
  cleanup_error sigpolicy_error *no_memory = NULL;
  struct sp_view before, fragment;

  (void)cut (text, '#', &before, &fragment);
  struct sp_view faulty = before;
  int rc = parse_without_fragment (before, ret, err);
  if (rc == 0 && fragment.len)
    {
      faulty = text;
      rc = parse_fragment (fragment, &ret->fragment, err);
    }
  if (rc == 0)
    return 0;
  sp_lookaside_hide (faulty, &shown);
  cleanup_free char *quoted = sp_quote_dup (sp_buf_view (&shown), &no_memory);
  return quoted ? sp_error_prefix (err, "parse %s", quoted) : sp_error_no_memory (err);
}

/* --- putting together ----------------------------------------------------------------------- */

static void
compose_userinfo (const char *userinfo, bool with_password, struct sp_buf *out)
{
  struct sp_view user, password;
  bool has_password = cut (sp_view_str (userinfo), ':', &user, &password);

  sp_buf_add (out, user);
  if (has_password)
    {
      sp_buf_byte (out, ':');
      sp_buf_add (out, with_password ? password : sp_view_str ("xxxxx"));
    }
  sp_buf_byte (out, '@');
}

void
sp_lookaside_compose (const struct sp_lookaside *lookaside, struct sp_view path, bool with_password,
                      struct sp_buf *out)
{
  struct sp_view host = sp_view_str (lookaside->host), first;
  bool scheme = lookaside->scheme[0];

  sp_buf_str (out, lookaside->scheme);
  if (scheme)
    sp_buf_byte (out, ':');
  if (lookaside->opaque)
    sp_buf_str (out, lookaside->opaque);
  else
    {
      if (lookaside->userinfo || host.len || (scheme && lookaside->host))
        sp_buf_str (out, "//");
      if (lookaside->userinfo)
        compose_userinfo (lookaside->userinfo, with_password, out);
      encode (host, HOST, out);
      /* Else its beginning would be read as a scheme. */
      (void)cut (path, '/', &first, &(struct sp_view){ 0 });
      if (!out->len && sp_view_find (first, ':') != SP_VIEW_NONE)
        sp_buf_str (out, "./");
      encode (path, PATH, out);
    }
  if (lookaside->query)
    {
      sp_buf_byte (out, '?');
      sp_buf_str (out, lookaside->query);
    }
  if (lookaside->fragment)
    {
      sp_buf_byte (out, '#');
      sp_buf_str (out, lookaside->fragment);
    }
}

/* Between the first colon behind "//" and the last "@" before the next slash. */
void
sp_lookaside_hide (struct sp_view text, struct sp_buf *out)
{
  size_t start = 0;
  while (start < text.len && !sp_view_starts (sp_view_from (text, start), sp_view_str ("//")))
    start++;
  struct sp_view authority = sp_view_from (text, start + 2);
  authority = sp_view_head (authority, sp_view_find (authority, '/'));
  size_t at = sp_view_find_last (authority, '@');
  size_t colon = sp_view_find (authority, ':');
  if (at == SP_VIEW_NONE || colon == SP_VIEW_NONE || colon > at)
    sp_buf_add (out, text);
  else
    {
      sp_buf_add (out, sp_view_head (text, start + 2 + colon + 1));
      sp_buf_str (out, "xxxxx");
      sp_buf_add (out, sp_view_from (text, start + 2 + at));
    }
}
