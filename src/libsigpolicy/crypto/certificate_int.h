/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_CERTIFICATE_INT_H
#define SP_CRYPTO_CERTIFICATE_INT_H

#include "crypto/certificate.h"

/* Sets REJECTED/bad-signature with "x509: " and these words. */
int sp_certificate_refuse (sigpolicy_error **err, const char *words);

/* --- certificate_name.c: distinguished names, times, algorithms --- */

/* The content of a Name; its common name and organization are noted where ret are not NULL. */
int sp_certificate_check_name (struct sp_view content, struct sp_view *ret_common_name,
                               struct sp_view *ret_organization,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A UTCTime or GeneralizedTime at the start of *rest. */
bool sp_certificate_take_time (struct sp_view *rest, sp_time *ret);

/* The content of an AlgorithmIdentifier. */
enum sp_certificate_algorithm sp_certificate_algorithm (struct sp_view identifier);

/* --- certificate_extension.c --- */

/* Everything that the extensions say. */
int sp_certificate_read_extensions (struct sp_certificate *certificate,
                                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- general_name.c: subject alternative names and constraints of them --- */

int sp_certificate_read_names (struct sp_view value, struct sp_names *ret,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* *ret_odd is set for subtrees of kinds that are not read. */
int sp_certificate_read_subtrees (struct sp_view value, struct sp_names *ret, bool *ret_odd,
                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Labels of visible ASCII, none empty; a constraint may be empty or begin with a dot. */
bool sp_domain_is_valid (struct sp_view domain, bool constraint);

/* The host of a URI, empty where it has none; false when it is not a URI that everybody reads
 * alike. */
bool sp_uri_host (struct sp_view uri, struct sp_view *ret_host);

/* LOCAL@DOMAIN without quoting. */
bool sp_mailbox_split (struct sp_view mailbox, struct sp_view *ret_local,
                       struct sp_view *ret_domain);

/* --- constraints.c --- */

/* Do the names of a certificate keep to the subtrees of a CA above it? Failure:
 * REJECTED/key-not-trusted. */
int sp_certificate_check_subtrees (const struct sp_certificate *ca,
                                   const struct sp_certificate *below,
                                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
