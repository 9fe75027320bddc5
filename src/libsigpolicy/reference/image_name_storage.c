/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/image_name_int.h"

#include "reference/digest.h"
#include "util/fs.h"

/* containers-storage:[driver@graphroot+runroot:options]name: a name within a store, or within the
 * default one. */

struct store
{
  char *driver, *graph_root, *run_root, *options; /* options may be NULL */
};

static void
store_clear (struct store *store)
{
  free (store->driver);
  free (store->graph_root);
  free (store->run_root);
  free (store->options);
}

/* Where podman keeps images unless it is told otherwise. */
static int
fill_defaults (struct store *store, sigpolicy_error **err)
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

/* driver@graphroot+runroot:options, of which only the graph root is needed. */
static int
parse_store (struct sp_view text, struct store *store, sigpolicy_error **err)
{
  size_t at = sp_view_find (text, '@');
  if (at != SP_VIEW_NONE
      && (at == 0 || !(store->driver = sp_view_dup (sp_view_head (text, at), err))))
    return at == 0 ? SP_NAME_ERROR (err, "invalid reference") : SIGPOLICY_E_NO_MEMORY;
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
      if (!sp_view_starts (run_root, sp_view_str ("/")))
        return SP_NAME_ERROR (err, "path name is not absolute");
      if (!(store->run_root = sp_view_dup (run_root, err)))
        return SIGPOLICY_E_NO_MEMORY;
      root = sp_view_head (root, plus);
    }
  if (!root.len)
    return SP_NAME_ERROR (err, "invalid reference");
  if (root.data[0] != '/')
    return SP_NAME_ERROR (err, "path name is not absolute");
  store->graph_root = sp_view_dup (root, err);
  return store->graph_root ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* What stands behind the last "@": a digest stays with the name, an image ID is taken off it. */
static int
split_id (struct sp_view *name, struct sp_view *ret_id, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *no_digest = NULL;
  size_t at = sp_view_find_last (*name, '@');

  if (at == SP_VIEW_NONE)
    return 0;
  struct sp_view last = sp_view_from (*name, at + 1);
  if (sp_digest_is_hex64 (last))
    {
      *ret_id = last;
      *name = sp_view_head (*name, at);
      return 0;
    }
  if (sp_digest_check (last, &no_digest) == 0)
    return 0;
  return SP_NAME_ERROR (err,
                        "\"%.*s\" is neither a digest nor an image ID of 64 digits (a shortened ID "
                        "needs the store)",
                        (int)last.len, last.data);
}

/* The namespaces of a name within "[driver@root]", from the longest on; then the store itself. */
static int
add_namespaces (const struct store *store, const char *prefix, const struct sp_reference *reference,
                struct sp_view id, struct sp_strv *list, sigpolicy_error **err)
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

int
sp_image_name_parse_storage (const char *text, struct sp_image_name *name, sigpolicy_error **err)
{
  SP_CLEANUP (store_clear) struct store store = { 0 };
  cleanup_reference struct sp_reference *bare = NULL;
  struct sp_view rest = sp_view_str (text), id = { "", 0 };
  int rc = 0;

  if (text[0] == '[')
    {
      size_t close = sp_view_find (rest, ']');
      if (close == SP_VIEW_NONE)
        return SP_NAME_ERROR (err, "invalid reference");
      rc = parse_store (sp_view_n (text + 1, close - 1), &store, err);
      rest = sp_view_from (rest, close + 1);
    }
  if (rc == 0)
    rc = fill_defaults (&store, err);
  if (rc == 0 && !rest.len)
    rc = SP_NAME_ERROR (err, "invalid reference");
  if (rc == 0)
    rc = split_id (&rest, &id, err);
  if (rc == 0 && rest.len)
    rc = sp_reference_parse (rest, &bare, err);
  if (rc == 0 && bare)
    rc = sp_reference_with_default_tag (bare, &name->reference, err);
  if (rc < 0)
    return rc;

  const char *shown = name->reference ? name->reference->string : "";
  cleanup_free char *prefix = sp_asprintf (err, "[%s@%s]", store.driver, store.graph_root);
  cleanup_free char *details
      = sp_asprintf (err, "[%s@%s+%s%s%s]%s%s%.*s", store.driver, store.graph_root, store.run_root,
                     store.options ? ":" : "", store.options ? store.options : "", shown,
                     id.len ? "@" : "", (int)id.len, id.data);
  if (!prefix || !details)
    return SIGPOLICY_E_NO_MEMORY;
  name->identity
      = sp_asprintf (err, "%s%s%s%.*s", prefix, shown, id.len ? "@" : "", (int)id.len, id.data);
  if (!name->identity)
    return SIGPOLICY_E_NO_MEMORY;
  name->path = sp_strdup (store.graph_root, err);
  rc = name->path ? sp_image_name_spell (name, details, err) : SIGPOLICY_E_NO_MEMORY;
  return rc < 0 ? rc : add_namespaces (&store, prefix, name->reference, id, &name->namespaces, err);
}
