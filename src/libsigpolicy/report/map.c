/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report_int.h"

#include "util/alloc.h"

/*
 * The policy as a tree that folds, and as a picture. Both go by the parts of the names between
 * slashes: registry, namespace, repository. Scopes come sorted, so what begins alike stands
 * together.
 */

#define OPEN_BELOW  60U /* a policy of so few scopes is shown unfolded */
#define LEVELS_MAX  8U  /* what nests deeper is listed flat */
#define ROWS_MAX    36U /* of the picture */
#define COLUMNS     4U
#define ROW_HEIGHT  22U
#define HEAD_HEIGHT 24U

static void
put_state (struct sp_buf *out, const struct sp_report_scope *it)
{
  sp_html_put (out, "<span class=\"state ");
  sp_html_value (out, it->is_hole ? "bad" : sp_state_class (it->state));
  sp_html_put (out, "\">");
  sp_html_text (out,
                it->is_hole ? "accepted unsigned below a signed scope" : sp_state_word (it->state));
  sp_html_put (out, "</span>");
}

/* --- parts of names --------------------------------------------------------------------------- */

/* The part of this number, from 0; empty behind the last. A path's first slash begins it. */
static struct sp_view
part (const struct sp_report_scope *it, size_t number)
{
  struct sp_view rest = sp_view_str (it->name);
  size_t skip = rest.len && rest.data[0] == '/';

  for (;; number--)
    {
      struct sp_view tail = sp_view_from (rest, skip);
      size_t slash = sp_view_find (tail, '/');
      struct sp_view head = sp_view_head (rest, slash == SP_VIEW_NONE ? rest.len : slash + skip);
      if (!number)
        return head;
      if (slash == SP_VIEW_NONE)
        return sp_view_n ("", 0);
      rest = sp_view_from (rest, slash + skip + 1);
      skip = 0;
    }
}

static bool
has_part (const struct sp_report_scope *it, size_t number)
{
  return part (it, number).len > 0;
}

/* How many scopes from the first on have the same part; at least 1. */
static size_t
count_alike (const struct sp_report_scope *first, size_t n, size_t level)
{
  size_t count = 1;
  while (count < n && sp_view_equal (part (first, level), part (first + count, level)))
    count++;
  return count;
}

/* --- the tree --------------------------------------------------------------------------------- */

static void
put_leaf (struct sp_buf *out, const struct sp_report_scope *it)
{
  sp_html_put (out, "<code>");
  sp_html_text (out, it->transport ? (it->name[0] ? it->name : "(everything else)") : "default");
  sp_html_put (out, "</code> ");
  put_state (out, it);
  if (it->state != SP_STATE_REJECTED)
    {
      sp_buf_printf (out, " <a href=\"#r%zu\">rule %zu</a>", it->rule->number, it->rule->number);
    }
  sp_buf_printf (out, " <span class=\"quiet\">line %u</span>", it->scope->line);
}

static void
put_item (struct sp_buf *out, const struct sp_report_scope *it)
{
  if (it->is_hole)
    sp_html_put (out, "<li class=\"hole\">");
  else
    sp_html_put (out, "<li>");
  put_leaf (out, it);
  sp_html_put (out, "</li>\n");
}

static bool
has_hole (const struct sp_report_scope *first, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (first[i].is_hole)
      return true;
  return false;
}

static void put_level (struct sp_buf *out, const struct sp_report_scope *first, size_t n,
                       size_t level, size_t depth, bool is_open);

/* Scopes that are alike up to this level: one of them may end there. */
static void
put_group (struct sp_buf *out, const struct sp_report_scope *first, size_t n, size_t level,
           size_t depth, bool is_open)
{
  /* What all have in common needs no fold of its own. */
  while (has_part (first, level + 1) && count_alike (first, n, level + 1) == n)
    level++;
  bool has_own = !has_part (first, level + 1);
  if (is_open || has_hole (first, n))
    sp_html_put (out, "<li><details open><summary>");
  else
    sp_html_put (out, "<li><details><summary>");
  if (has_own)
    put_leaf (out, first);
  else
    {
      struct sp_view end = part (first, level);
      cleanup_error sigpolicy_error *no_memory = NULL;
      cleanup_free char *name = sp_view_dup (
          sp_view_n (first->name, (size_t)(end.data + end.len - first->name)), &no_memory);
      sp_html_put (out, "<code>");
      sp_html_text (out, name ? name : "");
      sp_html_put (out, "/</code>");
    }
  sp_buf_printf (out, " <span class=\"quiet\">%zu below</span></summary>\n<ul>\n", n - has_own);
  put_level (out, first + has_own, n - has_own, level + 1, depth + 1, is_open);
  sp_html_put (out, "</ul>\n</details></li>\n");
}

static void
put_level (struct sp_buf *out, const struct sp_report_scope *first, size_t n, size_t level,
           size_t depth, bool is_open)
{
  for (size_t i = 0; i < n;)
    {
      size_t alike = depth < LEVELS_MAX ? count_alike (first + i, n - i, level) : 1;
      if (alike == 1)
        put_item (out, &first[i]);
      else
        put_group (out, first + i, alike, level, depth, is_open);
      i += alike;
    }
}

static size_t
count_transport (const struct sp_report *report, size_t first)
{
  size_t n = 1;
  while (first + n < report->n_scopes
         && report->scopes[first + n].transport == report->scopes[first].transport)
    n++;
  return n;
}

static void
put_tree (struct sp_buf *out, const struct sp_report *report)
{
  bool is_open = report->n_scopes <= OPEN_BELOW;

  sp_html_put (out, "<ul class=\"tree\">\n");
  put_item (out, &report->scopes[0]);
  for (size_t i = 1, n; i < report->n_scopes; i += n)
    {
      const struct sp_report_scope *first = &report->scopes[i];
      n = count_transport (report, i);
      sp_html_put (out, "<li><details open><summary><strong>");
      sp_html_text (out, first->transport);
      sp_buf_printf (out, "</strong> <span class=\"quiet\">%zu scope%s</span></summary>\n<ul>\n", n,
                     n == 1 ? "" : "s");
      put_level (out, first, n, 0, 0, is_open);
      sp_html_put (out, "</ul>\n</details></li>\n");
    }
  sp_html_put (out, "</ul>\n");
}

/* --- the picture ------------------------------------------------------------------------------ */

static const struct
{
  const char *heading;
  unsigned x, width, characters;
} columns[COLUMNS] = {
  { "transport", 0, 150, 19 },
  { "registry", 150, 230, 30 },
  { "namespace", 380, 250, 33 },
  { "repository", 630, 330, 44 },
};

struct cell
{
  const struct sp_report_scope *scope; /* that decides, be it one above */
  struct sp_view text;
};

/* As much of a text as there is room for. */
static void
put_cut (struct sp_buf *out, struct sp_view text, size_t room)
{
  cleanup_error sigpolicy_error *no_memory = NULL;
  size_t length = text.len <= room ? text.len : room - 1;

  while (length < text.len && length && ((unsigned char)text.data[length] & 0xc0) == 0x80)
    length--;
  cleanup_free char *copy = sp_view_dup (sp_view_head (text, length), &no_memory);
  sp_html_text (out, copy ? copy : "");
  if (length < text.len)
    sp_html_put (out, "&#8230;");
}

static void
put_cell (struct sp_buf *out, const struct cell *cell, size_t column, size_t row, size_t rows)
{
  const struct sp_report_scope *it = cell->scope;

  sp_html_put (out, "<g><title>");
  sp_html_text (out, it->transport ? it->transport : "default");
  sp_html_put (out, " ");
  sp_html_text (out, it->name);
  sp_html_put (out, ": ");
  sp_html_text (out,
                it->is_hole ? "accepted unsigned below a signed scope" : sp_state_word (it->state));
  sp_buf_printf (out, "</title><rect x=\"%u\" y=\"%zu\" width=\"%u\" height=\"%zu\" rx=\"3\"",
                 columns[column].x, (size_t)HEAD_HEIGHT + row * ROW_HEIGHT, columns[column].width,
                 rows * ROW_HEIGHT);
  sp_html_attribute (out, "class", it->is_hole ? "bad" : sp_state_class (it->state));
  sp_buf_printf (out, "/><text x=\"%u\" y=\"%zu\">", columns[column].x + 7,
                 (size_t)HEAD_HEIGHT + row * ROW_HEIGHT + 15);
  put_cut (out, cell->text, columns[column].characters);
  sp_html_put (out, "</text></g>\n");
}

/* What stands in the columns of a scope: the last has all that is left of the name. */
static struct sp_view
column_text (const struct sp_report_scope *it, size_t column)
{
  if (column < COLUMNS - 1)
    return part (it, column - 1);
  struct sp_view last = part (it, COLUMNS - 2);
  return last.len ? sp_view_str (last.data) : last;
}

/* Does one begin with all parts of the other? Then the other needs no row of its own. */
static bool
is_above (const struct sp_report_scope *one, const struct sp_report_scope *other)
{
  size_t length = strlen (one->name);
  return one->transport == other->transport && strncmp (one->name, other->name, length) == 0
         && (!length || other->name[length] == '/');
}

/* The cells of one column among rows that are alike up to the one before it. */
static void
put_column (struct sp_buf *out, const struct sp_report_scope *const *rows, size_t n, size_t first,
            size_t column, const struct sp_report_scope *above)
{
  for (size_t i = 0, alike; i < n && column < COLUMNS; i += alike)
    {
      struct cell cell = { above, column_text (rows[i], column) };
      for (alike = 1;
           i + alike < n && sp_view_equal (cell.text, column_text (rows[i + alike], column));)
        alike++;
      if (!cell.text.len)
        continue;
      /* The scope that ends here decides; it is the row itself, or one that begins it. */
      const struct sp_report_scope *own = rows[i];
      size_t end = (size_t)(cell.text.data + cell.text.len - own->name);
      while (own[-1].transport == own->transport && own->name[0]
             && strncmp (own[-1].name, rows[i]->name, end) == 0 && strlen (own->name) != end)
        own--;
      if (strlen (own->name) == end && strncmp (own->name, rows[i]->name, end) == 0)
        cell.scope = own;
      put_cell (out, &cell, column, first + i, alike);
      put_column (out, rows + i, alike, first + i, column + 1, cell.scope);
    }
}

static void
put_picture (struct sp_buf *out, const struct sp_report *report)
{
  const struct sp_report_scope *rows[ROWS_MAX];
  /* Of many, what stands out has room. */
  size_t holes = report->n_holes < ROWS_MAX / 2 ? report->n_holes : ROWS_MAX / 2;
  size_t others = ROWS_MAX - holes, n = 0, left_out = 0;

  for (size_t i = 1; i < report->n_scopes; i++)
    {
      const struct sp_report_scope *it = &report->scopes[i];
      bool is_covered = i + 1 < report->n_scopes && is_above (it, it + 1);
      if (is_covered)
        continue;
      size_t *room = it->is_hole ? &holes : &others;
      if (*room)
        rows[n++] = it;
      else
        left_out++;
      *room -= *room > 0;
    }
  if (!n)
    return;
  size_t height = HEAD_HEIGHT + n * ROW_HEIGHT + 4;
  sp_html_put (out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                    "aria-label=\"Picture of the policy\">\n");
  sp_buf_printf (out,
                 "<svg role=\"img\" aria-label=\"The policy by transport, registry, namespace and "
                 "repository; the list below says the same\" width=\"964\" "
                 "height=\"%zu\" viewBox=\"0 0 964 %zu\">\n",
                 height, height);
  for (size_t i = 0; i < COLUMNS; i++)
    sp_buf_printf (out, "<text class=\"q\" x=\"%u\" y=\"16\">%s</text>\n", columns[i].x + 7,
                   columns[i].heading);
  for (size_t i = 0, alike; i < n; i += alike)
    {
      struct cell cell = { &report->scopes[0], sp_view_str (rows[i]->transport) };
      for (alike = 1; i + alike < n && rows[i + alike]->transport == rows[i]->transport;)
        alike++;
      for (size_t j = 1; j < report->n_scopes; j++)
        if (report->scopes[j].transport == rows[i]->transport && !report->scopes[j].name[0])
          cell.scope = &report->scopes[j];
      put_cell (out, &cell, 0, i, alike);
      put_column (out, rows + i, alike, i, 1, cell.scope);
    }
  sp_html_put (out, "</svg>\n</div>\n");
  if (left_out)
    sp_buf_printf (out,
                   "<p class=\"quiet\">The picture shows %zu of them; %zu more are in the "
                   "list.</p>\n",
                   n, left_out);
}

void
sp_report_put_map (struct sp_buf *out, const struct sp_report *report)
{
  sp_html_put (out, "<p>");
  for (int state = 0; state < SP_STATES; state++)
    {
      sp_html_put (out, "<span class=\"state ");
      sp_html_value (out, sp_state_class ((enum sp_state)state));
      sp_html_put (out, "\">");
      sp_html_text (out, sp_state_word ((enum sp_state)state));
      sp_buf_printf (out, "</span> %zu ", report->n_states[state]);
    }
  sp_html_put (out, "<span class=\"state bad\">accepted unsigned below a signed scope</span> ");
  sp_html_number (out, report->n_holes);
  sp_html_put (out, "</p>\n");
  put_picture (out, report);
  put_tree (out, report);
}
