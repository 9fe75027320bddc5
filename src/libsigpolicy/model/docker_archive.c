/* SPDX-License-Identifier: Apache-2.0 */
#include "model/docker_archive.h"

#include "crypto/digest.h"
#include "model/manifest_int.h"
#include "util/codec.h"
#include "util/limits.h"

#define MIME_CONFIG "application/vnd.docker.container.image.v1+json"
#define MIME_LAYER  "application/vnd.docker.image.rootfs.diff.tar.gzip"

struct sp_docker_archive
{
  struct sp_docker_item *items;
  size_t len;
};

void
sp_docker_archive_free (struct sp_docker_archive *archive)
{
  if (!archive)
    return;
  for (size_t i = 0; i < archive->len; i++)
    {
      free (archive->items[i].config);
      sp_strv_clear (&archive->items[i].layers);
      sp_strv_clear (&archive->items[i].tags);
    }
  free (archive->items);
  free (archive);
}

/* --- the list --------------------------------------------------------------------------------- */

static const struct sp_manifest_field item_fields[] = {
  { "Config", SP_MANIFEST_TEXT, NULL },  { "RepoTags", SP_MANIFEST_TEXTS, NULL },
  { "Layers", SP_MANIFEST_TEXTS, NULL }, { "Parent", SP_MANIFEST_TEXT, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

/* A string as it is named elsewhere, in a name or a path: what has a NUL in it is in neither, and
 * the archive is refused for it whichever image is asked for (S12). */
static int
copy_text (const struct sp_json *json, sp_json_node node, char **ret, sigpolicy_error **err)
{
  struct sp_view text = sp_json_string (json, node);
  if (sp_view_find (text, '\0') != SP_VIEW_NONE)
    {
      (void)sp_json_error (json, node, err, SIGPOLICY_E_REJECTED,
                           SIGPOLICY_REASON_UNSUPPORTED_FORMAT, "a name has a NUL in it");
      return sp_error_stricter (err, "S12");
    }
  char *copy = sp_view_dup (text, err);
  if (!copy)
    return SIGPOLICY_E_NO_MEMORY;
  free (*ret);
  *ret = copy;
  return 0;
}

/* A list in place of an earlier one under the same name, of which a null leaves what stood there.
 */
static int
copy_texts (const struct sp_json *json, sp_json_node node, struct sp_strv *ret,
            sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, node);
  cleanup_strv struct sp_strv earlier = *ret;
  int rc = 0;

  *ret = (struct sp_strv){ 0 };
  while (rc == 0 && sp_json_next (&it))
    {
      char *text = NULL;
      if (it.index < earlier.len && sp_json_type_of (json, it.value) == SP_JSON_NULL)
        text = steal (&earlier.items[it.index]);
      else
        rc = copy_text (json, it.value, &text, err);
      if (rc == 0)
        rc = sp_strv_take (ret, text, err);
    }
  return rc;
}

static int
read_item (const struct sp_json *json, sp_json_node node, struct sp_docker_item *item,
           sigpolicy_error **err)
{
  int rc = sp_manifest_check (json, node, item_fields, err);
  struct sp_json_iter it = sp_json_iter (json, node);

  while (rc == 0 && sp_json_next (&it))
    if (sp_json_folds_to (it.key, "Config") && sp_json_type_of (json, it.value) == SP_JSON_STRING)
      rc = copy_text (json, it.value, &item->config, err);
    else if (sp_json_folds_to (it.key, "RepoTags"))
      rc = copy_texts (json, it.value, &item->tags, err);
    else if (sp_json_folds_to (it.key, "Layers"))
      rc = copy_texts (json, it.value, &item->layers, err);
  if (rc == 0 && !item->config && !(item->config = sp_strdup ("", err)))
    rc = SIGPOLICY_E_NO_MEMORY;
  return rc;
}

static int
read_items (const struct sp_json *json, struct sp_docker_archive *archive, sigpolicy_error **err)
{
  enum sp_json_type type = sp_json_type_of (json, SP_JSON_ROOT);
  size_t count = sp_json_count (json, SP_JSON_ROOT);
  int rc = 0;

  if (type != SP_JSON_ARRAY && type != SP_JSON_NULL)
    return sp_json_error (json, SP_JSON_ROOT, err, SIGPOLICY_E_REJECTED,
                          SIGPOLICY_REASON_UNSUPPORTED_FORMAT, "expected an array, got %s",
                          sp_json_type_words (type));
  archive->items = sp_calloc (count, sizeof *archive->items, err);
  if (!archive->items)
    return SIGPOLICY_E_NO_MEMORY;
  archive->len = count;
  struct sp_json_iter it = sp_json_iter (json, SP_JSON_ROOT);
  while (rc == 0 && sp_json_next (&it))
    rc = read_item (json, it.value, &archive->items[it.index], err);
  return rc;
}

int
sp_docker_archive_parse (struct sp_view list, struct sp_docker_archive **ret, sigpolicy_error **err)
{
  cleanup_docker_archive struct sp_docker_archive *archive = sp_calloc (1, sizeof *archive, err);
  cleanup_json struct sp_json *json = NULL;

  if (!archive)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_json_parse (list, SP_MANIFEST_DEPTH_MAX, &json, err);
  if (rc < 0)
    (void)sp_error_class (err, rc, SIGPOLICY_REASON_UNSUPPORTED_FORMAT);
  else
    rc = read_items (json, archive, err);
  if (rc < 0)
    return sp_error_prefix (err, "decoding tar manifest.json");
  *ret = steal (&archive);
  return 0;
}

/* --- choosing --------------------------------------------------------------------------------- */

static int
invalid_tag (const char *tag, size_t index, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *no_memory = NULL;
  cleanup_free char *shown = sp_quote_dup (sp_view_str (tag), &no_memory);
  (void)sp_error_class (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT);
  return shown ? sp_error_prefix (err, "Invalid tag %s in manifest.json item @%zu", shown, index)
               : sp_error_no_memory (err);
}

static int
find_tag (const struct sp_docker_archive *archive, const struct sp_reference *tag,
          const struct sp_docker_item **ret, sigpolicy_error **err)
{
  for (size_t i = 0; i < archive->len; i++)
    for (size_t j = 0; j < archive->items[i].tags.len; j++)
      {
        cleanup_reference struct sp_reference *found = NULL;
        const char *text = archive->items[i].tags.items[j];
        int rc = sp_reference_parse (sp_view_str (text), &found, err);
        if (rc < 0)
          return rc == SIGPOLICY_E_NO_MEMORY ? rc : invalid_tag (text, i, err);
        if (strcmp (found->string, tag->string) == 0)
          {
            *ret = &archive->items[i];
            return 0;
          }
      }
  return sp_error_set (err, SIGPOLICY_E_NOT_FOUND, SIGPOLICY_REASON_NOT_FOUND,
                       "Tag \"%s\" not found", tag->string);
}

int
sp_docker_archive_choose (const struct sp_docker_archive *archive, const struct sp_reference *tag,
                          const char *place, const struct sp_docker_item **ret,
                          sigpolicy_error **err)
{
  if (tag)
    return find_tag (archive, tag, ret, err);
  size_t index = place ? strtoul (place + 1, NULL, 10) : 0;
  if (place && index >= archive->len)
    return sp_error_set (err, SIGPOLICY_E_NOT_FOUND, SIGPOLICY_REASON_NOT_FOUND,
                         "Invalid source index @%zu, only %zu manifest items available", index,
                         archive->len);
  if (!place && archive->len != 1)
    {
      (void)sp_error_set (err, SIGPOLICY_E_NOT_FOUND, SIGPOLICY_REASON_NOT_FOUND,
                          "Unexpected tar manifest.json: expected 1 item, got %zu", archive->len);
      return sp_error_hint (err,
                            "write the name of one, or @0, @1 and so on, after the path and \":\"");
    }
  *ret = &archive->items[index];
  return 0;
}

/* --- the manifest ----------------------------------------------------------------------------- */

/* A second object is read over the first; null takes both away. */
static int
read_rootfs (const struct sp_json *json, struct sp_strv *ret, bool *ret_found,
             sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, SP_JSON_ROOT);
  int rc = 0;

  while (rc == 0 && sp_json_next (&it))
    {
      if (!sp_json_folds_to (it.key, "rootfs"))
        continue;
      *ret_found = sp_json_type_of (json, it.value) == SP_JSON_OBJECT;
      if (!*ret_found)
        sp_strv_clear (ret);
      struct sp_json_iter member = sp_json_iter (json, it.value);
      while (rc == 0 && sp_json_next (&member))
        if (sp_json_folds_to (member.key, "diff_ids"))
          rc = copy_texts (json, member.value, ret, err);
    }
  return rc;
}

/* The manifest that is made of it would name layers that nobody can fetch (S11). */
static int
check_diff_ids (const struct sp_strv *diff_ids, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < diff_ids->len; i++)
    rc = sp_digest_check (sp_view_str (diff_ids->items[i]), err);
  if (rc < 0)
    {
      (void)sp_error_class (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT);
      (void)sp_error_stricter (err, "S11");
      return sp_error_prefix (err, "Invalid image config, a layer of it has no digest");
    }
  return 0;
}

int
sp_docker_archive_diff_ids (const struct sp_docker_item *item, struct sp_view config,
                            struct sp_strv *ret, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_strv struct sp_strv diff_ids = { 0 };
  bool found = false;

  int rc = sp_json_parse (config, SP_MANIFEST_DEPTH_MAX, &json, err);
  if (rc < 0)
    (void)sp_error_class (err, rc, SIGPOLICY_REASON_UNSUPPORTED_FORMAT);
  else
    rc = sp_manifest_check (json, SP_JSON_ROOT, sp_manifest_docker_config, err);
  if (rc == 0)
    rc = read_rootfs (json, &diff_ids, &found, err);
  if (rc < 0)
    {
      cleanup_error sigpolicy_error *no_memory = NULL;
      cleanup_free char *shown = sp_quote_dup (sp_view_str (item->config), &no_memory);
      return shown ? sp_error_prefix (err, "decoding tar config %s", shown)
                   : sp_error_no_memory (err);
    }
  if (!found)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                         "Invalid image config, rootFS is not set");
  if (diff_ids.len != item->layers.len)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                         "Inconsistent layer count: %zu in manifest, %zu in config",
                         item->layers.len, diff_ids.len);
  rc = check_diff_ids (&diff_ids, err);
  if (rc < 0)
    return rc;
  *ret = diff_ids;
  diff_ids = (struct sp_strv){ 0 };
  return 0;
}

int
sp_docker_archive_manifest (struct sp_view config, const struct sp_strv *diff_ids,
                            const int64_t *sizes, struct sp_buf *ret, sigpolicy_error **err)
{
  char digest[SP_SHA256_TEXT_SIZE];

  int rc = sp_sha256_text (config, digest, err);
  if (rc < 0)
    return rc;
  sp_buf_printf (ret,
                 "{\"schemaVersion\":2,\"mediaType\":\"" SP_MIME_V2S2
                 "\",\"config\":{\"mediaType\":\"" MIME_CONFIG
                 "\",\"size\":%zu,\"digest\":\"%s\"},\"layers\":[",
                 config.len, digest);
  for (size_t i = 0; i < diff_ids->len; i++)
    sp_buf_printf (ret, "%s{\"mediaType\":\"" MIME_LAYER "\",\"size\":%lld,\"digest\":\"%s\"}",
                   i ? "," : "", (long long)sizes[i], diff_ids->items[i]);
  sp_buf_str (ret, "]}");
  return sp_buf_check (ret, err);
}
