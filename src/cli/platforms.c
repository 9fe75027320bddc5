/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <limits.h>

/*
 * verify --all-platforms. What counts is what podman asks for: the images that a list names. The
 * list's own verdict is shown, for those who sign lists, and changes no exit status.
 */
#define WARNINGS_KEPT 16

struct table
{
  const struct options *options;
  FILE *out;  /* what is to be printed, whole */
  int status; /* of what counts */
  size_t rows;
  int64_t began; /* the row, for --log */
  bool list_rejected;
  char *warned[WARNINGS_KEPT];
  size_t n_warned;
  sigpolicy_error *error;
};

/* "sha256:" and twelve digits. */
#define SHORT_DIGEST   19
#define PLATFORM_WIDTH 15
#define WORD_WIDTH     9 /* "undecided" */

/* One line of the table; the list, which is the first, brings the name. */
static void
write_row (const struct table *table, const sigpolicy_verdict *verdict)
{
  bool accepted = sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED;
  bool colour = has_colour (table->options);
  const char *word = sigpolicy_verdict_word (verdict), *digest = sigpolicy_verdict_digest (verdict);
  const char *platform = sigpolicy_verdict_platform (verdict);
  const char *name = sigpolicy_verdict_reference (verdict);
  FILE *out = table->out;

  if (sigpolicy_verdict_is_list (verdict))
    {
      platform = "manifest list";
      put_escaped (out, name ? name : sigpolicy_verdict_image (verdict), "\\x0a");
      (void)fputc ('\n', out);
    }
  (void)fprintf (out, "  %s%-*s%s  %-*s  %-*.*s%s",
                 !colour    ? ""
                 : accepted ? COLOUR_GOOD
                            : COLOUR_BAD,
                 WORD_WIDTH, verdict_word (verdict), colour ? COLOUR_END : "", PLATFORM_WIDTH,
                 platform && *platform ? platform : "-", accepted ? 0 : SHORT_DIGEST,
                 table->options->verbose ? INT_MAX : SHORT_DIGEST, digest ? digest : "-",
                 accepted && strcmp (word, "accepted") != 0 ? "  (unsigned)" : "");
  if (!accepted)
    {
      (void)fprintf (out, "  %s: ", sigpolicy_reason_slug (sigpolicy_verdict_reason (verdict)));
      put_escaped (out, sigpolicy_verdict_message (verdict), "\\x0a");
    }
  (void)fputc ('\n', out);
}

/* A row; as JSON, an element of an array, whose end is still to come. A line of JSON Lines is whole
 * by itself, and is printed at once. */
static int
write_verdict (const struct table *table, const sigpolicy_verdict *verdict, sigpolicy_error **error)
{
  sigpolicy_format format = table->options->format;
  bool of_list = sigpolicy_verdict_is_list (verdict) || sigpolicy_verdict_platform (verdict);
  char *text = NULL;
  int status = 0;

  if (table->options->document)
    return take_result (table->options, verdict, NULL);
  if (format == SIGPOLICY_FORMAT_TEXT && of_list)
    {
      write_row (table, verdict);
      return 0;
    }
  if (sigpolicy_verdict_format (verdict, format, format_flags (table->options), &text, error) < 0
      || paint (table->options, &text) < 0)
    {
      free (text);
      return EXIT_INTERNAL;
    }
  if (format == SIGPOLICY_FORMAT_JSONL)
    status = print_result (text);
  else if (format == SIGPOLICY_FORMAT_TEXT)
    (void)fputs (text, table->out);
  else
    (void)fprintf (table->out, "%s%.*s", table->rows ? ",\n" : "[\n", (int)strlen (text) - 1, text);
  free (text);
  return status;
}

static void
count (struct table *table, const sigpolicy_verdict *verdict)
{
  int status = verdict_status (table->options, verdict);
  if (sigpolicy_verdict_is_list (verdict))
    {
      table->list_rejected = sigpolicy_verdict_answer (verdict) != SIGPOLICY_ACCEPTED;
      /* That it was not found out leaves the question open. */
      status = status == EXIT_REJECTED ? 0 : status;
    }
  table->status = worse (table->status, status);
}

/* Most are the same for all: what was said once is enough. */
static void
warn (struct table *table, const char *warning)
{
  for (size_t i = 0; i < table->n_warned; i++)
    if (strcmp (table->warned[i], warning) == 0)
      return;
  complain ("warning: %s", warning);
  if (table->n_warned < WARNINGS_KEPT && (table->warned[table->n_warned] = strdup (warning)))
    table->n_warned++;
}

static int
take (const sigpolicy_verdict *verdict, void *data)
{
  struct table *table = data;
  const char *warning;
  int status = 0;

  for (unsigned i = 0; !table->options->quiet && (warning = sigpolicy_verdict_warning (verdict, i));
       i++)
    warn (table, warning);
  if (!table->options->quiet)
    status = write_verdict (table, verdict, &table->error);
  record_verdict (table->options, verdict, table->began);
  table->began = record_begin ();
  table->rows++;
  count (table, verdict);
  table->status = worse (table->status, status);
  process_reap ();
  return status;
}

/* What stands behind the table. */
static void
finish (const struct table *table)
{
  if (table->options->format == SIGPOLICY_FORMAT_JSON)
    (void)fputs (table->rows ? "\n]\n" : "[]\n", table->out);
  else if (table->options->format == SIGPOLICY_FORMAT_TEXT && table->list_rejected)
    (void)fputs ("  podman requires a signature of the chosen image, not of the manifest list\n",
                 table->out);
}

static int
judge_all (const struct options *options, sigpolicy_context *context,
           const sigpolicy_request *request)
{
  struct table table = { .options = options, .began = record_begin () };
  sigpolicy_error *error = NULL;
  char *text = NULL;
  size_t size = 0;

  table.out = open_memstream (&text, &size);
  if (!table.out)
    return complain_error (NULL);
  bool failed = sigpolicy_evaluate_all (context, request, take, &table, &error) < 0 || table.error;
  if (failed)
    table.status = worse (table.status, complain_error (error ? error : table.error));
  finish (&table);
  /* fclose() alone tells nothing of what found no memory before, nor that it found none itself. */
  bool written = !ferror (table.out);
  written = fclose (table.out) == 0 && written && text;
  if (!written)
    table.status = worse (table.status, complain_error (NULL));
  else if (!failed && !options->quiet && !options->document
           && options->format != SIGPOLICY_FORMAT_JSONL)
    table.status = worse (table.status, print_result (text));
  for (size_t i = 0; i < table.n_warned; i++)
    free (table.warned[i]);
  free (text);
  return table.status;
}

int
verify_platforms (const struct verb *verb, const struct options *options,
                  sigpolicy_context *context)
{
  sigpolicy_request *request = NULL;

  int status = open_request (verb, options, &request);
  if (status == 0)
    status = judge_all (options, context, request);
  sigpolicy_request_free (request);
  return status;
}
