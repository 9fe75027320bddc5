/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/chart.h"

#include "archive/archive.h"
#include "crypto/digest.h"
#include "crypto/hash.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static int
too_large (const char *path, sigpolicy_error **err)
{
  return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_LIMIT,
                       "the chart %s has more than %lu bytes", path, SP_CHART_BYTES_MAX);
}

int
sp_chart_digest (const char *path, char ret[SP_SHA256_TEXT_SIZE], sigpolicy_error **err)
{
  cleanup_close int fd = -1;
  struct sp_digests digests = { 0 };
  struct stat status;
  char hex[2 * SP_SHA256_BYTES + 1];

  int rc = sp_fs_open (path, &fd, err);
  if (rc < 0)
    return rc;
  if (fstat (fd, &status) < 0)
    return sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, errno,
                           "stat %s", path);
  if (status.st_size > (off_t)SP_CHART_BYTES_MAX)
    return too_large (path, err);
  rc = sp_digests_read (fd, path, &digests, err);
  if (rc < 0)
    return rc;
  sp_hex (digests.value[SP_HASH_SHA256], sp_hash_bytes (SP_HASH_SHA256), hex);
  (void)snprintf (ret, SP_SHA256_TEXT_SIZE, "sha256:%s", hex);
  return 0;
}

/* --- the archive ------------------------------------------------------------------------------ */

struct walk
{
  struct sp_buf *metadata;
  struct sp_buf top; /* the directory, with its slash */
  bool found;
  int64_t bytes;
};

static int
bad (sigpolicy_error **err, const char *what)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT, "%s", what);
}

/* A name that readers might clean up to another one. */
static bool
is_odd (struct sp_view name)
{
  while (name.len)
    {
      size_t end = sp_view_find (name, '/');
      struct sp_view part = sp_view_head (name, end);
      if (!part.len || sp_view_is (part, ".") || sp_view_is (part, ".."))
        return true;
      name = end == SP_VIEW_NONE ? sp_view_n (name.data, 0) : sp_view_from (name, end + 1);
    }
  return false;
}

/* Everything is in the directory that the first member names. */
static int
check_top (struct walk *walk, struct sp_view name, sigpolicy_error **err)
{
  size_t end = sp_view_find (name, '/');
  struct sp_view top = sp_view_head (name, end);

  if (!name.len || is_odd (name))
    return bad (err, "the chart has a member whose name is no plain path");
  if (!walk->top.len)
    {
      sp_buf_add (&walk->top, top);
      int rc = sp_buf_check (&walk->top, err);
      if (rc < 0)
        return rc;
    }
  return sp_view_equal (top, sp_buf_view (&walk->top))
             ? 0
             : bad (err, "the chart has more than one directory at its top");
}

static int
take (struct walk *walk, struct sp_archive *archive, const struct sp_archive_entry *entry,
      const char *path, sigpolicy_error **err)
{
  struct sp_view name = sp_view_str (entry->name);

  if (entry->kind == SP_ARCHIVE_GLOBAL)
    return 0;
  int rc = check_top (walk, name, err);
  if (rc < 0)
    return rc;
  if (entry->kind == SP_ARCHIVE_FILE
      && (entry->size > (int64_t)SP_CHART_BYTES_MAX
          || (walk->bytes += entry->size) > (int64_t)SP_CHART_BYTES_MAX))
    return too_large (path, err);
  if (!sp_view_is (sp_view_from (name, walk->top.len), "/Chart.yaml"))
    return 0;
  if (entry->kind != SP_ARCHIVE_FILE || walk->found)
    return bad (err, "the chart has a Chart.yaml that is no file, or two of them");
  walk->found = true;
  return sp_archive_read (archive, walk->metadata, err);
}

int
sp_chart_metadata (const char *path, struct sp_buf *ret, sigpolicy_error **err)
{
  cleanup_archive struct sp_archive *archive = NULL;
  cleanup_buf struct sp_buf metadata = SP_BUF (SP_CHART_METADATA_BYTES_MAX);
  struct walk walk = { .metadata = &metadata, .top = SP_BUF (SP_PATH_BYTES_MAX) };
  const struct sp_archive_entry *entry = NULL;

  int rc = sp_archive_open (path, &archive, err);
  if (rc == 0)
    rc = sp_archive_rewind (archive, err);
  while (rc == 0 && (rc = sp_archive_next (archive, &entry, err)) == 0 && entry)
    rc = take (&walk, archive, entry, path, err);
  sp_buf_clear (&walk.top);
  if (rc == 0 && !walk.found)
    rc = bad (err, "the chart has no Chart.yaml");
  if (rc < 0)
    return rc;
  *ret = metadata;
  metadata = (struct sp_buf)SP_BUF (0);
  return 0;
}
