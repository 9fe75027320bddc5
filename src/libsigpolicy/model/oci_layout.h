/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_OCI_LAYOUT_H
#define SP_MODEL_OCI_LAYOUT_H

#include "model/manifest.h"
#include "util/cleanup.h"

/*
 * index.json of an OCI image layout (OCI image specification, image-layout): which images there
 * are, and under which digest their manifests stand. It is read as leniently as manifests are, and
 * only its first JSON value counts.
 */
struct sp_oci_layout;

/* Parse the file's content, which is taken over (on failure too). Failure: REJECTED. */
int sp_oci_layout_parse (struct sp_buf *index, struct sp_oci_layout **ret,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_oci_layout_free (struct sp_oci_layout *layout);

SP_DEFINE_CLEANUP (struct sp_oci_layout *, sp_oci_layout_free);
#define cleanup_oci_layout SP_CLEANUP (sp_oci_layout_free_p)

/*
 * The image that a selector means: "@N" the one at that place, from 0; a name the first that has
 * it and is an image or a list; NULL the only one. *ret_digest has been checked to be a digest, and
 * *ret_mime is the type that the entry gives it, or NULL; both are to be freed. NOT_FOUND when
 * there is no such image, or more than one; REJECTED for a name of something else than images.
 */
int sp_oci_layout_choose (const struct sp_oci_layout *layout, const char *selector,
                          char **ret_digest, char **ret_mime,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The type that the first entry with this digest gives it, to be freed; *ret stays NULL where none
 * does. */
int sp_oci_layout_mime (const struct sp_oci_layout *layout, const char *digest, char **ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* "blobs/sha256/HEX", below the layout, for a digest that has been checked. To free(). */
char *sp_oci_layout_blob (const char *digest, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
