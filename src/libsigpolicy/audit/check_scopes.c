/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "json/decode.h"
#include "reference/digest.h"
#include "util/codec.h"

/* Scopes that no image has, and why; and those that take back what the scope above them asks. */

static struct sp_view
name_of (const struct sp_item *item)
{
  return sp_view_n (item->scope->name, item->scope->name_len);
}

static const char *
show_scope (struct sp_audit *audit, const struct sp_item *item)
{
  return sp_audit_show (audit, sp_view_head (name_of (item), 512));
}

/* Removing a scope; nothing where its name cannot be said. */
static struct sp_fix
removal (const struct sp_audit *audit, const struct sp_item *item, bool is_safe)
{
  bool can_mend = strlen (item->scope->name) == item->scope->name_len;
  return (struct sp_fix){ .kind = SP_FIX_UNSET,
                          .is_safe = is_safe,
                          .file = can_mend ? audit->policy_path : NULL,
                          .transport = item->transport->name,
                          .scope = item->scope->name };
}

/* --- why a name of a registry matches nothing --------------------------------------------------
 */

/* The parts of "host/path" as it is written. */
static struct sp_view
host_of (struct sp_view name)
{
  return sp_view_head (name, sp_view_find (name, '/'));
}

static bool
has_upper (struct sp_view text)
{
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] >= 'A' && text.data[i] <= 'Z')
      return true;
  return false;
}

static bool
is_host (struct sp_view text)
{
  return sp_view_find (text, '.') != SP_VIEW_NONE || sp_view_find (text, ':') != SP_VIEW_NONE
         || sp_view_is (text, "localhost") || has_upper (text);
}

static size_t
find_text (struct sp_view text, const char *what)
{
  const char *at = text.len ? memmem (text.data, text.len, what, strlen (what)) : NULL;
  return at ? (size_t)(at - text.data) : SP_VIEW_NONE;
}

static struct sp_view
without_end (struct sp_view text, char end)
{
  while (text.len && text.data[text.len - 1] == end)
    text.len--;
  return text;
}

/* What is probably meant, for the fix. */
static const char *
guess (struct sp_audit *audit, const char *what, struct sp_view better)
{
  return sp_audit_compose (audit, "%s \"%s\"", what,
                           sp_audit_show (audit, sp_view_head (better, 512)));
}

struct reason
{
  enum sp_audit_rule_id rule;
  const char *why, *fix; /* fix may be NULL */
};

static struct reason
why_wildcard (struct sp_audit *audit, struct sp_view name)
{
  size_t star = sp_view_find (name, '*');
  struct sp_view host = host_of (name);

  if (star == 0 && name.len > 2 && name.data[1] == '.' && sp_view_find (host, ':') != SP_VIEW_NONE
      && host.len == name.len)
    return (struct reason){ SP_RULE_SCOPE_WILDCARD_PORT,
                            "wildcards are compared without the port, so this matches no image",
                            guess (audit, "write", sp_view_head (name, sp_view_find (name, ':'))) };
  struct sp_view parent = without_end (sp_view_head (name, star), '/');
  return (struct reason){ SP_RULE_SCOPE_BAD_WILDCARD,
                          "only \"*.\" before a domain is a wildcard, so this matches no image",
                          star > 0 && name.data[star - 1] == '/'
                              ? guess (audit, "a scope covers every name below it: write", parent)
                              : NULL };
}

static struct reason
why_never (struct sp_audit *audit, const struct sp_item *item)
{
  struct sp_view name = name_of (item), host = host_of (name), path;
  size_t scheme = find_text (name, "://"), at = sp_view_find (name, '@');

  if (scheme != SP_VIEW_NONE)
    return (struct reason){
      SP_RULE_SCOPE_WITH_SCHEME, "a scope is a bare name, so with a scheme it matches no image",
      guess (audit, "write", without_end (sp_view_from (name, scheme + 3), '/'))
    };
  if (name.len && name.data[name.len - 1] == '/')
    return (struct reason){ SP_RULE_SCOPE_TRAILING_SLASH,
                            "no image name ends with a slash, so this matches none",
                            guess (audit, "write", without_end (name, '/')) };
  if (sp_view_find (name, '*') != SP_VIEW_NONE)
    return why_wildcard (audit, name);
  if (sp_view_is (host, "index.docker.io"))
    {
      const char *better = sp_audit_compose (audit, "docker.io%.*s", (int)(name.len - host.len),
                                             name.data + host.len);
      return (
          struct reason){ SP_RULE_SCOPE_LEGACY_HUB_HOST,
                          "this host name is replaced by docker.io first, so this matches no image",
                          guess (audit, "write", sp_view_str (better)) };
    }
  path = sp_view_from (name, host.len);
  if (at != SP_VIEW_NONE)
    {
      struct sp_view before = sp_view_head (name, at);
      size_t colon = sp_view_find_last (before, ':'), slash = sp_view_find_last (before, '/');
      if (colon != SP_VIEW_NONE && slash != SP_VIEW_NONE && colon > slash)
        return (struct reason){ SP_RULE_SCOPE_TAG_AND_DIGEST,
                                "image names are compared with their tag or their digest, not "
                                "both, so this matches no image",
                                NULL };
    }
  if (has_upper (sp_view_head (path, sp_view_find (path, ':'))))
    return (struct reason){ SP_RULE_SCOPE_UPPERCASE,
                            "repository names are lower case, so this matches no image", NULL };
  if (!is_host (host) && name.len)
    {
      const char *better = sp_audit_compose (audit, "docker.io/%s%.*s", path.len ? "" : "library/",
                                             (int)name.len, name.data);
      return (struct reason){ SP_RULE_SCOPE_SHORT_NAME,
                              "scopes are compared with full image names, so this matches no image",
                              guess (audit, "for Docker Hub, write", sp_view_str (better)) };
    }
  return (struct reason){ SP_RULE_SCOPE_DEAD, "this is not a scope of any image name", NULL };
}

static int
check_never (struct sp_audit *audit, const struct sp_item *item, sigpolicy_error **err)
{
  struct reason reason = { SP_RULE_SCOPE_DEAD, "no image can be named with this transport", NULL };

  switch (item->known)
    {
    case SP_TRANSPORT_DOCKER:
    case SP_TRANSPORT_DOCKER_DAEMON:
    case SP_TRANSPORT_ATOMIC:
      reason = why_never (audit, item);
      break;
    case SP_TRANSPORT_DIR:
    case SP_TRANSPORT_OCI:
    case SP_TRANSPORT_OCI_ARCHIVE:
    case SP_TRANSPORT_SIF:
      {
        cleanup_free char *real = sp_root_resolve (audit->root, item->scope->name, err);
        if (!real)
          return sigpolicy_error_code (*err);
        reason = (struct reason){ SP_RULE_SCOPE_PATH_SYMLINK,
                                  "scopes are compared with real paths, so this matches no image",
                                  guess (audit, "write", sp_view_str (real)) };
        break;
      }
    case SP_TRANSPORT_CONTAINERS_STORAGE:
    case SP_TRANSPORT_DOCKER_ARCHIVE:
    case SP_TRANSPORT_OSTREE:
    case SP_TRANSPORT_TARBALL:
      break;
    }
  const struct sp_fix change = removal (audit, item, false);
  const struct sp_where where
      = { .item = item, .effect = SP_EFFECT_NEVER, .fix = reason.fix, .change = &change };
  sp_audit_find (audit, reason.rule, &where, "%s: %s", show_scope (audit, item), reason.why);
  return 0;
}

/* --- against the scope above --------------------------------------------------------------------
 */

static bool
asks_signature (const struct sp_requirements *list)
{
  return sp_has_type (list, SP_REQUIREMENT_SIGNED_BY)
         || sp_has_type (list, SP_REQUIREMENT_SIGSTORE_SIGNED);
}

/* The same text but for white space; what is in quotes counts. */
static bool
is_same_text (struct sp_view a, struct sp_view b)
{
  size_t i = 0, j = 0;
  bool quoted = false;

  for (;;)
    {
      while (!quoted && i < a.len && memchr (" \t\r\n", a.data[i], 4))
        i++;
      while (!quoted && j < b.len && memchr (" \t\r\n", b.data[j], 4))
        j++;
      if (i >= a.len || j >= b.len)
        return i >= a.len && j >= b.len;
      if (a.data[i] != b.data[j])
        return false;
      if (a.data[i] == '"' && (i == 0 || a.data[i - 1] != '\\'))
        quoted = !quoted;
      i++;
      j++;
    }
}

/* Does the scope name one tag: "host/path:tag"? */
static bool
is_tag (struct sp_view name)
{
  size_t slash = sp_view_find_last (name, '/'), colon = sp_view_find_last (name, ':');
  return slash != SP_VIEW_NONE && colon != SP_VIEW_NONE && colon > slash
         && sp_view_find (name, '@') == SP_VIEW_NONE;
}

static int
check_against_parent (struct sp_audit *audit, const struct sp_item *item, sigpolicy_error **err)
{
  const struct sp_requirements *list = &item->scope->requirements;
  bool is_digest = sp_view_find (name_of (item), '@') != SP_VIEW_NONE;
  const struct sp_item *parent = NULL;

  int rc = sp_audit_parent (audit, item, &parent, err);
  if (rc < 0)
    return rc;
  bool is_known = parent && (parent->transport || !audit->is_default_ours);

  if (is_known && item->scope->name_len && parent->node && item->node
      && is_same_text (item->node->source, parent->node->source))
    {
      const struct sp_fix change = removal (audit, item, true);
      const struct sp_where where = { .item = item, .change = &change };
      sp_audit_find (audit, SP_RULE_SCOPE_REDUNDANT, &where,
                     "%s has the same requirements as the more general %s%s%s",
                     show_scope (audit, item), parent->transport ? "\"" : "the default",
                     parent->transport ? show_scope (audit, parent) : "",
                     parent->transport ? "\"" : "");
    }
  if (!sp_requirements_accept_anything (list) || !item->example
      || item->known != SP_TRANSPORT_DOCKER)
    return 0;
  const struct sp_fix change = removal (audit, item, false);
  const struct sp_where where = { .item = item, .effect = SP_EFFECT_ACCEPTS, .change = &change };
  if (is_tag (name_of (item)))
    sp_audit_find (audit, SP_RULE_SCOPE_TAG_EXCEPTION, &where,
                   "every image at %s is accepted unsigned, and the tag can be moved",
                   SP_SHOW (audit, item->example));
  if (is_known && asks_signature (&parent->scope->requirements) && !is_digest)
    sp_audit_find (audit, SP_RULE_SCOPE_WEAKER_THAN_PARENT, &where,
                   "%s is accepted unsigned, although %s%s%s requires a signature",
                   SP_SHOW (audit, item->example), parent->transport ? "\"" : "the default",
                   parent->transport ? show_scope (audit, parent) : "",
                   parent->transport ? "\"" : "");
  return 0;
}

/* --- transports ---------------------------------------------------------------------------------
 */

static void
check_unknown (struct sp_audit *audit, const struct sp_policy_transport *transport,
               const struct sp_json_tree_node *node)
{
  const char *names[SP_TRANSPORTS];
  for (size_t i = 0; i < SP_TRANSPORTS; i++)
    names[i] = sp_transport_name ((enum sp_transport)i);
  struct sp_view name = sp_view_n (transport->name, transport->name_len);
  struct sp_view bare = sp_view_head (name, sp_view_find (name, ':'));
  const char *near = sp_json_nearest (bare, names, SP_TRANSPORTS);
  size_t image = find_text (name, "docker://");
  const char *fix = image != SP_VIEW_NONE ? sp_audit_compose (
                        audit, "write the scope \"%s\" below \"docker\"",
                        sp_audit_show (audit, sp_view_head (sp_view_from (name, image + 9), 512)))
                    : near ? sp_audit_compose (audit, "write \"%s\"", near)
                           : NULL;
  const struct sp_where where = { .node = node, .fix = fix, .effect = SP_EFFECT_NEVER };
  sp_audit_find (audit, SP_RULE_TRANSPORT_UNKNOWN, &where,
                 "\"%s\" is not a transport: its %zu scope%s never used",
                 sp_audit_show (audit, sp_view_head (name, 512)), transport->n_scopes,
                 transport->n_scopes == 1 ? " is" : "s are");
}

static const struct sp_item *
catchall_of (const struct sp_audit *audit, enum sp_transport transport)
{
  for (size_t i = 0; i < audit->n_sorted; i++)
    if (audit->sorted[i]->known == transport && !audit->sorted[i]->scope->name_len)
      return audit->sorted[i];
  return NULL;
}

/* A whole registry, or all of a domain, that comes in unsigned past a default that is stricter. */
static void
check_wide (struct sp_audit *audit, const struct sp_item *item)
{
  /* Where anybody may have an account. */
  static const char *const open[]
      = { "docker.io", "quay.io", "ghcr.io", "gcr.io", "public.ecr.aws", "registry.gitlab.com" };
  struct sp_view name = name_of (item);
  bool is_wildcard = sp_view_starts (name, sp_view_str ("*."));
  bool is_open = false;

  if (item->known != SP_TRANSPORT_DOCKER || !name.len || !item->example
      || sp_view_find (name, '/') != SP_VIEW_NONE
      || !sp_requirements_accept_anything (&item->scope->requirements)
      || (!audit->is_default_ours
          && sp_requirements_accept_anything (&audit->items[0].scope->requirements)))
    return;
  for (size_t i = 0; i < sizeof open / sizeof *open; i++)
    is_open = is_open || sp_view_is (name, open[i]);
  /* "*.io" is everybody's; "*.corp.example" may be one owner's. */
  bool is_top = sp_view_find (sp_view_from (name, 2), '.') == SP_VIEW_NONE;
  const struct sp_fix change = removal (audit, item, false);
  const struct sp_where where = { .item = item,
                                  .change = &change,
                                  .effect = SP_EFFECT_ACCEPTS,
                                  .is_lower = is_wildcard ? !is_top : !is_open };
  if (is_wildcard)
    sp_audit_find (audit, SP_RULE_SCOPE_WILDCARD_ACCEPT, &where,
                   "every registry below %s is accepted unsigned, such as %s",
                   show_scope (audit, item), SP_SHOW (audit, item->example));
  else
    sp_audit_find (audit, SP_RULE_SCOPE_REGISTRY_ACCEPT, &where,
                   is_open ? "anyone can push to %s, and its images are accepted unsigned: %s"
                           : "every image of %s is accepted unsigned: %s",
                   show_scope (audit, item), SP_SHOW (audit, item->example));
}

static void
check_catchall (struct sp_audit *audit, enum sp_transport transport, enum sp_audit_rule_id rule,
                const char *what, const char *fix)
{
  const struct sp_item *item = catchall_of (audit, transport);

  if (!item || !sp_requirements_accept_anything (&item->scope->requirements)
      || sp_requirements_accept_anything (&audit->items[0].scope->requirements))
    return;
  const struct sp_fix change = removal (audit, item, false);
  const struct sp_where where = { .item = item,
                                  .effect = item->example ? SP_EFFECT_ACCEPTS : SP_EFFECT_NONE,
                                  .fix = fix,
                                  .change = &change };
  sp_audit_find (audit, rule, &where,
                 "%s is accepted unsigned, although the default is stricter%s%s", what,
                 item->example ? ": " : "", item->example ? SP_SHOW (audit, item->example) : "");
}

static bool
has_scopes (const struct sp_audit *audit, enum sp_transport transport)
{
  return sp_policy_find_transport (audit->policy, transport) != NULL;
}

static void
check_local (struct sp_audit *audit)
{
  static const struct
  {
    enum sp_transport transport;
    const char *name;
  } local[] = { { SP_TRANSPORT_CONTAINERS_STORAGE, "containers-storage" },
                { SP_TRANSPORT_DIR, "dir" },
                { SP_TRANSPORT_OCI, "oci" },
                { SP_TRANSPORT_OCI_ARCHIVE, "oci-archive" },
                { SP_TRANSPORT_DOCKER_ARCHIVE, "docker-archive" } };
  cleanup_buf struct sp_buf missing = SP_BUF (256);

  if (audit->is_default_ours
      || !sp_has_type (&audit->items[0].scope->requirements, SP_REQUIREMENT_REJECT))
    return;
  for (size_t i = 0; i < sizeof local / sizeof *local; i++)
    if (!has_scopes (audit, local[i].transport))
      sp_buf_printf (&missing, "%s%s", missing.len ? ", " : "", local[i].name);
  const struct sp_where where = { .item = &audit->items[0] };
  if (missing.len)
    sp_audit_find (audit, SP_RULE_TRANSPORT_LOCAL_BLOCKED, &where,
                   "the default rejects, and these transports have no scopes: %s", missing.data);
}

static int
check_atomic_scopes (struct sp_audit *audit, sigpolicy_error **err)
{
  for (size_t i = 0; i < audit->n_items; i++)
    {
      const struct sp_item *item = &audit->items[i];
      if (!item->transport || !item->transport->known || item->known != SP_TRANSPORT_ATOMIC
          || !item->scope->name_len)
        continue;
      cleanup_free char *example = sp_asprintf (err, "%.*s/zz-example-zz/app",
                                                (int)name_of (item).len, name_of (item).data);
      const struct sp_item *docker = NULL;
      int rc = example ? sp_audit_match (audit, sp_view_str (example), &docker, NULL, err)
                       : SIGPOLICY_E_NO_MEMORY;
      if (rc < 0)
        return rc;
      bool is_covered
          = docker && docker->transport && sp_view_equal (name_of (docker), name_of (item));
      const struct sp_where where = { .item = item };
      if (!is_covered)
        sp_audit_find (audit, SP_RULE_TRANSPORT_ATOMIC_FOR_REGISTRY, &where,
                       "this does not apply to images that are pulled as docker://%s",
                       show_scope (audit, item));
    }
  return 0;
}

int
sp_check_scopes (struct sp_audit *audit, sigpolicy_error **err)
{
  int rc = 0;

  if (!audit->policy)
    return 0;
  const struct sp_json_tree_node *transports
      = sp_json_tree_member (audit->tree->root, sp_view_str ("transports"));
  const struct sp_json_tree_node *node = transports ? transports->first : NULL;
  for (size_t i = 0; node && i < sp_policy_n_transports (audit->policy); i++, node = node->next)
    if (!sp_policy_transport (audit->policy, i)->known)
      check_unknown (audit, sp_policy_transport (audit->policy, i), node);
  for (size_t i = 1; rc == 0 && i < audit->n_items; i++)
    {
      const struct sp_item *item = &audit->items[i];
      if (!item->transport->known)
        continue;
      if (!item->is_reachable)
        rc = check_never (audit, item, err);
      else
        {
          rc = check_against_parent (audit, item, err);
          check_wide (audit, item);
        }
    }
  if (rc == 0)
    rc = check_atomic_scopes (audit, err);
  check_catchall (audit, SP_TRANSPORT_DOCKER, SP_RULE_TRANSPORT_CATCHALL_ACCEPT,
                  "every image on every registry that no other scope matches", NULL);
  check_catchall (audit, SP_TRANSPORT_DIR, SP_RULE_TRANSPORT_ARCHIVES_ACCEPT, "every dir: image",
                  NULL);
  check_catchall (audit, SP_TRANSPORT_OCI, SP_RULE_TRANSPORT_ARCHIVES_ACCEPT, "every oci: image",
                  NULL);
  check_catchall (audit, SP_TRANSPORT_OCI_ARCHIVE, SP_RULE_TRANSPORT_ARCHIVES_ACCEPT,
                  "every oci-archive: image", NULL);
  check_catchall (
      audit, SP_TRANSPORT_DOCKER_ARCHIVE, SP_RULE_TRANSPORT_ARCHIVES_ACCEPT,
      "every docker-archive: image",
      "remove docker-archive, or write [{\"type\": \"reject\"}]: its only scope is \"\"");
  check_catchall (audit, SP_TRANSPORT_DOCKER_DAEMON, SP_RULE_TRANSPORT_DAEMON_ACCEPT,
                  "every image of a Docker daemon", NULL);
  check_local (audit);
  return rc;
}
