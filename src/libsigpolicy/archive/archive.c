/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/archive_int.h"

#include "util/alloc.h"
#include "util/fs.h"
#include "util/limits.h"

#define BLOCK_BYTES (64 * SP_KIB)
#define START_BYTES 6 /* by which a compression is known */

struct sp_archive
{
  char *path;
  int fd;
  /* The walk. */
  struct sp_stream *stream;
  struct sp_tar tar;
  size_t members;
  int64_t measured; /* decompressed bytes of members, beside those of the stream */
};

int
sp_archive_open (const char *path, struct sp_archive **ret, sigpolicy_error **err)
{
  cleanup_archive struct sp_archive *archive = sp_calloc (1, sizeof *archive, err);

  if (!archive)
    return SIGPOLICY_E_NO_MEMORY;
  archive->fd = -1;
  archive->path = sp_strdup (path, err);
  if (!archive->path)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_fs_open (path, &archive->fd, err);
  if (rc == 0)
    *ret = steal (&archive);
  return rc;
}

static void
end_walk (struct sp_archive *archive)
{
  sp_tar_clear (&archive->tar);
  sp_stream_free (archive->stream);
  archive->stream = NULL;
}

void
sp_archive_free (struct sp_archive *archive)
{
  if (!archive)
    return;
  end_walk (archive);
  sp_close_p (&archive->fd);
  free (archive->path);
  free (archive);
}

int
sp_archive_rewind (struct sp_archive *archive, sigpolicy_error **err)
{
  end_walk (archive);
  archive->members = 0;
  archive->measured = 0;
  return sp_stream_open (archive->fd, archive->path, &archive->stream, err);
}

static int
too_much (const struct sp_archive *archive, const char *what, unsigned long limit,
          sigpolicy_error **err)
{
  return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_LIMIT,
                       "the archive '%s' has %s: at most %lu are allowed", archive->path, what,
                       limit);
}

/* Whether that many bytes more are still within what a walk may pass. */
static bool
may_pass (const struct sp_archive *archive, int64_t more)
{
  const int64_t limit = (int64_t)SP_ARCHIVE_BYTES_MAX;
  int64_t so_far = sp_stream_passed (archive->stream) + archive->measured;
  return so_far <= limit && more <= limit - so_far;
}

int
sp_archive_next (struct sp_archive *archive, const struct sp_archive_entry **ret,
                 sigpolicy_error **err)
{
  const struct sp_tar *tar = &archive->tar;
  bool found = false;

  *ret = NULL;
  int rc = sp_tar_next (&archive->tar, archive->stream, &found, err);
  if (rc == 0 && !found)
    {
      /* Some stop reading at the last member (S12). */
      return sp_stream_end (archive->stream, err);
    }
  if (rc < 0)
    return rc;
  if (++archive->members > SP_ARCHIVE_MEMBERS_MAX)
    return too_much (archive, "more members", SP_ARCHIVE_MEMBERS_MAX, err);
  if (strlen (tar->name) > SP_PATH_BYTES_MAX || strlen (tar->target) > SP_PATH_BYTES_MAX)
    return too_much (archive, "a name of more bytes", SP_PATH_BYTES_MAX, err);
  if (!may_pass (archive, tar->left))
    return sp_stream_too_long (archive->stream, err);
  *ret = &tar->entry;
  return 0;
}

/* Up to want bytes of the member, into to. */
static int
read_member (struct sp_archive *archive, char *to, size_t want, size_t *ret_got,
             sigpolicy_error **err)
{
  struct sp_tar *tar = &archive->tar;

  want = (int64_t)want < tar->left ? want : (size_t)tar->left;
  int rc = sp_stream_read (archive->stream, to, want, ret_got, err);
  if (rc < 0)
    return rc;
  tar->left -= (int64_t)*ret_got;
  return *ret_got < want ? sp_stream_broken (archive->stream, "it ends before it should", err) : 0;
}

int
sp_archive_read (struct sp_archive *archive, struct sp_buf *ret, sigpolicy_error **err)
{
  const struct sp_tar *tar = &archive->tar;

  if (tar->entry.holes)
    return sp_stream_doubtful (archive->stream, "the file to read has holes", err);
  if (tar->left > (int64_t)ret->max)
    return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_LIMIT,
                         "exceeded maximum allowed size of %zu bytes", ret->max);
  while (tar->left)
    {
      size_t room, got = 0;
      char *at = sp_buf_room (ret, (size_t)tar->left, &room);
      if (!at)
        return sp_buf_check (ret, err);
      int rc = read_member (archive, at, room, &got, err);
      if (rc < 0)
        return rc;
      sp_buf_filled (ret, got);
    }
  return 0;
}

static int
count_bytes (struct sp_archive *archive, struct sp_stream *stream, int64_t *ret,
             sigpolicy_error **err)
{
  cleanup_free char *block = sp_calloc (1, BLOCK_BYTES, err);
  size_t got = 1;

  if (!block)
    return SIGPOLICY_E_NO_MEMORY;
  while (got)
    {
      int rc = sp_stream_read (stream, block, BLOCK_BYTES, &got, err);
      if (rc < 0)
        return rc;
      archive->measured += (int64_t)got;
      if (!may_pass (archive, 0))
        return sp_stream_too_long (archive->stream, err);
    }
  *ret = sp_stream_passed (stream);
  return 0;
}

int
sp_archive_measure (struct sp_archive *archive, int64_t *ret, sigpolicy_error **err)
{
  struct sp_tar *tar = &archive->tar;
  cleanup_stream struct sp_stream *stream = NULL;
  char start[START_BYTES];
  size_t got = 0;

  *ret = tar->entry.size;
  if (tar->entry.holes) /* what is compressed has none */
    return 0;
  int rc = read_member (archive, start, sizeof start, &got, err);
  if (rc == 0)
    rc = sp_stream_open_member (archive->stream, sp_view_n (start, got), tar->left, &stream, err);
  if (rc < 0 || !stream)
    return rc;
  /* What the decompressor leaves behind it is counted from where the outer stream is. */
  int64_t before = sp_stream_passed (archive->stream);
  rc = count_bytes (archive, stream, ret, err);
  tar->left -= sp_stream_passed (archive->stream) - before;
  return rc;
}
