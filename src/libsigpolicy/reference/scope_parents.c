/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/image_name_int.h"

#include "util/limits.h"

/* Without "@..." and the tag behind the last slash; true when there was one of them. */
static bool
strip_selector (struct sp_view *name)
{
  size_t at = sp_view_find (*name, '@');
  bool stripped = at != SP_VIEW_NONE;

  *name = sp_view_head (*name, at);
  size_t slash = sp_view_find_last (*name, '/');
  size_t colon
      = slash == SP_VIEW_NONE ? SP_VIEW_NONE : sp_view_find (sp_view_from (*name, slash), ':');
  if (colon == SP_VIEW_NONE)
    return stripped;
  *name = sp_view_head (*name, slash + colon);
  return true;
}

static int
docker_parents (struct sp_view scope, struct sp_strv *ret, sigpolicy_error **err)
{
  struct sp_view name = scope;
  bool selected = strip_selector (&name);
  size_t slash = sp_view_find_last (name, '/');

  /* A host; of "*.example.com" the first wildcard would be itself. */
  if (!selected && slash == SP_VIEW_NONE)
    return sp_image_name_add_wildcards (
        sp_view_starts (name, sp_view_str ("*.")) ? sp_view_from (name, 2) : name, ret, err);
  if (!selected)
    name = sp_view_head (name, slash);
  return name.len ? sp_image_name_add_namespaces (name, ret, err) : 0;
}

static int
path_parents (struct sp_view scope, struct sp_strv *ret, sigpolicy_error **err)
{
  size_t slash;
  int rc = 0;
  while (rc == 0 && (slash = sp_view_find_last (scope, '/')) != SP_VIEW_NONE && slash > 0)
    {
      scope = sp_view_head (scope, slash);
      rc = sp_strv_add (ret, scope, err);
    }
  return rc;
}

/* [driver@root]name:tag@ID, then its names within the store, the store, and its root alone. */
static int
storage_parents (struct sp_view scope, struct sp_strv *ret, sigpolicy_error **err)
{
  size_t close = sp_view_find (scope, ']');
  if (close == SP_VIEW_NONE)
    return 0;
  struct sp_view store = sp_view_head (scope, close + 1), root = sp_view_from (store, 1);
  struct sp_view name = sp_view_from (scope, close + 1);
  int rc = 0;

  size_t id = sp_view_find_last (name, '@');
  if (id != SP_VIEW_NONE)
    {
      rc = sp_strv_add (ret, sp_view_head (scope, store.len + id), err);
      name = sp_view_head (name, id);
    }
  if (rc == 0 && strip_selector (&name))
    rc = sp_strv_add (ret, sp_view_head (scope, store.len + name.len), err);
  while (rc == 0 && name.len)
    {
      size_t slash = sp_view_find_last (name, '/');
      name = sp_view_head (name, slash == SP_VIEW_NONE ? 0 : slash);
      rc = sp_strv_add (ret, sp_view_head (scope, store.len + name.len), err);
    }
  size_t at = sp_view_find (root, '@');
  if (rc < 0 || at == SP_VIEW_NONE)
    return rc;
  root = sp_view_from (root, at + 1);
  return sp_strv_take (ret, sp_asprintf (err, "[%.*s", (int)root.len, root.data), err);
}

int
sp_scope_parents (enum sp_transport transport, struct sp_view scope, struct sp_strv *ret,
                  sigpolicy_error **err)
{
  /* What has a NUL in it, or is longer than a path and a name, is no part of any name. Its parents
   * could be many, and each as long. */
  if (sp_view_find (scope, '\0') != SP_VIEW_NONE
      || scope.len > SP_PATH_BYTES_MAX + SP_REFERENCE_BYTES_MAX)
    return 0;
  switch (transport)
    {
    case SP_TRANSPORT_ATOMIC:
    case SP_TRANSPORT_DOCKER:
    case SP_TRANSPORT_DOCKER_DAEMON:
      return docker_parents (scope, ret, err);
    case SP_TRANSPORT_DIR:
    case SP_TRANSPORT_OCI:
    case SP_TRANSPORT_OCI_ARCHIVE:
    case SP_TRANSPORT_SIF:
      return path_parents (scope, ret, err);
    case SP_TRANSPORT_CONTAINERS_STORAGE:
      return storage_parents (scope, ret, err);
    case SP_TRANSPORT_DOCKER_ARCHIVE:
    case SP_TRANSPORT_OSTREE:
    case SP_TRANSPORT_TARBALL:
      break;
    }
  return 0;
}
