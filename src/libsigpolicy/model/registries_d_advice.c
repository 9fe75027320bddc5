/* SPDX-License-Identifier: Apache-2.0 */
#include "model/registries_d_int.h"

#include "json/decode.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"
#include "yaml/yaml.h"

#include <ctype.h>

#define ATTACHMENTS "use-sigstore-attachments"
#define LINE        ATTACHMENTS ": true"

/* --- a file, line by line --------------------------------------------------------------------- */

/* The text of a file, for what is said about it; empty where it cannot be read. */
static int
read_text (const char *path, struct sp_buf *text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;
  if (sp_fs_read (path, text, &fault) == 0)
    return 0;
  sp_buf_clear (text);
  *text = (struct sp_buf)SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
  return sigpolicy_error_code (fault) == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

/* The next line, without its end; false behind the last. */
static bool
next_line (struct sp_view *text, struct sp_view *ret)
{
  if (!text->len)
    return false;
  *ret = sp_view_head (*text, sp_view_find (*text, '\n'));
  *text = sp_view_from (*text, ret->len + 1);
  return true;
}

static struct sp_view
line_of (struct sp_view text, unsigned number, struct sp_view *ret_rest)
{
  struct sp_view line = SP_VIEW ("");
  while (number-- && next_line (&text, &line))
    ;
  *ret_rest = text;
  return line;
}

static size_t
indentation_of (struct sp_view line)
{
  size_t n = 0;
  while (n < line.len && line.data[n] == ' ')
    n++;
  return n;
}

static bool
says_something (struct sp_view line)
{
  struct sp_view rest = sp_view_from (line, indentation_of (line));
  return rest.len && rest.data[0] != '#' && rest.data[0] != '\r';
}

/* Without a comment, and the spaces before that. A "#" in quotes is taken for one, too, and then
 * nothing is found in what is left. */
static struct sp_view
without_comment (struct sp_view line)
{
  for (size_t i = 1; i < line.len; i++)
    if (line.data[i] == '#' && line.data[i - 1] == ' ')
      line.len = i;
  while (line.len && isspace ((unsigned char)line.data[line.len - 1]))
    line.len--;
  return line;
}

/* --- edits ------------------------------------------------------------------------------------ */

/* What shall stand below a line that begins a mapping in block style: lines, each two deeper than
 * the one before. Nothing where that line is none. */
static int
edit_below (const char *path, unsigned number, const char *const *lines, struct sp_hint *hint,
            sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
  cleanup_buf struct sp_buf made = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
  struct sp_view rest, line;

  if (read_text (path, &text, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  struct sp_view head = without_comment (line_of (sp_buf_view (&text), number, &rest));
  size_t own = indentation_of (head), deep = own + 2;
  /* The line must have an end of its own for something to stand below it. */
  if (!head.len || head.data[head.len - 1] != ':' || !rest.len)
    return 0;
  while (next_line (&rest, &line))
    if (says_something (line))
      {
        deep = indentation_of (line) > own ? indentation_of (line) : deep;
        break;
      }
  for (size_t i = 0; lines[i]; i++)
    sp_buf_printf (&made, "%*s%s\n", (int)(deep + 2 * i), "", lines[i]);
  if (sp_buf_check (&made, err) < 0)
    return sigpolicy_error_code (*err);
  return sp_hint_set_edit (hint, path, number + 1, 1, "", made.data, err);
}

/* A section of its own for the repository: in a file that is there, below its "docker:"; else in a
 * new one. */
static int
edit_section (const char *path, const char *repository, const char *setting, struct sp_hint *hint,
              sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
  cleanup_free char *key = sp_asprintf (err, "%s:", repository);
  const char *const lines[] = { key, setting, NULL };
  struct sp_view rest, line;
  bool exists = false;

  int rc = key ? sp_fs_exists (path, &exists, err) : SIGPOLICY_E_NO_MEMORY;
  if (rc == 0 && exists)
    rc = read_text (path, &text, err);
  if (rc < 0)
    return rc;
  rest = sp_buf_view (&text);
  for (unsigned number = 1; next_line (&rest, &line); number++)
    if (sp_view_is (without_comment (line), "docker:"))
      return edit_below (path, number, lines, hint, err);
  if (exists)
    return 0;
  cleanup_free char *made = sp_asprintf (err, "docker:\n  %s:\n    %s\n", repository, setting);
  return made ? sp_hint_set_edit (hint, path, 1, 1, "", made, err) : SIGPOLICY_E_NO_MEMORY;
}

/* true in place of what the line says now. */
static int
edit_value (const char *path, unsigned number, struct sp_hint *hint, sigpolicy_error **err)
{
  static const struct sp_view key = SP_VIEW (ATTACHMENTS ":");
  cleanup_buf struct sp_buf text = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
  struct sp_view rest;

  if (read_text (path, &text, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  struct sp_view line = without_comment (line_of (sp_buf_view (&text), number, &rest));
  struct sp_view value = sp_view_from (line, indentation_of (line));
  if (!sp_view_starts (value, key))
    return 0;
  value = sp_view_from (value, key.len);
  value = sp_view_from (value, indentation_of (value));
  cleanup_free char *old = value.len ? sp_view_dup (value, err) : NULL;
  if (!old)
    return value.len ? SIGPOLICY_E_NO_MEMORY : 0;
  return sp_hint_set_edit (hint, path, number, (unsigned)(value.data - line.data) + 1, old, "true",
                           err);
}

int
sp_registries_d_edit_value (const char *path, unsigned number, const char *value,
                            const char *instead, struct sp_hint *hint, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
  struct sp_view rest;

  if (read_text (path, &text, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  struct sp_view line = line_of (sp_buf_view (&text), number, &rest);
  size_t len = strlen (value);
  const char *at = line.len && len ? memmem (line.data, line.len, value, len) : NULL;
  if (!at)
    return 0;
  return sp_hint_set_edit (hint, path, number, (unsigned)(at - line.data) + 1, value, instead, err);
}

/* --- what was meant --------------------------------------------------------------------------- */

static const struct sp_yaml_node *
value_of (const struct sp_yaml_node *mapping, const char *name)
{
  for (size_t i = 0; mapping && mapping->type == SP_YAML_MAPPING && i + 1 < mapping->n_children;
       i += 2)
    if (sp_view_is (sp_yaml_target (mapping->children[i])->text, name))
      return sp_yaml_target (mapping->children[i + 1]);
  return NULL;
}

/* A key that is nearly the one that counts, and is not known; NULL for none. */
static const struct sp_yaml_node *
misspelt (const struct sp_yaml_node *mapping, const char *wanted, const char **ret_word)
{
  static const char *const settings[]
      = { "lookaside", "lookaside-staging", "sigstore", "sigstore-staging", ATTACHMENTS };
  static const char *const tops[] = { "docker", "default-docker" };
  bool is_top = strcmp (wanted, "docker") == 0;
  const char *const *words = is_top ? tops : settings;
  size_t n_words = is_top ? sizeof tops / sizeof *tops : sizeof settings / sizeof *settings;

  for (size_t i = 0; mapping && mapping->type == SP_YAML_MAPPING && i + 1 < mapping->n_children;
       i += 2)
    {
      const struct sp_yaml_node *key = mapping->children[i];
      if (key->type != SP_YAML_SCALAR || !key->plain)
        continue;
      const char *near = sp_json_nearest (key->text, words, n_words);
      if (near && !sp_view_is (key->text, near) && (is_top || strcmp (near, wanted) == 0))
        {
          *ret_word = near;
          return key;
        }
    }
  return NULL;
}

/* Does one of the sections that speak of the reference have the setting, or nearly? */
struct meant
{
  const struct sp_yaml_node *key; /* that is misspelt, or NULL */
  const char *word;               /* as it should be */
  bool has;
};

static void
look_into (const struct sp_yaml_node *root, const struct sp_strv *scopes, const char *wanted,
           struct meant *ret)
{
  root = root ? sp_yaml_target (root) : NULL;
  const struct sp_yaml_node *docker = value_of (root, "docker");
  if (!docker && (ret->key = misspelt (root, "docker", &ret->word)))
    return;
  for (size_t i = 0; i <= scopes->len && !ret->key && !ret->has; i++)
    {
      const struct sp_yaml_node *section = i < scopes->len ? value_of (docker, scopes->items[i])
                                                           : value_of (root, "default-docker");
      ret->has = value_of (section, wanted);
      ret->key = ret->has ? NULL : misspelt (section, wanted, &ret->word);
    }
}

static int
look_into_file (const char *path, const struct sp_strv *scopes, const char *wanted,
                struct sp_yaml **ret_yaml, struct meant *ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
  cleanup_error sigpolicy_error *fault = NULL;

  if (read_text (path, &text, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_yaml_parse (sp_buf_view (&text), ret_yaml, &fault);
  if (rc < 0)
    return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  look_into (sp_yaml_root (*ret_yaml), scopes, wanted, ret);
  return 0;
}

static int
say_misspelt (const char *path, const struct meant *meant, struct sp_hint *hint,
              sigpolicy_error **err)
{
  cleanup_free char *old = sp_view_dup (meant->key->text, err);
  cleanup_free char *shown = old ? sp_quote_dup (meant->key->text, err) : NULL;
  hint->text = shown ? sp_asprintf (err, "line %u of %s says %s, which has no effect: write %s",
                                    meant->key->line, path, shown, meant->word)
                     : NULL;
  return hint->text ? sp_hint_set_edit (hint, path, meant->key->line, meant->key->column, old,
                                        meant->word, err)
                    : SIGPOLICY_E_NO_MEMORY;
}

static bool
is_not_read (int directory, const char *name)
{
  (void)directory;
  return name[0] != '.' && strstr (name, ".y") && !sp_text_ends (name, ".yaml");
}

/* A file that has it, by a name that is not read. */
static int
search_other_names (const char *directory, const struct sp_strv *scopes, const char *wanted,
                    struct sp_hint *hint, sigpolicy_error **err)
{
  cleanup_strv struct sp_strv names = { 0 };
  cleanup_error sigpolicy_error *fault = NULL;

  if (sp_fs_list (directory, is_not_read, SP_REGISTRIES_D_FILES_MAX, &names, &fault) < 0)
    return sigpolicy_error_code (fault) == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  for (size_t i = 0; i < names.len && !hint->text; i++)
    {
      cleanup_yaml struct sp_yaml *yaml = NULL;
      cleanup_free char *path = sp_asprintf (err, "%s/%s", directory, names.items[i]);
      cleanup_free char *right
          = path ? sp_asprintf (err, "%s/%.*s.yaml", directory, (int)strcspn (names.items[i], "."),
                                names.items[i])
                 : NULL;
      struct meant meant = { 0 };
      bool taken = false;
      int rc = right ? look_into_file (path, scopes, wanted, &yaml, &meant, err)
                     : SIGPOLICY_E_NO_MEMORY;
      if (rc == 0)
        rc = sp_fs_exists (right, &taken, err);
      if (rc < 0)
        return rc;
      if (!meant.has)
        continue;
      cleanup_shell struct sp_shell shell = SP_SHELL;
      hint->text = sp_asprintf (
          err, "%s has a lookaside, but only files whose names end in .yaml are read", path);
      if (!hint->text || taken)
        return hint->text ? 0 : SIGPOLICY_E_NO_MEMORY;
      sp_shell_word (&shell, "mv");
      sp_shell_word (&shell, path);
      sp_shell_word (&shell, right);
      return sp_shell_take (&shell, &hint->command, err);
    }
  return 0;
}

/* Somebody meant to say it, and it means nothing as it is. No hint: nobody did. */
static int
search_meant (const struct sp_registries_d *configuration, const struct sp_reference *reference,
              const char *wanted, struct sp_hint *hint, sigpolicy_error **err)
{
  cleanup_strv struct sp_strv scopes = { 0 };
  const struct sp_strv *files = sp_registries_d_files (configuration);

  int rc = sp_image_name_scopes (reference, &scopes, err);
  for (size_t i = 0; rc == 0 && i < files->len && !hint->text; i++)
    {
      cleanup_yaml struct sp_yaml *yaml = NULL;
      struct meant meant = { 0 };
      rc = look_into_file (files->items[i], &scopes, wanted, &yaml, &meant, err);
      if (rc == 0 && meant.key)
        rc = say_misspelt (files->items[i], &meant, hint, err);
    }
  return rc < 0 || hint->text ? rc
                              : search_other_names (sp_registries_d_directory (configuration),
                                                    &scopes, wanted, hint, err);
}

/* --- attachments ------------------------------------------------------------------------------ */

/* Does the section that switched them off speak of this repository, or of less than that? Then no
 * other one can switch them on. */
static bool
decides_alone (const char *scope, const struct sp_reference *reference)
{
  struct sp_view text = sp_view_str (scope), name = sp_view_str (reference->name);
  return sp_view_starts (text, name)
         && (text.len == name.len || text.data[name.len] == ':' || text.data[name.len] == '@');
}

/* registries.d may say no in one line, nothing in the repository's own section, or nothing at all.
 */
int
sp_registries_d_advise_attachments (const struct sp_registries_d *configuration,
                                    const struct sp_reference *reference, struct sp_hint *ret,
                                    sigpolicy_error **err)
{
  static const char *const setting[] = { LINE, NULL };
  struct sp_registries_d_answer answer, own;
  cleanup_free char *file = NULL, *off = NULL;
  bool enabled, has_section;

  int rc = sp_registries_d_attachments (configuration, reference, &enabled, &answer, err);
  if (rc == 0 && !enabled && !answer.file)
    rc = search_meant (configuration, reference, ATTACHMENTS, ret, err);
  if (rc < 0 || enabled || ret->text)
    return rc;
  has_section = sp_registries_d_section (configuration, sp_view_str (reference->name), &own);
  file = answer.file ? sp_strdup (answer.file, err)
                     : sp_asprintf (err, "%s/%s.yaml", sp_registries_d_directory (configuration),
                                    reference->domain);
  off = !file         ? NULL
        : answer.file ? sp_asprintf (err, " (line %u of %s switches them off for %s)", answer.line,
                                     answer.file, answer.scope)
                      : sp_strdup ("", err);
  if (!off)
    return SIGPOLICY_E_NO_MEMORY;
  if (answer.file && decides_alone (answer.scope, reference))
    ret->text = sp_asprintf (err, "make line %u of %s \"" LINE "\"", answer.line, file);
  else if (has_section)
    ret->text
        = sp_asprintf (err, "in %s, put under \"  %s:\" (line %u) the line \"    " LINE "\"%s",
                       own.file, reference->name, own.line, off);
  else
    ret->text = sp_asprintf (
        err, "in %s, put under \"docker:\" the lines \"  %s:\" and \"    " LINE "\"%s", file,
        reference->name, off);
  if (!ret->text)
    return SIGPOLICY_E_NO_MEMORY;
  return answer.file && decides_alone (answer.scope, reference)
             ? edit_value (file, answer.line, ret, err)
         : has_section ? edit_below (own.file, own.line, setting, ret, err)
                       : edit_section (file, reference->name, LINE, ret, err);
}

/* --- lookasides ------------------------------------------------------------------------------- */

int
sp_registries_d_advise_lookaside (const struct sp_registries_d *configuration,
                                  const struct sp_reference *reference, struct sp_hint *ret,
                                  sigpolicy_error **err)
{
  const char *directory = sp_registries_d_directory (configuration);
  struct sp_registries_d_answer answer;
  bool exists = false;

  int rc = sp_registries_d_lookaside (configuration, reference, SP_LOOKASIDE_READ, &answer, err);
  if (rc == 0)
    rc = sp_fs_exists (directory, &exists, err);
  if (rc == 0 && exists)
    rc = search_meant (configuration, reference, "lookaside", ret, err);
  if (rc < 0 || answer.value || ret->text)
    return rc;
  ret->text
      = exists
            ? sp_asprintf (err,
                           "no file in %s names a lookaside for %s: in a file whose name ends in "
                           ".yaml, put under \"docker:\" the lines \"  %s:\" and \"    lookaside: "
                           "URL\"; 'sigpolicy audit' shows lines that have no effect",
                           directory, reference->name, reference->domain)
            : sp_asprintf (err,
                           "no lookaside is named for %s: the directory %s does not exist; in a "
                           "file %s/%s.yaml, put under \"docker:\" the lines \"  %s:\" and \"    "
                           "lookaside: URL\"",
                           reference->name, directory, directory, reference->domain,
                           reference->domain);
  return ret->text ? 0 : SIGPOLICY_E_NO_MEMORY;
}
