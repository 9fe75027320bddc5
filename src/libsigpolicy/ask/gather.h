/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_GATHER_H
#define SP_ASK_GATHER_H

#include "ask/context.h"
#include "ask/request.h"
#include "sources/evidence.h"

/*
 * The evidence for a request without judging it, and the names: what `signatures` lists. ret_image
 * is the name it goes by. Warnings about the name are added to warnings.
 */
int sp_image_gather (struct sp_context *context, const struct sp_request *request,
                     struct sp_image_name **ret_image, struct sp_evidence **ret_evidence,
                     struct sp_strv *warnings, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * Parse an image name as the verbs take it: of a docker:// name with tag and digest the tag is
 * dropped, with a warning, as podman does. A name without a transport is refused with the spelling
 * that was probably meant; one without a registry, with those that registries.conf has for it.
 */
int sp_image_parse (struct sp_context *context, const char *text, struct sp_image_name **ret,
                    struct sp_strv *warnings, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
