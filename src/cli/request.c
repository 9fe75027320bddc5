/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

static int
set_bundles (const struct options *options, sigpolicy_context *context)
{
  static const char *const names[] = { "off", "digest", "identity" };
  sigpolicy_error *error = NULL;
  size_t mode = 0;

  while (options->bundles && mode < 3 && strcmp (options->bundles, names[mode]) != 0)
    mode++;
  if (mode == 3)
    return complain_usage (NULL, "--bundles takes off, digest or identity, not '%s'",
                           options->bundles);
  /* What was not said is registries.d's matter. */
  if (options->bundles)
    sigpolicy_context_set_bundles (context, (sigpolicy_bundles)mode);
  if (options->referrers != CHOICE_NONE)
    sigpolicy_context_set_referrers (context, options->referrers == CHOICE_YES);
  return sigpolicy_context_set_trusted_root (context, options->trusted_root, &error) < 0
             ? complain_error (error)
             : 0;
}

/* A check by one key, once. */
static int
set_key (const struct options *options, sigpolicy_context *context)
{
  sigpolicy_error *error = NULL;

  if (!options->once)
    return 0;
  return sigpolicy_context_set_key (context, options->keys.items[0], options->identity, &error) < 0
             ? complain_error (error)
             : 0;
}

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
      || sigpolicy_context_set_reader (context, options->reader, &error) < 0
      || sigpolicy_context_set_authfile (context, options->authfile, &error) < 0
      || sigpolicy_context_set_credentials (context, options->creds, &error) < 0
      || sigpolicy_context_set_cert_dir (context, options->cert_dir, &error) < 0
      || (options->clock && sigpolicy_context_set_clock_text (context, options->clock, &error) < 0))
    {
      sigpolicy_context_free (context);
      return complain_error (error);
    }
  if (parent_is_there ())
    sigpolicy_context_set_helper_runner (context, parent_helper, NULL);
  int status = sigpolicy_context_set_sandbox (context, confine_parts (), &error) < 0
                   ? complain_error (error)
                   : set_bundles (options, context);
  if (status == 0)
    status = set_key (options, context);
  if (status != 0)
    {
      sigpolicy_context_free (context);
      return status;
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

/* Which evidence goes with which: an image, or a manifest that is given. */
static int
check_combination (const struct verb *verb, const struct options *options)
{
  if (options->reference && options->as)
    return complain_usage (verb, "--reference and --as are the same option: give one of them");
  if (options->n_arguments > 1)
    return complain_usage (verb, "give only one image");
  if (options->manifest && options->n_arguments)
    return complain_usage (verb, "--manifest and an image name cannot be used together");
  if (!options->manifest && !options->n_arguments)
    return complain_usage (verb, "give an image name, or --manifest and --reference");
  if (options->manifest && !options->reference && !options->as)
    return complain_usage (verb, "--manifest needs --reference docker://NAME");
  if (!options->manifest && (options->signatures.len || options->signature_dir))
    return complain_usage (verb, "--signature and --signature-dir need --manifest");
  size_t standard_input = options->manifest && strcmp (options->manifest, "-") == 0;
  for (size_t i = 0; i < options->signatures.len; i++)
    standard_input += strcmp (options->signatures.items[i], "-") == 0;
  return standard_input > 1 ? complain_usage (verb, "standard input (-) can be read only once") : 0;
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
  if (rc == 0)
    rc = sigpolicy_request_set_digest (request, options->digest, error);
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
