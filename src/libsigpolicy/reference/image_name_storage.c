/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/image_name_int.h"

#include "reference/digest.h"
#include "util/fs.h"

/*
 * containers-storage:[driver@graphroot+runroot:options]name: a name within a store, or within the
 * default one. What can be said of it without looking at this host is said here; storage.conf, the
 * images that are there and their IDs are for sources/.
 */

const char *const sp_store_drivers[] = { "btrfs", "overlay", "vfs", "zfs" };
const size_t sp_n_store_drivers = sizeof sp_store_drivers / sizeof *sp_store_drivers;

bool
sp_store_driver_is_known (const char *driver)
{
  for (size_t i = 0; i < sp_n_store_drivers; i++)
    if (strcmp (driver, sp_store_drivers[i]) == 0)
      return true;
  return false;
}

void
sp_store_name_clear (struct sp_store_name *store)
{
  free (store->driver);
  free (store->graph_root);
  free (store->run_root);
  free (store->options);
}

/* Where podman keeps images unless it is told otherwise. */
static int
fill_defaults (struct sp_store_name *store, sigpolicy_error **err)
{
  unsigned uid = (unsigned)geteuid ();
  cleanup_free char *home = uid ? sp_fs_home (err) : NULL;

  if (*err)
    return sigpolicy_error_code (*err);
  if (!store->driver && !(store->driver = sp_strdup ("overlay", err)))
    return SIGPOLICY_E_NO_MEMORY;
  if (!store->graph_root
      && !(store->graph_root
           = uid ? sp_asprintf (err, "%s/.local/share/containers/storage", home ? home : "")
                 : sp_strdup ("/var/lib/containers/storage", err)))
    return SIGPOLICY_E_NO_MEMORY;
  if (!store->run_root
      && !(store->run_root = uid ? sp_asprintf (err, "/run/user/%u/containers", uid)
                                 : sp_strdup ("/run/containers/storage", err)))
    return SIGPOLICY_E_NO_MEMORY;
  return 0;
}

/* A path as the library has it from then on: of an absolute one, the shortest. */
static int
take_path (struct sp_view text, char **ret, sigpolicy_error **err)
{
  cleanup_free char *path = sp_view_dup (text, err);
  if (!path)
    return SIGPOLICY_E_NO_MEMORY;
  if (path[0] != '/')
    return SP_NAME_ERROR (err, "path name is not absolute");
  *ret = sp_fs_clean (path, err);
  return *ret ? 0 : sigpolicy_error_code (*err);
}

/* By its newer name, if it has one. */
static int
take_driver (struct sp_view text, char **ret, sigpolicy_error **err)
{
  if (!text.len)
    return SP_NAME_ERROR (err, "invalid reference");
  *ret = sp_view_is (text, "overlay2") ? sp_strdup ("overlay", err) : sp_view_dup (text, err);
  if (!*ret)
    return SIGPOLICY_E_NO_MEMORY;
  return sp_store_driver_is_known (*ret) ? 0
                                         : SP_NAME_ERROR (err, "\"%s\" is no storage driver", *ret);
}

/* driver@graphroot+runroot:options, of which one of the roots is needed. Options without a driver
 * are for whichever the store turns out to have. */
static int
parse_store (struct sp_view text, struct sp_store_name *store, sigpolicy_error **err)
{
  size_t at = sp_view_find (text, '@');
  int rc = at == SP_VIEW_NONE ? 0 : take_driver (sp_view_head (text, at), &store->driver, err);
  if (rc < 0)
    return rc;
  if (at != SP_VIEW_NONE)
    text = sp_view_from (text, at + 1);

  size_t colon = sp_view_find (text, ':');
  struct sp_view root = sp_view_head (text, colon);
  size_t plus = sp_view_find (root, '+');
  if (colon != SP_VIEW_NONE
      && !(store->options = sp_view_dup (sp_view_from (text, colon + 1), err)))
    return SIGPOLICY_E_NO_MEMORY;
  if (plus != SP_VIEW_NONE)
    {
      struct sp_view run_root = sp_view_from (root, plus + 1);
      rc = run_root.len ? take_path (run_root, &store->run_root, err) : 0;
      if (rc < 0)
        return rc;
      root = sp_view_head (root, plus);
    }
  if (!root.len && !store->run_root)
    return SP_NAME_ERROR (err, "invalid reference");
  rc = root.len ? take_path (root, &store->graph_root, err) : 0;
  return rc == 0 && store->options && store->driver
             ? sp_store_options_walk (store->options, store->driver, NULL, NULL, err)
             : rc;
}

int
sp_store_name_parse (struct sp_view *details, struct sp_store_name *ret, sigpolicy_error **err)
{
  if (!sp_view_starts (*details, sp_view_str ("[")))
    return 0;
  size_t close = sp_view_find (*details, ']');
  if (close == SP_VIEW_NONE)
    return SP_NAME_ERROR (err, "invalid reference");
  int rc = parse_store (sp_view_n (details->data + 1, close - 1), ret, err);
  *details = sp_view_from (*details, close + 1);
  if (rc < 0 || !sp_view_starts (*details, sp_view_str ("[")))
    return rc;
  /* A second one is read over. */
  close = sp_view_find (*details, ']');
  *details = sp_view_from (*details, close == SP_VIEW_NONE ? 0 : close + 1);
  return close == SP_VIEW_NONE ? SP_NAME_ERROR (err, "invalid reference") : 0;
}

int
sp_store_name_take_id (struct sp_view *name, struct sp_view *ret_id, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *no_digest = NULL;
  size_t at = sp_view_find_last (*name, '@');

  *ret_id = sp_view_n ("", 0);
  if (at == SP_VIEW_NONE)
    return 0;
  struct sp_view last = sp_view_from (*name, at + 1);
  if (!last.len)
    return SP_NAME_ERROR (err, "empty trailing digest or ID in \"%.*s\"", (int)name->len,
                          name->data);
  if (sp_digest_check (last, &no_digest) == 0)
    return 0;
  *ret_id = last;
  *name = sp_view_head (*name, at);
  return 0;
}

/* The namespaces of a name within "[driver@root]", from the longest on; then the store itself. */
static int
add_namespaces (const struct sp_store_name *store, const char *prefix,
                const struct sp_reference *reference, struct sp_view id, struct sp_strv *list,
                sigpolicy_error **err)
{
  int rc = 0;
  if (reference && id.len)
    rc = sp_strv_take (list, sp_asprintf (err, "%s%s", prefix, reference->string), err);
  if (rc == 0 && reference && reference->tag && reference->digest)
    rc = sp_strv_take (list, sp_asprintf (err, "%s%s:%s", prefix, reference->name, reference->tag),
                       err);
  struct sp_view name = sp_view_str (reference ? reference->name : "");
  while (rc == 0 && name.len)
    {
      rc = sp_strv_take (list, sp_asprintf (err, "%s%.*s", prefix, (int)name.len, name.data), err);
      size_t slash = sp_view_find_last (name, '/');
      name = sp_view_head (name, slash == SP_VIEW_NONE ? 0 : slash);
    }
  if (rc == 0)
    rc = sp_strv_add (list, sp_view_str (prefix), err);
  return rc < 0 ? rc : sp_strv_take (list, sp_asprintf (err, "[%s]", store->graph_root), err);
}

static int
fill (const struct sp_store_name *store, const struct sp_reference *reference, struct sp_view id,
      struct sp_image_name *name, sigpolicy_error **err)
{
  const char *shown = reference ? reference->string : "", *run_root = store->run_root;
  cleanup_free char *prefix = sp_asprintf (err, "[%s@%s]", store->driver, store->graph_root);
  cleanup_free char *details = sp_asprintf (
      err, "[%s@%s%s%s%s%s]%s%s%.*s", store->driver, store->graph_root, run_root ? "+" : "",
      run_root ? run_root : "", store->options ? ":" : "", store->options ? store->options : "",
      shown, id.len ? "@" : "", (int)id.len, id.data);
  if (!prefix || !details)
    return SIGPOLICY_E_NO_MEMORY;
  name->identity
      = sp_asprintf (err, "%s%s%s%.*s", prefix, shown, id.len ? "@" : "", (int)id.len, id.data);
  name->path = name->identity ? sp_strdup (store->graph_root, err) : NULL;
  if (!name->path)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_image_name_spell (name, details, err);
  return rc < 0 ? rc : add_namespaces (store, prefix, reference, id, &name->namespaces, err);
}

int
sp_image_name_in_store (const struct sp_store_name *store, const struct sp_reference *reference,
                        struct sp_view id, struct sp_image_name **ret, sigpolicy_error **err)
{
  cleanup_image_name struct sp_image_name *name = sp_calloc (1, sizeof *name, err);

  if (!name)
    return SIGPOLICY_E_NO_MEMORY;
  name->transport = SP_TRANSPORT_CONTAINERS_STORAGE;
  int rc = reference ? sp_reference_with_default_tag (reference, &name->reference, err) : 0;
  if (rc == 0)
    rc = fill (store, name->reference, id, name, err);
  if (rc == 0)
    *ret = steal (&name);
  return rc;
}

int
sp_image_name_parse_storage (const char *text, struct sp_image_name *name, sigpolicy_error **err)
{
  SP_CLEANUP (sp_store_name_clear) struct sp_store_name store = { 0 };
  cleanup_reference struct sp_reference *bare = NULL;
  struct sp_view rest = sp_view_str (text), id = { "", 0 };

  int rc = sp_store_name_parse (&rest, &store, err);
  if (rc == 0)
    rc = fill_defaults (&store, err);
  if (rc == 0 && store.options)
    rc = sp_store_options_walk (store.options, store.driver, NULL, NULL, err);
  if (rc == 0 && !rest.len)
    rc = SP_NAME_ERROR (err, "invalid reference");
  if (rc == 0)
    rc = sp_store_name_take_id (&rest, &id, err);
  if (rc == 0 && id.len && !sp_digest_is_hex64 (id))
    rc = SP_NAME_ERROR (err,
                        "\"%.*s\" is neither a digest nor an image ID of 64 digits (a shortened "
                        "ID needs the store)",
                        (int)id.len, id.data);
  if (rc == 0 && rest.len)
    rc = sp_reference_parse (rest, &bare, err);
  if (rc == 0 && bare)
    rc = sp_reference_with_default_tag (bare, &name->reference, err);
  return rc < 0 ? rc : fill (&store, name->reference, id, name, err);
}
