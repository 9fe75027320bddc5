/* SPDX-License-Identifier: Apache-2.0 */
#include "show/show_int.h"

#include "model/registries_d.h"
#include "util/alloc.h"
#include "util/fs.h"
#include "util/limits.h"
#include "yaml/yaml.h"

#include <errno.h>

struct section
{
  struct sp_view scope; /* of the file that it is in; data is NULL for the default */
  struct sp_view store;
};

struct sp_show_store
{
  struct sp_yaml **files;
  size_t n_files, files_capacity;
  struct section *sections;
  size_t n_sections, capacity;
};

void
sp_show_store_free (struct sp_show_store *store)
{
  if (!store)
    return;
  for (size_t i = 0; i < store->n_files; i++)
    sp_yaml_free (store->files[i]);
  free (store->files);
  free (store->sections);
  free (store);
}

/* The value of a key whose case does not count; the last of several. */
static const struct sp_yaml_node *
find (const struct sp_yaml_node *mapping, const char *name)
{
  const struct sp_yaml_node *found = NULL;
  mapping = mapping ? sp_yaml_target (mapping) : NULL;
  for (size_t i = 0; mapping && mapping->type == SP_YAML_MAPPING && i + 1 < mapping->n_children;
       i += 2)
    if (sp_json_folds_to (sp_yaml_target (mapping->children[i])->text, name))
      found = sp_yaml_target (mapping->children[i + 1]);
  return found && !sp_yaml_is_null (found) ? found : NULL;
}

static struct sp_view
text_of (const struct sp_yaml_node *section, const char *name)
{
  const struct sp_yaml_node *value = find (section, name);
  return value && value->type == SP_YAML_SCALAR ? value->text : sp_view_n ("", 0);
}

static int
add_section (struct sp_show_store *store, struct sp_view scope, const struct sp_yaml_node *node,
             sigpolicy_error **err)
{
  int rc = sp_grow (&store->sections, &store->capacity, store->n_sections, sizeof *store->sections,
                    err);
  if (rc < 0)
    return rc;
  struct sp_view lookaside = text_of (node, "lookaside");
  store->sections[store->n_sections++]
      = (struct section){ scope, lookaside.len ? lookaside : text_of (node, "sigstore") };
  return 0;
}

static int
add_file (struct sp_show_store *store, const char *path, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);

  if (sp_fs_read (path, &text, err) < 0)
    {
      if (sp_error_errnum (*err) != ENOENT)
        return sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
      sp_error_clear (err);
      return 0;
    }
  int rc
      = sp_grow (&store->files, &store->files_capacity, store->n_files, sizeof *store->files, err);
  if (rc < 0)
    return rc;
  if (sp_yaml_parse (sp_buf_view (&text), &store->files[store->n_files], err) < 0)
    {
      (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
      return sp_error_position (err, path, 0, 0, NULL);
    }
  const struct sp_yaml_node *root = sp_yaml_root (store->files[store->n_files++]);
  const struct sp_yaml_node *fallback = find (root, "default-docker");
  const struct sp_yaml_node *docker = find (root, "docker");
  if (fallback)
    rc = add_section (store, sp_view_n (NULL, 0), fallback, err);
  for (size_t i = 0;
       rc == 0 && docker && docker->type == SP_YAML_MAPPING && i + 1 < docker->n_children; i += 2)
    rc = add_section (store, sp_yaml_target (docker->children[i])->text, docker->children[i + 1],
                      err);
  return rc;
}

int
sp_show_store_load (const char *directory, struct sp_show_store **ret, sigpolicy_error **err)
{
  cleanup_show_store struct sp_show_store *store = sp_calloc (1, sizeof *store, err);
  cleanup_strv struct sp_strv files = { 0 };
  int rc = store ? sp_registries_d_list (directory, &files, err) : SIGPOLICY_E_NO_MEMORY;

  for (size_t i = 0; rc == 0 && i < files.len; i++)
    rc = add_file (store, files.items[i], err);
  if (rc == 0)
    *ret = steal (&store);
  return rc;
}

static const struct section *
find_section (const struct sp_show_store *store, struct sp_view scope)
{
  const struct section *found = NULL;
  for (size_t i = 0; i < store->n_sections; i++)
    if (!store->sections[i].scope.data == !scope.data
        && sp_view_equal (store->sections[i].scope, scope))
      found = &store->sections[i];
  return found;
}

struct sp_view
sp_show_store_of (const struct sp_show_store *store, struct sp_view scope)
{
  const struct section *found = NULL;
  while (scope.len && !(found = find_section (store, scope)))
    {
      size_t slash = sp_view_find_last (scope, '/');
      scope = sp_view_head (scope, slash == SP_VIEW_NONE ? 0 : slash);
    }
  if (!found)
    found = find_section (store, sp_view_n (NULL, 0));
  return found ? found->store : sp_view_n ("", 0);
}
