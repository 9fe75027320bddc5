/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

int
open_context (const struct options *options, sigpolicy_context **ret)
{
  sigpolicy_context *context = NULL;
  sigpolicy_error *error = NULL;

  if (sigpolicy_context_new (&context, &error) < 0
      || sigpolicy_context_set_policy_path (context, options->policy, &error) < 0
      || sigpolicy_context_set_registries_d (context, options->registries_d, &error) < 0
      || sigpolicy_context_set_platform (context, options->arch, options->os, options->variant,
                                         &error)
             < 0
      || sigpolicy_context_set_registries_conf (context, options->registries_conf, &error) < 0
      || sigpolicy_context_set_authfile (context, options->authfile, &error) < 0
      || sigpolicy_context_set_credentials (context, options->creds, &error) < 0
      || sigpolicy_context_set_cert_dir (context, options->cert_dir, &error) < 0
      || (options->clock && sigpolicy_context_set_clock_text (context, options->clock, &error) < 0))
    {
      sigpolicy_context_free (context);
      return complain_error (error);
    }
  sigpolicy_context_set_insecure_policy (context, options->insecure_policy);
  sigpolicy_context_set_require_signed (context, options->require_signed);
  sigpolicy_context_set_offline (context, options->offline);
  if (options->tls_verify != CHOICE_NONE)
    sigpolicy_context_set_tls_verify (context, options->tls_verify == CHOICE_YES);
  if (options->image_limit > 0)
    sigpolicy_context_set_image_timeout (context, (int64_t)(options->image_limit * 1000) + 1);
  *ret = context;
  return 0;
}

/* Which evidence goes with which: an image, or a manifest in hand. */
static int
check_combination (const struct verb *verb, const struct options *options)
{
  if (options->reference && options->as)
    return complain_usage (verb, "--reference and --as say the same: give one");
  if (options->n_arguments > 1)
    return complain_usage (verb, "one image at a time");
  if (options->manifest && options->n_arguments)
    return complain_usage (verb, "--manifest stands in place of an image: give one of them");
  if (!options->manifest && !options->n_arguments)
    return complain_usage (verb, "an image, or --manifest and --reference, is needed");
  if (options->manifest && !options->reference && !options->as)
    return complain_usage (verb, "--manifest needs --reference docker://NAME");
  if (!options->manifest && (options->signatures.len || options->signature_dir))
    return complain_usage (verb, "--signature and --signature-dir go with --manifest");
  size_t standard_input = options->manifest && strcmp (options->manifest, "-") == 0;
  for (size_t i = 0; i < options->signatures.len; i++)
    standard_input += strcmp (options->signatures.items[i], "-") == 0;
  return standard_input > 1 ? complain_usage (verb, "standard input (-) can be read once") : 0;
}

static int
fill_request (const struct options *options, sigpolicy_request *request, sigpolicy_error **error)
{
  const char *name = options->as ? options->as : options->reference;
  int rc = sigpolicy_request_set_reference (request, name, error);
  if (rc == 0 && options->n_arguments)
    rc = sigpolicy_request_set_image (request, options->arguments[0], error);
  if (rc == 0 && options->manifest)
    rc = sigpolicy_request_set_manifest_file (request, options->manifest, error);
  for (size_t i = 0; rc == 0 && i < options->signatures.len; i++)
    rc = sigpolicy_request_add_signature_file (request, options->signatures.items[i], error);
  if (rc == 0)
    rc = sigpolicy_request_set_signature_dir (request, options->signature_dir, error);
  sigpolicy_request_set_needs_pin (request, options->print_ref);
  return rc;
}

int
open_request (const struct verb *verb, const struct options *options, sigpolicy_request **ret)
{
  sigpolicy_request *request = NULL;
  sigpolicy_error *error = NULL;

  int status = check_combination (verb, options);
  if (status != 0)
    return status;
  if (sigpolicy_request_new (&request, &error) < 0 || fill_request (options, request, &error) < 0)
    {
      sigpolicy_request_free (request);
      return complain_error (error);
    }
  *ret = request;
  return 0;
}
