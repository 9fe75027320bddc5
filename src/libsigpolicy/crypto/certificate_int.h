/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_CERTIFICATE_INT_H
#define SP_CRYPTO_CERTIFICATE_INT_H

#include "crypto/certificate.h"

/* Sets REJECTED/bad-signature with "x509: " and these words. */
int sp_certificate_refuse (sigpolicy_error **err, const char *words);

/* The same, of what Go takes and we do not. */
int sp_certificate_stricter (sigpolicy_error **err, const char *words);

/* Why the certificate is not taken, though Go takes it; or NULL. */
const char *sp_certificate_odd (const struct sp_certificate *certificate);

/* --- certificate_name.c: distinguished names, times, algorithms --- */

/* The content of a Name; its common name and organization are noted where ret are not NULL.
 * *ret_odd is set for values that are no strings, which Go takes since 1.27. */
int sp_certificate_check_name (struct sp_view content, struct sp_view *ret_common_name,
                               struct sp_view *ret_organization, const char **ret_odd,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A UTCTime or GeneralizedTime at the start of *rest. */
bool sp_certificate_take_time (struct sp_view *rest, sp_time *ret);

/* Reads the content of the AlgorithmIdentifier into algorithm, digest and is_pss. */
void sp_certificate_read_algorithm (struct sp_certificate *certificate, struct sp_view identifier);

/* --- certificate_extension.c --- */

/* Everything that the extensions say. */
int sp_certificate_read_extensions (struct sp_certificate *certificate,
                                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- general_name.c: subject alternative names and constraints of them --- */

/* *ret_odd is set for names that Go may take and we do not. */
int sp_certificate_read_names (struct sp_view value, struct sp_names *ret, const char **ret_odd,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* *ret_unread is set for subtrees of kinds that are not read. */
int sp_certificate_read_subtrees (struct sp_view value, struct sp_names *ret, bool *ret_unread,
                                  const char **ret_odd, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Labels of visible ASCII, none empty, or nothing at all; a constraint may begin with a dot. */
bool sp_domain_is_valid (struct sp_view domain, bool constraint);

/* The host of a URI, empty where it has none; false when it is not a URI that everybody reads
 * alike. */
bool sp_uri_host (struct sp_view uri, struct sp_view *ret_host);

/* LOCAL@DOMAIN without quoting. */
bool sp_mailbox_split (struct sp_view mailbox, struct sp_view *ret_local,
                       struct sp_view *ret_domain);

/* An IP address in text. */
bool sp_text_is_address (struct sp_view text);

/* --- certificate_signature.c --- */

/* Does the issuer's key hold for the signature of the certificate? */
bool sp_certificate_is_signed_by (const struct sp_certificate *certificate,
                                  const struct sp_certificate *issuer);

/* --- constraints.c --- */

/* Do the names of a certificate keep to the subtrees of a CA above it? Failure:
 * REJECTED/key-not-trusted. */
int sp_certificate_check_subtrees (const struct sp_certificate *ca,
                                   const struct sp_certificate *below,
                                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
