/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SOURCES_OCI_H
#define SP_SOURCES_OCI_H

#include "archive/archive.h"
#include "model/oci_layout.h"
#include "sources/evidence_int.h"

/* An image of an OCI layout, as one evidence reads it: a directory, or an archive of one. */
struct sp_oci
{
  char *path, *selector;
  struct sp_oci_layout *layout;
  /* Reads a file of the layout. */
  int (*read) (struct sp_evidence *evidence, const char *name, struct sp_buf *ret,
               sigpolicy_error **err);
  struct sp_archive *archive;
};

extern const struct sp_origin sp_origin_oci; /* oci_layout.c */

/* A layout that is read by this function. */
int sp_oci_set (struct sp_evidence *evidence, const char *path, const char *selector,
                int (*read) (struct sp_evidence *evidence, const char *name, struct sp_buf *ret,
                             sigpolicy_error **err),
                const struct sp_platform *platform, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
