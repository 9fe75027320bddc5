/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ARCHIVE_MODULE_H
#define SP_ARCHIVE_MODULE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Between the library and the private module that is linked with libarchive: a stream goes in, the
 * members of a tar file, or the decompressed stream, come out. The module opens no file and writes
 * none; whatever is refused is refused on the library's side.
 *
 * The two are built together; the version only tells a stray module of another build.
 */
#define SP_ARCHIVE_MODULE_VERSION 1
#define SP_ARCHIVE_MODULE_SYMBOL  "sp_archive_module"

enum sp_archive_compression
{
  SP_ARCHIVE_PLAIN,
  SP_ARCHIVE_GZIP,
  SP_ARCHIVE_BZIP2,
  SP_ARCHIVE_XZ,
  SP_ARCHIVE_ZSTD,
};

enum sp_archive_shape
{
  SP_ARCHIVE_TAR,
  SP_ARCHIVE_RAW, /* one member without a name: the decompressed stream */
};

/* The compressed bytes. */
struct sp_archive_input
{
  void *self;
  /* The next bytes, valid until the next call; 0 at the end, -1 for a failure that self keeps. */
  ptrdiff_t (*read) (void *self, const void **ret_bytes);
  /* Goes on by up to count bytes without reading them: by how many, perhaps 0; -1 as above. NULL
   * where that cannot be. */
  int64_t (*skip) (void *self, int64_t count);
};

enum sp_archive_kind
{
  SP_ARCHIVE_FILE,
  SP_ARCHIVE_DIRECTORY,
  SP_ARCHIVE_SYMLINK,
  SP_ARCHIVE_HARD_LINK,
  SP_ARCHIVE_OTHER, /* a device, a FIFO, something unknown */
};

/* Strings are valid until the next member. */
struct sp_archive_entry
{
  const char *name;
  const char *target; /* of a link, else NULL */
  int64_t size;
  enum sp_archive_kind kind;
};

enum sp_archive_status
{
  SP_ARCHIVE_FINE,
  SP_ARCHIVE_END,
  SP_ARCHIVE_NO_MEMORY,
  SP_ARCHIVE_BROKEN, /* or the input has failed: its self knows */
};

struct sp_archive_module
{
  int version;
  /* One thread at a time. NULL: no memory. input is borrowed until close. */
  void *(*open) (const struct sp_archive_input *input, enum sp_archive_compression compression,
                 enum sp_archive_shape shape);
  /* The next member, END after the last. */
  enum sp_archive_status (*next) (void *session, struct sp_archive_entry *ret);
  /* More of the content of the member; *ret_got is 0 at its end. */
  enum sp_archive_status (*read) (void *session, void *at, size_t room, size_t *ret_got);
  /* How many decompressed bytes were passed so far. */
  int64_t (*passed) (void *session);
  /* What is broken; valid until the next call. */
  const char *(*message) (void *session);
  void (*close) (void *session);
};

#endif
