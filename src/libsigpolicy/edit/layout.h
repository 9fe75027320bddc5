/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EDIT_LAYOUT_H
#define SP_EDIT_LAYOUT_H

#include "json/tree.h"

/*
 * How new JSON is laid out in a document that somebody else wrote: its unit of indentation, its
 * line ends, the space behind its colons; and on one line where its neighbours are and it fits.
 */

/* What is to stand behind a last member (or in an object without members, when last is NULL) to add
 * one: the comma, the space or new line, the key, the value. */
void sp_layout_member (const struct sp_json_tree *tree, const struct sp_json_tree_node *object,
                       const struct sp_json_tree_node *last, struct sp_view key,
                       const struct sp_json_tree_node *value, struct sp_buf *out);

/* A value in place of an old one. */
void sp_layout_value (const struct sp_json_tree *tree, const struct sp_json_tree_node *old,
                      const struct sp_json_tree_node *value, struct sp_buf *out);

/* A whole document: four spaces a level, and a newline at the end. */
void sp_layout_document (const struct sp_json_tree_node *value, struct sp_buf *out);

/* A string as JSON writes it. Bytes that are no UTF-8 become U+FFFD. */
void sp_layout_string (struct sp_view text, struct sp_buf *out);

#endif
