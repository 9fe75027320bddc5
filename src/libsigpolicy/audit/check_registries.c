/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "model/lookaside.h"

/* The policy and where its signatures are found, held together: what each scope's example is asked
 * for is answered by registries.d and registries.conf as images are. */

/* --- each scope that asks for signatures --------------------------------------------------------
 */

/* The docker reference of an item's example; NULL where it has none. */
static int
reference_of (const struct sp_item *item, struct sp_reference **ret, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *error = NULL;
  static const char docker[] = "docker://";

  if (!item->example || strncmp (item->example, docker, sizeof docker - 1) != 0)
    return 0;
  int rc = sp_reference_parse (sp_view_str (item->example + sizeof docker - 1), ret, &error);
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

/* The widest name that the advice may be for: the scope itself, where it is a name above. */
static struct sp_view
advised (const struct sp_item *item, const struct sp_reference *reference, bool is_mirror)
{
  struct sp_view name = sp_view_str (reference->name);
  struct sp_view scope = sp_view_n (item->scope->name, item->scope->name_len);
  bool is_above = scope.len && sp_view_starts (name, scope)
                  && (name.len == scope.len || name.data[scope.len] == '/');
  return is_above && !is_mirror ? scope : name;
}

static int
check_attachments (struct sp_audit *audit, const struct sp_item *item,
                   const struct sp_reference *reference, bool is_mirror, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *error = NULL;
  struct sp_registries_d_answer answer = { 0 };
  bool enabled = false;

  int rc = sp_registries_d_attachments (audit->registries_d, reference, &enabled, &answer, &error);
  if (rc < 0 || enabled)
    return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  struct sp_view scope = advised (item, reference, is_mirror);
  /* Where a section below says no, that one is to be changed. */
  struct sp_view says = sp_view_str (answer.scope ? answer.scope : "");
  if (says.len > scope.len && !sp_view_is (says, "default-docker"))
    scope = says;
  const char *file = sp_fix_storage_file (audit, scope);
  const char *name = sp_audit_compose (audit, "%.*s", (int)scope.len, scope.data);
  const char *fix = sp_audit_compose (
      audit, "write into %s: docker: {%s: {use-sigstore-attachments: true}}", file, name);
  const struct sp_fix change = {
    .kind = SP_FIX_STORAGE, .is_safe = true, .file = file, .transport = "docker", .scope = name
  };
  const struct sp_where where = { .item = item, .fix = fix, .change = &change };
  if (is_mirror)
    sp_audit_find (audit, SP_RULE_ATT_MIRROR_DISABLED, &where,
                   "when %s is read from the mirror %s, its sigstore attachments are not read",
                   SP_SHOW (audit, item->example), SP_SHOW (audit, reference->string));
  else
    sp_audit_find (audit, SP_RULE_ATT_DISABLED, &where,
                   "the sigstore attachments of %s are not read%s%s",
                   SP_SHOW (audit, item->example), answer.file ? ": see " : "",
                   answer.file ? SP_SHOW (audit, answer.file) : "");
  return 0;
}

static int
check_mirrors (struct sp_audit *audit, const struct sp_item *item,
               const struct sp_reference *reference, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *error = NULL;
  cleanup_endpoints struct sp_endpoints endpoints = { 0 };

  if (!audit->conf)
    return 0;
  int rc = sp_registries_conf_endpoints (audit->conf, reference, &endpoints, &error);
  if (rc < 0)
    return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  for (size_t i = 0; rc == 0 && i < endpoints.len; i++)
    if (endpoints.items[i].mirror && !endpoints.items[i].refusal)
      rc = check_attachments (audit, item, endpoints.items[i].reference, true, err);
  return rc;
}

static int
check_lookaside (struct sp_audit *audit, const struct sp_item *item,
                 const struct sp_reference *reference, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *error = NULL;
  struct sp_registries_d_answer answer = { 0 };

  int rc = sp_registries_d_lookaside (audit->registries_d, reference, SP_LOOKASIDE_READ, &answer,
                                      &error);
  if (rc < 0 || answer.value)
    return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  const struct sp_where where = { .item = item };
  sp_audit_find (audit, SP_RULE_LOOK_NONE, &where,
                 "signatures of %s are read only from the local directory "
                 "/var/lib/containers/sigstore, or from a registry with a signatures API",
                 SP_SHOW (audit, item->example));
  return 0;
}

static int
check_item (struct sp_audit *audit, const struct sp_item *item, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *reference = NULL;
  const struct sp_requirements *list = &item->scope->requirements;
  bool gpg = sp_has_type (list, SP_REQUIREMENT_SIGNED_BY);
  bool sigstore = sp_has_type (list, SP_REQUIREMENT_SIGSTORE_SIGNED);

  if ((!gpg && !sigstore) || sp_has_type (list, SP_REQUIREMENT_REJECT)
      || audit->registries_d_is_broken)
    return 0;
  int rc = reference_of (item, &reference, err);
  if (rc < 0 || !reference)
    return rc;
  if (sigstore)
    rc = check_attachments (audit, item, reference, false, err);
  if (rc == 0 && sigstore)
    rc = check_mirrors (audit, item, reference, err);
  if (rc == 0 && gpg)
    rc = check_lookaside (audit, item, reference, err);
  return rc;
}

/* --- registries.conf
 * ------------------------------------------------------------------------------ */

static struct sp_view
text_of (const struct sp_toml_node *table, const char *name)
{
  const struct sp_toml_node *node = sp_toml_member (table, name);
  struct sp_view text = node && node->type == SP_TOML_STRING ? node->text : sp_view_str ("");
  while (text.len && text.data[text.len - 1] == '/')
    text.len--;
  return text;
}

/* The item that matches an image below a prefix: "host/ns" gives host/ns/app. ret_reference, which
 * may be NULL, is that image. */
static int
match_below (struct sp_audit *audit, struct sp_view prefix, const struct sp_item **ret,
             struct sp_reference **ret_reference, sigpolicy_error **err)
{
  *ret = NULL;
  if (!prefix.len || prefix.len > 255)
    return 0;
  bool is_wildcard = prefix.data[0] == '*';
  cleanup_free char *text = sp_asprintf (err, "%s%.*s/app", is_wildcard ? "registry" : "",
                                         (int)prefix.len - is_wildcard, prefix.data + is_wildcard);
  return text ? sp_audit_match (audit, sp_view_str (text), ret, ret_reference, err)
              : SIGPOLICY_E_NO_MEMORY;
}

static int
check_insecure (struct sp_audit *audit, const char *file, const struct sp_toml_node *registry,
                sigpolicy_error **err)
{
  const struct sp_toml_node *insecure = sp_toml_member (registry, "insecure");
  cleanup_reference struct sp_reference *reference = NULL;
  struct sp_view prefix = text_of (registry, "prefix");
  const struct sp_item *item = NULL;

  if (!insecure || !insecure->boolean)
    return 0;
  int rc = match_below (audit, prefix.len ? prefix : text_of (registry, "location"), &item,
                        &reference, err);
  if (rc < 0 || !item || !sp_requirements_accept_anything (&item->scope->requirements))
    return rc;
  const char *example = sp_audit_compose (audit, "docker://%s", reference->string);
  const struct sp_where where = { .file = file,
                                  .line = insecure->key_line,
                                  .column = insecure->key_column,
                                  .example = example,
                                  .effect = SP_EFFECT_ACCEPTS };
  sp_audit_find (audit, SP_RULE_CONF_INSECURE_ACCEPT, &where,
                 "docker://%s is fetched without verified TLS, and accepted unsigned",
                 SP_SHOW (audit, reference->string));
  return 0;
}

static int
check_mirror_rule (struct sp_audit *audit, const char *file, const struct sp_toml_node *registry,
                   const struct sp_toml_node *mirror, sigpolicy_error **err)
{
  struct sp_view location = text_of (mirror, "location"), logical = text_of (registry, "prefix");
  const struct sp_item *item = NULL;

  int rc = match_below (audit, location, &item, NULL, err);
  if (rc < 0 || !item || !item->transport || !item->scope->name_len)
    return rc;
  logical = logical.len ? logical : text_of (registry, "location");
  const struct sp_where where = { .item = item };
  sp_audit_find (audit, SP_RULE_CONF_MIRROR_LOGICAL, &where,
                 "%s makes this a mirror of %s, and the policy is applied to that name",
                 SP_SHOW (audit, file), sp_audit_show (audit, logical));
  return 0;
}

/* host:port of registries.conf, where the policy has the host alone. */
static int
check_port (struct sp_audit *audit, const char *file, struct sp_view location,
            sigpolicy_error **err)
{
  struct sp_view host = sp_view_head (location, sp_view_find (location, '/'));
  size_t colon = sp_view_find (host, ':');
  struct sp_view bare = sp_view_head (host, colon);

  const struct sp_item *with = NULL, *without = NULL;

  if (colon == SP_VIEW_NONE)
    return 0;
  int rc = match_below (audit, host, &with, NULL, err);
  if (rc == 0)
    rc = match_below (audit, bare, &without, NULL, err);
  if (rc < 0 || !with || !without || with == without || !without->transport
      || !without->scope->name_len || without->scope->name[0] == '*'
      || (with->transport && with->scope->name_len && with->scope->name[0] != '*'))
    return rc;
  const char *fix = sp_audit_compose (audit, "add a scope for \"%.*s\"", (int)host.len, host.data);
  const struct sp_where where = { .item = without, .fix = fix };
  sp_audit_find (audit, SP_RULE_SCOPE_PORT_GAP, &where,
                 "%s names the registry as %s, which this scope does not cover",
                 SP_SHOW (audit, file), sp_audit_show (audit, host));
  return 0;
}

static int
check_conf (struct sp_audit *audit, const char *file, const struct sp_toml *toml,
            sigpolicy_error **err)
{
  const struct sp_toml_node *registries = sp_toml_member (sp_toml_root (toml), "registry");
  int rc = 0;

  for (const struct sp_toml_node *registry
       = registries && registries->type == SP_TOML_ARRAY ? registries->first : NULL;
       rc == 0 && registry; registry = registry->next)
    {
      if (registry->type != SP_TOML_TABLE)
        continue;
      rc = check_insecure (audit, file, registry, err);
      if (rc == 0)
        rc = check_port (audit, file, text_of (registry, "prefix"), err);
      if (rc == 0)
        rc = check_port (audit, file, text_of (registry, "location"), err);
      const struct sp_toml_node *mirrors = sp_toml_member (registry, "mirror");
      for (const struct sp_toml_node *mirror
           = mirrors && mirrors->type == SP_TOML_ARRAY ? mirrors->first : NULL;
           rc == 0 && mirror; mirror = mirror->next)
        if (mirror->type == SP_TOML_TABLE)
          rc = check_mirror_rule (audit, file, registry, mirror, err);
    }
  return rc;
}

static int
check_short_names (struct sp_audit *audit, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *error = NULL;
  cleanup_strv struct sp_strv names = { 0 };
  const char *file = NULL;

  int rc = sp_registries_conf_expand (audit->conf, sp_view_str ("zz-example-zz"), &names, &file,
                                      &error);
  if (rc < 0)
    return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  for (size_t i = 0; i < names.len; i++)
    {
      const struct sp_item *item = NULL;
      rc = sp_audit_match (audit, sp_view_str (names.items[i]), &item, NULL, err);
      if (rc < 0)
        return rc;
      struct sp_view host = sp_view_head (sp_view_str (names.items[i]),
                                          sp_view_find (sp_view_str (names.items[i]), '/'));
      if (!item || !sp_requirements_accept_anything (&item->scope->requirements))
        continue;
      const char *example = sp_audit_compose (audit, "docker://%s", names.items[i]);
      const struct sp_where where
          = { .file = file, .example = example, .effect = SP_EFFECT_ACCEPTS };
      sp_audit_find (audit, SP_RULE_CONF_SEARCH_ACCEPT, &where,
                     "a short name may be taken from %s, whose images are accepted unsigned",
                     sp_audit_show (audit, host));
    }
  return 0;
}

/* --- shadows
 * ---------------------------------------------------------------------------------------- */

static int
check_users_directory (struct sp_audit *audit, sigpolicy_error **err)
{
  const char *home = audit->home ? audit->home : audit->options->root ? "/root" : NULL;
  cleanup_free char *users = NULL;
  cleanup_strv struct sp_strv own = { 0 }, hosts = { 0 };
  int errnum = 0;

  if (!home || audit->options->registries_d)
    return 0;
  users = sp_asprintf (err, "%s/.config/containers/registries.d", home);
  int rc = users ? sp_root_list (audit->root, users, &own, &errnum, err) : SIGPOLICY_E_NO_MEMORY;
  if (rc == 0)
    rc = sp_audit_list (audit, "/etc/containers/registries.d", &hosts, err);
  if (rc < 0 || errnum || !hosts.len)
    return rc;
  const struct sp_where where = { .file = users };
  sp_audit_find (audit, SP_RULE_REGD_USER_SHADOWS, &where,
                 "for this user it replaces the %zu file%s of /etc/containers/registries.d in "
                 "tools up to 5.39 (podman 5); those from 5.40 on (podman 6) merge the two",
                 hosts.len, hosts.len == 1 ? "" : "s");
  return 0;
}

int
sp_check_registries (struct sp_audit *audit, sigpolicy_error **err)
{
  int rc = 0;

  if (!audit->reads_files)
    return 0;
  for (size_t i = 0; rc == 0 && i < audit->n_items; i++)
    if ((audit->items[i].transport || !audit->is_default_ours) && audit->registries_d)
      rc = check_item (audit, &audit->items[i], err);
  for (size_t i = 0; rc == 0 && i < audit->n_conf_documents; i++)
    if (audit->conf_documents[i])
      sp_check_registries_conf (audit, audit->conf_files.items[i], audit->conf_documents[i]);
  for (size_t i = 0; rc == 0 && i < audit->n_conf_documents; i++)
    if (audit->conf_documents[i] && audit->n_items)
      rc = check_conf (audit, audit->conf_files.items[i], audit->conf_documents[i], err);
  if (rc == 0 && audit->conf && audit->n_items)
    rc = check_short_names (audit, err);
  if (rc == 0)
    rc = check_users_directory (audit, err);
  if (rc == 0)
    rc = sp_check_registries_d (audit, err);
  return rc;
}
