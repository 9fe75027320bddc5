/* SPDX-License-Identifier: Apache-2.0 */
#include "edit/layout.h"

#include "util/codec.h"

/* Values that are longer than this, with what stands before them, get lines of their own. */
#define LINE_MAX_COLUMNS 100

struct style
{
  struct sp_view newline;
  struct sp_view unit;  /* of indentation */
  struct sp_view colon; /* with the space around it */
  struct sp_view comma; /* within a line */
  struct sp_view base;  /* the indentation of the line that the value begins in */
  bool one_line;
};

/* The white space that the line of an offset begins with. */
static struct sp_view
indentation (struct sp_view text, size_t at)
{
  size_t start = at, end;
  while (start > 0 && text.data[start - 1] != '\n')
    start--;
  for (end = start; end < at && (text.data[end] == ' ' || text.data[end] == '\t');)
    end++;
  return sp_view_n (text.data + start, end - start);
}

static bool
has_newline (struct sp_view text)
{
  return sp_view_find (text, '\n') != SP_VIEW_NONE;
}

/* Is there a line break between an object's brace and its first key? */
static bool
is_spread (const struct sp_json_tree *tree, const struct sp_json_tree_node *object)
{
  size_t start = sp_json_tree_start (tree, object);
  size_t length
      = object->first ? sp_json_tree_start (tree, object->first->key) - start : object->source.len;
  return has_newline (sp_view_n (tree->text.data + start, length));
}

/* What the first level of the document is indented with; where that says nothing, four spaces, as
 * this file is commonly written. */
static struct sp_view
find_unit (const struct sp_json_tree *tree)
{
  const struct sp_json_tree_node *first = tree->root->first;
  struct sp_view unit = { "", 0 };
  if (first && first->key && is_spread (tree, tree->root))
    unit = indentation (tree->text, sp_json_tree_start (tree, first->key));
  return unit.len ? unit : (struct sp_view)SP_VIEW ("    ");
}

static struct style
find_style (const struct sp_json_tree *tree)
{
  struct style style = {
    .newline = SP_VIEW ("\n"),
    .unit = find_unit (tree),
    .colon = SP_VIEW (": "),
    .comma = SP_VIEW (", "),
  };
  const struct sp_json_tree_node *first = tree->root->first;
  size_t newline = sp_view_find (tree->text, '\n');

  if (newline != SP_VIEW_NONE && newline > 0 && tree->text.data[newline - 1] == '\r')
    style.newline = (struct sp_view)SP_VIEW ("\r\n");
  if (first && first->key)
    {
      size_t end = sp_json_tree_end (tree, first->key);
      style.colon = sp_view_n (tree->text.data + end, sp_json_tree_start (tree, first) - end);
      if (has_newline (style.colon))
        style.colon = (struct sp_view)SP_VIEW (": ");
    }
  if (style.colon.len == 1)
    style.comma = (struct sp_view)SP_VIEW (",");
  return style;
}

static void
put_line (const struct style *style, size_t depth, struct sp_buf *out)
{
  sp_buf_add (out, style->newline);
  sp_buf_add (out, style->base);
  while (depth--)
    sp_buf_add (out, style->unit);
}

/* The value is our own, or a few levels of one that was parsed: it is not deep. */
static void
put_value (const struct style *style, const struct sp_json_tree_node *value, size_t depth,
           struct sp_buf *out)
{
  bool object = value->type == SP_JSON_OBJECT;

  if (!value->first)
    {
      sp_buf_add (out, object ? (struct sp_view)SP_VIEW ("{}") : value->source);
      return;
    }
  sp_buf_byte (out, object ? '{' : '[');
  for (const struct sp_json_tree_node *child = value->first; child; child = child->next)
    {
      if (child->index)
        sp_buf_add (out, style->one_line ? style->comma : (struct sp_view)SP_VIEW (","));
      if (!style->one_line)
        put_line (style, depth + 1, out);
      if (child->key)
        {
          sp_buf_add (out, child->key->source);
          sp_buf_add (out, style->colon);
        }
      put_value (style, child, depth + 1, out);
    }
  if (!style->one_line)
    put_line (style, depth, out);
  sp_buf_byte (out, object ? '}' : ']');
}

/* How many columns a value takes on one line. Without memory, out has failed. */
static size_t
width (const struct style *style, const struct sp_json_tree_node *value, struct sp_buf *out)
{
  cleanup_buf struct sp_buf line = SP_BUF (16 * LINE_MAX_COLUMNS);
  struct style flat = *style;
  flat.one_line = true;
  put_value (&flat, value, 0, &line);
  if (line.failed == SP_BUF_NO_MEMORY)
    out->failed = line.failed;
  return line.failed ? SIZE_MAX : line.len;
}

/* Whether a value goes on one line behind so many columns, as its neighbour does. Maps have lines
 * of their own. */
static bool
goes_on_one_line (const struct style *style, const struct sp_json_tree_node *neighbour,
                  const struct sp_json_tree_node *value, size_t columns, struct sp_buf *out)
{
  if (value->type == SP_JSON_OBJECT || (neighbour && has_newline (neighbour->source)))
    return false;
  size_t length = width (style, value, out);
  return length < LINE_MAX_COLUMNS && columns + length <= LINE_MAX_COLUMNS;
}

/* The value to imitate where an object has no member: that of the policy's default. */
static const struct sp_json_tree_node *
neighbour_of (const struct sp_json_tree *tree, const struct sp_json_tree_node *last)
{
  return last ? last : tree->root->first;
}

void
sp_layout_member (const struct sp_json_tree *tree, const struct sp_json_tree_node *object,
                  const struct sp_json_tree_node *last, struct sp_view key,
                  const struct sp_json_tree_node *value, struct sp_buf *out)
{
  struct style style = find_style (tree);
  cleanup_buf struct sp_buf base = SP_BUF (1 << 20);
  /* An object without members says nothing of lines; the document does. */
  bool spread = last || is_spread (tree, object) ? is_spread (tree, object)
                                                 : has_newline (tree->root->source);

  if (last && spread)
    sp_buf_add (&base, indentation (tree->text, sp_json_tree_start (tree, last->key)));
  else
    {
      sp_buf_add (&base, indentation (tree->text, sp_json_tree_start (tree, object)));
      if (spread)
        sp_buf_add (&base, style.unit);
    }
  style.base = sp_buf_view (&base);
  if (last)
    sp_buf_byte (out, ',');
  if (spread)
    put_line (&style, 0, out);
  else if (last)
    sp_buf_add (out, sp_view_from (style.comma, 1));
  sp_layout_string (key, out);
  sp_buf_add (out, style.colon);
  style.one_line = spread ? goes_on_one_line (&style, neighbour_of (tree, last), value,
                                              base.len + key.len + 4, out)
                          : true;
  put_value (&style, value, 0, out);
  if (!last && spread)
    {
      style.base = indentation (tree->text, sp_json_tree_start (tree, object));
      put_line (&style, 0, out);
    }
  if (base.failed && !out->failed)
    out->failed = base.failed;
}

void
sp_layout_value (const struct sp_json_tree *tree, const struct sp_json_tree_node *old,
                 const struct sp_json_tree_node *value, struct sp_buf *out)
{
  struct style style = find_style (tree);
  size_t start = sp_json_tree_start (tree, old);
  style.base = indentation (tree->text, start);
  style.one_line = !has_newline (tree->root->source)
                   || goes_on_one_line (&style, old, value, old->column, out);
  put_value (&style, value, 0, out);
}

void
sp_layout_document (const struct sp_json_tree_node *value, struct sp_buf *out)
{
  static const struct style style = {
    .newline = SP_VIEW ("\n"),
    .unit = SP_VIEW ("    "),
    .colon = SP_VIEW (": "),
    .comma = SP_VIEW (", "),
    .base = SP_VIEW (""),
  };
  put_value (&style, value, 0, out);
  sp_buf_byte (out, '\n');
}

void
sp_layout_string (struct sp_view text, struct sp_buf *out)
{
  sp_buf_byte (out, '"');
  while (text.len)
    {
      unsigned rune;
      int length = sp_utf8_next (text, &rune);
      unsigned char byte = (unsigned char)text.data[0];
      if (length <= 0)
        sp_utf8_put (0xfffd, out);
      else if (byte == '"' || byte == '\\')
        {
          sp_buf_byte (out, '\\');
          sp_buf_byte (out, (char)byte);
        }
      else if (byte < 0x20 || byte == 0x7f)
        sp_buf_printf (out, "\\u%04x", byte);
      else
        sp_buf_add (out, sp_view_head (text, (size_t)length));
      text = sp_view_from (text, length > 0 ? (size_t)length : 1);
    }
  sp_buf_byte (out, '"');
}
