/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The list of images in a docker archive, a NUL, and a configuration: what is made of them is a
 * manifest of schema 2 that is JSON, and names each layer by a digest.
 */
#include "fuzz.h"

#include "json/json.h"
#include "model/docker_archive.h"
#include "model/manifest.h"
#include "util/limits.h"

static void
make (const struct sp_docker_item *item, struct sp_view config)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_strv struct sp_strv diff_ids = { 0 };
  cleanup_buf struct sp_buf manifest = SP_BUF (SP_MANIFEST_BYTES_MAX);
  cleanup_json struct sp_json *json = NULL;
  cleanup_free char *mime = NULL;
  sp_json_node layers;

  if (sp_docker_archive_diff_ids (item, config, &diff_ids, &err) < 0)
    {
      require (!diff_ids.len && sigpolicy_error_message (err)[0]);
      return;
    }
  require (diff_ids.len == item->layers.len);
  cleanup_free int64_t *sizes = calloc (diff_ids.len + 1, sizeof *sizes);
  require (sizes);
  if (diff_ids.len > 1000
      || sp_docker_archive_manifest (config, &diff_ids, sizes, &manifest, &err) < 0)
    return;
  require (sp_json_parse (sp_buf_view (&manifest), 3, &json, &err) == 0);
  require (sp_json_find (json, SP_JSON_ROOT, "layers", &layers)
           && sp_json_count (json, layers) == diff_ids.len);
  require (sp_manifest_guess (sp_buf_view (&manifest), &mime, &err) == 0
           && strcmp (mime, SP_MIME_V2S2) == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_docker_archive struct sp_docker_archive *archive = NULL;
  cleanup_reference struct sp_reference *tag = NULL;
  struct sp_view text = sp_view_n ((const char *)data, size);
  size_t nul = sp_view_find (text, '\0');
  struct sp_view config = nul == SP_VIEW_NONE ? sp_view_n ("", 0) : sp_view_from (text, nul + 1);

  require (sp_reference_parse (sp_view_str ("example.com/a:t"), &tag, &err) == 0);
  if (sp_docker_archive_parse (sp_view_head (text, nul), &archive, &err) < 0)
    {
      require (!archive && sigpolicy_error_message (err)[0]);
      return 0;
    }
  for (int i = 0; i < 3; i++)
    {
      cleanup_error sigpolicy_error *refused = NULL;
      const struct sp_docker_item *item = NULL;
      int rc = sp_docker_archive_choose (archive, i == 1 ? tag : NULL, i == 2 ? "@1" : NULL, &item,
                                         &refused);
      require (rc == 0 ? item && item->config : !item && sigpolicy_error_message (refused)[0]);
      if (item)
        make (item, config);
    }
  return 0;
}
