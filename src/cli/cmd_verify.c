/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

/* The reason in one line, for those who did not get the verdict on standard output. */
static void
say_why (const sigpolicy_verdict *verdict)
{
  complain ("%s: %s: %s", verdict_word (verdict),
            sigpolicy_reason_slug (sigpolicy_verdict_reason (verdict)),
            sigpolicy_verdict_message (verdict));
}

static int
print_verdict (const struct options *options, const sigpolicy_verdict *verdict)
{
  bool accepted = sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED;
  char *text = NULL;
  sigpolicy_error *error = NULL;
  const char *warning;

  for (unsigned i = 0; !options->quiet && (warning = sigpolicy_verdict_warning (verdict, i)); i++)
    complain ("warning: %s", warning);
  if (options->print_ref && accepted)
    {
      char *line = NULL;
      if (asprintf (&line, "%s\n", sigpolicy_verdict_pinned (verdict)) < 0)
        return complain_error (NULL);
      int status = print_result (line);
      free (line);
      return status == 0 && output_is_closed () ? EXIT_UNAVAILABLE : status;
    }
  if (!options->quiet && !accepted
      && (options->print_ref || options->format != SIGPOLICY_FORMAT_TEXT))
    say_why (verdict);
  if (options->document && !options->print_ref)
    return take_result (options, verdict, NULL);
  if (options->quiet || options->print_ref)
    return 0;
  if (sigpolicy_verdict_format (verdict, options->format, format_flags (options), &text, &error)
      < 0)
    return complain_error (error);
  int status = print_text (options, &text);
  free (text);
  return status;
}

/* The first of these that occurred is the exit status of several images. */
int
worse (int a, int b)
{
  static const int order[] = { 2, 7, 3, 4, 1, 5, 6, 0 };
  for (size_t i = 0; i < sizeof order / sizeof *order; i++)
    if (a == order[i] || b == order[i])
      return order[i];
  return EXIT_INTERNAL;
}

const char *
verdict_word (const sigpolicy_verdict *verdict)
{
  return sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED
             ? "accepted"
             : sigpolicy_verdict_word (verdict);
}

int
verdict_status (const struct options *options, const sigpolicy_verdict *verdict)
{
  int status = exit_status (sigpolicy_verdict_code (verdict));
  if (sigpolicy_verdict_answer (verdict) != SIGPOLICY_ACCEPTED && status == 0)
    status = EXIT_INTERNAL;
  return status == EXIT_REJECTED && options->warn_only ? 0 : status;
}

static int
verify_one (const struct verb *verb, const struct options *options, sigpolicy_context *context)
{
  sigpolicy_request *request = NULL;
  sigpolicy_verdict *verdict = NULL;
  sigpolicy_error *error = NULL;

  if (options->all_platforms)
    return verify_platforms (verb, options, context);
  int status = open_request (verb, options, &request);
  if (status != 0)
    return status;
  int64_t began = record_begin ();
  if (sigpolicy_evaluate (context, request, &verdict, &error) < 0)
    {
      sigpolicy_request_free (request);
      return complain_error (error);
    }
  record_verdict (options, verdict, began);
  status = print_verdict (options, verdict);
  if (status == 0)
    status = verdict_status (options, verdict);
  sigpolicy_verdict_free (verdict);
  sigpolicy_request_free (request);
  return status;
}

/* A check by one key reads no policy. */
static int
check_key (const struct verb *verb, struct options *options)
{
  options->once = options->keys.len > 0;
  if (options->identity && !options->once)
    return complain_usage (verb, "--identity needs --key");
  if (!options->once)
    return 0;
  if (options->keys.len > 1)
    return complain_usage (verb,
                           "--key can be given only once: to trust several keys, write a policy");
  if (options->policy || options->insecure_policy)
    return complain_usage (verb, "--key cannot be used with --policy or --insecure-policy");
  return options->batch || options->all_local || options->containers ? complain_usage (
             verb, "--key cannot be used with --batch, --all-local or --containers")
                                                                     : 0;
}

/* What does not go with --all-platforms. */
static int
check_platforms (const struct verb *verb, const struct options *options)
{
  if (!options->all_platforms)
    return 0;
  if (options->batch || options->manifest)
    return complain_usage (verb, "--all-platforms cannot be used with %s",
                           options->batch ? "--batch" : "--manifest");
  return options->print_ref
             ? complain_usage (verb, "--print-ref cannot be used with --all-platforms")
             : 0;
}

static bool
makes_document (const struct options *options)
{
  switch (options->format)
    {
    case SIGPOLICY_FORMAT_SARIF:
    case SIGPOLICY_FORMAT_JUNIT:
    case SIGPOLICY_FORMAT_GITHUB:
    case SIGPOLICY_FORMAT_MARKDOWN:
    case SIGPOLICY_FORMAT_PROM:
      return true;
    case SIGPOLICY_FORMAT_TEXT:
    case SIGPOLICY_FORMAT_JSON:
    case SIGPOLICY_FORMAT_JSONL:
    case SIGPOLICY_FORMAT_TAP:
    case SIGPOLICY_FORMAT_HTML:
    case SIGPOLICY_FORMAT_GITLAB:
      break;
    }
  return false;
}

int
take_result (const struct options *options, const sigpolicy_verdict *verdict, const char *label)
{
  sigpolicy_error *error = NULL;
  options->document->len++;
  return sigpolicy_results_add (options->document->results, verdict, label, &error) < 0
             ? complain_error (error)
             : 0;
}

static int
print_document (const struct options *options)
{
  sigpolicy_error *error = NULL;
  char *text = NULL;

  if (sigpolicy_results_format (options->document->results, options->format, &text, &error) < 0)
    return complain_error (error);
  int status = options->quiet || options->print_ref ? 0 : print_result (text);
  free (text);
  return status;
}

static int
verify_images (const struct verb *verb, struct options *options)
{
  sigpolicy_context *context = NULL;
  char **images = options->arguments;
  int n_images = options->n_arguments;

  int status = check_key (verb, options);
  if (status != 0)
    return status;
  if (options->all_local || options->containers || options->as_pulled || options->as_stored)
    return verify_local (verb, options);
  status = check_platforms (verb, options);
  if (status != 0)
    return status;
  if (options->batch)
    return verify_batch (verb, options);
  if (options->jobs)
    return complain_usage (verb, "--jobs needs --batch, --all-local or --containers");
  if (options->as && n_images > 1)
    return complain_usage (verb, "--as can be used with only one image");
  status = open_context (options, &context);
  if (status != 0)
    return status;
  if (n_images < 2)
    status = verify_one (verb, options, context);
  for (int i = 0; n_images > 1 && i < n_images; i++)
    {
      options->arguments = images + i;
      options->n_arguments = 1;
      status = worse (status, verify_one (verb, options, context));
      process_reap ();
    }
  sigpolicy_context_free (context);
  return status;
}

int
cmd_verify (const struct verb *verb, struct options *options)
{
  sigpolicy_error *error = NULL;

  struct document document = { NULL, 0 };

  if (!makes_document (options))
    return verify_images (verb, options);
  if (sigpolicy_results_new (&document.results, &error) < 0)
    return complain_error (error);
  options->document = &document;
  int status = verify_images (verb, options);
  if (status != EXIT_USAGE || document.len)
    status = worse (status, print_document (options));
  sigpolicy_results_free (document.results);
  options->document = NULL;
  return status;
}
