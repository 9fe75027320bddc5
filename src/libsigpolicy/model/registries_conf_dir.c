/* SPDX-License-Identifier: Apache-2.0 */
#include "model/registries_conf_int.h"

#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>
#include <sys/stat.h>

/* Which files, and reading them. */

#define USER_FILE        ".config/containers/registries.conf"
#define USER_DIRECTORY   ".config/containers/registries.conf.d"
#define SYSTEM_FILE      "/etc/containers/registries.conf"
#define SYSTEM_DIRECTORY "/etc/containers/registries.conf.d"

void
sp_registries_conf_paths_clear (struct sp_registries_conf_paths *paths)
{
  free (paths->file);
  sp_strv_clear (&paths->directories);
  memset (paths, 0, sizeof *paths);
}

static char *
join (const char *directory, const char *name, sigpolicy_error **err)
{
  cleanup_free char *joined = sp_asprintf (err, "%s/%s", directory, name);
  return joined ? sp_fs_clean (joined, err) : NULL;
}

int
sp_registries_conf_choose (const char *explicit_file, const char *home,
                           struct sp_registries_conf_paths *ret, sigpolicy_error **err)
{
  cleanup_registries_conf_paths struct sp_registries_conf_paths paths = { 0 };
  bool has_home = home && home[0], is_users = false;
  int rc = 0;

  paths.is_required = explicit_file && explicit_file[0];
  if (!paths.is_required && has_home)
    {
      paths.file = join (home, USER_FILE, err);
      if (!paths.file || sp_fs_exists (paths.file, &is_users, err) < 0)
        return sigpolicy_error_code (*err);
    }
  if (!is_users)
    {
      free (paths.file);
      paths.file = sp_strdup (paths.is_required ? explicit_file : SYSTEM_FILE, err);
      rc = paths.file ? sp_strv_add (&paths.directories, sp_view_str (SYSTEM_DIRECTORY), err)
                      : SIGPOLICY_E_NO_MEMORY;
    }
  if (rc == 0 && has_home)
    rc = sp_strv_take (&paths.directories, join (home, USER_DIRECTORY, err), err);
  if (rc < 0)
    return rc;
  *ret = paths;
  memset (&paths, 0, sizeof paths);
  return 0;
}

/* --- drop-ins ------------------------------------------------------------------------------- */

static int
unreadable (const char *verb, const char *path, int errnum, sigpolicy_error **err)
{
  (void)sp_error_errno (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, errnum,
                        "reading registries.conf.d: %s %s", verb, path);
  return sp_error_place (err, path, 0, 0, NULL);
}

/* What is in the directory is taken by its kind there: a directory is passed over, and a link to
 * one is not. What cannot be looked at is tried, and fails by its name if it is still there. */
static bool
is_drop_in (int directory, const char *name)
{
  const struct sp_view suffix = SP_VIEW (".conf");
  struct sp_view view = sp_view_str (name);
  struct stat status;
  return view.len >= suffix.len
         && sp_view_equal (sp_view_from (view, view.len - suffix.len), suffix)
         && (fstatat (directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0
             || !S_ISDIR (status.st_mode));
}

/* The names of the files in their order; none where there is no directory, or only a link to one.
 */
static int
list_files (const char *path, struct sp_strv *names, sigpolicy_error **err)
{
  struct stat status;

  if (lstat (path, &status) < 0)
    return errno == ENOENT ? 0 : unreadable ("lstat", path, errno, err);
  if (!S_ISDIR (status.st_mode))
    return 0;
  int rc = sp_fs_list (path, is_drop_in, SP_REGISTRIES_CONF_FILES_MAX, names, err);
  if (rc < 0 && sp_error_errnum (*err) == ENOENT)
    {
      sp_error_clear (err);
      return 0;
    }
  if (rc == 0 || sigpolicy_error_reason (*err) == SIGPOLICY_REASON_LIMIT)
    return rc < 0 ? sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR) : 0;
  (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  (void)sp_error_prefix (err, "reading registries.conf.d");
  return sp_error_place (err, path, 0, 0, NULL);
}

/* --- reading -------------------------------------------------------------------------------- */

int
sp_registries_conf_name_file (const char *path, enum sp_registries_conf_role role,
                              sigpolicy_error **err)
{
  cleanup_free char *quoted = sp_quote_dup (sp_view_str (path), err);
  return quoted ? sp_error_prefix (err, "loading %sregistries configuration %s",
                                   role == SP_REGISTRIES_CONF_DROP_IN ? "drop-in " : "", quoted)
                : SIGPOLICY_E_NO_MEMORY;
}

struct loading
{
  struct sp_registries_conf *conf;
  size_t total;
};

/* *may_be_missing: a file that is not there is none. */
static int
load_file (struct loading *loading, const char *path, enum sp_registries_conf_role role,
           bool may_be_missing, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_TOML_BYTES_MAX);

  if (sp_fs_read (path, &text, err) < 0)
    {
      if (may_be_missing && sp_error_errnum (*err) == ENOENT)
        {
          sp_error_clear (err);
          return 0;
        }
      (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
      (void)sp_error_place (err, path, 0, 0, NULL);
      return sp_registries_conf_name_file (path, role, err);
    }
  loading->total += text.len;
  if (loading->total > SP_REGISTRIES_CONF_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_LIMIT,
                         "registries.conf and its drop-ins have more than %lu bytes",
                         SP_REGISTRIES_CONF_BYTES_MAX);
  return sp_registries_conf_parse_file (loading->conf, sp_buf_view (&text), path, role, err);
}

static int
load_directory (struct loading *loading, const char *path, sigpolicy_error **err)
{
  cleanup_strv struct sp_strv names = { 0 };
  int rc = list_files (path, &names, err);
  for (size_t i = 0; rc == 0 && i < names.len; i++)
    {
      cleanup_free char *file = join (path, names.items[i], err);
      rc = file ? load_file (loading, file, SP_REGISTRIES_CONF_DROP_IN, true, err)
                : sigpolicy_error_code (*err);
    }
  return rc;
}

int
sp_registries_conf_load (const struct sp_registries_conf_paths *paths,
                         struct sp_registries_conf **ret, sigpolicy_error **err)
{
  cleanup_registries_conf struct sp_registries_conf *conf = NULL;

  int rc = sp_registries_conf_new (paths, &conf, err);
  if (rc < 0)
    return rc;
  struct loading loading = { .conf = conf };
  rc = load_file (&loading, paths->file, SP_REGISTRIES_CONF_MAIN, !paths->is_required, err);
  for (size_t i = 0; rc == 0 && i < paths->directories.len; i++)
    rc = load_directory (&loading, paths->directories.items[i], err);
  if (rc < 0)
    return rc;
  *ret = steal (&conf);
  return 0;
}
