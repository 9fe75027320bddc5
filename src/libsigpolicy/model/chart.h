/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_CHART_H
#define SP_MODEL_CHART_H

#include "util/cleanup.h"
#include "util/error.h"
#include "util/view.h"

#include <stdlib.h>

/* The digests of what the manifest of a Helm chart names, by the types of these things and not by
 * their order. Start from {0}. */
struct sp_chart_parts
{
  char *config;     /* Chart.yaml as JSON */
  char *chart;      /* the archive */
  char *provenance; /* or NULL */
};
void sp_chart_parts_clear (struct sp_chart_parts *parts);

#define cleanup_chart_parts SP_CLEANUP (sp_chart_parts_clear)

/* Failure: REJECTED/unsupported-format for what is no manifest of a chart, has one of these twice,
 * or could be read in two ways. */
int sp_chart_manifest_parse (struct sp_view manifest, struct sp_chart_parts *ret,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The name and the version in the configuration. Failure: REJECTED/unsupported-format. */
int sp_chart_config_parse (struct sp_view config, char **ret_name, char **ret_version,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
