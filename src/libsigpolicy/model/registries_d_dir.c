/* SPDX-License-Identifier: Apache-2.0 */
#include "model/registries_d.h"

#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>

/* Which directory, and the files in it. */

#define USER_DIRECTORY   ".config/containers/registries.d"
#define SYSTEM_DIRECTORY "/etc/containers/registries.d"

char *
sp_registries_d_choose (const char *explicit_dir, const char *home, sigpolicy_error **err)
{
  if (explicit_dir && explicit_dir[0])
    return sp_strdup (explicit_dir, err);
  if (home && home[0])
    {
      cleanup_free char *joined = sp_asprintf (err, "%s/" USER_DIRECTORY, home);
      cleanup_free char *user = joined ? sp_fs_clean (joined, err) : NULL;
      bool exists = false;
      if (!user || sp_fs_exists (user, &exists, err) < 0)
        return NULL;
      if (exists)
        return steal (&user);
    }
  return sp_strdup (SYSTEM_DIRECTORY, err);
}

static bool
is_configuration (int directory, const char *name)
{
  const struct sp_view suffix = SP_VIEW (".yaml");
  struct sp_view view = sp_view_str (name);
  (void)directory;
  return view.len >= suffix.len
         && sp_view_equal (sp_view_from (view, view.len - suffix.len), suffix);
}

/* None where there is no directory. */
int
sp_registries_d_list (const char *path, struct sp_strv *names, sigpolicy_error **err)
{
  int rc = sp_fs_list (path, is_configuration, SP_REGISTRIES_D_FILES_MAX, names, err);
  if (rc < 0 && sp_error_errnum (*err) == ENOENT)
    {
      sp_error_clear (err);
      return 0;
    }
  return rc < 0 ? sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR) : 0;
}

/* A file that is gone by now, or a link that leads nowhere, is none. */
static int
load_file (struct sp_registries_d *configuration, const char *name, size_t *total,
           sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
  cleanup_free char *joined
      = sp_asprintf (err, "%s/%s", sp_registries_d_directory (configuration), name);
  cleanup_free char *path = joined ? sp_fs_clean (joined, err) : NULL;

  if (!path)
    return sigpolicy_error_code (*err);
  if (sp_fs_read (path, &text, err) < 0)
    {
      if (sp_error_errnum (*err) == ENOENT)
        {
          sp_error_clear (err);
          return 0;
        }
      (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
      return sp_error_place (err, path, 0, 0, NULL);
    }
  *total += text.len;
  if (*total > SP_REGISTRIES_D_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_LIMIT,
                         "the files of %s have more than %lu bytes",
                         sp_registries_d_directory (configuration), SP_REGISTRIES_D_BYTES_MAX);
  return sp_registries_d_parse_file (configuration, sp_buf_view (&text), path, err);
}

int
sp_registries_d_load (const char *directory, struct sp_registries_d **ret, sigpolicy_error **err)
{
  cleanup_registries_d struct sp_registries_d *configuration = NULL;
  cleanup_strv struct sp_strv names = { 0 };
  size_t total = 0;

  int rc = sp_registries_d_new (directory, &configuration, err);
  if (rc == 0)
    rc = sp_registries_d_list (directory, &names, err);
  for (size_t i = 0; rc == 0 && i < names.len; i++)
    rc = load_file (configuration, names.items[i], &total, err);
  if (rc < 0)
    return rc;
  *ret = steal (&configuration);
  return 0;
}
