/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/tar_int.h"

#include "util/alloc.h"

/*
 * tar, as POSIX.1-1988 (ustar) and POSIX.1-2001 (pax) have it, with the long names and the sparse
 * files of GNU tar, and as old as Unix version 7. The rules are those of the tools that unpack
 * these archives, so that both see the same members: what they refuse, and what they overlook. What
 * they differ on is refused (tar_doubt.c).
 */

#define BLOCK SP_TAR_BLOCK

/* --- members ---------------------------------------------------------------------------------- */

void
sp_tar_clear (struct sp_tar *tar)
{
  free (tar->name);
  free (tar->target);
  *tar = (struct sp_tar){ 0 };
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
      if (sp_tar_is_zero (block, BLOCK))
        continue;
      if (zeros)
        return sp_stream_broken (stream, "there is data after a block of zeros", err);
      *ret_found = true;
      return sp_tar_checksum_holds (block)
                 ? 0
                 : sp_stream_broken (stream, "this is not a tar file, or it is damaged", err);
    }
  return 0;
}

/* What must be a number is one, also where it matters to nobody. */
static bool
numbers_hold (const char *block, enum sp_tar_format format, int64_t *ret_size)
{
  const struct sp_tar_field fields[]
      = { SP_TAR_MODE, SP_TAR_UID, SP_TAR_GID, SP_TAR_TIME, SP_TAR_MAJOR, SP_TAR_MINOR };
  int64_t ignored;
  for (size_t i = 0; i < (format == SP_TAR_V7 ? 4 : sizeof fields / sizeof *fields); i++)
    if (!sp_tar_number (sp_tar_field_of (block, fields[i]), &ignored))
      return false;
  return sp_tar_number (sp_tar_field_of (block, SP_TAR_SIZE), ret_size) && *ret_size >= 0;
}

/* Is one of those that every reader looks at none to anybody? */
static bool
has_no_number (const char *block)
{
  const struct sp_tar_field fields[]
      = { SP_TAR_MODE, SP_TAR_UID, SP_TAR_GID, SP_TAR_SIZE, SP_TAR_TIME };
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
    if (sp_tar_is_no_number (sp_tar_field_of (block, fields[i])))
      return true;
  return false;
}

/* The name, by whoever says it with the most authority. */
static char *
name_of (const char *block, const struct sp_tar_extra *extra, sigpolicy_error **err)
{
  struct sp_view name = sp_tar_text_of (block, SP_TAR_NAME), prefix = { NULL, 0 };
  struct sp_view long_name = sp_buf_view (&extra->long_name);
  if (extra->sparse_name.len)
    return sp_view_dup (extra->sparse_name, err);
  if (extra->path.len)
    return sp_view_dup (extra->path, err);
  if (long_name.len)
    return sp_view_dup (sp_view_head (long_name, sp_view_find (long_name, '\0')), err);
  if (sp_tar_format_of (block) == SP_TAR_USTAR)
    prefix = sp_tar_text_of (block, SP_TAR_PREFIX);
  return prefix.len ? sp_asprintf (err, "%.*s/%.*s", (int)prefix.len, prefix.data, (int)name.len,
                                   name.data)
                    : sp_view_dup (name, err);
}

static char *
target_of (const char *block, const struct sp_tar_extra *extra, sigpolicy_error **err)
{
  struct sp_view long_link = sp_buf_view (&extra->long_link);
  return sp_view_dup (long_link.len     ? sp_view_head (long_link, sp_view_find (long_link, '\0'))
                      : extra->link.len ? extra->link
                                        : sp_tar_text_of (block, SP_TAR_LINK),
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
    case 'g':
      return SP_ARCHIVE_GLOBAL;
    default:
      return SP_ARCHIVE_OTHER;
    }
}

static int
take_member (struct sp_tar *tar, struct sp_stream *stream, const char *block, int64_t size,
             const struct sp_tar_extra *extra, sigpolicy_error **err)
{
  struct sp_archive_entry *entry = &tar->entry;
  char type = block[SP_TAR_TYPE];

  if (extra->no_size)
    return sp_stream_broken (stream, "an extended header without a valid size", err);
  if (extra->size.len)
    (void)sp_tar_decimal (extra->size, &size); /* which it was seen to be */
  if (type == 'g')                             /* read already */
    size = 0;
  tar->name = name_of (block, extra, err);
  tar->target = tar->name ? target_of (block, extra, err) : NULL;
  if (!tar->target)
    return SIGPOLICY_E_NO_MEMORY;
  const char *doubt = sp_tar_doubt_member (block, size, tar->name, extra);
  if (doubt)
    return sp_stream_doubtful (stream, doubt, err);
  entry->name = tar->name;
  entry->kind = kind_of (type, tar->name);
  entry->target = entry->kind == SP_ARCHIVE_SYMLINK || entry->kind == SP_ARCHIVE_HARD_LINK
                      ? tar->target
                      : NULL;
  tar->left = entry->size = size;
  tar->padding = (size_t)-size & (BLOCK - 1);
  entry->holes = entry->kind == SP_ARCHIVE_SPARSE || extra->sparse_major.len;
  if (extra->sparse_major.len)
    {
      (void)sp_tar_decimal (extra->sparse_length, &entry->size);
      return sp_tar_skip_map (stream, &tar->left, entry->size, err);
    }
  if (entry->kind != SP_ARCHIVE_SPARSE)
    return 0;
  if (!sp_tar_number (sp_tar_field_of (block, SP_TAR_GNU_LENGTH), &entry->size) || entry->size < 0)
    return sp_stream_broken (stream, "an invalid sparse file", err);
  return sp_tar_skip_old_map (stream, block, size, entry->size, err);
}

int
sp_tar_next (struct sp_tar *tar, struct sp_stream *stream, bool *ret_found, sigpolicy_error **err)
{
  SP_CLEANUP (sp_tar_extra_clear)
  struct sp_tar_extra extra
      = { .pax = SP_BUF (0), .long_name = SP_BUF (0), .long_link = SP_BUF (0) };
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
  for (bool first = true; rc == 0 && !member; first = false)
    {
      rc = read_header (stream, block, ret_found, err);
      if (rc < 0 || (!*ret_found && first))
        return rc;
      if (!*ret_found)
        return sp_stream_doubtful (stream, "it ends after a header that belongs to a member", err);
      if (!numbers_hold (block, sp_tar_format_of (block), &size))
        return has_no_number (block)
                   ? sp_stream_broken (stream, "a header without valid numbers", err)
                   : sp_stream_doubtful (stream, "a header without valid numbers", err);
      const char *doubt = sp_tar_doubt_header (block, size);
      if (doubt)
        return sp_stream_doubtful (stream, doubt, err);
      rc = sp_tar_extra_take (&extra, stream, block, size, &member, err);
    }
  return rc < 0 ? rc : take_member (tar, stream, block, size, &extra, err);
}
