/* SPDX-License-Identifier: Apache-2.0 */
#include "model/scope.h"

#include "reference/digest.h"
#include "util/fs.h"
#include "util/limits.h"

#define SHOWN(scope) (int)(scope).len, (scope).data

static int refuse (sigpolicy_error **err, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

static int
refuse (sigpolicy_error **err, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  int rc = sp_error_vset (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, format, args);
  va_end (args);
  return rc;
}

static int
check_anything (struct sp_view scope, sigpolicy_error **err)
{
  (void)scope;
  (void)err;
  return 0;
}

/* ^[^/]*(/[^:/]*(/[^:/]*(:[^:/]*)?)?)?$ */
static int
check_atomic (struct sp_view scope, sigpolicy_error **err)
{
  unsigned slashes = 0, colons = 0;
  bool fine = true;
  for (size_t i = 0; i < scope.len; i++)
    {
      if (scope.data[i] == '/')
        {
          slashes++;
          fine = fine && colons == 0;
        }
      else if (scope.data[i] == ':' && slashes > 0)
        {
          colons++;
          fine = fine && slashes == 2;
        }
    }
  return fine && slashes <= 2 && colons <= 1
             ? 0
             : refuse (err, "Invalid scope name %.*s", SHOWN (scope));
}

static int
check_daemon (struct sp_view scope, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *no_digest = NULL;
  return sp_digest_check (scope, &no_digest) < 0
             ? 0
             : refuse (err, "docker-daemon: can not use algo:digest value %.*s as a namespace",
                       SHOWN (scope));
}

/* Is an absolute path in its shortest spelling: without an empty element, "." or ".."? */
static bool
is_clean (struct sp_view path)
{
  while (path.len)
    {
      struct sp_view rest = sp_view_from (path, 1);
      struct sp_view element = sp_view_head (rest, sp_view_find (rest, '/'));
      if (!element.len || sp_view_is (element, ".") || sp_view_is (element, ".."))
        return false;
      path = sp_view_from (rest, element.len);
    }
  return true;
}

/* Other than "/". What can be no path, with a NUL or too long, is allowed: it names no image. */
static int
check_path (struct sp_view scope, const char *absolute, const char *perhaps, sigpolicy_error **err)
{
  if (!scope.len || scope.data[0] != '/')
    return refuse (err, "Invalid scope %.*s: %s be an absolute path", SHOWN (scope), absolute);
  if (sp_view_is (scope, "/"))
    return refuse (err, "Invalid scope \"/\": Use the generic default scope \"\"");
  if (is_clean (scope))
    return 0;
  if (scope.len >= SP_PATH_BYTES_MAX)
    return refuse (err, "Invalid scope: Uses non-canonical format");
  cleanup_free char *path = sp_view_dup (scope, err);
  cleanup_free char *clean = path ? sp_fs_clean (path, err) : NULL;
  return clean ? refuse (err, "Invalid scope %s: Uses non-canonical %s %s", path, perhaps, clean)
               : SIGPOLICY_E_NO_MEMORY;
}

static int
check_directory (struct sp_view scope, sigpolicy_error **err)
{
  return check_path (scope, "Must", "format, perhaps try", err);
}

static int
check_layout (struct sp_view scope, sigpolicy_error **err)
{
  return check_path (scope, "must", "path format, perhaps try with path", err);
}

static int
check_archive (struct sp_view scope, sigpolicy_error **err)
{
  (void)scope;
  return refuse (err, "docker-archive: does not support any scopes except the default \"\" one");
}

static int
check_tarball (struct sp_view scope, sigpolicy_error **err)
{
  (void)scope;
  return refuse (err, "tarball: does not support any scopes except the default \"\" one");
}

/* Behind the store: "text", "text@ID-or-digest" or "text@digest@ID". */
static bool
fits_storage (struct sp_view rest)
{
  cleanup_error sigpolicy_error *first_error = NULL;
  size_t at = sp_view_find (rest, '@');

  if (at == SP_VIEW_NONE)
    return true;
  struct sp_view second = sp_view_from (rest, at + 1);
  at = sp_view_find (second, '@');
  if (at == SP_VIEW_NONE)
    return sp_digest_is_hex64 (second) || sp_digest_check (second, &first_error) == 0;
  return sp_digest_check (sp_view_head (second, at), &first_error) == 0
         && sp_digest_is_hex64 (sp_view_from (second, at + 1));
}

static int
check_storage (struct sp_view scope, sigpolicy_error **err)
{
  size_t close = sp_view_find (scope, ']');
  if (close == SP_VIEW_NONE || scope.data[0] != '[')
    return refuse (err, "invalid reference");
  struct sp_view store = sp_view_n (scope.data + 1, close - 1), root = store;
  size_t at = sp_view_find (store, '@');
  if (at != SP_VIEW_NONE)
    root = sp_view_from (store, at + 1);
  if (!root.len || at == 0)
    return refuse (err, "invalid reference");
  if (root.data[0] != '/')
    return refuse (err, at == SP_VIEW_NONE ? "invalid reference" : "path name is not absolute");
  return fits_storage (sp_view_from (scope, close + 1)) ? 0 : refuse (err, "invalid reference");
}

int
sp_scope_check (enum sp_transport transport, struct sp_view scope, sigpolicy_error **err)
{
  static int (*const checks[SP_TRANSPORTS]) (struct sp_view, sigpolicy_error **) = {
    [SP_TRANSPORT_ATOMIC] = check_atomic,
    [SP_TRANSPORT_CONTAINERS_STORAGE] = check_storage,
    [SP_TRANSPORT_DIR] = check_directory,
    [SP_TRANSPORT_DOCKER] = check_anything,
    [SP_TRANSPORT_DOCKER_ARCHIVE] = check_archive,
    [SP_TRANSPORT_DOCKER_DAEMON] = check_daemon,
    [SP_TRANSPORT_OCI] = check_layout,
    [SP_TRANSPORT_OCI_ARCHIVE] = check_layout,
    [SP_TRANSPORT_OSTREE] = check_anything,
    [SP_TRANSPORT_SIF] = check_directory,
    [SP_TRANSPORT_TARBALL] = check_tarball,
  };
  return checks[transport](scope, err);
}
