/* SPDX-License-Identifier: Apache-2.0 */
#include "edit/edit_int.h"

#include "model/words.h"

/* A unified diff of one change: the lines that differ, from the first to the last, with as many
 * around them as patch(1) likes. */
#define CONTEXT_LINES 3U

struct lines
{
  struct sp_view *items; /* each with its newline */
  size_t len, capacity;
};

static bool
split (struct sp_view text, struct lines *lines)
{
  sigpolicy_error *err = NULL;
  while (text.len)
    {
      size_t newline = sp_view_find (text, '\n');
      size_t length = newline == SP_VIEW_NONE ? text.len : newline + 1;
      if (sp_grow (&lines->items, &lines->capacity, lines->len, sizeof *lines->items, &err) < 0)
        {
          sigpolicy_error_free (err);
          return false;
        }
      lines->items[lines->len++] = sp_view_head (text, length);
      text = sp_view_from (text, length);
    }
  return true;
}

static void
put_lines (struct sp_buf *out, char sign, const struct lines *lines, size_t from, size_t to)
{
  for (; from < to; from++)
    {
      struct sp_view line = lines->items[from];
      sp_buf_byte (out, sign);
      sp_buf_add (out, line);
      if (line.data[line.len - 1] != '\n')
        sp_buf_str (out, "\n\\ No newline at end of file\n");
    }
}

/* Lines are counted from 1; an empty range names the line before it. */
static void
put_range (struct sp_buf *out, char sign, size_t from, size_t to)
{
  sp_buf_printf (out, " %c%zu", sign, from == to ? from : from + 1);
  if (to - from != 1)
    sp_buf_printf (out, ",%zu", to - from);
}

static void
put_hunk (struct sp_buf *out, const struct lines *old, const struct lines *new)
{
  size_t shorter = old->len < new->len ? old->len : new->len, head = 0, tail = 0;

  while (head < shorter && sp_view_equal (old->items[head], new->items[head]))
    head++;
  while (tail < shorter - head
         && sp_view_equal (old->items[old->len - tail - 1], new->items[new->len - tail - 1]))
    tail++;
  size_t before = head < CONTEXT_LINES ? head : CONTEXT_LINES;
  size_t after = tail < CONTEXT_LINES ? tail : CONTEXT_LINES;
  sp_buf_str (out, "@@");
  put_range (out, '-', head - before, old->len - tail + after);
  put_range (out, '+', head - before, new->len - tail + after);
  sp_buf_str (out, " @@\n");
  put_lines (out, ' ', old, head - before, head);
  put_lines (out, '-', old, head, old->len - tail);
  put_lines (out, '+', new, head, new->len - tail);
  put_lines (out, ' ', old, old->len - tail, old->len - tail + after);
}

void
sp_edit_put_patch (const struct sp_edit_file *file, struct sp_buf *out)
{
  struct lines old = { 0 }, new = { 0 };

  if (!file->changed)
    return;
  if (split (sp_buf_view (&file->before), &old) && split (sp_buf_view (&file->after), &new))
    {
      sp_buf_str (out, "--- ");
      sp_words_str (out, file->existed ? file->path : "/dev/null");
      sp_buf_str (out, "\n+++ ");
      sp_words_str (out, file->path);
      sp_buf_byte (out, '\n');
      put_hunk (out, &old, &new);
    }
  else
    out->failed = SP_BUF_NO_MEMORY;
  free (old.items);
  free (new.items);
}
