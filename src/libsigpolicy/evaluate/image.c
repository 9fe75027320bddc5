/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/image.h"

#include "evaluate/storage.h"
#include "util/codec.h"
#include "util/limits.h"

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
        warnings, sp_asprintf (err, "the tag \"%s\" is ignored, the digest decides", full->tag),
        err);
  return rc < 0 ? rc : sp_image_name_from_reference (without, ret, err);
}

#define SUGGESTIONS_SHOWN 3

/* "quay.io/ns/app", "docker:quay.io/ns/app" and "app" are what people write. What the last stands
 * for is registries.conf's matter, and never ours to choose. A configuration that cannot be read
 * has its own error where it is needed. */
static int
suggest (struct sp_host *host, struct sp_view name, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *reference = NULL;
  cleanup_error sigpolicy_error *ignored = NULL;
  cleanup_strv struct sp_strv candidates = { 0 };
  cleanup_buf struct sp_buf words = SP_BUF (SP_MIB);
  const struct sp_registries_conf *conf = NULL;
  const char *file = NULL;

  if (sp_view_starts (name, sp_view_str ("docker:")))
    name = sp_view_from (name, strlen ("docker:"));
  int rc = sp_reference_parse (name, &reference, &ignored);
  if (rc == 0)
    rc = sp_host_registries_conf (host, &conf, &ignored);
  if (rc == 0)
    rc = sp_registries_conf_expand (conf, name, &candidates, &file, &ignored);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    {
      sp_error_clear (err);
      return sp_error_no_memory (err);
    }
  if (!reference)
    return sigpolicy_error_code (*err);
  if (!file && candidates.len == 1)
    return sp_error_hint (err, "a name on a registry is written docker://%.*s", (int)name.len,
                          name.data);
  if (!candidates.len)
    return sp_error_hint (err, "say which registry it is on: docker://%s is one",
                          reference->string);
  for (size_t i = 0; i < candidates.len && i < SUGGESTIONS_SHOWN; i++)
    sp_buf_printf (&words, "%sdocker://%s", i ? " or " : "", candidates.items[i]);
  rc = sp_buf_check (&words, &ignored);
  return rc < 0 ? sigpolicy_error_code (*err)
                : sp_error_hint (err, "say which registry it is on: %s, by %s", words.data, file);
}

int
sp_image_parse (struct sp_host *host, const char *text, struct sp_image_name **ret,
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
  return rc == SIGPOLICY_E_NO_MEMORY || sp_view_starts (sp_view_str (text), docker_prefix)
             ? rc
             : suggest (host, sp_view_str (text), err);
}

/* A name that must be a docker:// one: what --as and --reference take. */
static int
parse_docker (struct sp_host *host, const char *text, struct sp_image_name **ret,
              struct sp_strv *warnings, sigpolicy_error **err)
{
  cleanup_image_name struct sp_image_name *name = NULL;
  int rc = sp_image_parse (host, text, &name, warnings, err);
  if (rc < 0)
    return rc;
  if (name->transport != SP_TRANSPORT_DOCKER)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                         "'%s' is not a docker:// name", name->text);
  *ret = steal (&name);
  return 0;
}

static int
gather_manifest (const struct sp_request *request, struct sp_evidence *evidence,
                 sigpolicy_error **err)
{
  const struct sp_request_file *manifest = &request->manifest;

  if (!request->has_manifest)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "no manifest was given");
  return manifest->in_hand ? sp_evidence_set_manifest (evidence, sp_buf_view (&manifest->bytes),
                                                       manifest->label, err)
                           : sp_evidence_read_manifest (evidence, manifest->label, err);
}

static int
gather_signature (const struct sp_request_file *signature, struct sp_evidence *evidence,
                  sigpolicy_error **err)
{
  return signature->in_hand ? sp_evidence_add_signature (evidence, sp_buf_view (&signature->bytes),
                                                         signature->label, err)
                            : sp_evidence_read_signature (evidence, signature->label, err);
}

static int
gather_docker (struct sp_host *host, const struct sp_image_name *image,
               struct sp_evidence *evidence, sigpolicy_error **err)
{
  struct sp_platform platform = sp_host_platform (host);
  struct sp_docker_setup setup = { .euid = sp_lookaside_euid (), .limit_ms = host->image_ms };

  if (host->offline)
    return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                         "'%s' is on a registry, and no network is to be used (--offline)",
                         image->text);
  if (sp_reference_is_name_only (image->reference))
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                         "reading images from docker: reference \"%s\" without a tag or digest is "
                         "not supported",
                         image->reference->string);
  int rc = sp_host_registries_d (host, &setup.registries_d, err);
  if (rc == 0)
    rc = sp_host_registries_conf (host, &setup.conf, err);
  if (rc == 0)
    rc = sp_host_registries (host, &setup.registries, err);
  if (rc == 0)
    rc = sp_host_home (host, &setup.home, err);
  return rc < 0 ? rc : sp_evidence_set_docker (evidence, &setup, image->reference, &platform, err);
}

/* What is not read, and what to do instead. */
static int
refuse_transport (const struct sp_image_name *image, sigpolicy_error **err)
{
  static const char *const hints[SP_TRANSPORTS] = {
    [SP_TRANSPORT_ATOMIC] = "name the registry behind it: docker://HOST/NAMESPACE/STREAM:TAG",
    [SP_TRANSPORT_DOCKER_DAEMON]
    = "verify docker://NAME before it is pulled; or save the image, docker save -o FILE NAME, and "
      "name it docker-archive:FILE",
    [SP_TRANSPORT_SIF] = "copy the image first: skopeo copy sif:FILE oci:PATH",
    [SP_TRANSPORT_TARBALL] = "make an image of it first: skopeo copy tarball:FILE oci:PATH",
  };
  (void)sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                      "images of the transport \"%s\" are not read",
                      sp_transport_name (image->transport));
  const char *hint = hints[image->transport];
  return hint ? sp_error_hint (err, "%s", hint) : SIGPOLICY_E_UNAVAILABLE;
}

/* Evidence from the place that an image name tells. */
static int
gather_image (struct sp_host *host, const struct sp_image_name *image, struct sp_evidence *evidence,
              sigpolicy_error **err)
{
  struct sp_platform platform = sp_host_platform (host);

  switch (image->transport)
    {
    case SP_TRANSPORT_DIR:
      return sp_evidence_set_dir (evidence, image->path, &platform, err);
    case SP_TRANSPORT_DOCKER:
      return gather_docker (host, image, evidence, err);
    case SP_TRANSPORT_DOCKER_ARCHIVE:
      return sp_evidence_set_docker_archive (evidence, image->path, image->reference,
                                             image->selector, err);
    case SP_TRANSPORT_OCI:
      return sp_evidence_set_oci (evidence, image->path, image->selector, &platform, err);
    case SP_TRANSPORT_OCI_ARCHIVE:
      return sp_evidence_set_oci_archive (evidence, image->path, image->selector, &platform, err);
    case SP_TRANSPORT_ATOMIC:
    case SP_TRANSPORT_CONTAINERS_STORAGE: /* was found before its name was */
    case SP_TRANSPORT_DOCKER_DAEMON:
    case SP_TRANSPORT_OSTREE:
    case SP_TRANSPORT_SIF:
    case SP_TRANSPORT_TARBALL:
      break;
    }
  return refuse_transport (image, err);
}

/* Signatures of a docker name that come with neither the files nor the directory are looked for in
 * its lookaside. */
static int
gather_lookaside (struct sp_host *host, const struct sp_request *request,
                  const struct sp_image_name *name, struct sp_evidence *evidence,
                  sigpolicy_error **err)
{
  cleanup_lookaside struct sp_lookaside *lookaside = NULL;
  struct sp_registries_d_answer answer;

  if (request->image || request->n_signatures || request->signature_dir || !name->reference)
    return 0;
  int rc = sp_host_lookaside (host, name->reference, &lookaside, &answer, err);
  if (rc < 0)
    return rc;
  sp_evidence_set_lookaside (evidence, steal (&lookaside));
  return 0;
}

int
sp_image_gather (struct sp_host *host, const struct sp_request *request,
                 struct sp_image_name **ret_image, struct sp_evidence **ret_evidence,
                 struct sp_strv *warnings, sigpolicy_error **err)
{
  cleanup_image_name struct sp_image_name *image = NULL, *reference = NULL;
  cleanup_evidence struct sp_evidence *evidence = NULL;

  if (request->fault)
    return sp_error_copy (request->fault, err);
  if (!request->image && !request->reference)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                         "a manifest needs the name that it is judged by");
  int rc = sp_evidence_new (&evidence, err);
  /* In podman's storage the image is found first: its ID is part of its name. */
  bool stored = request->image && sp_storage_is (request->image);
  if (rc == 0 && stored)
    rc = sp_storage_gather (host, request->image, evidence, &image, err);
  else if (rc == 0 && request->image)
    rc = sp_image_parse (host, request->image, &image, warnings, err);
  if (rc == 0 && request->reference)
    rc = parse_docker (host, request->reference, &reference, warnings, err);
  if (rc == 0 && !stored)
    rc = image ? gather_image (host, image, evidence, err)
               : gather_manifest (request, evidence, err);
  for (size_t i = 0; rc == 0 && i < request->n_signatures; i++)
    rc = gather_signature (&request->signatures[i], evidence, err);
  if (rc == 0 && request->signature_dir)
    rc = sp_evidence_set_signature_dir (evidence, request->signature_dir, err);
  const struct sp_image_name *judged = reference ? reference : image;
  if (rc == 0)
    rc = gather_lookaside (host, request, judged, evidence, err);
  if (rc == 0 && judged->reference && judged->reference->digest)
    rc = sp_evidence_expect_digest (evidence, judged->reference->digest, err);
  if (rc < 0)
    return rc;
  *ret_image = reference ? steal (&reference) : steal (&image);
  *ret_evidence = steal (&evidence);
  return 0;
}
