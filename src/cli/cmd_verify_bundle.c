/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#define BUNDLE_BYTES (1UL * 1024 * 1024)

static int
set_up (const struct options *options, sigpolicy_bundle_verifier **ret)
{
  sigpolicy_error *error = NULL;
  int rc = sigpolicy_bundle_verifier_new (ret, &error);

  if (rc == 0)
    rc = sigpolicy_bundle_verifier_set_trusted_root (*ret, options->trusted_root, &error);
  if (rc == 0)
    rc = sigpolicy_bundle_verifier_set_key (*ret, options->keys.len ? options->keys.items[0] : NULL,
                                            &error);
  for (size_t i = 0; i < options->identities.len && rc == 0; i++)
    rc = sigpolicy_bundle_verifier_add_identity (*ret, options->identities.items[i], &error);
  if (rc == 0)
    rc = sigpolicy_bundle_verifier_set_issuer (*ret, options->oidc_issuer, &error);
  if (rc == 0)
    rc = sigpolicy_bundle_verifier_set_predicate_type (*ret, options->predicate_type, &error);
  return rc < 0 ? complain_error (error) : 0;
}

/* The verified statement alone, or the answer; an answer that is no goes to standard error then. */
static int
report (const struct options *options, const sigpolicy_bundle_result *result)
{
  sigpolicy_error *error = NULL;
  char *text = NULL;
  size_t size = 0;
  int status = exit_status (sigpolicy_bundle_result_code (result));
  const void *statement = sigpolicy_bundle_result_statement (result, &size);

  if (options->print_statement && status == 0)
    {
      if (!statement)
        {
          complain (
              "the bundle signs a file, not a statement: --print-statement has nothing to print");
          return EXIT_REJECTED;
        }
      return print_bytes (statement, size);
    }
  if (sigpolicy_bundle_result_format (result, options->format, format_flags (options), &text,
                                      &error)
      < 0)
    return complain_error (error);
  int written = 0;
  if (options->print_statement)
    complain_bare ("%s", text);
  else if (!options->quiet)
    written = print_text (options, &text);
  free (text);
  return written ? written : status;
}

int
cmd_verify_bundle (const struct verb *verb, struct options *options)
{
  sigpolicy_bundle_verifier *verifier = NULL;
  sigpolicy_bundle_result *result = NULL;
  sigpolicy_error *error = NULL;
  void *bundle = NULL;
  size_t size = 0;
  char *why = NULL;

  if (!options->bundle || options->n_arguments != 1)
    return complain_usage (verb, "give --bundle and one file or digest");
  if (options->keys.len > 1)
    return complain_usage (verb, "--key can be given only once");
  if (options->staging && !options->trusted_root)
    return complain_usage (
        verb,
        "--staging needs --trusted-root with the trusted root of Sigstore's staging instance");
  if (strcmp (options->bundle, "-") == 0 && strcmp (options->arguments[0], "-") == 0)
    return complain_usage (verb, "standard input (-) can be read only once");
  int status = set_up (options, &verifier);
  /* One byte more, so that what is too long is said by who knows the limit. */
  if (status == 0
      && (status = read_file (options->bundle, BUNDLE_BYTES + 1, &bundle, &size, &why)) != 0)
    status = complain_file (status, why);
  if (status == 0
      && sigpolicy_bundle_verify (verifier, bundle, size, options->arguments[0], &result, &error)
             < 0)
    status = complain_error (error);
  if (status == 0)
    status = report (options, result);
  sigpolicy_bundle_result_free (result);
  sigpolicy_bundle_verifier_free (verifier);
  free (bundle);
  return status;
}
