/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#define EARLIER_BYTES (64U * 1024U * 1024U)

/* A host without podman's storage has nothing to verify. */
static bool
has_store (const struct options *options)
{
  sigpolicy_context *context = NULL;
  sigpolicy_store *store = NULL;
  sigpolicy_error *error = NULL;

  if (open_context (options, &context) != 0)
    return true;
  int rc = sigpolicy_store_open (context, NULL, SIGPOLICY_STORE_IMAGES, &store, &error);
  sigpolicy_store_free (store);
  sigpolicy_error_free (error);
  sigpolicy_context_free (context);
  return rc != SIGPOLICY_E_NOT_FOUND;
}

/* What is in podman's storage, images or containers, as verdicts. What is wrong with an image is in
 * the report; only a mistake of the command line ends it. */
static int
verify_stored (const struct verb *verb, const struct options *options, bool containers,
               struct document *document)
{
  struct options stored = *options;

  stored.all_local = !containers;
  stored.containers = containers;
  stored.document = document;
  stored.format = SIGPOLICY_FORMAT_PROM;
  stored.offline = true;
  stored.quiet = true;
  stored.n_arguments = 0;
  int status = verify_local (verb, &stored);
  return status == EXIT_USAGE || status == EXIT_INTERNAL ? status : 0;
}

static int
run_audit (const struct options *options, sigpolicy_audit *audit, sigpolicy_error **error)
{
  int rc = sigpolicy_audit_set_policy (audit, options->policy, error);
  if (rc == 0)
    rc = sigpolicy_audit_set_registries_d (audit, options->registries_d, error);
  if (rc == 0)
    rc = sigpolicy_audit_set_registries_conf (audit, options->registries_conf, error);
  if (rc == 0)
    rc = sigpolicy_audit_set_clock_text (audit, options->clock, error);
  return rc == 0 ? sigpolicy_audit_run (audit, error) : rc;
}

static int
compare (const struct options *options, sigpolicy_report *report)
{
  sigpolicy_error *error = NULL;
  void *bytes = NULL;
  size_t size = 0;
  char *why = NULL;

  if (!options->since)
    return 0;
  int status = read_file (options->since, EARLIER_BYTES, &bytes, &size, &why);
  if (status != 0)
    return complain_file (status, why);
  if (sigpolicy_report_since (report, bytes, size, options->since, &error) < 0)
    status = complain_error (error);
  free (bytes);
  return status;
}

/* To a file, or to standard output: "-". */
int
write_page (const char *path, const char *text)
{
  char *why = NULL;
  if (strcmp (path, "-") == 0)
    return print_result (text);
  int status = write_file (path, text, strlen (text), &why);
  return status != 0 ? complain_file (status, why) : 0;
}

static int
write_report (const struct options *options, const sigpolicy_report *report)
{
  sigpolicy_error *error = NULL;
  char *text = NULL;
  int status = 0;

  if (options->json && sigpolicy_report_format (report, SIGPOLICY_FORMAT_JSON, &text, &error) < 0)
    return complain_error (error);
  if (text)
    status = print_result (text);
  free (text);
  text = NULL;
  if (status != 0 || !options->html)
    return status;
  if (sigpolicy_report_format (report, SIGPOLICY_FORMAT_HTML, &text, &error) < 0)
    return complain_error (error);
  status = write_page (options->html, text);
  free (text);
  return status;
}

static int
make_report (const struct verb *verb, const struct options *options,
             const struct document documents[2])
{
  sigpolicy_context *context = NULL;
  sigpolicy_audit *audit = NULL;
  sigpolicy_report *report = NULL;
  sigpolicy_error *error = NULL;

  (void)verb;
  int status = open_context (options, &context);
  if (status == 0
      && (sigpolicy_audit_new (&audit, &error) < 0 || run_audit (options, audit, &error) < 0
          || sigpolicy_report_new (context, audit, documents[0].results, documents[1].results,
                                   &report, &error)
                 < 0))
    status = complain_error (error);
  if (status == 0)
    status = compare (options, report);
  if (status == 0)
    status = write_report (options, report);
  sigpolicy_report_free (report);
  sigpolicy_audit_free (audit);
  sigpolicy_context_free (context);
  return status;
}

int
cmd_report (const struct verb *verb, struct options *options)
{
  struct document documents[2] = { { NULL, 0 }, { NULL, 0 } };
  sigpolicy_error *error = NULL;
  int status = 0;

  if (options->n_arguments)
    return complain_usage (verb, "report takes no arguments, such as '%s'", options->arguments[0]);
  if (!options->json && !options->html)
    return complain_usage (verb, "give --html FILE, --json or both");
  if (options->json && options->html && strcmp (options->html, "-") == 0)
    return complain_usage (verb, "--json writes to standard output: give another file to --html");
  if (options->insecure_policy)
    return complain_usage (verb,
                           "--insecure-policy cannot be used with report: it reads no policy");
  bool verifies = !options->no_images && has_store (options);
  for (int i = 0; status == 0 && !options->no_images && i < 2; i++)
    {
      if (sigpolicy_results_new (&documents[i].results, &error) < 0)
        status = complain_error (error);
      else if (verifies)
        status = verify_stored (verb, options, i == 1, &documents[i]);
    }
  if (status == 0)
    status = make_report (verb, options, documents);
  for (int i = 0; i < 2; i++)
    sigpolicy_results_free (documents[i].results);
  return status;
}
