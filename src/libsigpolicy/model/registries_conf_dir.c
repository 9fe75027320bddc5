/* SPDX-License-Identifier: Apache-2.0 */
#include "model/registries_conf_int.h"

#include "util/codec.h"
#include "util/limits.h"

#include <errno.h>

/* The main file, and its drop-ins. */

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
  const struct sp_reader *reader;
  struct sp_registries_conf *conf;
  size_t total;
};

static int
load_file (struct loading *loading, const char *path, enum sp_registries_conf_role role,
           bool may_be_missing, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_TOML_BYTES_MAX);
  bool is_absent = false;

  int rc = sp_reader_read (loading->reader, path, &text, &is_absent, err);
  if (rc == 0 && is_absent && may_be_missing)
    return 0;
  if (rc == 0 && is_absent)
    {
      (void)sp_error_errno (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, ENOENT,
                            "open %s", path);
      rc = sp_error_position (err, path, 0, 0, NULL);
    }
  if (rc < 0)
    return sp_registries_conf_name_file (path, role, err);
  loading->total += text.len;
  if (loading->total > SP_REGISTRIES_CONF_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_LIMIT,
                         "registries.conf and its drop-ins have more than %lu bytes",
                         SP_REGISTRIES_CONF_BYTES_MAX);
  return sp_registries_conf_parse_file (loading->conf, sp_buf_view (&text), path, role, err);
}

static int
list_drop_ins (const struct sp_reader *reader, const struct sp_strv *directories,
               struct sp_strv *files, sigpolicy_error **err)
{
  int rc = sp_reader_list (reader, SP_CONFIG_REGISTRIES_CONF, directories,
                           SP_REGISTRIES_CONF_FILES_MAX, files, err);
  return rc < 0 && sigpolicy_error_reason (*err) != SIGPOLICY_REASON_LIMIT
             ? sp_error_prefix (err, "reading registries.conf.d")
             : rc;
}

int
sp_registries_conf_load (const struct sp_reader *reader, const struct sp_reader_choice *choice,
                         struct sp_registries_conf **ret, sigpolicy_error **err)
{
  cleanup_registries_conf struct sp_registries_conf *conf = NULL;
  cleanup_strv struct sp_strv files = { 0 };

  int rc = sp_registries_conf_new (choice, &conf, err);
  if (rc < 0)
    return rc;
  struct loading loading = { .reader = reader, .conf = conf };
  if (choice->file)
    rc = load_file (&loading, choice->file, SP_REGISTRIES_CONF_MAIN, !choice->is_required, err);
  if (rc == 0)
    rc = list_drop_ins (reader, &choice->directories, &files, err);
  for (size_t i = 0; rc == 0 && i < files.len; i++)
    rc = load_file (&loading, files.items[i], SP_REGISTRIES_CONF_DROP_IN, true, err);
  if (rc == 0 && choice->last)
    rc = load_file (&loading, choice->last, SP_REGISTRIES_CONF_DROP_IN, false, err);
  if (rc < 0)
    return rc;
  *ret = steal (&conf);
  return 0;
}
