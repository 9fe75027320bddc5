/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/tar_int.h"

#include "util/limits.h"

/*
 * The headers that go with a member: the extended ones of pax, and the long names of GNU tar. Where
 * two of them speak of one thing, readers differ about which one counts: there is one of a kind,
 * and of one format, and a key that matters is said once.
 */

#define SPECIAL_BYTES (1 * SP_MIB)

void
sp_tar_extra_clear (struct sp_tar_extra *extra)
{
  sp_buf_clear (&extra->pax);
  sp_buf_clear (&extra->long_name);
  sp_buf_clear (&extra->long_link);
}

/* The content of a special member, and its padding. */
static int
read_special (struct sp_stream *stream, int64_t size, struct sp_buf *ret, sigpolicy_error **err)
{
  *ret = (struct sp_buf)SP_BUF (SPECIAL_BYTES);
  if (size > (int64_t)SPECIAL_BYTES)
    return sp_stream_broken (stream, "a header is too long", err);
  for (size_t left = (size_t)size, room, got; left; left -= got)
    {
      char *at = sp_buf_room (ret, left, &room);
      if (!at)
        return sp_buf_check (ret, err);
      int rc = sp_stream_read (stream, at, room, &got, err);
      if (rc < 0)
        return rc;
      if (got < room)
        return sp_stream_broken (stream, "it ends before it should", err);
      sp_buf_filled (ret, got);
    }
  return sp_stream_skip (stream, -size & (SP_TAR_BLOCK - 1), err);
}

/* "LENGTH KEY=VALUE\n" in front of text, which is shortened by it. */
static bool
take_record (struct sp_view *text, struct sp_view *ret_key, struct sp_view *ret_value)
{
  size_t length = 0, digits = 0;
  while (digits < text->len && digits < 9 && text->data[digits] >= '0' && text->data[digits] <= '9')
    length = length * 10 + (size_t)(text->data[digits++] - '0');
  if (!digits || digits == text->len || text->data[digits] != ' ' || length > text->len
      || length < digits + 3 || text->data[length - 1] != '\n')
    return false;
  struct sp_view record = sp_view_n (text->data + digits + 1, length - digits - 2);
  size_t equals = sp_view_find (record, '=');
  if (equals == SP_VIEW_NONE || equals == 0)
    return false;
  *ret_key = sp_view_head (record, equals);
  *ret_value = sp_view_from (record, equals + 1);
  *text = sp_view_from (*text, length);
  return sp_view_find (*ret_key, '\0') == SP_VIEW_NONE;
}

static bool
is_text (struct sp_view value)
{
  return sp_view_find (value, '\0') == SP_VIEW_NONE;
}

static bool
is_number (struct sp_view value)
{
  int64_t ignored;
  return sp_tar_decimal (value, &ignored);
}

/* "-12.5": seconds, and parts of one. */
static bool
is_time (struct sp_view value)
{
  if (value.len && value.data[0] == '-')
    value = sp_view_from (value, 1);
  size_t point = sp_view_find (value, '.');
  struct sp_view parts = sp_view_from (value, point == SP_VIEW_NONE ? value.len : point + 1);
  for (size_t i = 0; i < parts.len; i++)
    if (parts.data[i] < '0' || parts.data[i] > '9')
      return false;
  return is_number (sp_view_head (value, point));
}

/* A size that nobody takes for one. */
static bool
is_no_size (struct sp_view value)
{
  for (size_t i = 0; i < value.len; i++)
    if (value.data[i] != '+' && value.data[i] != '-'
        && (value.data[i] < '0' || value.data[i] > '9'))
      return true;
  return false;
}

/* Nothing is said of a file's holes, length or name in more ways than these. */
static bool
is_of_another_kind (struct sp_view key)
{
  return sp_view_starts (key, sp_view_str ("GNU.sparse."))
         || sp_view_starts (key, sp_view_str ("GNU.volume.")) || sp_view_is (key, "SCHILY.realsize")
         || sp_view_is (key, "SUN.holesdata");
}

static int
read_pax (struct sp_stream *stream, int64_t size, bool global, struct sp_tar_extra *extra,
          sigpolicy_error **err)
{
  const struct
  {
    const char *key;
    struct sp_view *value; /* NULL: it must be right, and matters to nobody */
    bool (*is_right) (struct sp_view value);
  } keys[] = {
    { "path", &extra->path, is_text },
    { "linkpath", &extra->link, is_text },
    { "size", &extra->size, is_number },
    { "GNU.sparse.major", &extra->sparse_major, is_text },
    { "GNU.sparse.minor", &extra->sparse_minor, is_text },
    { "GNU.sparse.name", &extra->sparse_name, is_text },
    { "GNU.sparse.realsize", &extra->sparse_length, is_number },
    { "uid", NULL, is_number },
    { "gid", NULL, is_number },
    { "uname", NULL, is_text },
    { "gname", NULL, is_text },
    { "atime", NULL, is_time },
    { "ctime", NULL, is_time },
    { "mtime", NULL, is_time },
  };
  struct sp_view key, value;

  int rc = read_special (stream, size, &extra->pax, err);
  if (rc < 0)
    return rc;
  struct sp_view text = sp_buf_view (&extra->pax);
  while (text.len)
    {
      size_t i = 0;
      if (!take_record (&text, &key, &value))
        return sp_stream_broken (stream, "an invalid extended header", err);
      while (i < sizeof keys / sizeof *keys && !sp_view_is (key, keys[i].key))
        i++;
      if (i == sizeof keys / sizeof *keys)
        {
          if (is_of_another_kind (key))
            return sp_stream_doubtful (stream,
                                       "holes or parts in a format that few programs support", err);
          continue;
        }
      bool no_size = !global && keys[i].value == &extra->size && is_no_size (value);
      extra->no_size = extra->no_size || no_size;
      if (value.len && !no_size && !keys[i].is_right (value))
        return sp_stream_doubtful (stream, "an extended header with an invalid value", err);
      if (!keys[i].value)
        continue;
      if (global)
        return sp_stream_doubtful (stream, "a global header with attributes of members", err);
      if (!value.len || keys[i].value->len)
        return sp_stream_doubtful (stream, "an extended header with a repeated or empty value",
                                   err);
      *keys[i].value = value;
    }
  return 0;
}

static int
read_long (struct sp_stream *stream, int64_t size, struct sp_buf *ret, bool *ret_has,
           sigpolicy_error **err)
{
  if (*ret_has)
    return sp_stream_doubtful (stream, "one member has two headers of one kind", err);
  *ret_has = true;
  int rc = read_special (stream, size, ret, err);
  if (rc < 0)
    return rc;
  struct sp_view text = sp_buf_view (ret);
  size_t end = sp_view_find (text, '\0');
  if (end == 0 || !text.len)
    return sp_stream_doubtful (stream, "a long name is empty", err);
  return end == SP_VIEW_NONE || sp_tar_is_zero (text.data + end, text.len - end)
             ? 0
             : sp_stream_doubtful (stream, "there is data after a long name", err);
}

int
sp_tar_extra_take (struct sp_tar_extra *extra, struct sp_stream *stream, const char *block,
                   int64_t size, bool *ret_member, sigpolicy_error **err)
{
  *ret_member = false;
  switch (block[SP_TAR_TYPE])
    {
    case 'x':
      if (extra->has_pax)
        return sp_stream_doubtful (stream, "one member has two headers of one kind", err);
      extra->has_pax = true;
      return read_pax (stream, size, false, extra, err);
    case 'L':
      return read_long (stream, size, &extra->long_name, &extra->has_long_name, err);
    case 'K':
      return read_long (stream, size, &extra->long_link, &extra->has_long_link, err);
    case 'g': /* says nothing that matters here, and is a member to some */
      *ret_member = true;
      if (extra->has_pax || extra->has_long_name || extra->has_long_link)
        return sp_stream_doubtful (stream, "a global header is after the header of a member", err);
      return read_pax (stream, size, true, extra, err);
    default:
      *ret_member = true;
      return 0;
    }
}
