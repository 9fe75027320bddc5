/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "json/json.h"
#include "util/limits.h"

/* The member of that name, a string; one that stands twice is refused, as readers differ on it. */
static int
find_string (const struct sp_json *json, sp_json_node object, const char *name, struct sp_view *ret,
             sigpolicy_error **err)
{
  sp_json_node value = SP_JSON_ROOT;
  size_t found = 0;

  for (struct sp_json_iter it = sp_json_iter (json, object); sp_json_next (&it);)
    if (sp_json_folds_to (it.key, name))
      {
        value = it.value;
        found++;
      }
  if (found != 1 || sp_json_type_of (json, value) != SP_JSON_STRING)
    return sp_json_error (json, object, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                          "one string \"%s\" is needed", name);
  *ret = sp_json_string (json, value);
  return 0;
}

static int
parse (const void *bytes, size_t size, size_t limit, struct sp_json **ret, sigpolicy_error **err)
{
  if (size > limit)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT, "more than %zu bytes",
                         limit);
  return sp_json_parse (sp_view_n (bytes, size), SP_HOOK_DEPTH_MAX, ret, err);
}

static int
read_descriptor (const void *bytes, size_t size, char *ret_digest, sigpolicy_error **err)
{
  static const char *const types[]
      = { SP_MIME_OCI_MANIFEST, SP_MIME_OCI_INDEX, SP_MIME_V2S2, SP_MIME_V2_LIST };
  cleanup_json struct sp_json *json = NULL;
  struct sp_view type, digest;
  bool known = false;

  int rc = parse (bytes, size, SP_HOOK_DESCRIPTOR_BYTES_MAX, &json, err);
  if (rc == 0)
    rc = find_string (json, SP_JSON_ROOT, "mediaType", &type, err);
  if (rc == 0)
    rc = find_string (json, SP_JSON_ROOT, "digest", &digest, err);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    known = known || sp_view_is (type, types[i]);
  if (!known)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                         "the descriptor is not that of an image or an index");
  rc = sp_digest_check (digest, err);
  if (rc < 0)
    return rc;
  if (digest.len >= SIGPOLICY_DIGEST_SIZE)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                         "the digest is not of the algorithm sha256");
  memcpy (ret_digest, digest.data, digest.len);
  ret_digest[digest.len] = '\0';
  return 0;
}

int
sigpolicy_descriptor_digest (const void *descriptor, size_t size,
                             char ret_digest[SIGPOLICY_DIGEST_SIZE], sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = descriptor && ret_digest ? read_descriptor (descriptor, size, ret_digest, &mine)
                                    : sp_api_misuse ("descriptor or ret_digest", &mine);
  return sp_api_done (err, &mine, rc);
}

/* Absolute, and the same for everyone who reads it. */
static bool
is_plain_path (struct sp_view path)
{
  if (!path.len || path.data[0] != '/' || sp_view_find (path, '\0') < path.len)
    return false;
  for (size_t start = 1; start <= path.len;)
    {
      struct sp_view rest = sp_view_from (path, start);
      size_t length = sp_view_find (rest, '/');
      length = length > rest.len ? rest.len : length;
      struct sp_view part = sp_view_n (rest.data, length);
      if (!part.len || sp_view_is (part, ".") || sp_view_is (part, ".."))
        return false;
      start += length + 1;
    }
  return true;
}

static int
read_root (const void *bytes, size_t size, char **ret, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  struct sp_view path;
  sp_json_node root = SP_JSON_ROOT;
  size_t found = 0;

  int rc = parse (bytes, size, SP_HOOK_CONFIG_BYTES_MAX, &json, err);
  if (rc < 0)
    return rc;
  for (struct sp_json_iter it = sp_json_iter (json, SP_JSON_ROOT); sp_json_next (&it);)
    if (sp_json_folds_to (it.key, "root"))
      {
        root = it.value;
        found++;
      }
  if (found != 1)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                         "the configuration of a container has one \"root\"");
  rc = find_string (json, root, "path", &path, err);
  if (rc < 0)
    return rc;
  if (!is_plain_path (path))
    return sp_json_error (json, root, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                          "\"path\" is not an absolute path without \".\" and \"..\"");
  *ret = sp_view_dup (path, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

int
sigpolicy_runtime_root (const void *config, size_t size, char **ret_path, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = config && ret_path ? read_root (config, size, ret_path, &mine)
                              : sp_api_misuse ("config or ret_path", &mine);
  return sp_api_done (err, &mine, rc);
}
