/* SPDX-License-Identifier: Apache-2.0 */
#include "model/chart.h"

#include "json/json.h"
#include "model/manifest.h"
#include "util/alloc.h"
#include "util/limits.h"

#define CHART_TYPE        "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
#define LEGACY_CHART_TYPE "application/tar+gzip"
#define PROVENANCE_TYPE   "application/vnd.cncf.helm.chart.provenance.v1.prov"

void
sp_chart_parts_clear (struct sp_chart_parts *parts)
{
  free (parts->config);
  free (parts->chart);
  free (parts->provenance);
  *parts = (struct sp_chart_parts){ 0 };
}

static int
bad (sigpolicy_error **err, const char *what)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT, "%s", what);
}

/* The member that all readers take for it: one of that name, in whatever case. */
static int
find_once (const struct sp_json *json, sp_json_node object, const char *name, sp_json_node *ret,
           bool *ret_found, sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, object);

  *ret_found = false;
  while (sp_json_next (&it))
    if (sp_json_folds_to (it.key, name))
      {
        if (*ret_found)
          return sp_json_error (json, it.key_node, err, SIGPOLICY_E_REJECTED,
                                SIGPOLICY_REASON_UNSUPPORTED_FORMAT, "\"%s\" is there twice", name);
        *ret_found = true;
        *ret = it.value;
      }
  return 0;
}

static int
find_text (const struct sp_json *json, sp_json_node object, const char *name, struct sp_view *ret,
           sigpolicy_error **err)
{
  sp_json_node node;
  bool found;
  int rc = find_once (json, object, name, &node, &found, err);
  *ret = rc == 0 && found ? sp_json_string (json, node) : sp_view_n ("", 0);
  return rc;
}

/* Keeps the digest of a descriptor, if it is of one of the types. */
static int
take (const struct sp_json *json, sp_json_node descriptor, const char *const *types, char **ret,
      sigpolicy_error **err)
{
  struct sp_view type, digest;
  bool wanted = false;

  int rc = find_text (json, descriptor, "mediaType", &type, err);
  if (rc == 0)
    rc = find_text (json, descriptor, "digest", &digest, err);
  if (rc < 0)
    return rc;
  for (size_t i = 0; types[i]; i++)
    wanted = wanted || sp_view_is (type, types[i]);
  if (!wanted)
    return 0;
  if (*ret)
    return bad (err, "the manifest of the chart has two layers of one kind");
  if (sp_digest_check (digest, err) < 0)
    return sp_error_class (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT);
  *ret = sp_view_dup (digest, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

int
sp_chart_manifest_parse (struct sp_view manifest, struct sp_chart_parts *ret, sigpolicy_error **err)
{
  static const char *const config_types[] = { SP_MIME_HELM_CONFIG, NULL },
                           *const chart_types[] = { CHART_TYPE, LEGACY_CHART_TYPE, NULL },
                           *const provenance_types[] = { PROVENANCE_TYPE, NULL };
  cleanup_json struct sp_json *json = NULL;
  cleanup_chart_parts struct sp_chart_parts parts = { 0 };
  sp_json_node config, layers;
  bool has_config = false, has_layers = false;

  int rc = sp_manifest_refuse_unfit (manifest, NULL, err);
  if (rc == 0)
    rc = sp_json_parse (manifest, SP_MANIFEST_DEPTH_MAX, &json, err);
  if (rc == 0)
    rc = find_once (json, SP_JSON_ROOT, "config", &config, &has_config, err);
  if (rc == 0 && has_config)
    rc = take (json, config, config_types, &parts.config, err);
  if (rc == 0 && !parts.config)
    rc = bad (err,
              "this is not a chart: the type of its configuration is not " SP_MIME_HELM_CONFIG);
  if (rc == 0)
    rc = find_once (json, SP_JSON_ROOT, "layers", &layers, &has_layers, err);
  if (rc < 0)
    return rc;
  if (has_layers && sp_json_count (json, layers) > SP_MANIFEST_ENTRIES_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "the manifest of the chart has more than %lu layers",
                         SP_MANIFEST_ENTRIES_MAX);
  for (struct sp_json_iter it = sp_json_iter (json, has_layers ? layers : SP_JSON_ROOT);
       rc == 0 && has_layers && sp_json_next (&it);)
    {
      rc = take (json, it.value, chart_types, &parts.chart, err);
      if (rc == 0)
        rc = take (json, it.value, provenance_types, &parts.provenance, err);
    }
  if (rc == 0 && !parts.chart)
    rc = bad (err, "the manifest of the chart has no layer with the chart");
  if (rc < 0)
    return rc;
  *ret = parts;
  parts = (struct sp_chart_parts){ 0 };
  return 0;
}

int
sp_chart_config_parse (struct sp_view config, char **ret_name, char **ret_version,
                       sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  struct sp_view name, version;

  int rc = sp_json_parse (config, SP_MANIFEST_DEPTH_MAX, &json, err);
  if (rc < 0)
    return sp_error_class (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT);
  rc = find_text (json, SP_JSON_ROOT, "name", &name, err);
  if (rc == 0)
    rc = find_text (json, SP_JSON_ROOT, "version", &version, err);
  if (rc < 0)
    return rc;
  if (sp_view_find (name, '\0') != SP_VIEW_NONE || sp_view_find (version, '\0') != SP_VIEW_NONE)
    return bad (err, "the configuration of the chart has a NUL in its name or version");
  cleanup_free char *copy = sp_view_dup (name, err);
  char *second = copy ? sp_view_dup (version, err) : NULL;
  if (!second)
    return SIGPOLICY_E_NO_MEMORY;
  *ret_name = steal (&copy);
  *ret_version = second;
  return 0;
}
