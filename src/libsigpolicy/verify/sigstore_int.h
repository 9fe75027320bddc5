/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_SIGSTORE_INT_H
#define SP_VERIFY_SIGSTORE_INT_H

#include "verify/sigstore.h"

/* The value of an annotation that must be there; the reason is what its absence means. */
int sp_sigstore_annotation (const struct sp_signature_blob *blob, const char *key,
                            sigpolicy_reason reason, struct sp_view *ret,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
