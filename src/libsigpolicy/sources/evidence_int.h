/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SOURCES_EVIDENCE_INT_H
#define SP_SOURCES_EVIDENCE_INT_H

#include "sources/evidence.h"

/*
 * A place where signatures stand under numbers, from 1, until the first that is missing. All
 * functions but prepare may be called only when that has succeeded.
 */
struct sp_place
{
  /* What has to be known before the first signature can be asked for. */
  int (*prepare) (struct sp_evidence *evidence, sigpolicy_error **err);
  /* Where signature n is, for people; it is given to read. */
  char *(*name) (const struct sp_evidence *evidence, size_t n, sigpolicy_error **err);
  /* Fails with ENOENT when there is no signature n. */
  int (*read) (const struct sp_evidence *evidence, size_t n, const char *name, struct sp_buf *bytes,
               sigpolicy_error **err);
  /* What there is to say when signature SP_SIGNATURES_MAX + 1 exists, too. */
  const char *too_many;
};

extern const struct sp_place sp_place_signature_dir; /* signatures.c */
extern const struct sp_place sp_place_dir;           /* dir.c */
extern const struct sp_place sp_place_lookaside;     /* lookaside_file.c */

#define SP_PLACES_MAX 3

/* Something that is done once; error tells how it failed. */
struct sp_once
{
  bool done;
  sigpolicy_error *error;
};

/* A signature in hand. */
struct sp_given_signature
{
  struct sp_buf bytes;
  char *label;
};

struct sp_evidence
{
  /* What it was given. */
  char *label; /* of a manifest in hand, or NULL */
  char *dir, *signature_dir;
  struct sp_platform platform;
  struct sp_lookaside *lookaside;
  char *expected; /* digest of the top-level manifest, or NULL */
  struct sp_given_signature *given;
  size_t n_given, given_capacity;

  /* What was found. The judged manifest is the top one or the instance. */
  struct sp_once top_once, judged_once, digest_once, signatures_once;
  int dir_fd;
  struct sp_view top, judged;
  struct sp_buf top_bytes, instance_bytes;
  char *instance;
  char digest[SP_SHA256_TEXT_SIZE]; /* of the judged manifest */
  struct sp_signature_blob **signatures;
  size_t n_signatures, signatures_capacity, signature_bytes;

  /* Where to look for signatures, in this order. */
  const struct sp_place *places[SP_PLACES_MAX];
  struct sp_looked_at looked_at[SP_PLACES_MAX];
  size_t n_places;
};

/* The digest of the judged manifest into evidence->digest, or why there is none. */
int sp_evidence_know_digest (struct sp_evidence *evidence,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- signatures.c ----------------------------------------------------------------------------- */

/* Everything that signatures can be had from: those in hand, then each place. */
int sp_evidence_gather_signatures (struct sp_evidence *evidence,
                                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- dir.c ------------------------------------------------------------------------------------ */

/* The manifests of an image directory, into top_bytes and instance_bytes. */
int sp_dir_read_top (struct sp_evidence *evidence, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_dir_read_instance (struct sp_evidence *evidence, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
