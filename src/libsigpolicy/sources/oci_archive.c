/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/oci.h"

#include "util/alloc.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>

/*
 * "oci-archive:" of containers-transports(5): an OCI image layout in a tar file. Others unpack it
 * and read the directory; so of several members of one name the last one counts here, too, and a
 * member whose name leads out of the directory makes the whole archive useless. It consists of
 * files and directories: links and all else are refused (S8).
 */

static int
refuse (const struct sp_archive_entry *entry, const char *why, sigpolicy_error **err)
{
  cleanup_free char *shown = sp_quote_dup (sp_view_str (entry->name), err);
  return shown ? sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                               "%s in the archive %s", shown, why)
               : SIGPOLICY_E_NO_MEMORY;
}

/* Where a member would be unpacked, below the directory. To free(). */
static char *
place_of (const struct sp_archive_entry *entry, sigpolicy_error **err)
{
  cleanup_free char *clean = sp_fs_clean (entry->name, err);
  if (!clean)
    return NULL;
  const char *place = clean[0] == '/' ? clean + 1 : clean;
  if (strcmp (place, "..") == 0 || strncmp (place, "../", 3) == 0)
    {
      (void)refuse (entry, "points out of the archive", err);
      return NULL;
    }
  return sp_strdup (place, err);
}

/* Whether a member at place stands in the way of a file of this name, as a part of its path. */
static bool
is_above (const char *place, const char *name)
{
  size_t len = strlen (place);
  return strncmp (place, name, len) == 0 && name[len] == '/';
}

/* A member as it would be unpacked, where it is a file or a directory, and what is looked for. */
struct walk
{
  struct sp_evidence *evidence;
  struct sp_oci_file *files;
  size_t n_files;
  struct sp_oci_signatures *signatures;
  size_t looked_into;
  int (*take) (struct walk *walk, const struct sp_archive_entry *entry, const char *place,
               sigpolicy_error **err);
};

static int
take_member (struct walk *walk, const struct sp_archive_entry *entry, sigpolicy_error **err)
{
  cleanup_free char *place = place_of (entry, err);

  if (!place)
    return sigpolicy_error_code (*err);
  if (entry->kind == SP_ARCHIVE_GLOBAL) /* which is not unpacked */
    return 0;
  if (entry->kind != SP_ARCHIVE_FILE && entry->kind != SP_ARCHIVE_DIRECTORY)
    {
      int rc = refuse (entry, "is neither a file nor a directory", err);
      return rc == SIGPOLICY_E_NO_MEMORY ? rc : sp_error_stricter (err, "S8");
    }
  return walk->take (walk, entry, place, err);
}

/* All members are seen, whatever is found before. */
static int
walk_through (struct walk *walk, sigpolicy_error **err)
{
  struct sp_oci *oci = walk->evidence->oci;
  const struct sp_archive_entry *entry = NULL;

  int rc = oci->archive ? 0 : sp_archive_open (oci->path, &oci->archive, err);
  if (rc == 0)
    rc = sp_archive_rewind (oci->archive, err);
  do
    {
      if (rc == 0)
        rc = sp_archive_next (oci->archive, &entry, err);
      if (rc == 0 && entry)
        rc = take_member (walk, entry, err);
    }
  while (rc == 0 && entry);
  return rc;
}

/* --- files that are named --------------------------------------------------------------------- */

/* The content of one member, for the first file of this name; further ones have the same. */
static int
fill (struct walk *walk, struct sp_oci_file *file, const struct sp_oci_file *same, bool is_file,
      sigpolicy_error **err)
{
  size_t max = file->bytes->max;

  sp_buf_clear (file->bytes);
  file->bytes->max = max;
  file->found = is_file;
  if (!is_file)
    return 0;
  if (!same)
    return sp_archive_read (walk->evidence->oci->archive, file->bytes, err);
  sp_buf_add (file->bytes, sp_buf_view (same->bytes));
  return sp_buf_check (file->bytes, err);
}

static int
take_named (struct walk *walk, const struct sp_archive_entry *entry, const char *place,
            sigpolicy_error **err)
{
  bool is_file = entry->kind == SP_ARCHIVE_FILE;
  const struct sp_oci_file *same = NULL;
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < walk->n_files; i++)
    {
      struct sp_oci_file *file = &walk->files[i];
      if (is_file && is_above (place, file->name))
        return refuse (entry, "is both a file and a directory", err);
      if (strcmp (place, file->name) != 0)
        continue;
      rc = fill (walk, file, same, is_file, err);
      same = file;
    }
  return rc < 0 || !same ? rc : sp_oci_check_bytes (walk->files, walk->n_files, err);
}

static int
read_members (struct sp_evidence *evidence, struct sp_oci_file *files, size_t n,
              sigpolicy_error **err)
{
  struct walk walk = { .evidence = evidence, .files = files, .n_files = n, .take = take_named };

  int rc = walk_through (&walk, err);
  for (size_t i = 0; rc == 0 && i < n; i++)
    if (!files[i].found)
      rc = sp_error_errno (err, SIGPOLICY_E_NOT_FOUND, SIGPOLICY_REASON_NOT_FOUND, ENOENT,
                           "open %s in %s", files[i].name, evidence->oci->path);
  return rc;
}

/* --- blobs that may be manifests -------------------------------------------------------------- */

static int
take_blob (struct walk *walk, const struct sp_archive_entry *entry, const char *place,
           sigpolicy_error **err)
{
  cleanup_buf struct sp_buf bytes = SP_BUF (SP_REFERRER_BYTES_MAX);
  bool is_file = entry->kind == SP_ARCHIVE_FILE;
  static const char below[] = SP_OCI_BLOBS "/";

  if (is_file && is_above (place, below))
    return refuse (entry, "is both a file and a directory", err);
  if (strncmp (place, below, sizeof below - 1) != 0
      || !sp_oci_is_blob_name (place + sizeof below - 1))
    return 0;
  if (++walk->looked_into > SP_REFERRERS_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "%s has more than %lu files of " SP_OCI_BLOBS, walk->evidence->oci->path,
                         SP_REFERRERS_MAX);
  /* What is no manifest counts, too: it stands where one of this name was. */
  int rc = is_file && entry->size <= (int64_t)SP_REFERRER_BYTES_MAX
               ? sp_archive_read (walk->evidence->oci->archive, &bytes, err)
               : 0;
  if (rc == 0)
    rc = sp_oci_look_into (walk->evidence, place + sizeof below - 1, sp_buf_view (&bytes),
                           walk->signatures, err);
  return rc;
}

static int
scan_archive (struct sp_evidence *evidence, struct sp_oci_signatures *signatures,
              sigpolicy_error **err)
{
  struct walk walk = { .evidence = evidence, .signatures = signatures, .take = take_blob };
  return walk_through (&walk, err);
}

static const struct sp_oci_access access_archive
    = { .read = read_members, .scan = scan_archive, .divider = ':' };

int
sp_evidence_set_oci_archive (struct sp_evidence *evidence, const char *path, const char *selector,
                             const struct sp_platform *platform, sigpolicy_error **err)
{
  return sp_oci_set (evidence, path, selector, &access_archive, platform, err);
}
