/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "json/decode.h"
#include "model/lookaside.h"

/* The files of registries.d as they are written. What they mean is asked of the configuration that
 * images are judged by. */

static const char *const settings[] = { "lookaside",
                                        "lookaside-staging",
                                        "sigstore",
                                        "sigstore-staging",
                                        "use-sigstore-attachments",
                                        "x-sigpolicy-bundles",
                                        "x-sigpolicy-referrers" };
static const char *const top_keys[] = { "default-docker", "docker" };

/* A section: its key, and the mapping behind it. */
struct section
{
  const struct sp_regd_file *file;
  const struct sp_yaml_node *key, *value;
  bool is_default;
};

static struct sp_where
at (const struct sp_regd_file *file, const struct sp_yaml_node *node)
{
  struct sp_where where = { .file = file->path, .line = node->line, .column = node->column };
  return where;
}

static const struct sp_yaml_node *
member (const struct sp_yaml_node *mapping, const char *name)
{
  for (size_t i = 0; i + 1 < mapping->n_children; i += 2)
    if (sp_view_is (sp_yaml_target (mapping->children[i])->text, name))
      return sp_yaml_target (mapping->children[i + 1]);
  return NULL;
}

static const struct sp_yaml_node *
key_of (const struct sp_yaml_node *mapping, const char *name)
{
  for (size_t i = 0; i + 1 < mapping->n_children; i += 2)
    if (sp_view_is (sp_yaml_target (mapping->children[i])->text, name))
      return mapping->children[i];
  return mapping;
}

static void
check_keys (struct sp_audit *audit, const struct sp_regd_file *file,
            const struct sp_yaml_node *mapping, const char *const *words, size_t n_words)
{
  for (size_t i = 0; i + 1 < mapping->n_children; i += 2)
    {
      const struct sp_yaml_node *key = mapping->children[i];
      bool is_known = sp_yaml_is_merge (key) || key->type != SP_YAML_SCALAR;
      for (size_t k = 0; k < n_words && !is_known; k++)
        is_known = sp_view_is (key->text, words[k]);
      if (is_known)
        continue;
      const char *near = sp_json_nearest (key->text, words, n_words);
      struct sp_where where = at (file, key);
      where.fix = near ? sp_audit_compose (audit, "write %s", near) : NULL;
      sp_audit_find (audit, SP_RULE_REGD_UNKNOWN_KEY, &where, "\"%s\" has no effect",
                     sp_audit_show (audit, sp_view_head (key->text, 512)));
    }
}

/* --- lookasides ----------------------------------------------------------------------------------
 */

/* An image of a section's scope, with a tag; NULL where there is none. */
static int
example_of (const struct section *section, struct sp_reference **ret, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *error = NULL;
  struct sp_view scope
      = section->is_default ? sp_view_n ("registry.example", 16) : section->key->text;
  bool is_wildcard = scope.len > 2 && scope.data[0] == '*' && scope.data[1] == '.';

  if (!scope.len || scope.len > 255)
    return 0;
  for (unsigned attempt = 0; attempt < 3; attempt++)
    {
      cleanup_reference struct sp_reference *named = NULL, *reference = NULL;
      cleanup_strv struct sp_strv scopes = { 0 };
      sp_error_clear (&error);
      cleanup_free char *text = sp_asprintf (err, "%s%.*s%s", is_wildcard ? "registry" : "",
                                             (int)scope.len - is_wildcard, scope.data + is_wildcard,
                                             attempt == 0   ? ""
                                             : attempt == 1 ? ":latest"
                                                            : "/app:latest");
      if (!text)
        return SIGPOLICY_E_NO_MEMORY;
      int rc = sp_reference_parse (sp_view_str (text), &named, &error);
      if (rc == 0)
        rc = sp_reference_with_default_tag (named, &reference, &error);
      if (rc == 0)
        rc = sp_image_name_scopes (reference, &scopes, &error);
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      bool is_below = section->is_default;
      for (size_t i = 0; rc == 0 && i < scopes.len && !is_below; i++)
        is_below = sp_view_is (scope, scopes.items[i]);
      if (rc == 0 && is_below)
        {
          *ret = steal (&reference);
          return 0;
        }
    }
  return 0;
}

static void
check_url (struct sp_audit *audit, const struct section *section, const struct sp_yaml_node *key,
           struct sp_view url, bool is_staging)
{
  struct sp_where where = at (section->file, key);
  static const struct sp_view file = SP_VIEW ("file:///"), https = SP_VIEW ("https://"),
                              http = SP_VIEW ("http://");
  bool is_web = sp_view_starts (url, https) || sp_view_starts (url, http);
  struct sp_view scope = section->is_default ? sp_view_str ("") : section->key->text;
  struct sp_view registry = sp_view_head (scope, sp_view_find (scope, '/'));

  if (!is_web && !sp_view_starts (url, file))
    {
      bool is_path = url.data[0] == '/' && strlen (url.data) == url.len;
      const char *better = is_path ? sp_audit_compose (audit, "file://%s", url.data) : NULL;
      const char *name
          = sp_audit_compose (audit, "%.*s", (int)section->key->text.len, section->key->text.data);
      const struct sp_fix change = { .kind = SP_FIX_STORAGE,
                                     .is_safe = true,
                                     .file = section->file->path,
                                     .transport = section->is_default ? NULL : "docker",
                                     .scope = section->is_default ? NULL : name,
                                     .value = better };
      where.fix = better ? sp_audit_compose (audit, "write %s", better) : NULL;
      where.change = better && !is_staging ? &change : NULL;
      sp_audit_find (audit, is_staging ? SP_RULE_LOOK_STAGING_SCHEME : SP_RULE_LOOK_BAD_SCHEME,
                     &where, "%s is neither file:/// nor http(s)://",
                     sp_audit_show (audit, sp_view_head (url, 512)));
      return;
    }
  if (!is_web)
    return;
  size_t slashes = (size_t)((const char *)memchr (url.data, ':', url.len) - url.data) + 3;
  struct sp_view host = sp_view_from (url, slashes);
  struct sp_view path = sp_view_from (host, sp_view_find (host, '/'));
  host = sp_view_head (host, sp_view_find (host, '/'));
  /* Some registries serve signatures as files, on a path of their own; none does as its API. */
  bool is_api = path.len <= 1 || sp_view_starts (path, sp_view_n ("/v2", 3));
  size_t at_sign = sp_view_find_last (host, '@');
  struct sp_view bare = at_sign == SP_VIEW_NONE ? host : sp_view_from (host, at_sign + 1);
  if (at_sign != SP_VIEW_NONE)
    sp_audit_find (audit, SP_RULE_LOOK_CREDENTIALS, &where,
                   "the URL for %s has a user's name or password in it",
                   sp_audit_show (audit, bare));
  if (sp_view_starts (url, http))
    sp_audit_find (audit, SP_RULE_LOOK_HTTP, &where, "signatures are read from %s without TLS",
                   sp_audit_show (audit, bare));
  if (registry.len && is_api && sp_view_equal (registry, bare))
    sp_audit_find (audit, SP_RULE_LOOK_IS_REGISTRY, &where,
                   "signatures of images on %s are read as files from %s itself",
                   sp_audit_show (audit, registry), sp_audit_show (audit, bare));
}

static void
check_names (struct sp_audit *audit, const struct section *section)
{
  static const char *const pairs[][2]
      = { { "sigstore", "lookaside" }, { "sigstore-staging", "lookaside-staging" } };
  const struct sp_yaml_node *mapping = section->value;

  for (size_t i = 0; i < 2; i++)
    {
      const struct sp_yaml_node *old = member (mapping, pairs[i][0]);
      const struct sp_yaml_node *new = member (mapping, pairs[i][1]);
      if (!old)
        continue;
      const struct sp_where where = at (section->file, key_of (mapping, pairs[i][0]));
      if (new && !sp_view_equal (old->text, new->text))
        sp_audit_find (audit, SP_RULE_REGD_BOTH_KEYS, &where,
                       "%s has no effect, because %s has another value", pairs[i][0], pairs[i][1]);
      else
        sp_audit_find (audit, SP_RULE_REGD_OLD_KEY, &where, "%s is the old name of %s", pairs[i][0],
                       pairs[i][1]);
    }
  for (size_t i = 0; i < 4; i++)
    {
      const struct sp_yaml_node *value = member (mapping, settings[i]);
      if (value && value->type == SP_YAML_SCALAR && value->text.len && !sp_yaml_is_null (value))
        check_url (audit, section, key_of (mapping, settings[i]), value->text,
                   strstr (settings[i], "staging") != NULL);
    }
  bool reads = member (mapping, "lookaside") || member (mapping, "sigstore");
  bool writes = member (mapping, "lookaside-staging") || member (mapping, "sigstore-staging");
  if (writes && !reads)
    {
      const struct sp_where where = at (section->file, section->key);
      sp_audit_find (audit, SP_RULE_LOOK_STAGING_ONLY, &where,
                     "\"%s\" names where signatures are written, not where they are read",
                     sp_audit_show (audit, sp_view_head (section->key->text, 512)));
    }
}

/* --- meaning
 * -------------------------------------------------------------------------------------- */

/* Is there a scope below the section's whose images must have sigstore signatures? */
static int
is_required_below (const struct sp_audit *audit, const struct section *section, bool *ret,
                   sigpolicy_error **err)
{
  *ret = false;
  for (size_t i = 1; i < audit->n_items && !*ret; i++)
    {
      const struct sp_item *item = &audit->items[i];
      cleanup_error sigpolicy_error *error = NULL;
      cleanup_image_name struct sp_image_name *name = NULL;
      if (!item->example || item->known != SP_TRANSPORT_DOCKER
          || !sp_has_type (&item->scope->requirements, SP_REQUIREMENT_SIGSTORE_SIGNED))
        continue;
      int rc = sp_image_name_parse (sp_view_str (item->example), &name, &error);
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      for (size_t k = 0; rc == 0 && k < name->namespaces.len; k++)
        *ret = *ret || sp_view_is (section->key->text, name->namespaces.items[k]);
    }
  return 0;
}

/* Attachments that the policy does not ask for, by the example of the section. */
static int
check_unused (struct sp_audit *audit, const struct section *section,
              const struct sp_reference *reference, sigpolicy_error **err)
{
  const struct sp_yaml_node *value = member (section->value, "use-sigstore-attachments");
  enum sp_yaml_fit fit = SP_YAML_MISFIT;
  cleanup_error sigpolicy_error *error = NULL;
  const struct sp_item *item = NULL;
  bool on = false, is_required = false;

  if (!value || section->is_default || !audit->n_items)
    return 0;
  int rc = sp_yaml_bool (value, &on, &fit, &error);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  rc = fit == SP_YAML_FITS && on
           ? sp_audit_match (audit, sp_view_str (reference->string), &item, NULL, err)
           : 0;
  if (rc < 0 || !item || !sp_requirements_accept_anything (&item->scope->requirements))
    return rc;
  rc = is_required_below (audit, section, &is_required, err);
  if (rc < 0 || is_required)
    return rc;
  struct sp_where where = at (section->file, key_of (section->value, "use-sigstore-attachments"));
  where.example = sp_audit_compose (audit, "docker://%s", reference->string);
  where.effect = SP_EFFECT_ACCEPTS;
  sp_audit_find (
      audit, SP_RULE_ATT_UNUSED, &where,
      "sigstore attachments of docker://%s are read, but the policy does not require them",
      SP_SHOW (audit, reference->string));
  return 0;
}

static int
check_bundles (struct sp_audit *audit, const struct section *section,
               const struct sp_reference *reference, sigpolicy_error **err)
{
  const struct sp_yaml_node *value = member (section->value, "x-sigpolicy-bundles");
  const struct sp_where where = at (section->file, key_of (section->value, "x-sigpolicy-bundles"));

  if (!value || value->type != SP_YAML_SCALAR || section->is_default || !audit->n_items)
    return 0;
  return sp_check_bundle_setting (audit, &where, value->text, sp_view_str (reference->string), err);
}

/* What this section does not say and a wider one does. */
static int
check_fallthrough (struct sp_audit *audit, const struct section *section,
                   const struct sp_reference *reference, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *error = NULL;
  struct sp_registries_d_answer location = { 0 }, attachments = { 0 };
  bool on = false;

  if (section->is_default || audit->registries_d_is_broken)
    return 0;
  int rc = sp_registries_d_lookaside (audit->registries_d, reference, SP_LOOKASIDE_READ, &location,
                                      &error);
  if (rc == 0)
    rc = sp_registries_d_attachments (audit->registries_d, reference, &on, &attachments, &error);
  if (rc < 0)
    return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  const struct sp_where where = at (section->file, section->key);
  bool says_location = member (section->value, "lookaside") || member (section->value, "sigstore");
  if (!says_location && location.value && location.scope)
    sp_audit_find (audit, SP_RULE_REGD_FALLTHROUGH, &where,
                   "the lookaside of \"%s\" comes from \"%s\"",
                   sp_audit_show (audit, sp_view_head (section->key->text, 512)),
                   SP_SHOW (audit, location.scope));
  if (!member (section->value, "use-sigstore-attachments") && attachments.file && attachments.scope)
    sp_audit_find (audit, SP_RULE_REGD_FALLTHROUGH, &where,
                   "use-sigstore-attachments of \"%s\" comes from \"%s\"",
                   sp_audit_show (audit, sp_view_head (section->key->text, 512)),
                   SP_SHOW (audit, attachments.scope));
  return 0;
}

/* The policy has the registry with a port, and this section has none. */
static void
check_port (struct sp_audit *audit, const struct section *section)
{
  struct sp_view scope = section->key->text;

  if (section->is_default || sp_view_find (scope, '/') != SP_VIEW_NONE
      || sp_view_find (scope, ':') != SP_VIEW_NONE || !scope.len || scope.data[0] == '*')
    return;
  for (size_t i = 1; i < audit->n_items; i++)
    {
      const struct sp_item *item = &audit->items[i];
      struct sp_view name = sp_view_n (item->scope->name, item->scope->name_len);
      struct sp_view host = sp_view_head (name, sp_view_find (name, '/'));
      size_t colon = sp_view_find (host, ':');
      if (!item->transport->known || item->known != SP_TRANSPORT_DOCKER || colon == SP_VIEW_NONE
          || sp_view_find (name, '/') == SP_VIEW_NONE
          || !sp_view_equal (sp_view_head (host, colon), scope))
        continue;
      const struct sp_where where = at (section->file, section->key);
      sp_audit_find (audit, SP_RULE_REGD_PORT_GAP, &where,
                     "the policy has %s, which this section does not cover",
                     sp_audit_show (audit, host));
      return;
    }
}

static int
check_section (struct sp_audit *audit, const struct section *section, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *reference = NULL;

  if (section->value->type != SP_YAML_MAPPING)
    return 0;
  check_keys (audit, section->file, section->value, settings, sizeof settings / sizeof *settings);
  check_names (audit, section);
  int rc = example_of (section, &reference, err);
  if (rc < 0)
    return rc;
  if (!reference)
    {
      const struct sp_where where = at (section->file, section->key);
      sp_audit_find (audit, SP_RULE_REGD_SHORT_NAME, &where, "no image has \"%s\" among its scopes",
                     sp_audit_show (audit, sp_view_head (section->key->text, 512)));
      return 0;
    }
  rc = check_unused (audit, section, reference, err);
  if (rc == 0)
    rc = check_bundles (audit, section, reference, err);
  if (rc == 0)
    rc = check_fallthrough (audit, section, reference, err);
  check_port (audit, section);
  return rc;
}

static int
check_file (struct sp_audit *audit, const struct sp_regd_file *file, sigpolicy_error **err)
{
  const struct sp_yaml_node *root = sp_yaml_root (file->yaml);
  int rc = 0;

  root = root ? sp_yaml_target (root) : NULL;
  if (!root || root->type != SP_YAML_MAPPING)
    return 0;
  check_keys (audit, file, root, top_keys, 2);
  const struct sp_yaml_node *fallback = member (root, "default-docker"),
                            *docker = member (root, "docker");
  if (fallback)
    {
      const struct section section = { file, key_of (root, "default-docker"), fallback, true };
      rc = check_section (audit, &section, err);
    }
  for (size_t i = 0;
       rc == 0 && docker && docker->type == SP_YAML_MAPPING && i + 1 < docker->n_children; i += 2)
    {
      const struct section section
          = { file, docker->children[i], sp_yaml_target (docker->children[i + 1]), false };
      if (section.key->type == SP_YAML_SCALAR && !sp_yaml_is_merge (section.key))
        rc = check_section (audit, &section, err);
    }
  return rc;
}

/* What is in the directory, and is not read. */
static int
check_extensions (struct sp_audit *audit, const char *directory, sigpolicy_error **err)
{
  cleanup_strv struct sp_strv names = { 0 };

  int rc = sp_audit_list (audit, directory, &names, err);
  for (size_t i = 0; rc == 0 && i < names.len; i++)
    {
      const char *name = names.items[i];
      const struct sp_view text = sp_view_n (name, strlen (name));
      if (sp_view_ends (text, sp_view_str (".yaml"))
          || !(strstr (name, ".yml") || strstr (name, ".yaml")))
        continue;
      const struct sp_where where = { .file = sp_audit_compose (audit, "%s/%s", directory, name) };
      sp_audit_find (audit, SP_RULE_REGD_WRONG_EXTENSION, &where,
                     "%s is not read: only *.yaml files are", sp_audit_show (audit, text));
    }
  return rc;
}

int
sp_check_registries_d (struct sp_audit *audit, sigpolicy_error **err)
{
  int rc = 0;

  if (!audit->registries_d)
    return 0;
  for (size_t i = 0; rc == 0 && i < audit->n_regd_files; i++)
    if (audit->regd_files[i].yaml)
      rc = check_file (audit, &audit->regd_files[i], err);
  for (size_t i = 0; rc == 0 && i < audit->regd_directories.len; i++)
    rc = check_extensions (audit, audit->regd_directories.items[i], err);
  return rc;
}
