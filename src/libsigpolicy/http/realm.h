/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_HTTP_REALM_H
#define SP_HTTP_REALM_H

#include "util/error.h"
#include "util/limits.h"
#include "util/view.h"

/* A URL that a server chose, taken apart; the views are into its text. */
struct sp_url
{
  struct sp_view scheme; /* as written, in any case */
  struct sp_view host;   /* as written; an IPv6 address keeps its brackets */
  unsigned port;         /* the scheme's own where none is written; 0 for schemes without one */
  struct sp_view path;   /* "" or from its "/" on */
  bool has_query;
  struct sp_view query; /* behind the "?" */
};

/*
 * Strict and small: scheme "://" host [":" port] path ["?" query], in printable ASCII (RFC 3986).
 * User information, fragments, backslashes, escapes in hosts and all that needs a guess are
 * refused. Failure: UNAVAILABLE/could-not-look, saying which of these it is.
 */
int sp_url_split (struct sp_view text, struct sp_url *ret,
                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * May credentials for a registry go to the token server that it names? One that speaks https may
 * name any host, by https; one that speaks plain http only itself: the same scheme, host and port.
 * host_port is as in the reference. *ret are the parts of the realm. Refusals are UNAVAILABLE, and
 * of the stricter check "S6".
 */
int sp_realm_check (const char *registry_scheme, const char *registry_host_port,
                    struct sp_view realm, struct sp_url *ret,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
