/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_HOSTNAME_H
#define SP_VERIFY_HOSTNAME_H

#include "crypto/certificate.h"

/*
 * Is a certificate for this host? An address, perhaps in brackets, is compared with the addresses
 * of the certificate; anything else with its DNS names, of which the first label may be a wildcard.
 * Names that are no host names are compared as they are, in either case. The common name plays no
 * part. Failure: REJECTED/subject-mismatch with the established text.
 */
int sp_hostname_check (const struct sp_certificate *certificate, struct sp_view hostname,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
