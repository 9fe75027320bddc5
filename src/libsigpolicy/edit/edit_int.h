/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EDIT_EDIT_INT_H
#define SP_EDIT_EDIT_INT_H

#include "edit/edit.h"
#include "edit/replace.h"

#include "json/tree.h"

/* The makers of new content, for sp_replace_file(); context is the edit. */
int sp_edit_make_policy (void *context, bool exists, struct sp_view old, struct sp_buf *out,
                         sigpolicy_error **err);
int sp_edit_make_storage (void *context, bool exists, struct sp_view old, struct sp_buf *out,
                          sigpolicy_error **err);

/* The list of requirements of the scope that the edit is about, in the text; or NULL. */
const struct sp_json_tree_node *sp_edit_find_list (const struct sp_edit *edit,
                                                   const struct sp_json_tree *tree);

/* The same as the reader of policies has them; NULL: under a transport that it does not know. */
const struct sp_requirements *sp_edit_requirements_of (const struct sp_edit *edit,
                                                       const struct sp_policy *policy);

/* NOT_FOUND: the policy has no such scope. */
int sp_edit_no_scope (const struct sp_edit *edit, sigpolicy_error **err);

/* Append to out the policy with the scope's keys changed. Failure: as sp_edit_preview(). */
int sp_edit_rotate (const struct sp_edit *edit, struct sp_view old, struct sp_buf *out,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
/* What a maker would make of a file; and the directories that a new file needs. */
int sp_edit_preview_file (void *context, struct sp_edit_file *file, sp_replace_make *make,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_edit_make_directories (const char *path, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Remember a file as it was and as it becomes. */
int sp_edit_keep (struct sp_edit_file *file, bool exists, struct sp_view old,
                  const struct sp_buf *new, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Which file of registries.d has the namespace, else the one that it gets; into storage.path. */
int sp_edit_choose_storage (struct sp_edit *edit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Of a scope that is removed: say which files of registries.d have an entry of it still. What
 * cannot be read says nothing. */
int sp_edit_note_storage (struct sp_edit *edit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A file's change as a unified diff; nothing when there is none. */
void sp_edit_put_patch (const struct sp_edit_file *file, struct sp_buf *out);

#endif
