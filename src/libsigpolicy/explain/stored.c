/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/explain.h"

#include "json/write.h"

/* What of podman's storage is not judged, as there is no image to be judged. */

static const struct
{
  const char *name, *words;
} kinds[] = {
  [SIGPOLICY_STORED_NO_IMAGE]
  = { "no-image", "a container without an image: the infra container of a pod, or made from a "
                  "directory" },
  [SIGPOLICY_STORED_BUILD] = { "build", "an image is being built in this container" },
  [SIGPOLICY_STORED_LIST]
  = { "list", "a manifest list made on this host; none of its images is in this storage" },
};

const char *
sp_explain_stored_name (sigpolicy_stored_kind kind)
{
  return kind < sizeof kinds / sizeof *kinds ? kinds[kind].name : "unknown";
}

const char *
sp_explain_stored_words (sigpolicy_stored_kind kind)
{
  return kind < sizeof kinds / sizeof *kinds ? kinds[kind].words : "unknown";
}

char *
sp_explain_stored (sigpolicy_stored_kind kind, const char *id, size_t line, const char *name,
                   sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *out = sp_json_write_new (false, err);
  if (!out)
    return NULL;
  sp_json_write_str (out, "schema", "sigpolicy-stored/1");
  sp_json_write_str (out, "tool", PACKAGE_NAME " " PACKAGE_VERSION);
  sp_json_write_str (out, "id", id);
  sp_json_write_int (out, "line", (int64_t)line);
  sp_json_write_str (out, "kind", sp_explain_stored_name (kind));
  sp_json_write_str (out, "name", name);
  sp_json_write_str (out, "message", sp_explain_stored_words (kind));
  return sp_json_write_text (out, SP_JSON_ONE_LINE, err);
}
