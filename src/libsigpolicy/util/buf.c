/* SPDX-License-Identifier: Apache-2.0 */
#include "util/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

char sp_buf_empty[1] = "";

/* Room for extra more bytes and the final NUL. */
static bool
reserve (struct sp_buf *buf, size_t extra)
{
  if (buf->failed)
    return false;
  if (extra > buf->max - buf->len)
    {
      buf->failed = SP_BUF_FULL;
      return false;
    }
  size_t needed = buf->len + extra + 1;
  if (needed == 0 || needed <= buf->capacity)
    return needed != 0;

  size_t capacity = buf->capacity < 64 ? 64 : buf->capacity;
  while (capacity < needed)
    capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
  char *grown = realloc (buf->capacity ? buf->data : NULL, capacity);
  if (!grown)
    {
      buf->failed = SP_BUF_NO_MEMORY;
      return false;
    }
  buf->data = grown;
  buf->capacity = capacity;
  buf->data[buf->len] = '\0';
  return true;
}

void
sp_buf_add (struct sp_buf *buf, struct sp_view bytes)
{
  if (!bytes.len || !reserve (buf, bytes.len))
    return;
  memcpy (buf->data + buf->len, bytes.data, bytes.len);
  sp_buf_filled (buf, bytes.len);
}

void
sp_buf_str (struct sp_buf *buf, const char *text)
{
  sp_buf_add (buf, sp_view_str (text));
}

void
sp_buf_byte (struct sp_buf *buf, char byte)
{
  if (!reserve (buf, 1))
    return;
  buf->data[buf->len] = byte;
  sp_buf_filled (buf, 1);
}

void
sp_buf_printf (struct sp_buf *buf, const char *format, ...)
{
  va_list args;
  char *text = NULL;
  va_start (args, format);
  int length = vasprintf (&text, format, args);
  va_end (args);
  if (length < 0)
    {
      if (!buf->failed)
        buf->failed = SP_BUF_NO_MEMORY;
      return;
    }
  sp_buf_add (buf, sp_view_n (text, (size_t)length));
  free (text);
}

char *
sp_buf_room (struct sp_buf *buf, size_t want, size_t *ret_room)
{
  size_t left = buf->max - buf->len;
  if (want > left)
    want = left;
  if (!want || !reserve (buf, want))
    return NULL;
  *ret_room = want;
  return buf->data + buf->len;
}

void
sp_buf_filled (struct sp_buf *buf, size_t count)
{
  buf->len += count;
  buf->data[buf->len] = '\0';
}

int
sp_buf_check (const struct sp_buf *buf, sigpolicy_error **err)
{
  if (buf->failed == SP_BUF_NO_MEMORY)
    return sp_error_no_memory (err);
  if (buf->failed == SP_BUF_FULL)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "exceeded maximum allowed size of %zu bytes", buf->max);
  return 0;
}

char *
sp_buf_steal (struct sp_buf *buf, sigpolicy_error **err)
{
  if (sp_buf_check (buf, err) < 0)
    return NULL;
  if (!buf->capacity)
    {
      char *empty = strdup ("");
      if (!empty)
        sp_error_no_memory (err);
      return empty;
    }
  char *data = buf->data;
  buf->data = sp_buf_empty;
  buf->capacity = buf->len = 0;
  return data;
}

void
sp_buf_clear (struct sp_buf *buf)
{
  if (buf->capacity)
    free (buf->data);
  buf->data = sp_buf_empty;
  buf->len = 0;
  buf->capacity = 0;
  buf->failed = SP_BUF_FINE;
}

void
sp_buf_wipe (struct sp_buf *buf)
{
  if (buf->capacity)
    explicit_bzero (buf->data, buf->capacity);
  sp_buf_clear (buf);
}
