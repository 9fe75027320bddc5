/* SPDX-License-Identifier: Apache-2.0 */
#include "util/hint.h"

#include "util/alloc.h"
#include "util/cleanup.h"

#include <string.h>

/* NULL stays NULL. */
static int
copy (const char *from, char **to, sigpolicy_error **err)
{
  *to = from ? sp_strdup (from, err) : NULL;
  return from && !*to ? SIGPOLICY_E_NO_MEMORY : 0;
}

void
sp_hint_clear (struct sp_hint *hint)
{
  free (hint->text);
  free (hint->command);
  free (hint->file);
  free (hint->old);
  free (hint->new_text);
  memset (hint, 0, sizeof *hint);
}

int
sp_hint_copy (const struct sp_hint *from, struct sp_hint *to, sigpolicy_error **err)
{
  cleanup_hint struct sp_hint made = { .line = from->line, .column = from->column };

  if (copy (from->text, &made.text, err) < 0 || copy (from->command, &made.command, err) < 0
      || copy (from->file, &made.file, err) < 0 || copy (from->old, &made.old, err) < 0
      || copy (from->new_text, &made.new_text, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  sp_hint_clear (to);
  *to = made;
  made = (struct sp_hint){ 0 };
  return 0;
}

bool
sp_hint_edit (const struct sp_hint *hint, sigpolicy_hint_edit *ret)
{
  if (!hint->file)
    return false;
  *ret = (sigpolicy_hint_edit){ .file = hint->file,
                                .line = hint->line,
                                .column = hint->column,
                                .old = hint->old,
                                .text = hint->new_text };
  return true;
}

int
sp_hint_set_edit (struct sp_hint *hint, const char *file, unsigned line, unsigned column,
                  const char *old, const char *new_text, sigpolicy_error **err)
{
  cleanup_free char *path = sp_strdup (file, err), *was = NULL;
  char *becomes = NULL;

  was = path ? sp_strdup (old, err) : NULL;
  becomes = was ? sp_strdup (new_text, err) : NULL;
  if (!becomes)
    return SIGPOLICY_E_NO_MEMORY;
  free (hint->file);
  free (hint->old);
  free (hint->new_text);
  hint->file = steal (&path);
  hint->old = steal (&was);
  hint->new_text = becomes;
  hint->line = line;
  hint->column = column;
  return 0;
}

/* --- for a shell ------------------------------------------------------------------------------ */

static bool
is_plain (char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
         || (c && strchr ("%+,-./:=@_", c));
}

static void
put_word (struct sp_shell *shell, struct sp_view word)
{
  bool plain = word.len > 0;

  for (size_t i = 0; i < word.len; i++)
    {
      plain = plain && is_plain (word.data[i]);
      shell->is_unfit = shell->is_unfit || word.data[i] < ' ' || word.data[i] > '~';
    }
  sp_buf_str (&shell->text, shell->text.len ? " " : "");
  if (plain)
    {
      sp_buf_add (&shell->text, word);
      return;
    }
  sp_buf_byte (&shell->text, '\'');
  for (size_t i = 0; i < word.len; i++)
    if (word.data[i] == '\'')
      sp_buf_str (&shell->text, "'\\''");
    else
      sp_buf_byte (&shell->text, word.data[i]);
  sp_buf_byte (&shell->text, '\'');
}

void
sp_shell_word (struct sp_shell *shell, const char *word)
{
  put_word (shell, sp_view_str (word));
}

void
sp_shell_raw (struct sp_shell *shell, const char *text)
{
  sp_buf_printf (&shell->text, "%s%s", shell->text.len ? " " : "", text);
}

int
sp_shell_take (struct sp_shell *shell, char **ret, sigpolicy_error **err)
{
  if (shell->text.failed == SP_BUF_NO_MEMORY)
    return sp_error_no_memory (err);
  if (shell->text.failed || shell->is_unfit || !shell->text.len)
    return 0;
  *ret = sp_buf_steal (&shell->text, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

void
sp_shell_clear (struct sp_shell *shell)
{
  sp_buf_clear (&shell->text);
}
