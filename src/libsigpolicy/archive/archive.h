/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ARCHIVE_ARCHIVE_H
#define SP_ARCHIVE_ARCHIVE_H

#include "util/buf.h"
#include "util/cleanup.h"

#include <stdint.h>

/*
 * A tar file, plain or compressed with gzip, bzip2, xz or zstd, whose members are looked at one
 * after another, as often as is needed. Nothing is unpacked, nothing is kept: names mean only what
 * the caller takes them for. Members, the length of names, and the decompressed bytes of a walk
 * have limits (UNAVAILABLE/limit).
 *
 * A plain file is skipped through, so that its size costs nothing; a compressed one is decompressed
 * in each walk.
 */
struct sp_archive;

enum sp_archive_kind
{
  SP_ARCHIVE_FILE,
  SP_ARCHIVE_SPARSE, /* a file of a type of its own, by which GNU tar tells that it has holes */
  SP_ARCHIVE_DIRECTORY,
  SP_ARCHIVE_SYMLINK,
  SP_ARCHIVE_HARD_LINK,
  SP_ARCHIVE_GLOBAL, /* a header that speaks of all members, and is one itself to some */
  SP_ARCHIVE_OTHER,  /* a device, a FIFO, something unknown */
};

struct sp_archive_entry
{
  const char *name;
  const char *target; /* of a link, else NULL */
  int64_t size;       /* of a file, with its holes */
  enum sp_archive_kind kind;
  bool holes;
};

/* The private module of the installation; tests are linked with one of the build tree. */
extern const char sp_archive_module_path[];

/* Failure: NOT_FOUND for no such file; UNAVAILABLE for one that cannot be read, or (S8) is none. */
int sp_archive_open (const char *path, struct sp_archive **ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_archive_free (struct sp_archive *archive);

SP_DEFINE_CLEANUP (struct sp_archive *, sp_archive_free);
#define cleanup_archive SP_CLEANUP (sp_archive_free_p)

/* A walk begins. INTERNAL/engine-missing when it is compressed, and the module cannot be opened. */
int sp_archive_rewind (struct sp_archive *archive, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * The next member of the walk; *ret stays NULL after the last. It is valid until the next call.
 * REJECTED/unsupported-format for what is no tar file, or ends before it should.
 */
int sp_archive_next (struct sp_archive *archive, const struct sp_archive_entry **ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The content of the file that next has given, once. Above the limit of the buffer:
 * UNAVAILABLE/limit; with holes: REJECTED, as nothing that is read whole has any. */
int sp_archive_read (struct sp_archive *archive, struct sp_buf *ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* How long it is; where it is compressed itself, how long it is without that. Its content is taken
 * by this, too. */
int sp_archive_measure (struct sp_archive *archive, int64_t *ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
