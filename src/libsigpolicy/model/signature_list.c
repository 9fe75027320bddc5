/* SPDX-License-Identifier: Apache-2.0 */
#include "model/attachment_manifest.h"

#include "json/json.h"
#include "model/manifest_int.h"
#include "util/limits.h"

static const struct sp_manifest_field element_fields[] = {
  { "schemaVersion", SP_MANIFEST_INTEGER, NULL },
  { "name", SP_MANIFEST_TEXT, NULL },
  { "type", SP_MANIFEST_TEXT, NULL },
  { "content", SP_MANIFEST_BYTES, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

static const struct sp_manifest_field list_fields[] = {
  { "signatures", SP_MANIFEST_OBJECTS, element_fields },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

struct blobs
{
  struct sp_signature_blob **items;
  size_t len, capacity;
};

static void
blobs_clear (struct blobs *blobs)
{
  for (size_t i = 0; i < blobs->len; i++)
    sp_signature_blob_free (blobs->items[i]);
  free (blobs->items);
}

/* A simple signature of the second version: the only kind there has ever been. */
static bool
is_ours (const struct sp_json *json, sp_json_node element)
{
  struct sp_view type = sp_view_n ("", 0);
  sp_json_node node;
  int64_t version = 0;

  (void)sp_manifest_text (json, element, "type", &type);
  return sp_json_find_folded (json, element, "schemaVersion", &node)
         && sp_json_int64 (json, node, &version) && version == 2 && sp_view_is (type, "atomic");
}

static int
add (const struct sp_json *json, sp_json_node element, const char *where, struct blobs *blobs,
     sigpolicy_error **err)
{
  cleanup_buf struct sp_buf content = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  cleanup_free char *source = sp_asprintf (err, "%s#%zu", where, blobs->len + 1);
  sp_json_node node;

  int rc = source ? sp_grow (&blobs->items, &blobs->capacity, blobs->len, sizeof *blobs->items, err)
                  : SIGPOLICY_E_NO_MEMORY;
  if (rc == 0 && sp_json_find_folded (json, element, "content", &node)
      && sp_json_type_of (json, node) != SP_JSON_NULL)
    rc = sp_json_bytes (json, node, &content, err);
  if (rc == 0)
    rc = sp_signature_blob_of_message (&content, source, &blobs->items[blobs->len], err);
  if (rc == 0)
    blobs->len++;
  return rc;
}

int
sp_signature_list_parse (struct sp_view text, const char *where, struct sp_signature_blob ***ret,
                         size_t *ret_len, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  SP_CLEANUP (blobs_clear) struct blobs blobs = { 0 };
  sp_json_node list;

  int rc = sp_json_parse (text, SP_MANIFEST_DEPTH_MAX, &json, err);
  if (rc == 0)
    rc = sp_manifest_check (json, SP_JSON_ROOT, list_fields, err);
  if (rc < 0)
    return sp_error_while (err, "reading the signatures of %s", where);
  if (sp_json_find_folded (json, SP_JSON_ROOT, "signatures", &list))
    {
      struct sp_json_iter it = sp_json_iter (json, list);
      while (rc == 0 && sp_json_next (&it))
        if (is_ours (json, it.value))
          rc = blobs.len < SP_SIGNATURES_MAX
                   ? add (json, it.value, where, &blobs, err)
                   : sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                                   "there are more than %lu signatures", SP_SIGNATURES_MAX);
    }
  if (rc < 0)
    return rc;
  *ret = blobs.items;
  *ret_len = blobs.len;
  blobs = (struct blobs){ 0 };
  return 0;
}
