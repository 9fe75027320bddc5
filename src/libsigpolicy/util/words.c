/* SPDX-License-Identifier: Apache-2.0 */
#include "util/words.h"

#include "util/codec.h"

void
sp_words (struct sp_buf *out, struct sp_view text)
{
  sp_escape_with (text, "", out);
}

void
sp_words_str (struct sp_buf *out, const char *text)
{
  sp_words (out, sp_view_str (text));
}

void
sp_words_quoted (struct sp_buf *out, struct sp_view text)
{
  sp_buf_byte (out, '"');
  sp_escape_with (text, "\"\\", out);
  sp_buf_byte (out, '"');
}

/* --- hints ------------------------------------------------------------------------------------ */

/* Lines of a text, each behind an indentation of its own; what cannot be shown is escaped. */
static void
put_block (struct sp_buf *out, struct sp_view text)
{
  while (text.len)
    {
      struct sp_view line = sp_view_head (text, sp_view_find (text, '\n'));
      sp_buf_str (out, "              ");
      sp_words (out, line);
      sp_buf_byte (out, '\n');
      text = sp_view_from (text, line.len + 1);
    }
}

static void
put_edit (struct sp_buf *out, const sigpolicy_hint_edit *edit)
{
  bool inserts = !edit->old[0], is_block = strchr (edit->text, '\n');

  sp_buf_str (out, "    edit    ");
  sp_words_str (out, edit->file);
  sp_buf_printf (out, ":%u:%u: ", edit->line, edit->column);
  if (!inserts)
    {
      sp_buf_str (out, edit->text[0] ? "replace '" : "remove '");
      sp_words_str (out, edit->old);
      sp_buf_str (out, edit->text[0] ? "' by" : "'");
    }
  else
    sp_buf_str (out, "insert");
  if (!is_block && edit->text[0])
    {
      sp_buf_str (out, " '");
      sp_words_str (out, edit->text);
      sp_buf_byte (out, '\'');
    }
  sp_buf_byte (out, '\n');
  if (is_block)
    put_block (out, sp_view_str (edit->text));
}

void
sp_words_hint (struct sp_buf *out, const char *text, const char *command,
               const sigpolicy_hint_edit *edit)
{
  if (!text)
    return;
  sp_buf_str (out, "  hint      ");
  sp_words_str (out, text);
  sp_buf_byte (out, '\n');
  if (command)
    sp_buf_printf (out, "    run     %s\n", command);
  if (edit)
    put_edit (out, edit);
}
