/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "json/decode.h"

/* Files of registries.conf that load, and do not do what their author meant: a key counts in its
 * own table alone, and a header that is missing puts it into another one. */

enum table
{
  TOP,
  REGISTRY,
  MIRROR,
  TABLES,
};

static const char *const keys[TABLES][8] = {
  [TOP] = { "unqualified-search-registries", "registry", "short-name-mode", "aliases",
            "credential-helpers", "additional-layer-store-auth-helper", "registries" },
  [REGISTRY] = { "prefix", "location", "insecure", "blocked", "mirror", "mirror-by-digest-only" },
  [MIRROR] = { "location", "insecure", "pull-from-mirror" },
};
static const char *const shown[TABLES]
    = { "the top of the file", "[[registry]]", "[[registry.mirror]]" };
static const char *const moves[TABLES]
    = { "move it to the top of the file, above the first header",
        "put it below a [[registry]] header", "put it below a [[registry.mirror]] header" };

static bool
has_key (enum table table, struct sp_view key)
{
  for (size_t i = 0; i < 8 && keys[table][i]; i++)
    if (sp_view_equal_folded (key, sp_view_str (keys[table][i])))
      return true;
  return false;
}

static struct sp_where
at (const char *file, const struct sp_toml_node *node)
{
  struct sp_where where = { .file = file, .line = node->key_line, .column = node->key_column };
  return where;
}

static void
check_key (struct sp_audit *audit, const char *file, enum table table,
           const struct sp_toml_node *node)
{
  struct sp_where where = at (file, node);

  if (has_key (table, node->key))
    return;
  for (int other = TOP; other < TABLES; other++)
    if (has_key ((enum table)other, node->key))
      {
        where.fix = moves[other];
        sp_audit_find (audit, SP_RULE_CONF_MISPLACED_KEY, &where,
                       "\"%s\" has no effect here: it is in %s, and belongs to %s",
                       sp_audit_show (audit, node->key), shown[table], shown[other]);
        return;
      }
  size_t n_words = 0;
  while (n_words < 8 && keys[table][n_words])
    n_words++;
  const char *near = sp_json_nearest (node->key, keys[table], n_words);
  where.fix = near ? sp_audit_compose (audit, "write %s", near) : NULL;
  sp_audit_find (audit, SP_RULE_CONF_UNKNOWN_KEY, &where, "\"%s\" has no effect",
                 sp_audit_show (audit, sp_view_head (node->key, 512)));
}

static void
check_keys (struct sp_audit *audit, const char *file, enum table table,
            const struct sp_toml_node *node)
{
  for (const struct sp_toml_node *child = node->first; child; child = child->next)
    check_key (audit, file, table, child);
}

/* A tag or a digest behind the name of a repository. */
static void
check_name (struct sp_audit *audit, const char *file, const struct sp_toml_node *node)
{
  if (!node || node->type != SP_TOML_STRING)
    return;
  size_t slash = sp_view_find_last (node->text, '/'), colon = sp_view_find_last (node->text, ':');
  bool has_tag = slash != SP_VIEW_NONE && colon != SP_VIEW_NONE && colon > slash;
  if (!has_tag && sp_view_find (node->text, '@') == SP_VIEW_NONE)
    return;
  const struct sp_where where = at (file, node);
  sp_audit_find (audit, SP_RULE_CONF_TAG, &where,
                 "\"%s\" has a tag or a digest, so it matches no image",
                 sp_audit_show (audit, sp_view_head (node->text, 512)));
}

static const struct sp_toml_node *
name_of (const struct sp_toml_node *registry)
{
  const struct sp_toml_node *prefix = sp_toml_member (registry, "prefix");
  return prefix && prefix->type == SP_TOML_STRING && prefix->text.len
             ? prefix
             : sp_toml_member (registry, "location");
}

/* Of two entries for the same prefix in one file the first counts. */
static void
check_twice (struct sp_audit *audit, const char *file, const struct sp_toml_node *list,
             const struct sp_toml_node *registry)
{
  const struct sp_toml_node *name = name_of (registry);

  if (!name || name->type != SP_TOML_STRING)
    return;
  for (const struct sp_toml_node *before = list->first; before != registry; before = before->next)
    {
      const struct sp_toml_node *other = before->type == SP_TOML_TABLE ? name_of (before) : NULL;
      if (!other || other->type != SP_TOML_STRING || !sp_view_equal (other->text, name->text))
        continue;
      const struct sp_where where = at (file, name);
      sp_audit_find (audit, SP_RULE_CONF_DUPLICATE_PREFIX, &where,
                     "\"%s\" has no effect: the entry in line %u is for the same prefix",
                     sp_audit_show (audit, sp_view_head (name->text, 512)), other->key_line);
      return;
    }
}

void
sp_check_registries_conf (struct sp_audit *audit, const char *file, const struct sp_toml *toml)
{
  const struct sp_toml_node *list = sp_toml_member (sp_toml_root (toml), "registry");

  check_keys (audit, file, TOP, sp_toml_root (toml));
  if (!list || list->type != SP_TOML_ARRAY)
    return;
  for (const struct sp_toml_node *registry = list->first; registry; registry = registry->next)
    {
      if (registry->type != SP_TOML_TABLE)
        continue;
      check_keys (audit, file, REGISTRY, registry);
      check_name (audit, file, sp_toml_member (registry, "prefix"));
      check_name (audit, file, sp_toml_member (registry, "location"));
      check_twice (audit, file, list, registry);
      const struct sp_toml_node *mirrors = sp_toml_member (registry, "mirror");
      for (const struct sp_toml_node *mirror
           = mirrors && mirrors->type == SP_TOML_ARRAY ? mirrors->first : NULL;
           mirror; mirror = mirror->next)
        if (mirror->type == SP_TOML_TABLE)
          {
            check_keys (audit, file, MIRROR, mirror);
            check_name (audit, file, sp_toml_member (mirror, "location"));
          }
    }
}
