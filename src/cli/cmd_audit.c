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
set_options (const struct options *options, sigpolicy_audit *audit, sigpolicy_error **error)
{
  const struct
  {
    sigpolicy_audit_option option;
    const char *value;
  } settings[] = {
    { SIGPOLICY_AUDIT_ROOT, options->root },
    { SIGPOLICY_AUDIT_POLICY, options->policy },
    { SIGPOLICY_AUDIT_REGISTRIES_D, options->registries_d },
    { SIGPOLICY_AUDIT_REGISTRIES_CONF, options->registries_conf },
    { SIGPOLICY_AUDIT_CLOCK, options->clock },
    { SIGPOLICY_AUDIT_SUPPRESSIONS, options->suppressions },
    { SIGPOLICY_AUDIT_BASELINE, options->baseline },
    { SIGPOLICY_AUDIT_SEVERITY, options->severity },
  };
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < sizeof settings / sizeof *settings; i++)
    rc = sigpolicy_audit_set (audit, settings[i].option, settings[i].value, error);
  for (size_t i = 0; rc == 0 && i < options->disabled.len; i++)
    rc = sigpolicy_audit_set (audit, SIGPOLICY_AUDIT_DISABLE, options->disabled.items[i], error);
  for (int i = 0; rc == 0 && i < options->n_arguments; i++)
    rc = sigpolicy_audit_set (audit, SIGPOLICY_AUDIT_FILE, options->arguments[i], error);
  return rc;
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
      if (sigpolicy_audit_baseline (audit, &text, &error) < 0
          || sigpolicy_file_write (options->write_baseline, text, strlen (text), &error) < 0)
        status = complain_error (error);
      free (text);
      return status;
    }
  if (options->quiet)
    return 0;
  if (sigpolicy_audit_format (audit, options->format, format_flags (options), &text, &error) < 0)
    return complain_error (error);
  status = print_result (text);
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
  if (options->insecure_policy)
    return complain_usage (verb, "there is nothing to audit with --insecure-policy");
  if ((options->fail_on && sigpolicy_severity_parse (options->fail_on, &fail_on, &error) < 0)
      || sigpolicy_audit_new (&audit, &error) < 0 || set_options (options, audit, &error) < 0
      || sigpolicy_audit_run (audit, &error) < 0)
    status = complain_error (error);
  if (status == 0)
    status = report (options, audit);
  if (status == 0 && !options->write_baseline && sigpolicy_audit_count (audit, fail_on))
    status = EXIT_REJECTED;
  sigpolicy_audit_free (audit);
  return status;
}
