/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_AUDIT_DIFF_H
#define SP_AUDIT_DIFF_H

#include "audit/implies.h"

#include <sigpolicy/verdict.h>

/* A scope that one of two policies has, an image that was asked about, or the default; and what
 * decides on it in each of them. */
struct sp_diff_row
{
  bool has_transport; /* false: the default of the whole policy */
  enum sp_transport transport;
  char *image;         /* of one that was asked about, else NULL */
  struct sp_view name; /* of a scope */
  char *example;       /* an image that is decided on here, or NULL */
  bool unused;         /* a scope that no image has */
  struct sp_policy_match before, after;
  sigpolicy_change change;
};

struct sp_diff
{
  struct sp_policy *before, *after;
  struct sp_key_contents *contents;
  struct sp_diff_row *rows; /* the default, then scopes by transport and name, then images */
  size_t n_rows, rows_capacity;
};

int sp_diff_new (struct sp_policy *before, struct sp_policy *after, struct sp_diff **ret,
                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_diff_free (struct sp_diff *diff);

SP_DEFINE_CLEANUP (struct sp_diff *, sp_diff_free);
#define cleanup_diff SP_CLEANUP (sp_diff_free_p)

int sp_diff_add_image (struct sp_diff *diff, const char *image,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* How many rows are of a change; scopes that no image has are not counted. */
size_t sp_diff_count (const struct sp_diff *diff, sigpolicy_change change);

/* New text that ends with a newline, or NULL with an error. */
char *sp_diff_text (const struct sp_diff *diff, unsigned flags, sigpolicy_error **err);
char *sp_diff_json (const struct sp_diff *diff, bool indented, unsigned flags,
                    sigpolicy_error **err);
/* For continuous integration: SARIF, JUNIT or GITHUB; and a comment for a merge request. */
char *sp_diff_ci (const struct sp_diff *diff, sigpolicy_format format, sigpolicy_error **err);
char *sp_diff_markdown (const struct sp_diff *diff, sigpolicy_error **err);

#endif
