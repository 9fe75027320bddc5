/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report_int.h"

#include "util/alloc.h"

/* The keys: a bar for each until it expires, and a table of them all. */

#define BARS_MAX   40U
#define ROWS_MAX   1000U
#define SOON_DAYS  90
#define DAY        86400
#define YEAR       (365 * (sp_time)DAY)
#define BAR_HEIGHT 24U
#define LABEL_X    8U
#define TIME_X     330U /* where the time begins, and how wide it is */
#define TIME_WIDTH 430U

static bool
is_drawn (const struct sp_known_key *key)
{
  return key->fingerprint != NULL;
}

static int
compare_keys (const void *a, const void *b)
{
  const struct sp_known_key *left = *(const struct sp_known_key *const *)a,
                            *right = *(const struct sp_known_key *const *)b;
  sp_time first = left->expires ? left->expires : INT64_MAX,
          second = right->expires ? right->expires : INT64_MAX;
  if (first != second)
    return first < second ? -1 : 1;
  int order = strcmp (left->file, right->file);
  return order ? order : strcmp (left->fingerprint, right->fingerprint);
}

/* What is to be said of its life, and the class of its bar. */
static const char *
life_of (const struct sp_report *report, const struct sp_known_key *key, const char **ret_class)
{
  bool over = key->revoked || sp_report_expires (report, key, 0);
  bool soon = sp_report_expires (report, key, SOON_DAYS);

  *ret_class = over ? "bad" : soon ? "soon" : "ok";
  return key->revoked ? "revoked" : over ? "expired" : soon ? "expires within 90 days" : "";
}

static const char *
name_of (const struct sp_known_key *key)
{
  return key->owner ? key->owner : key->file;
}

static void
put_name (struct sp_buf *out, const char *name)
{
  cleanup_error sigpolicy_error *no_memory = NULL;
  size_t length = strlen (name), kept = length <= 42 ? length : 41;

  while (kept < length && kept && ((unsigned char)name[kept] & 0xc0) == 0x80)
    kept--;
  cleanup_free char *copy = sp_view_dup (sp_view_n (name, kept), &no_memory);
  sp_html_text (out, copy ? copy : "");
  if (kept < length)
    sp_html_put (out, "&#8230;");
}

/* --- bars ------------------------------------------------------------------------------------- */

struct scale
{
  sp_time from, to;
};

static unsigned
position (const struct scale *scale, sp_time time)
{
  time = time < scale->from ? scale->from : time > scale->to ? scale->to : time;
  return TIME_X
         + (unsigned)((double)(time - scale->from) / (double)(scale->to - scale->from)
                      * TIME_WIDTH);
}

/* From a year ago to five years ahead, or less where nothing lasts so long. */
static struct scale
choose_scale (const struct sp_report *report, const struct sp_known_key *const *keys, size_t n)
{
  struct scale scale = { report->now - YEAR, report->now + YEAR };
  for (size_t i = 0; i < n; i++)
    if (keys[i]->expires > scale.to)
      scale.to = keys[i]->expires;
  if (scale.to > report->now + 5 * YEAR)
    scale.to = report->now + 5 * YEAR;
  return scale;
}

static void
put_bar (struct sp_buf *out, const struct sp_report *report, const struct scale *scale,
         const struct sp_known_key *key, size_t row)
{
  const char *class = "", *life = life_of (report, key, &class);
  size_t y = 30 + row * BAR_HEIGHT;
  char day[SP_TIME_TEXT_SIZE] = "never expires";
  unsigned from = position (scale, key->created ? key->created : scale->from),
           to = position (scale, key->expires ? key->expires : scale->to);

  if (key->expires)
    sp_report_day (key->expires, day);
  sp_html_put (out, "<g><title>");
  sp_html_text (out, name_of (key));
  sp_html_put (out, ", ");
  sp_html_text (out, key->fingerprint);
  sp_html_put (out, ", ");
  sp_html_text (out, day);
  sp_buf_printf (out, "</title><text x=\"%u\" y=\"%zu\">", LABEL_X, y + 14);
  put_name (out, name_of (key));
  sp_buf_printf (out, "</text><rect x=\"%u\" y=\"%zu\" width=\"%u\" height=\"16\" rx=\"3\"", from,
                 y + 2, to > from + 3 ? to - from : 3);
  sp_html_attribute (out, "class", class);
  sp_buf_printf (out, "/><text x=\"%u\" y=\"%zu\">", TIME_X + TIME_WIDTH + 10, y + 14);
  sp_html_text (out, day);
  if (life[0] && !(key->expires && strcmp (life, "expires within 90 days") == 0))
    {
      sp_html_put (out, " ");
      sp_html_text (out, life);
    }
  if (strcmp (life, "expires within 90 days") == 0)
    sp_html_put (out, " soon");
  if (key->is_alone)
    sp_html_put (out, ", single");
  sp_html_put (out, "</text></g>\n");
}

static void
put_years (struct sp_buf *out, const struct sp_report *report, const struct scale *scale,
           size_t height)
{
  char day[SP_TIME_TEXT_SIZE];

  for (sp_time at = scale->from; at <= scale->to; at += YEAR)
    if (at != report->now)
      {
        sp_report_day (at, day);
        day[7] = '\0';
        unsigned x = position (scale, at);
        sp_buf_printf (out,
                       "<line x1=\"%u\" y1=\"24\" x2=\"%u\" y2=\"%zu\"/><text class=\"q\" "
                       "x=\"%u\" y=\"16\" text-anchor=\"middle\">%s</text>\n",
                       x, x, height - 4, x, day);
      }
}

static void
put_chart (struct sp_buf *out, const struct sp_report *report,
           const struct sp_known_key *const *keys, size_t n)
{
  size_t rows = n < BARS_MAX ? n : BARS_MAX, height = 34 + rows * BAR_HEIGHT + 8;
  struct scale scale = choose_scale (report, keys, n);
  unsigned today = position (&scale, report->now);

  sp_html_put (out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                    "aria-label=\"Picture of the keys\">\n");
  sp_buf_printf (out,
                 "<svg role=\"img\" aria-label=\"Keys over time: a bar for each until it expires; "
                 "the table below says the same\" width=\"1000\" "
                 "height=\"%zu\" viewBox=\"0 0 1000 %zu\">\n",
                 height, height);
  put_years (out, report, &scale, height);
  for (size_t i = 0; i < rows; i++)
    put_bar (out, report, &scale, keys[i], i);
  sp_buf_printf (out,
                 "<line class=\"today\" x1=\"%u\" y1=\"20\" x2=\"%u\" y2=\"%zu\"/><text x=\"%u\" "
                 "y=\"16\" text-anchor=\"middle\">today</text>\n</svg>\n</div>\n",
                 today, today, height - 4, today);
  if (n > rows)
    sp_buf_printf (out,
                   "<p class=\"quiet\">The picture shows the %zu that expire first, of %zu.</p>\n",
                   rows, n);
}

/* --- the table -------------------------------------------------------------------------------- */

static void
put_row (struct sp_buf *out, const struct sp_report *report, const struct sp_known_key *key)
{
  const char *class = "", *life = life_of (report, key, &class);
  char day[SP_TIME_TEXT_SIZE] = "never";

  if (!key->fingerprint)
    (void)snprintf (day, sizeof day, "unknown");
  if (key->expires)
    sp_report_day (key->expires, day);
  sp_buf_printf (out, "<tr id=\"k%zu\"><th scope=\"row\">",
                 (size_t)(key - report->audit->keys) + 1);
  sp_html_text (out, key->owner ? key->owner : key->kind);
  sp_html_put (out, "</th><td>");
  sp_html_text (out, key->kind);
  sp_html_put (out, "</td><td class=\"mono\">");
  sp_html_text (out, key->fingerprint ? key->fingerprint : "cannot be read");
  sp_html_put (out, "</td><td>");
  sp_html_text (out, day);
  if (life[0] || !key->fingerprint)
    {
      sp_html_put (out, " <span");
      sp_html_attribute (out, "class",
                         strcmp (class, "soon") == 0 ? "state unsigned" : "state bad");
      sp_html_put (out, ">");
      sp_html_text (out, key->fingerprint ? life : "missing");
      sp_html_put (out, "</span>");
    }
  sp_html_put (out, "</td><td>");
  if (key->is_alone)
    sp_html_put (out, "single key, ");
  sp_buf_printf (out, "%zu requirement%s</td><td class=\"mono\">", key->n_requirements,
                 key->n_requirements == 1 ? "" : "s");
  sp_html_text (out, key->file);
  sp_html_put (out, "</td></tr>\n");
}

static void
put_key_table (struct sp_buf *out, const struct sp_report *report)
{
  const struct sp_audit_report *audit = report->audit;

  sp_html_put (out,
               "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of the "
               "keys\">\n<table class=\"cards\"><thead><tr><th scope=\"col\">Owner</th><th "
               "scope=\"col\">Kind</th><th scope=\"col\">Fingerprint</th><th "
               "scope=\"col\">Expires</th><th scope=\"col\">Used by</th><th "
               "scope=\"col\">File</th></tr></thead><tbody>\n");
  for (size_t i = 0; i < audit->n_known_keys && i < ROWS_MAX; i++)
    put_row (out, report, &audit->keys[i]);
  sp_html_put (out, "</tbody></table>\n</div>\n");
  if (audit->n_known_keys > ROWS_MAX)
    sp_buf_printf (out, "<p class=\"quiet\">%zu more are in 'sigpolicy report --json'.</p>\n",
                   audit->n_known_keys - ROWS_MAX);
}

void
sp_report_put_keys (struct sp_buf *out, const struct sp_report *report)
{
  const struct sp_audit_report *audit = report->audit;
  cleanup_error sigpolicy_error *no_memory = NULL;
  size_t n = 0;

  if (!audit->n_known_keys)
    {
      sp_html_put (out, "<p>The policy names no key.</p>\n");
      return;
    }
  cleanup_free const struct sp_known_key **drawn
      = sp_calloc (audit->n_known_keys, sizeof (void *), &no_memory);
  if (!drawn)
    {
      out->failed = SP_BUF_NO_MEMORY;
      return;
    }
  for (size_t i = 0; i < audit->n_known_keys; i++)
    if (is_drawn (&audit->keys[i]))
      drawn[n++] = &audit->keys[i];
  if (n)
    {
      qsort (drawn, n, sizeof (void *), compare_keys);
      put_chart (out, report, drawn, n);
    }
  put_key_table (out, report);
}
