/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/oci.h"

#include "util/alloc.h"
#include "util/codec.h"
#include "util/fs.h"

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
      (void)refuse (entry, "leads out of it", err);
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

/* One member of a walk that looks for the file name; *ret_found says whether ret has its content.
 */
static int
take_member (struct sp_archive *archive, const struct sp_archive_entry *entry, const char *name,
             struct sp_buf *ret, bool *ret_found, sigpolicy_error **err)
{
  cleanup_free char *place = place_of (entry, err);

  if (!place)
    return sigpolicy_error_code (*err);
  if (entry->kind != SP_ARCHIVE_FILE && entry->kind != SP_ARCHIVE_DIRECTORY)
    {
      int rc = refuse (entry, "is neither a file nor a directory", err);
      return rc == SIGPOLICY_E_NO_MEMORY ? rc : sp_error_stricter (err, "S8");
    }
  if (entry->kind == SP_ARCHIVE_FILE && is_above (place, name))
    return refuse (entry, "is a file, and a directory besides", err);
  if (strcmp (place, name) != 0)
    return 0;
  size_t max = ret->max;
  sp_buf_clear (ret);
  ret->max = max;
  *ret_found = entry->kind == SP_ARCHIVE_FILE;
  return *ret_found ? sp_archive_read (archive, ret, err) : 0;
}

static int
read_file (struct sp_evidence *evidence, const char *name, struct sp_buf *ret,
           sigpolicy_error **err)
{
  struct sp_oci *oci = evidence->oci;
  const struct sp_archive_entry *entry = NULL;
  bool found = false;

  int rc = oci->archive ? 0 : sp_archive_open (oci->path, &oci->archive, err);
  if (rc == 0)
    rc = sp_archive_rewind (oci->archive, err);
  do
    {
      if (rc == 0)
        rc = sp_archive_next (oci->archive, &entry, err);
      if (rc == 0 && entry)
        rc = take_member (oci->archive, entry, name, ret, &found, err);
    }
  while (rc == 0 && entry);
  if (rc < 0 || found)
    return rc;
  return sp_error_errno (err, SIGPOLICY_E_NOT_FOUND, SIGPOLICY_REASON_NOT_FOUND, ENOENT,
                         "open %s in %s", name, oci->path);
}

int
sp_evidence_set_oci_archive (struct sp_evidence *evidence, const char *path, const char *selector,
                             const struct sp_platform *platform, sigpolicy_error **err)
{
  return sp_oci_set (evidence, path, selector, read_file, platform, err);
}
