/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_PROVENANCE_H
#define SP_MODEL_PROVENANCE_H

#include "openpgp/openpgp.h"
#include "reference/digest.h"
#include "util/cleanup.h"

/*
 * What a Helm provenance states: the name and the version of a chart, and the digest of its
 * archive. Start from {0}.
 */
struct sp_provenance
{
  char *name, *version;
  char *file;   /* "NAME-VERSION.tgz", as it must be called */
  char *digest; /* "sha256:" and 64 digits */
};
void sp_provenance_clear (struct sp_provenance *provenance);

#define cleanup_provenance SP_CLEANUP (sp_provenance_clear)

/*
 * The text of a provenance, of which only what was verified is read: the metadata of the chart, a
 * line
 * "...", and the sum of exactly one file, named by the metadata. White space at the ends of lines,
 * which no signature covers, is not part of it. Failure: REJECTED/bad-signature for anything else,
 * REJECTED/identity-mismatch for the sum of another file; limit.
 */
int sp_provenance_parse (const struct sp_verified_bytes *text, struct sp_provenance *ret,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The name and the version in a Chart.yaml. Failure: REJECTED/bad-signature. */
int sp_chart_metadata_parse (struct sp_view yaml, char **ret_name, char **ret_version,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
