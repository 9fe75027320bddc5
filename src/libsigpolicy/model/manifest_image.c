/* SPDX-License-Identifier: Apache-2.0 */
#include "model/manifest_int.h"

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/codec.h"
#include "util/limits.h"

/*
 * A manifest as podman and skopeo read it, whole, when the policy has let it through and before
 * they copy anything: members of their types; in schema 2, types of layers that are known; in
 * schema 1, a history that fits the layers.
 */

/* --- OCI and lists ---------------------------------------------------------------------------- */

static const struct sp_manifest_field oci_manifest[] = {
  { "schemaVersion", SP_MANIFEST_INTEGER, NULL },
  { "mediaType", SP_MANIFEST_TEXT, NULL },
  { "artifactType", SP_MANIFEST_TEXT, NULL },
  { "config", SP_MANIFEST_OBJECT, sp_manifest_descriptor },
  { "layers", SP_MANIFEST_OBJECTS, sp_manifest_descriptor },
  { "subject", SP_MANIFEST_OBJECT, sp_manifest_descriptor },
  { "annotations", SP_MANIFEST_TEXT_MAP, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

/* --- schema 2 --------------------------------------------------------------------------------- */

static const struct sp_manifest_field v2s2_descriptor[] = {
  { "mediaType", SP_MANIFEST_TEXT, NULL }, { "size", SP_MANIFEST_INTEGER, NULL },
  { "digest", SP_MANIFEST_TEXT, NULL },    { "urls", SP_MANIFEST_TEXTS, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

static const struct sp_manifest_field v2s2[] = {
  { "schemaVersion", SP_MANIFEST_INTEGER, NULL },
  { "mediaType", SP_MANIFEST_TEXT, NULL },
  { "config", SP_MANIFEST_OBJECT, v2s2_descriptor },
  { "layers", SP_MANIFEST_OBJECTS, v2s2_descriptor },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

/* The types that a schema 2 manifest, or a layer of it, may have. */
static int
check_v2s2_type (const struct sp_json *json, sp_json_node object, sigpolicy_error **err)
{
  static const char *const known[] = {
    SP_MIME_V2_LIST,
    SP_MIME_V2S1,
    SP_MIME_V2S1_SIGNED,
    SP_MIME_V2S2,
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.docker.image.rootfs.diff.tar",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
    "application/vnd.docker.image.rootfs.diff.tar.zstd",
    "application/vnd.docker.image.rootfs.foreign.diff.tar",
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
  };
  struct sp_view type = SP_VIEW ("");

  (void)sp_manifest_text (json, object, "mediaType", &type);
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (sp_view_is (type, known[i]))
      return 0;
  cleanup_free char *shown = sp_quote_dup (type, err);
  return shown ? sp_json_error (json, object, err, SIGPOLICY_E_REJECTED,
                                SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                                "unsupported docker v2s2 media type: %s", shown)
               : SIGPOLICY_E_NO_MEMORY;
}

static int
check_v2s2 (const struct sp_json *json, sigpolicy_error **err)
{
  sp_json_node layers;

  int rc = check_v2s2_type (json, SP_JSON_ROOT, err);
  if (rc < 0 || !sp_json_find_folded (json, SP_JSON_ROOT, "layers", &layers))
    return rc;
  struct sp_json_iter it = sp_json_iter (json, layers);
  while (rc == 0 && sp_json_next (&it))
    rc = check_v2s2_type (json, it.value, err);
  return rc;
}

/* --- schema 1 --------------------------------------------------------------------------------- */

static const struct sp_manifest_field layer[] = {
  { "blobSum", SP_MANIFEST_TEXT, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

static const struct sp_manifest_field step[] = {
  { "v1Compatibility", SP_MANIFEST_TEXT, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

static const struct sp_manifest_field schema1[] = {
  { "schemaVersion", SP_MANIFEST_INTEGER, NULL },
  { "name", SP_MANIFEST_TEXT, NULL },
  { "tag", SP_MANIFEST_TEXT, NULL },
  { "architecture", SP_MANIFEST_TEXT, NULL },
  { "fsLayers", SP_MANIFEST_OBJECTS, layer },
  { "history", SP_MANIFEST_OBJECTS, step },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

static const struct sp_manifest_field container_config[] = {
  { "Cmd", SP_MANIFEST_TEXTS, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

/* What stands in v1Compatibility, a document within a string. */
static const struct sp_manifest_field v1[] = {
  { "id", SP_MANIFEST_TEXT, NULL },
  { "parent", SP_MANIFEST_TEXT, NULL },
  { "comment", SP_MANIFEST_TEXT, NULL },
  { "created", SP_MANIFEST_TIME, NULL },
  { "container_config", SP_MANIFEST_OBJECT, container_config },
  { "author", SP_MANIFEST_TEXT, NULL },
  { "throwaway", SP_MANIFEST_BOOLEAN, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

#define V1_ID_LENGTH 64

/* The steps of a history, the newest first. */
struct history
{
  struct
  {
    char id[V1_ID_LENGTH + 1], parent[V1_ID_LENGTH + 1];
  } * steps;
  const char **ids; /* of the steps that do not repeat the one before them */
  size_t len, n_ids;
};

static void
history_clear (struct history *history)
{
  free (history->steps);
  free (history->ids);
}

static int
refuse (sigpolicy_error **err, const char *words)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT, "%s", words);
}

static bool
is_id (struct sp_view text)
{
  for (size_t i = 0; i < text.len; i++)
    if (!strchr ("0123456789abcdef", text.data[i]) || !text.data[i])
      return false;
  return text.len == V1_ID_LENGTH;
}

static int
read_step (struct sp_view text, struct history *history, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  struct sp_view id = SP_VIEW (""), parent = SP_VIEW ("");

  int rc = sp_json_parse (text, SP_MANIFEST_DEPTH_MAX, &json, err);
  if (rc == 0)
    rc = sp_manifest_check (json, SP_JSON_ROOT, v1, err);
  if (rc < 0)
    return sp_error_prefix (err, "parsing v2s1 history entry %zu", history->len);
  (void)sp_manifest_text (json, SP_JSON_ROOT, "id", &id);
  (void)sp_manifest_text (json, SP_JSON_ROOT, "parent", &parent);
  if (!is_id (id))
    return refuse (err, "an image ID of the history is invalid");
  if (parent.len && !is_id (parent))
    return refuse (err, "a parent ID of the history is invalid");
  memcpy (history->steps[history->len].id, id.data, id.len);
  if (parent.len)
    memcpy (history->steps[history->len].parent, parent.data, parent.len);
  history->len++;
  return 0;
}

static int
compare_ids (const void *a, const void *b)
{
  const char *const *left = a, *const *right = b;
  return strcmp (*left, *right);
}

/* Each step is the child of the next, the last of none; only neighbours may have one ID. */
static int
check_chain (struct history *history, sigpolicy_error **err)
{
  const size_t last = history->len - 1;

  if (history->steps[last].parent[0])
    return refuse (err, "Invalid parent ID in the base layer of the image");
  for (size_t i = 0; i <= last; i++)
    {
      if (i == 0 || strcmp (history->steps[i].id, history->steps[i - 1].id) != 0)
        history->ids[history->n_ids++] = history->steps[i].id;
      if (i < last && strcmp (history->steps[i].id, history->steps[i + 1].id) != 0
          && strcmp (history->steps[i].parent, history->steps[i + 1].id) != 0)
        return refuse (err, "Invalid parent ID");
    }
  qsort (history->ids, history->n_ids, sizeof *history->ids, compare_ids);
  for (size_t i = 1; i < history->n_ids; i++)
    if (strcmp (history->ids[i - 1], history->ids[i]) == 0)
      return refuse (err, "an image ID appears multiple times in manifest");
  return 0;
}

static int
check_schema1 (const struct sp_json *json, sigpolicy_error **err)
{
  SP_CLEANUP (history_clear) struct history history = { 0 };
  sp_json_node layers, steps;

  size_t n_layers = sp_json_find_folded (json, SP_JSON_ROOT, "fsLayers", &layers)
                        ? sp_json_count (json, layers)
                        : 0;
  size_t n_steps = sp_json_find_folded (json, SP_JSON_ROOT, "history", &steps)
                       ? sp_json_count (json, steps)
                       : 0;
  if (sp_manifest_schema_version (json) != 1)
    return refuse (err, "unsupported schema version, it is not 1");
  if (n_layers != n_steps)
    return refuse (err, "length of history not equal to number of layers");
  if (!n_layers)
    return refuse (err, "no FSLayers in manifest");
  history.steps = sp_calloc (n_steps, sizeof *history.steps, err);
  history.ids = history.steps ? sp_calloc (n_steps, sizeof *history.ids, err) : NULL;
  if (!history.ids)
    return SIGPOLICY_E_NO_MEMORY;
  struct sp_json_iter it = sp_json_iter (json, steps);
  int rc = 0;
  while (rc == 0 && sp_json_next (&it))
    {
      struct sp_view text = SP_VIEW ("");
      (void)sp_manifest_text (json, it.value, "v1Compatibility", &text);
      rc = read_step (text, &history, err);
    }
  return rc < 0 ? rc : check_chain (&history, err);
}

/* --- all of them ------------------------------------------------------------------------------ */

static const struct
{
  const char *mime;
  const struct sp_manifest_field *fields;
  int (*check) (const struct sp_json *json, sigpolicy_error **err); /* or NULL */
} kinds[] = {
  { SP_MIME_OCI_MANIFEST, oci_manifest, NULL }, { SP_MIME_OCI_INDEX, sp_manifest_oci_index, NULL },
  { SP_MIME_V2S2, v2s2, check_v2s2 },           { SP_MIME_V2_LIST, sp_manifest_v2_list, NULL },
  { SP_MIME_V2S1, schema1, check_schema1 },     { SP_MIME_V2S1_SIGNED, schema1, check_schema1 },
};

int
sp_manifest_check_image (const struct sp_json *json, const char *mime, sigpolicy_error **err)
{
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp (mime, kinds[i].mime) == 0)
      {
        int rc = sp_manifest_check (json, SP_JSON_ROOT, kinds[i].fields, err);
        return rc == 0 && kinds[i].check ? kinds[i].check (json, err) : rc;
      }
  return refuse (err, "a manifest of an unknown type");
}
