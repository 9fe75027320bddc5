/* SPDX-License-Identifier: Apache-2.0 */
#include "hook.h"

/*
 * A precreate hook of podman: the configuration of a container goes in, and the same bytes come out
 * when the container may be created. Its image is found by podman's own records, for the
 * configuration names none.
 */

#define CONFIG_BYTES 16777216

/* A root directory that podman's storage driver made: "/graphroot/overlay/LAYER/merged",
 * "/graphroot/vfs/dir/LAYER". */
static const struct driver
{
  const char *name, *before, *behind;
} drivers[] = {
  { "overlay", "/overlay/", "/merged" },
  { "vfs", "/vfs/dir/", "" },
  { "btrfs", "/btrfs/subvolumes/", "" },
  { "zfs", "/zfs/graph/", "" },
};

/* The parts of a root directory, which is cut up. */
struct place
{
  const char *driver, *graph_root, *layer;
};

static bool
take_apart (char *path, struct place *ret)
{
  for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++)
    {
      const struct driver *driver = &drivers[i];
      size_t length = strlen (path), behind = strlen (driver->behind);
      if (length <= behind || strcmp (path + length - behind, driver->behind) != 0)
        continue;
      char *end = path + length - behind, *start = end;
      while (start > path && start[-1] != '/')
        start--;
      size_t before = strlen (driver->before);
      if ((size_t)(start - path) <= before || start == end
          || strncmp (start - before, driver->before, before) != 0)
        continue;
      *end = '\0';
      start[-(ptrdiff_t)before] = '\0';
      *ret = (struct place){ driver->name, path, start };
      return true;
    }
  return false;
}

static const sigpolicy_stored_container *
find_container (const sigpolicy_store *store, const char *layer)
{
  const sigpolicy_stored_container *container;
  for (size_t i = 0; (container = sigpolicy_store_container (store, i)); i++)
    if (container->layer && strcmp (container->layer, layer) == 0)
      return container;
  return NULL;
}

/* As verify --containers does: by the name that the container was created from. */
static int
make_request (const struct options *options, const sigpolicy_stored_container *container,
              sigpolicy_request **ret)
{
  const char *name = container->image_name, *store = options->store ? options->store : "";
  sigpolicy_error *error = NULL;
  char *image = NULL, *reference = NULL;

  /* An ID stands there when it was not created from a name. */
  if (name && strncmp (container->image_id, name, strlen (name)) == 0)
    name = NULL;
  if (asprintf (&image, "containers-storage:%s@%s", store, container->image_id) < 0)
    return complain_error (NULL);
  if (name && asprintf (&reference, "docker://%s", name) < 0)
    {
      free (image);
      return complain_error (NULL);
    }
  int rc = sigpolicy_request_new (ret, &error);
  if (rc == 0)
    rc = sigpolicy_request_set_image (*ret, image, &error);
  if (rc == 0)
    rc = sigpolicy_request_set_reference (*ret, reference, &error);
  free (image);
  free (reference);
  return rc < 0 ? complain_error (error) : 0;
}

static int
judge (const struct options *options, sigpolicy_context *context,
       const sigpolicy_stored_container *container)
{
  sigpolicy_request *request = NULL;
  sigpolicy_verdict *verdict = NULL;
  char *line = NULL;

  int status = make_request (options, container, &request);
  if (status == 0)
    status = hook_judge (options, context, request, &verdict);
  if (status == 0)
    status = verdict_status (options, verdict);
  /* podman shows nothing of it; those who call the hook by hand see why. */
  if (verdict && status != 0 && (line = hook_line (verdict)))
    complain ("%s", line);
  free (line);
  sigpolicy_verdict_free (verdict);
  sigpolicy_request_free (request);
  return status;
}

/* There is no image that a policy could speak of. */
static int
judge_imageless (const struct options *options, const char *path, const char *why)
{
  bool rejected = options->imageless && strcmp (options->imageless, "reject") == 0;

  record_event (options, rejected ? "rejected" : "accepted", path, why);
  if (rejected)
    complain ("%s: %s", path, why);
  return rejected ? EXIT_REJECTED : 0;
}

/* The storage that is asked, and what it is asked with. */
struct storage
{
  sigpolicy_context *context;
  sigpolicy_store *store;
};

static void
storage_clear (struct storage *storage)
{
  sigpolicy_store_free (storage->store);
  sigpolicy_context_free (storage->context);
  *storage = (struct storage){ 0 };
}

static bool
is_in (const sigpolicy_store *store, const struct place *place)
{
  return store && strcmp (sigpolicy_store_root (store), place->graph_root) == 0
         && strcmp (sigpolicy_store_driver (store), place->driver) == 0;
}

/* Where the storage cannot be read, there is none, and error says why. */
static int
open_storage (const struct options *options, struct storage *storage, sigpolicy_error **error)
{
  int status = open_context (options, &storage->context);
  if (status != 0)
    return status;
  sigpolicy_context_set_offline (storage->context, 1);
  /* podman judges the image, too, and reads no bundles. */
  sigpolicy_context_set_bundles (storage->context, SIGPOLICY_BUNDLES_OFF);
  sigpolicy_context_set_referrers (storage->context, 0);
  if (sigpolicy_store_open (storage->context, options->store, SIGPOLICY_STORE_CONTAINERS,
                            &storage->store, error)
      < 0)
    storage->store = NULL;
  return 0;
}

/*
 * podman of a user calls hooks as root of the user's own namespace, and with no environment: the
 * storage, and the home with it, are then those of the user, as they are for podman itself
 * ($_CONTAINERS_ROOTLESS_UID). podman of root in a container is root of such a namespace, too, but
 * has the storage of root.
 */
static int
find_storage (const struct options *options, const struct place *place, const char *path,
              struct storage *ret)
{
  sigpolicy_error *error = NULL;

  int status = home_look_up ();
  if (status == 0 && home_has_outside () && !options->store)
    {
      status = home_be_outside (true);
      if (status == 0)
        status = open_storage (options, ret, &error);
      sigpolicy_error_free (error);
      error = NULL;
      if (status != 0 || is_in (ret->store, place))
        return status;
      storage_clear (ret);
      status = home_be_outside (false);
    }
  if (status != 0)
    return status;
  status = open_storage (options, ret, &error);
  if (status != 0 || is_in (ret->store, place))
    return status;
  if (!ret->store)
    status = complain_error (error);
  else
    {
      complain ("%s is not in the storage %s (%s): name its storage with --store", path,
                sigpolicy_store_root (ret->store), sigpolicy_store_driver (ret->store));
      status = EXIT_NOT_FOUND;
    }
  return status;
}

static int
judge_place (const struct options *options, const struct place *place, const char *path)
{
  struct storage storage = { 0 };

  int status = find_storage (options, place, path, &storage);
  const sigpolicy_stored_container *container
      = status == 0 ? find_container (storage.store, place->layer) : NULL;
  if (status == 0 && !container)
    {
      complain ("the storage %s has no record of the container %s",
                sigpolicy_store_root (storage.store), place->layer);
      status = EXIT_NOT_FOUND;
    }
  else if (status == 0 && container->is_build)
    status = judge_imageless (options, path, "an image is being built in it");
  else if (status == 0 && !container->image_id)
    status = judge_imageless (options, path, "a container without an image");
  else if (status == 0)
    status = judge (options, storage.context, container);
  storage_clear (&storage);
  return status;
}

static int
judge_path (const struct options *options, const char *path)
{
  struct place place;
  char *parts = strdup (path);
  int status = parts ? 0 : complain_error (NULL);

  if (status == 0)
    status = take_apart (parts, &place)
                 ? judge_place (options, &place, path)
                 : judge_imageless (options, path,
                                    "a container made from a directory, without an image");
  free (parts);
  return status;
}

int
hook_oci (const struct verb *verb, const struct options *options)
{
  sigpolicy_error *error = NULL;
  char *config = NULL, *path = NULL;
  size_t size = 0;

  if (options->imageless && strcmp (options->imageless, "allow") != 0
      && strcmp (options->imageless, "reject") != 0)
    return complain_usage (verb, "--imageless takes allow or reject, not '%s'", options->imageless);
  int status = hook_read_input (CONFIG_BYTES, &config, &size);
  if (status == 0 && sigpolicy_runtime_root (config, size, &path, &error) < 0)
    status = complain_error (error);
  if (status == 0)
    status = judge_path (options, path);
  if (status == 0)
    status = print_bytes (config, size);
  free (path);
  free (config);
  return status;
}
