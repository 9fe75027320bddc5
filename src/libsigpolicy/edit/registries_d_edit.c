/* SPDX-License-Identifier: Apache-2.0 */
#include "edit/edit_int.h"

#include "model/registries_d.h"
#include "model/words.h"
#include "util/fs.h"
#include "util/limits.h"
#include "yaml/yaml.h"

#include <errno.h>

/*
 * The entry of registries.d that belongs to a rule: a scope's lookaside and
 * use-sigstore-attachments. It is written into the file that has the scope, else into one of its
 * own; by whole lines, so that comments and layout stay. Files are read again afterwards, and one
 * that cannot be changed so (a flow mapping, say) is left alone.
 */

/* One setting of a section. */
struct setting
{
  const char *section; /* "docker", "default-docker" */
  const char *scope;   /* of docker; else NULL */
  const char *key;
  const char *value;
};

/* --- finding ---------------------------------------------------------------------------------- */

/* The key of a mapping, or NULL; its value is the next child. */
static struct sp_yaml_node *const *
find_key (const struct sp_yaml_node *mapping, const char *key)
{
  if (!mapping || mapping->type != SP_YAML_MAPPING)
    return NULL;
  for (size_t i = 0; i + 1 < mapping->n_children; i += 2)
    if (mapping->children[i]->type == SP_YAML_SCALAR
        && sp_view_is (mapping->children[i]->text, key))
      return &mapping->children[i];
  return NULL;
}

static const struct sp_yaml_node *
find_value (const struct sp_yaml_node *mapping, const char *key)
{
  struct sp_yaml_node *const *found = find_key (mapping, key);
  return found ? found[1] : NULL;
}

static const struct sp_yaml_node *
find_setting (const struct sp_yaml_node *root, const struct setting *setting)
{
  const struct sp_yaml_node *section = find_value (root, setting->section);
  if (setting->scope)
    section = find_value (section, setting->scope);
  return find_value (section, setting->key);
}

static unsigned
last_line (const struct sp_yaml_node *node)
{
  unsigned line = node->line;
  for (size_t i = 0; i < node->n_children; i++)
    {
      unsigned deeper = last_line (node->children[i]);
      if (deeper > line)
        line = deeper;
    }
  return line;
}

/* --- text ------------------------------------------------------------------------------------- */

/* Where a line begins, counted from 1; the end of the text for one behind the last. */
static size_t
line_start (struct sp_view text, unsigned line)
{
  size_t at = 0;
  while (line > 1 && at < text.len)
    {
      size_t newline = sp_view_find (sp_view_from (text, at), '\n');
      at = newline == SP_VIEW_NONE ? text.len : at + newline + 1;
      line--;
    }
  return at;
}

/* Needs no quotes, whatever stands around it. */
static bool
is_plain (const char *text)
{
  static const char safe[]
      = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~/:-+%=";
  size_t length = strlen (text);
  return length && strspn (text, safe) == length && strspn (text, safe) > 0
         && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z')
             || (text[0] >= '0' && text[0] <= '9'))
         && text[length - 1] != ':';
}

static void
put_scalar (struct sp_buf *out, const char *text)
{
  if (is_plain (text))
    {
      sp_buf_str (out, text);
      return;
    }
  sp_buf_byte (out, '"');
  for (; *text; text++)
    {
      if (*text == '"' || *text == '\\')
        sp_buf_byte (out, '\\');
      sp_buf_byte (out, *text);
    }
  sp_buf_byte (out, '"');
}

static void
put_indent (struct sp_buf *out, unsigned columns)
{
  while (columns--)
    sp_buf_byte (out, ' ');
}

/* The lines of a setting from some level on, two columns a level. */
static void
put_setting (struct sp_buf *out, const struct setting *setting, unsigned level, unsigned columns)
{
  const char *const words[] = { setting->section, setting->scope, setting->key };
  for (; level < 3; level++)
    if (words[level])
      {
        put_indent (out, columns);
        put_scalar (out, words[level]);
        sp_buf_byte (out, ':');
        if (level == 2)
          {
            sp_buf_byte (out, ' ');
            put_scalar (out, setting->value);
          }
        sp_buf_byte (out, '\n');
        columns += 2;
      }
}

/* Put lines behind a line of the text; the last line may lack its end. */
static void
insert_behind (struct sp_view text, unsigned line, const struct setting *setting, unsigned level,
               unsigned columns, struct sp_buf *out)
{
  size_t at = line_start (text, line + 1);
  sp_buf_add (out, sp_view_head (text, at));
  if (at > 0 && text.data[at - 1] != '\n')
    sp_buf_byte (out, '\n');
  put_setting (out, setting, level, columns);
  sp_buf_add (out, sp_view_from (text, at));
}

/* The text of a scalar that stands in one line, by its place. */
static struct sp_view
scalar_source (struct sp_view text, const struct sp_yaml_node *scalar)
{
  struct sp_view rest = sp_view_from (text, line_start (text, scalar->line) + scalar->column - 1);
  size_t length = scalar->text.len;

  if (!scalar->plain && rest.len && (rest.data[0] == '"' || rest.data[0] == '\''))
    {
      size_t quote = sp_view_find (sp_view_from (rest, 1), rest.data[0]);
      length = quote == SP_VIEW_NONE ? 0 : quote + 2;
    }
  else if (!sp_view_starts (rest, scalar->text))
    length = 0;
  return sp_view_head (rest, length);
}

/* Where the setting goes: in place of a value, behind the lines of the innermost mapping that is
 * there, or at the end. */
static void
change (struct sp_view text, const struct sp_yaml_node *root, const struct setting *setting,
        struct sp_buf *out)
{
  const char *const words[] = { setting->section, setting->scope, setting->key };
  const struct sp_yaml_node *mapping = root;
  unsigned line = UINT32_MAX - 1, columns = 0;

  for (unsigned level = 0; level < 3; level++)
    {
      if (!words[level])
        continue;
      struct sp_yaml_node *const *found = find_key (mapping, words[level]);
      if (!found)
        {
          insert_behind (text, line, setting, level, columns, out);
          return;
        }
      mapping = found[1];
      line = last_line (mapping) > found[0]->line ? last_line (mapping) : found[0]->line;
      columns = mapping->n_children ? mapping->children[0]->column - 1 : found[0]->column + 1;
    }
  struct sp_view source = scalar_source (text, mapping);
  size_t at = (size_t)(source.data - text.data);
  sp_buf_add (out, sp_view_head (text, at));
  put_scalar (out, setting->value);
  sp_buf_add (out, sp_view_from (text, at + source.len));
}

/* --- what came of it -------------------------------------------------------------------------- */

/* Everything of the old tree is in the new one, but for the value that was to change. */
static bool
is_kept (const struct sp_yaml_node *old, const struct sp_yaml_node *new,
         const struct sp_yaml_node *changed)
{
  if (new == changed)
    return true;
  if (!new || (old->type != new->type && !sp_yaml_is_null (old)))
    return false;
  if (old->type == SP_YAML_SCALAR)
    return sp_yaml_is_null (old) || sp_view_equal (old->text, new->text);
  if (old->type == SP_YAML_ALIAS || old->n_children > new->n_children)
    return old->type == SP_YAML_ALIAS;
  for (size_t i = 0; i < old->n_children; i++)
    if (!is_kept (old->children[i], new->children[i], changed))
      return false;
  return true;
}

static int
cannot (const struct sp_edit *edit, sigpolicy_error **err)
{
  sp_error_clear (err);
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                      "%s uses YAML syntax that sigpolicy cannot edit", edit->storage.path);
  return sp_error_hint (
      err,
      "edit the entry of the scope there yourself, and leave out --lookaside and --attachments");
}

static int
apply (struct sp_edit *edit, const struct setting *setting, struct sp_buf *text,
       sigpolicy_error **err)
{
  cleanup_buf struct sp_buf changed = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
  cleanup_yaml struct sp_yaml *old = NULL, *new = NULL;

  if (sp_yaml_parse (sp_buf_view (text), &old, err) < 0)
    {
      (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
      return sp_error_position (err, edit->storage.path, 0, 0, NULL);
    }
  const struct sp_yaml_node *root = sp_yaml_root (old);
  change (sp_buf_view (text), root, setting, &changed);
  int rc = sp_buf_check (&changed, err);
  if (rc < 0)
    return rc;
  if (sp_yaml_parse (sp_buf_view (&changed), &new, err) < 0)
    return cannot (edit, err);
  const struct sp_yaml_node *value = find_setting (sp_yaml_root (new), setting);
  if (!value || value->type != SP_YAML_SCALAR || !sp_view_is (value->text, setting->value)
      || (root && !is_kept (root, sp_yaml_root (new), value)))
    return cannot (edit, err);
  sp_buf_clear (text);
  sp_buf_add (text, sp_buf_view (&changed));
  return sp_buf_check (text, err);
}

/* Does the reader of registries.d take it? */
static int
check (const struct sp_edit *edit, struct sp_view text, sigpolicy_error **err)
{
  cleanup_registries_d struct sp_registries_d *configuration = NULL;
  int rc = sp_registries_d_new (edit->registries_d, &configuration, err);
  return rc < 0 ? rc : sp_registries_d_parse_file (configuration, text, edit->storage.path, err);
}

int
sp_edit_make_storage (void *context, bool exists, struct sp_view old, struct sp_buf *out,
                      sigpolicy_error **err)
{
  struct sp_edit *edit = context;
  cleanup_buf struct sp_buf text = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
  struct setting setting
      = { .section = edit->scope ? "docker" : "default-docker", .scope = edit->scope };

  sp_buf_add (&text, old);
  int rc = sp_buf_check (&text, err);
  if (rc == 0 && edit->lookaside)
    {
      setting.key = "lookaside";
      setting.value = edit->lookaside;
      rc = apply (edit, &setting, &text, err);
    }
  if (rc == 0 && edit->attachments)
    {
      setting.key = "use-sigstore-attachments";
      setting.value = "true";
      rc = apply (edit, &setting, &text, err);
    }
  if (rc == 0)
    rc = check (edit, sp_buf_view (&text), err);
  if (rc == 0)
    {
      sp_buf_add (out, sp_buf_view (&text));
      rc = sp_edit_keep (&edit->storage, exists, old, out, err);
    }
  return rc;
}

static bool
is_url (const char *text)
{
  static const char *const schemes[] = { "http://", "https://", "file:///" };
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
    if (strncmp (text, schemes[i], strlen (schemes[i])) == 0 && text[strlen (schemes[i])])
      return strpbrk (text, "\n\r\t ") == NULL;
  return false;
}

int
sp_edit_set_storage (struct sp_edit *edit, const char *directory, const char *lookaside,
                     bool attachments, sigpolicy_error **err)
{
  if (lookaside && !is_url (lookaside))
    return sp_error_set (
        err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
        "a lookaside is a URL such as https://sigs.example/ns or file:///srv/sigs");
  if (edit->transport && (strcmp (edit->transport, "docker") != 0 || !edit->scope[0]))
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                         "registries.d has only docker scopes and the default");
  edit->registries_d = sp_strdup (directory, err);
  if (edit->registries_d && lookaside)
    edit->lookaside = sp_strdup (lookaside, err);
  edit->attachments = attachments;
  return edit->registries_d && !lookaside == !edit->lookaside ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* --- which file ------------------------------------------------------------------------------- */

static int
has_section (const struct sp_edit *edit, const char *path, bool *ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
  cleanup_yaml struct sp_yaml *yaml = NULL;

  *ret = false;
  if (sp_fs_read (path, &text, err) < 0)
    {
      if (sp_error_errnum (*err) != ENOENT)
        return sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
      sp_error_clear (err);
      return 0;
    }
  if (sp_yaml_parse (sp_buf_view (&text), &yaml, err) < 0)
    {
      (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
      return sp_error_position (err, path, 0, 0, NULL);
    }
  const struct sp_yaml_node *root = sp_yaml_root (yaml);
  *ret = edit->scope ? find_key (find_value (root, "docker"), edit->scope) != NULL
                     : find_key (root, "default-docker") != NULL;
  return 0;
}

int
sp_edit_note_storage (struct sp_edit *edit, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *ignored = NULL;
  cleanup_strv struct sp_strv files = { 0 };
  int rc = 0;

  if (!edit->read_d || strcmp (edit->transport, "docker") != 0)
    return 0;
  rc = sp_registries_d_list (edit->read_d, &files, &ignored);
  for (size_t i = 0; rc == 0 && i < files.len; i++)
    {
      bool found = false;
      rc = has_section (edit, files.items[i], &found, &ignored);
      if (!found)
        continue;
      sp_words_str (&edit->kept, files.items[i]);
      sp_buf_str (&edit->kept, ": still names where the signatures of the scope are stored\n");
    }
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : sp_buf_check (&edit->kept, err);
}

/* A name of its own: the scope, with what has a meaning in paths replaced. */
static char *
own_name (const struct sp_edit *edit, sigpolicy_error **err)
{
  char *path
      = sp_asprintf (err, "%s/%s.yaml", edit->registries_d, edit->scope ? edit->scope : "default");
  if (!path)
    return NULL;
  for (char *at = path + strlen (edit->registries_d) + 1; *at; at++)
    if (strchr ("/:@*", *at))
      *at = '-';
  return path;
}

int
sp_edit_choose_storage (struct sp_edit *edit, sigpolicy_error **err)
{
  cleanup_strv struct sp_strv files = { 0 };
  int rc = sp_registries_d_list (edit->registries_d, &files, err);

  for (size_t i = 0; rc == 0 && !edit->storage.path && i < files.len; i++)
    {
      bool found = false;
      rc = has_section (edit, files.items[i], &found, err);
      if (found)
        edit->storage.path = steal (&files.items[i]);
    }
  if (rc == 0 && !edit->storage.path)
    edit->storage.path = own_name (edit, err);
  return rc < 0 ? rc : edit->storage.path ? 0 : SIGPOLICY_E_NO_MEMORY;
}
