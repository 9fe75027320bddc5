/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/gather.h"

#include "ask/storage.h"
#include "ask/suggest.h"
#include "util/codec.h"

static const struct sp_view docker_prefix = SP_VIEW ("docker://");

/* Parse docker://NAME:TAG@DIGEST without its tag; *ret stays NULL when it is nothing of the kind.
 */
static int
parse_without_tag (const char *text, struct sp_image_name **ret, struct sp_strv *warnings,
                   sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *full = NULL, *without = NULL;
  cleanup_error sigpolicy_error *ignored = NULL;
  struct sp_view name = sp_view_str (text);

  if (!sp_view_starts (name, docker_prefix)
      || sp_reference_parse (sp_view_from (name, docker_prefix.len), &full, &ignored) < 0
      || !full->tag || !full->digest)
    return 0;
  int rc = sp_reference_without_tag (full, &without, err);
  if (rc == 0)
    rc = sp_strv_take (
        warnings, sp_asprintf (err, "the tag \"%s\" is ignored: the digest is used", full->tag),
        err);
  return rc < 0 ? rc : sp_image_name_from_reference (without, ret, err);
}

int
sp_image_parse (struct sp_context *context, const char *text, struct sp_image_name **ret,
                struct sp_strv *warnings, sigpolicy_error **err)
{
  struct sp_image_name *name = NULL;

  int rc = parse_without_tag (text, &name, warnings, err);
  if (rc == 0 && !name)
    rc = sp_image_name_parse (sp_view_str (text), &name, err);
  if (rc == 0)
    {
      *ret = name;
      return 0;
    }
  return rc == SIGPOLICY_E_NO_MEMORY ? rc : sp_suggest_name (context, text, err);
}

/* A name that must be a docker:// one: what --as and --reference take. */
static int
parse_docker (struct sp_context *context, const char *text, struct sp_image_name **ret,
              struct sp_strv *warnings, sigpolicy_error **err)
{
  cleanup_image_name struct sp_image_name *name = NULL;
  int rc = sp_image_parse (context, text, &name, warnings, err);
  if (rc < 0)
    return rc;
  if (name->transport != SP_TRANSPORT_DOCKER)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                         "'%s' is not a docker:// name", name->text);
  *ret = steal (&name);
  return 0;
}

/* A name that stands in podman's storage. What is no name there is nobody's usage. */
static int
parse_stored (struct sp_context *context, const struct sp_request *request,
              const struct sp_image_name *image, struct sp_image_name **ret,
              struct sp_strv *warnings, sigpolicy_error **err)
{
  cleanup_free char *docker = sp_asprintf (err, "docker://%s", request->reference);
  if (!docker)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = request->stored == SP_REQUEST_AS_PULLED
               ? parse_docker (context, docker, ret, warnings, err)
               : sp_storage_name_as (context, request->image, image, request->reference, ret, err);
  if (rc != SIGPOLICY_E_USAGE)
    return rc;
  sp_error_clear (err);
  cleanup_free char *shown = sp_quote_dup (sp_view_str (request->reference), err);
  return shown ? sp_error_set (
             err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
             "the name %s, which the image has in the storage, is not a valid image name", shown)
               : SIGPOLICY_E_NO_MEMORY;
}

/* The name that it is judged by in place of its own. */
static int
parse_reference (struct sp_context *context, const struct sp_request *request,
                 const struct sp_image_name *image, struct sp_image_name **ret,
                 struct sp_strv *warnings, sigpolicy_error **err)
{
  if (!request->reference)
    return 0;
  return request->stored ? parse_stored (context, request, image, ret, warnings, err)
                         : parse_docker (context, request->reference, ret, warnings, err);
}

static int
gather_manifest (const struct sp_request *request, struct sp_evidence *evidence,
                 sigpolicy_error **err)
{
  const struct sp_request_file *manifest = &request->manifest;

  if (!request->has_manifest)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "no manifest was given");
  return manifest->is_given ? sp_evidence_set_manifest (evidence, sp_buf_view (&manifest->bytes),
                                                        manifest->label, err)
                            : sp_evidence_read_manifest (evidence, manifest->label, err);
}

static int
gather_signature (const struct sp_request_file *signature, struct sp_evidence *evidence,
                  sigpolicy_error **err)
{
  return signature->is_given ? sp_evidence_add_signature (evidence, sp_buf_view (&signature->bytes),
                                                          signature->label, err)
                             : sp_evidence_read_signature (evidence, signature->label, err);
}

static int
gather_dir (struct sp_context *context, const struct sp_image_name *image,
            struct sp_evidence *evidence, sigpolicy_error **err)
{
  struct sp_platform platform = sp_context_platform (context);
  const struct sp_reader *reader = NULL;

  int rc = sp_context_reader (context, &reader, NULL, err);
  return rc < 0 ? rc
                : sp_evidence_set_dir (evidence, image->path, &platform, reader->generation, err);
}

/* registries.d speaks of registries alone: here what is stored beside the image counts where the
 * caller says so. */
static int
gather_oci (struct sp_context *context, const struct sp_image_name *image,
            struct sp_evidence *evidence, sigpolicy_error **err)
{
  struct sp_platform platform = sp_context_platform (context);
  bool bundles = context->bundles != SP_BUNDLES_OFF, referrers = context->referrers;

  int rc
      = image->transport == SP_TRANSPORT_OCI_ARCHIVE
            ? sp_evidence_set_oci_archive (evidence, image->path, image->selector, &platform, err)
            : sp_evidence_set_oci (evidence, image->path, image->selector, &platform, err);
  if (rc == 0 && (bundles || referrers))
    rc = sp_evidence_search_oci (evidence, bundles, referrers, err);
  return rc;
}

static int
gather_docker (struct sp_context *context, const struct sp_image_name *image,
               const struct sp_image_name *judged, struct sp_evidence *evidence,
               sigpolicy_error **err)
{
  struct sp_platform platform = sp_context_platform (context);
  struct sp_docker_setup setup = { .euid = sp_lookaside_euid (),
                                   .limit_ms = context->image_ms,
                                   .attachments = context->key_path != NULL };

  if (context->offline)
    return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                         "'%s' is on a registry, and --offline forbids the network", image->text);
  if (sp_reference_is_name_only (image->reference))
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                         "reading images from docker: reference \"%s\" without a tag or digest is "
                         "not supported",
                         image->reference->string);
  const struct sp_reference *named = judged ? judged->reference : image->reference;
  enum sp_bundle_mode bundles = SP_BUNDLES_OFF;
  int rc = sp_context_registries_d (context, &setup.registries_d, err);
  if (rc == 0)
    rc = sp_context_bundles (context, named, &bundles, err);
  if (rc == 0)
    rc = sp_context_referrers (context, named, &setup.referrers, err);
  setup.bundles = bundles != SP_BUNDLES_OFF;
  if (rc == 0)
    rc = sp_context_registries_conf (context, &setup.conf, err);
  if (rc == 0)
    rc = sp_context_registries (context, &setup.registries, err);
  if (rc == 0)
    rc = sp_context_home (context, &setup.home, err);
  return rc < 0 ? rc : sp_evidence_set_docker (evidence, &setup, image->reference, &platform, err);
}

/* What is not read, and what to do instead. */
static int
refuse_transport (enum sp_transport transport, sigpolicy_error **err)
{
  static const char *const hints[SP_TRANSPORTS] = {
    [SP_TRANSPORT_ATOMIC] = "use the name on its registry: docker://HOST/NAMESPACE/STREAM:TAG",
    [SP_TRANSPORT_DOCKER_DAEMON]
    = "verify docker://NAME before docker pulls it; or save the image with 'docker save -o FILE "
      "NAME', and verify docker-archive:FILE",
    [SP_TRANSPORT_OSTREE]
    = "copy the image with a tool that reads ostree, and verify the copy as oci:PATH or dir:PATH",
    [SP_TRANSPORT_SIF] = "copy the image first with 'skopeo copy sif:FILE oci:PATH'",
    [SP_TRANSPORT_TARBALL] = "make an image of it first with 'skopeo copy tarball:FILE oci:PATH'",
  };
  (void)sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                      "images of the transport \"%s\" cannot be verified",
                      sp_transport_name (transport));
  const char *hint = hints[transport];
  return hint ? sp_error_hint (err, "%s", hint) : SIGPOLICY_E_UNAVAILABLE;
}

/* The name of an image that is to be read. Of a transport that is not read it does not matter what
 * else is wrong with the name. */
static int
parse_image (struct sp_context *context, const char *text, struct sp_image_name **ret,
             struct sp_strv *warnings, sigpolicy_error **err)
{
  enum sp_transport transport;
  int rc = sp_image_parse (context, text, ret, warnings, err);

  if (rc == 0 || rc == SIGPOLICY_E_NO_MEMORY || !sp_transport_of (text, &transport)
      || (transport != SP_TRANSPORT_ATOMIC && transport != SP_TRANSPORT_DOCKER_DAEMON
          && transport != SP_TRANSPORT_OSTREE && transport != SP_TRANSPORT_SIF
          && transport != SP_TRANSPORT_TARBALL))
    return rc;
  sp_error_clear (err);
  return refuse_transport (transport, err);
}

/* Evidence from the place that an image name tells; judged is another name that it is judged by, or
 * NULL. */
static int
gather_image (struct sp_context *context, const struct sp_image_name *image,
              const struct sp_image_name *judged, struct sp_evidence *evidence,
              sigpolicy_error **err)
{
  switch (image->transport)
    {
    case SP_TRANSPORT_DIR:
      return gather_dir (context, image, evidence, err);
    case SP_TRANSPORT_DOCKER:
      return gather_docker (context, image, judged, evidence, err);
    case SP_TRANSPORT_DOCKER_ARCHIVE:
      return sp_evidence_set_docker_archive (evidence, image->path, image->reference,
                                             image->selector, err);
    case SP_TRANSPORT_OCI:
    case SP_TRANSPORT_OCI_ARCHIVE:
      return gather_oci (context, image, evidence, err);
    case SP_TRANSPORT_ATOMIC:
    case SP_TRANSPORT_CONTAINERS_STORAGE: /* was found before its name was */
    case SP_TRANSPORT_DOCKER_DAEMON:
    case SP_TRANSPORT_OSTREE:
    case SP_TRANSPORT_SIF:
    case SP_TRANSPORT_TARBALL:
      break;
    }
  return refuse_transport (image->transport, err);
}

/* Signatures of a docker name that come with neither the files nor the directory are looked for in
 * its lookaside. */
static int
gather_lookaside (struct sp_context *context, const struct sp_request *request,
                  const struct sp_image_name *name, struct sp_evidence *evidence,
                  sigpolicy_error **err)
{
  cleanup_lookaside struct sp_lookaside *lookaside = NULL;
  struct sp_registries_d_answer answer;

  if (request->image || request->n_signatures || request->signature_dir
      || request->has_all_signatures || !name->reference)
    return 0;
  int rc = sp_context_lookaside (context, name->reference, &lookaside, &answer, err);
  if (rc < 0)
    return rc;
  sp_evidence_set_lookaside (evidence, steal (&lookaside));
  return 0;
}

/* What bundles may do. registries.d is asked only where it is read anyway, or a bundle was given:
 * what is wrong with it is no matter of anything else. */
static int
decide_bundles (struct sp_context *context, const struct sp_request *request,
                const struct sp_image_name *image, const struct sp_image_name *name,
                struct sp_evidence *evidence, sigpolicy_error **err)
{
  bool asks
      = image ? image->transport == SP_TRANSPORT_DOCKER
              : !request->n_signatures && !request->signature_dir && !request->has_all_signatures;
  enum sp_bundle_mode mode = SP_BUNDLES_OFF;

  asks = asks || sp_evidence_is_given_bundle (evidence);
  int rc = sp_context_bundles (context, asks ? name->reference : NULL, &mode, err);
  if (rc == 0)
    sp_evidence_set_bundles (evidence, mode);
  return rc;
}

static int
expect_digest (const struct sp_image_name *name, struct sp_evidence *evidence,
               sigpolicy_error **err)
{
  return name->reference && name->reference->digest
             ? sp_evidence_expect_digest (evidence, name->reference->digest, err)
             : 0;
}

/* An image on a registry is read by the digest that was asked for, whatever its tag stands for by
 * now; it is judged by its name as it was given. */
static int
name_by_digest (const struct sp_request *request, struct sp_image_name **image,
                struct sp_image_name **reference, sigpolicy_error **err)
{
  struct sp_image_name *exact = NULL;

  if (!request->digest)
    return 0;
  if (sp_digest_check (sp_view_str (request->digest), err) < 0)
    return sp_error_class (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE);
  if (!*image || (*image)->transport != SP_TRANSPORT_DOCKER || (*image)->reference->digest)
    return 0;
  cleanup_free char *text
      = sp_asprintf (err, "docker://%s@%s", (*image)->reference->name, request->digest);
  int rc = text ? sp_image_name_parse (sp_view_str (text), &exact, err) : SIGPOLICY_E_NO_MEMORY;
  if (rc < 0)
    return rc;
  if (*reference)
    sp_image_name_free (*image);
  else
    *reference = *image;
  *image = exact;
  return 0;
}

int
sp_image_gather (struct sp_context *context, const struct sp_request *request,
                 struct sp_image_name **ret_image, struct sp_evidence **ret_evidence,
                 struct sp_strv *warnings, sigpolicy_error **err)
{
  cleanup_image_name struct sp_image_name *image = NULL, *reference = NULL;
  cleanup_evidence struct sp_evidence *evidence = NULL;

  if (request->fault)
    return sp_error_copy (request->fault, err);
  if (!request->image && !request->reference)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                         "a manifest needs an image name (--reference)");
  int rc = sp_context_check_cancelled (context, err);
  if (rc == 0)
    rc = sp_evidence_new (&evidence, err);
  /* In podman's storage the image is found first: its ID is part of its name. */
  bool stored = request->image && sp_storage_is (request->image);
  if (rc == 0 && stored)
    rc = sp_storage_gather (context, request->image, evidence, &image, err);
  else if (rc == 0 && request->image)
    rc = parse_image (context, request->image, &image, warnings, err);
  if (rc == 0)
    rc = parse_reference (context, request, image, &reference, warnings, err);
  if (rc == 0)
    rc = name_by_digest (request, &image, &reference, err);
  if (rc == 0 && !stored)
    rc = image ? gather_image (context, image, reference, evidence, err)
               : gather_manifest (request, evidence, err);
  for (size_t i = 0; rc == 0 && i < request->n_signatures; i++)
    rc = gather_signature (&request->signatures[i], evidence, err);
  if (rc == 0 && request->signature_dir)
    rc = sp_evidence_set_signature_dir (evidence, request->signature_dir, err);
  if (rc == 0 && request->has_all_signatures)
    sp_evidence_close (evidence);
  if (rc == 0)
    rc = gather_lookaside (context, request, reference ? reference : image, evidence, err);
  if (rc == 0)
    rc = decide_bundles (context, request, image, reference ? reference : image, evidence, err);
  /* A digest in either name is one that the image must have, and so is one that was asked for. */
  if (rc == 0 && image)
    rc = expect_digest (image, evidence, err);
  if (rc == 0 && reference)
    rc = expect_digest (reference, evidence, err);
  if (rc == 0 && request->digest)
    rc = sp_evidence_expect_digest (evidence, request->digest, err);
  if (rc < 0)
    return rc;
  *ret_image = reference ? steal (&reference) : steal (&image);
  *ret_evidence = steal (&evidence);
  return 0;
}
