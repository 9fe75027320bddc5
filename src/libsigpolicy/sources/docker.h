/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SOURCES_DOCKER_H
#define SP_SOURCES_DOCKER_H

#include "model/attachment_manifest.h"
#include "sources/evidence_int.h"
#include "sources/registry.h"

/*
 * An image of a registry, as one evidence reads it. The manifest comes from the first of the
 * mirrors and the registry itself that has it, and everything else from the same place.
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
};

/* Signature n of a lookaside on a server; ENOENT when there is none. */
int sp_docker_read_lookaside (const struct sp_evidence *evidence, size_t n, const char *where,
                              struct sp_buf *bytes, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

extern const struct sp_place sp_place_docker;      /* lookaside, or the registry's own list */
extern const struct sp_place sp_place_attachments; /* attachments.c */

#endif
