/* SPDX-License-Identifier: Apache-2.0 */
#include "edit/attributes.h"

#include "util/buf.h"
#include "util/limits.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/xattr.h>

static int
failed (const char *what, const char *path, sigpolicy_error **err)
{
  return sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, errno,
                         "cannot give %s to %s", what, path);
}

/* The names of the attributes, one after the other, each with its NUL; none where the file system
 * has no such thing. */
static int
list_names (int fd, struct sp_buf *names, const char *path, sigpolicy_error **err)
{
  size_t room;
  char *at = sp_buf_room (names, names->max, &room);
  if (!at)
    return sp_error_no_memory (err);
  ssize_t length = flistxattr (fd, at, room);
  if (length < 0 && errno != ENOTSUP)
    return failed ("extended attributes", path, err);
  sp_buf_filled (names, length > 0 ? (size_t)length : 0);
  return 0;
}

/* Digests of the old content. */
static bool
is_of_content (const char *name)
{
  return strcmp (name, "security.ima") == 0 || strcmp (name, "security.evm") == 0;
}

/* Into an empty buffer; false where the file has none of that name. */
static bool
get_value (int fd, const char *name, struct sp_buf *value)
{
  size_t room;
  char *at = sp_buf_room (value, value->max, &room);
  ssize_t length = at ? fgetxattr (fd, name, at, room) : -1;
  if (length >= 0)
    sp_buf_filled (value, (size_t)length);
  return length >= 0;
}

static int
copy_value (int from, int to, const char *name, const char *path, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf wanted = SP_BUF (SP_XATTR_BYTES_MAX),
                            have = SP_BUF (SP_XATTR_BYTES_MAX);
  if (!get_value (from, name, &wanted))
    return failed (name, path, err);
  if (get_value (to, name, &have) && sp_view_equal (sp_buf_view (&wanted), sp_buf_view (&have)))
    return 0;
  return fsetxattr (to, name, wanted.data, wanted.len, 0) < 0 ? failed (name, path, err) : 0;
}

static const char access_list[] = "system.posix_acl_access";

/* What the new file has from its directory's default access list, and the old one (if it counts)
 * had not. */
static int
drop_access_list (int from, int to, const char *path, sigpolicy_error **err)
{
  if ((from >= 0 && fgetxattr (from, access_list, NULL, 0) >= 0)
      || fgetxattr (to, access_list, NULL, 0) < 0)
    return 0;
  return fremovexattr (to, access_list) < 0 ? failed (access_list, path, err) : 0;
}

static int
copy_attributes (int from, int to, bool other_group, const char *path, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf names = SP_BUF (SP_XATTR_BYTES_MAX);
  int rc = list_names (from, &names, path, err);

  for (size_t at = 0; rc == 0 && at < names.len; at += strlen (names.data + at) + 1)
    if (!is_of_content (names.data + at)
        && !(other_group && strcmp (names.data + at, access_list) == 0))
      rc = copy_value (from, to, names.data + at, path, err);
  return rc;
}

/* The owner, and the group if it can be had. */
static int
copy_owner (const struct stat *old, const struct stat *new, int to, bool *ret_other_group,
            const char *path, sigpolicy_error **err)
{
  *ret_other_group = false;
  if ((old->st_uid == new->st_uid && old->st_gid == new->st_gid)
      || fchown (to, old->st_uid, old->st_gid) == 0)
    return 0;
  *ret_other_group = errno == EPERM && old->st_uid == new->st_uid;
  return *ret_other_group ? 0 : failed ("the owner of the old file", path, err);
}

/* Whose group it was is one of the others now, and the other way round: each may do what both
 * could. What an access list let whom do cannot be told from the mode. */
static mode_t
lessen (mode_t mode, int from)
{
  mode_t both = (mode >> 3) & mode & 07;
  return fgetxattr (from, access_list, NULL, 0) >= 0 ? mode & 0700
                                                     : (mode & 0700) | (mode_t)(both << 3) | both;
}

int
sp_attributes_copy (int from, int to, const char *path, bool *ret_other_group,
                    sigpolicy_error **err)
{
  struct stat old = { .st_mode = 0644 }, new;
  int rc = 0;

  *ret_other_group = false;
  if (fstat (to, &new) < 0 || (from >= 0 && fstat (from, &old) < 0))
    return failed ("an owner", path, err);
  if (from >= 0)
    rc = copy_owner (&old, &new, to, ret_other_group, path, err);
  if (rc < 0)
    return rc;
  /* What the directory's default access list gives the new file goes first, where it is not wanted:
   * as long as there is a list, the group's bits of the mode are its mask. */
  if (*ret_other_group && (rc = drop_access_list (-1, to, path, err)) < 0)
    return rc;
  /* The mode before the access list, which it would change, and behind the owner, which changes
   * it. */
  mode_t mode = *ret_other_group ? lessen (old.st_mode, from) : old.st_mode & 07777;
  if (fchmod (to, mode) < 0)
    return failed ("the mode of the old file", path, err);
  if (from < 0)
    return 0;
  rc = copy_attributes (from, to, *ret_other_group, path, err);
  return rc < 0 || *ret_other_group ? rc : drop_access_list (from, to, path, err);
}
