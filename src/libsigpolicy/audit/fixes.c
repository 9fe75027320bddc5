/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "util/limits.h"

/* Fixes that can be made: what they come to as a command, and as lines of a file. */

void
sp_fix_clear (struct sp_fix *change)
{
  free ((char *)(size_t)change->file);
  free ((char *)(size_t)change->transport);
  free ((char *)(size_t)change->scope);
  free ((char *)(size_t)change->value);
  memset (change, 0, sizeof *change);
}

bool
sp_fix_is_same (const struct sp_fix *one, const struct sp_fix *other)
{
  return one->kind == other->kind && sp_text_equal (one->file, other->file)
         && sp_text_equal (one->transport, other->transport)
         && sp_text_equal (one->scope, other->scope) && sp_text_equal (one->value, other->value);
}

/* --- for a shell ------------------------------------------------------------------------------ */

/* A word: as it is, or in quotes. What a terminal would take for its own has no command. */
static bool
put_word (struct sp_buf *out, const char *text)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "@%_-+=:,./";
  bool needs_quotes = !*text || strspn (text, plain) != strlen (text) || *text == '-';

  for (const char *c = text; *c; c++)
    if (*c < 0x20 || *c > 0x7e)
      return false;
  if (needs_quotes)
    sp_buf_byte (out, '\'');
  for (const char *c = text; *c; c++)
    if (*c == '\'')
      sp_buf_str (out, "'\\''");
    else
      sp_buf_byte (out, *c);
  if (needs_quotes)
    sp_buf_byte (out, '\'');
  return true;
}

static int
make_command (const struct sp_fix *change, char **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (64 * SP_PATH_BYTES_MAX);
  bool is_whole = false;

  if (change->kind == SP_FIX_UNSET)
    {
      sp_buf_str (&out, "sigpolicy trust unset --policy ");
      is_whole = put_word (&out, change->file);
      sp_buf_printf (&out, " --transport %s ", change->transport);
      is_whole = is_whole && put_word (&out, change->scope);
    }
  else if (change->kind == SP_FIX_LIST && !change->scope
           && strcmp (change->value, SP_FIX_REJECT) == 0)
    {
      sp_buf_str (&out, "sigpolicy trust set --policy ");
      is_whole = put_word (&out, change->file);
      sp_buf_str (&out, " --type reject default");
    }
  else if (change->kind == SP_FIX_MODE)
    {
      bool is_owner = strcmp (change->value, "root") == 0;
      sp_buf_printf (&out, "%s %s ", is_owner ? "chown" : "chmod", change->value);
      is_whole = put_word (&out, change->file);
    }
  /* Nobody pastes what is that long. */
  if (!is_whole || out.failed == SP_BUF_FULL)
    return 0;
  *ret = sp_buf_steal (&out, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

int
sp_fix_copy (const struct sp_fix *from, struct sp_finding *finding, sigpolicy_error **err)
{
  struct sp_fix *to = &finding->change;
  const char *const texts[] = { from->file, from->transport, from->scope, from->value };
  const char **const slots[] = { &to->file, &to->transport, &to->scope, &to->value };

  to->kind = from->kind;
  to->is_safe = from->is_safe;
  for (size_t i = 0; i < 4; i++)
    if (texts[i] && !(*slots[i] = sp_strdup (texts[i], err)))
      return SIGPOLICY_E_NO_MEMORY;
  return make_command (to, &finding->command, err);
}

struct sp_fix
sp_fix_writable (const char *who, const char *culprit)
{
  bool is_mode = strcmp (who, "everybody") == 0 || strcmp (who, "its group") == 0;
  return (struct sp_fix){
    .kind = SP_FIX_MODE, .is_safe = is_mode, .file = culprit, .value = is_mode ? "go-w" : "root"
  };
}

/* --- in a file -------------------------------------------------------------------------------- */

static void
put_setting (struct sp_buf *out, const struct sp_fix *change)
{
  if (change->value)
    sp_buf_printf (out, "lookaside: %s\n", change->value);
  else
    sp_buf_str (out, "use-sigstore-attachments: true\n");
}

char *
sp_fix_snippet (const struct sp_fix *change, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (64 * SP_PATH_BYTES_MAX);

  /* What would need quotes in YAML has no snippet; the one who edits files knows how. */
  const char *const words[] = { change->scope, change->value };
  for (size_t i = 0; change->kind == SP_FIX_STORAGE && i < 2; i++)
    for (const char *c = words[i] ? words[i] : ""; *c; c++)
      if (*c <= 0x20 || *c > 0x7e || strchr ("\"\\'#", *c))
        return sp_strdup ("", err);
  if (change->kind == SP_FIX_STORAGE && !change->scope)
    {
      sp_buf_str (&out, "default-docker:\n  ");
      put_setting (&out, change);
    }
  else if (change->kind == SP_FIX_STORAGE)
    {
      sp_buf_printf (&out, "docker:\n  \"%s\":\n    ", change->scope);
      put_setting (&out, change);
    }
  else if (change->kind == SP_FIX_LIST)
    sp_buf_str (&out, change->value);
  return out.failed == SP_BUF_FULL ? sp_strdup ("", err) : sp_buf_steal (&out, err);
}

static bool
has_section (const struct sp_regd_file *file, struct sp_view scope)
{
  const struct sp_yaml_node *root = file->yaml ? sp_yaml_root (file->yaml) : NULL;

  root = root ? sp_yaml_target (root) : NULL;
  for (size_t i = 0; root && root->type == SP_YAML_MAPPING && i + 1 < root->n_children; i += 2)
    {
      const struct sp_yaml_node *docker = sp_yaml_target (root->children[i + 1]);
      if (!sp_view_is (root->children[i]->text, "docker") || docker->type != SP_YAML_MAPPING)
        continue;
      for (size_t k = 0; k + 1 < docker->n_children; k += 2)
        if (sp_view_equal (docker->children[k]->text, scope))
          return true;
    }
  return false;
}

const char *
sp_fix_storage_file (struct sp_audit *audit, struct sp_view scope)
{
  struct sp_view host = sp_view_head (scope, sp_view_find (scope, '/'));

  cleanup_buf struct sp_buf name = SP_BUF (SP_POLICY_BYTES_MAX);

  for (size_t i = 0; i < audit->n_regd_files; i++)
    if (has_section (&audit->regd_files[i], scope))
      return audit->regd_files[i].path;
  for (size_t i = 0; i < host.len && host.data[i]; i++)
    sp_buf_byte (&name, strchr (":@*", host.data[i]) ? '-' : host.data[i]);
  return sp_audit_compose (audit, "%s/%s.yaml", audit->regd_path, sp_audit_steal (audit, &name));
}

/* Does the requirement change nothing where it stands in its list? */
static bool
is_without_effect (const struct sp_item *item, const struct sp_json_tree_node *node)
{
  const struct sp_requirements *list = &item->scope->requirements;
  enum sp_requirement_type type = list->items[node->index].type;

  for (const struct sp_json_tree_node *before = item->node->first; before != node;
       before = before->next)
    if (sp_view_equal (before->source, node->source))
      return true;
  if (sp_has_type (list, SP_REQUIREMENT_REJECT))
    return type != SP_REQUIREMENT_REJECT;
  return type == SP_REQUIREMENT_ACCEPT
         && (sp_has_type (list, SP_REQUIREMENT_SIGNED_BY)
             || sp_has_type (list, SP_REQUIREMENT_SIGSTORE_SIGNED));
}

const char *
sp_fix_list (struct sp_audit *audit, const struct sp_item *item)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_POLICY_BYTES_MAX);

  sp_buf_byte (&out, '[');
  for (const struct sp_json_tree_node *node = item->node->first;
       node && node->index < item->scope->requirements.len; node = node->next)
    if (!is_without_effect (item, node))
      {
        if (out.len > 1)
          sp_buf_str (&out, ", ");
        sp_buf_add (&out, node->source);
      }
  sp_buf_byte (&out, ']');
  return sp_audit_steal (audit, &out);
}
