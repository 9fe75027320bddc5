/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/store_int.h"

#include "util/buf.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>

/*
 * An open store: where it is, and the records that were last read. Those are read again only when
 * the lock file or the file of the records say that they have changed, which is asked each time.
 */

static int
copy_name (struct sp_store_name *to, const struct sp_store_name *from, sigpolicy_error **err)
{
  int rc = sp_keep (&to->driver, from->driver, err);
  if (rc == 0)
    rc = sp_keep (&to->graph_root, from->graph_root, err);
  if (rc == 0)
    rc = sp_keep (&to->run_root, from->run_root, err);
  return rc < 0 ? rc : sp_keep (&to->options, from->options, err);
}

void
sp_store_free (struct sp_store *store)
{
  if (!store)
    return;
  for (size_t i = 0; store->images && i < store->location.roots.len; i++)
    sp_stored_images_free (store->images[i]);
  free (store->images);
  free (store->sound);
  sp_store_name_clear (&store->said);
  sp_store_location_clear (&store->location);
  free (store);
}

static int
make (const struct sp_store_name *said, struct sp_store **ret, sigpolicy_error **err)
{
  cleanup_store struct sp_store *store = sp_calloc (1, sizeof *store, err);
  if (!store)
    return SIGPOLICY_E_NO_MEMORY;
  store->lock_ms = SP_STORE_LOCK_MS;
  int rc = said ? copy_name (&store->said, said, err) : 0;
  if (rc == 0)
    *ret = steal (&store);
  return rc;
}

static int
make_room (struct sp_store *store, sigpolicy_error **err)
{
  size_t n = store->location.roots.len;
  store->images = sp_calloc (n + 1, sizeof *store->images, err);
  store->sound = sp_calloc (n + SP_STORE_MORE_PLACES, sizeof *store->sound, err);
  return store->images && store->sound ? 0 : SIGPOLICY_E_NO_MEMORY;
}

int
sp_store_open (const struct sp_store_name *said, const struct sp_store_setup *setup,
               struct sp_store **ret, sigpolicy_error **err)
{
  cleanup_store struct sp_store *store = NULL;
  int rc = make (said, &store, err);
  if (rc == 0)
    rc = sp_store_find (said, setup, &store->location, err);
  if (rc == 0)
    rc = make_room (store, err);
  if (rc == 0)
    *ret = steal (&store);
  return rc;
}

int
sp_store_share (const struct sp_store *store, struct sp_store **ret, sigpolicy_error **err)
{
  cleanup_store struct sp_store *other = NULL;
  const struct sp_store_location *location = &store->location;

  int rc = make (&store->said, &other, err);
  if (rc == 0)
    rc = copy_name (&other->location.name, &location->name, err);
  if (rc == 0)
    rc = sp_keep (&other->location.file, location->file, err);
  for (size_t i = 0; rc == 0 && i < location->roots.len; i++)
    rc = sp_strv_add (&other->location.roots, sp_view_str (location->roots.items[i]), err);
  if (rc == 0)
    rc = make_room (other, err);
  if (rc < 0)
    return rc;
  other->location.transient = location->transient;
  other->lock_ms = store->lock_ms;
  for (size_t i = 0; i < location->roots.len; i++)
    other->images[i] = sp_stored_images_ref (store->images[i]);
  memcpy (other->sound, store->sound,
          (location->roots.len + SP_STORE_MORE_PLACES) * sizeof *other->sound);
  *ret = steal (&other);
  return 0;
}

bool
sp_store_is (const struct sp_store *store, const struct sp_store_name *said)
{
  return sp_text_equal (store->said.driver, said->driver)
         && sp_text_equal (store->said.graph_root, said->graph_root)
         && sp_text_equal (store->said.run_root, said->run_root)
         && sp_text_equal (store->said.options, said->options);
}

/* --- records ---------------------------------------------------------------------------------- */

/* "overlay-images" of a root. */
static int
describe (const struct sp_store *store, const char *root, const char *kind,
          struct sp_store_directory *ret, sigpolicy_error **err)
{
  ret->root = root;
  ret->name = sp_asprintf (err, "%s-%s", store->location.name.driver, kind);
  return ret->name ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static void
directory_clear (struct sp_store_directory *directory)
{
  free (directory->name);
}

#define cleanup_directory SP_CLEANUP (directory_clear)

static int
images_directory (const struct sp_store *store, size_t root, struct sp_store_directory *ret,
                  sigpolicy_error **err)
{
  ret->lock = "images.lock";
  ret->files[0] = "images.json";
  return describe (store, store->location.roots.items[root], "images", ret, err);
}

static int
read_images (const struct sp_store_look *look, struct sp_stored_images **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_STORE_BYTES_MAX);
  int rc = sp_store_look_read_any (look, look->directory->files[0], &text, err);
  if (rc == 0)
    rc = sp_stored_images_parse (&text, ret, err);
  if (rc < 0)
    return sp_store_look_failed (look, look->directory->files[0], err);
  (*ret)->state = *look->state;
  return 0;
}

/* Reads the records if they are not those that are there. */
static int
refresh (const struct sp_store_look *look, void *data, sigpolicy_error **err)
{
  struct sp_stored_images **slot = data, *images = NULL;

  if (*slot && sp_store_state_equal (&(*slot)->state, look->state))
    return 0;
  int rc = read_images (look, &images, err);
  if (rc < 0)
    return rc;
  sp_stored_images_free (*slot);
  *slot = images;
  return 0;
}

/* A root that is not there has no images; the store's own is to be there. */
static int
forgive_absence (size_t root, struct sp_stored_images **slot, sigpolicy_error **err)
{
  struct sp_buf none = SP_BUF (0);

  if (!root || sp_error_errnum (*err) != ENOENT)
    return sigpolicy_error_code (*err);
  sp_error_clear (err);
  sp_stored_images_free (*slot);
  *slot = NULL;
  return sp_stored_images_parse (&none, slot, err);
}

/* The store has no images of its driver: has it some of another? */
static int
check_driver (const struct sp_store *store, sigpolicy_error **err)
{
  const struct sp_store_location *location = &store->location;
  const char *root = location->name.graph_root;
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < sp_n_store_drivers; i++)
    {
      cleanup_error sigpolicy_error *absent = NULL;
      cleanup_stored_images struct sp_stored_images *images = NULL;
      cleanup_free char *name = sp_asprintf (err, "%s-images", sp_store_drivers[i]);
      const struct sp_store_directory directory
          = { .root = root, .name = name, .lock = "images.lock", .files = { "images.json" } };
      if (!name)
        return SIGPOLICY_E_NO_MEMORY;
      if (strcmp (sp_store_drivers[i], location->name.driver) == 0)
        continue;
      rc = sp_store_look (&directory, store->lock_ms, refresh, &images, &absent);
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      if (rc == 0 && images->len)
        {
          (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                              "the storage '%s' has no images of the driver %s, and %zu of %s",
                              root, location->name.driver, images->len, sp_store_drivers[i]);
          (void)sp_error_position (err, location->file, 0, 0, NULL);
          return sp_error_hint (err,
                                "podman goes by the driver that a store was made with: name "
                                "[%s@%s], or set 'driver' in storage.conf",
                                sp_store_drivers[i], root);
        }
      rc = 0;
    }
  return rc;
}

/* No directory has images: is one of them a store at all, of whichever driver? */
static int
check_is_store (const struct sp_store *store, sigpolicy_error **err)
{
  const struct sp_strv *roots = &store->location.roots;
  const char *root = store->location.name.graph_root;
  bool found = false;
  int rc = 0;

  for (size_t i = 0; i < roots->len; i++)
    if (store->images[i]->len)
      return 0;
  for (size_t i = 0; i < roots->len; i++)
    for (size_t j = 0; rc == 0 && !found && j < sp_n_store_drivers; j++)
      {
        cleanup_free char *path
            = sp_asprintf (err, "%s/%s-images", roots->items[i], sp_store_drivers[j]);
        rc = path ? sp_fs_exists (path, &found, err) : SIGPOLICY_E_NO_MEMORY;
      }
  if (rc < 0 || found)
    return rc;
  (void)sp_error_set (err, SIGPOLICY_E_NOT_FOUND, SIGPOLICY_REASON_NOT_FOUND,
                      "there is no storage in the directory '%s'", root);
  return sp_error_position (err, store->location.file, 0, 0, NULL);
}

static int
refresh_images (struct sp_store *store, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < store->location.roots.len; i++)
    {
      cleanup_directory struct sp_store_directory directory = { 0 };
      rc = images_directory (store, i, &directory, err);
      if (rc == 0)
        rc = sp_store_look (&directory, store->lock_ms, refresh, &store->images[i], err);
      if (rc == SIGPOLICY_E_NOT_FOUND)
        rc = forgive_absence (i, &store->images[i], err);
      /* The store's own is put right by who uses it; nobody can do that with another. */
      if (rc == 0 && i && store->images[i]->shares_names)
        rc = sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                           "read-only image store assigns the same name to multiple images: %s",
                           store->location.roots.items[i]);
    }
  return rc;
}

int
sp_store_refresh (struct sp_store *store, sigpolicy_error **err)
{
  int rc = refresh_images (store, err);
  if (rc == 0 && !store->images[0]->len)
    rc = check_driver (store, err);
  if (rc == 0 && !store->images[0]->len)
    rc = check_is_store (store, err);
  return rc < 0 ? rc : sp_store_check_damage (store, err);
}

static int
read_containers (const struct sp_store_look *look, void *data, sigpolicy_error **err)
{
  struct sp_stored_containers *containers = data;
  int rc = 0;

  sp_stored_containers_clear (containers);
  *containers = (struct sp_stored_containers){ 0 };
  for (size_t i = 0; rc == 0 && i < 2 && look->directory->files[i]; i++)
    {
      cleanup_buf struct sp_buf text = SP_BUF (SP_STORE_BYTES_MAX);
      rc = sp_store_look_read_any (look, look->directory->files[i], &text, err);
      if (rc == 0)
        rc = sp_stored_containers_parse (sp_buf_view (&text), containers, err);
      if (rc < 0)
        rc = sp_store_look_failed (look, look->directory->files[i], err);
    }
  return rc;
}

/* Takes what was read behind what is there. */
static int
append (struct sp_stored_containers *to, struct sp_stored_containers *from, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < from->len; i++)
    {
      rc = sp_grow (&to->items, &to->capacity, to->len, sizeof *to->items, err);
      if (rc == 0)
        {
          to->items[to->len++] = from->items[i];
          from->items[i] = (struct sp_stored_container){ 0 };
        }
    }
  return rc;
}

/* Those that do not outlive the host's run may be below the run root alone. */
int
sp_store_containers (const struct sp_store *store, struct sp_stored_containers *ret,
                     sigpolicy_error **err)
{
  const char *const roots[] = { store->location.name.graph_root, store->location.name.run_root };
  SP_CLEANUP (sp_stored_containers_clear) struct sp_stored_containers all = { 0 };
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < 2 && roots[i]; i++)
    {
      SP_CLEANUP (sp_stored_containers_clear) struct sp_stored_containers some = { 0 };
      cleanup_directory struct sp_store_directory directory
          = { .lock = "containers.lock",
              .files = { i ? "volatile-containers.json" : "containers.json",
                         i ? NULL : "volatile-containers.json" } };
      rc = describe (store, roots[i], "containers", &directory, err);
      if (rc == 0)
        rc = sp_store_look (&directory, store->lock_ms, read_containers, &some, err);
      if (i && sp_error_errnum (*err) == ENOENT)
        {
          sp_error_clear (err);
          rc = 0;
        }
      if (rc == 0)
        rc = append (&all, &some, err);
    }
  if (rc < 0)
    return rc;
  *ret = all;
  all = (struct sp_stored_containers){ 0 };
  return 0;
}

/* --- what is kept with an image --------------------------------------------------------------- */

void
sp_store_image_clear (struct sp_store_image *image)
{
  sp_stored_images_free (image->images);
  *image = (struct sp_store_image){ 0 };
}

struct data_request
{
  struct sp_store *store;
  struct sp_store_image *image;
  const char *file;
  struct sp_buf *buf;
};

/* The same image among the records as they are now. */
static int
follow (const struct sp_store_look *look, struct data_request *request, sigpolicy_error **err)
{
  struct sp_store_image *image = request->image;
  struct sp_stored_images **slot = &request->store->images[image->root];

  int rc = refresh (look, slot, err);
  if (rc < 0)
    return rc;
  const struct sp_stored_image *now
      = sp_stored_images_by_id (*slot, sp_view_str (image->record->id));
  if (!now || !sp_stored_image_same_content (now, image->record))
    return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                         "the image %s was %s while it was read", image->record->id,
                         now ? "changed" : "removed");
  sp_stored_images_free (image->images);
  image->images = sp_stored_images_ref (*slot);
  image->record = now;
  return 0;
}

static int
read_data (const struct sp_store_look *look, void *data, sigpolicy_error **err)
{
  struct data_request *request = data;
  size_t max = request->buf->max;
  int rc = 0;

  sp_buf_clear (request->buf);
  *request->buf = (struct sp_buf)SP_BUF (max);
  if (!sp_store_state_equal (&request->image->images->state, look->state))
    rc = follow (look, request, err);
  if (rc < 0)
    return rc;
  cleanup_free char *path = sp_asprintf (err, "%s/%s", request->image->record->id, request->file);
  return path ? sp_store_look_read (look, path, request->buf, err) : SIGPOLICY_E_NO_MEMORY;
}

int
sp_store_read_data (struct sp_store *store, struct sp_store_image *image, struct sp_view key,
                    struct sp_buf *buf, sigpolicy_error **err)
{
  cleanup_directory struct sp_store_directory directory = { 0 };
  cleanup_free char *file = sp_store_file_name (key, err);
  struct data_request request = { store, image, file, buf };

  if (!file)
    return sigpolicy_error_code (*err);
  int rc = images_directory (store, image->root, &directory, err);
  return rc < 0 ? rc : sp_store_look (&directory, store->lock_ms, read_data, &request, err);
}
