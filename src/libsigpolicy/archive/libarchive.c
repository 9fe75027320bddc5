/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/gzip.h"

#include <archive.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * The private module: libarchive behind archive/module.h. It undoes the one compression that the
 * library has seen at the start of the stream, so that nothing that nobody asked for is found by
 * trying, and knows no format of archives. gzip is left to zlib (archive/gzip.c).
 */

struct session
{
  struct archive *archive;
  const struct sp_archive_input *input;
  enum sp_archive_compression compression;
  bool started;
  int64_t given; /* compressed bytes */
  void *gzip;    /* in place of all this */
  const char *message;
};

static la_ssize_t
take_bytes (struct archive *archive, void *data, const void **ret)
{
  struct session *session = data;
  ptrdiff_t got = session->input->read (session->input->self, ret);
  if (got < 0)
    archive_set_error (archive, EIO, "the archive cannot be read");
  else
    session->given += got;
  return got < 0 ? ARCHIVE_FATAL : (la_ssize_t)got;
}

static int
support (struct archive *archive, enum sp_archive_compression compression)
{
  switch (compression)
    {
    case SP_ARCHIVE_BZIP2:
      return archive_read_support_filter_bzip2 (archive);
    case SP_ARCHIVE_XZ:
      return archive_read_support_filter_xz (archive);
    case SP_ARCHIVE_ZSTD:
      return archive_read_support_filter_zstd (archive);
    case SP_ARCHIVE_GZIP:
    case SP_ARCHIVE_PLAIN:
      break;
    }
  return ARCHIVE_FATAL;
}

static void
close_session (void *data)
{
  struct session *session = data;
  if (session->gzip)
    sp_gzip_close (session->gzip);
  if (session->archive)
    (void)archive_read_free (session->archive);
  free (session);
}

static void *
open_session (const struct sp_archive_input *input, enum sp_archive_compression compression)
{
  struct session *session = calloc (1, sizeof *session);
  if (!session)
    return NULL;
  session->input = input;
  session->compression = compression;
  if (compression == SP_ARCHIVE_GZIP)
    session->gzip = sp_gzip_open (input);
  else
    session->archive = archive_read_new ();
  if (!session->archive && !session->gzip)
    {
      close_session (session);
      return NULL;
    }
  return session;
}

/* libarchive reads the start of the stream here. */
static int
start (struct session *session)
{
  struct archive *archive = session->archive;
  struct archive_entry *entry = NULL;

  session->started = true;
  int code = support (archive, session->compression);
  /* A warning: there is no such decompressor, and a program would be started in its place. */
  if (code == ARCHIVE_WARN)
    archive_set_error (archive, ENOSYS, "libarchive was built without this compression");
  if (code == ARCHIVE_OK)
    code = archive_read_support_format_raw (archive);
  if (code == ARCHIVE_OK)
    code = archive_read_support_format_empty (archive);
  if (code == ARCHIVE_OK)
    code = archive_read_set_read_callback (archive, take_bytes);
  if (code == ARCHIVE_OK)
    code = archive_read_set_callback_data (archive, session);
  if (code == ARCHIVE_OK)
    code = archive_read_open1 (archive);
  if (code == ARCHIVE_OK)
    code = archive_read_next_header (archive, &entry);
  /* The filter that was asked for, once, and the one that stands for the stream itself. */
  if (code == ARCHIVE_OK && archive_filter_count (archive) != 2)
    {
      archive_set_error (archive, EINVAL, "it is compressed more than once");
      code = ARCHIVE_FATAL;
    }
  return code;
}

/* At the end: all that was compressed was of the stream, and there is no more. */
static enum sp_archive_status
end (struct session *session, size_t *ret_got)
{
  const void *more = NULL;
  la_ssize_t got = take_bytes (session->archive, session, &more);
  *ret_got = 0;
  if (got < 0)
    return SP_ARCHIVE_BROKEN;
  if (got == 0 && archive_filter_bytes (session->archive, -1) == session->given)
    return SP_ARCHIVE_FINE;
  session->message = "there is data after the compressed stream";
  return SP_ARCHIVE_DOUBTFUL;
}

static enum sp_archive_status
read_content (void *data, void *at, size_t room, size_t *ret_got)
{
  struct session *session = data;
  if (session->gzip)
    return sp_gzip_read (session->gzip, at, room, ret_got);
  int code = session->started ? ARCHIVE_OK : start (session);
  la_ssize_t got = code == ARCHIVE_OK ? archive_read_data (session->archive, at, room) : 0;

  if (code == ARCHIVE_EOF || (code == ARCHIVE_OK && got == 0))
    return end (session, ret_got);
  if (code == ARCHIVE_OK && got > 0)
    {
      *ret_got = (size_t)got;
      return SP_ARCHIVE_FINE;
    }
  return archive_errno (session->archive) == ENOMEM ? SP_ARCHIVE_NO_MEMORY : SP_ARCHIVE_BROKEN;
}

static const char *
message (void *data)
{
  const struct session *session = data;
  if (session->gzip)
    return sp_gzip_message (session->gzip);
  const char *text = session->message ? session->message : archive_error_string (session->archive);
  return text ? text : "it is broken";
}

extern const struct sp_archive_module sp_archive_module;

__attribute__ ((visibility ("default"))) const struct sp_archive_module sp_archive_module = {
  .version = SP_ARCHIVE_MODULE_VERSION,
  .open = open_session,
  .read = read_content,
  .message = message,
  .close = close_session,
};
