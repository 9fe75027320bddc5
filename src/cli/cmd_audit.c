/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

static int
list_rules (const struct options *options)
{
  sigpolicy_error *error = NULL;
  char *text = NULL;

  if (sigpolicy_audit_rules (options->format, &text, &error) < 0)
    return complain_error (error);
  int status = print_result (text);
  free (text);
  return status;
}

static int
explain_rule (const struct options *options)
{
  sigpolicy_error *error = NULL;
  char *text = NULL;

  if (sigpolicy_audit_explain (options->explain, options->format, &text, &error) < 0)
    return complain_error (error);
  int status = print_result (text);
  free (text);
  return status;
}

/* What is done, as commands and a diff; then what is left. */
static int
fix (const struct options *options, sigpolicy_audit *audit)
{
  sigpolicy_error *error = NULL;
  char *text = NULL;

  if (sigpolicy_audit_fix (audit, options->dry_run, &text, &error) < 0)
    return complain_error (error);
  int status = !options->quiet && *text ? print_result (text) : 0;
  if (!options->quiet && !*text)
    complain (
        "no finding has a fix that is safe to make automatically: see the 'fix' and 'run' lines");
  free (text);
  if (status == 0 && !options->dry_run && sigpolicy_audit_run (audit, &error) < 0)
    status = complain_error (error);
  return status;
}

static int
set_options (const struct options *options, sigpolicy_audit *audit, sigpolicy_error **error)
{
  const struct
  {
    int (*set) (sigpolicy_audit *audit, const char *value, sigpolicy_error **error);
    const char *value;
  } settings[] = {
    { sigpolicy_audit_set_root, options->root },
    { sigpolicy_audit_set_reader, options->reader },
    { sigpolicy_audit_set_policy, options->policy },
    { sigpolicy_audit_set_registries_d, options->registries_d },
    { sigpolicy_audit_set_registries_conf, options->registries_conf },
    { sigpolicy_audit_set_clock_text, options->clock },
    { sigpolicy_audit_set_suppressions, options->suppressions },
    { sigpolicy_audit_set_baseline, options->baseline },
    { sigpolicy_audit_set_upgrade_to, options->upgrade_to },
    { sigpolicy_audit_set_until, options->until },
  };
  sigpolicy_severity severity;
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < sizeof settings / sizeof *settings; i++)
    rc = settings[i].set (audit, settings[i].value, error);
  if (rc == 0 && options->severity)
    rc = sigpolicy_severity_parse (options->severity, &severity, error);
  if (rc == 0 && options->severity)
    sigpolicy_audit_set_severity (audit, severity);
  for (size_t i = 0; rc == 0 && i < options->disabled.len; i++)
    rc = sigpolicy_audit_disable (audit, options->disabled.items[i], error);
  for (int i = 0; rc == 0 && i < options->n_arguments; i++)
    rc = options->upgrade_to ? sigpolicy_audit_add_image (audit, options->arguments[i], error)
                             : sigpolicy_audit_add_file (audit, options->arguments[i], error);
  return rc;
}

static int
add_image (void *audit, const char *image, sigpolicy_error **error)
{
  return sigpolicy_audit_add_image (audit, image, error);
}

/* The result on standard output, and in the file of --write-baseline. */
static int
report (const struct options *options, const sigpolicy_audit *audit)
{
  sigpolicy_error *error = NULL;
  char *text = NULL;
  int status = 0;

  if (options->write_baseline)
    {
      if (sigpolicy_audit_baseline (audit, &text, &error) < 0)
        return complain_error (error);
      status = write_page (options->write_baseline, text);
      free (text);
      return status;
    }
  if (options->quiet)
    return 0;
  if (sigpolicy_audit_format (audit, options->format, format_flags (options), &text, &error) < 0)
    return complain_error (error);
  status = print_text (options, &text);
  free (text);
  return status;
}

int
cmd_audit (const struct verb *verb, struct options *options)
{
  sigpolicy_severity fail_on = SIGPOLICY_SEVERITY_HIGH;
  sigpolicy_audit *audit = NULL;
  sigpolicy_error *error = NULL;
  int status = 0;

  if (options->list_rules)
    return list_rules (options);
  if (options->explain)
    return explain_rule (options);
  if (options->dry_run && !options->fix)
    return complain_usage (verb, "--dry-run needs --fix");
  if (options->fix && options->write_baseline)
    return complain_usage (verb, "--fix and --write-baseline cannot be used together");
  if (options->insecure_policy)
    return complain_usage (verb, "--insecure-policy cannot be used with audit: it reads no policy");
  if (options->references && !options->upgrade_to)
    return complain_usage (verb, "--references needs --upgrade-to");
  if ((options->fail_on && sigpolicy_severity_parse (options->fail_on, &fail_on, &error) < 0)
      || sigpolicy_audit_new (&audit, &error) < 0 || set_options (options, audit, &error) < 0)
    status = complain_error (error);
  if (status == 0 && options->references)
    status = read_references (options->references, add_image, audit);
  if (status == 0 && sigpolicy_audit_run (audit, &error) < 0)
    status = complain_error (error);
  if (status == 0 && options->fix)
    status = fix (options, audit);
  if (status == 0 && !(options->fix && options->dry_run))
    status = report (options, audit);
  if (status == 0 && !options->write_baseline && sigpolicy_audit_count (audit, fail_on))
    status = EXIT_REJECTED;
  sigpolicy_audit_free (audit);
  return status;
}
