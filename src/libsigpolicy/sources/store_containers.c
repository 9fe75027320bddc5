/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/store_int.h"

#include "util/limits.h"

/*
 * containers.json of podman's storage. The ID of the image is the record's own; under which name it
 * was asked for is in a text of the record that holds JSON, as podman writes it.
 */

static void
container_clear (struct sp_stored_container *container)
{
  free (container->id);
  sp_strv_clear (&container->names);
  free (container->image);
  free (container->image_name);
  free (container->layer);
}

void
sp_stored_containers_clear (struct sp_stored_containers *containers)
{
  for (size_t i = 0; i < containers->len; i++)
    container_clear (&containers->items[i]);
  free (containers->items);
}

/* Other programs may keep other things there: what is no JSON has no name. */
static int
read_metadata (struct sp_view text, struct sp_stored_container *container, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_error sigpolicy_error *ignored = NULL;
  sp_json_node name;

  int rc = sp_json_parse (text, SP_STORE_DEPTH_MAX, &json, &ignored);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (rc < 0 || !sp_json_find_folded (json, SP_JSON_ROOT, "image-name", &name)
      || !sp_json_string (json, name).len)
    return 0;
  return sp_record_string (json, name, "image-name", &container->image_name, err);
}

static int
read_record (const struct sp_json *json, sp_json_node record, void *data, sigpolicy_error **err)
{
  struct sp_stored_containers *containers = data;
  sp_json_node value;

  int rc = sp_grow (&containers->items, &containers->capacity, containers->len,
                    sizeof *containers->items, err);
  if (rc < 0)
    return rc;
  struct sp_stored_container *container = &containers->items[containers->len++];
  if (!sp_json_find_folded (json, record, "id", &value))
    {
      (void)sp_json_error (json, record, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                           "a container without an ID");
      return sp_error_stricter (err, "S8");
    }
  rc = sp_record_id (json, value, &container->id, err);
  if (rc == 0 && sp_json_find_folded (json, record, "names", &value))
    rc = sp_record_names (json, value, &container->names, err);
  if (rc == 0 && sp_json_find_folded (json, record, "image", &value)
      && sp_json_type_of (json, value) != SP_JSON_NULL)
    rc = sp_json_type_of (json, value) == SP_JSON_STRING && !sp_json_string (json, value).len
             ? 0
             : sp_record_id (json, value, &container->image, err);
  if (rc == 0 && !container->image)
    rc = (container->image = sp_strdup ("", err)) ? 0 : SIGPOLICY_E_NO_MEMORY;
  if (rc == 0 && sp_json_find_folded (json, record, "layer", &value)
      && sp_json_string (json, value).len)
    rc = sp_record_string (json, value, "layer", &container->layer, err);
  container->is_build = !sp_json_find_folded (json, record, "metadata", &value)
                        || !sp_json_string (json, value).len;
  if (rc == 0 && !container->is_build)
    rc = read_metadata (sp_json_string (json, value), container, err);
  return rc;
}

int
sp_stored_containers_parse (struct sp_view text, struct sp_stored_containers *containers,
                            sigpolicy_error **err)
{
  return sp_records_walk (text, SP_RECORD_CONTAINER, read_record, containers, err);
}
