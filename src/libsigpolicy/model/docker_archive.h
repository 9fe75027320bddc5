/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_DOCKER_ARCHIVE_H
#define SP_MODEL_DOCKER_ARCHIVE_H

#include "reference/reference.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"

#include <stdint.h>

/*
 * manifest.json of a docker archive ("docker save"), which is a list of images, and the manifest
 * that is made from it: such an archive has none of its own. What is made is not what a registry
 * has or had, so no signature of one is for it.
 */
struct sp_docker_archive;

/* An image in it. */
struct sp_docker_item
{
  char *config; /* the member that is its configuration */
  struct sp_strv layers;
  struct sp_strv tags;
};

/* Parse the list. Failure: REJECTED. */
int sp_docker_archive_parse (struct sp_view list, struct sp_docker_archive **ret,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_docker_archive_free (struct sp_docker_archive *archive);

SP_DEFINE_CLEANUP (struct sp_docker_archive *, sp_docker_archive_free);
#define cleanup_docker_archive SP_CLEANUP (sp_docker_archive_free_p)

/* The image with this tag; else the one at the place "@N", from 0; else the only one. NOT_FOUND
 * when there is no such image, or more than one; REJECTED where a tag before it is none. Borrowed.
 */
int sp_docker_archive_choose (const struct sp_docker_archive *archive,
                              const struct sp_reference *tag, const char *place,
                              const struct sp_docker_item **ret,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The digests of the layers as they are unpacked, in a configuration; each has been checked to be a
 * digest, and there are as many as the image has layers. REJECTED if not. */
int sp_docker_archive_diff_ids (const struct sp_docker_item *item, struct sp_view config,
                                struct sp_strv *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The manifest that is made: of the configuration, and of each layer its digest and its length. */
int sp_docker_archive_manifest (struct sp_view config, const struct sp_strv *diff_ids,
                                const int64_t *sizes, struct sp_buf *ret,
                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
