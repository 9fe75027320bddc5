/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "util/limits.h"

/* The file itself, and what stands at its top. What makes it invalid was found when it was read. */

static void
check_default (struct sp_audit *audit)
{
  const struct sp_item *item = &audit->items[0];

  if (audit->is_default_ours || !sp_requirements_accept_anything (&item->scope->requirements))
    return;
  const struct sp_fix change
      = { .kind = SP_FIX_LIST, .file = audit->policy_path, .value = SP_FIX_REJECT };
  const struct sp_where where = { .item = item,
                                  .effect = item->example ? SP_EFFECT_ACCEPTS : SP_EFFECT_NONE,
                                  .change = &change };
  sp_audit_find (audit, SP_RULE_POLICY_DEFAULT_ACCEPT, &where,
                 "every image that no scope matches is accepted unsigned%s%s",
                 item->example ? ", such as " : "",
                 item->example ? SP_SHOW (audit, item->example) : "");
}

/* --- what newer readers alone know ------------------------------------------------------------ */

static void
check_readers (struct sp_audit *audit)
{
  static const struct
  {
    const char *key, *library, *programs;
  } keys[] = { { "keyPaths", "5.32.2", "podman 5.3 and skopeo 1.17" },
               { "keyDatas", "5.32.2", "podman 5.3 and skopeo 1.17" },
               { "pki", "5.34.1", "podman 5.5 and skopeo 1.19" },
               { "rekorPublicKeyPaths", "5.32.2", "podman 5.3 and skopeo 1.17" },
               { "rekorPublicKeyDatas", "5.32.2", "podman 5.3 and skopeo 1.17" } };

  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
    {
      const struct sp_json_tree_node *found = NULL;
      const struct sp_item *item = NULL;
      for (size_t i = 0; i < audit->n_items && !found; i++)
        {
          item = &audit->items[i];
          const struct sp_requirements *list = &item->scope->requirements;
          const struct sp_json_tree_node *node = item->node->first;
          for (size_t j = 0; j < list->len && node && !found; j++, node = node->next)
            if (list->items[j].type == SP_REQUIREMENT_SIGSTORE_SIGNED)
              found = sp_json_tree_member (node, sp_view_str (keys[k].key));
        }
      const struct sp_where where = { .item = item, .node = found };
      if (found)
        sp_audit_find (audit, SP_RULE_POLICY_NEEDS_NEWER_READER, &where,
                       "tools built with a containers image library before %s reject the whole "
                       "policy because of %s; %s accept it",
                       keys[k].library, keys[k].key, keys[k].programs);
    }
}

/* --- who else has a say ----------------------------------------------------------------------- */

static int
check_shadow (struct sp_audit *audit, const char *home, sigpolicy_error **err)
{
  cleanup_free char *users = sp_asprintf (err, "%s/.config/containers/policy.json", home);
  bool has_users = false, has_hosts = false;

  int rc = users ? sp_audit_exists (audit, users, &has_users, err) : SIGPOLICY_E_NO_MEMORY;
  if (rc == 0)
    rc = sp_audit_exists (audit, "/etc/containers/policy.json", &has_hosts, err);
  if (rc < 0 || !has_users || !has_hosts)
    return rc;
  const struct sp_where where = { .file = users };
  sp_audit_find (audit, SP_RULE_POLICY_USER_SHADOWS_SYSTEM, &where,
                 "for the user of %s this file replaces /etc/containers/policy.json",
                 SP_SHOW (audit, home));
  return 0;
}

static int
check_shadows (struct sp_audit *audit, sigpolicy_error **err)
{
  cleanup_strv struct sp_strv names = { 0 };

  if (audit->home)
    return check_shadow (audit, audit->home, err);
  int rc = check_shadow (audit, "/root", err);
  if (rc == 0)
    rc = sp_audit_list (audit, "/home", &names, err);
  for (size_t i = 0; rc == 0 && i < names.len; i++)
    {
      cleanup_free char *home = sp_asprintf (err, "/home/%s", names.items[i]);
      rc = home ? check_shadow (audit, home, err) : SIGPOLICY_E_NO_MEMORY;
    }
  return rc;
}

static void
check_environment (struct sp_audit *audit)
{
  const char *named = secure_getenv ("CONTAINERS_POLICY_JSON");

  if (audit->options->root || !named || !named[0]
      || (audit->policy_path && strcmp (named, audit->policy_path) == 0))
    return;
  const struct sp_where where = { .file = named };
  sp_audit_find (audit, SP_RULE_POLICY_ENV_OVERRIDE, &where,
                 "CONTAINERS_POLICY_JSON names %s, but the audited policy is %s",
                 SP_SHOW (audit, named),
                 audit->policy_path ? SP_SHOW (audit, audit->policy_path) : "nothing");
}

/* --- the file --------------------------------------------------------------------------------- */

/* A sticky directory keeps others from files that are not theirs. */
int
sp_writable_by (struct sp_audit *audit, const char *path, const char **ret_who, char **ret_path,
                sigpolicy_error **err)
{
  cleanup_free char *real = sp_root_resolve (audit->root, path, err);
  struct stat st;

  *ret_who = NULL;
  if (!real)
    return sigpolicy_error_code (*err);
  for (size_t len = strlen (real); len > 0;)
    {
      const char *who = NULL;
      real[len] = '\0';
      int rc = sp_root_stat (audit->root, real, &st, NULL, err);
      if (rc < 0)
        return rc;
      if (rc == 0 && !(S_ISDIR (st.st_mode) && (st.st_mode & S_ISVTX)))
        who = st.st_mode & S_IWOTH                       ? "everybody"
              : (st.st_mode & S_IWGRP) && st.st_gid != 0 ? "its group"
              : !audit->options->root && st.st_uid != 0 && st.st_uid != geteuid ()
                  ? "its owner, who is not root,"
                  : NULL;
      if (who)
        {
          *ret_path = steal (&real);
          *ret_who = who;
          return 0;
        }
      do
        len--;
      while (len > 0 && real[len] != '/');
    }
  return 0;
}

static int
check_permissions (struct sp_audit *audit, sigpolicy_error **err)
{
  cleanup_free char *culprit = NULL;
  const char *who = NULL;
  struct stat st;

  int rc = sp_writable_by (audit, audit->policy_path, &who, &culprit, err);
  if (rc < 0)
    return rc;
  if (who)
    {
      const struct sp_fix change = sp_fix_writable (who, culprit);
      const struct sp_where where = { .file = audit->policy_path, .change = &change };
      sp_audit_find (audit, SP_RULE_POLICY_WRITABLE, &where, "%s may write %s", who,
                     SP_SHOW (audit, culprit));
    }
  rc = sp_root_stat (audit->root, audit->policy_path, &st, NULL, err);
  if (rc == 0 && !audit->policy_is_users && !(st.st_mode & S_IROTH))
    {
      const struct sp_fix change
          = { .kind = SP_FIX_MODE, .is_safe = true, .file = audit->policy_path, .value = "a+r" };
      const struct sp_where where = { .file = audit->policy_path, .change = &change };
      sp_audit_find (audit, SP_RULE_POLICY_UNREADABLE, &where,
                     "the mode is %04o: users other than its owner and its group cannot read it",
                     st.st_mode & 07777U);
    }
  return rc < 0 ? rc : 0;
}

static int
check_leftovers (struct sp_audit *audit, sigpolicy_error **err)
{
  static const char *const suffixes[] = { ".rpmnew",   ".rpmsave",  ".rpmorig",  ".dpkg-dist",
                                          ".dpkg-new", ".dpkg-old", ".ucf-dist", ".ucf-new" };
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < sizeof suffixes / sizeof *suffixes; i++)
    {
      cleanup_free char *path = sp_asprintf (err, "%s%s", audit->policy_path, suffixes[i]);
      bool is_there = false;
      rc = path ? sp_audit_exists (audit, path, &is_there, err) : SIGPOLICY_E_NO_MEMORY;
      if (rc < 0 || !is_there)
        continue;
      const struct sp_where where = { .file = path };
      sp_audit_find (audit, SP_RULE_POLICY_LEFTOVER_UPDATE, &where,
                     "the update in this file was not merged into %s",
                     SP_SHOW (audit, audit->policy_path));
    }
  return rc;
}

/* By what dpkg has on record. */
static int
check_owners (struct sp_audit *audit, sigpolicy_error **err)
{
  static const char directory[] = "/var/lib/dpkg/info", suffix[] = ".conffiles";
  cleanup_strv struct sp_strv names = { 0 };
  cleanup_buf struct sp_buf owners = SP_BUF (64 * SP_KIB);
  size_t n_owners = 0;

  int rc = sp_audit_list (audit, directory, &names, err);
  for (size_t i = 0; rc == 0 && i < names.len; i++)
    {
      cleanup_error sigpolicy_error *fault = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (SP_MIB);
      size_t len = strlen (names.items[i]);
      if (!sp_text_ends (names.items[i], suffix))
        continue;
      cleanup_free char *path = sp_asprintf (err, "%s/%s", directory, names.items[i]);
      rc = path ? sp_audit_read (audit, path, &text, &fault, err) : SIGPOLICY_E_NO_MEMORY;
      if (rc < 0 || fault || !memmem (text.data, text.len, "/etc/containers/policy.json\n", 28))
        continue;
      n_owners++;
      sp_buf_printf (&owners, "%s%.*s", owners.len ? ", " : "", (int)(len - (sizeof suffix - 1)),
                     names.items[i]);
    }
  const struct sp_where where = { .file = "/etc/containers/policy.json" };
  if (n_owners > 1)
    sp_audit_find (audit, SP_RULE_POLICY_TWO_OWNERS, &where, "the file belongs to %s",
                   SP_SHOW (audit, sp_audit_steal (audit, &owners)));
  return rc;
}

int
sp_check_policy (struct sp_audit *audit, sigpolicy_error **err)
{
  int rc = 0;

  if (audit->reads_files && audit->policy_is_hosts)
    {
      rc = check_shadows (audit, err);
      check_environment (audit);
      if (rc == 0)
        rc = check_owners (audit, err);
      if (rc == 0 && audit->policy_path)
        rc = check_permissions (audit, err);
    }
  if (rc == 0 && audit->reads_files && audit->policy_path)
    rc = check_leftovers (audit, err);
  if (rc == 0 && audit->policy)
    {
      check_default (audit);
      check_readers (audit);
    }
  return rc;
}
