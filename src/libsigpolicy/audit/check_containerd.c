/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "util/limits.h"

#include <fnmatch.h>

/* containerd asks image verifiers before it pulls: programs in a directory, each of which must
 * agree. Much switches them off without a word, and one stray file blocks every pull. */

#define CONFIG   "/etc/containerd/config.toml"
#define BIN_DIR  "/opt/containerd/image-verifier/bin"
#define VERIFIER "io.containerd.image-verifier.v1.bindir"
#define MAX      10 /* verifiers, unless it is set */

/* What the package sigpolicy-containerd has, which a configuration is to import. */
#define PACKAGED        "/usr/libexec/sigpolicy/containerd/containerd-image-verifier-sigpolicy"
#define PACKAGED_CONFIG "/usr/share/sigpolicy/containerd/config.toml"

/* A file of its configuration; those that it imports come behind it, and overrule it. */
struct file
{
  char *path;
  struct sp_toml *toml;
};

struct containerd
{
  char version[32]; /* "": it is not known */
  struct file *files;
  size_t n_files, files_capacity;
};

/* What one setting is, and the file that says so; NULL where none does. */
struct setting
{
  const struct sp_toml_node *node;
  const char *file;
};

static void
containerd_clear (struct containerd *it)
{
  for (size_t i = 0; i < it->n_files; i++)
    {
      free (it->files[i].path);
      sp_toml_free (it->files[i].toml);
    }
  free (it->files);
}

/* --- its configuration ------------------------------------------------------------------------ */

/* The file that counts for a setting is the last one that has it. path ends with NULL. */
static struct setting
find (const struct containerd *it, const char *const *path)
{
  struct setting found = { NULL, NULL };

  for (size_t i = 0; i < it->n_files; i++)
    {
      const struct sp_toml_node *node = sp_toml_root (it->files[i].toml);
      for (const char *const *name = path; *name && node; name++)
        node = sp_toml_member (node, *name);
      if (node)
        found = (struct setting){ node, it->files[i].path };
    }
  return found;
}

static int
read_file (struct sp_audit *audit, struct containerd *it, const char *path, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_TOML_BYTES_MAX);
  cleanup_error sigpolicy_error *fault = NULL;
  cleanup_toml struct sp_toml *toml = NULL;

  int rc = sp_audit_read (audit, path, &text, &fault, err);
  if (rc < 0 || fault)
    return rc;
  rc = sp_toml_parse (sp_buf_view (&text), &toml, &fault);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (rc < 0)
    return 0; /* containerd does not start with what is no TOML */
  rc = sp_grow (&it->files, &it->files_capacity, it->n_files, sizeof *it->files, err);
  char *copy = rc == 0 ? sp_strdup (path, err) : NULL;
  if (!copy)
    return SIGPOLICY_E_NO_MEMORY;
  it->files[it->n_files++] = (struct file){ copy, steal (&toml) };
  return 0;
}

/* "imports": files, and patterns for the last element of a path. */
static int
import (struct sp_audit *audit, struct containerd *it, struct sp_view pattern,
        sigpolicy_error **err)
{
  size_t slash = sp_view_find_last (pattern, '/');
  cleanup_strv struct sp_strv names = { 0 };

  if (slash == SP_VIEW_NONE || pattern.len > 4096)
    return 0;
  bool is_absolute = pattern.data[0] == '/';
  cleanup_free char *directory = sp_asprintf (err, "%s%.*s", is_absolute ? "" : "/etc/containerd/",
                                              (int)slash, pattern.data);
  cleanup_free char *last = directory ? sp_view_dup (sp_view_from (pattern, slash + 1), err) : NULL;
  if (!last)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_audit_list (audit, directory, &names, err);
  for (size_t i = 0; rc == 0 && i < names.len; i++)
    {
      if (fnmatch (last, names.items[i], FNM_PERIOD) != 0)
        continue;
      cleanup_free char *path = sp_asprintf (err, "%s/%s", directory, names.items[i]);
      rc = path ? read_file (audit, it, path, err) : SIGPOLICY_E_NO_MEMORY;
    }
  return rc;
}

static int
read_config (struct sp_audit *audit, struct containerd *it, sigpolicy_error **err)
{
  int rc = read_file (audit, it, CONFIG, err);
  const struct sp_toml_node *imports
      = it->n_files ? sp_toml_member (sp_toml_root (it->files[0].toml), "imports") : NULL;
  for (const struct sp_toml_node *one = imports ? imports->first : NULL; rc == 0 && one;
       one = one->next)
    if (one->type == SP_TOML_STRING)
      rc = import (audit, it, one->text, err);
  return rc;
}

/* --- the directory of verifiers --------------------------------------------------------------- */

static struct sp_where
at (struct setting setting)
{
  return (struct sp_where){ .file = setting.file,
                            .line = setting.node ? setting.node->key_line : 0,
                            .column = setting.node ? setting.node->key_column : 0 };
}

static int
check_writable (struct sp_audit *audit, const char *path, sigpolicy_error **err)
{
  cleanup_free char *culprit = NULL;
  const char *who = NULL;

  int rc = sp_writable_by (audit, path, &who, &culprit, err);
  if (rc < 0 || !who)
    return rc;
  const struct sp_fix change = sp_fix_writable (who, culprit);
  const struct sp_where where = { .file = path, .change = &change };
  sp_audit_find (audit, SP_RULE_ENGINE_CONTAINERD_WRITABLE, &where, "%s may write %s", who,
                 SP_SHOW (audit, culprit));
  return 0;
}

static int
check_entry (struct sp_audit *audit, const char *path, sigpolicy_error **err)
{
  struct stat st;

  int rc = sp_root_stat (audit->root, path, &st, NULL, err);
  if (rc < 0)
    return rc;
  bool is_program = rc == 0 && S_ISREG (st.st_mode) && st.st_mode & S_IXUSR;
  const struct sp_where where = { .file = path };
  if (!is_program)
    sp_audit_find (audit, SP_RULE_ENGINE_CONTAINERD_STRAY, &where,
                   "%s is not a program, and containerd runs every file in the directory: every "
                   "pull is blocked",
                   SP_SHOW (audit, path));
  else
    return check_writable (audit, path, err);
  return 0;
}

static int
check_verifiers (struct sp_audit *audit, const char *directory, bool is_named, size_t *ret_n,
                 sigpolicy_error **err)
{
  cleanup_strv struct sp_strv names = { 0 };
  const struct sp_where where = { .file = directory };
  int errnum = 0;

  int rc = sp_root_list (audit->root, directory, &names, &errnum, err);
  if (rc == 0 && !names.len && (is_named || !errnum))
    sp_audit_find (audit, SP_RULE_ENGINE_CONTAINERD_EMPTY, &where,
                   errnum ? "there is no %s: containerd pulls every image"
                          : "there is no verifier in %s: containerd pulls every image",
                   SP_SHOW (audit, directory));
  if (rc == 0 && !errnum)
    rc = check_writable (audit, directory, err);
  for (size_t i = 0; rc == 0 && i < names.len; i++)
    {
      cleanup_free char *path = sp_asprintf (err, "%s/%s", directory, names.items[i]);
      rc = path ? check_entry (audit, path, err) : SIGPOLICY_E_NO_MEMORY;
    }
  *ret_n = names.len;
  return rc;
}

/* --- what switches verifiers off -------------------------------------------------------------- */

static void
check_plugin (struct sp_audit *audit, const struct containerd *it, size_t n_verifiers)
{
  static const char *const disabled_path[] = { "disabled_plugins", NULL }, *const most_path[] = {
    "plugins", VERIFIER, "max_verifiers", NULL
  };
  struct setting disabled = find (it, disabled_path), most = find (it, most_path);
  bool is_disabled = false;

  if (disabled.node && disabled.node->type == SP_TOML_ARRAY)
    for (const struct sp_toml_node *one = disabled.node->first; one; one = one->next)
      is_disabled
          = is_disabled || (one->type == SP_TOML_STRING && sp_view_is (one->text, VERIFIER));
  if (is_disabled)
    {
      const struct sp_where where = at (disabled);
      sp_audit_find (audit, SP_RULE_ENGINE_CONTAINERD_OFF, &where,
                     "%s is in disabled_plugins, so no verifier is called", VERIFIER);
    }
  bool is_set = most.node && most.node->type == SP_TOML_INTEGER;
  int64_t limit = is_set ? most.node->integer : MAX;
  if (limit < 0 || (uint64_t)limit >= n_verifiers)
    return;
  const struct sp_where where = is_set ? at (most) : (struct sp_where){ .file = BIN_DIR };
  sp_audit_find (audit, SP_RULE_ENGINE_CONTAINERD_OFF, &where,
                 "max_verifiers is %lld, but there are %zu verifiers: containerd skips the others",
                 (long long)limit, n_verifiers);
}

static bool
is_imported (const struct containerd *it, const char *path)
{
  const struct sp_toml_node *imports
      = it->n_files ? sp_toml_member (sp_toml_root (it->files[0].toml), "imports") : NULL;
  for (const struct sp_toml_node *one = imports ? imports->first : NULL; one; one = one->next)
    if (one->type == SP_TOML_STRING && sp_view_is (one->text, path))
      return true;
  return false;
}

/* No other verifier is there: is that of the package meant to be? containerd passes over an import
 * that is not there. */
static int
check_packaged (struct sp_audit *audit, const struct containerd *it, sigpolicy_error **err)
{
  const struct sp_where where = { .file = CONFIG };
  bool is_installed = false, has_config = false;

  int rc = sp_audit_exists (audit, PACKAGED, &is_installed, err);
  if (rc == 0)
    rc = sp_audit_exists (audit, PACKAGED_CONFIG, &has_config, err);
  if (rc < 0)
    return rc;
  if (is_installed)
    sp_audit_find (audit, SP_RULE_ENGINE_CONTAINERD_OFF, &where,
                   "%s is installed, and no configuration of containerd names its directory: above "
                   "the first section of config.toml must stand imports = [\"%s\"]",
                   PACKAGED, PACKAGED_CONFIG);
  else if (is_imported (it, PACKAGED_CONFIG) && !has_config)
    sp_audit_find (audit, SP_RULE_ENGINE_CONTAINERD_OFF, &where,
                   "%s is imported and is not there, so no verifier is asked", PACKAGED_CONFIG);
  return 0;
}

static bool
is_true (const struct sp_toml_node *node)
{
  return node->type == SP_TOML_BOOLEAN && node->boolean;
}

static bool
is_false (const struct sp_toml_node *node)
{
  return node->type == SP_TOML_BOOLEAN && !node->boolean;
}

static bool
is_filled (const struct sp_toml_node *node)
{
  return node->type == SP_TOML_TABLE && node->n_children > 0;
}

static bool
is_not_three (const struct sp_toml_node *node)
{
  return node->type == SP_TOML_INTEGER && node->integer != 3;
}

/* Each makes the kubelet's pulls go without the service that asks verifiers: one warning in the log
 * of containerd, which does not say so. Where it stands in configurations of version 3 and 2. */
static void
check_bypass (struct sp_audit *audit, const struct containerd *it)
{
#define NEW "plugins", "io.containerd.cri.v1.images"
#define OLD "plugins", "io.containerd.grpc.v1.cri"
  static const struct
  {
    const char *shown, *path[5], *old[5];
    bool (*counts) (const struct sp_toml_node *node);
  } settings[] = {
    { "use_local_image_pull = true", { NEW, "use_local_image_pull" }, { NULL }, is_true },
    { "disable_snapshot_annotations = false",
      { NEW, "disable_snapshot_annotations" },
      { OLD, "containerd", "disable_snapshot_annotations" },
      is_false },
    { "discard_unpacked_layers = true",
      { NEW, "discard_unpacked_layers" },
      { OLD, "containerd", "discard_unpacked_layers" },
      is_true },
    { "registry.mirrors",
      { NEW, "registry", "mirrors" },
      { OLD, "registry", "mirrors" },
      is_filled },
    { "registry.configs",
      { NEW, "registry", "configs" },
      { OLD, "registry", "configs" },
      is_filled },
    { "registry.auths", { NEW, "registry", "auths" }, { OLD, "registry", "auths" }, is_filled },
    { "max_concurrent_downloads",
      { NEW, "max_concurrent_downloads" },
      { OLD, "max_concurrent_downloads" },
      is_not_three },
    { "image_pull_with_sync_fs = true",
      { NEW, "image_pull_with_sync_fs" },
      { OLD, "image_pull_with_sync_fs" },
      is_true },
  };
#undef NEW
#undef OLD
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
    {
      struct setting setting = find (it, settings[i].path);
      if (!setting.node && settings[i].old[0])
        setting = find (it, settings[i].old);
      if (!setting.node || !settings[i].counts (setting.node))
        continue;
      const struct sp_where where = at (setting);
      sp_audit_find (audit, SP_RULE_ENGINE_CONTAINERD_BYPASS, &where,
                     "with %s containerd calls no verifier for the kubelet's pulls",
                     settings[i].shown);
    }
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool
is_older (const char *version)
{
  char *end = NULL;
  unsigned long major = strtoul (version, &end, 10);
  unsigned long minor = *end == '.' ? strtoul (end + 1, NULL, 10) : 0;
  return version[0] && (major < 2 || (major == 2 && minor < 1));
}

int
sp_check_containerd (struct sp_audit *audit, sigpolicy_error **err)
{
  static const char *const packages[] = { "containerd", "containerd.io", NULL };
  static const char *const path[] = { "plugins", VERIFIER, "bin_dir", NULL };
  SP_CLEANUP (containerd_clear) struct containerd it = { .n_files = 0 };

  bool is_there = false;
  size_t n_verifiers = 0;

  int rc = sp_audit_exists (audit, "/usr/bin/containerd", &is_there, err);
  if (rc < 0 || !is_there)
    return rc;
  rc = sp_engines_version (audit->root, packages, it.version, err);
  if (rc == 0)
    rc = read_config (audit, &it, err);
  if (rc < 0)
    return rc;
  struct setting named = find (&it, path);
  bool is_named = named.node && named.node->type == SP_TOML_STRING && named.node->text.len;
  cleanup_free char *directory
      = is_named ? sp_view_dup (named.node->text, err) : sp_strdup (BIN_DIR, err);
  if (!directory)
    return SIGPOLICY_E_NO_MEMORY;
  rc = check_verifiers (audit, directory, is_named, &n_verifiers, err);
  if (rc == 0 && !n_verifiers)
    return check_packaged (audit, &it, err);
  if (rc < 0)
    return rc;
  const struct sp_where where = { .file = directory };
  if (is_older (it.version))
    sp_audit_find (audit, SP_RULE_ENGINE_CONTAINERD_OLD, &where,
                   "containerd %s does not call the verifiers in %s when the kubelet pulls",
                   it.version, SP_SHOW (audit, directory));
  check_plugin (audit, &it, n_verifiers);
  check_bypass (audit, &it);
  return 0;
}
