/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "explain/explain.h"

/* The public structs borrow from the records, which are kept. */
struct sigpolicy_store
{
  struct sp_store *store;
  struct sp_stored_containers records;
  sigpolicy_stored_image *images;
  size_t n_images;
  struct sp_strv *starts; /* of each image, what a list would start */
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
  for (size_t i = 0; store->starts && i < store->n_images; i++)
    sp_strv_clear (&store->starts[i]);
  free (store->starts);
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

static bool
has_name (const struct sp_stored_image *image, const char *name)
{
  for (size_t i = 0; i < image->names.len; i++)
    if (strcmp (image->names.items[i], name) == 0)
      return true;
  return false;
}

/* An image that the store itself has is what that says. Additional stores add their names to each
 * other's: a container may be created by any of them. */
static bool
is_second (const struct sp_store *store, size_t root, const struct sp_stored_image *image)
{
  for (size_t i = 0; i < root; i++)
    {
      const struct sp_stored_image *first
          = sp_stored_images_by_id (store->images[i], sp_view_str (image->id));
      bool adds = false;
      for (size_t j = 0; first && i && j < image->names.len && !adds; j++)
        adds = !has_name (first, image->names.items[j]);
      if (first && !adds)
        return true;
    }
  return false;
}

/* reader reads what is kept with images, and may go on to newer records for that; those of the
 * handle stay. */
static int
add_image (sigpolicy_store *handle, struct sp_store *reader, size_t root,
           const struct sp_stored_image *image, sigpolicy_error **err)
{
  struct sp_strv *starts = &handle->starts[handle->n_images];
  bool is_list = false;

  int rc = sp_store_list_starts (reader, root, image, &is_list, starts, err);
  handle->images[handle->n_images++] = (sigpolicy_stored_image){
    .id = image->id,
    .digest = image->digests.len ? image->digests.items[0] : NULL,
    .names = list (&image->names),
    .n_names = image->names.len,
    .digests = list (&image->digests),
    .n_digests = image->digests.len,
    .root = handle->store->location.roots.items[root],
    .is_list = is_list,
    .starts = list (starts),
    .n_starts = starts->len,
  };
  return rc;
}

static int
list_images (sigpolicy_store *handle, sigpolicy_error **err)
{
  cleanup_store struct sp_store *reader = NULL;
  struct sp_store *store = handle->store;
  size_t n = 0;

  int rc = sp_store_refresh (store, err);
  if (rc < 0)
    return rc;
  for (size_t root = 0; root < store->location.roots.len; root++)
    n += store->images[root]->len;
  handle->images = sp_calloc (n + 1, sizeof *handle->images, err);
  handle->starts = handle->images ? sp_calloc (n + 1, sizeof *handle->starts, err) : NULL;
  if (!handle->starts)
    return SIGPOLICY_E_NO_MEMORY;
  rc = sp_store_share (store, &reader, err);
  for (size_t root = 0; rc == 0 && root < store->location.roots.len; root++)
    for (size_t i = 0; rc == 0 && i < store->images[root]->len; i++)
      {
        const struct sp_stored_image *image = &store->images[root]->items[i];
        if (!is_second (store, root, image))
          rc = add_image (handle, reader, root, image, err);
      }
  return rc;
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
        .is_build = record->is_build,
        .layer = record->layer,
      };
    }
  return 0;
}

static int
open_store (struct sp_context *context, const char *name, unsigned flags, sigpolicy_store **ret,
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
    rc = sp_context_store (context, &said, &store, err);
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
  int rc = sp_api_is_ready (context) && ret_store
               ? open_store (&context->inner, name, flags, ret_store, &mine)
               : sp_api_misuse_of (context, "context or ret_store", &mine);
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

const char *
sigpolicy_stored_kind_name (sigpolicy_stored_kind kind)
{
  return sp_explain_stored_name (kind);
}

const char *
sigpolicy_stored_kind_words (sigpolicy_stored_kind kind)
{
  return sp_explain_stored_words (kind);
}

int
sigpolicy_stored_format (sigpolicy_stored_kind kind, const char *id, size_t line, const char *name,
                         char **ret_text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!id || !ret_text)
    return sp_api_done (err, &mine, sp_api_misuse ("id or ret_text", &mine));
  char *text = sp_explain_stored (kind, id, line, name, &mine);
  if (text)
    *ret_text = text;
  return sp_api_done (err, &mine, text ? 0 : sigpolicy_error_code (mine));
}
