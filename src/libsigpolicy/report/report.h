/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_REPORT_REPORT_H
#define SP_REPORT_REPORT_H

#include "ask/context.h"
#include "audit/audit.h"
#include "audit/diff.h"
#include "explain/results.h"

/*
 * One page about a host, for people: what its policy says of which images, whose keys it trusts and
 * for how long, what the audit found, what is here, and what changed. The page is whole by itself:
 * no script, nothing that is fetched.
 */
struct sp_report;

/* What there is to say; audit, images and containers are borrowed, the last two may be NULL. That
 * the policy cannot be read is no failure: the page says so. */
int sp_report_new (struct sp_context *context, const struct sp_audit_report *audit,
                   const struct sp_results *images, const struct sp_results *containers,
                   struct sp_report **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_report_free (struct sp_report *report);

SP_DEFINE_CLEANUP (struct sp_report *, sp_report_free);
#define cleanup_report SP_CLEANUP (sp_report_free_p)

/* Compare with an earlier report in JSON; label is for messages. Failure: CONFIG for what is none.
 */
int sp_report_since (struct sp_report *report, struct sp_view earlier, const char *label,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* New text that ends with a newline, or NULL with an error. */
char *sp_report_html (const struct sp_report *report, sigpolicy_error **err);
char *sp_report_to_json (const struct sp_report *report, sigpolicy_error **err);

/* A page about what changes between two policies. */
char *sp_report_diff_html (const struct sp_diff *diff, sigpolicy_error **err);

#endif
