/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SOURCES_CHART_H
#define SP_SOURCES_CHART_H

#include "reference/digest.h"
#include "util/buf.h"

/* A Helm chart in a file. */

/* "sha256:..." of the file. Failure: NOT_FOUND, UNAVAILABLE; UNAVAILABLE/limit for more than
 * SP_CHART_BYTES_MAX. */
int sp_chart_digest (const char *path, char ret[SP_SHA256_TEXT_SIZE],
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * Its Chart.yaml: the one in the directory that everything in the archive is in. Nothing is
 * unpacked. Failure: REJECTED/unsupported-format for what is no archive of a chart, limit.
 */
int sp_chart_metadata (const char *path, struct sp_buf *ret,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
