/* SPDX-License-Identifier: Apache-2.0 */
#include "model/attachment_manifest.h"

#include "json/json.h"
#include "model/manifest_int.h"
#include "util/codec.h"
#include "util/limits.h"

struct sp_attachments
{
  struct sp_buf text;
  struct sp_json *json;
  sp_json_node *layers;
  char **digests;
  size_t len, capacity, digests_capacity;
};

static const struct sp_manifest_field manifest_fields[] = {
  { "schemaVersion", SP_MANIFEST_INTEGER, NULL },
  { "mediaType", SP_MANIFEST_TEXT, NULL },
  { "config", SP_MANIFEST_OBJECT, sp_manifest_descriptor },
  { "layers", SP_MANIFEST_OBJECTS, sp_manifest_descriptor },
  { "annotations", SP_MANIFEST_TEXT_MAP, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

char *
sp_attachments_tag (const char *digest, sigpolicy_error **err)
{
  char *tag = sp_asprintf (err, "%s.sig", digest);
  if (tag)
    tag[strcspn (tag, ":")] = '-';
  return tag;
}

void
sp_attachments_free (struct sp_attachments *attachments)
{
  if (!attachments)
    return;
  for (size_t i = 0; i < attachments->len; i++)
    free (attachments->digests[i]);
  free (attachments->digests);
  free (attachments->layers);
  sp_json_free (attachments->json);
  sp_buf_clear (&attachments->text);
  free (attachments);
}

static int
add_layer (struct sp_attachments *attachments, sp_json_node layer, sigpolicy_error **err)
{
  struct sp_view digest = sp_view_n ("", 0);
  size_t n = attachments->len;

  (void)sp_manifest_text (attachments->json, layer, "digest", &digest);
  int rc = sp_digest_check (digest, err);
  if (rc < 0)
    {
      cleanup_error sigpolicy_error *no_memory = NULL;
      cleanup_free char *shown = sp_quote_dup (digest, &no_memory);
      return shown ? sp_error_prefix (err, "invalid digest %s", shown) : sp_error_no_memory (err);
    }
  rc = sp_grow (&attachments->layers, &attachments->capacity, n, sizeof *attachments->layers, err);
  if (rc == 0)
    rc = sp_grow (&attachments->digests, &attachments->digests_capacity, n,
                  sizeof *attachments->digests, err);
  if (rc < 0)
    return rc;
  attachments->digests[n] = sp_view_dup (digest, err);
  if (!attachments->digests[n])
    return SIGPOLICY_E_NO_MEMORY;
  attachments->layers[n] = layer;
  attachments->len++;
  return 0;
}

static int
read_layers (struct sp_attachments *attachments, sigpolicy_error **err)
{
  sp_json_node layers;
  int rc = 0;

  if (!sp_json_find_folded (attachments->json, SP_JSON_ROOT, "layers", &layers))
    return 0;
  if (sp_json_count (attachments->json, layers) > SP_SIGNATURES_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "there are more than %lu attached signatures", SP_SIGNATURES_MAX);
  struct sp_json_iter it = sp_json_iter (attachments->json, layers);
  while (rc == 0 && sp_json_next (&it))
    rc = add_layer (attachments, it.value, err);
  return rc;
}

int
sp_attachments_parse (struct sp_buf *manifest, const char *mime, const char *where,
                      struct sp_attachments **ret, sigpolicy_error **err)
{
  static const char *const foreign[] = { "fsLayers", "history", "manifests", NULL };
  cleanup_attachments struct sp_attachments *attachments = sp_calloc (1, sizeof *attachments, err);

  if (!attachments)
    {
      sp_buf_clear (manifest);
      return SIGPOLICY_E_NO_MEMORY;
    }
  attachments->text = *manifest;
  *manifest = (struct sp_buf)SP_BUF (0);
  if (!sp_view_is (sp_view_str (mime), SP_MIME_OCI_MANIFEST))
    {
      cleanup_free char *shown = sp_quote_dup (sp_view_str (mime), err);
      return shown ? sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                                   "unexpected MIME type for sigstore attachment manifest %s: %s",
                                   where, shown)
                   : SIGPOLICY_E_NO_MEMORY;
    }
  int rc = sp_json_parse (sp_buf_view (&attachments->text), SP_MANIFEST_DEPTH_MAX,
                          &attachments->json, err);
  if (rc < 0)
    rc = sp_error_class (err, rc, SIGPOLICY_REASON_UNSUPPORTED_FORMAT);
  if (rc == 0)
    rc = sp_manifest_check (attachments->json, SP_JSON_ROOT, manifest_fields, err);
  if (rc == 0)
    rc = sp_manifest_refuse_ambiguous (attachments->json, foreign, mime, err);
  if (rc == 0)
    rc = read_layers (attachments, err);
  if (rc < 0)
    return sp_error_while (err, "reading the attached signatures of %s", where);
  *ret = steal (&attachments);
  return 0;
}

size_t
sp_attachments_count (const struct sp_attachments *attachments)
{
  return attachments->len;
}

const char *
sp_attachments_digest (const struct sp_attachments *attachments, size_t index)
{
  return attachments->digests[index];
}

struct sp_view
sp_attachments_mime (const struct sp_attachments *attachments, size_t index)
{
  struct sp_view mime = SP_VIEW ("");
  (void)sp_manifest_text (attachments->json, attachments->layers[index], "mediaType", &mime);
  return mime;
}

int
sp_attachments_signature (const struct sp_attachments *attachments, size_t index,
                          struct sp_buf *payload, const char *source,
                          struct sp_signature_blob **ret, sigpolicy_error **err)
{
  return sp_signature_blob_of_attachment (attachments->json, attachments->layers[index], payload,
                                          source, ret, err);
}
