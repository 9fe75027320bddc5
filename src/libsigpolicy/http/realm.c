/* SPDX-License-Identifier: Apache-2.0 */
#include "http/realm.h"

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/codec.h"

static bool
is_letter (char c)
{
  return sp_lower (c) >= 'a' && sp_lower (c) <= 'z';
}

static bool
is_digit (char c)
{
  return c >= '0' && c <= '9';
}

static bool
is_hex (char c)
{
  return is_digit (c) || (sp_lower (c) >= 'a' && sp_lower (c) <= 'f');
}

/* --- taking apart ----------------------------------------------------------------------------- */

/* What is wrong, or NULL. */
static const char *
check_bytes (struct sp_view text)
{
  if (text.len > SP_URL_BYTES_MAX)
    return "it is too long";
  for (size_t i = 0; i < text.len; i++)
    {
      char c = text.data[i];
      if (c <= ' ' || c >= 0x7f)
        return "it has bytes that are no printable ASCII";
      if (strchr ("\"<>\\^`{|}", c))
        return "it has bytes that no URL has";
      if (c == '#')
        return "it has a fragment";
      if (c == '%'
          && (text.len - i < 3 || !is_hex (text.data[i + 1]) || !is_hex (text.data[i + 2])))
        return "it has a % that is no escape";
    }
  return NULL;
}

static const char *
take_scheme (struct sp_view *rest, struct sp_view *ret)
{
  static const struct sp_view mark = SP_VIEW ("://");
  size_t colon = sp_view_find (*rest, ':');
  struct sp_view scheme = sp_view_head (*rest, colon);

  if (colon == SP_VIEW_NONE || !colon || !is_letter (scheme.data[0])
      || !sp_view_starts (sp_view_from (*rest, colon), mark))
    return "it does not begin with a scheme and \"://\"";
  for (size_t i = 0; i < scheme.len; i++)
    if (!is_letter (scheme.data[i]) && !is_digit (scheme.data[i])
        && !strchr ("+-.", scheme.data[i]))
      return "its scheme has bytes that no scheme has";
  *ret = scheme;
  *rest = sp_view_from (*rest, colon + mark.len);
  return NULL;
}

static bool
is_host (struct sp_view host)
{
  bool address = host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']';
  struct sp_view name = address ? sp_view_n (host.data + 1, host.len - 2) : host;

  for (size_t i = 0; i < name.len; i++)
    {
      char c = name.data[i];
      if (address ? !is_hex (c) && c != ':' && c != '.'
                  : !is_letter (c) && !is_digit (c) && c != '-' && c != '.' && c != '_')
        return false;
    }
  return name.len > 0;
}

static bool
read_port (struct sp_view text, unsigned *ret)
{
  unsigned port = 0;
  if (!text.len || text.len > 5)
    return false;
  for (size_t i = 0; i < text.len; i++)
    {
      if (!is_digit (text.data[i]))
        return false;
      port = port * 10 + (unsigned)(text.data[i] - '0');
    }
  *ret = port;
  return port > 0 && port <= 65535;
}

static unsigned
default_port (struct sp_view scheme)
{
  static const struct sp_view https = SP_VIEW ("https"), http = SP_VIEW ("http");
  return sp_view_equal_folded (scheme, https) ? 443 : sp_view_equal_folded (scheme, http) ? 80 : 0;
}

/* host [":" port]; an address in brackets has colons of its own. */
static const char *
split_authority (struct sp_view text, struct sp_url *url)
{
  size_t bracket = sp_view_find_last (text, ']'), colon = sp_view_find_last (text, ':');
  bool has_port = colon != SP_VIEW_NONE && (bracket == SP_VIEW_NONE || colon > bracket);

  if (sp_view_find (text, '@') != SP_VIEW_NONE)
    return "it has user information";
  url->host = has_port ? sp_view_head (text, colon) : text;
  if (!is_host (url->host))
    return url->host.len ? "its host has bytes that no host has" : "it has no host";
  url->port = default_port (url->scheme);
  if (has_port && !read_port (sp_view_from (text, colon + 1), &url->port))
    return "its port is invalid";
  return NULL;
}

static const char *
split (struct sp_view text, struct sp_url *url)
{
  struct sp_view rest = text;
  size_t end = 0;

  const char *fault = check_bytes (text);
  if (!fault)
    fault = take_scheme (&rest, &url->scheme);
  if (fault)
    return fault;
  while (end < rest.len && rest.data[end] != '/' && rest.data[end] != '?')
    end++;
  fault = split_authority (sp_view_head (rest, end), url);
  rest = sp_view_from (rest, end);
  size_t question = sp_view_find (rest, '?');
  url->path = sp_view_head (rest, question);
  url->has_query = question != SP_VIEW_NONE;
  url->query = sp_view_from (rest, url->has_query ? question + 1 : rest.len);
  return fault;
}

int
sp_url_split (struct sp_view text, struct sp_url *ret, sigpolicy_error **err)
{
  struct sp_url url = { 0 };

  const char *fault = split (text, &url);
  if (fault)
    return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE,
                         text.len > SP_URL_BYTES_MAX ? SIGPOLICY_REASON_LIMIT
                                                     : SIGPOLICY_REASON_COULD_NOT_LOOK,
                         "not a URL that can be asked: %s", fault);
  *ret = url;
  return 0;
}

/* --- where credentials may go ----------------------------------------------------------------- */

static int
refused (const char *why, sigpolicy_error **err)
{
  return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                       "credentials for %s", why);
}

/* The registry's own place, to compare with. */
static bool
split_registry (const char *scheme, const char *host_port, struct sp_url *ret)
{
  struct sp_url registry = { .scheme = sp_view_str (scheme) };
  if (split_authority (sp_view_str (host_port), &registry))
    return false;
  *ret = registry;
  return true;
}

static int
check_destination (const char *registry_scheme, const char *registry_host_port,
                   const struct sp_url *url, sigpolicy_error **err)
{
  struct sp_view scheme = sp_view_str (registry_scheme);
  struct sp_url registry;

  if (sp_view_is (scheme, "https"))
    return sp_view_equal_folded (url->scheme, scheme)
               ? 0
               : refused ("an https registry are sent only over https", err);
  if (!sp_view_is (scheme, "http")
      || !split_registry (registry_scheme, registry_host_port, &registry)
      || !sp_view_equal_folded (url->scheme, scheme)
      || !sp_view_equal_folded (url->host, registry.host) || url->port != registry.port)
    return refused ("a registry without TLS are sent only to its own scheme, host and port", err);
  return 0;
}

int
sp_realm_check (const char *registry_scheme, const char *registry_host_port, struct sp_view realm,
                struct sp_url *ret, sigpolicy_error **err)
{
  struct sp_url url;

  int rc = sp_url_split (realm, &url, err);
  if (rc == 0)
    rc = check_destination (registry_scheme, registry_host_port, &url, err);
  if (rc == 0)
    {
      *ret = url;
      return 0;
    }
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return rc;
  if (sigpolicy_error_reason (*err) != SIGPOLICY_REASON_LIMIT)
    (void)sp_error_stricter (err, "S6");
  cleanup_free char *shown = sp_escape_dup (realm, err);
  return shown ? sp_error_prefix (err, "the registry names the token server '%s'", shown)
               : SIGPOLICY_E_NO_MEMORY;
}
