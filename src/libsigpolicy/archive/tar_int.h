/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ARCHIVE_TAR_INT_H
#define SP_ARCHIVE_TAR_INT_H

#include "archive/archive_int.h"

#define SP_TAR_BLOCK 512
#define SP_TAR_TYPE  156

/* Where the fields of a header are. */
struct sp_tar_field
{
  size_t at, len;
};
#define SP_TAR_NAME      ((struct sp_tar_field){ 0, 100 })
#define SP_TAR_MODE      ((struct sp_tar_field){ 100, 8 })
#define SP_TAR_UID       ((struct sp_tar_field){ 108, 8 })
#define SP_TAR_GID       ((struct sp_tar_field){ 116, 8 })
#define SP_TAR_SIZE      ((struct sp_tar_field){ 124, 12 })
#define SP_TAR_TIME      ((struct sp_tar_field){ 136, 12 })
#define SP_TAR_CHECKSUM  ((struct sp_tar_field){ 148, 8 })
#define SP_TAR_LINK      ((struct sp_tar_field){ 157, 100 })
#define SP_TAR_MAJOR     ((struct sp_tar_field){ 329, 8 })
#define SP_TAR_MINOR     ((struct sp_tar_field){ 337, 8 })
#define SP_TAR_PREFIX    ((struct sp_tar_field){ 345, 155 })
#define SP_TAR_GNU_ATIME ((struct sp_tar_field){ 345, 12 })
#define SP_TAR_GNU_CTIME ((struct sp_tar_field){ 357, 12 })
#define SP_TAR_GNU_LENGTH                                                \
  ((struct sp_tar_field){ 483, 12 }) /* of a sparse file, with its holes \
                                      */

enum sp_tar_format
{
  SP_TAR_V7,
  SP_TAR_USTAR, /* and pax */
  SP_TAR_GNU,
};

/* --- tar_header.c: one block ------------------------------------------------------------------ */

struct sp_view sp_tar_field_of (const char *block, struct sp_tar_field field);

/* The same, up to its first NUL. */
struct sp_view sp_tar_text_of (const char *block, struct sp_tar_field field);

/* Octal digits, or a binary number; a blank field is 0. What all readers take for one number alone:
 * blanks before the digits, blanks and NULs behind them; 0x80 or 0xff before a binary number. */
bool sp_tar_number (struct sp_view text, int64_t *ret);

/* Not even the readers that take more for a number take this for one. */
bool sp_tar_is_no_number (struct sp_view text);

/* A decimal number of an extended header. */
bool sp_tar_decimal (struct sp_view text, int64_t *ret);

bool sp_tar_is_zero (const char *bytes, size_t len);
bool sp_tar_checksum_holds (const char *block);
enum sp_tar_format sp_tar_format_of (const char *block);

/* Links, devices, directories and FIFOs have no content. */
bool sp_tar_is_header_only (char type);

/* --- tar_extra.c: the headers that go with a member ------------------------------------------- */

/* What they say of it; views of text, where they are not empty. */
struct sp_tar_extra
{
  struct sp_buf pax, long_name, long_link;
  bool has_pax, has_long_name, has_long_link;
  bool no_size; /* it has one that is no number: who reads the member stumbles over it */
  struct sp_view path, link, size, sparse_major, sparse_minor, sparse_name, sparse_length;
};
void sp_tar_extra_clear (struct sp_tar_extra *extra);

/* Takes the header that goes with what is behind it; *ret_member says that this one does not. */
int sp_tar_extra_take (struct sp_tar_extra *extra, struct sp_stream *stream, const char *block,
                       int64_t size, bool *ret_member, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- tar_sparse.c: files with holes ----------------------------------------------------------- */

/* Steps over what an old sparse member, or (data) one of an extended header, tells of its holes in
 * front of its data; left is what the member has in the stream. All of it is looked through. */
int sp_tar_skip_old_map (struct sp_stream *stream, const char *block, int64_t left, int64_t length,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_tar_skip_map (struct sp_stream *stream, int64_t *left, int64_t length,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- tar_doubt.c: S12, on what readers differ ------------------------------------------------- */

/* Why a header by itself, or a member with what goes with it, is not the same to all; else NULL. */
const char *sp_tar_doubt_header (const char *block, int64_t size);
const char *sp_tar_doubt_member (const char *block, int64_t size, const char *name,
                                 const struct sp_tar_extra *extra);

#endif
