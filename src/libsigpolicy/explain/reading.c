/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/name_int.h"

#include "model/words.h"

void
sp_explain_reading_json (struct sp_json_out *out, const struct sp_reading *reading)
{
  if (!reading->generation)
    {
      sp_json_write_null (out, "reader");
      return;
    }
  sp_json_write_open (out, "reader", false);
  sp_json_write_str (out, "generation", reading->generation);
  sp_json_write_str (out, "by", reading->by);
  sp_json_write_open (out, "files", true);
  for (size_t i = 0; i < reading->files.len; i++)
    sp_json_write_str (out, NULL, reading->files.items[i]);
  sp_json_write_close (out);
  sp_json_write_close (out);
}

/* Lines of their own. Nothing that is not asked for: the old way, by default, is what everybody
 * expects. */
void
sp_explain_reading_text (struct sp_buf *out, const struct sp_reading *reading, bool always)
{
  if (!reading->generation || (!always && strcmp (reading->by, "default") == 0))
    return;
  sp_buf_printf (out, "  reader    %s (by %s)\n", reading->generation, reading->by);
  for (size_t i = 0; i < reading->files.len; i++)
    {
      sp_buf_str (out, "            ");
      sp_words_str (out, reading->files.items[i]);
      sp_buf_byte (out, '\n');
    }
}
