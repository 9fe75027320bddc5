/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a TOML document. What parses, and is written again as TOML, parses to the same
 * tree; and every node knows where it stands. */
#include "fuzz.h"

#include "toml/toml.h"
#include "util/buf.h"
#include "util/codec.h"

#include <stdint.h>
#include <stdlib.h>

#define DEPTH_MAX   200
#define WRITTEN_MAX (64U << 20)

/* As a quoted string in which all but letters and digits is escaped. */
static void
write_string (struct sp_view text, struct sp_buf *out)
{
  unsigned rune = 0;
  int length;
  sp_buf_byte (out, '"');
  for (; (length = sp_utf8_next (text, &rune)) > 0; text = sp_view_from (text, (size_t)length))
    if ((rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z'))
      sp_buf_byte (out, (char)rune);
    else
      sp_buf_printf (out, "\\U%08x", rune);
  require (length == -1);
  sp_buf_byte (out, '"');
}

/* A value in one line: tables inline. */
static void
write_value (const struct sp_toml_node *node, int depth, struct sp_buf *out)
{
  bool table = node->type == SP_TOML_TABLE;

  require (depth < DEPTH_MAX);
  if (node->type == SP_TOML_STRING)
    {
      require (node->text.data[node->text.len] == '\0');
      write_string (node->text, out);
      return;
    }
  if (!table && node->type != SP_TOML_ARRAY)
    {
      require (node->text.len && !node->first);
      sp_buf_add (out, node->text);
      return;
    }
  sp_buf_byte (out, table ? '{' : '[');
  for (const struct sp_toml_node *child = node->first; child; child = child->next)
    {
      if (table)
        {
          write_string (child->key, out);
          sp_buf_byte (out, '=');
        }
      write_value (child, depth + 1, out);
      if (child->next)
        sp_buf_byte (out, ',');
    }
  sp_buf_byte (out, table ? '}' : ']');
}

static void
write_document (const struct sp_toml_node *root, struct sp_buf *out)
{
  for (const struct sp_toml_node *child = root->first; child; child = child->next)
    {
      write_string (child->key, out);
      sp_buf_byte (out, '=');
      write_value (child, 0, out);
      sp_buf_byte (out, '\n');
    }
}

/* Every node stands in the text, a value not before its key, and keys of a table differ. */
static void
check_places (const struct sp_toml_node *node, unsigned lines, int depth)
{
  size_t count = 0;
  require (depth < DEPTH_MAX && node->line >= 1 && node->line <= lines && node->column >= 1);
  require (node->key_line >= 1 && node->key_line <= node->line);
  require (node->key_line < node->line || node->key_column <= node->column);
  for (const struct sp_toml_node *child = node->first; child; child = child->next, count++)
    {
      check_places (child, lines, depth + 1);
      for (const struct sp_toml_node *other = node->first;
           node->type == SP_TOML_TABLE && count < 64 && other != child; other = other->next)
        require (!sp_view_equal (other->key, child->key));
    }
  require (count == node->n_children);
}

static void
check_same (const struct sp_toml_node *one, const struct sp_toml_node *other)
{
  require (one->type == other->type && one->integer == other->integer);
  require (one->boolean == other->boolean && one->n_children == other->n_children);
  require (sp_view_equal (one->text, other->text) && sp_view_equal (one->key, other->key));
  const struct sp_toml_node *left = one->first, *right = other->first;
  for (; left && right; left = left->next, right = right->next)
    check_same (left, right);
  require (!left && !right);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_view text = sp_view_n ((const char *)data, size);
  struct sp_toml *toml = NULL, *again = NULL;
  struct sp_buf written = SP_BUF (WRITTEN_MAX);
  sigpolicy_error *err = NULL;
  unsigned lines = 1;

  int rc = sp_toml_parse (text, &toml, &err);
  require ((rc == 0) == !err && (rc == 0) == !!toml);
  if (rc < 0)
    {
      require (rc == SIGPOLICY_E_CONFIG
               && strncmp (sigpolicy_error_message (err), "toml: ", 6) == 0);
      require (sigpolicy_error_line (err) || size > 1000000);
      sigpolicy_error_free (err);
      return 0;
    }
  for (size_t i = 0; i < size; i++)
    lines += data[i] == '\n';
  check_places (sp_toml_root (toml), lines, 0);
  write_document (sp_toml_root (toml), &written);
  require (!written.failed);
  /* Headers may go as deep as inline tables, and no deeper together: then only the limit stops
   * it; so does the length, as escapes are long. */
  rc = sp_toml_parse (sp_buf_view (&written), &again, &err);
  if (rc == 0)
    check_same (sp_toml_root (toml), sp_toml_root (again));
  else
    require (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
  sp_error_clear (&err);
  sp_buf_clear (&written);
  sp_toml_free (again);
  sp_toml_free (toml);
  return 0;
}
