/* SPDX-License-Identifier: Apache-2.0 */
#include "ci/ci.h"

#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

/* A span is enclosed in more backticks than it has in a row; a blank at each side keeps its own
 * apart from those. */
void
sp_ci_markdown (struct sp_buf *out, const char *text)
{
  cleanup_buf struct sp_buf shown = SP_BUF (16 * SP_SHOWN_BYTES_MAX);
  size_t length = strlen (text), most = 0, row = 0;

  /* What is cut off must not leave half a character. */
  if (length > SP_SHOWN_BYTES_MAX)
    for (length = SP_SHOWN_BYTES_MAX; length && ((unsigned char)text[length] & 0xc0) == 0x80;)
      length--;
  cleanup_error sigpolicy_error *no_memory = NULL;
  cleanup_free char *copy = sp_view_dup (sp_view_n (text, length), &no_memory);
  if (!copy || !sp_make_printable (&copy))
    {
      out->failed = SP_BUF_NO_MEMORY;
      return;
    }
  sp_buf_str (&shown, copy);
  sp_buf_str (&shown, text[length] ? "..." : "");
  for (size_t i = 0; i < shown.len; i++)
    {
      row = shown.data[i] == '`' ? row + 1 : 0;
      most = row > most ? row : most;
    }
  for (size_t i = 0; i <= most; i++)
    sp_buf_byte (out, '`');
  sp_buf_str (out, most ? " " : "");
  sp_buf_str (out, shown.len ? shown.data : " ");
  sp_buf_str (out, most ? " " : "");
  for (size_t i = 0; i <= most; i++)
    sp_buf_byte (out, '`');
}
