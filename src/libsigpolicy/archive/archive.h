/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ARCHIVE_ARCHIVE_H
#define SP_ARCHIVE_ARCHIVE_H

#include "archive/module.h"
#include "util/buf.h"
#include "util/cleanup.h"

/*
 * A tar file, plain or compressed with gzip, bzip2, xz or zstd, whose members are looked at one
 * after another, as often as is needed. Nothing is unpacked, nothing is kept: names mean only what
 * the caller takes them for. Members, the length of names, and the decompressed bytes of a walk
 * have ceilings (UNAVAILABLE/limit).
 *
 * A plain file is skipped through, so that its size costs nothing; a compressed one is decompressed
 * in each walk.
 */
struct sp_archive;

/* The private module of the installation; tests are linked with one of the build tree. */
extern const char sp_archive_module_path[];

/* Failure: NOT_FOUND for no such file; UNAVAILABLE for one that cannot be read, or (S8) is none;
 * INTERNAL/engine-missing when the module cannot be opened. */
int sp_archive_open (const char *path, struct sp_archive **ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_archive_free (struct sp_archive *archive);

SP_DEFINE_CLEANUP (struct sp_archive *, sp_archive_free);
#define cleanup_archive SP_CLEANUP (sp_archive_free_p)

/* A walk begins. */
int sp_archive_rewind (struct sp_archive *archive, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * The next member of the walk; *ret stays NULL after the last. It is valid until the next call.
 * REJECTED/unsupported-format for what is no tar file, or ends before it should.
 */
int sp_archive_next (struct sp_archive *archive, const struct sp_archive_entry **ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The content of the member that next has given, once. Above the ceiling of the buffer:
 * UNAVAILABLE/limit. */
int sp_archive_read (struct sp_archive *archive, struct sp_buf *ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* How long it is; where it is compressed itself, how long it is without that. Its content is taken
 * by this, too. */
int sp_archive_measure (struct sp_archive *archive, int64_t *ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
