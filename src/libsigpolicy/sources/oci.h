/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SOURCES_OCI_H
#define SP_SOURCES_OCI_H

#include "archive/archive.h"
#include "model/oci_layout.h"
#include "sources/evidence_int.h"

/* A file of a layout that is to be read. */
struct sp_oci_file
{
  const char *name; /* below the layout, borrowed */
  struct sp_buf *bytes;
  bool found;
};

/* A layer of a manifest that refers to the image, and what it makes. */
struct sp_oci_signature
{
  char *referrer; /* the name of the blob that is the manifest */
  size_t layer;
  char *digest, *name; /* of the blob that is the layer, and its place in the layout */
  struct sp_buf bytes;
  struct sp_signature_blob *blob; /* of the older form, without its payload; NULL for a bundle */
};

/* Start from {0}. */
struct sp_oci_signatures
{
  struct sp_oci_signature *items;
  size_t len, capacity;
};
void sp_oci_signatures_clear (struct sp_oci_signatures *signatures);

#define cleanup_oci_signatures SP_CLEANUP (sp_oci_signatures_clear)

/* How the files of a layout are reached: as those of a directory, or as members of an archive. */
struct sp_oci_access
{
  /* Reads all of these; NOT_FOUND for one that is not there. */
  int (*read) (struct sp_evidence *evidence, struct sp_oci_file *files, size_t n,
               sigpolicy_error **err);
  /* Hands each file of blobs/sha256 that may be a manifest to sp_oci_look_into(), which is what is
   * there in the end: of several members of one name each, in their order. */
  int (*scan) (struct sp_evidence *evidence, struct sp_oci_signatures *signatures,
               sigpolicy_error **err);
  /* What divides the path of the layout from that of a file in it, for people. */
  char divider;
};

/* An image of an OCI layout, as one evidence reads it. */
struct sp_oci
{
  char *path, *selector;
  struct sp_oci_layout *layout;
  const struct sp_oci_access *access;
  struct sp_archive *archive;
  bool bundles, referrers; /* which of its blobs count as signatures */
};

extern const struct sp_origin sp_origin_oci; /* oci_layout.c */

#define SP_OCI_BLOBS "blobs/sha256"

/* A layout whose files are reached like that. */
int sp_oci_set (struct sp_evidence *evidence, const char *path, const char *selector,
                const struct sp_oci_access *access, const struct sp_platform *platform,
                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Is this how a file of blobs/sha256 is named? */
bool sp_oci_is_blob_name (const char *name);

/*
 * What stands under blobs/sha256/NAME: are these bytes the manifest of signatures of the image?
 * Empty bytes are no manifest. What was found under this name before does not count.
 */
int sp_oci_look_into (struct sp_evidence *evidence, const char *name, struct sp_view bytes,
                      struct sp_oci_signatures *signatures,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Fails where files hold more bytes than the signatures of one image may. */
int sp_oci_check_bytes (const struct sp_oci_file *files, size_t n,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
