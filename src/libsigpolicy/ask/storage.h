/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_STORAGE_H
#define SP_ASK_STORAGE_H

#include "ask/context.h"
#include "sources/evidence.h"

/* Images of podman's storage: which store a name means is this host's matter, and what the image's
 * full name is, that of the store. */

/* Does it begin with "containers-storage:"? */
bool sp_storage_is (const char *text);

/* Find the image that a name means; its evidence, and its name with its ID. */
int sp_storage_gather (struct sp_context *context, const char *text, struct sp_evidence *evidence,
                       struct sp_image_name **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Another name for an image that was found so: one that stands in its store. Not to be had for what
 * is no name: USAGE. */
int sp_storage_name_as (struct sp_context *context, const char *text,
                        const struct sp_image_name *found, const char *name,
                        struct sp_image_name **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The name alone. Of an image that is not there it is without ID, with a warning. The store is
 * borrowed from the context, until the next is asked for. */
int sp_storage_name (struct sp_context *context, const char *text,
                     const struct sp_store **ret_store, struct sp_image_name **ret,
                     struct sp_strv *warnings, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
