/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "util/limits.h"

/* podman's hooks: files in directories, of which those of the stage precreate may keep a container
 * from being created. A file that does not count, or whose program is missing, is passed over
 * without a word. */

#define VENDOR_HOOKS SP_READER_VENDOR "/oci/hooks.d"
#define ADMIN_HOOKS  SP_READER_ADMIN "/oci/hooks.d"

struct hook
{
  char *path;       /* of the file */
  const char *name; /* its last element */
  char *program;
  bool is_precreate, is_ours;
  bool is_in_force;
};

struct hooks
{
  struct sp_strv directories; /* in the order in which podman reads them */
  struct sp_strv mentioned;   /* of any hooks_dir, also of one that another one replaced */
  char *set_by;               /* the file of hooks_dir; NULL: podman's own directories */
  unsigned line;
  struct hook *items;
  size_t len, capacity;
};

static void
hooks_clear (struct hooks *hooks)
{
  sp_strv_clear (&hooks->directories);
  sp_strv_clear (&hooks->mentioned);
  free (hooks->set_by);
  for (size_t i = 0; i < hooks->len; i++)
    {
      free (hooks->items[i].path);
      free (hooks->items[i].program);
    }
  free (hooks->items);
}

/* --- which directories ------------------------------------------------------------------------ */

/* hooks_dir = ["A", "B"], and {append=true} among them to keep those of before. */
static int
take_hooks_dir (struct hooks *hooks, const char *path, const struct sp_toml_node *list,
                sigpolicy_error **err)
{
  bool appends = false;
  int rc = 0;

  for (const struct sp_toml_node *one = list->first; one; one = one->next)
    {
      const struct sp_toml_node *append = sp_toml_member (one, "append");
      appends = appends || (append && append->boolean);
    }
  if (!appends)
    sp_strv_clear (&hooks->directories);
  for (const struct sp_toml_node *one = list->first; rc == 0 && one; one = one->next)
    if (one->type == SP_TOML_STRING)
      {
        rc = sp_strv_add (&hooks->directories, one->text, err);
        if (rc == 0)
          rc = sp_strv_add (&hooks->mentioned, one->text, err);
      }
  hooks->line = list->key_line;
  return rc == 0 ? sp_keep (&hooks->set_by, path, err) : rc;
}

static int
read_containers_conf (struct sp_audit *audit, struct hooks *hooks, const char *path,
                      sigpolicy_error **err)
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
  const struct sp_toml_node *list
      = rc == 0 ? sp_toml_member (sp_toml_member (sp_toml_root (toml), "engine"), "hooks_dir")
                : NULL;
  return list && list->type == SP_TOML_ARRAY ? take_hooks_dir (hooks, path, list, err) : 0;
}

static int
read_drop_ins (struct sp_audit *audit, struct hooks *hooks, const char *directory,
               sigpolicy_error **err)
{
  cleanup_strv struct sp_strv names = { 0 };

  int rc = sp_audit_list (audit, directory, &names, err);
  for (size_t i = 0; rc == 0 && i < names.len; i++)
    {
      if (!sp_text_ends (names.items[i], ".conf"))
        continue;
      cleanup_free char *path = sp_asprintf (err, "%s/%s", directory, names.items[i]);
      rc = path ? read_containers_conf (audit, hooks, path, err) : SIGPOLICY_E_NO_MEMORY;
    }
  return rc;
}

static int
find_directories (struct sp_audit *audit, struct hooks *hooks, sigpolicy_error **err)
{
  static const char *const files[]
      = { SP_READER_VENDOR "/containers.conf", SP_READER_ADMIN "/containers.conf" };
  static const char *const drop_ins[]
      = { SP_READER_VENDOR "/containers.conf.d", SP_READER_ADMIN "/containers.conf.d" };
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < 2; i++)
    {
      rc = read_containers_conf (audit, hooks, files[i], err);
      if (rc == 0)
        rc = read_drop_ins (audit, hooks, drop_ins[i], err);
    }
  if (rc < 0 || hooks->set_by)
    return rc;
  rc = sp_strv_add (&hooks->directories, sp_view_str (VENDOR_HOOKS), err);
  return rc == 0 ? sp_strv_add (&hooks->directories, sp_view_str (ADMIN_HOOKS), err) : rc;
}

/* --- the files -------------------------------------------------------------------------------- */

/* What a file says. *ret_wrong is what is wrong with it, in which case every start of a container
 * fails; else NULL. */
static int
take_hook (struct sp_audit *audit, const struct sp_json_tree_node *root, struct hook *hook,
           const char **ret_wrong, sigpolicy_error **err)
{
  static const char *const stages[]
      = { "precreate",      "prestart",  "createRuntime", "createContainer",
          "startContainer", "poststart", "poststop" };
  const struct sp_json_tree_node *version = sp_json_tree_member (root, sp_view_str ("version"));
  const struct sp_json_tree_node *inner = sp_json_tree_member (root, sp_view_str ("hook"));
  const struct sp_json_tree_node *path = inner && inner->type == SP_JSON_OBJECT
                                             ? sp_json_tree_member (inner, sp_view_str ("path"))
                                             : inner;
  const struct sp_json_tree_node *arguments = sp_json_tree_member (inner, sp_view_str ("args"));
  const struct sp_json_tree_node *list = sp_json_tree_member (root, sp_view_str ("stages"));

  if (version && version->string.len && !sp_view_is (version->string, "1.0.0")
      && !sp_view_is (version->string, "0.1.0"))
    {
      *ret_wrong = sp_audit_compose (audit, "there is no version \"%s\" of hooks",
                                     sp_audit_show (audit, sp_view_head (version->string, 64)));
      return 0;
    }
  for (const struct sp_json_tree_node *one = list ? list->first : NULL; one; one = one->next)
    {
      bool is_known = false;
      for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        is_known = is_known || sp_view_is (one->string, stages[i]);
      hook->is_precreate = hook->is_precreate || sp_view_is (one->string, stages[0]);
      if (!is_known)
        {
          *ret_wrong = sp_audit_compose (audit, "there is no stage \"%s\"",
                                         sp_audit_show (audit, sp_view_head (one->string, 64)));
          return 0;
        }
    }
  hook->program = sp_view_dup (path ? path->string : sp_view_str (""), err);
  if (!hook->program)
    return SIGPOLICY_E_NO_MEMORY;
  hook->is_ours = sp_text_ends (hook->program, "/sigpolicy");
  for (const struct sp_json_tree_node *one = arguments ? arguments->first : NULL; one;
       one = one->next)
    hook->is_ours = hook->is_ours || sp_view_is (one->string, "sigpolicy");
  return 0;
}

static int
read_hook (struct sp_audit *audit, struct hooks *hooks, const char *directory, const char *name,
           sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_AUDIT_FILE_BYTES_MAX);
  cleanup_error sigpolicy_error *fault = NULL;
  cleanup_json_tree struct sp_json_tree *tree = NULL;
  const char *wrong = NULL;

  int rc = sp_grow (&hooks->items, &hooks->capacity, hooks->len, sizeof *hooks->items, err);
  char *path = rc == 0 ? sp_asprintf (err, "%s/%s", directory, name) : NULL;
  if (!path)
    return SIGPOLICY_E_NO_MEMORY;
  struct hook *hook = &hooks->items[hooks->len++];
  *hook = (struct hook){ .path = path, .name = strrchr (path, '/') + 1 };
  rc = sp_audit_read (audit, path, &text, &fault, err);
  if (rc < 0)
    return rc;
  if (!fault
      && sp_json_tree_parse (sp_buf_view (&text), SP_POLICY_DEPTH_MAX, SP_JSON_NODES_MAX, &tree,
                             &fault)
             == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (!fault)
    rc = take_hook (audit, tree->root, hook, &wrong, err);
  const struct sp_where where = { .file = path,
                                  .line = fault ? sigpolicy_error_line (fault) : 0,
                                  .column = fault ? sigpolicy_error_column (fault) : 0 };
  if (fault || wrong)
    sp_audit_find (audit, SP_RULE_ENGINE_PODMAN_HOOK_INVALID, &where, "no container starts: %s",
                   fault ? sigpolicy_error_message (fault) : wrong);
  return rc;
}

static int
read_directory (struct sp_audit *audit, struct hooks *hooks, const char *directory,
                sigpolicy_error **err)
{
  cleanup_strv struct sp_strv names = { 0 };

  int rc = sp_audit_list (audit, directory, &names, err);
  for (size_t i = 0; rc == 0 && i < names.len; i++)
    if (sp_text_ends (names.items[i], ".json"))
      rc = read_hook (audit, hooks, directory, names.items[i], err);
  return rc;
}

/* A later file replaces one of the same name. Of podman's own directories, any precreate hook in
 * /etc replaces all of those in /usr/share. */
static void
settle (struct hooks *hooks)
{
  bool has_admins = false;

  for (size_t i = 0; i < hooks->len; i++)
    {
      struct hook *hook = &hooks->items[i];
      hook->is_in_force = true;
      for (size_t j = i + 1; j < hooks->len; j++)
        hook->is_in_force = hook->is_in_force && strcmp (hooks->items[j].name, hook->name) != 0;
      has_admins = has_admins
                   || (hook->is_precreate
                       && strncmp (hook->path, ADMIN_HOOKS "/", sizeof ADMIN_HOOKS) == 0);
    }
  for (size_t i = 0; !hooks->set_by && has_admins && i < hooks->len; i++)
    if (hooks->items[i].is_precreate
        && strncmp (hooks->items[i].path, VENDOR_HOOKS "/", sizeof VENDOR_HOOKS) == 0)
      hooks->items[i].is_in_force = false;
}

/* --- findings --------------------------------------------------------------------------------- */

static int
check_hook (struct sp_audit *audit, const struct hook *hook, sigpolicy_error **err)
{
  const struct sp_where where = { .file = hook->path };
  bool is_there = false, has_crio = false, has_crio_in_sbin = false;

  if (!hook->is_precreate || !hook->program)
    return 0;
  int rc = sp_audit_exists (audit, hook->program, &is_there, err);
  if (rc == 0)
    rc = sp_audit_exists (audit, "/usr/bin/crio", &has_crio, err);
  if (rc == 0)
    rc = sp_audit_exists (audit, "/usr/sbin/crio", &has_crio_in_sbin, err);
  if (rc < 0)
    return rc;
  if (hook->is_in_force && !is_there)
    sp_audit_find (audit, SP_RULE_ENGINE_PODMAN_HOOK_MISSING, &where,
                   "there is no %s, so podman starts every container without it",
                   hook->program[0] ? SP_SHOW (audit, hook->program) : "program");
  if (!hook->is_in_force && hook->is_ours)
    sp_audit_find (audit, SP_RULE_ENGINE_PODMAN_HOOK_REPLACED, &where,
                   "another hook replaces this one, so podman does not call it");
  if (strncmp (hook->path, VENDOR_HOOKS "/", sizeof VENDOR_HOOKS) == 0
      && (has_crio || has_crio_in_sbin))
    sp_audit_find (audit, SP_RULE_ENGINE_CRIO_HOOK, &where,
                   "CRI-O also reads this directory, and does not start, because it does not "
                   "support the stage \"precreate\"");
  return 0;
}

/* A directory that some hooks_dir has, and the one that counts has not. */
static int
check_dropped (struct sp_audit *audit, const struct hooks *hooks, sigpolicy_error **err)
{
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < hooks->mentioned.len; i++)
    {
      const char *directory = hooks->mentioned.items[i];
      SP_CLEANUP (hooks_clear) struct hooks dropped = { .len = 0 };
      bool counts = false;
      for (size_t j = 0; j < hooks->directories.len; j++)
        counts = counts || strcmp (hooks->directories.items[j], directory) == 0;
      if (counts)
        continue;
      rc = read_directory (audit, &dropped, directory, err);
      const struct sp_where where = { .file = hooks->set_by, .line = hooks->line };
      for (size_t j = 0; j < dropped.len; j++)
        if (dropped.items[j].is_ours)
          sp_audit_find (audit, SP_RULE_ENGINE_PODMAN_HOOK_REPLACED, &where,
                         "this hooks_dir replaces one that has %s, so podman does not call %s",
                         SP_SHOW (audit, directory), SP_SHOW (audit, dropped.items[j].path));
    }
  return rc;
}

int
sp_check_hooks (struct sp_audit *audit, struct sp_strv *ret_in_force, sigpolicy_error **err)
{
  SP_CLEANUP (hooks_clear) struct hooks hooks = { .len = 0 };

  int rc = find_directories (audit, &hooks, err);
  for (size_t i = 0; rc == 0 && i < hooks.directories.len; i++)
    rc = read_directory (audit, &hooks, hooks.directories.items[i], err);
  settle (&hooks);
  for (size_t i = 0; rc == 0 && i < hooks.len; i++)
    {
      rc = check_hook (audit, &hooks.items[i], err);
      if (rc == 0 && hooks.items[i].is_in_force && hooks.items[i].is_precreate)
        rc = sp_strv_add (ret_in_force, sp_view_str (hooks.items[i].path), err);
    }
  return rc == 0 ? check_dropped (audit, &hooks, err) : rc;
}
