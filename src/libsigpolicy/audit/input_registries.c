/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "util/limits.h"

#include <errno.h>

/* registries.d and registries.conf: each file by itself first, so that one that is broken hides no
 * other; then what can be read, together, as images are judged by it. */

/* Anything but lack of memory is a finding. */
static int
report_file (struct sp_audit *audit, enum sp_audit_rule_id rule, const char *path,
             const sigpolicy_error *fault, sigpolicy_error **err)
{
  if (sigpolicy_error_code (fault) == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  const struct sp_where where = { .file = path,
                                  .line = sigpolicy_error_line (fault),
                                  .column = sigpolicy_error_column (fault),
                                  .effect = SP_EFFECT_INVALID,
                                  .fix = sigpolicy_error_hint (fault) };
  sp_audit_find (audit, rule, &where, "%s", sp_error_one_line (fault));
  return 0;
}

/* --- registries.d ----------------------------------------------------------------------------- */

static int
choose_registries_d (struct sp_audit *audit, sigpolicy_error **err)
{
  cleanup_reader_choice struct sp_reader_choice choice = { 0 };
  const char *named = audit->options->registries_d;
  bool is_there = true;

  /* Readers of the user's directory that cannot be looked at are in check_readers.c. */
  int rc = sp_reader_choose (&audit->reader, SP_CONFIG_REGISTRIES_D, named, &choice, err);
  if (rc == 0)
    audit->regd_path = sp_registries_d_choose (&audit->reader, named, err);
  if (rc < 0 || !audit->regd_path)
    return sigpolicy_error_code (*err);
  audit->regd_directories = choice.directories;
  memset (&choice.directories, 0, sizeof choice.directories);
  if (named)
    rc = sp_audit_exists (audit, named, &is_there, err);
  if (rc == 0 && !is_there)
    {
      const struct sp_where where = { .file = named };
      sp_audit_find (audit, SP_RULE_REGD_DIR_MISSING, &where, "the directory cannot be read: %s",
                     strerror (ENOENT));
    }
  return rc;
}

/* The files that take part; one that the directories cannot be listed for is a finding. */
static int
list_files (struct sp_audit *audit, enum sp_config config, const struct sp_strv *directories,
            size_t limit, enum sp_audit_rule_id rule, struct sp_strv *ret, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;

  int rc = sp_reader_list (&audit->reader, config, directories, limit, ret, &fault);
  if (rc == SIGPOLICY_E_CONFIG)
    return report_file (audit, rule, sigpolicy_error_file (fault), fault, err);
  return rc < 0 ? sp_error_copy (fault, err) : 0;
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
take_registries_d_file (struct sp_audit *audit, struct sp_regd_file *file, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;

  int rc = sp_audit_read (audit, file->path, &file->text, &fault, err);
  if (rc < 0)
    return rc;
  if (fault && sp_error_errnum (fault) == ENOENT)
    return 0;
  rc = fault ? sigpolicy_error_code (fault) : 0;
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
  rc = report_file (audit, is_twice ? SP_RULE_REGD_DUPLICATE : SP_RULE_REGD_SYNTAX, file->path,
                    fault, err);
  sp_registries_d_free (audit->registries_d);
  audit->registries_d = NULL;
  return rc == 0 ? unite (audit, NULL, &audit->registries_d, err) : rc;
}

static int
read_registries_d (struct sp_audit *audit, sigpolicy_error **err)
{
  cleanup_strv struct sp_strv files = { 0 };

  int rc = choose_registries_d (audit, err);
  if (rc == 0)
    rc = sp_registries_d_new (audit->regd_path, &audit->registries_d, err);
  if (rc == 0)
    rc = list_files (audit, SP_CONFIG_REGISTRIES_D, &audit->regd_directories,
                     SP_REGISTRIES_D_FILES_MAX, SP_RULE_REGD_DIR_MISSING, &files, err);
  for (size_t i = 0; rc == 0 && i < files.len; i++)
    {
      rc = sp_grow (&audit->regd_files, &audit->regd_files_capacity, audit->n_regd_files,
                    sizeof *audit->regd_files, err);
      if (rc < 0)
        return rc;
      struct sp_regd_file *file = &audit->regd_files[audit->n_regd_files++];
      file->text = (struct sp_buf)SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
      file->path = sp_strdup (files.items[i], err);
      if (!file->path || sp_strv_add (&audit->report->files, sp_view_str (file->path), err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
      rc = take_registries_d_file (audit, file, err);
    }
  return rc;
}

/* --- registries.conf -------------------------------------------------------------------------- */

/* The main file, and the drop-ins that go with it. */
static int
list_conf_files (struct sp_audit *audit, const struct sp_reader_choice *choice,
                 sigpolicy_error **err)
{
  int rc = choice->file ? sp_strv_add (&audit->conf_files, sp_view_str (choice->file), err) : 0;
  audit->has_main_conf = choice->file != NULL;
  audit->is_conf_required = choice->is_required;
  if (rc == 0)
    rc = list_files (audit, SP_CONFIG_REGISTRIES_CONF, &choice->directories,
                     SP_REGISTRIES_CONF_FILES_MAX, SP_RULE_CONF_SYNTAX, &audit->conf_files, err);
  if (rc == 0 && choice->last)
    rc = sp_strv_add (&audit->conf_files, sp_view_str (choice->last), err);
  return rc;
}

static int
take_conf_file (struct sp_audit *audit, size_t index, bool *is_whole, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_TOML_BYTES_MAX);
  cleanup_error sigpolicy_error *fault = NULL;
  cleanup_toml struct sp_toml *toml = NULL;
  const char *path = audit->conf_files.items[index];
  bool is_main = index == 0 && audit->has_main_conf;
  bool is_named = is_main && audit->is_conf_required;

  int rc = sp_audit_read (audit, path, &text, &fault, err);
  if (rc < 0)
    return rc;
  if (fault && sp_error_errnum (fault) == ENOENT && !is_named)
    return 0;
  rc = fault ? sigpolicy_error_code (fault) : 0;
  if (rc == 0)
    rc = sp_strv_add (&audit->report->files, sp_view_str (path), &fault);
  if (rc == 0)
    rc = sp_toml_parse (sp_buf_view (&text), &toml, &fault);
  if (rc == 0 && *is_whole)
    rc = sp_registries_conf_parse_file (
        audit->conf, sp_buf_view (&text), path,
        is_main ? SP_REGISTRIES_CONF_MAIN : SP_REGISTRIES_CONF_DROP_IN, &fault);
  if (rc < 0)
    {
      *is_whole = false;
      /* What newer readers alone refuse has a rule of its own, whoever reads here. */
      if (toml && strstr (sigpolicy_error_message (fault), "must be in v2 format but is in v1")
          && is_main)
        return 0;
      return report_file (audit, SP_RULE_CONF_SYNTAX, path, fault, err);
    }
  audit->conf_documents[index] = steal (&toml);
  return 0;
}

static int
read_conf (struct sp_audit *audit, sigpolicy_error **err)
{
  cleanup_reader_choice struct sp_reader_choice choice = { 0 };
  cleanup_error sigpolicy_error *fault = NULL;
  bool is_whole = true;

  int rc = sp_reader_choose (&audit->reader, SP_CONFIG_REGISTRIES_CONF,
                             audit->options->registries_conf, &choice, &fault);
  if (rc == SIGPOLICY_E_CONFIG)
    return report_file (audit, SP_RULE_CONF_SYNTAX, sigpolicy_error_file (fault), fault, err);
  if (rc < 0)
    return sp_error_copy (fault, err);
  rc = list_conf_files (audit, &choice, err);
  if (rc == 0)
    rc = sp_registries_conf_new (&choice, &audit->conf, err);
  if (rc < 0)
    return rc;
  audit->n_conf_documents = audit->conf_files.len;
  audit->conf_documents = sp_calloc (audit->conf_files.len + 1, sizeof (void *), err);
  if (!audit->conf_documents)
    {
      audit->n_conf_documents = 0;
      return SIGPOLICY_E_NO_MEMORY;
    }
  for (size_t i = 0; rc == 0 && i < audit->conf_files.len; i++)
    rc = take_conf_file (audit, i, &is_whole, err);
  if (!is_whole)
    {
      sp_registries_conf_free (audit->conf);
      audit->conf = NULL;
    }
  return rc;
}

int
sp_audit_read_registries (struct sp_audit *audit, sigpolicy_error **err)
{
  int rc = read_registries_d (audit, err);
  return rc == 0 ? read_conf (audit, err) : rc;
}
