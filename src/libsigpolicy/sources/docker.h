/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SOURCES_DOCKER_H
#define SP_SOURCES_DOCKER_H

#include "model/attachment_manifest.h"
#include "sources/evidence_int.h"
#include "sources/registry.h"

/*
 * An image of a registry, as one evidence reads it. The manifest comes from the first of the
 * mirrors and the registry itself that has it, and everything else from the same location.
 */
struct sp_docker
{
  struct sp_docker_setup setup;
  struct sp_reference *logical;
  int64_t deadline; /* of sp_http_clock(), for all of it */
  /* Once the manifest was read: */
  struct sp_repository *repository;
  struct sp_reference *physical;
  /* Whether attached signatures are looked for, and what says so. */
  bool attachments;
  /* Once what refers to the judged image was asked for: */
  struct sp_once index_once;
  struct sp_referrers index;
  char *index_tag; /* the tag that stands for the registry's own index; NULL where that answered */
};

/*
 * The index of what refers to the judged image: the registry's own or, where it keeps none, that
 * under a tag. Read once; borrowed. On failure *ret has what was found all the same. Failure:
 * UNAVAILABLE, REJECTED.
 */
int sp_docker_index (struct sp_evidence *evidence, struct sp_referrers **ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Where that is, for people. To free(). */
char *sp_docker_index_url (const struct sp_evidence *evidence,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Note that the index under a tag was read, too, where it was; failed: that it could not be. */
int sp_docker_note_index_tag (struct sp_evidence *evidence, bool failed,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Keep one attached signature of a manifest; or one that is a bundle. */
int sp_docker_read_attachment (struct sp_evidence *evidence,
                               const struct sp_attachments *attachments, size_t index,
                               bool is_bundle, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Signature n of a lookaside on a server; ENOENT when there is none. */
int sp_docker_read_lookaside (const struct sp_evidence *evidence, size_t n, const char *where,
                              struct sp_buf *bytes, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A blob of the repository that the image was found in, which has its digest. */
int sp_docker_read_blob (struct sp_evidence *evidence, const char *digest, size_t limit,
                         struct sp_buf *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

extern const struct sp_location sp_location_docker;      /* lookaside, or the registry's own list */
extern const struct sp_location sp_location_attachments; /* attachments.c */
extern const struct sp_location sp_location_referrers;   /* referrer_signatures.c */

#endif
