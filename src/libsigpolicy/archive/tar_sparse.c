/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/tar_int.h"

#include "util/limits.h"

/*
 * What a file with holes tells of them, in the two ways in which it is written today: in the header
 * of a member of type S and the blocks behind it, or (1.0) in front of the data of a member whose
 * extended header says so. Nothing of it is needed here; but who reads the file refuses it where
 * the parts are out of order, or more than the file.
 */

#define IN_HEADER   4
#define IN_BLOCK    21
#define HEADER_MAP  386
#define HEADER_MORE 482
#define BLOCK_MORE  504
#define PARTS_MAX   (1 * SP_MIB / 24)

/* Where the last part ends, and how long all are. */
struct map
{
  int64_t end, sum, length;
};

static bool
add_part (struct map *map, int64_t offset, int64_t size)
{
  if (offset < map->end || size < 0 || offset > map->length || size > map->length - offset)
    return false;
  map->end = offset + size;
  map->sum += size;
  return true;
}

/* Parts up to the first that is blank; all behind it are. */
static bool
add_parts (struct map *map, const char *at, size_t count)
{
  for (size_t i = 0; i < count; i++, at += 24)
    {
      int64_t offset, size;
      if (!at[0])
        return sp_tar_is_zero (at, 24 * (count - i));
      if (!sp_tar_number (sp_view_n (at, 12), &offset)
          || !sp_tar_number (sp_view_n (at + 12, 12), &size) || !add_part (map, offset, size))
        return false;
    }
  return true;
}

static int
doubtful_map (struct sp_stream *stream, sigpolicy_error **err)
{
  return sp_stream_doubtful (stream, "an invalid sparse file", err);
}

/* To everybody. */
static int
broken_map (struct sp_stream *stream, sigpolicy_error **err)
{
  return sp_stream_broken (stream, "an invalid sparse file", err);
}

/* The parts are what there is of the member: some do not compare that. */
static int
check_sum (struct sp_stream *stream, const struct map *map, int64_t left, sigpolicy_error **err)
{
  return map->sum == left
             ? 0
             : sp_stream_doubtful (stream, "a sparse file whose parts do not match", err);
}

int
sp_tar_skip_old_map (struct sp_stream *stream, const char *block, int64_t left, int64_t length,
                     sigpolicy_error **err)
{
  struct map map = { .length = length };
  char next[SP_TAR_BLOCK];
  bool more = block[HEADER_MORE] != 0, good = add_parts (&map, block + HEADER_MAP, IN_HEADER);

  for (size_t parts = IN_HEADER; good && more; parts += IN_BLOCK)
    {
      size_t got = 0;
      int rc = sp_stream_read (stream, next, sizeof next, &got, err);
      if (rc < 0)
        return rc;
      if (got < sizeof next)
        return sp_stream_broken (stream, "it ends within a header", err);
      more = next[BLOCK_MORE] != 0;
      good = parts < PARTS_MAX && add_parts (&map, next, IN_BLOCK)
             && sp_tar_is_zero (next + BLOCK_MORE + 1, sizeof next - BLOCK_MORE - 1);
    }
  return good ? check_sum (stream, &map, left, err) : doubtful_map (stream, err);
}

/* Lines of decimal numbers, in blocks. */
struct lines
{
  struct sp_stream *stream;
  int64_t *left;
  char block[SP_TAR_BLOCK];
  size_t at;
};

static int
take_line (struct lines *lines, int64_t *ret, sigpolicy_error **err)
{
  char digits[20];
  size_t len = 0, got = 0;

  for (;;)
    {
      if (lines->at == sizeof lines->block)
        {
          if (*lines->left < (int64_t)sizeof lines->block)
            return broken_map (lines->stream, err);
          int rc = sp_stream_read (lines->stream, lines->block, sizeof lines->block, &got, err);
          if (rc < 0)
            return rc;
          if (got < sizeof lines->block)
            return sp_stream_broken (lines->stream, "it ends before it should", err);
          *lines->left -= (int64_t)got;
          lines->at = 0;
        }
      char byte = lines->block[lines->at++];
      if (byte == '\n')
        return sp_tar_decimal (sp_view_n (digits, len), ret) ? 0
                                                             : doubtful_map (lines->stream, err);
      if (byte != '+' && byte != '-' && (byte < '0' || byte > '9'))
        return broken_map (lines->stream, err);
      if (len == sizeof digits)
        return doubtful_map (lines->stream, err);
      digits[len++] = byte;
    }
}

int
sp_tar_skip_map (struct sp_stream *stream, int64_t *left, int64_t length, sigpolicy_error **err)
{
  struct lines lines = { .stream = stream, .left = left, .at = SP_TAR_BLOCK };
  struct map map = { .length = length };
  int64_t parts = 0, offset = 0, size = 0;

  int rc = take_line (&lines, &parts, err);
  if (rc == 0 && parts > (int64_t)PARTS_MAX)
    rc = doubtful_map (stream, err);
  for (int64_t i = 0; rc == 0 && i < parts; i++)
    {
      rc = take_line (&lines, &offset, err);
      if (rc == 0)
        rc = take_line (&lines, &size, err);
      if (rc == 0 && !add_part (&map, offset, size))
        rc = broken_map (stream, err);
    }
  return rc < 0 ? rc : check_sum (stream, &map, *left, err);
}
