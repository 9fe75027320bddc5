/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SOURCES_EVIDENCE_INT_H
#define SP_SOURCES_EVIDENCE_INT_H

#include "sources/evidence.h"
#include "util/alloc.h"

/*
 * A kind of image: where its manifests are read from. A manifest that is given has none.
 */
struct sp_origin
{
  /* The top-level manifest into top_bytes, and the instance that was chosen into instance_bytes.
   * *ret_mime is the type that the origin says it has, to be freed; it stays NULL where the content
   * tells. */
  int (*read_top) (struct sp_evidence *evidence, char **ret_mime, sigpolicy_error **err);
  int (*read_instance) (struct sp_evidence *evidence, char **ret_mime, sigpolicy_error **err);
  /* The type that it says is that of a descriptor, which names the manifest. */
  bool is_described;
  /* Another manifest of it is read next: the time for one begins anew. May be NULL. */
  void (*renew) (struct sp_evidence *evidence);
  /* Frees what it keeps in the evidence, or NULL. */
  void (*release) (struct sp_evidence *evidence);
};

extern const struct sp_origin sp_origin_dir;     /* dir.c */
extern const struct sp_origin sp_origin_docker;  /* docker.c */
extern const struct sp_origin sp_origin_storage; /* storage.c */

/*
 * A location where signatures stand under numbers, from 1, until the first that is missing. All
 * functions but prepare may be called only when that has succeeded.
 */
struct sp_location
{
  /* All at once, instead of what follows; it may say of itself where it looked, and that it did
   * not. */
  int (*gather) (struct sp_evidence *evidence, struct sp_looked_at *looked_at,
                 sigpolicy_error **err);
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

extern const struct sp_location sp_location_signature_dir; /* signatures.c */
extern const struct sp_location sp_location_dir;           /* dir.c */
extern const struct sp_location sp_location_lookaside;     /* lookaside_file.c */
extern const struct sp_location sp_location_storage;       /* storage.c */

#define SP_LOCATIONS_MAX 5

/* Something that is done once; error tells how it failed. */
struct sp_once
{
  bool done;
  sigpolicy_error *error;
};

/* A signature that is given. */
struct sp_given_signature
{
  struct sp_buf bytes;
  char *label;
};

struct sp_evidence
{
  /* What it was given. */
  char *label; /* what is read, for messages */
  bool is_given;
  const struct sp_origin *origin; /* of an image; NULL for a manifest that is given */
  char *dir, *signature_dir;
  enum sp_generation generation; /* of the reader of dir */
  struct sp_docker *docker;
  struct sp_docker_archive_source *docker_archive;
  struct sp_oci *oci;
  struct sp_storage *storage;
  struct sp_platform platform;
  struct sp_lookaside *lookaside;
  struct sp_strv expected; /* digests that the top-level manifest must have, all of them */
  struct sp_given_signature *given;
  size_t n_given, given_capacity;
  enum sp_bundle_mode bundles;
  bool is_closed; /* what was given is all there is */

  /* What was found. The judged manifest is the top one or the instance. */
  struct sp_once top_once, top_digest_once, judged_once, digest_once, signatures_once;
  int dir_fd;
  struct sp_view top, judged;
  struct sp_buf top_bytes, instance_bytes;
  char *instance_mime;
  char *top_mime; /* what the origin says, else the bytes; of a manifest that is given NULL */
  bool selected;  /* what is judged was said: the instance, or the top-level manifest where NULL */
  char *instance;
  char digest[SP_SHA256_TEXT_SIZE]; /* of the judged manifest */
  char top_digest[SP_SHA256_TEXT_SIZE];
  struct sp_signature_blob **signatures;
  size_t n_signatures, signatures_capacity, signature_bytes;

  /* Where to look for signatures, in this order. */
  const struct sp_location *locations[SP_LOCATIONS_MAX];
  size_t n_locations;
  struct sp_looked_at looked_at[2 * SP_LOCATIONS_MAX]; /* the locations, and what else was asked */
  size_t n_looked_at;

  struct sp_strv warnings;
};

/* The image that is to be read; label is its name for messages. */
int sp_evidence_set_origin (struct sp_evidence *evidence, const struct sp_origin *origin,
                            const char *label, const struct sp_platform *platform,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The digest of the judged manifest into evidence->digest, or why there is none. */
int sp_evidence_know_digest (struct sp_evidence *evidence,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* One more location to look for signatures; where is what is said of it until it is asked. */
int sp_evidence_add_location (struct sp_evidence *evidence, const struct sp_location *location,
                              const char *where, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Who else was asked. Said once; there is an end to what can be said. */
int sp_evidence_note (struct sp_evidence *evidence, const char *where, const char *result,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- signatures.c ----------------------------------------------------------------------------- */

/* Everything that signatures can be had from: those that are given, then each location. */
int sp_evidence_gather_signatures (struct sp_evidence *evidence,
                                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Keeps one signature, taken over. */
int sp_evidence_keep (struct sp_evidence *evidence, struct sp_signature_blob **blob,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Says that the signatures hold too many bytes in all. */
int sp_evidence_too_many_bytes (sigpolicy_error **err);

/* Signature 1, 2, ... of a location. */
int sp_evidence_read_series (struct sp_evidence *evidence, const struct sp_location *location,
                             struct sp_looked_at *looked_at,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
