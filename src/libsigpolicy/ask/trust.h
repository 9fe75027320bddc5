/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_TRUST_H
#define SP_ASK_TRUST_H

#include "model/policy.h"
#include "verify/trust.h"

/* Everything that a requirement trusts: its key files as they are now, parsed once for the same
 * bytes. One that cannot be used fails them all, KEY/key-unusable. Borrowed from the cache. */
int sp_trust_load (struct sp_trust_cache *cache, const struct sp_requirement *requirement,
                   const struct sp_trust **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
