/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_AUDIT_EXAMPLE_H
#define SP_AUDIT_EXAMPLE_H

#include "reference/image_name.h"

/*
 * An image that a scope of the docker transport applies to: "docker://quay.io/ns/image:latest" for
 * "quay.io/ns". NULL when there can be none, as the scope is spelt as no image's scopes are; or
 * with *err set. To free().
 */
char *sp_example_image (struct sp_view scope, sigpolicy_error **err);

#endif
