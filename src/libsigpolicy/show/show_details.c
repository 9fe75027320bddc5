/* SPDX-License-Identifier: Apache-2.0 */
#include "show/show_int.h"

#include "model/words.h"

/* A policy in words, with what stands behind each requirement. */

static void
put_key (const struct sp_show *show, const struct sp_show_key *key, struct sp_buf *out)
{
  char when[SP_TIME_TEXT_SIZE];

  sp_buf_printf (out, "    %s  ", key->kind);
  if (key->why)
    {
      sp_buf_str (out, "cannot be used: ");
      sp_words_str (out, key->why);
      sp_buf_byte (out, '\n');
      return;
    }
  sp_words_str (out, key->fingerprint);
  if (key->name)
    {
      sp_buf_str (out, "  ");
      sp_words_str (out, key->name);
    }
  sp_buf_str (out, "\n      of ");
  sp_words_str (out, key->source);
  if (key->expires)
    {
      sp_time_format (key->expires, when);
      sp_buf_printf (out, ", %s %s", key->expires <= show->now ? "EXPIRED" : "expires", when);
    }
  sp_buf_str (out, key->revoked ? ", REVOKED\n" : "\n");
}

static int
put_row (const struct sp_show *show, const struct sp_show_row *row, struct sp_buf *out,
         sigpolicy_error **err)
{
  cleanup_show_keys struct sp_show_keys keys = { 0 };

  if (!row->requirement)
    {
      sp_buf_printf (out, "  line %u: ", row->line);
      sp_words (out, row->type);
      sp_buf_byte (out, '\n');
      return 0;
    }
  sp_buf_printf (out, "  line %u: ", row->line);
  sp_words_requirement (out, row->requirement);
  sp_buf_byte (out, '\n');
  int rc = sp_show_keys_read (row, &keys, err);
  for (size_t i = 0; rc == 0 && i < keys.len; i++)
    put_key (show, &keys.items[i], out);
  return rc;
}

static bool
same_scope (const struct sp_show_row *one, const struct sp_show_row *other)
{
  return one->is_default == other->is_default && sp_view_equal (one->transport, other->transport)
         && sp_view_equal (one->scope, other->scope);
}

int
sp_show_put_details (const struct sp_show *show, const struct sp_show_rows *rows,
                     struct sp_buf *out, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < rows->len; i++)
    {
      const struct sp_show_row *row = &rows->items[i];
      if (i == 0 || !same_scope (row, row - 1))
        {
          if (row->is_default)
            sp_buf_str (out, "default");
          else
            {
              sp_words (out, row->transport);
              sp_buf_byte (out, ' ');
              sp_words_quoted (out, row->scope);
            }
          sp_buf_byte (out, '\n');
        }
      rc = put_row (show, row, out, err);
    }
  return rc;
}
