/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EDIT_DOCUMENT_H
#define SP_EDIT_DOCUMENT_H

#include "edit/layout.h"

/*
 * Changes on the text of a JSON document that leave all the rest of it as it is, byte for byte: the
 * order of members, the layout, what stands twice. What is new is laid out as its neighbours are.
 *
 * A path is the names of members from the root down. Text that is no JSON, or in which the path
 * leads through something that is no object, is CONFIG/config-error with its position.
 */
struct sp_document_path
{
  const struct sp_view *keys;
  size_t n_keys;
};

/*
 * Append to out the text in which the member at path is value (any JSON; how it is laid out does
 * not matter). It takes the place of a value that is there, else stands behind the last member;
 * objects that the path needs are made. Of a member that stands twice the first one is meant.
 */
int sp_document_set (struct sp_view text, struct sp_document_path path, struct sp_view value,
                     struct sp_buf *out, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Append to out the text without the member at path; *ret_found tells whether it was there. */
int sp_document_remove (struct sp_view text, struct sp_document_path path, struct sp_buf *out,
                        bool *ret_found, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Append to out the document in which a value is another; where it is a member's, it may get
 * another key, too (empty: it keeps its own). */
int sp_document_replace (const struct sp_json_tree *tree, const struct sp_json_tree_node *old,
                         struct sp_view key, struct sp_view value, struct sp_buf *out,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Append a value laid out as in a new file: four spaces a level, a newline at the end. */
int sp_document_lay_out (struct sp_view value, struct sp_buf *out,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
