/* SPDX-License-Identifier: Apache-2.0 */
#include "edit/edit_int.h"

#include "edit/replace.h"
#include "model/words.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>
#include <sys/stat.h>

#define ACCEPT "[{\"type\":\"insecureAcceptAnything\"}]"

const char sp_edit_signed_registries[]
    = "{\"default\":[{\"type\":\"reject\"}],\"transports\":{"
      "\"containers-storage\":{\"\":" ACCEPT "},\"dir\":{\"\":" ACCEPT "},"
      "\"docker-archive\":{\"\":" ACCEPT "},\"docker-daemon\":{\"\":" ACCEPT "},"
      "\"oci\":{\"\":" ACCEPT "},\"oci-archive\":{\"\":" ACCEPT "},\"sif\":{\"\":" ACCEPT "},"
      "\"tarball\":{\"\":" ACCEPT "}}}";
const char sp_edit_reject_all[] = "{\"default\":[{\"type\":\"reject\"}]}";
const char sp_edit_accept_all[] = "{\"default\":" ACCEPT "}";

static void
clear_file (struct sp_edit_file *file)
{
  sp_buf_clear (&file->before);
  sp_buf_clear (&file->after);
  free (file->path);
  free (file->backup);
}

int
sp_edit_new (const char *policy_path, struct sp_edit **ret, sigpolicy_error **err)
{
  cleanup_edit struct sp_edit *edit = sp_calloc (1, sizeof *edit, err);
  if (!edit)
    return SIGPOLICY_E_NO_MEMORY;
  edit->policy.before = edit->policy.after = (struct sp_buf)SP_BUF (SP_POLICY_BYTES_MAX);
  edit->storage.before = edit->storage.after
      = (struct sp_buf)SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
  edit->kept = (struct sp_buf)SP_BUF (SP_POLICY_BYTES_MAX);
  edit->policy.path = sp_strdup (policy_path, err);
  if (!edit->policy.path)
    return SIGPOLICY_E_NO_MEMORY;
  *ret = steal (&edit);
  return 0;
}

void
sp_edit_free (struct sp_edit *edit)
{
  if (!edit)
    return;
  free (edit->transport);
  free (edit->scope);
  sp_rule_clear (&edit->rule);
  free (edit->registries_d);
  free (edit->read_d);
  free (edit->lookaside);
  sp_strv_clear (&edit->removed);
  sp_buf_clear (&edit->kept);
  free (edit->requirements);
  clear_file (&edit->policy);
  clear_file (&edit->storage);
  sp_strv_clear (&edit->policy_warnings);
  sp_strv_clear (&edit->storage_warnings);
  free (edit);
}

/* Which files, wherever this is started. */
static int
prepare (struct sp_edit *edit, sigpolicy_error **err)
{
  int rc = 0;
  if ((edit->change == SP_EDIT_SET && !edit->rule.is_verbatim) || edit->change == SP_EDIT_ROTATE)
    rc = sp_rule_make_absolute (&edit->rule, err);
  if (rc == 0 && edit->registries_d && !edit->storage.path)
    rc = sp_edit_choose_storage (edit, err);
  return rc;
}

int
sp_edit_preview_file (void *context, struct sp_edit_file *file, sp_replace_make *make,
                      sigpolicy_error **err)
{
  cleanup_buf struct sp_buf old = SP_BUF (file->before.max), new = SP_BUF (file->after.max);
  bool exists = sp_fs_read (file->path, &old, err) == 0;

  if (!exists && sp_error_errnum (*err) != ENOENT)
    return sigpolicy_error_code (*err);
  sp_error_clear (err);
  int rc = make (context, exists, sp_buf_view (&old), &new, err);
  return rc < 0 ? rc : sp_buf_check (&new, err);
}

int
sp_edit_preview (struct sp_edit *edit, sigpolicy_error **err)
{
  int rc = prepare (edit, err);
  if (rc == 0)
    rc = sp_edit_preview_file (edit, &edit->policy, sp_edit_make_policy, err);
  if (rc == 0 && edit->storage.path)
    rc = sp_edit_preview_file (edit, &edit->storage, sp_edit_make_storage, err);
  if (rc == 0 && edit->change == SP_EDIT_UNSET)
    {
      sp_buf_clear (&edit->kept);
      rc = sp_edit_note_storage (edit, err);
    }
  return rc;
}

/* The directories that a new file needs. */
int
sp_edit_make_directories (const char *path, sigpolicy_error **err)
{
  cleanup_free char *copy = sp_strdup (path, err);
  if (!copy)
    return SIGPOLICY_E_NO_MEMORY;
  for (char *slash = strchr (copy + 1, '/'); slash; slash = strchr (slash + 1, '/'))
    {
      *slash = '\0';
      if (mkdir (copy, 0755) < 0 && errno != EEXIST && errno != EISDIR)
        return sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, errno,
                               "mkdir %s", copy);
      *slash = '/';
    }
  return 0;
}

/* Where the system's policy is not the user's to change, the user can have one. */
static int
hint_user (const struct sp_edit *edit, sigpolicy_error **err)
{
  int errnum = sp_error_errnum (*err);
  if ((errnum != EACCES && errnum != EPERM && errnum != EROFS)
      || strcmp (edit->policy.path, sp_policy_system_path ()) != 0)
    return sigpolicy_error_code (*err);
  return sp_error_hint (
      err, "only root can change the policy of the system: become root, or change your own policy "
           "with --user, which replaces the policy of the system for you");
}

int
sp_edit_commit (struct sp_edit *edit, sigpolicy_error **err)
{
  /* All faults first: neither file is changed for a change that the other one cannot have. */
  int rc = sp_edit_preview (edit, err);
  if (rc == 0 && edit->change == SP_EDIT_INIT)
    rc = sp_edit_make_directories (edit->policy.path, err);
  if (rc == 0 && edit->storage.path)
    {
      rc = sp_edit_make_directories (edit->storage.path, err);
      if (rc == 0)
        rc = sp_replace_file (edit->storage.path, SP_REGISTRIES_D_FILE_BYTES_MAX,
                              sp_edit_make_storage, edit, &edit->storage.backup,
                              &edit->storage_warnings, err);
    }
  if (rc == 0)
    rc = sp_replace_file (edit->policy.path, SP_POLICY_BYTES_MAX, sp_edit_make_policy, edit,
                          &edit->policy.backup, &edit->policy_warnings, err);
  edit->is_committed = rc == 0;
  return rc < 0 ? hint_user (edit, err) : 0;
}

void
sp_edit_put_diff (const struct sp_edit *edit, struct sp_buf *out)
{
  sp_edit_put_patch (&edit->policy, out);
  if (edit->storage.path)
    sp_edit_put_patch (&edit->storage, out);
}

static void
put_file (struct sp_buf *out, const struct sp_edit_file *file, bool is_committed)
{
  sp_words_str (out, file->path);
  sp_buf_printf (out, ": %s%s", file->changed && !is_committed ? "would be " : "",
                 !file->changed  ? "nothing changes"
                 : file->existed ? "changed"
                                 : "new");
  if (file->backup)
    {
      sp_buf_str (out, "; the old one is ");
      sp_words_str (out, file->backup);
    }
  sp_buf_byte (out, '\n');
}

void
sp_edit_put_files (const struct sp_edit *edit, struct sp_buf *out)
{
  put_file (out, &edit->policy, edit->is_committed);
  if (edit->storage.path)
    put_file (out, &edit->storage, edit->is_committed);
  sp_buf_add (out, sp_buf_view (&edit->kept));
  if (edit->why)
    sp_buf_printf (out, "%s\n", edit->why);
}
