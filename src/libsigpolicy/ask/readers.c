/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/context.h"

#include "util/fs.h"
#include "util/limits.h"

#include <sys/stat.h>

/* What the other generation of readers would take. */

/* By its name, or by another name of it. */
static bool
same_file (const char *a, const char *b)
{
  struct stat first, second;
  return strcmp (a, b) == 0
         || (stat (a, &first) == 0 && stat (b, &second) == 0 && first.st_dev == second.st_dev
             && first.st_ino == second.st_ino);
}

/* The files of a kind that are there, main file first, in the order of reading. *ret_fault is why a
 * reader would fail before it reads any. */
static int
files_of (const struct sp_reader *reader, enum sp_config config, struct sp_strv *ret,
          sigpolicy_error **ret_fault, sigpolicy_error **err)
{
  static const size_t limits[SP_CONFIGS]
      = { [SP_CONFIG_REGISTRIES_D] = SP_REGISTRIES_D_FILES_MAX,
          [SP_CONFIG_REGISTRIES_CONF] = SP_REGISTRIES_CONF_FILES_MAX };
  cleanup_reader_choice struct sp_reader_choice choice = { 0 };
  cleanup_strv struct sp_strv listed = { 0 };

  int rc = sp_reader_choose (reader, config, NULL, &choice, ret_fault);
  if (rc == 0 && choice.file)
    rc = sp_strv_add (ret, sp_view_str (choice.file), ret_fault);
  if (rc == 0 && limits[config])
    rc = sp_reader_list (reader, config, &choice.directories, limits[config], &listed, ret_fault);
  for (size_t i = 0; rc == 0 && i < listed.len; i++)
    {
      cleanup_free char *path = sp_reader_path (reader, listed.items[i], ret_fault);
      bool exists = false;
      rc = path ? sp_fs_exists (path, &exists, ret_fault) : SIGPOLICY_E_NO_MEMORY;
      if (rc == 0 && exists)
        rc = sp_strv_add (ret, sp_view_str (listed.items[i]), ret_fault);
    }
  if (rc == 0 && choice.last)
    rc = sp_strv_add (ret, sp_view_str (choice.last), ret_fault);
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

static bool
same_files (const struct sp_strv *a, const struct sp_strv *b)
{
  bool same = a->len == b->len;
  for (size_t i = 0; same && i < a->len; i++)
    same = same_file (a->items[i], b->items[i]);
  return same;
}

/* "A, B and 3 more"; "none" */
static char *
name_files (const struct sp_strv *files, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (4 * SP_PATH_BYTES_MAX);

  for (size_t i = 0; i < files->len && i < 3; i++)
    sp_buf_printf (&text, "%s%s", i ? ", " : "", files->items[i]);
  if (files->len > 3)
    sp_buf_printf (&text, " and %zu more", files->len - 3);
  if (!files->len)
    sp_buf_str (&text, "no file");
  return sp_buf_steal (&text, err);
}

static int
compare (const struct sp_reader *here, enum sp_config config, const char *kind, struct sp_strv *ret,
         char **ret_policy, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL, *others_fault = NULL;
  cleanup_strv struct sp_strv files = { 0 }, others = { 0 };
  struct sp_reader other = *here;
  bool is_old = here->generation == SP_GENERATION_OLD;
  const char *who = is_old ? "a newer podman" : "an older podman";

  other.generation = is_old ? SP_GENERATION_5_40 : SP_GENERATION_OLD;
  int rc = files_of (here, config, &files, &fault, err);
  if (rc == 0)
    rc = files_of (&other, config, &others, &others_fault, err);
  if (rc < 0 || fault || (!others_fault && same_files (&files, &others)))
    return rc;
  if (others_fault)
    return sp_strv_take (
        ret, sp_asprintf (err, "%s would fail: %s", who, sp_error_one_line (others_fault)), err);
  if (config == SP_CONFIG_POLICY && !others.len)
    return sp_strv_take (ret, sp_asprintf (err, "%s would find no policy", who), err);
  if (config == SP_CONFIG_POLICY)
    {
      *ret_policy = sp_strdup (others.items[0], err);
      if (!*ret_policy)
        return SIGPOLICY_E_NO_MEMORY;
    }
  cleanup_free char *mine = name_files (&files, err);
  cleanup_free char *theirs = mine ? name_files (&others, err) : NULL;
  if (!theirs)
    return SIGPOLICY_E_NO_MEMORY;
  return sp_strv_take (
      ret, sp_asprintf (err, "%s would read %s%s instead of %s", who, kind, theirs, mine), err);
}

int
sp_context_compare_readers (struct sp_context *context, bool asks_registries, struct sp_strv *ret,
                            char **ret_policy, sigpolicy_error **err)
{
  const struct sp_reader *reader = NULL;

  int rc = sp_context_reader (context, &reader, NULL, err);
  if (rc == 0 && !context->policy_path && !context->given && context->policy)
    rc = compare (reader, SP_CONFIG_POLICY, "", ret, ret_policy, err);
  if (rc == 0 && asks_registries && !context->registries_d_dir)
    rc = compare (reader, SP_CONFIG_REGISTRIES_D, "for registries.d ", ret, NULL, err);
  if (rc == 0 && asks_registries && !context->registries_conf_path)
    rc = compare (reader, SP_CONFIG_REGISTRIES_CONF, "for registries.conf ", ret, NULL, err);
  return rc;
}

int
sp_context_warn_readers (struct sp_context *context, struct sp_strv *ret, sigpolicy_error **err)
{
  const struct sp_reader_setting *setting = NULL;
  const struct sp_reader *reader = NULL;

  int rc = sp_context_reader (context, &reader, &setting, err);
  for (size_t i = 1; rc == 0 && i < setting->engines.len; i++)
    {
      const struct sp_engine *first = &setting->engines.items[0], *it = &setting->engines.items[i];
      if (it->generation != first->generation)
        rc = sp_strv_take (ret,
                           sp_asprintf (err,
                                        "%s %s finds its configuration files differently from %s "
                                        "%s, whose way was used here",
                                        it->name, it->version, first->name, first->version),
                           err);
    }
  return rc;
}

/* --- what took part --------------------------------------------------------------------------- */

void
sp_reading_clear (struct sp_reading *reading)
{
  free (reading->by);
  sp_strv_clear (&reading->files);
  memset (reading, 0, sizeof *reading);
}

static int
add_files (const struct sp_strv *from, struct sp_strv *to, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < from->len; i++)
    rc = sp_strv_add (to, sp_view_str (from->items[i]), err);
  return rc;
}

int
sp_context_reading (struct sp_context *context, bool asks_registries, struct sp_reading *ret,
                    sigpolicy_error **err)
{
  const struct sp_reader_setting *setting = NULL;
  const struct sp_reader *reader = NULL;
  struct sp_strv *files = &ret->files;

  int rc = sp_context_reader (context, &reader, &setting, err);
  if (rc < 0)
    return rc;
  ret->generation = sp_generation_name (reader->generation);
  ret->by = setting->engines.len ? sp_asprintf (err, "%s %s", setting->engines.items[0].name,
                                                setting->engines.items[0].version)
                                 : sp_strdup (setting->by, err);
  if (!ret->by)
    return SIGPOLICY_E_NO_MEMORY;
  const struct sp_policy *policy = context->given ? context->given : context->policy;
  if (!context->insecure_policy && policy && sp_policy_path (policy))
    rc = sp_strv_add (files, sp_view_str (sp_policy_path (policy)), err);
  if (rc == 0 && asks_registries && context->registries_d)
    rc = add_files (sp_registries_d_files (context->registries_d), files, err);
  if (rc == 0 && asks_registries && context->registries_conf)
    rc = add_files (sp_registries_conf_files (context->registries_conf), files, err);
  return rc;
}
