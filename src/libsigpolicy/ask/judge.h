/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_JUDGE_H
#define SP_ASK_JUDGE_H

#include "ask/context.h"
#include "ask/verdict.h"

/*
 * Judge one image, start to finish. A digest in the name is checked against the bytes before
 * anything else, whatever the policy says. Every failure is an answer, "no"; negative is returned
 * only for NO_MEMORY.
 */
int sp_image_judge (struct sp_context *context, const struct sp_request *request,
                    struct sp_verdict **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Is given a verdict; anything but 0 ends the rest. */
typedef int sp_verdict_function (const struct sp_verdict *verdict, void *data);

/* The same for a list and for each image that it names, in its order, one by one; where it is no
 * list, for the image. The list is read once, and all that comes with it is shared. */
int sp_image_judge_all (struct sp_context *context, const struct sp_request *request,
                        sp_verdict_function *take, void *data,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
