/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ARCHIVE_ARCHIVE_INT_H
#define SP_ARCHIVE_ARCHIVE_INT_H

#include "archive/archive.h"
#include "archive/module.h"

/* The module, opened when first asked for. */
int sp_archive_load (const struct sp_archive_module **ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Another in its place: for tests and fuzzing. */
void sp_archive_use_module (const struct sp_archive_module *module);

/* --- stream.c: the bytes of the archive, or of a member, as they were before compression -------
 */

struct sp_stream;

/* The bytes of an open file, from its start; path is for messages, and borrowed. */
int sp_stream_open (int fd, const char *path, struct sp_stream **ret,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Those of a part of another stream, which is borrowed: what is behind the first bytes, which are
 * copied, and shorter than 16. *ret stays NULL when they tell of no compression. */
int sp_stream_open_member (struct sp_stream *outer, struct sp_view start, int64_t left,
                           struct sp_stream **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_stream_free (struct sp_stream *stream);

/* As many bytes as are wanted, fewer at the end. UNAVAILABLE/limit for a stream that is too long.
 */
int sp_stream_read (struct sp_stream *stream, void *to, size_t want, size_t *ret_got,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Goes on by count bytes, or to the end: which is broken. */
int sp_stream_skip (struct sp_stream *stream, int64_t count,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What was compressed is decompressed to its end, and is whole. */
int sp_stream_end (struct sp_stream *stream, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* How many bytes were passed so far. */
int64_t sp_stream_passed (const struct sp_stream *stream);

/* REJECTED/unsupported-format, with why; the same for what readers differ on (S12); and
 * UNAVAILABLE/limit. */
int sp_stream_broken (const struct sp_stream *stream, const char *why, sigpolicy_error **err);
int sp_stream_doubtful (const struct sp_stream *stream, const char *why, sigpolicy_error **err);
int sp_stream_too_long (const struct sp_stream *stream, sigpolicy_error **err);

SP_DEFINE_CLEANUP (struct sp_stream *, sp_stream_free);
#define cleanup_stream SP_CLEANUP (sp_stream_free_p)

/* --- tar.c ------------------------------------------------------------------------------------ */

/* Where a walk is. Start from {0}. */
struct sp_tar
{
  struct sp_archive_entry entry;
  char *name, *target;
  int64_t left;   /* of the member's bytes in the stream, */
  size_t padding; /* and what is behind them */
};

/* The next member; *ret_found is false after the last. */
int sp_tar_next (struct sp_tar *tar, struct sp_stream *stream, bool *ret_found,
                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_tar_clear (struct sp_tar *tar);

#endif
