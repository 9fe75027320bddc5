/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/oci.h"

#include "crypto/digest.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/limits.h"

#include <fcntl.h>
#include <sys/stat.h>

/*
 * An OCI image layout, "oci:" of containers-transports(5):
 *
 *   index.json       which images there are, under which digests
 *   blobs/ALGO/HEX   their manifests, and all that these name
 *   oci-layout       the version, which nobody asks for
 *
 * It cannot store signatures as such; some may be among the blobs (oci_referrers.c). It is somebody
 * else's bytes: nothing outside it is read, whatever its links say. It is opened once, so that all
 * of this comes from the same directory.
 */

static void
oci_free (struct sp_oci *oci)
{
  if (!oci)
    return;
  free (oci->path);
  free (oci->selector);
  sp_oci_layout_free (oci->layout);
  sp_archive_free (oci->archive);
  free (oci);
}

SP_DEFINE_CLEANUP (struct sp_oci *, oci_free);

static void
release (struct sp_evidence *evidence)
{
  oci_free (evidence->oci);
}

int
sp_oci_set (struct sp_evidence *evidence, const char *path, const char *selector,
            const struct sp_oci_access *access, const struct sp_platform *platform,
            sigpolicy_error **err)
{
  SP_CLEANUP (oci_free_p) struct sp_oci *oci = sp_calloc (1, sizeof *oci, err);

  if (!oci)
    return SIGPOLICY_E_NO_MEMORY;
  oci->access = access;
  oci->path = sp_strdup (path, err);
  if (!oci->path || (selector && !(oci->selector = sp_strdup (selector, err))))
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_evidence_set_origin (evidence, &sp_origin_oci, path, platform, err);
  if (rc == 0)
    evidence->oci = steal (&oci);
  return rc;
}

/* --- a directory ------------------------------------------------------------------------------ */

static int
read_file (struct sp_evidence *evidence, struct sp_oci_file *file, sigpolicy_error **err)
{
  const char *path = evidence->oci->path;
  int rc = evidence->dir_fd < 0 ? sp_fs_open_dir (path, &evidence->dir_fd, err) : 0;
  if (rc == 0)
    rc = sp_fs_read_beneath (evidence->dir_fd, path, file->name, file->bytes, err);
  file->found = rc == 0;
  return rc;
}

static int
read_in_directory (struct sp_evidence *evidence, struct sp_oci_file *files, size_t n,
                   sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < n; i++)
    {
      rc = read_file (evidence, &files[i], err);
      if (rc == 0)
        rc = sp_oci_check_bytes (files, i + 1, err);
    }
  return rc;
}

static bool
may_be_manifest (int directory, const char *name)
{
  struct stat st;
  return sp_oci_is_blob_name (name) && fstatat (directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0
         && S_ISREG (st.st_mode) && st.st_size <= (off_t)SP_REFERRER_BYTES_MAX;
}

static int
scan_directory (struct sp_evidence *evidence, struct sp_oci_signatures *signatures,
                sigpolicy_error **err)
{
  cleanup_strv struct sp_strv names = { 0 };
  cleanup_free char *where = sp_asprintf (err, "%s/" SP_OCI_BLOBS, evidence->oci->path);

  if (!where)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_fs_list (where, may_be_manifest, SP_REFERRERS_MAX, &names, err);
  for (size_t i = 0; rc == 0 && i < names.len; i++)
    {
      cleanup_buf struct sp_buf bytes = SP_BUF (SP_REFERRER_BYTES_MAX);
      cleanup_free char *name = sp_asprintf (err, SP_OCI_BLOBS "/%s", names.items[i]);
      struct sp_oci_file file = { name, &bytes, false };
      rc = name ? read_file (evidence, &file, err) : SIGPOLICY_E_NO_MEMORY;
      if (rc == 0)
        rc = sp_oci_look_into (evidence, names.items[i], sp_buf_view (&bytes), signatures, err);
    }
  return rc;
}

static const struct sp_oci_access access_directory
    = { .read = read_in_directory, .scan = scan_directory, .divider = '/' };

int
sp_evidence_set_oci (struct sp_evidence *evidence, const char *path, const char *selector,
                     const struct sp_platform *platform, sigpolicy_error **err)
{
  return sp_oci_set (evidence, path, selector, &access_directory, platform, err);
}

/* --- the manifests ---------------------------------------------------------------------------- */

static int
read_blob (struct sp_evidence *evidence, const char *digest, struct sp_buf *ret,
           sigpolicy_error **err)
{
  cleanup_free char *name = sp_oci_layout_blob (digest, err);
  struct sp_oci_file file = { name, ret, false };
  return name ? evidence->oci->access->read (evidence, &file, 1, err) : SIGPOLICY_E_NO_MEMORY;
}

/* The index is believed as little as the manifest, so a manifest of another digest is what it is.
 * Whoever made this layout should know, all the same. */
static int
compare (struct sp_evidence *evidence, const char *digest, sigpolicy_error **err)
{
  char found[SP_SHA256_TEXT_SIZE];

  if (!sp_view_starts (sp_view_str (digest), sp_view_str ("sha256:")))
    return 0;
  int rc = sp_sha256_text (sp_buf_view (&evidence->top_bytes), found, err);
  if (rc < 0 || strcmp (digest, found) == 0)
    return rc;
  return sp_strv_take (
      &evidence->warnings,
      sp_asprintf (err, "the manifest is not the one that index.json names, %s", digest), err);
}

static int
read_top (struct sp_evidence *evidence, char **ret_mime, sigpolicy_error **err)
{
  struct sp_oci *oci = evidence->oci;
  cleanup_buf struct sp_buf index = SP_BUF (SP_MANIFEST_BYTES_MAX);
  cleanup_free char *digest = NULL;
  struct sp_oci_file file = { "index.json", &index, false };

  int rc = oci->access->read (evidence, &file, 1, err);
  if (rc < 0)
    return rc;
  rc = sp_oci_layout_parse (&index, &oci->layout, err);
  if (rc < 0)
    return sp_error_while (err, "parsing '%s/index.json'", oci->path);
  rc = sp_oci_layout_choose (oci->layout, oci->selector, &digest, ret_mime, err);
  if (rc < 0)
    return sp_error_while (err, "choosing an image of '%s'", oci->path);
  rc = read_blob (evidence, digest, &evidence->top_bytes, err);
  return rc < 0 ? rc : compare (evidence, digest, err);
}

static int
read_instance (struct sp_evidence *evidence, char **ret_mime, sigpolicy_error **err)
{
  int rc = read_blob (evidence, evidence->instance, &evidence->instance_bytes, err);
  return rc < 0 ? rc
                : sp_oci_layout_mime (evidence->oci->layout, evidence->instance, ret_mime, err);
}

const struct sp_origin sp_origin_oci = {
  .read_top = read_top,
  .read_instance = read_instance,
  .is_described = true,
  .release = release,
};
