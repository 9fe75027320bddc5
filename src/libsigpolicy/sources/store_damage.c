/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/store_int.h"

#include "util/limits.h"

#include <errno.h>

/*
 * Damage. The storage library reads the records of all containers before it opens a store, and
 * those of all layers before it starts anything of it; where it cannot, nothing of the store can be
 * used. Here these are read for that reason alone, and once until they change. Each file is
 * replaced as a whole by who writes it and is read by itself, so no lock is waited for: podman
 * holds that of the layers for as long as it unpacks one.
 */

struct file
{
  const char *name; /* or NULL */
  enum sp_record_kind kind;
};

struct place
{
  const char *root, *kind; /* "layers" */
  struct file files[2];
  bool is_foreign; /* nobody who uses the store puts it right */
};

/* Where there are records that nothing else reads; false behind the last place. A store whose
 * containers do not outlive the host's run has their records, and those of their layers, below the
 * run root. */
static bool
get_place (const struct sp_store *store, size_t i, struct place *ret)
{
  const struct sp_store_location *location = &store->location;
  const char *graph_root = location->name.graph_root, *run_root = location->name.run_root;
  const size_t n = location->roots.len;
  const bool transient = location->transient;
  const char *root = i < n ? location->roots.items[i] : i == n ? graph_root : run_root;
  const bool own = root && strcmp (root, graph_root) == 0;
  /* A root of the images alone stands before the store's own. */
  const bool lasting = i < n && (own ? transient : !i);

  *ret = (struct place){ .root = root, .kind = i < n || i == n + 1 ? "layers" : "containers" };
  if (i < n)
    {
      ret->files[0] = (struct file){ "layers.json", SP_RECORD_LAYER };
      ret->files[1] = (struct file){ lasting ? NULL : "volatile-layers.json", SP_RECORD_LAYER };
      ret->is_foreign = i && !own;
    }
  else if (i == n)
    {
      ret->files[0] = (struct file){ "containers.json", SP_RECORD_CONTAINER };
      ret->files[1]
          = (struct file){ transient ? NULL : "volatile-containers.json", SP_RECORD_CONTAINER };
    }
  else if (i == n + 1)
    {
      ret->files[0] = (struct file){ "mountpoints.json", SP_RECORD_MOUNT };
      ret->files[1] = (struct file){ transient ? "volatile-layers.json" : NULL, SP_RECORD_LAYER };
    }
  else
    ret->files[0] = (struct file){ "volatile-containers.json", SP_RECORD_CONTAINER };
  return root && i < n + (transient ? 3 : 2);
}

static int
add_names (const struct sp_json *json, sp_json_node record, void *data, sigpolicy_error **err)
{
  sp_json_node names = SP_JSON_ROOT;
  int rc = 0;

  if (!sp_json_find_folded (json, record, "names", &names))
    return 0;
  struct sp_json_iter it = sp_json_iter (json, names);
  while (rc == 0 && sp_json_next (&it))
    rc = sp_strv_add (data, sp_json_string (json, it.value), err);
  return rc;
}

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* A name is one layer's. The library puts its own store right, and takes no other that it would
 * have to. */
static int
check_names (const struct sp_store_look *look, struct sp_strv *names, sigpolicy_error **err)
{
  if (names->len)
    qsort (names->items, names->len, sizeof *names->items, compare_names);
  for (size_t i = 1; i < names->len; i++)
    if (strcmp (names->items[i - 1], names->items[i]) == 0)
      return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                           "read-only layer store assigns the same name to multiple layers: %s",
                           look->directory->root);
  return 0;
}

struct request
{
  const struct place *place;
  struct sp_store_state *sound; /* how the files were when they were last found to be */
};

static int
check_files (const struct sp_store_look *look, void *data, sigpolicy_error **err)
{
  struct request *request = data;
  const struct place *place = request->place;
  SP_CLEANUP (sp_strv_clear) struct sp_strv names = { 0 };
  sp_record_function *read = place->is_foreign ? add_names : NULL;

  if (sp_store_state_equal (request->sound, look->state))
    return 0;
  for (size_t i = 0; i < 2 && place->files[i].name; i++)
    {
      cleanup_buf struct sp_buf text = SP_BUF (SP_STORE_BYTES_MAX);
      int rc = sp_store_look_read_any (look, place->files[i].name, &text, err);
      if (rc == 0)
        rc = sp_records_walk (sp_buf_view (&text), place->files[i].kind, read, &names, err);
      if (rc < 0)
        return sp_store_look_failed (look, place->files[i].name, err);
    }
  int rc = check_names (look, &names, err);
  if (rc == 0)
    *request->sound = *look->state;
  return rc;
}

static int
check_place (const struct sp_store *store, const struct place *place, struct sp_store_state *sound,
             sigpolicy_error **err)
{
  cleanup_free char *name = sp_asprintf (err, "%s-%s", store->location.name.driver, place->kind);
  const struct sp_store_directory directory
      = { place->root, name, NULL, { place->files[0].name, place->files[1].name } };
  struct request request = { place, sound };

  if (!name)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_store_look (&directory, store->lock_ms, check_files, &request, err);
  if (rc == SIGPOLICY_E_NOT_FOUND && sp_error_errnum (*err) == ENOENT)
    {
      sp_error_clear (err);
      return 0;
    }
  return rc;
}

int
sp_store_check_damage (struct sp_store *store, sigpolicy_error **err)
{
  struct place place;
  int rc = 0;

  for (size_t i = 0; rc == 0 && get_place (store, i, &place); i++)
    rc = check_place (store, &place, &store->sound[i], err);
  return rc;
}
