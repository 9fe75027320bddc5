/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/image_name_int.h"

#include "util/fs.h"

#include <errno.h>

/* The transports whose images are paths: dir, sif, oci, oci-archive, docker-archive, tarball. */

/* The resolved path as identity, and its parents without "/" as namespaces; for layouts the path
 * itself is one too. */
static int
scope_path (struct sp_image_name *name, const char *path, bool itself, sigpolicy_error **err)
{
  name->path = sp_strdup (path, err);
  name->identity = name->path ? sp_fs_resolve (path, err) : NULL;
  if (!name->identity)
    return sigpolicy_error_code (*err);

  struct sp_view at = sp_view_str (name->identity);
  for (bool parent = false; at.len > 1; parent = true)
    {
      int rc = parent || itself ? sp_strv_add (&name->namespaces, at, err) : 0;
      if (rc < 0)
        return rc;
      at = sp_view_head (at, sp_view_find_last (at, '/'));
    }
  return 0;
}

int
sp_image_name_parse_path (const char *text, struct sp_image_name *name, sigpolicy_error **err)
{
  int rc = scope_path (name, text, false, err);
  return rc < 0 ? rc : sp_image_name_spell (name, text, err);
}

static bool
is_alnum (char c)
{
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* C(/C)* with C = [A-Za-z0-9]+(([-._:@+]|--)[A-Za-z0-9]+)*: the image names of OCI layouts. */
static bool
is_image (struct sp_view text)
{
  size_t i = 0;
  for (;;)
    {
      size_t word = i;
      while (i < text.len && is_alnum (text.data[i]))
        i++;
      if (i == word)
        return false;
      if (i == text.len)
        return true;
      char c = text.data[i++];
      if (!strchr ("-._:@+/", c) || !c)
        return false;
      if (c == '-' && i < text.len && text.data[i] == '-')
        i++;
    }
}

/* "@N", N as strconv.Atoi reads it: an optional sign and digits. */
static int
check_index (const char *text, sigpolicy_error **err)
{
  const char *digits = text + 1 + (text[1] == '-' || text[1] == '+');
  char *end = NULL;

  errno = 0;
  long value = strtol (text + 1, &end, 10);
  if (!*digits || digits[strspn (digits, "0123456789")] || errno || *end)
    return SP_NAME_ERROR (err, "Invalid source index %s: not an integer", text);
  if (value < 0)
    return SP_NAME_ERROR (err, "Invalid source index %s: must not be negative", text);
  return 0;
}

/* "@7" of "@007": the canonical spelling. */
static char *
spell_index (const char *text, sigpolicy_error **err)
{
  return sp_asprintf (err, "@%ld", strtol (text + 1, NULL, 10));
}

int
sp_image_name_parse_oci (const char *text, struct sp_image_name *name, sigpolicy_error **err)
{
  struct sp_view whole = sp_view_str (text);
  size_t colon = sp_view_find (whole, ':');
  const char *image = colon == SP_VIEW_NONE ? "" : text + colon + 1;
  cleanup_free char *path = sp_view_dup (sp_view_head (whole, colon), err);
  bool by_index = name->transport == SP_TRANSPORT_OCI && image[0] == '@';
  int rc = path ? 0 : SIGPOLICY_E_NO_MEMORY;

  if (rc == 0 && by_index)
    rc = check_index (image, err);
  else if (rc == 0 && image[0] && !is_image (sp_view_str (image)))
    rc = SP_NAME_ERROR (err, "Invalid image %s", image);
  if (rc == 0)
    rc = scope_path (name, path, true, err);
  if (rc < 0)
    return rc;
  if (image[0] && !(name->selector = by_index ? spell_index (image, err) : sp_strdup (image, err)))
    return SIGPOLICY_E_NO_MEMORY;
  cleanup_free char *details
      = sp_asprintf (err, "%s:%s", path, name->selector ? name->selector : "");
  return details ? sp_image_name_spell (name, details, err) : SIGPOLICY_E_NO_MEMORY;
}

/* The docker reference of an image in a docker archive: a tag, no digest. */
static int
parse_archive_reference (const char *text, struct sp_image_name *name, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *bare = NULL;

  int rc = sp_reference_parse (sp_view_str (text), &bare, err);
  if (rc < 0)
    return sp_error_prefix (err, "docker-archive parsing reference");
  if (bare->digest && !bare->tag)
    return SP_NAME_ERROR (err, "reference does not include a tag: %s", bare->string);
  if (bare->digest)
    return SP_NAME_ERROR (err, "docker-archive doesn't support digest references: %s",
                          bare->string);
  return sp_reference_with_default_tag (bare, &name->reference, err);
}

int
sp_image_name_parse_archive (const char *text, struct sp_image_name *name, sigpolicy_error **err)
{
  struct sp_view whole = sp_view_str (text);
  size_t colon = sp_view_find (whole, ':');
  const char *image = colon == SP_VIEW_NONE ? NULL : text + colon + 1;
  int rc = 0;

  if (!text[0])
    return SP_NAME_ERROR (err, "docker-archive reference %s isn't of the form <path>[:<reference>]",
                          text);
  name->path = sp_view_dup (sp_view_head (whole, colon), err);
  if (!name->path)
    return SIGPOLICY_E_NO_MEMORY;
  if (image && image[0] == '@')
    {
      rc = check_index (image, err);
      if (rc == 0 && !(name->selector = spell_index (image, err)))
        rc = SIGPOLICY_E_NO_MEMORY;
    }
  else if (image)
    rc = parse_archive_reference (image, name, err);
  if (rc < 0)
    return rc;
  const char *shown = name->reference ? name->reference->string : name->selector;
  cleanup_free char *details
      = sp_asprintf (err, "%s%s%s", name->path, shown ? ":" : "", shown ? shown : "");
  return details ? sp_image_name_spell (name, details, err) : SIGPOLICY_E_NO_MEMORY;
}

int
sp_image_name_parse_tarball (const char *text, struct sp_image_name *name, sigpolicy_error **err)
{
  struct sp_view left = sp_view_str (text);

  for (;;)
    {
      size_t colon = sp_view_find (left, ':');
      cleanup_free char *path = sp_view_dup (sp_view_head (left, colon), err);
      if (!path)
        return SIGPOLICY_E_NO_MEMORY;
      cleanup_close int fd = strcmp (path, "-") == 0
                                 ? -1
                                 : open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
      if (fd < 0 && strcmp (path, "-") != 0)
        return sp_error_errno (
            err, errno == ENOENT ? SIGPOLICY_E_NOT_FOUND : SIGPOLICY_E_UNAVAILABLE,
            errno == ENOENT ? SIGPOLICY_REASON_NOT_FOUND : SIGPOLICY_REASON_COULD_NOT_LOOK, errno,
            "error opening \"%s\": open %s", path, path);
      if (colon == SP_VIEW_NONE)
        return sp_image_name_spell (name, text, err);
      left = sp_view_from (left, colon + 1);
    }
}
