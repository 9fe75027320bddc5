/* SPDX-License-Identifier: Apache-2.0 */
#include "model/manifest_int.h"

#include "crypto/digest.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/codec.h"
#include "util/limits.h"

#define MIME_OCI_CONFIG    "application/vnd.oci.image.config.v1+json"
#define MIME_DOCKER_CONFIG "application/vnd.docker.container.image.v1+json"

/* --- shapes ----------------------------------------------------------------------------------- */

static const struct sp_manifest_field platform[] = {
  { "architecture", SP_MANIFEST_TEXT, NULL }, { "os", SP_MANIFEST_TEXT, NULL },
  { "os.version", SP_MANIFEST_TEXT, NULL },   { "os.features", SP_MANIFEST_TEXTS, NULL },
  { "variant", SP_MANIFEST_TEXT, NULL },      { NULL, SP_MANIFEST_TEXT, NULL },
};

const struct sp_manifest_field sp_manifest_descriptor[] = {
  { "mediaType", SP_MANIFEST_TEXT, NULL },
  { "digest", SP_MANIFEST_TEXT, NULL },
  { "size", SP_MANIFEST_INTEGER, NULL },
  { "urls", SP_MANIFEST_TEXTS, NULL },
  { "annotations", SP_MANIFEST_TEXT_MAP, NULL },
  { "data", SP_MANIFEST_BYTES, NULL },
  { "platform", SP_MANIFEST_OBJECT, platform },
  { "artifactType", SP_MANIFEST_TEXT, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

static const struct sp_manifest_field versioned[] = {
  { "mediaType", SP_MANIFEST_TEXT, NULL },
  { "schemaVersion", SP_MANIFEST_INTEGER, NULL },
  { "signatures", SP_MANIFEST_ANYTHING, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

static const struct sp_manifest_field config[] = {
  { "mediaType", SP_MANIFEST_TEXT, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

static const struct sp_manifest_field oci[] = {
  { "config", SP_MANIFEST_OBJECT, config },
  { "manifests", SP_MANIFEST_OBJECTS, sp_manifest_descriptor },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

/* Each element of an array, or each value of an object, is of this type or null. */
static bool
all_are (const struct sp_json *json, sp_json_node node, enum sp_json_type wanted)
{
  struct sp_json_iter it = sp_json_iter (json, node);
  while (sp_json_next (&it))
    {
      enum sp_json_type type = sp_json_type_of (json, it.value);
      if (type != wanted && type != SP_JSON_NULL)
        return false;
    }
  return true;
}

static int
misfit (const struct sp_json *json, sp_json_node node, const char *expected, sigpolicy_error **err)
{
  return sp_json_error (json, node, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                        "expected %s, got %s", expected,
                        sp_json_type_words (sp_json_type_of (json, node)));
}

static int
check_bytes (const struct sp_json *json, sp_json_node node, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf bytes = SP_BUF (SP_MANIFEST_BYTES_MAX);
  int rc = sp_json_bytes (json, node, &bytes, err);
  return rc < 0 ? sp_error_class (err, rc, SIGPOLICY_REASON_UNSUPPORTED_FORMAT) : 0;
}

static int
check_objects (const struct sp_json *json, sp_json_node node,
               const struct sp_manifest_field *fields, sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, node);
  int rc = 0;
  while (rc == 0 && sp_json_next (&it))
    rc = sp_manifest_check (json, it.value, fields, err);
  return rc;
}

/* Goes as deep as the tables do, whatever the document. */
static int
check_value (const struct sp_json *json, sp_json_node node, const struct sp_manifest_field *field,
             sigpolicy_error **err)
{
  enum sp_json_type type = sp_json_type_of (json, node);
  int64_t number;

  if (type == SP_JSON_NULL)
    return 0;
  switch (field->type)
    {
    case SP_MANIFEST_TEXT:
      return type == SP_JSON_STRING ? 0 : misfit (json, node, "a string", err);
    case SP_MANIFEST_INTEGER:
      return sp_json_int64 (json, node, &number) ? 0 : misfit (json, node, "an integer", err);
    case SP_MANIFEST_TEXTS:
      return type == SP_JSON_ARRAY && all_are (json, node, SP_JSON_STRING)
                 ? 0
                 : misfit (json, node, "an array of strings", err);
    case SP_MANIFEST_TEXT_MAP:
      return type == SP_JSON_OBJECT && all_are (json, node, SP_JSON_STRING)
                 ? 0
                 : misfit (json, node, "an object of strings", err);
    case SP_MANIFEST_OBJECT_MAP:
      return type == SP_JSON_OBJECT && all_are (json, node, SP_JSON_OBJECT)
                 ? 0
                 : misfit (json, node, "an object of objects", err);
    case SP_MANIFEST_WORDS:
      return type == SP_JSON_STRING
                     || (type == SP_JSON_ARRAY && all_are (json, node, SP_JSON_STRING))
                 ? 0
                 : misfit (json, node, "a string, or an array of strings", err);
    case SP_MANIFEST_BYTES:
      return check_bytes (json, node, err);
    case SP_MANIFEST_ANYTHING:
      return sp_json_has_huge_number (json, node) ? misfit (json, node, "a smaller number", err)
                                                  : 0;
    case SP_MANIFEST_BOOLEAN:
      return type == SP_JSON_TRUE || type == SP_JSON_FALSE
                 ? 0
                 : misfit (json, node, "true or false", err);
    case SP_MANIFEST_TIME:
      return type == SP_JSON_STRING && sp_time_is_written (sp_json_string (json, node))
                 ? 0
                 : misfit (json, node, "a time", err);
    case SP_MANIFEST_OBJECT:
      return sp_manifest_check (json, node, field->fields, err);
    case SP_MANIFEST_OBJECTS:
      return type == SP_JSON_ARRAY ? check_objects (json, node, field->fields, err)
                                   : misfit (json, node, "an array of objects", err);
    }
  return misfit (json, node, "nothing", err);
}

int
sp_manifest_check (const struct sp_json *json, sp_json_node node,
                   const struct sp_manifest_field *fields, sigpolicy_error **err)
{
  enum sp_json_type type = sp_json_type_of (json, node);
  if (type == SP_JSON_NULL)
    return 0;
  if (type != SP_JSON_OBJECT)
    return misfit (json, node, "an object", err);

  struct sp_json_iter it = sp_json_iter (json, node);
  while (sp_json_next (&it))
    for (const struct sp_manifest_field *field = fields; field->name; field++)
      if (sp_json_folds_to (it.key, field->name))
        {
          int rc = check_value (json, it.value, field, err);
          if (rc < 0)
            return rc;
          break;
        }
  return 0;
}

bool
sp_manifest_text (const struct sp_json *json, sp_json_node object, const char *name,
                  struct sp_view *ret)
{
  bool found = false;
  struct sp_json_iter it = sp_json_iter (json, object);
  while (sp_json_next (&it))
    if (sp_json_type_of (json, it.value) == SP_JSON_STRING && sp_json_folds_to (it.key, name))
      {
        *ret = sp_json_string (json, it.value);
        found = true;
      }
  return found;
}

/* --- the type that the content suggests ------------------------------------------------------- */

int64_t
sp_manifest_schema_version (const struct sp_json *json)
{
  int64_t version = 0, number;
  struct sp_json_iter it = sp_json_iter (json, SP_JSON_ROOT);
  while (sp_json_next (&it))
    if (sp_json_folds_to (it.key, "schemaVersion") && sp_json_int64 (json, it.value, &number))
      version = number;
  return version;
}

/* Several config objects are read one over the other. */
static struct sp_view
config_media_type (const struct sp_json *json)
{
  struct sp_view type = SP_VIEW ("");
  struct sp_json_iter it = sp_json_iter (json, SP_JSON_ROOT);
  while (sp_json_next (&it))
    if (sp_json_folds_to (it.key, "config"))
      (void)sp_manifest_text (json, it.value, "mediaType", &type);
  return type;
}

/* Without a media type of its own, schema version 2 is told by what it holds. */
static struct sp_view
guess_version_2 (const struct sp_json *json)
{
  static const struct sp_view manifest = SP_VIEW (SP_MIME_OCI_MANIFEST),
                              index = SP_VIEW (SP_MIME_OCI_INDEX), v2s2 = SP_VIEW (SP_MIME_V2S2);
  struct sp_view config_type = config_media_type (json);
  sp_json_node manifests;

  if (sp_view_is (config_type, MIME_OCI_CONFIG))
    return manifest;
  if (sp_view_is (config_type, MIME_DOCKER_CONFIG))
    return v2s2;
  if (!sp_json_find_folded (json, SP_JSON_ROOT, "manifests", &manifests)
      || !sp_json_count (json, manifests))
    return manifest;
  /* A list with a config has the config's type: odd, but the type decides which checks a manifest
   * gets, so it has to be the same everywhere. */
  return config_type.len ? config_type : index;
}

/* Whether *err says that the document is not of the shape that was tried, and not that something
 * failed; then it is cleared. */
static bool
only_a_misfit (sigpolicy_error **err)
{
  if (sigpolicy_error_code (*err) != SIGPOLICY_E_REJECTED
      || sigpolicy_error_reason (*err) == SIGPOLICY_REASON_LIMIT)
    return false;
  sp_error_clear (err);
  return true;
}

/* type stays empty when there is nothing to tell it by. */
static int
guess (const struct sp_json *json, struct sp_view *type, sigpolicy_error **err)
{
  static const char *const known[]
      = { SP_MIME_V2S2, SP_MIME_V2_LIST, SP_MIME_OCI_MANIFEST, SP_MIME_OCI_INDEX };
  sp_json_node signatures;

  int rc = sp_manifest_check (json, SP_JSON_ROOT, versioned, err);
  if (rc < 0)
    return only_a_misfit (err) ? 0 : rc;
  struct sp_view media_type = SP_VIEW ("");
  (void)sp_manifest_text (json, SP_JSON_ROOT, "mediaType", &media_type);
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (sp_view_is (media_type, known[i]))
      {
        *type = media_type;
        return 0;
      }

  switch (sp_manifest_schema_version (json))
    {
    case 1:
      *type = sp_view_str (sp_json_find_folded (json, SP_JSON_ROOT, "signatures", &signatures)
                                   && sp_json_type_of (json, signatures) != SP_JSON_NULL
                               ? SP_MIME_V2S1_SIGNED
                               : SP_MIME_V2S1);
      return 0;
    case 2:
      rc = sp_manifest_check (json, SP_JSON_ROOT, oci, err);
      if (rc < 0)
        return only_a_misfit (err) ? 0 : rc;
      *type = guess_version_2 (json);
      return 0;
    default:
      return 0;
    }
}

char *
sp_manifest_mime (struct sp_view type, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (3 * SP_MANIFEST_BYTES_MAX);
  for (size_t nul; (nul = sp_view_find (type, '\0')) != SP_VIEW_NONE;
       type = sp_view_from (type, nul + 1))
    {
      sp_buf_add (&text, sp_view_head (type, nul));
      sp_utf8_put (0xfffd, &text);
    }
  sp_buf_add (&text, type);
  return sp_buf_steal (&text, err);
}

static int
check_size (struct sp_view manifest, sigpolicy_error **err)
{
  if (manifest.len <= SP_MANIFEST_BYTES_MAX)
    return 0;
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                       "exceeded maximum allowed size of %lu bytes", SP_MANIFEST_BYTES_MAX);
}

int
sp_manifest_guess (struct sp_view manifest, char **ret_mime, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  struct sp_view type = SP_VIEW ("");

  int rc = check_size (manifest, err);
  if (rc < 0)
    return rc;
  rc = sp_json_parse (manifest, SP_MANIFEST_DEPTH_MAX, &json, err);
  if (rc == 0)
    rc = guess (json, &type, err);
  else if (only_a_misfit (err))
    rc = 0;
  if (rc < 0)
    return rc;

  char *mime = sp_manifest_mime (type, err);
  if (!mime)
    return sigpolicy_error_code (*err);
  *ret_mime = mime;
  return 0;
}

int
sp_manifest_artifact_type (struct sp_view manifest, char **ret, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  struct sp_view type = SP_VIEW ("");

  int rc = check_size (manifest, err);
  if (rc == 0 && (rc = sp_json_parse (manifest, SP_MANIFEST_DEPTH_MAX, &json, err)) < 0)
    return only_a_misfit (err) ? 0 : rc;
  if (rc < 0)
    return rc;
  (void)sp_manifest_text (json, SP_JSON_ROOT, "artifactType", &type);
  if (!type.len)
    type = config_media_type (json);
  if (!type.len || sp_view_is (type, MIME_OCI_CONFIG) || sp_view_is (type, MIME_DOCKER_CONFIG))
    return 0;
  *ret = sp_manifest_mime (type, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

const char *
sp_artifact_noun (const char *type)
{
  return !type ? "image" : strcmp (type, SP_MIME_HELM_CONFIG) == 0 ? "chart" : "artifact";
}

bool
sp_manifest_is_list (const char *mime)
{
  struct sp_view type = sp_view_str (mime);
  return sp_view_is (type, SP_MIME_V2_LIST) || sp_view_is (type, SP_MIME_OCI_INDEX);
}

/* --- digests ---------------------------------------------------------------------------------- */

/* Signed schema 1 has a member "signatures" in any case. Without escapes and letters beyond ASCII
 * there is one way to write it, so that most manifests are known to be none without a parser. */
static bool
may_be_signed (struct sp_view manifest)
{
  static const struct sp_view name = SP_VIEW ("signatures");

  for (size_t i = 0; i < manifest.len; i++)
    {
      unsigned char byte = (unsigned char)manifest.data[i];
      if (byte == '\\' || byte >= 0x80
          || (sp_lower ((char)byte) == name.data[0]
              && sp_view_equal_folded (sp_view_head (sp_view_from (manifest, i), name.len), name)))
        return true;
    }
  return false;
}

static int
is_signed (struct sp_view manifest, bool *ret, sigpolicy_error **err)
{
  cleanup_free char *mime = NULL;

  int rc = check_size (manifest, err);
  *ret = false;
  if (rc < 0 || !may_be_signed (manifest))
    return rc;
  rc = sp_manifest_guess (manifest, &mime, err);
  *ret = rc == 0 && strcmp (mime, SP_MIME_V2S1_SIGNED) == 0;
  return rc;
}

int
sp_manifest_digest (struct sp_view manifest, char ret[SP_SHA256_TEXT_SIZE], sigpolicy_error **err)
{
  cleanup_buf struct sp_buf payload = SP_BUF (2 * SP_MANIFEST_BYTES_MAX);
  bool has_signatures = false;

  int rc = is_signed (manifest, &has_signatures, err);
  if (rc == 0 && has_signatures)
    {
      rc = sp_manifest_schema1_payload (manifest, &payload, err);
      manifest = sp_buf_view (&payload);
    }
  return rc < 0 ? rc : sp_sha256_text (manifest, ret, err);
}

int
sp_manifest_matches (struct sp_view manifest, struct sp_view digest, bool *ret,
                     sigpolicy_error **err)
{
  char actual[SP_SHA256_TEXT_SIZE];
  int rc = sp_manifest_digest (manifest, actual, err);
  if (rc < 0)
    return rc;
  *ret = sp_view_is (digest, actual);
  return 0;
}

int
sp_manifest_refuse_schema1 (struct sp_view manifest, sigpolicy_error **err)
{
  bool has_signatures = false;

  int rc = is_signed (manifest, &has_signatures, err);
  if (rc < 0 || !has_signatures)
    return rc;
  (void)sp_error_set (
      err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
      "signed schema 1 manifests are refused where a signature or a digest matters");
  (void)sp_error_stricter (err, "S4");
  return sp_error_hint (err, "push the image again in OCI or schema 2 format");
}

int
sp_manifest_refuse_ambiguous (const struct sp_json *json, const char *const *foreign,
                              const char *mime, sigpolicy_error **err)
{
  static const struct sp_manifest_field fields[] = {
    { "config", SP_MANIFEST_ANYTHING, NULL },    { "fsLayers", SP_MANIFEST_ANYTHING, NULL },
    { "history", SP_MANIFEST_ANYTHING, NULL },   { "layers", SP_MANIFEST_ANYTHING, NULL },
    { "manifests", SP_MANIFEST_ANYTHING, NULL }, { NULL, SP_MANIFEST_TEXT, NULL },
  };
  cleanup_buf struct sp_buf found = SP_BUF (200);
  sp_json_node node;

  int rc = sp_manifest_check (json, SP_JSON_ROOT, fields, err);
  if (rc < 0)
    return rc;
  for (size_t i = 0; foreign[i]; i++)
    if (sp_json_find_folded (json, SP_JSON_ROOT, foreign[i], &node)
        && sp_json_type_of (json, node) != SP_JSON_NULL)
      sp_buf_printf (&found, "%s\"%s\"", found.len ? ", " : "", foreign[i]);
  rc = sp_buf_check (&found, err);
  if (rc < 0 || !found.len)
    return rc;
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                       "rejecting ambiguous manifest, unexpected fields []string{%s} in supposedly "
                       "%s",
                       found.data, mime);
}
