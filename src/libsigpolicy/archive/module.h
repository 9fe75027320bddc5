/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ARCHIVE_MODULE_H
#define SP_ARCHIVE_MODULE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Between the library and the private module that is linked with libarchive: a compressed stream
 * goes in, what it was before it was compressed comes out. The module opens no file and writes
 * none, and knows of no archives; it is opened for the first compressed one.
 *
 * The two are built together; the version only tells a stray module of another build.
 */
#define SP_ARCHIVE_MODULE_VERSION 2
#define SP_ARCHIVE_MODULE_SYMBOL  "sp_archive_module"

enum sp_archive_compression
{
  SP_ARCHIVE_PLAIN,
  SP_ARCHIVE_GZIP,
  SP_ARCHIVE_BZIP2,
  SP_ARCHIVE_XZ,
  SP_ARCHIVE_ZSTD,
};

/* The compressed bytes. */
struct sp_archive_input
{
  void *self;
  /* The next bytes, valid until the next call; 0 at the end, -1 for a failure that self keeps. */
  ptrdiff_t (*read) (void *self, const void **ret_bytes);
};

enum sp_archive_status
{
  SP_ARCHIVE_FINE,
  SP_ARCHIVE_NO_MEMORY,
  SP_ARCHIVE_BROKEN,   /* or the input has failed: its self knows */
  SP_ARCHIVE_DOUBTFUL, /* readers differ on it (S12) */
};

struct sp_archive_module
{
  int version;
  /* One thread at a time. NULL: no memory. input is borrowed until close. */
  void *(*open) (const struct sp_archive_input *input, enum sp_archive_compression compression);
  /* More of the decompressed stream; *ret_got is 0 at its end. */
  enum sp_archive_status (*read) (void *session, void *at, size_t room, size_t *ret_got);
  /* What is broken or doubtful; valid until the next call. */
  const char *(*message) (void *session);
  void (*close) (void *session);
};

#endif
