/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_ONE_KEY_H
#define SP_ASK_ONE_KEY_H

#include "ask/context.h"
#include "ask/verdict.h"

/* Where an image was accepted by one key, without a policy: the command that makes a policy of it,
 * as the hint. */
int sp_one_key_advise (const struct sp_context *context, const struct sp_image_name *name,
                       struct sp_verdict *verdict, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
