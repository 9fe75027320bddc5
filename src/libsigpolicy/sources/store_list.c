/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/store.h"

#include "model/manifest.h"
#include "util/limits.h"

/*
 * Lists that were made on this host. podman keeps such a list as an image of its own, whose only
 * manifest is the list; by its name it starts whatever image of the store has the digest that is
 * chosen from it.
 */

/* What the list names; none where the record is that of another image, or cannot be read as it was:
 * then it is judged as any image, and its verdict says why. */
static int
read_list (struct sp_store *store, struct sp_store_image *image, struct sp_instances *ret,
           bool *ret_is_list, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf manifest = SP_BUF (SP_MANIFEST_BYTES_MAX);
  cleanup_error sigpolicy_error *none = NULL;
  cleanup_free char *mime = NULL;

  int rc = sp_store_read_data (store, image, sp_view_str ("manifest"), &manifest, &none);
  if (rc == 0)
    rc = sp_manifest_guess (sp_buf_view (&manifest), &mime, &none);
  bool is_list = rc == 0 && sp_manifest_is_list (mime);
  if (is_list)
    rc = sp_manifest_instances (sp_buf_view (&manifest), mime, ret, &none);
  *ret_is_list = is_list && rc == 0;
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

static const struct sp_stored_image *
find_instance (const struct sp_store *store, const char *digest)
{
  const struct sp_stored_image *found = NULL;
  for (size_t i = 0; !found && i < store->location.roots.len; i++)
    found = sp_stored_images_by_digest (store->images[i], sp_view_str (digest));
  return found;
}

/* Adds the images of the store that have these digests, each once. */
static int
add_images (const struct sp_store *store, const struct sp_instances *instances,
            const struct sp_stored_image *list, struct sp_strv *ids, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < instances->len; i++)
    {
      const struct sp_stored_image *image = find_instance (store, instances->items[i].digest);
      bool known = !image || strcmp (image->id, list->id) == 0;
      for (size_t j = 0; !known && j < ids->len; j++)
        known = strcmp (ids->items[j], image->id) == 0;
      if (!known)
        rc = sp_strv_add (ids, sp_view_str (image->id), err);
    }
  return rc;
}

int
sp_store_list_starts (struct sp_store *store, size_t root, const struct sp_stored_image *record,
                      bool *ret_is_list, struct sp_strv *ret_ids, sigpolicy_error **err)
{
  SP_CLEANUP (sp_store_image_clear) struct sp_store_image image = { 0 };
  cleanup_instances struct sp_instances instances = { 0 };

  *ret_is_list = false;
  if (record->has_instances)
    return 0;
  image = (struct sp_store_image){ sp_stored_images_ref (store->images[root]), record, root };
  int rc = read_list (store, &image, &instances, ret_is_list, err);
  return rc == 0 && *ret_is_list ? add_images (store, &instances, record, ret_ids, err) : rc;
}
