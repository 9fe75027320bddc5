/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_SCOPE_H
#define SP_MODEL_SCOPE_H

#include "reference/image_name.h"

/*
 * May this scope stand under this transport in a policy (containers-policy.json(5), "SCOPES")? The
 * empty scope, which every transport may have, is not asked about here: the rules are those of the
 * transports. scope may hold any bytes. Failure is CONFIG/config-error with the transport's own
 * explanation ("Invalid scope %s: ...").
 */
int sp_scope_check (enum sp_transport transport, struct sp_view scope,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
