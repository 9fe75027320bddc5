/* SPDX-License-Identifier: Apache-2.0 */
#include "model/chart.h"

#include "util/alloc.h"

#include <criterion/criterion.h>

#define D(one)             "sha256:" one "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PART(type, digest) "{\"mediaType\":\"" type "\",\"digest\":\"" digest "\"}"
#define CONFIG             "\"config\":" PART ("application/vnd.cncf.helm.config.v1+json", D ("1"))
#define CHART              "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
#define OLD_CHART          "application/tar+gzip"
#define PROVENANCE         "application/vnd.cncf.helm.chart.provenance.v1.prov"
#define LAYERS(list)       "{\"schemaVersion\":2," CONFIG ",\"layers\":[" list "]}"

static const struct
{
  const char *manifest;
  const char *chart, *provenance; /* digests; chart NULL: it is none */
  const char *message;
} cases[] = {
  { LAYERS (PART (CHART, D ("2"))), D ("2"), NULL, NULL },
  { LAYERS (PART (OLD_CHART, D ("2"))), D ("2"), NULL, NULL },
  { LAYERS (PART (PROVENANCE, D ("3")) "," PART ("a/b", "x") "," PART (CHART, D ("2"))), D ("2"),
    D ("3"), NULL },
  { LAYERS (PART (PROVENANCE, D ("3"))), NULL, NULL,
    "the manifest of the chart has no layer with the chart" },
  { LAYERS (PART (CHART, D ("2")) "," PART (OLD_CHART, D ("3"))), NULL, NULL,
    "the manifest of the chart has two layers of one kind" },
  { LAYERS (PART (CHART, D ("2")) "," PART (PROVENANCE, D ("3")) "," PART (PROVENANCE, D ("3"))),
    NULL, NULL, "the manifest of the chart has two layers of one kind" },
  { LAYERS (PART (CHART, "sha256:12")), NULL, NULL, "invalid checksum digest length" },
  { LAYERS (PART (CHART, "")), NULL, NULL, "invalid checksum digest format" },
  { LAYERS ("{\"mediaType\":\"" CHART "\",\"digest\":\"" D ("2") "\",\"Digest\":\"" D ("3") "\"}"),
    NULL, NULL, "\"digest\" is there twice" },
  { LAYERS ("{\"mediaType\":\"" CHART "\",\"MediaType\":\"" CHART "\",\"digest\":\"" D ("2") "\"}"),
    NULL, NULL, "\"mediaType\" is there twice" },
  { "{\"schemaVersion\":2," CONFIG ",\"Config\":{},\"layers\":[]}", NULL, NULL,
    "\"config\" is there twice" },
  { "{\"schemaVersion\":2," CONFIG ",\"layers\":[],\"Layers\":[" PART (CHART, D ("2")) "]}", NULL,
    NULL, "\"layers\" is there twice" },
  { "{\"schemaVersion\":2," CONFIG "}", NULL, NULL,
    "the manifest of the chart has no layer with the chart" },
  { "{\"schemaVersion\":2,\"config\":" PART ("application/vnd.oci.image.config.v1+json",
                                             D ("1")) ","
                                                      "\"layers\":[" PART (CHART, D ("2")) "]}",
    NULL, NULL,
    "this is not a chart: the type of its configuration is not "
    "application/vnd.cncf.helm.config.v1+json" },
};

static void
expect_digest (const char *manifest, const char *found, const char *wanted)
{
  cr_expect (!found == !wanted && (!found || strcmp (found, wanted) == 0), "%s: %s", manifest,
             found ? found : "none");
}

Test (model_chart, manifests)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_chart_parts struct sp_chart_parts parts = { 0 };
      int rc = sp_chart_manifest_parse (sp_view_str (cases[i].manifest), &parts, &err);
      cr_expect (rc == (cases[i].chart ? 0 : SIGPOLICY_E_REJECTED), "%s: %d, %s", cases[i].manifest,
                 rc, err ? sigpolicy_error_message (err) : "read");
      expect_digest (cases[i].manifest, parts.chart, cases[i].chart);
      expect_digest (cases[i].manifest, parts.provenance, cases[i].provenance);
      if (rc == 0 || cases[i].chart)
        continue;
      cr_expect_str_eq (sigpolicy_error_message (err), cases[i].message, "%s: '%s'",
                        cases[i].manifest, sigpolicy_error_message (err));
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_UNSUPPORTED_FORMAT, "%s",
                 cases[i].manifest);
    }
}

Test (model_chart, configurations)
{
  static const struct
  {
    const char *config, *name, *version, *message;
  } rows[] = {
    { "{\"name\":\"demo\",\"version\":\"0.1.0\"}", "demo", "0.1.0", NULL },
    { "{\"Name\":\"demo\"}", "demo", "", NULL },
    { "{\"name\":7}", "", "", NULL },
    { "{\"name\":\"demo\",\"NAME\":\"other\"}", NULL, NULL, "\"name\" is there twice" },
    { "{\"name\":\"demo\",\"version\":\"1\",\"Version\":\"2\"}", NULL, NULL,
      "\"version\" is there twice" },
    { "{\"name\":\"demo\\u0000\",\"version\":\"1\"}", NULL, NULL,
      "the configuration of the chart has a NUL in its name or version" },
    { "{\"name\":\"demo\",\"version\":\"\\u00001\"}", NULL, NULL,
      "the configuration of the chart has a NUL in its name or version" },
    { "{", NULL, NULL, "unexpected end of JSON input" },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_free char *name = NULL, *version = NULL;
      int rc = sp_chart_config_parse (sp_view_str (rows[i].config), &name, &version, &err);
      cr_expect (rc == (rows[i].name ? 0 : SIGPOLICY_E_REJECTED), "%s: %d", rows[i].config, rc);
      if (rc == 0 && rows[i].name)
        {
          cr_expect_str_eq (name, rows[i].name);
          cr_expect_str_eq (version, rows[i].version);
        }
      if (rc == 0 || rows[i].name)
        continue;
      cr_expect_str_eq (sigpolicy_error_message (err), rows[i].message, "%s: '%s'", rows[i].config,
                        sigpolicy_error_message (err));
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_UNSUPPORTED_FORMAT, "%s",
                 rows[i].config);
    }
}
