/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/archive_int.h"

#include "util/alloc.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>

#define BLOCK_BYTES (128 * SP_KIB)
#define MAGIC_BYTES 6

struct sp_archive
{
  const struct sp_archive_module *module;
  char *path;
  int fd;
  struct sp_archive_input input;
  char *block;
  int errnum; /* why the file could not be read, or 0 */
  /* The walk. */
  void *session;
  struct sp_archive_entry entry;
  size_t members;
  int64_t measured; /* decompressed bytes beside those that the session has passed */
};

/* --- the file --------------------------------------------------------------------------------- */

static ptrdiff_t
read_file (void *self, const void **ret_bytes)
{
  struct sp_archive *archive = self;
  ssize_t got;

  do
    got = read (archive->fd, archive->block, BLOCK_BYTES);
  while (got < 0 && errno == EINTR);
  archive->errnum = got < 0 ? errno : 0;
  *ret_bytes = archive->block;
  return got;
}

/* Not beyond the end, where there is nothing: a file that is cut short is told by reading it. */
static int64_t
skip_file (void *self, int64_t count)
{
  struct sp_archive *archive = self;
  off_t here = lseek (archive->fd, 0, SEEK_CUR),
        end = here < 0 ? -1 : lseek (archive->fd, 0, SEEK_END);
  if (end >= 0)
    {
      count = count < end - here ? count : end - here;
      end = lseek (archive->fd, here + count, SEEK_SET);
    }
  archive->errnum = end < 0 ? errno : 0;
  return end < 0 ? -1 : count;
}

static int
unreadable (const struct sp_archive *archive, sigpolicy_error **err)
{
  return sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                         archive->errnum, "read %s", archive->path);
}

int
sp_archive_open (const char *path, struct sp_archive **ret, sigpolicy_error **err)
{
  cleanup_archive struct sp_archive *archive = sp_calloc (1, sizeof *archive, err);

  if (!archive)
    return SIGPOLICY_E_NO_MEMORY;
  archive->fd = -1;
  archive->input = (struct sp_archive_input){ archive, read_file, skip_file };
  archive->path = sp_strdup (path, err);
  archive->block = archive->path ? sp_calloc (1, BLOCK_BYTES, err) : NULL;
  if (!archive->block)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_fs_open (path, &archive->fd, err);
  if (rc == 0)
    rc = sp_archive_load (&archive->module, err);
  if (rc < 0)
    return rc;
  *ret = steal (&archive);
  return 0;
}

static void
end_walk (struct sp_archive *archive)
{
  if (archive->session)
    archive->module->close (archive->session);
  archive->session = NULL;
}

void
sp_archive_free (struct sp_archive *archive)
{
  if (!archive)
    return;
  end_walk (archive);
  sp_close_p (&archive->fd);
  free (archive->block);
  free (archive->path);
  free (archive);
}

/* --- compression ------------------------------------------------------------------------------ */

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

/* --- a walk ----------------------------------------------------------------------------------- */

int
sp_archive_rewind (struct sp_archive *archive, sigpolicy_error **err)
{
  char start[MAGIC_BYTES];

  end_walk (archive);
  archive->members = 0;
  archive->measured = 0;
  ssize_t got = pread (archive->fd, start, sizeof start, 0);
  archive->errnum = got < 0 || lseek (archive->fd, 0, SEEK_SET) < 0 ? errno : 0;
  if (archive->errnum)
    return unreadable (archive, err);
  archive->session = archive->module->open (
      &archive->input, compression_of (sp_view_n (start, (size_t)got)), SP_ARCHIVE_TAR);
  return archive->session ? 0 : sp_error_no_memory (err);
}

/* What the module's status means; session is the one that it is of. */
static int
failed (struct sp_archive *archive, void *session, enum sp_archive_status status,
        sigpolicy_error **err)
{
  if (status == SP_ARCHIVE_NO_MEMORY)
    return sp_error_no_memory (err);
  if (archive->errnum)
    return unreadable (archive, err);
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                       "reading the archive '%s': %s", archive->path,
                       archive->module->message (session));
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
may_pass (struct sp_archive *archive, int64_t more)
{
  const int64_t limit = (int64_t)SP_ARCHIVE_BYTES_MAX;
  int64_t so_far = archive->module->passed (archive->session) + archive->measured;
  return so_far <= limit && more >= 0 && more <= limit - so_far;
}

static int
check_entry (struct sp_archive *archive, sigpolicy_error **err)
{
  const struct sp_archive_entry *entry = &archive->entry;

  if (++archive->members > SP_ARCHIVE_MEMBERS_MAX)
    return too_much (archive, "more members", SP_ARCHIVE_MEMBERS_MAX, err);
  if (strlen (entry->name) > SP_PATH_BYTES_MAX
      || (entry->target && strlen (entry->target) > SP_PATH_BYTES_MAX))
    return too_much (archive, "a name of more bytes", SP_PATH_BYTES_MAX, err);
  if (!may_pass (archive, entry->size))
    return too_much (archive, "more bytes", SP_ARCHIVE_BYTES_MAX, err);
  return 0;
}

int
sp_archive_next (struct sp_archive *archive, const struct sp_archive_entry **ret,
                 sigpolicy_error **err)
{
  enum sp_archive_status status = archive->module->next (archive->session, &archive->entry);

  *ret = NULL;
  if (status == SP_ARCHIVE_END)
    return 0;
  if (status != SP_ARCHIVE_FINE)
    return failed (archive, archive->session, status, err);
  int rc = check_entry (archive, err);
  if (rc == 0)
    *ret = &archive->entry;
  return rc;
}

int
sp_archive_read (struct sp_archive *archive, struct sp_buf *ret, sigpolicy_error **err)
{
  for (;;)
    {
      size_t room, got = 0;
      char extra;
      char *at = sp_buf_room (ret, BLOCK_BYTES, &room);
      /* At the ceiling: one byte more tells "exactly full" from "too long". */
      bool full = !at && !ret->failed;
      if (ret->failed)
        return sp_buf_check (ret, err);
      enum sp_archive_status status
          = archive->module->read (archive->session, full ? &extra : at, full ? 1 : room, &got);
      if (status != SP_ARCHIVE_FINE)
        return failed (archive, archive->session, status, err);
      if (got == 0)
        return 0;
      if (full)
        return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_LIMIT,
                             "exceeded maximum allowed size of %zu bytes", ret->max);
      sp_buf_filled (ret, got);
    }
}

/* --- the length of a member that may be compressed -------------------------------------------- */

struct measure
{
  struct sp_archive *archive;
  struct sp_view start; /* what was read to see the compression */
  enum sp_archive_status status;
  char *block;
};

static ptrdiff_t
read_member (void *self, const void **ret_bytes)
{
  struct measure *it = self;
  struct sp_archive *archive = it->archive;
  size_t got = it->start.len;

  *ret_bytes = it->start.data;
  it->start.len = 0;
  if (got)
    return (ptrdiff_t)got;
  *ret_bytes = it->block;
  it->status = archive->module->read (archive->session, it->block, BLOCK_BYTES, &got);
  return it->status == SP_ARCHIVE_FINE ? (ptrdiff_t)got : -1;
}

static int
measure_stream (struct measure *it, void *session, int64_t *ret, sigpolicy_error **err)
{
  struct sp_archive *archive = it->archive;
  struct sp_archive_entry entry;
  cleanup_free char *block = sp_calloc (1, BLOCK_BYTES, err);
  size_t got = 0;
  int64_t length = 0;

  if (!block)
    return SIGPOLICY_E_NO_MEMORY;
  enum sp_archive_status status = archive->module->next (session, &entry);
  do
    {
      if (status == SP_ARCHIVE_FINE)
        status = archive->module->read (session, block, BLOCK_BYTES, &got);
      if (status != SP_ARCHIVE_FINE)
        return it->status == SP_ARCHIVE_FINE ? failed (archive, session, status, err)
                                             : failed (archive, archive->session, it->status, err);
      length += (int64_t)got;
      archive->measured += (int64_t)got;
      if (!may_pass (archive, 0))
        return too_much (archive, "more bytes", SP_ARCHIVE_BYTES_MAX, err);
    }
  while (got);
  *ret = length;
  return 0;
}

int
sp_archive_measure (struct sp_archive *archive, int64_t *ret, sigpolicy_error **err)
{
  cleanup_free char *block = sp_calloc (1, BLOCK_BYTES, err);
  struct measure it = { .archive = archive, .block = block, .status = SP_ARCHIVE_FINE };
  struct sp_archive_input input = { .self = &it, .read = read_member };
  size_t len = 0, got = 1;

  if (!block)
    return SIGPOLICY_E_NO_MEMORY;
  while (len < MAGIC_BYTES && got)
    {
      enum sp_archive_status status
          = archive->module->read (archive->session, block + len, MAGIC_BYTES - len, &got);
      if (status != SP_ARCHIVE_FINE)
        return failed (archive, archive->session, status, err);
      len += got;
    }
  it.start = sp_view_n (block, len);
  enum sp_archive_compression compression = compression_of (it.start);
  if (compression == SP_ARCHIVE_PLAIN)
    {
      *ret = archive->entry.size;
      return 0;
    }
  void *session = archive->module->open (&input, compression, SP_ARCHIVE_RAW);
  if (!session)
    return sp_error_no_memory (err);
  int rc = measure_stream (&it, session, ret, err);
  archive->module->close (session);
  return rc;
}
