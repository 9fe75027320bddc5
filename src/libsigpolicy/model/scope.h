/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_SCOPE_H
#define SP_MODEL_SCOPE_H

#include "reference/image_name.h"

/*
 * May this scope stand under this transport in policy.json (policy-json 3.2)? The empty scope
 * always may. scope may hold any bytes. Failure is CONFIG/config-error with the transport's own
 * explanation ("Invalid scope %s: ...").
 */
int sp_scope_check (enum sp_transport transport, struct sp_view scope,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
