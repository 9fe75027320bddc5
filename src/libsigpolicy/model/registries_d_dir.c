/* SPDX-License-Identifier: Apache-2.0 */
#include "model/registries_d.h"

#include "util/limits.h"

/* The files of registries.d, one after the other. */

static int
load_file (const struct sp_reader *reader, struct sp_registries_d *configuration, const char *path,
           size_t *total, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
  bool is_absent = false;

  int rc = sp_reader_read (reader, path, &text, &is_absent, err);
  if (rc < 0 || is_absent)
    return rc;
  *total += text.len;
  if (*total > SP_REGISTRIES_D_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_LIMIT,
                         "the files of %s have more than %lu bytes",
                         sp_registries_d_directory (configuration), SP_REGISTRIES_D_BYTES_MAX);
  return sp_registries_d_parse_file (configuration, sp_buf_view (&text), path, err);
}

/* The directory that a file for everybody would be written into. */
static const char *
for_writing (const struct sp_strv *directories)
{
  for (size_t i = 0; i < directories->len; i++)
    if (strcmp (directories->items[i], SP_READER_ADMIN "/registries.d") == 0)
      return directories->items[i];
  return directories->items[0];
}

char *
sp_registries_d_choose (const struct sp_reader *reader, const char *explicit_dir,
                        sigpolicy_error **err)
{
  cleanup_reader_choice struct sp_reader_choice choice = { 0 };
  int rc = sp_reader_choose (reader, SP_CONFIG_REGISTRIES_D, explicit_dir, &choice, err);
  return rc < 0 ? NULL : sp_strdup (for_writing (&choice.directories), err);
}

int
sp_registries_d_list (const char *directory, struct sp_strv *files, sigpolicy_error **err)
{
  static const struct sp_reader any = { .generation = SP_GENERATION_OLD };
  cleanup_strv struct sp_strv one = { 0 };
  int rc = sp_strv_add (&one, sp_view_str (directory), err);
  return rc < 0 ? rc
                : sp_reader_list (&any, SP_CONFIG_REGISTRIES_D, &one, SP_REGISTRIES_D_FILES_MAX,
                                  files, err);
}

int
sp_registries_d_load (const struct sp_reader *reader, const char *explicit_dir,
                      struct sp_registries_d **ret, sigpolicy_error **err)
{
  cleanup_registries_d struct sp_registries_d *configuration = NULL;
  cleanup_reader_choice struct sp_reader_choice choice = { 0 };
  cleanup_strv struct sp_strv files = { 0 };
  size_t total = 0;

  int rc = sp_reader_choose (reader, SP_CONFIG_REGISTRIES_D, explicit_dir, &choice, err);
  if (rc == 0)
    rc = sp_registries_d_new (for_writing (&choice.directories), &configuration, err);
  if (rc == 0)
    rc = sp_reader_list (reader, SP_CONFIG_REGISTRIES_D, &choice.directories,
                         SP_REGISTRIES_D_FILES_MAX, &files, err);
  for (size_t i = 0; rc == 0 && i < files.len; i++)
    rc = load_file (reader, configuration, files.items[i], &total, err);
  if (rc < 0)
    return rc;
  *ret = steal (&configuration);
  return 0;
}
