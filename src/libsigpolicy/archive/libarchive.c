/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/module.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>

/*
 * The private module: libarchive behind archive/module.h. Only tar is read, and only through the
 * one compression that the library has seen at the start of the stream, so that an archive in an
 * archive, or a format that nobody asked for, is not found by trying.
 */

struct session
{
  struct archive *archive;
  const struct sp_archive_input *input;
  enum sp_archive_compression compression;
  enum sp_archive_shape shape;
  locale_t utf8; /* in which names are what they are, whatever the program's locale */
  bool opened;
};

static la_ssize_t
take_bytes (struct archive *archive, void *data, const void **ret)
{
  const struct session *session = data;
  ptrdiff_t got = session->input->read (session->input->self, ret);
  if (got < 0)
    archive_set_error (archive, EIO, "the archive cannot be read");
  return got < 0 ? ARCHIVE_FATAL : (la_ssize_t)got;
}

static la_int64_t
skip_bytes (struct archive *archive, void *data, la_int64_t count)
{
  const struct session *session = data;
  int64_t done = session->input->skip (session->input->self, count);
  if (done < 0)
    archive_set_error (archive, EIO, "the archive cannot be read");
  return done < 0 ? ARCHIVE_FATAL : done;
}

static int
support (struct archive *archive, enum sp_archive_compression compression)
{
  switch (compression)
    {
    case SP_ARCHIVE_PLAIN:
      return ARCHIVE_OK;
    case SP_ARCHIVE_GZIP:
      return archive_read_support_filter_gzip (archive);
    case SP_ARCHIVE_BZIP2:
      return archive_read_support_filter_bzip2 (archive);
    case SP_ARCHIVE_XZ:
      return archive_read_support_filter_xz (archive);
    case SP_ARCHIVE_ZSTD:
      return archive_read_support_filter_zstd (archive);
    }
  return ARCHIVE_FATAL;
}

/* A result of libarchive: a warning is something that could not be read as it was meant. */
static enum sp_archive_status
judge (struct session *session, int code)
{
  if (code == ARCHIVE_OK)
    return SP_ARCHIVE_FINE;
  if (code == ARCHIVE_EOF)
    return SP_ARCHIVE_END;
  return archive_errno (session->archive) == ENOMEM ? SP_ARCHIVE_NO_MEMORY : SP_ARCHIVE_BROKEN;
}

static void
close_session (void *data)
{
  struct session *session = data;
  if (session->archive)
    (void)archive_read_free (session->archive);
  if (session->utf8)
    freelocale (session->utf8);
  free (session);
}

static void *
open_session (const struct sp_archive_input *input, enum sp_archive_compression compression,
              enum sp_archive_shape shape)
{
  struct session *session = calloc (1, sizeof *session);
  if (!session)
    return NULL;
  session->input = input;
  session->compression = compression;
  session->shape = shape;
  session->utf8 = newlocale (LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  session->archive = archive_read_new ();
  if (!session->archive)
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

  session->opened = true;
  int code = support (archive, session->compression);
  /* A warning: there is no such decompressor, and a program would be started in its place. */
  if (code == ARCHIVE_WARN)
    archive_set_error (archive, ENOSYS, "libarchive was built without this compression");
  if (code == ARCHIVE_OK)
    code = session->shape == SP_ARCHIVE_TAR ? archive_read_support_format_tar (archive)
                                            : archive_read_support_format_raw (archive);
  if (code == ARCHIVE_OK)
    code = archive_read_set_read_callback (archive, take_bytes);
  if (code == ARCHIVE_OK && session->input->skip)
    code = archive_read_set_skip_callback (archive, skip_bytes);
  if (code == ARCHIVE_OK)
    code = archive_read_set_callback_data (archive, session);
  return code == ARCHIVE_OK ? archive_read_open1 (archive) : code;
}

/* The filter that was asked for, once, and the one that stands for the stream itself. */
static bool
filtered_as_asked (struct session *session)
{
  int count = archive_filter_count (session->archive);
  return count == (session->compression == SP_ARCHIVE_PLAIN ? 1 : 2);
}

static enum sp_archive_kind
kind_of (struct archive_entry *entry)
{
  if (archive_entry_hardlink (entry) || archive_entry_hardlink_utf8 (entry))
    return SP_ARCHIVE_HARD_LINK;
  switch (archive_entry_filetype (entry))
    {
    case AE_IFREG:
      return SP_ARCHIVE_FILE;
    case AE_IFDIR:
      return SP_ARCHIVE_DIRECTORY;
    case AE_IFLNK:
      return SP_ARCHIVE_SYMLINK;
    default:
      return SP_ARCHIVE_OTHER;
    }
}

static enum sp_archive_status
next_member (struct session *session, struct sp_archive_entry *ret)
{
  struct archive_entry *entry = NULL;

  int code = session->opened ? ARCHIVE_OK : start (session);
  if (code == ARCHIVE_OK)
    code = archive_read_next_header (session->archive, &entry);
  if (code != ARCHIVE_OK)
    return judge (session, code);
  if (!filtered_as_asked (session))
    {
      archive_set_error (session->archive, EINVAL, "it is compressed more than once");
      return SP_ARCHIVE_BROKEN;
    }
  ret->kind = kind_of (entry);
  ret->size = archive_entry_size (entry);
  ret->name = archive_entry_pathname (entry);
  ret->target = ret->kind == SP_ARCHIVE_HARD_LINK ? archive_entry_hardlink (entry)
                : ret->kind == SP_ARCHIVE_SYMLINK ? archive_entry_symlink (entry)
                                                  : NULL;
  if (!ret->name)
    {
      archive_set_error (session->archive, EINVAL, "the name of a member cannot be read");
      return SP_ARCHIVE_BROKEN;
    }
  return SP_ARCHIVE_FINE;
}

static enum sp_archive_status
next (void *data, struct sp_archive_entry *ret)
{
  struct session *session = data;
  locale_t before = session->utf8 ? uselocale (session->utf8) : (locale_t)0;
  enum sp_archive_status status = next_member (session, ret);
  if (before)
    (void)uselocale (before);
  return status;
}

static enum sp_archive_status
read_content (void *data, void *at, size_t room, size_t *ret_got)
{
  struct session *session = data;
  la_ssize_t got = archive_read_data (session->archive, at, room);
  if (got < 0)
    return judge (session, (int)got);
  *ret_got = (size_t)got;
  return SP_ARCHIVE_FINE;
}

static int64_t
passed (void *data)
{
  const struct session *session = data;
  return archive_filter_bytes (session->archive, 0);
}

static const char *
message (void *data)
{
  const struct session *session = data;
  const char *text = archive_error_string (session->archive);
  return text ? text : "it is broken";
}

extern const struct sp_archive_module sp_archive_module;

__attribute__ ((visibility ("default"))) const struct sp_archive_module sp_archive_module = {
  .version = SP_ARCHIVE_MODULE_VERSION,
  .open = open_session,
  .next = next,
  .read = read_content,
  .passed = passed,
  .message = message,
  .close = close_session,
};
