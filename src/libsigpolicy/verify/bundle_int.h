/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_BUNDLE_INT_H
#define SP_VERIFY_BUNDLE_INT_H

#include "verify/bundle.h"
#include "verify/log_body.h"

/* Note a step that passed. */
int sp_bundle_passed (struct sp_bundle_result *result, enum sp_bundle_step step,
                      sigpolicy_error **err, const char *format, ...) SIGPOLICY_MUST_CHECK
    __attribute__ ((format (printf, 4, 5)));

int sp_bundle_add_time (struct sp_bundle_result *result, const struct sp_signed_time *time,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- bundle_log.c: entries of transparency logs --- */

/* Verify them all; those of logs that are not known say nothing. Adds the times that logs have
 * signed. Failure: REJECTED. */
int sp_bundle_check_entries (const struct sp_bundle_question *question,
                             const struct sp_log_subject *subject, struct sp_bundle_result *result,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- bundle_certificate.c: the signer's certificate --- */

/* Its path at every time, what certificate logs have seen of it, and who it is for. Each notes its
 * own step. Failure: REJECTED. */
int sp_bundle_check_path (const struct sp_bundle_question *question,
                          struct sp_bundle_result *result,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_bundle_check_identity (const struct sp_bundle_question *question,
                              struct sp_bundle_result *result,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The one name in a certificate that counts: the first URI, else the first mailbox; or "". */
struct sp_view sp_bundle_certificate_name (const struct sp_certificate *leaf);

#endif
