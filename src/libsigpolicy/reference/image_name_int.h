/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_REFERENCE_IMAGE_NAME_INT_H
#define SP_REFERENCE_IMAGE_NAME_INT_H

#include "reference/image_name.h"

/* A usage error with an established text; %s may be given hostile bytes, which the printer escapes.
 */
#define SP_NAME_ERROR(err, ...) \
  sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, __VA_ARGS__)

/* "transport:details" into name->text. */
int sp_image_name_spell (struct sp_image_name *name, const char *details,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A name and its parents, nearest first, then the wildcards of its first component, a host. */
int sp_image_name_add_namespaces (struct sp_view name, struct sp_strv *list,
                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_image_name_add_wildcards (struct sp_view host, struct sp_strv *list,
                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Each parses what stands behind "transport:", which has no NUL, into a name whose transport is
 * set. */
int sp_image_name_parse_docker (const char *text, struct sp_image_name *name,
                                sigpolicy_error **err);
int sp_image_name_parse_atomic (const char *text, struct sp_image_name *name,
                                sigpolicy_error **err);
int sp_image_name_parse_daemon (const char *text, struct sp_image_name *name,
                                sigpolicy_error **err);
int sp_image_name_parse_path (const char *text, struct sp_image_name *name, sigpolicy_error **err);
int sp_image_name_parse_oci (const char *text, struct sp_image_name *name, sigpolicy_error **err);
int sp_image_name_parse_archive (const char *text, struct sp_image_name *name,
                                 sigpolicy_error **err);
int sp_image_name_parse_tarball (const char *text, struct sp_image_name *name,
                                 sigpolicy_error **err);
int sp_image_name_parse_storage (const char *text, struct sp_image_name *name,
                                 sigpolicy_error **err);

#endif
