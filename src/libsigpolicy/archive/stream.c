/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/archive_int.h"

#include "util/alloc.h"
#include "util/limits.h"

#include <errno.h>
#include <sys/stat.h>

#define BLOCK_BYTES (64 * SP_KIB)
#define MAGIC_BYTES 6
#define START_BYTES 16

/* A file, or a part of another stream; and what it was before it was compressed. */
struct sp_stream
{
  const char *path;
  int fd;
  int64_t at, end; /* of the file: where it is read, and what it had when it was opened */
  struct sp_stream *outer;
  char start[START_BYTES]; /* what was read of outer already */
  size_t n_start;
  int64_t left; /* of outer */
  /* Where it is compressed. */
  const struct sp_archive_module *module;
  void *session;
  struct sp_archive_input input;
  char *block;
  sigpolicy_error *error; /* why the input could not be read */
  int64_t passed;
};

int
sp_stream_broken (const struct sp_stream *stream, const char *why, sigpolicy_error **err)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                       "reading the archive '%s': %s", stream->path, why);
}

int
sp_stream_doubtful (const struct sp_stream *stream, const char *why, sigpolicy_error **err)
{
  (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                      "reading the archive '%s': programs read it differently: %s", stream->path,
                      why);
  return sp_error_stricter (err, "S12");
}

int
sp_stream_too_long (const struct sp_stream *stream, sigpolicy_error **err)
{
  return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_LIMIT,
                       "the archive '%s' is larger than %lu bytes", stream->path,
                       SP_ARCHIVE_BYTES_MAX);
}

void
sp_stream_free (struct sp_stream *stream)
{
  if (!stream)
    return;
  if (stream->session)
    stream->module->close (stream->session);
  sigpolicy_error_free (stream->error);
  free (stream->block);
  free (stream);
}

/* --- as it is --------------------------------------------------------------------------------- */

static int
read_file (struct sp_stream *stream, void *to, size_t want, size_t *ret_got, sigpolicy_error **err)
{
  char *at = to;
  size_t got = 0;

  while (got < want)
    {
      ssize_t more = pread (stream->fd, at + got, want - got, stream->at);
      if (more < 0 && errno == EINTR)
        continue;
      if (more < 0)
        return sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, errno,
                               "read %s", stream->path);
      if (more == 0)
        break;
      got += (size_t)more;
      stream->at += more;
    }
  *ret_got = got;
  return 0;
}

static int
read_outer (struct sp_stream *stream, void *to, size_t want, size_t *ret_got, sigpolicy_error **err)
{
  int rc = 0;

  *ret_got = stream->n_start;
  if (stream->n_start)
    memcpy (to, stream->start, stream->n_start); /* want is never less */
  else if (stream->left)
    {
      want = (int64_t)want < stream->left ? want : (size_t)stream->left;
      rc = sp_stream_read (stream->outer, to, want, ret_got, err);
      stream->left -= (int64_t)*ret_got;
    }
  stream->n_start = 0;
  return rc;
}

static int
read_raw (struct sp_stream *stream, void *to, size_t want, size_t *ret_got, sigpolicy_error **err)
{
  return stream->outer ? read_outer (stream, to, want, ret_got, err)
                       : read_file (stream, to, want, ret_got, err);
}

/* --- compressed ------------------------------------------------------------------------------- */

/* By the first bytes, and by nothing else. */
static enum sp_archive_compression
compression_of (struct sp_view start)
{
  static const struct
  {
    struct sp_view magic;
    enum sp_archive_compression compression;
  } known[] = {
    { SP_VIEW ("\x1f\x8b\x08"), SP_ARCHIVE_GZIP },
    { SP_VIEW ("BZh"), SP_ARCHIVE_BZIP2 },
    { SP_VIEW ("\xfd"
               "7zXZ\0"),
      SP_ARCHIVE_XZ },
    { SP_VIEW ("\x28\xb5\x2f\xfd"), SP_ARCHIVE_ZSTD },
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (sp_view_starts (start, known[i].magic))
      return known[i].compression;
  return SP_ARCHIVE_PLAIN;
}

static ptrdiff_t
give_input (void *self, const void **ret_bytes)
{
  struct sp_stream *stream = self;
  size_t got = 0;

  *ret_bytes = stream->block;
  if (stream->error || read_raw (stream, stream->block, BLOCK_BYTES, &got, &stream->error) < 0)
    return -1;
  return (ptrdiff_t)got;
}

static int
open_session (struct sp_stream *stream, enum sp_archive_compression compression,
              sigpolicy_error **err)
{
  int rc = sp_archive_load (&stream->module, err);
  if (rc < 0)
    return rc;
  stream->block = sp_calloc (1, BLOCK_BYTES, err);
  if (!stream->block)
    return SIGPOLICY_E_NO_MEMORY;
  stream->input = (struct sp_archive_input){ stream, give_input };
  stream->session = stream->module->open (&stream->input, compression);
  return stream->session ? 0 : sp_error_no_memory (err);
}

static int
read_session (struct sp_stream *stream, void *to, size_t want, size_t *ret_got,
              sigpolicy_error **err)
{
  char *at = to;
  size_t got = 0, more = 1;

  while (got < want && more)
    {
      enum sp_archive_status status
          = stream->module->read (stream->session, at + got, want - got, &more);
      if (stream->error)
        return sp_error_copy (stream->error, err);
      if (status == SP_ARCHIVE_NO_MEMORY)
        return sp_error_no_memory (err);
      if (status == SP_ARCHIVE_DOUBTFUL)
        return sp_stream_doubtful (stream, stream->module->message (stream->session), err);
      if (status != SP_ARCHIVE_FINE)
        {
          /* What stood before the break may be whole, and enough for others (S12). */
          (void)sp_stream_broken (stream, stream->module->message (stream->session), err);
          return sp_error_stricter (err, "S12");
        }
      got += more;
    }
  *ret_got = got;
  return 0;
}

/* --- both ------------------------------------------------------------------------------------- */

int
sp_stream_open (int fd, const char *path, struct sp_stream **ret, sigpolicy_error **err)
{
  cleanup_stream struct sp_stream *stream = sp_calloc (1, sizeof *stream, err);
  char start[MAGIC_BYTES];
  size_t got = 0;
  struct stat st;

  if (!stream)
    return SIGPOLICY_E_NO_MEMORY;
  stream->path = path;
  stream->fd = fd;
  if (fstat (fd, &st) < 0)
    return sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, errno,
                           "read %s", path);
  stream->end = st.st_size;
  int rc = read_file (stream, start, sizeof start, &got, err);
  stream->at = 0;
  enum sp_archive_compression compression = compression_of (sp_view_n (start, got));
  if (rc == 0 && compression != SP_ARCHIVE_PLAIN)
    rc = open_session (stream, compression, err);
  if (rc == 0)
    *ret = steal (&stream);
  return rc;
}

int
sp_stream_open_member (struct sp_stream *outer, struct sp_view start, int64_t left,
                       struct sp_stream **ret, sigpolicy_error **err)
{
  enum sp_archive_compression compression = compression_of (start);
  cleanup_stream struct sp_stream *stream = NULL;

  if (compression == SP_ARCHIVE_PLAIN)
    return 0;
  stream = sp_calloc (1, sizeof *stream, err);
  if (!stream)
    return SIGPOLICY_E_NO_MEMORY;
  stream->path = outer->path;
  stream->fd = -1;
  stream->outer = outer;
  stream->left = left;
  stream->n_start = start.len;
  memcpy (stream->start, start.data, start.len);
  int rc = open_session (stream, compression, err);
  if (rc == 0)
    *ret = steal (&stream);
  return rc;
}

int
sp_stream_read (struct sp_stream *stream, void *to, size_t want, size_t *ret_got,
                sigpolicy_error **err)
{
  int rc = stream->session ? read_session (stream, to, want, ret_got, err)
                           : read_raw (stream, to, want, ret_got, err);
  if (rc < 0)
    return rc;
  stream->passed += (int64_t)*ret_got;
  return stream->passed > (int64_t)SP_ARCHIVE_BYTES_MAX ? sp_stream_too_long (stream, err) : 0;
}

int
sp_stream_skip (struct sp_stream *stream, int64_t count, sigpolicy_error **err)
{
  if (!stream->session && !stream->outer)
    {
      if (count > stream->end - stream->at)
        return sp_stream_broken (stream, "it ends before it should", err);
      stream->at += count;
      stream->passed += count;
      return 0;
    }
  cleanup_free char *block = sp_calloc (1, BLOCK_BYTES, err);
  if (!block)
    return SIGPOLICY_E_NO_MEMORY;
  while (count > 0)
    {
      size_t want = count < (int64_t)BLOCK_BYTES ? (size_t)count : BLOCK_BYTES, got = 0;
      int rc = sp_stream_read (stream, block, want, &got, err);
      if (rc < 0)
        return rc;
      if (got < want)
        return sp_stream_broken (stream, "it ends before it should", err);
      count -= (int64_t)got;
    }
  return 0;
}

int
sp_stream_end (struct sp_stream *stream, sigpolicy_error **err)
{
  cleanup_free char *block = stream->session ? sp_calloc (1, BLOCK_BYTES, err) : NULL;
  size_t got = 1;
  int rc = stream->session && !block ? SIGPOLICY_E_NO_MEMORY : 0;

  while (rc == 0 && block && got)
    rc = sp_stream_read (stream, block, BLOCK_BYTES, &got, err);
  return rc;
}

int64_t
sp_stream_passed (const struct sp_stream *stream)
{
  return stream->passed;
}
