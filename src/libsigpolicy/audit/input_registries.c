/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "util/limits.h"

#include <errno.h>

/* registries.d and registries.conf: each file by itself first, so that one that is broken hides no
 * other; then what can be read, together, as images are judged by it. */

#define HOST_REGISTRIES_D "/etc/containers/registries.d"
#define HOST_CONF         "/etc/containers/registries.conf"
#define HOST_CONF_D       "/etc/containers/registries.conf.d"

static bool
has_suffix (const char *name, const char *suffix)
{
  size_t len = strlen (name), end = strlen (suffix);
  return len >= end && strcmp (name + len - end, suffix) == 0;
}

/* Anything but lack of memory is a finding. */
static int
report_file (struct sp_audit *audit, const char *rule, const char *path,
             const sigpolicy_error *fault)
{
  if (sigpolicy_error_code (fault) == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (audit->err);
  const struct sp_where where = { .file = path,
                                  .line = sigpolicy_error_line (fault),
                                  .column = sigpolicy_error_column (fault),
                                  .effect = SP_EFFECT_INVALID,
                                  .fix = sigpolicy_error_hint (fault) };
  sp_audit_find (audit, rule, &where, "%s", sigpolicy_error_message (fault));
  return audit->rc;
}

/* --- registries.d ----------------------------------------------------------------------------- */

static int
choose_registries_d (struct sp_audit *audit)
{
  cleanup_free char *users = NULL;

  if (audit->home)
    users = sp_asprintf (audit->err, "%s/.config/containers/registries.d", audit->home);
  if (*audit->err)
    return SIGPOLICY_E_NO_MEMORY;
  const char *path = audit->options->registries_d              ? audit->options->registries_d
                     : users && sp_audit_exists (audit, users) ? users
                                                               : HOST_REGISTRIES_D;
  if (audit->rc == 0)
    audit->regd_path = sp_strdup (path, audit->err);
  return audit->regd_path ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* The union of the files that can be read, and perhaps one more. */
static int
unite (struct sp_audit *audit, const struct sp_regd_file *more, struct sp_registries_d **ret,
       sigpolicy_error **err)
{
  cleanup_registries_d struct sp_registries_d *all = NULL;

  int rc = sp_registries_d_new (audit->regd_path, &all, err);
  for (size_t i = 0; rc == 0 && i < audit->n_regd_files; i++)
    if (audit->regd_files[i].yaml)
      rc = sp_registries_d_parse_file (all, sp_buf_view (&audit->regd_files[i].text),
                                       audit->regd_files[i].path, err);
  if (rc == 0 && more)
    rc = sp_registries_d_parse_file (all, sp_buf_view (&more->text), more->path, err);
  if (rc == 0)
    *ret = steal (&all);
  return rc;
}

/* A file that goes with those before it is added to what is known; else it is a finding, and the
 * rest goes on without it. */
static int
take_registries_d_file (struct sp_audit *audit, struct sp_regd_file *file)
{
  cleanup_error sigpolicy_error *fault = NULL;

  int rc = sp_audit_read (audit, file->path, &file->text, &fault);
  if (audit->rc < 0)
    return audit->rc;
  if (rc < 0 && sp_error_errnum (fault) == ENOENT)
    return 0;
  if (rc == 0)
    rc = sp_yaml_parse (sp_buf_view (&file->text), &file->yaml, &fault);
  if (rc == 0)
    rc = sp_registries_d_parse_file (audit->registries_d, sp_buf_view (&file->text), file->path,
                                     &fault);
  if (rc == 0)
    return 0;
  bool is_twice = strstr (sigpolicy_error_message (fault), "defined both in") != NULL;
  audit->registries_d_is_broken = true;
  sp_yaml_free (file->yaml);
  file->yaml = NULL;
  rc = report_file (audit, is_twice ? "regd-duplicate" : "regd-syntax", file->path, fault);
  sp_registries_d_free (audit->registries_d);
  audit->registries_d = NULL;
  return rc == 0 ? unite (audit, NULL, &audit->registries_d, audit->err) : rc;
}

static int
read_registries_d (struct sp_audit *audit)
{
  cleanup_strv struct sp_strv names = { 0 };
  int errnum = 0;

  int rc = choose_registries_d (audit);
  if (rc == 0)
    rc = sp_registries_d_new (audit->regd_path, &audit->registries_d, audit->err);
  if (rc == 0)
    rc = sp_root_list (audit->root, audit->regd_path, &names, &errnum, audit->err);
  if (rc < 0)
    return rc;
  if (errnum && (errnum != ENOENT || audit->options->registries_d))
    {
      const struct sp_where where = { .file = audit->regd_path };
      sp_audit_find (audit, "regd-dir-missing", &where, "the directory cannot be read: %s",
                     strerror (errnum));
    }
  for (size_t i = 0; rc == 0 && i < names.len; i++)
    {
      if (!has_suffix (names.items[i], ".yaml"))
        continue;
      rc = sp_grow (&audit->regd_files, &audit->regd_files_capacity, audit->n_regd_files,
                    sizeof *audit->regd_files, audit->err);
      if (rc < 0)
        return rc;
      struct sp_regd_file *file = &audit->regd_files[audit->n_regd_files++];
      file->text = (struct sp_buf)SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
      file->path = sp_asprintf (audit->err, "%s/%s", audit->regd_path, names.items[i]);
      if (!file->path
          || sp_strv_add (&audit->report->files, sp_view_str (file->path), audit->err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
      rc = take_registries_d_file (audit, file);
    }
  return rc < 0 ? rc : audit->rc;
}

/* --- registries.conf -------------------------------------------------------------------------- */

static int
list_drop_ins (struct sp_audit *audit, const char *directory)
{
  cleanup_strv struct sp_strv names = { 0 };
  int errnum = 0;

  int rc = sp_root_list (audit->root, directory, &names, &errnum, audit->err);
  for (size_t i = 0; rc == 0 && i < names.len; i++)
    if (has_suffix (names.items[i], ".conf"))
      rc = sp_strv_take (&audit->conf_files,
                         sp_asprintf (audit->err, "%s/%s", directory, names.items[i]), audit->err);
  return rc;
}

/* The main file, and the drop-ins that go with it: the user's go with all, the host's with all but
 * the user's. A file that was named stands alone with the host's. */
static int
list_conf_files (struct sp_audit *audit)
{
  cleanup_free char *users = NULL, *users_d = NULL;
  const char *named = audit->options->registries_conf;
  bool is_users = false;

  if (audit->home)
    {
      users = sp_asprintf (audit->err, "%s/.config/containers/registries.conf", audit->home);
      users_d = users ? sp_asprintf (audit->err, "%s.d", users) : NULL;
      if (!users_d)
        return SIGPOLICY_E_NO_MEMORY;
      is_users = !named && sp_audit_exists (audit, users);
    }
  const char *file = named ? named : is_users ? users : HOST_CONF;
  int rc = audit->rc;
  if (rc == 0)
    rc = sp_strv_add (&audit->conf_files, sp_view_str (file), audit->err);
  if (rc == 0 && !is_users)
    rc = list_drop_ins (audit, HOST_CONF_D);
  if (rc == 0 && users_d)
    rc = list_drop_ins (audit, users_d);
  return rc;
}

static int
take_conf_file (struct sp_audit *audit, size_t index, bool *is_whole)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_TOML_BYTES_MAX);
  cleanup_error sigpolicy_error *fault = NULL;
  cleanup_toml struct sp_toml *toml = NULL;
  const char *path = audit->conf_files.items[index];
  bool is_named = index == 0 && audit->options->registries_conf;

  int rc = sp_audit_read (audit, path, &text, &fault);
  if (audit->rc < 0)
    return audit->rc;
  if (rc < 0 && sp_error_errnum (fault) == ENOENT && !is_named)
    return 0;
  if (rc == 0)
    rc = sp_strv_add (&audit->report->files, sp_view_str (path), &fault);
  if (rc == 0)
    rc = sp_toml_parse (sp_buf_view (&text), &toml, &fault);
  if (rc == 0 && *is_whole)
    rc = sp_registries_conf_parse_file (
        audit->conf, sp_buf_view (&text), path,
        index ? SP_REGISTRIES_CONF_DROP_IN : SP_REGISTRIES_CONF_MAIN, &fault);
  if (rc < 0)
    {
      *is_whole = false;
      return report_file (audit, "conf-syntax", path, fault);
    }
  audit->conf_documents[index] = steal (&toml);
  return 0;
}

static int
read_conf (struct sp_audit *audit)
{
  static const struct sp_registries_conf_paths none = { 0 };
  bool is_whole = true;

  int rc = list_conf_files (audit);
  if (rc == 0)
    rc = sp_registries_conf_new (&none, &audit->conf, audit->err);
  if (rc < 0)
    return rc;
  audit->n_conf_documents = audit->conf_files.len;
  audit->conf_documents = sp_calloc (audit->conf_files.len, sizeof (void *), audit->err);
  if (!audit->conf_documents)
    {
      audit->n_conf_documents = 0;
      return SIGPOLICY_E_NO_MEMORY;
    }
  for (size_t i = 0; rc == 0 && i < audit->conf_files.len; i++)
    rc = take_conf_file (audit, i, &is_whole);
  if (!is_whole)
    {
      sp_registries_conf_free (audit->conf);
      audit->conf = NULL;
    }
  return rc;
}

int
sp_audit_read_registries (struct sp_audit *audit)
{
  int rc = read_registries_d (audit);
  return rc == 0 ? read_conf (audit) : rc;
}
