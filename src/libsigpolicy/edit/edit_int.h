/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EDIT_EDIT_INT_H
#define SP_EDIT_EDIT_INT_H

#include "edit/edit.h"

/* The makers of new content, for sp_replace_file(); context is the edit. */
int sp_edit_make_policy (void *context, bool exists, struct sp_view old, struct sp_buf *out,
                         sigpolicy_error **err);
int sp_edit_make_storage (void *context, bool exists, struct sp_view old, struct sp_buf *out,
                          sigpolicy_error **err);

/* Remember a file as it was and as it becomes. */
int sp_edit_keep (struct sp_edit_file *file, bool exists, struct sp_view old,
                  const struct sp_buf *new, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Which file of registries.d has the namespace, else the one that it gets; into storage.path. */
int sp_edit_choose_storage (struct sp_edit *edit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Every key file and certificate of the requirements can be used. Failure: KEY/key-unusable. */
int sp_edit_check_keys (const struct sp_requirements *requirements,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A file's change as a unified diff; nothing when there is none. */
void sp_edit_put_patch (const struct sp_edit_file *file, struct sp_buf *out);

#endif
