/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report_int.h"

#include "util/limits.h"

/* The page, part by part. */

#define FINDINGS_MAX 500U
#define IMAGES_MAX   2000U
#define CHANGES_MAX  1000U
#define RULES_END    (4 * SP_MIB) /* how long the page may be when the last rule is written */

/* --- the top ---------------------------------------------------------------------------------- */

static size_t
count_findings (const struct sp_report *report, int severity)
{
  size_t n = 0;
  for (size_t i = 0; i < report->audit->len; i++)
    n += (int)report->audit->items[i].severity == severity;
  return n;
}

static void
put_fact (struct sp_buf *out, const char *what, const char *text, bool is_code)
{
  sp_html_put (out, "<dt>");
  sp_html_text (out, what);
  sp_html_put (out, "</dt><dd>");
  if (is_code)
    sp_html_put (out, "<code>");
  sp_html_text (out, text);
  if (is_code)
    sp_html_put (out, "</code>");
  sp_html_put (out, "</dd>\n");
}

static void
put_tile (struct sp_buf *out, size_t number, const char *text)
{
  sp_html_put (out, "<li><b>");
  sp_html_number (out, number);
  sp_html_put (out, "</b> ");
  sp_html_text (out, text);
  sp_html_put (out, "</li>\n");
}

static void
put_tiles (struct sp_buf *out, const struct sp_report *report)
{
  size_t soon = 0;

  for (size_t i = 0; i < report->audit->n_known_keys; i++)
    soon += sp_report_expires (report, &report->audit->keys[i], 90);
  sp_html_put (out, "<ul class=\"tiles\">\n");
  put_tile (out, count_findings (report, SIGPOLICY_SEVERITY_CRITICAL), "critical findings");
  put_tile (out, count_findings (report, SIGPOLICY_SEVERITY_HIGH), "high findings");
  put_tile (out, count_findings (report, SIGPOLICY_SEVERITY_MEDIUM), "medium findings");
  put_tile (out,
            count_findings (report, SIGPOLICY_SEVERITY_LOW)
                + count_findings (report, SIGPOLICY_SEVERITY_INFO),
            "low findings and notes");
  put_tile (out, report->n_scopes ? report->n_scopes - 1 : 0, "scopes");
  put_tile (out, report->n_holes, "unsigned below signed");
  put_tile (out, soon, "keys expired or within 90 days of it");
  if (report->images)
    put_tile (out, report->images->len - sp_results_count (report->images, "accepted"),
              "images not accepted");
  sp_html_put (out, "</ul>\n");
}

static void
put_top (struct sp_buf *out, const struct sp_report *report)
{
  char time[SP_TIME_TEXT_SIZE];

  sp_time_format (report->now, time);
  sp_html_put (out, "<header><h1>Signature policy of ");
  sp_html_text (out, report->host);
  sp_html_put (out, "</h1>\n<nav aria-label=\"Contents\"><ul>");
  if (report->policy)
    sp_html_put (out, "<li><a href=\"#map\">Policy map</a></li><li><a href=\"#rules\">Who may "
                      "sign</a></li>");
  sp_html_put (out, "<li><a href=\"#keys\">Keys over time</a></li><li><a href=\"#here\">What is "
                    "here</a></li><li><a href=\"#findings\">Findings</a></li>");
  if (report->since)
    sp_html_put (out, "<li><a href=\"#changes\">Changes</a></li>");
  sp_html_put (out, "</ul></nav></header>\n<main id=\"main\">\n");
  if (report->fault)
    {
      sp_html_put (out, "<p class=\"verdict\"><span class=\"state bad\">The policy cannot be "
                        "used</span> ");
      sp_html_text (out, report->fault);
      sp_html_put (out, ". Every image is refused.</p>\n");
    }
  else
    {
      sp_html_put (out, "<p class=\"verdict\">Images of registries: <strong>");
      sp_html_text (out, sp_report_registries (report));
      sp_html_put (out, "</strong>.</p>\n");
    }
  sp_html_put (out, "<dl class=\"facts\">\n");
  put_fact (out, "Host", report->host, false);
  put_fact (out, "As of", time, false);
  if (report->path)
    put_fact (out, "Policy", report->path, true);
  if (report->policy)
    put_fact (out, "SHA-256", sp_policy_sha256 (report->policy), true);
  if (report->reading.generation)
    put_fact (out, "Read as by tools of",
              strcmp (report->reading.generation, "old") == 0
                  ? "the containers image library up to 5.39"
                  : "the containers image library from 5.40 on",
              false);
  sp_html_put (out, "</dl>\n");
  put_tiles (out, report);
}

/* --- who may sign ----------------------------------------------------------------------------- */

/* Keys of one file stand together in the list; where those of a path begin, by the path. */
struct file_keys
{
  const char *file;
  size_t first;
};

static int
compare_files (const void *a, const void *b)
{
  const struct file_keys *left = a, *right = b;
  int order = strcmp (left->file, right->file);
  return order ? order : (left->first > right->first) - (left->first < right->first);
}

static int
compare_path (const void *path, const void *entry)
{
  return strcmp (path, ((const struct file_keys *)entry)->file);
}

static void
put_keys_of (struct sp_buf *out, const struct sp_report *report, const struct file_keys *files,
             size_t n, const struct sp_key_sources *sources)
{
  for (size_t i = 0; sources && n && i < sources->len; i++)
    {
      const struct file_keys *found
          = sources->items[i].path
                ? bsearch (sources->items[i].path, files, n, sizeof *files, compare_path)
                : NULL;
      while (found && found > files && strcmp (found[-1].file, found->file) == 0)
        found--;
      for (unsigned shown = 0; found && found < files + n && shown < 8
                               && strcmp (found->file, sources->items[i].path) == 0;
           found++, shown++)
        {
          const struct sp_known_key *key = &report->audit->keys[found->first];
          char day[SP_TIME_TEXT_SIZE];
          /* The sentence above names the file. */
          if (!key->fingerprint)
            continue;
          sp_buf_printf (out, "<li><a href=\"#k%zu\">", found->first + 1);
          sp_html_text (out, key->owner ? key->owner : key->kind);
          sp_html_put (out, "</a> <code>");
          sp_html_text (out, key->fingerprint);
          sp_html_put (out, "</code>");
          if (key->expires)
            {
              sp_report_day (key->expires, day);
              sp_html_put (out, " expires ");
              sp_html_text (out, day);
            }
          sp_html_put (out, "</li>");
        }
    }
}

static void
put_lines (struct sp_buf *out, const char *lines)
{
  while (*lines)
    {
      size_t length = strcspn (lines, "\n");
      cleanup_error sigpolicy_error *no_memory = NULL;
      cleanup_free char *line = sp_view_dup (sp_view_n (lines, length), &no_memory);
      sp_html_put (out, "<li>");
      sp_html_text (out, line ? line : "");
      sp_html_put (out, "</li>");
      lines += length + (lines[length] == '\n');
    }
}

static void
put_rule (struct sp_buf *out, const struct sp_report *report, const struct file_keys *files,
          size_t n, const struct sp_report_rule *rule)
{
  sp_buf_printf (out, "<details class=\"card\" id=\"r%zu\"%s><summary><strong>Rule %zu</strong> ",
                 rule->number, report->n_rules <= 20 ? " open" : "", rule->number);
  sp_buf_printf (out, "<span class=\"quiet\">%zu scope%s</span></summary><ul>", rule->n_scopes,
                 rule->n_scopes == 1 ? "" : "s");
  put_lines (out, rule->words);
  sp_html_put (out, "</ul>");
  if (rule->list->len && !sp_requirements_accept_anything (rule->list)
      && !sp_requirements_always_reject (rule->list))
    {
      cleanup_buf struct sp_buf keys = SP_BUF (SP_OUTPUT_BYTES_MAX);
      for (size_t i = 0; i < rule->list->len; i++)
        {
          const struct sp_requirement *it = &rule->list->items[i];
          put_keys_of (&keys, report, files, n, &it->keys);
          put_keys_of (&keys, report, files, n, it->fulcio ? &it->fulcio->ca : NULL);
          put_keys_of (&keys, report, files, n, it->pki ? &it->pki->roots : NULL);
          put_keys_of (&keys, report, files, n, &it->rekor_keys);
        }
      if (keys.failed)
        out->failed = keys.failed;
      if (keys.len)
        sp_html_put (out, "<ul>");
      sp_buf_add (out, sp_buf_view (&keys));
      if (keys.len)
        sp_html_put (out, "</ul>");
    }
  if (rule->locations[0])
    {
      sp_html_put (out, "<ul class=\"quiet\">");
      put_lines (out, rule->locations);
      sp_html_put (out, "</ul>");
    }
  sp_html_put (out, "</details>\n");
}

static void
put_rules (struct sp_buf *out, const struct sp_report *report)
{
  const struct sp_audit_report *audit = report->audit;
  cleanup_error sigpolicy_error *no_memory = NULL;
  cleanup_free struct file_keys *files
      = sp_calloc (audit->n_known_keys + 1, sizeof *files, &no_memory);

  if (!files)
    {
      out->failed = SP_BUF_NO_MEMORY;
      return;
    }
  for (size_t i = 0; i < audit->n_known_keys; i++)
    files[i] = (struct file_keys){ audit->keys[i].file, i };
  if (audit->n_known_keys)
    qsort (files, audit->n_known_keys, sizeof *files, compare_files);
  size_t shown = 0;
  for (; shown < report->n_rules && out->len < RULES_END; shown++)
    put_rule (out, report, files, audit->n_known_keys, report->rules[shown]);
  if (shown < report->n_rules)
    sp_buf_printf (out, "<p class=\"quiet\">%zu more are in 'sigpolicy report --json'.</p>\n",
                   report->n_rules - shown);
}

/* --- what is here ----------------------------------------------------------------------------- */

static void
put_result (struct sp_buf *out, const struct sp_result *result)
{
  const char *word = result->unsigned_ ? "accepted unsigned" : sp_result_answer (result);

  sp_html_put (out, "<tr><th scope=\"row\">");
  sp_html_text (out, result->name);
  sp_html_put (out, "</th><td><span");
  sp_html_attribute (out, "class",
                     result->unsigned_  ? "state unsigned"
                     : result->accepted ? "state signed"
                                        : "state bad");
  sp_html_put (out, ">");
  sp_html_text (out, word);
  sp_html_put (out, "</span></td><td class=\"wide\">");
  if (result->accepted)
    sp_html_text (out, result->signer ? result->signer : "");
  else
    {
      sp_html_text (out, sigpolicy_reason_slug (result->reason));
      sp_html_put (out, ": ");
      sp_html_text (out, result->message ? result->message : "");
      if (result->hint)
        {
          sp_html_put (out, "<br><span class=\"quiet\">");
          sp_html_text (out, result->hint);
          sp_html_put (out, "</span>");
        }
    }
  sp_html_put (out, "</td><td class=\"mono\">");
  sp_html_text (out, result->digest ? result->digest : "");
  sp_html_put (out, "</td></tr>\n");
}

static void
put_results (struct sp_buf *out, const char *heading, const struct sp_results *results)
{
  if (!results || !results->len)
    return;
  sp_html_put (out, "<h3>");
  sp_html_text (out, heading);
  sp_html_put (out, "</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\"");
  sp_html_attribute (out, "aria-label", heading);
  sp_html_put (out, ">\n<table class=\"cards\"><thead><tr><th scope=\"col\">Name</th><th "
                    "scope=\"col\">Verdict</th><th scope=\"col\">Signer, or why not</th><th "
                    "scope=\"col\">Digest</th></tr></thead><tbody>\n");
  for (size_t i = 0; i < results->len && i < IMAGES_MAX; i++)
    put_result (out, &results->items[i]);
  sp_html_put (out, "</tbody></table>\n</div>\n");
  if (results->len > IMAGES_MAX)
    sp_buf_printf (out, "<p class=\"quiet\">%zu more are in 'sigpolicy report --json'.</p>\n",
                   results->len - IMAGES_MAX);
}

static void
put_here (struct sp_buf *out, const struct sp_report *report)
{
  size_t n = (report->images ? report->images->len : 0)
             + (report->containers ? report->containers->len : 0);

  if (!report->images && !report->containers)
    sp_html_put (out, "<p>Images and containers were not verified for this report.</p>\n");
  else if (!n)
    sp_html_put (out, "<p>There are no images in podman's storage.</p>\n");
  put_results (out, "Images in podman's storage", report->images);
  put_results (out, "Containers", report->containers);
}

/* --- findings --------------------------------------------------------------------------------- */

static void
put_finding (struct sp_buf *out, const struct sp_finding *finding)
{
  bool is_bad = finding->severity >= SIGPOLICY_SEVERITY_HIGH;

  if (is_bad)
    sp_html_put (out, "<details class=\"card\" open><summary><span class=\"state bad\">");
  else
    sp_html_put (out, "<details class=\"card\"><summary><span class=\"state rejected\">");
  sp_html_text (out, sp_severity_name (finding->severity));
  sp_html_put (out, "</span> <strong>");
  sp_html_text (out, finding->rule->id);
  sp_html_put (out, "</strong> ");
  sp_html_text (out, finding->message);
  sp_html_put (out, "</summary>\n<p class=\"quiet\"><code>");
  sp_html_text (out, finding->file ? finding->file : "this host");
  if (finding->line)
    sp_buf_printf (out, ":%u", finding->line);
  sp_html_put (out, "</code> ");
  sp_html_text (out, finding->json_path ? finding->json_path : "");
  sp_html_put (out, "</p><p>");
  sp_html_text (out, finding->rule->meaning);
  sp_html_put (out, ".</p><p>Fix:</p><pre>");
  sp_html_text (out, finding->fix);
  sp_html_put (out, "</pre></details>\n");
}

static void
put_findings (struct sp_buf *out, const struct sp_report *report)
{
  const struct sp_audit_report *audit = report->audit;

  if (!audit->len)
    sp_html_put (out, "<p>The audit found nothing.</p>\n");
  for (size_t i = 0; i < audit->len && i < FINDINGS_MAX; i++)
    put_finding (out, &audit->items[i]);
  if (audit->len > FINDINGS_MAX)
    sp_buf_printf (out, "<p class=\"quiet\">%zu more are in 'sigpolicy report --json'.</p>\n",
                   audit->len - FINDINGS_MAX);
}

/* --- changes ---------------------------------------------------------------------------------- */

static void
put_change (struct sp_buf *out, const struct sp_report_change *change)
{
  const struct sp_report_fact *any = change->after ? change->after : change->before;

  sp_html_put (out, "<tr><th scope=\"row\">");
  sp_html_text (out, any->kind);
  sp_html_put (out, " <code>");
  sp_html_text (out, any->id);
  sp_html_put (out, "</code></th><td>");
  sp_html_text (out, !change->before ? "new" : !change->after ? "gone" : "changed");
  sp_html_put (out, "</td><td class=\"wide\">");
  sp_html_text (out, change->before ? change->before->summary : "");
  sp_html_put (out, "</td><td class=\"wide\">");
  sp_html_text (out, change->after ? change->after->summary : "");
  sp_html_put (out, "</td></tr>\n");
}

static void
put_changes (struct sp_buf *out, const struct sp_report *report)
{
  sp_html_put (out, "<section aria-labelledby=\"changes\"><h2 id=\"changes\">Changes since ");
  sp_html_text (out, report->since);
  sp_html_put (out, "</h2>\n");
  if (!report->n_changes)
    sp_html_put (out, "<p>Nothing changed.</p>\n");
  else
    {
      sp_html_put (out,
                   "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                   "aria-label=\"Changes\">\n<table class=\"cards\"><thead><tr><th "
                   "scope=\"col\">What</th><th scope=\"col\">Change</th><th "
                   "scope=\"col\">Before</th><th scope=\"col\">Now</th></tr></thead><tbody>\n");
      for (size_t i = 0; i < report->n_changes && i < CHANGES_MAX; i++)
        put_change (out, &report->changes[i]);
      sp_html_put (out, "</tbody></table>\n</div>\n");
    }
  if (report->n_changes > CHANGES_MAX)
    sp_buf_printf (out, "<p class=\"quiet\">%zu more are in 'sigpolicy report --json'.</p>\n",
                   report->n_changes - CHANGES_MAX);
  sp_html_put (out, "</section>\n");
}

/* --- all of it -------------------------------------------------------------------------------- */

char *
sp_report_html (const struct sp_report *report, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);
  cleanup_free char *title = sp_asprintf (err, "Signature policy of %s", report->host);

  if (!title)
    return NULL;
  sp_html_begin (&out, title);
  put_top (&out, report);
  if (report->since)
    put_changes (&out, report);
  if (report->policy)
    {
      sp_html_put (&out, "<section aria-labelledby=\"map\"><h2 id=\"map\">Policy map</h2>\n");
      sp_report_put_map (&out, report);
      sp_html_put (&out, "</section>\n<section aria-labelledby=\"rules\"><h2 id=\"rules\">Who may "
                         "sign</h2>\n");
      put_rules (&out, report);
      sp_html_put (&out, "</section>\n");
    }
  sp_html_put (&out, "<section aria-labelledby=\"keys\"><h2 id=\"keys\">Keys over time</h2>\n");
  sp_report_put_keys (&out, report);
  sp_html_put (&out, "</section>\n<section aria-labelledby=\"here\"><h2 id=\"here\">What is "
                     "here</h2>\n");
  put_here (&out, report);
  sp_html_put (&out, "</section>\n<section aria-labelledby=\"findings\"><h2 "
                     "id=\"findings\">Findings</h2>\n");
  put_findings (&out, report);
  sp_html_put (&out, "</section>\n");
  sp_html_end (&out);
  return sp_buf_steal (&out, err);
}
