/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/name_int.h"

#include "model/words.h"

#define COLUMNS 80

void
sp_paragraph (struct sp_buf *out, const char *label, size_t hang, struct sp_view text)
{
  size_t column = SP_PARAGRAPH_INDENT;
  bool first = true;

  sp_buf_printf (out, "%-*s", SP_PARAGRAPH_INDENT, label);
  while (text.len)
    {
      struct sp_view word = sp_view_head (text, sp_view_find (text, ' '));
      text = sp_view_from (text, word.len + 1);
      if (!first && column + 1 + word.len > COLUMNS)
        {
          sp_buf_printf (out, "\n%*s", (int)(SP_PARAGRAPH_INDENT + hang), "");
          column = SP_PARAGRAPH_INDENT + hang;
        }
      else if (!first)
        {
          sp_buf_byte (out, ' ');
          column++;
        }
      sp_words (out, word);
      column += word.len;
      first = false;
    }
  sp_buf_byte (out, '\n');
}

void
sp_paragraph_of (struct sp_buf *out, const char *label, size_t hang, const struct sp_buf *text)
{
  sp_paragraph (out, label, hang, sp_buf_view (text));
  if (!out->failed)
    out->failed = text->failed;
}
