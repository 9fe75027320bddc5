/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_EXPLANATION_INT_H
#define SP_ASK_EXPLANATION_INT_H

#include "ask/explanation.h"

/* The keys and certificates that a requirement names. A file that cannot be used is a problem, and
 * no failure. */
int sp_explained_keys_read (const struct sp_requirement *requirement, struct sp_explained_keys *ret,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_explained_keys_clear (struct sp_explained_keys *keys);

/* Where signatures of the image would be looked for. */
int sp_explained_locations_find (struct sp_context *context, const struct sp_image_name *image,
                                 struct sp_explained_locations *ret,
                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_explained_locations_clear (struct sp_explained_locations *locations);

#endif
