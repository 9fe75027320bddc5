/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

/* The public structs borrow from the records, which are kept. */
struct sigpolicy_store
{
  struct sp_store *store;
  struct sp_stored_containers records;
  sigpolicy_stored_image *images;
  size_t n_images;
  sigpolicy_stored_container *containers;
  size_t n_containers;
};

void
sigpolicy_store_free (sigpolicy_store *store)
{
  if (!store)
    return;
  sp_store_free (store->store);
  sp_stored_containers_clear (&store->records);
  free (store->images);
  free (store->containers);
  free (store);
}

SP_DEFINE_CLEANUP (sigpolicy_store *, sigpolicy_store_free);

static const char *const *
list (const struct sp_strv *texts)
{
  return (const char *const *)texts->items;
}

/* Is the image also in a directory that is searched before? */
static bool
is_second (const struct sp_store *store, size_t root, const struct sp_stored_image *image)
{
  for (size_t i = 0; i < root; i++)
    if (sp_stored_images_by_id (store->images[i], sp_view_str (image->id)))
      return true;
  return false;
}

static int
list_images (sigpolicy_store *handle, sigpolicy_error **err)
{
  struct sp_store *store = handle->store;
  size_t n = 0;

  int rc = sp_store_refresh (store, err);
  if (rc < 0)
    return rc;
  for (size_t root = 0; root < store->location.roots.len; root++)
    n += store->images[root]->len;
  handle->images = sp_calloc (n + 1, sizeof *handle->images, err);
  if (!handle->images)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t root = 0; root < store->location.roots.len; root++)
    for (size_t i = 0; i < store->images[root]->len; i++)
      {
        const struct sp_stored_image *image = &store->images[root]->items[i];
        if (!is_second (store, root, image))
          handle->images[handle->n_images++] = (sigpolicy_stored_image){
            .id = image->id,
            .digest = image->digests.len ? image->digests.items[0] : NULL,
            .names = list (&image->names),
            .n_names = image->names.len,
            .digests = list (&image->digests),
            .n_digests = image->digests.len,
            .root = store->location.roots.items[root],
          };
      }
  return 0;
}

static int
list_containers (sigpolicy_store *handle, sigpolicy_error **err)
{
  int rc = sp_store_containers (handle->store, &handle->records, err);
  if (rc < 0)
    return rc;
  handle->containers = sp_calloc (handle->records.len + 1, sizeof *handle->containers, err);
  if (!handle->containers)
    return SIGPOLICY_E_NO_MEMORY;
  for (; handle->n_containers < handle->records.len; handle->n_containers++)
    {
      const struct sp_stored_container *record = &handle->records.items[handle->n_containers];
      handle->containers[handle->n_containers] = (sigpolicy_stored_container){
        .id = record->id,
        .names = list (&record->names),
        .n_names = record->names.len,
        .image_id = record->image[0] ? record->image : NULL,
        .image_name = record->image_name,
      };
    }
  return 0;
}

static int
open_store (struct sp_host *host, const char *name, unsigned flags, sigpolicy_store **ret,
            sigpolicy_error **err)
{
  SP_CLEANUP (sigpolicy_store_free_p) sigpolicy_store *handle = sp_calloc (1, sizeof *handle, err);
  SP_CLEANUP (sp_store_name_clear) struct sp_store_name said = { 0 };
  struct sp_view rest = sp_view_str (name);
  struct sp_store *store = NULL;

  int rc = handle ? sp_store_name_parse (&rest, &said, err) : SIGPOLICY_E_NO_MEMORY;
  if (rc == 0 && rest.len)
    rc = sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                       "\"%s\" is not the name of a store, [driver@graphroot]", name);
  if (rc == 0)
    rc = sp_host_store (host, &said, &store, err);
  if (rc == 0 && flags & SIGPOLICY_STORE_IMAGES)
    rc = sp_store_refresh (store, err);
  /* The context goes on to newer records as it meets them; these stay. */
  if (rc == 0)
    rc = sp_store_share (store, &handle->store, err);
  if (rc == 0 && flags & SIGPOLICY_STORE_IMAGES)
    rc = list_images (handle, err);
  if (rc == 0 && flags & SIGPOLICY_STORE_CONTAINERS)
    rc = list_containers (handle, err);
  if (rc == 0)
    *ret = steal (&handle);
  return rc;
}

int
sigpolicy_store_open (sigpolicy_context *context, const char *name, unsigned flags,
                      sigpolicy_store **ret_store, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = context && ret_store ? open_store (&context->host, name, flags, ret_store, &mine)
                                : sp_api_misuse ("context or ret_store", &mine);
  return sp_api_done (err, &mine, rc);
}

const char *
sigpolicy_store_driver (const sigpolicy_store *store)
{
  return store ? store->store->location.name.driver : NULL;
}

const char *
sigpolicy_store_root (const sigpolicy_store *store)
{
  return store ? store->store->location.name.graph_root : NULL;
}

const char *
sigpolicy_store_file (const sigpolicy_store *store)
{
  return store ? store->store->location.file : NULL;
}

const sigpolicy_stored_image *
sigpolicy_store_image (const sigpolicy_store *store, size_t number)
{
  return store && number < store->n_images ? &store->images[number] : NULL;
}

const sigpolicy_stored_container *
sigpolicy_store_container (const sigpolicy_store *store, size_t number)
{
  return store && number < store->n_containers ? &store->containers[number] : NULL;
}
