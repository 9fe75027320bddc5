/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_TIMESTAMP_H
#define SP_CRYPTO_TIMESTAMP_H

#include "crypto/certificate.h"

/*
 * Signed timestamps (RFC 3161). An authority is its chain of certificates: its own, unless that is
 * a CA, then those above it, the root last.
 */

/*
 * Verify a TimeStampResp over these bytes by one authority: granted, SHA-256 or better, signed by
 * the authority's own certificate (or, where the chain begins with a CA, by one below it that comes
 * with the response), which is for timestamps alone, and whose path is valid at the time that is
 * stated. *ret_late tells a time with a fraction, which is in its second but after its start.
 * Failure: REJECTED.
 */
int sp_timestamp_verify (struct sp_view response, struct sp_view bytes,
                         const struct sp_certificates *authority, sp_time *ret, bool *ret_late,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
