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
  char *said_by;              /* the file of hooks_dir; NULL: podman's own directories */
  unsigned line;
  struct hook *items;
  size_t len, capacity;
};

static void
hooks_clear (struct hooks *hooks)
{
  sp_strv_clear (&hooks->directories);
  sp_strv_clear (&hooks->mentioned);
  free (hooks->said_by);
  for (size_t i = 0; i < hooks->len; i++)
    {
      free (hooks->items[i].path);
      free (hooks->items[i].program);
    }
  free (hooks->items);
}

/* --- which directories ------------------------------------------------------------------------ */

static bool
ends (const char *name, const char *suffix)
{
  size_t len = strlen (name), end = strlen (suffix);
  return len > end && strcmp (name + len - end, suffix) == 0;
}

static const struct sp_toml_node *
member (const struct sp_toml_node *table, const char *name)
{
  if (!table || table->type != SP_TOML_TABLE)
    return NULL;
  for (const struct sp_toml_node *child = table->first; child; child = child->next)
    if (sp_view_is (child->key, name))
      return child;
  return NULL;
}

/* hooks_dir = ["A", "B"], and {append=true} among them to keep those of before. */
static void
take_hooks_dir (struct sp_audit *audit, struct hooks *hooks, const char *path,
                const struct sp_toml_node *list)
{
  bool appends = false;

  for (const struct sp_toml_node *one = list->first; one; one = one->next)
    {
      const struct sp_toml_node *append = member (one, "append");
      appends = appends || (append && append->boolean);
    }
  if (!appends)
    sp_strv_clear (&hooks->directories);
  for (const struct sp_toml_node *one = list->first; one && audit->rc == 0; one = one->next)
    if (one->type == SP_TOML_STRING)
      {
        audit->rc = sp_strv_add (&hooks->directories, one->text, audit->err);
        if (audit->rc == 0)
          audit->rc = sp_strv_add (&hooks->mentioned, one->text, audit->err);
      }
  free (hooks->said_by);
  hooks->said_by = sp_audit_compose (audit, "%s", path);
  hooks->line = list->key_line;
}

static void
read_containers_conf (struct sp_audit *audit, struct hooks *hooks, const char *path)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_TOML_BYTES_MAX);
  cleanup_error sigpolicy_error *fault = NULL;
  cleanup_toml struct sp_toml *toml = NULL;

  if (audit->rc < 0 || sp_audit_read (audit, path, &text, &fault) < 0)
    return;
  int rc = sp_toml_parse (sp_buf_view (&text), &toml, &fault);
  sp_audit_note (audit, rc);
  const struct sp_toml_node *list
      = rc == 0 ? member (member (sp_toml_root (toml), "engine"), "hooks_dir") : NULL;
  if (list && list->type == SP_TOML_ARRAY)
    take_hooks_dir (audit, hooks, path, list);
}

static void
read_drop_ins (struct sp_audit *audit, struct hooks *hooks, const char *directory)
{
  cleanup_strv struct sp_strv names = { 0 };

  (void)sp_audit_list (audit, directory, &names);
  for (size_t i = 0; i < names.len && audit->rc == 0; i++)
    {
      cleanup_free char *path = ends (names.items[i], ".conf")
                                    ? sp_audit_compose (audit, "%s/%s", directory, names.items[i])
                                    : NULL;
      if (path)
        read_containers_conf (audit, hooks, path);
    }
}

static void
find_directories (struct sp_audit *audit, struct hooks *hooks)
{
  static const char *const files[]
      = { SP_READER_VENDOR "/containers.conf", SP_READER_ADMIN "/containers.conf" };

  for (size_t i = 0; i < 2; i++)
    {
      cleanup_free char *drop_ins = sp_audit_compose (audit, "%s.d", files[i]);
      read_containers_conf (audit, hooks, files[i]);
      if (drop_ins)
        read_drop_ins (audit, hooks, drop_ins);
    }
  if (hooks->said_by || audit->rc < 0)
    return;
  audit->rc = sp_strv_add (&hooks->directories, sp_view_str (VENDOR_HOOKS), audit->err);
  if (audit->rc == 0)
    audit->rc = sp_strv_add (&hooks->directories, sp_view_str (ADMIN_HOOKS), audit->err);
}

/* --- the files -------------------------------------------------------------------------------- */

/* What is wrong with it, in which case every start of a container fails; NULL for nothing. */
static char *
take_hook (struct sp_audit *audit, const struct sp_json_tree_node *root, struct hook *hook)
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
    return sp_audit_compose (audit, "there is no version \"%s\" of hooks",
                             sp_audit_show (audit, sp_view_head (version->string, 64)));
  for (const struct sp_json_tree_node *one = list ? list->first : NULL; one; one = one->next)
    {
      bool is_known = false;
      for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        is_known = is_known || sp_view_is (one->string, stages[i]);
      hook->is_precreate = hook->is_precreate || sp_view_is (one->string, stages[0]);
      if (!is_known)
        return sp_audit_compose (audit, "there is no stage \"%s\"",
                                 sp_audit_show (audit, sp_view_head (one->string, 64)));
    }
  hook->program = sp_audit_compose (audit, "%.*s", path ? (int)path->string.len : 0,
                                    path ? path->string.data : "");
  if (hook->program && ends (hook->program, "/sigpolicy"))
    hook->is_ours = true;
  for (const struct sp_json_tree_node *one = arguments ? arguments->first : NULL; one;
       one = one->next)
    hook->is_ours = hook->is_ours || sp_view_is (one->string, "sigpolicy");
  return NULL;
}

static void
read_hook (struct sp_audit *audit, struct hooks *hooks, const char *directory, const char *name)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_AUDIT_FILE_BYTES_MAX);
  cleanup_error sigpolicy_error *fault = NULL;
  cleanup_json_tree struct sp_json_tree *tree = NULL;
  struct hook hook = { .path = sp_audit_compose (audit, "%s/%s", directory, name) };

  int rc = hook.path ? sp_audit_read (audit, hook.path, &text, &fault) : audit->rc;
  if (rc == 0)
    rc = sp_json_tree_parse (sp_buf_view (&text), SP_POLICY_DEPTH_MAX, SP_JSON_NODES_MAX, &tree,
                             &fault);
  sp_audit_note (audit, rc);
  if (audit->rc == 0)
    audit->rc
        = sp_grow (&hooks->items, &hooks->capacity, hooks->len, sizeof *hooks->items, audit->err);
  if (audit->rc < 0)
    {
      free (hook.path);
      return;
    }
  cleanup_free char *wrong = rc < 0
                                 ? sp_audit_compose (audit, "%s", sigpolicy_error_message (fault))
                                 : take_hook (audit, tree->root, &hook);
  hook.name = strrchr (hook.path, '/') + 1;
  hooks->items[hooks->len++] = hook;
  const struct sp_where where = { .file = hook.path,
                                  .line = rc < 0 ? sigpolicy_error_line (fault) : 0,
                                  .column = rc < 0 ? sigpolicy_error_column (fault) : 0 };
  if (wrong)
    sp_audit_find (audit, SP_RULE_ENGINE_PODMAN_HOOK_INVALID, &where, "no container starts: %s",
                   wrong);
}

static void
read_directory (struct sp_audit *audit, struct hooks *hooks, const char *directory)
{
  cleanup_strv struct sp_strv names = { 0 };

  (void)sp_audit_list (audit, directory, &names);
  for (size_t i = 0; i < names.len && audit->rc == 0; i++)
    if (ends (names.items[i], ".json"))
      read_hook (audit, hooks, directory, names.items[i]);
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
  for (size_t i = 0; !hooks->said_by && has_admins && i < hooks->len; i++)
    if (hooks->items[i].is_precreate
        && strncmp (hooks->items[i].path, VENDOR_HOOKS "/", sizeof VENDOR_HOOKS) == 0)
      hooks->items[i].is_in_force = false;
}

/* --- findings --------------------------------------------------------------------------------- */

static void
check_hook (struct sp_audit *audit, const struct hook *hook)
{
  struct stat st;
  const struct sp_where where = { .file = hook->path };

  if (!hook->is_precreate || !hook->program)
    return;
  cleanup_free char *real = sp_audit_resolve (audit, hook->program);
  if (!real)
    return;
  if (hook->is_in_force && !sp_audit_stat (audit, real, &st))
    sp_audit_find (audit, SP_RULE_ENGINE_PODMAN_HOOK_MISSING, &where,
                   "there is no %s, so podman starts every container without it",
                   hook->program[0] ? SP_SHOW (audit, hook->program) : "program");
  if (!hook->is_in_force && hook->is_ours)
    sp_audit_find (audit, SP_RULE_ENGINE_PODMAN_HOOK_REPLACED, &where,
                   "another hook replaces this one, so podman does not call it");
  if (strncmp (hook->path, VENDOR_HOOKS "/", sizeof VENDOR_HOOKS) == 0
      && (sp_audit_exists (audit, "/usr/bin/crio") || sp_audit_exists (audit, "/usr/sbin/crio")))
    sp_audit_find (audit, SP_RULE_ENGINE_CRIO_HOOK, &where,
                   "CRI-O also reads this directory, and does not start, because it does not "
                   "support the stage \"precreate\"");
}

/* A directory that some hooks_dir has, and the one that counts has not. */
static void
check_dropped (struct sp_audit *audit, const struct hooks *hooks)
{
  for (size_t i = 0; i < hooks->mentioned.len && audit->rc == 0; i++)
    {
      const char *directory = hooks->mentioned.items[i];
      SP_CLEANUP (hooks_clear) struct hooks dropped = { .len = 0 };
      bool counts = false;
      for (size_t j = 0; j < hooks->directories.len; j++)
        counts = counts || strcmp (hooks->directories.items[j], directory) == 0;
      if (counts)
        continue;
      read_directory (audit, &dropped, directory);
      const struct sp_where where = { .file = hooks->said_by, .line = hooks->line };
      for (size_t j = 0; j < dropped.len; j++)
        if (dropped.items[j].is_ours)
          sp_audit_find (audit, SP_RULE_ENGINE_PODMAN_HOOK_REPLACED, &where,
                         "this hooks_dir replaces one that has %s, so podman does not call %s",
                         SP_SHOW (audit, directory), SP_SHOW (audit, dropped.items[j].path));
    }
}

void
sp_check_hooks (struct sp_audit *audit, struct sp_strv *ret_in_force)
{
  SP_CLEANUP (hooks_clear) struct hooks hooks = { .len = 0 };

  find_directories (audit, &hooks);
  for (size_t i = 0; i < hooks.directories.len; i++)
    read_directory (audit, &hooks, hooks.directories.items[i]);
  settle (&hooks);
  for (size_t i = 0; i < hooks.len && audit->rc == 0; i++)
    {
      check_hook (audit, &hooks.items[i]);
      if (hooks.items[i].is_in_force && hooks.items[i].is_precreate && audit->rc == 0)
        audit->rc = sp_strv_add (ret_in_force, sp_view_str (hooks.items[i].path), audit->err);
    }
  check_dropped (audit, &hooks);
}
