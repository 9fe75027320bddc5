/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/archive_int.h"

#include "util/alloc.h"
#include "util/limits.h"

/*
 * tar, as POSIX.1-1988 (ustar) and POSIX.1-2001 (pax) have it, with the long names and the sparse
 * files of GNU tar, and as old as Unix version 7. The rules are those of the tools that unpack
 * these archives, so that both see the same members: what they refuse, and what they overlook.
 */

#define BLOCK         512
#define SPECIAL_BYTES (1 * SP_MIB) /* of a header that goes with a member */

/* Where the fields of a header are. */
struct field
{
  size_t at, len;
};
static const struct field name_field = { 0, 100 }, mode_field = { 100, 8 }, uid_field = { 108, 8 },
                          gid_field = { 116, 8 }, size_field = { 124, 12 },
                          time_field = { 136, 12 }, checksum_field = { 148, 8 },
                          link_field = { 157, 100 }, major_field = { 329, 8 },
                          minor_field = { 337, 8 }, prefix_field = { 345, 155 },
                          star_prefix_field = { 345, 131 }, real_size_field = { 483, 12 };
#define TYPE         156
#define MAGIC        257
#define STAR_TRAILER 508
#define EXTENDED     482 /* of a sparse member: more blocks about holes follow, */
#define EXTENDED_ON  504 /* and more behind those */

enum format
{
  V7,
  USTAR, /* and pax */
  STAR,
  GNU,
};

static struct sp_view
field_of (const char *block, struct field field)
{
  return sp_view_n (block + field.at, field.len);
}

static struct sp_view
until_nul (struct sp_view text)
{
  return sp_view_head (text, sp_view_find (text, '\0'));
}

static struct sp_view
text_of (const char *block, struct field field)
{
  return until_nul (field_of (block, field));
}

/* Octal digits between blanks and NULs; nothing is 0. */
static bool
parse_octal (struct sp_view text, int64_t *ret)
{
  int64_t number = 0;

  while (text.len && (text.data[0] == ' ' || text.data[0] == '\0'))
    text = sp_view_from (text, 1);
  while (text.len && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\0'))
    text.len--;
  text = sp_view_head (text, sp_view_find (text, '\0'));
  for (size_t i = 0; i < text.len; i++)
    {
      if (text.data[i] < '0' || text.data[i] > '7' || number > INT64_MAX >> 3)
        return false;
      number = number << 3 | (text.data[i] - '0');
    }
  *ret = number;
  return true;
}

/* The same, or a binary number, which the first bit tells and whose sign is the second. */
static bool
parse_number (struct sp_view text, int64_t *ret)
{
  if (!((unsigned char)text.data[0] & 0x80))
    return parse_octal (text, ret);
  unsigned char invert = (unsigned char)text.data[0] & 0x40 ? 0xff : 0;
  uint64_t number = 0;
  for (size_t i = 0; i < text.len; i++)
    {
      unsigned char byte = (unsigned char)text.data[i] ^ invert;
      if (number >> 56)
        return false;
      number = number << 8 | (i ? byte : byte & 0x7f);
    }
  if (number >> 63)
    return false;
  *ret = invert ? -(int64_t)number - 1 : (int64_t)number;
  return true;
}

/* Added up as signed or as unsigned bytes: both are found. */
static bool
checksum_holds (const char *block)
{
  int64_t said, as_signed = 0, as_unsigned = 0;

  if (!parse_octal (field_of (block, checksum_field), &said))
    return false;
  for (size_t i = 0; i < BLOCK; i++)
    {
      bool own = i >= checksum_field.at && i < checksum_field.at + checksum_field.len;
      as_signed += own ? ' ' : (signed char)block[i];
      as_unsigned += own ? ' ' : (unsigned char)block[i];
    }
  return said == as_signed || said == as_unsigned;
}

static enum format
format_of (const char *block)
{
  struct sp_view magic = sp_view_n (block + MAGIC, 8);
  if (sp_view_equal (magic, sp_view_n ("ustar  ", 8)))
    return GNU;
  if (!sp_view_starts (magic, sp_view_n ("ustar", 6)))
    return V7;
  return sp_view_equal (sp_view_n (block + STAR_TRAILER, 4), sp_view_n ("tar", 4)) ? STAR : USTAR;
}

/* --- extended headers ------------------------------------------------------------------------- */

/* What the headers before a member say of it; views of text, where they are not empty. */
struct extra
{
  struct sp_buf pax, long_name, long_link;
  struct sp_view path, link, size, sparse_major, sparse_minor, sparse_map, sparse_name, sparse_size,
      sparse_real_size;
};

static void
extra_clear (struct extra *extra)
{
  sp_buf_clear (&extra->pax);
  sp_buf_clear (&extra->long_name);
  sp_buf_clear (&extra->long_link);
}

/* The content of a special member, and its padding. */
static int
read_special (struct sp_stream *stream, int64_t size, struct sp_buf *ret, sigpolicy_error **err)
{
  sp_buf_clear (ret);
  *ret = (struct sp_buf)SP_BUF (SPECIAL_BYTES);
  if (size < 0 || size > (int64_t)SPECIAL_BYTES)
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
  return sp_stream_skip (stream, -size & (BLOCK - 1), err);
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

static int
read_pax (struct sp_stream *stream, int64_t size, struct extra *extra, sigpolicy_error **err)
{
  const struct
  {
    const char *key;
    struct sp_view *value;
    bool is_text;
  } keys[] = {
    { "path", &extra->path, true },
    { "linkpath", &extra->link, true },
    { "size", &extra->size, false },
    { "GNU.sparse.major", &extra->sparse_major, false },
    { "GNU.sparse.minor", &extra->sparse_minor, false },
    { "GNU.sparse.map", &extra->sparse_map, false },
    { "GNU.sparse.name", &extra->sparse_name, true },
    { "GNU.sparse.size", &extra->sparse_size, false },
    { "GNU.sparse.realsize", &extra->sparse_real_size, false },
  };
  struct sp_view key, value;

  int rc = read_special (stream, size, &extra->pax, err);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    *keys[i].value = sp_view_n (NULL, 0);
  struct sp_view text = sp_buf_view (&extra->pax);
  while (text.len)
    {
      if (!take_record (&text, &key, &value))
        return sp_stream_broken (stream, "an extended header is none", err);
      for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (sp_view_is (key, keys[i].key))
          {
            if (keys[i].is_text && sp_view_find (value, '\0') != SP_VIEW_NONE)
              return sp_stream_broken (stream, "a name has a NUL in it", err);
            *keys[i].value = value;
          }
    }
  return 0;
}

/* A decimal number of an extended header; an empty one leaves *ret as it is. */
static bool
parse_decimal (struct sp_view text, int64_t *ret)
{
  int64_t number = 0;

  if (!text.len)
    return true;
  for (size_t i = 0; i < text.len; i++)
    {
      int digit = text.data[i] - '0';
      if (digit < 0 || digit > 9 || number > (INT64_MAX - digit) / 10)
        return false;
      number = number * 10 + digit;
    }
  *ret = number;
  return true;
}

/* --- members ---------------------------------------------------------------------------------- */

void
sp_tar_clear (struct sp_tar *tar)
{
  free (tar->name);
  free (tar->target);
  *tar = (struct sp_tar){ 0 };
}

static bool
is_zero (const char *block)
{
  for (size_t i = 0; i < BLOCK; i++)
    if (block[i])
      return false;
  return true;
}

/* The next header; *ret_found is false at the end, which is two blocks of zeros, or no more. */
static int
read_header (struct sp_stream *stream, char *block, bool *ret_found, sigpolicy_error **err)
{
  size_t got = 0;

  *ret_found = false;
  for (int zeros = 0; zeros < 2; zeros++)
    {
      int rc = sp_stream_read (stream, block, BLOCK, &got, err);
      if (rc < 0 || got == 0)
        return rc;
      if (got < BLOCK)
        return sp_stream_broken (stream, "it ends within a header", err);
      if (is_zero (block))
        continue;
      if (zeros)
        return sp_stream_broken (stream, "something stands behind a block of zeros", err);
      *ret_found = true;
      return checksum_holds (block)
                 ? 0
                 : sp_stream_broken (stream, "this is no tar file, or broken", err);
    }
  return 0;
}

/* What must be a number is one, also where it matters to nobody. */
static bool
numbers_hold (const char *block, enum format format, int64_t *ret_size)
{
  int64_t ignored;
  return parse_number (field_of (block, mode_field), &ignored)
         && parse_number (field_of (block, uid_field), &ignored)
         && parse_number (field_of (block, gid_field), &ignored)
         && parse_number (field_of (block, time_field), &ignored)
         && (format == V7
             || (parse_number (field_of (block, major_field), &ignored)
                 && parse_number (field_of (block, minor_field), &ignored)))
         && parse_number (field_of (block, size_field), ret_size);
}

/* A sparse file in an extended header: of which of the versions does not matter here. */
static bool
has_pax_holes (const struct extra *extra)
{
  struct sp_view major = extra->sparse_major, minor = extra->sparse_minor;
  if (!major.len && !minor.len)
    return extra->sparse_map.len > 0;
  return (sp_view_is (major, "0") && (sp_view_is (minor, "0") || sp_view_is (minor, "1")))
         || (sp_view_is (major, "1") && sp_view_is (minor, "0"));
}

/* The name, by whoever says it with the most authority. */
static char *
name_of (const char *block, enum format format, const struct extra *extra, sigpolicy_error **err)
{
  struct sp_view name = text_of (block, name_field);
  struct sp_view long_name = until_nul (sp_buf_view (&extra->long_name));
  struct sp_view prefix = format == USTAR  ? text_of (block, prefix_field)
                          : format == STAR ? text_of (block, star_prefix_field)
                                           : sp_view_n (NULL, 0);
  if (extra->sparse_name.len && has_pax_holes (extra))
    return sp_view_dup (extra->sparse_name, err);
  if (long_name.len)
    return sp_view_dup (long_name, err);
  if (extra->path.len)
    return sp_view_dup (extra->path, err);
  return prefix.len ? sp_asprintf (err, "%.*s/%.*s", (int)prefix.len, prefix.data, (int)name.len,
                                   name.data)
                    : sp_view_dup (name, err);
}

static char *
target_of (const char *block, const struct extra *extra, sigpolicy_error **err)
{
  struct sp_view long_link = until_nul (sp_buf_view (&extra->long_link));
  return sp_view_dup (long_link.len     ? long_link
                      : extra->link.len ? extra->link
                                        : text_of (block, link_field),
                      err);
}

static enum sp_archive_kind
kind_of (char type, const char *name)
{
  switch (type)
    {
    case '0':
      return SP_ARCHIVE_FILE;
    case '\0':
      return name[0] && name[strlen (name) - 1] == '/' ? SP_ARCHIVE_DIRECTORY : SP_ARCHIVE_FILE;
    case '1':
      return SP_ARCHIVE_HARD_LINK;
    case '2':
      return SP_ARCHIVE_SYMLINK;
    case '5':
      return SP_ARCHIVE_DIRECTORY;
    case 'S':
      return SP_ARCHIVE_SPARSE;
    default:
      return SP_ARCHIVE_OTHER;
    }
}

/* Links, devices, directories and FIFOs have no content, whatever their header says. */
static bool
is_header_only (char type)
{
  return type >= '1' && type <= '6';
}

/* Steps over the blocks in which an old sparse file tells more of its holes. */
static int
skip_maps (struct sp_stream *stream, const char *block, sigpolicy_error **err)
{
  char map[BLOCK];
  bool more = block[EXTENDED] != 0;

  while (more)
    {
      size_t got = 0;
      int rc = sp_stream_read (stream, map, BLOCK, &got, err);
      if (rc < 0)
        return rc;
      if (got < BLOCK)
        return sp_stream_broken (stream, "it ends within a header", err);
      more = map[EXTENDED_ON] != 0;
    }
  return 0;
}

static int
take_member (struct sp_tar *tar, struct sp_stream *stream, const char *block, int64_t size,
             const struct extra *extra, sigpolicy_error **err)
{
  struct sp_archive_entry *entry = &tar->entry;
  char type = block[TYPE];
  enum format format = format_of (block);

  if (!parse_decimal (extra->size, &size) || size < 0)
    return sp_stream_broken (stream, "a size is no number", err);
  tar->name = name_of (block, format, extra, err);
  tar->target = tar->name ? target_of (block, extra, err) : NULL;
  if (!tar->target)
    return SIGPOLICY_E_NO_MEMORY;
  entry->name = tar->name;
  entry->kind = kind_of (type, tar->name);
  entry->target = entry->kind == SP_ARCHIVE_SYMLINK || entry->kind == SP_ARCHIVE_HARD_LINK
                      ? tar->target
                      : NULL;
  tar->left = is_header_only (type) ? 0 : size;
  tar->padding = (size_t)-tar->left & (BLOCK - 1);
  entry->size = tar->left;
  entry->holes = entry->kind == SP_ARCHIVE_SPARSE || has_pax_holes (extra);
  if (entry->kind == SP_ARCHIVE_SPARSE)
    {
      if (format != GNU || !parse_number (field_of (block, real_size_field), &entry->size))
        return sp_stream_broken (stream, "a sparse file is none", err);
      int rc = skip_maps (stream, block, err);
      if (rc < 0)
        return rc;
    }
  else if (entry->holes && is_header_only (type))
    return sp_stream_broken (stream, "a sparse file is none", err);
  else if (entry->holes
           && !parse_decimal (extra->sparse_size.len ? extra->sparse_size : extra->sparse_real_size,
                              &entry->size))
    return sp_stream_broken (stream, "a size is no number", err);
  return entry->size < 0 ? sp_stream_broken (stream, "a size is no number", err) : 0;
}

/* A header that goes with the member behind it; *ret_member says that this is that member. */
static int
take_special (struct sp_stream *stream, const char *block, int64_t size, struct extra *extra,
              bool *ret_member, sigpolicy_error **err)
{
  struct extra global = { .pax = SP_BUF (0) };
  int rc;

  *ret_member = false;
  switch (block[TYPE])
    {
    case 'x':
      return read_pax (stream, size, extra, err);
    case 'g': /* says nothing of a member that matters here, but must be one */
      rc = read_pax (stream, size, &global, err);
      sp_buf_clear (&global.pax);
      return rc;
    case 'L':
      return read_special (stream, size, &extra->long_name, err);
    case 'K':
      return read_special (stream, size, &extra->long_link, err);
    default:
      *ret_member = true;
      return 0;
    }
}

int
sp_tar_next (struct sp_tar *tar, struct sp_stream *stream, bool *ret_found, sigpolicy_error **err)
{
  SP_CLEANUP (extra_clear)
  struct extra extra = { .pax = SP_BUF (0), .long_name = SP_BUF (0), .long_link = SP_BUF (0) };
  int64_t rest = tar->left, size = 0;
  size_t padding = tar->padding, got = 0;
  char block[BLOCK];
  bool member = false;

  *ret_found = false;
  sp_tar_clear (tar);
  int rc = sp_stream_skip (stream, rest, err);
  if (rc == 0)
    rc = sp_stream_read (stream, block, padding, &got, err);
  if (rc < 0 || got < padding) /* which may be missing where it is the last */
    return rc;
  while (rc == 0 && !member)
    {
      rc = read_header (stream, block, ret_found, err);
      if (rc < 0 || !*ret_found)
        return rc;
      if (!numbers_hold (block, format_of (block), &size))
        return sp_stream_broken (stream, "a header has no numbers", err);
      rc = take_special (stream, block, size, &extra, &member, err);
    }
  return rc < 0 ? rc : take_member (tar, stream, block, size, &extra, err);
}
