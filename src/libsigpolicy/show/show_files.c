/* SPDX-License-Identifier: Apache-2.0 */
#include "show/show_int.h"

#include "util/fs.h"
#include "util/limits.h"

#include <search.h>

/* Key files, each read and parsed once, however many scopes name it: a policy of a vendor has one
 * for all. */

struct file
{
  char *path;
  struct sp_buf bytes;
  sigpolicy_error *fault;
  struct sp_key_facts_list facts; /* once they were asked for */
  sigpolicy_error *facts_fault;
  bool is_parsed;
};

static void
file_free (void *item)
{
  struct file *file = item;
  free (file->path);
  sp_buf_clear (&file->bytes);
  sigpolicy_error_free (file->fault);
  sp_key_facts_clear (&file->facts);
  sigpolicy_error_free (file->facts_fault);
  free (file);
}

static void
file_free_p (struct file **file)
{
  if (*file)
    file_free (*file);
}

static int
by_path (const void *one, const void *other)
{
  const struct file *left = one, *right = other;
  return strcmp (left->path, right->path);
}

void
sp_show_files_clear (struct sp_show_files *files)
{
  tdestroy (files->index, file_free);
  *files = (struct sp_show_files){ 0 };
}

static int
add (struct sp_show_files *files, const char *path, struct file **ret, sigpolicy_error **err)
{
  SP_CLEANUP (file_free_p) struct file *file = sp_calloc (1, sizeof *file, err);

  if (!file)
    return SIGPOLICY_E_NO_MEMORY;
  file->bytes = (struct sp_buf)SP_BUF (SP_KEY_BYTES_MAX);
  file->path = sp_strdup (path, err);
  if (!file->path)
    return SIGPOLICY_E_NO_MEMORY;
  if (sp_fs_read (path, &file->bytes, &file->fault) == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  /* The memory has an end: from then on, all begins anew. */
  if (files->bytes > SP_POLICY_BYTES_MAX)
    sp_show_files_clear (files);
  if (!tsearch (file, &files->index, by_path))
    return sp_error_no_memory (err);
  files->bytes += file->bytes.len;
  *ret = file;
  file = NULL;
  return 0;
}

static int
find (struct sp_show_files *files, const char *path, struct file **ret, sigpolicy_error **err)
{
  const struct file wanted = { .path = (char *)(size_t)path };
  void *const *known = tfind (&wanted, &files->index, by_path);
  int rc = 0;

  if (known)
    *ret = *known;
  else
    rc = add (files, path, ret, err);
  return rc < 0 || !(*ret)->fault ? rc : sp_error_copy ((*ret)->fault, err);
}

int
sp_show_files_read (struct sp_show_files *files, const char *path, struct sp_view *ret,
                    sigpolicy_error **err)
{
  struct file *file = NULL;
  int rc = find (files, path, &file, err);
  if (rc == 0)
    *ret = sp_buf_view (&file->bytes);
  return rc;
}

int
sp_show_files_gpg (struct sp_show_files *files, const char *path,
                   const struct sp_key_facts_list **ret, sigpolicy_error **err)
{
  struct file *file = NULL;
  int rc = find (files, path, &file, err);

  if (rc < 0)
    return rc;
  if (!file->is_parsed
      && sp_show_gpg_keys (sp_buf_view (&file->bytes), &file->facts, &file->facts_fault)
             == SIGPOLICY_E_NO_MEMORY)
    {
      sp_key_facts_clear (&file->facts);
      sp_error_clear (&file->facts_fault);
      return sp_error_no_memory (err);
    }
  file->is_parsed = true;
  *ret = &file->facts;
  return file->facts_fault ? sp_error_copy (file->facts_fault, err) : 0;
}
