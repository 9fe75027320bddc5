/* SPDX-License-Identifier: Apache-2.0 */
#include "edit/edit_int.h"

#include "edit/replace.h"
#include "util/limits.h"

/* Several changes at once: each file is replaced once, by what all changes of it make together, so
 * that its backup is the file as it was. */

/* All changes of one file. */
struct chain
{
  struct sp_edit *const *edits;
  size_t n;
  bool is_storage;
  struct sp_edit_file file; /* its path is borrowed */
  struct sp_strv *warnings; /* of the first edit of it */
};

static const char *
file_of (const struct sp_edit *edit, bool is_storage)
{
  return is_storage                        ? edit->storage.path
         : edit->change != SP_EDIT_NOTHING ? edit->policy.path
                                           : NULL;
}

static bool
is_of (const struct chain *chain, const struct sp_edit *edit)
{
  const char *path = file_of (edit, chain->is_storage);
  return path && strcmp (path, chain->file.path) == 0;
}

/* One change after the other, each on what the one before it made. */
static int
make_all (void *context, bool exists, struct sp_view old, struct sp_buf *out, sigpolicy_error **err)
{
  struct chain *chain = context;
  cleanup_buf struct sp_buf text = SP_BUF (out->max);
  bool is_there = exists;

  sp_buf_add (&text, old);
  for (size_t i = 0; i < chain->n; i++)
    {
      cleanup_buf struct sp_buf next = SP_BUF (out->max);
      if (!is_of (chain, chain->edits[i]))
        continue;
      int rc = (chain->is_storage ? sp_edit_make_storage : sp_edit_make_policy) (
          chain->edits[i], is_there, sp_buf_view (&text), &next, err);
      if (rc < 0)
        return rc;
      sp_buf_clear (&text);
      sp_buf_add (&text, sp_buf_view (&next));
      is_there = true;
    }
  sp_buf_add (out, sp_buf_view (&text));
  int rc = sp_buf_check (out, err);
  return rc < 0 ? rc : sp_edit_keep (&chain->file, exists, old, out, err);
}

/* One file: what becomes of it, and its diff; or the change itself. */
static int
run_chain (struct chain *chain, bool commits, struct sp_buf *diff, sigpolicy_error **err)
{
  size_t most = chain->is_storage ? SP_REGISTRIES_D_FILE_BYTES_MAX : SP_POLICY_BYTES_MAX;
  cleanup_free char *backup = NULL;

  chain->file.before = chain->file.after = (struct sp_buf)SP_BUF (most);
  int rc = commits && chain->is_storage ? sp_edit_make_directories (chain->file.path, err) : 0;
  if (rc == 0)
    rc = commits ? sp_replace_file (chain->file.path, most, make_all, chain, &backup,
                                    chain->warnings, err)
                 : sp_edit_preview_file (chain, &chain->file, make_all, err);
  if (rc == 0 && diff)
    sp_edit_put_patch (&chain->file, diff);
  sp_buf_clear (&chain->file.before);
  sp_buf_clear (&chain->file.after);
  return rc;
}

/* Every file once: registries.d comes first, as its entries alone accept nothing. */
static int
run (struct sp_edit *const *edits, size_t n, bool commits, struct sp_buf *diff,
     sigpolicy_error **err)
{
  int rc = 0;

  for (size_t kind = 0; kind < 2; kind++)
    for (size_t i = 0; rc == 0 && i < n; i++)
      {
        bool is_storage = kind == 0;
        const char *path = file_of (edits[i], is_storage);
        bool is_first = path != NULL;
        for (size_t k = 0; is_first && k < i; k++)
          {
            const char *other = file_of (edits[k], is_storage);
            is_first = !other || strcmp (other, path) != 0;
          }
        if (!is_first)
          continue;
        struct chain chain
            = { .edits = edits,
                .n = n,
                .is_storage = is_storage,
                .file.path = (char *)(size_t)path,
                .warnings = is_storage ? &edits[i]->storage_warnings : &edits[i]->policy_warnings };
        rc = run_chain (&chain, commits, diff, err);
      }
  return rc;
}

int
sp_edit_several (struct sp_edit *const *edits, size_t n, bool commits, struct sp_buf *diff,
                 sigpolicy_error **err)
{
  /* All faults first: no file is changed for a change that another one cannot have. */
  int rc = run (edits, n, false, diff, err);
  return rc == 0 && commits ? run (edits, n, true, NULL, err) : rc;
}
