/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/tar_int.h"

/*
 * Headers on which readers of tar differ (S12): which member is meant, whether it is a file, where
 * it ends. What is judged must be what is unpacked, so that nothing of this is read in one way or
 * the other; it is refused, wherever it stands in the archive. None of the programs that write
 * archives of images, nor GNU tar, bsdtar, Python and Go, writes any of it.
 */

#define MAGIC        257
#define DEVICES      329
#define DEVICES_END  345
#define PERMISSIONS  07777
#define USTAR_TAIL   500
#define GNU_TAIL     369
#define GNU_MAP      386
#define GNU_OLD_TAIL 495

/* Which formats have the type, and the bits of a mode that say the same. */
static const struct type
{
  char type;
  bool v7, ustar, gnu;
  int64_t mode;
} types[] = {
  { '\0', true, true, true, 0100000 },  { '0', true, true, true, 0100000 },
  { '1', true, true, true, 0100000 },   { '2', true, true, true, 0120000 },
  { '3', false, true, true, 0020000 },  { '4', false, true, true, 0060000 },
  { '5', true, true, true, 0040000 },   { '6', false, true, true, 0010000 },
  { 'x', false, true, false, 0100000 }, { 'g', false, true, false, 0100000 },
  { 'L', false, false, true, 0100000 }, { 'K', false, false, true, 0100000 },
  { 'S', false, false, true, 0100000 }, { 'V', false, false, true, 0100000 },
};

static const struct type *
type_of (const char *block)
{
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].type == block[SP_TAR_TYPE])
      return &types[i];
  return NULL;
}

static bool
ends_in_slash (struct sp_view name)
{
  return name.len && name.data[name.len - 1] == '/';
}

static bool
zeros (const char *block, size_t from, size_t to)
{
  return sp_tar_is_zero (block + from, to - from);
}

/* A time that others may take for the end of a name. */
static bool
is_time (const char *block, struct sp_tar_field field)
{
  int64_t ignored;
  return sp_tar_number (sp_tar_field_of (block, field), &ignored)
         && (block[field.at] || zeros (block, field.at, field.at + field.len));
}

/* Only what the format says is in a header. */
static bool
is_pure (const char *block, enum sp_tar_format format)
{
  switch (format)
    {
    case SP_TAR_V7:
      /* GNU tar writes numbers for devices all the same. */
      return zeros (block, MAGIC, DEVICES) && zeros (block, DEVICES_END, SP_TAR_BLOCK)
             && (zeros (block, DEVICES, DEVICES_END)
                 || memcmp (block + DEVICES,
                            "0000000\0"
                            "0000000",
                            16)
                        == 0);
    case SP_TAR_USTAR:
      return memcmp (block + MAGIC + 6, "00", 2) == 0 && zeros (block, USTAR_TAIL, SP_TAR_BLOCK);
    case SP_TAR_GNU:
      break;
    }
  return is_time (block, SP_TAR_GNU_ATIME) && is_time (block, SP_TAR_GNU_CTIME)
         && (block[SP_TAR_TYPE] == 'S'
                 ? zeros (block, GNU_TAIL, GNU_MAP) && zeros (block, GNU_OLD_TAIL, SP_TAR_BLOCK)
                 : zeros (block, GNU_TAIL, SP_TAR_BLOCK));
}

const char *
sp_tar_doubt_header (const char *block, int64_t size)
{
  enum sp_tar_format format = sp_tar_format_of (block);
  const struct type *type = type_of (block);
  struct sp_view digits = sp_tar_field_of (block, SP_TAR_SIZE);
  int64_t mode = 0;

  if (!is_pure (block, format))
    return "a header of more than one format";
  if (!type || !(format == SP_TAR_V7 ? type->v7 : format == SP_TAR_USTAR ? type->ustar : type->gnu))
    return "a member of a type that its format does not have";
  if (!sp_tar_number (sp_tar_field_of (block, SP_TAR_MODE), &mode)
      || ((mode & ~(int64_t)PERMISSIONS) && (mode & ~(int64_t)PERMISSIONS) != type->mode))
    return "a mode with another file type";
  if (sp_tar_is_zero (digits.data, digits.len))
    return "a member without a size";
  if (size && (sp_tar_is_header_only (type->type) || type->type == 'V'))
    return "content in a member that cannot have any";
  return NULL;
}

/* Whether something is said of holes that is not one of the ways in which they are written. */
static bool
has_odd_holes (const char *block, const struct sp_tar_extra *extra)
{
  if (!extra->sparse_major.len && !extra->sparse_minor.len && !extra->sparse_name.len
      && !extra->sparse_length.len)
    return false;
  return block[SP_TAR_TYPE] != '0' || !sp_view_is (extra->sparse_major, "1")
         || !sp_view_is (extra->sparse_minor, "0") || !extra->sparse_name.len
         || !extra->sparse_length.len;
}

const char *
sp_tar_doubt_member (const char *block, int64_t size, const char *name,
                     const struct sp_tar_extra *extra)
{
  char type = block[SP_TAR_TYPE];
  bool is_long = extra->has_long_name || extra->has_long_link;
  bool slash = ends_in_slash (sp_view_str (name));

  if (extra->has_pax && is_long)
    return "one member has headers of two formats";
  if ((extra->has_pax && sp_tar_format_of (block) != SP_TAR_USTAR)
      || (is_long && sp_tar_format_of (block) != SP_TAR_GNU))
    return "a member has a header of another format";
  if (has_odd_holes (block, extra))
    return "holes in a format that few programs support";
  if (size && sp_tar_is_header_only (type))
    return "content in a member that cannot have any";
  if (slash && (type == '0' || type == 'S'))
    return "a file with the name of a directory";
  if (size && type == '\0' && (slash || ends_in_slash (sp_tar_text_of (block, SP_TAR_NAME))))
    return "a directory with content";
  return name[0] || type == 'V' || type == 'g' ? NULL : "a member without a name";
}
