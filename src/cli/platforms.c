/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

/*
 * verify --all-platforms. What counts is what podman asks for: the images that a list names. The
 * list's own verdict is shown, for those who sign lists, and changes no exit status.
 */
struct table
{
  const struct options *options;
  int status; /* of what counts */
  size_t rows, accepted;
  bool list_rejected;
  sigpolicy_error *error;
};

/* A row; as JSON, an element of an array, whose end is still to come. */
static int
print_element (const struct table *table, const sigpolicy_verdict *verdict, sigpolicy_error **error)
{
  const struct options *options = table->options;
  bool of_list = sigpolicy_verdict_is_list (verdict) || sigpolicy_verdict_platform (verdict);
  unsigned row = of_list ? SIGPOLICY_FORMAT_ROW : 0;
  char *text = NULL, *whole = NULL;

  if (sigpolicy_verdict_format (verdict, options->format, format_flags (options) | row, &text,
                                error)
      < 0)
    return EXIT_INTERNAL;
  if (options->format == SIGPOLICY_FORMAT_JSON
      && asprintf (&whole, "%s%.*s", table->rows ? ",\n" : "[\n", (int)strlen (text) - 1, text) < 0)
    whole = NULL;
  int status = options->format == SIGPOLICY_FORMAT_JSON && !whole
                   ? complain_error (NULL)
                   : print_result (whole ? whole : text);
  free (text);
  free (whole);
  return status;
}

static void
count (struct table *table, const sigpolicy_verdict *verdict)
{
  bool accepted = sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED;
  if (sigpolicy_verdict_is_list (verdict))
    {
      table->list_rejected = !accepted;
      return;
    }
  table->status = worse (table->status, verdict_status (table->options, verdict));
  table->accepted += accepted;
}

static int
take (const sigpolicy_verdict *verdict, void *data)
{
  struct table *table = data;
  const char *warning;
  int status = 0;

  /* They are the same for all. */
  for (unsigned i = 0;
       !table->options->quiet && !table->rows && (warning = sigpolicy_verdict_warning (verdict, i));
       i++)
    complain ("warning: %s", warning);
  if (!table->options->quiet)
    status = print_element (table, verdict, &table->error);
  table->rows++;
  count (table, verdict);
  table->status = worse (table->status, status);
  process_reap ();
  return status;
}

/* What stands behind the table. */
static int
finish (const struct table *table)
{
  const struct options *options = table->options;

  if (options->quiet || !table->rows || options->format == SIGPOLICY_FORMAT_JSONL)
    return 0;
  if (options->format == SIGPOLICY_FORMAT_JSON)
    return print_result ("\n]\n");
  return table->list_rejected
             ? print_result ("  podman asks for the signature of its platform, and not for that of "
                             "the list\n")
             : 0;
}

int
verify_platforms (const struct verb *verb, const struct options *options,
                  sigpolicy_context *context)
{
  struct table table = { .options = options };
  sigpolicy_request *request = NULL;
  sigpolicy_error *error = NULL;

  int status = open_request (verb, options, &request);
  if (status != 0)
    return status;
  if (sigpolicy_evaluate_all (context, request, take, &table, &error) < 0)
    table.status = worse (table.status, complain_error (error));
  if (table.error)
    table.status = worse (table.status, complain_error (table.error));
  table.status = worse (table.status, finish (&table));
  sigpolicy_request_free (request);
  return table.status;
}
