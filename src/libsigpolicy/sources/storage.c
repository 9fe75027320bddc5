/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/evidence_int.h"
#include "sources/store.h"

#include "util/alloc.h"
#include "util/buf.h"
#include "util/limits.h"

#include <errno.h>
#include <inttypes.h>

/*
 * An image in podman's storage, "containers-storage:" of containers-transports(5). Under keys of
 * its record stand
 *
 *   manifest              the manifest that it was pulled with
 *   manifest-DIGEST       each of its manifests, also the list that it was chosen from
 *   signatures            the signatures of the first, one behind the other
 *   signature-HEX         those of an instance of a list
 *
 * and in its metadata how long each signature is. What the record says of digests is not relied on.
 */

struct sp_storage
{
  struct sp_store *store; /* borrowed */
  struct sp_store_image image;
};

static void
storage_free (struct sp_storage *storage)
{
  sp_store_image_clear (&storage->image);
  free (storage);
}

static void
release (struct sp_evidence *evidence)
{
  if (evidence->storage)
    storage_free (evidence->storage);
}

/* "/var/lib/containers/storage/overlay-images/ID": where people find it. */
static char *
location_of (const struct sp_storage *storage, sigpolicy_error **err)
{
  const struct sp_store_location *location = &storage->store->location;
  return sp_asprintf (err, "%s/%s-images/%s", location->roots.items[storage->image.root],
                      location->name.driver, storage->image.record->id);
}

/* podman takes up no image whose metadata it cannot read, whatever the policy asks for. */
static int
check_metadata (const struct sp_stored_image *record, sigpolicy_error **err)
{
  cleanup_free int64_t *sizes = NULL;
  size_t len = 0;
  int rc = sp_stored_image_signature_sizes (record, NULL, &sizes, &len, err);
  return rc < 0 ? sp_error_prefix (err, "decoding metadata for source image") : 0;
}

int
sp_evidence_set_storage (struct sp_evidence *evidence, struct sp_store *store,
                         struct sp_store_image *image, const char *label,
                         const struct sp_platform *platform, sigpolicy_error **err)
{
  struct sp_storage *storage = sp_calloc (1, sizeof *storage, err);

  if (!storage)
    return SIGPOLICY_E_NO_MEMORY;
  storage->store = store;
  storage->image = *image;
  *image = (struct sp_store_image){ 0 };
  evidence->storage = storage;
  cleanup_free char *where = location_of (storage, err);
  int rc = where ? sp_evidence_set_origin (evidence, &sp_origin_storage, label, platform, err)
                 : SIGPOLICY_E_NO_MEMORY;
  if (rc == 0)
    rc = check_metadata (storage->image.record, err);
  return rc < 0 ? rc : sp_evidence_add_location (evidence, &sp_location_storage, where, err);
}

/* --- manifests -------------------------------------------------------------------------------- */

static int
read_manifest (struct sp_storage *storage, const char *digest, struct sp_buf *manifest,
               sigpolicy_error **err)
{
  cleanup_free char *key
      = sp_asprintf (err, "manifest%s%s", digest ? "-" : "", digest ? digest : "");
  return key ? sp_store_read_data (storage->store, &storage->image, sp_view_str (key), manifest,
                                   err)
             : SIGPOLICY_E_NO_MEMORY;
}

/* The manifest with the digest that is asked for, which may be a list; without one, or where there
 * is none such, the image's own. */
static int
read_top (struct sp_evidence *evidence, char **ret_mime, sigpolicy_error **err)
{
  int rc = -1;

  (void)ret_mime;
  if (evidence->expected.len)
    {
      rc = read_manifest (evidence->storage, evidence->expected.items[0], &evidence->top_bytes,
                          err);
      if (rc < 0 && sp_error_errnum (*err) != ENOENT)
        return rc;
      sp_error_clear (err);
    }
  return rc < 0 ? read_manifest (evidence->storage, NULL, &evidence->top_bytes, err) : 0;
}

static int
read_instance (struct sp_evidence *evidence, char **ret_mime, sigpolicy_error **err)
{
  (void)ret_mime;
  int rc = read_manifest (evidence->storage, evidence->instance, &evidence->instance_bytes, err);
  return rc < 0 ? sp_error_prefix (err, "reading manifest for image instance \"%s\"",
                                   evidence->instance)
                : 0;
}

const struct sp_origin sp_origin_storage
    = { .read_top = read_top, .read_instance = read_instance, .release = release };

/* --- signatures ------------------------------------------------------------------------------- */

/* One after the other, each as long as the metadata says, and nothing behind them. */
static int
cut (struct sp_evidence *evidence, struct sp_view data, const int64_t *sizes, size_t len,
     const char *where, const char *instance, sigpolicy_error **err)
{
  const char *id = evidence->storage->image.record->id;
  size_t offset = 0;
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < len; i++)
    {
      cleanup_signature_blob struct sp_signature_blob *blob = NULL;
      cleanup_buf struct sp_buf bytes = SP_BUF (SP_SIGNATURE_BYTES_MAX);
      if (sizes[i] < 0)
        return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                             "looking up signatures data for image \"%s\" (%s): a signature of "
                             "%" PRId64 " bytes",
                             id, instance, sizes[i]);
      const uint64_t size = (uint64_t)sizes[i];
      if (size > data.len - offset)
        return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                             "looking up signatures data for image \"%s\" (%s): expected at least "
                             "%" PRIu64 " bytes, only found %zu",
                             id, instance, offset + size, data.len);
      cleanup_free char *source = sp_asprintf (err, "%s at %zu", where, offset);
      if (!source)
        return SIGPOLICY_E_NO_MEMORY;
      sp_buf_add (&bytes, sp_view_n (data.data + offset, (size_t)size));
      rc = sp_buf_check (&bytes, err);
      if (rc == 0)
        rc = sp_signature_blob_parse (&bytes, source, &blob, err);
      if (rc < 0)
        return sp_error_prefix (err, "parsing signature at (%zu, %" PRIu64 ")", offset, size);
      rc = sp_evidence_keep (evidence, &blob, err);
      offset += (size_t)size;
    }
  if (rc == 0 && offset != data.len)
    rc = sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                       "signatures data (%s) contained %zu extra bytes", instance,
                       data.len - offset);
  return rc;
}

/* What comes with the image, or with the instance that was chosen from its list. */
static int
gather (struct sp_evidence *evidence, struct sp_looked_at *looked_at, sigpolicy_error **err)
{
  struct sp_storage *storage = evidence->storage;
  cleanup_buf struct sp_buf data = SP_BUF (SP_SIGNATURES_BYTES_MAX);
  cleanup_free int64_t *sizes = NULL;
  struct sp_view manifest;
  size_t len = 0;

  int rc = sp_evidence_manifest (evidence, &manifest, err);
  if (rc < 0)
    return rc;
  const char *digest = evidence->instance;
  const char *hex = digest ? strchr (digest, ':') + 1 : NULL;
  cleanup_free char *key
      = hex ? sp_asprintf (err, "signature-%s", hex) : sp_strdup ("signatures", err);
  cleanup_free char *file = key ? sp_store_file_name (sp_view_str (key), err) : NULL;
  cleanup_free char *directory = file ? location_of (storage, err) : NULL;
  char *where = directory ? sp_asprintf (err, "%s/%s", directory, file) : NULL;
  if (!where)
    return sigpolicy_error_code (*err);
  free (looked_at->where);
  looked_at->where = where;

  rc = sp_stored_image_signature_sizes (storage->image.record, digest, &sizes, &len, err);
  if (rc < 0)
    return sp_error_prefix (err, "decoding metadata for source image");
  if (!len)
    return 0;
  rc = sp_store_read_data (storage->store, &storage->image, sp_view_str (key), &data, err);
  if (rc < 0)
    {
      /* There are signatures, but they cannot be had. */
      (void)sp_error_class (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK);
      return sp_error_prefix (err, "looking up signatures data for image \"%s\" (%s)",
                              storage->image.record->id, hex ? hex : "default instance");
    }
  return cut (evidence, sp_buf_view (&data), sizes, len, where, hex ? hex : "default instance",
              err);
}

const struct sp_location sp_location_storage = { .gather = gather };
