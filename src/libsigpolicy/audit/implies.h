/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_AUDIT_IMPLIES_H
#define SP_AUDIT_IMPLIES_H

#include "model/policy.h"

#include <sigpolicy/diff.h>

/*
 * Is every image that one list of requirements lets through let through by another? "No" where that
 * cannot be known from the two lists: an identity that is written in another way, a key file that
 * holds some keys of another.
 *
 * Key files of other names hold the same keys when their bytes are the same; each is read at most
 * once for one struct sp_key_contents.
 */
struct sp_key_contents;

int sp_key_contents_new (struct sp_key_contents **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_key_contents_free (struct sp_key_contents *contents);

SP_DEFINE_CLEANUP (struct sp_key_contents *, sp_key_contents_free);
#define cleanup_key_contents SP_CLEANUP (sp_key_contents_free_p)

/* Does a list accept every image, signed or not? Does it accept none, whatever it is signed with?
 */
bool sp_requirements_accept_anything (const struct sp_requirements *requirements);
bool sp_requirements_always_reject (const struct sp_requirements *requirements);

/* What becomes of images when one list takes the place of another. */
int sp_requirements_compare (const struct sp_requirements *before,
                             const struct sp_requirements *after, struct sp_key_contents *contents,
                             sigpolicy_change *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
