/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/docker.h"

#include "crypto/digest.h"
#include "util/cleanup.h"
#include "util/codec.h"
#include "util/limits.h"

#include <errno.h>

static void
docker_free (struct sp_docker *docker)
{
  if (!docker)
    return;
  sp_repository_free (docker->repository);
  sigpolicy_error_free (docker->index_once.error);
  sp_referrers_clear (&docker->index);
  free (docker->index_tag);
  sp_reference_free (docker->logical);
  sp_reference_free (docker->physical);
  free (docker);
}

SP_DEFINE_CLEANUP (struct sp_docker *, docker_free);

static void
release (struct sp_evidence *evidence)
{
  docker_free (evidence->docker);
  evidence->docker = NULL;
}

static void
begin_time (struct sp_docker *docker)
{
  int64_t limit = docker->setup.limit_ms;
  bool sooner = limit > 0 && limit < (int64_t)SP_HTTP_IMAGE_MS;
  docker->deadline = sp_http_clock () + (sooner ? limit : (int64_t)SP_HTTP_IMAGE_MS);
}

int
sp_evidence_set_docker (struct sp_evidence *evidence, const struct sp_docker_setup *setup,
                        const struct sp_reference *logical, const struct sp_platform *platform,
                        sigpolicy_error **err)
{
  SP_CLEANUP (docker_free_p) struct sp_docker *docker = sp_calloc (1, sizeof *docker, err);

  if (!docker)
    return SIGPOLICY_E_NO_MEMORY;
  docker->setup = *setup;
  begin_time (docker);
  int rc = sp_reference_parse (sp_view_str (logical->string), &docker->logical, err);
  if (rc == 0)
    rc = sp_evidence_add_location (evidence, &sp_location_docker, logical->string, err);
  if (rc == 0 && (setup->bundles || setup->referrers))
    rc = sp_evidence_add_location (evidence, &sp_location_referrers, logical->string, err);
  if (rc == 0)
    rc = sp_evidence_add_location (evidence, &sp_location_attachments, logical->string, err);
  if (rc == 0)
    rc = sp_evidence_set_origin (evidence, &sp_origin_docker, logical->string, platform, err);
  if (rc < 0)
    return rc;
  evidence->docker = steal (&docker);
  return 0;
}

/* --- the manifest ----------------------------------------------------------------------------- */

/* Where signatures of an endpoint are, which is read before anything is asked: a location that is
 * no URL makes an endpoint unusable. */
static int
find_signatures (struct sp_evidence *evidence, const struct sp_reference *physical,
                 sigpolicy_error **err)
{
  const struct sp_docker_setup *setup = &evidence->docker->setup;
  struct sp_registries_d_answer answer;

  sp_lookaside_free (evidence->lookaside);
  evidence->lookaside = NULL;
  int rc = sp_lookaside_find (setup->registries_d, physical, SP_LOOKASIDE_READ, setup->euid,
                              setup->home, &evidence->lookaside, &answer, err);
  if (rc == 0)
    rc = sp_registries_d_attachments (setup->registries_d, physical, &evidence->docker->attachments,
                                      &answer, err);
  if (rc == 0 && setup->attachments)
    evidence->docker->attachments = true;
  return rc;
}

/* The manifest from one endpoint, which is kept when it has it. */
static int
try_endpoint (struct sp_evidence *evidence, const struct sp_endpoint *endpoint, int64_t deadline,
              char **ret_mime, sigpolicy_error **err)
{
  struct sp_docker *docker = evidence->docker;
  const struct sp_reference *reference = endpoint->reference;
  cleanup_repository struct sp_repository *repository = NULL;
  cleanup_reference struct sp_reference *physical = NULL;
  bool absent;

  int rc = find_signatures (evidence, reference, err);
  if (rc == 0)
    rc = sp_reference_parse (sp_view_str (reference->string), &physical, err);
  if (rc == 0)
    rc = sp_repository_open (docker->setup.registries, endpoint, docker->logical->domain,
                             sp_registries_conf_credential_helpers (docker->setup.conf), deadline,
                             &evidence->warnings, &repository, err);
  if (rc == 0)
    rc = sp_repository_manifest (repository, reference->digest ? reference->digest : reference->tag,
                                 &evidence->top_bytes, ret_mime, &absent, err);
  if (repository && sp_repository_token_server (repository) && rc != SIGPOLICY_E_NO_MEMORY)
    {
      cleanup_error sigpolicy_error *no_memory = NULL;
      if (sp_evidence_note (evidence, sp_repository_token_server (repository), "token", &no_memory)
          < 0)
        return sp_error_no_memory (err);
    }
  if (rc < 0)
    return rc;
  sp_repository_set_deadline (repository, docker->deadline);
  docker->repository = steal (&repository);
  docker->physical = steal (&physical);
  return 0;
}

/* What the mirrors said is part of what is wrong with the last one. */
static int
add_mirror (struct sp_buf *mirrors, const struct sp_endpoint *endpoint,
            const sigpolicy_error *error, sigpolicy_error **err)
{
  sp_buf_printf (mirrors, "%s[%s: ", mirrors->len ? "\n" : "", endpoint->reference->string);
  sp_buf_str (mirrors, sigpolicy_error_message (error));
  sp_buf_byte (mirrors, ']');
  int rc = sp_buf_check (mirrors, err);
  for (size_t i = 0; rc == 0 && i < mirrors->len; i++)
    if (mirrors->data[i] == '\n')
      mirrors->data[i] = ' ';
  return rc;
}

static int
warn_of (const struct sp_strv *texts, struct sp_strv *warnings, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < texts->len; i++)
    rc = sp_strv_add (warnings, sp_view_str (texts->items[i]), err);
  return rc;
}

static int
try_endpoints (struct sp_evidence *evidence, const struct sp_endpoints *endpoints, char **ret_mime,
               sigpolicy_error **err)
{
  cleanup_buf struct sp_buf mirrors = SP_BUF (SP_MIB);
  cleanup_strv struct sp_strv passed = { 0 };
  bool open = false; /* some mirror left open whether it has the image */
  int rc = 0;

  for (size_t i = 0; i < endpoints->len; i++)
    {
      const struct sp_endpoint *endpoint = &endpoints->items[i];
      int64_t now = sp_http_clock (), deadline = evidence->docker->deadline;
      /* A mirror that hangs leaves half of the time to those behind it. */
      if (i + 1 < endpoints->len)
        deadline = now + (deadline - now) / 2;
      rc = try_endpoint (evidence, endpoint, deadline, ret_mime, err);
      if (rc == 0)
        return warn_of (&passed, &evidence->warnings, err);
      if (rc == SIGPOLICY_E_NO_MEMORY || rc == SIGPOLICY_E_INTERNAL)
        return rc;
      if (i + 1 == endpoints->len)
        break;
      cleanup_error sigpolicy_error *why = steal (err);
      open = open || rc == SIGPOLICY_E_UNAVAILABLE;
      rc = add_mirror (&mirrors, endpoint, why, err);
      /* That it does not have the image is nothing to be told of. */
      if (rc == 0 && sigpolicy_error_code (why) != SIGPOLICY_E_NOT_FOUND)
        rc = sp_strv_take (&passed,
                           sp_asprintf (err, "the mirror %s was skipped: %s",
                                        endpoint->reference->string, sigpolicy_error_message (why)),
                           err);
      if (rc < 0)
        return rc;
    }
  /* The registry itself may be blocked because its mirrors are to be asked: then it is they who
   * leave it open. */
  if (open && rc < 0 && endpoints->items[endpoints->len - 1].blocked)
    (void)sp_error_class (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK);
  if (mirrors.len)
    rc = sp_error_prefix (err, "(Mirrors also failed: %s): %s", mirrors.data,
                          endpoints->items[endpoints->len - 1].reference->string);
  return rc;
}

static int
read_top (struct sp_evidence *evidence, char **ret_mime, sigpolicy_error **err)
{
  cleanup_endpoints struct sp_endpoints endpoints = { 0 };
  int rc = sp_registries_conf_endpoints (evidence->docker->setup.conf, evidence->docker->logical,
                                         &endpoints, err);
  if (rc == 0)
    rc = try_endpoints (evidence, &endpoints, ret_mime, err);
  return rc;
}

static int
read_instance (struct sp_evidence *evidence, char **ret_mime, sigpolicy_error **err)
{
  bool absent;
  return sp_repository_manifest (evidence->docker->repository, evidence->instance,
                                 &evidence->instance_bytes, ret_mime, &absent, err);
}

static void
renew (struct sp_evidence *evidence)
{
  begin_time (evidence->docker);
  if (evidence->docker->repository)
    sp_repository_set_deadline (evidence->docker->repository, evidence->docker->deadline);
}

const struct sp_origin sp_origin_docker = {
  .read_top = read_top,
  .read_instance = read_instance,
  .renew = renew,
  .release = release,
};

/* --- blobs ------------------------------------------------------------------------------------ */

/* No URL of a manifest is ever followed: what it names is in its own repository. */
int
sp_docker_read_blob (struct sp_evidence *evidence, const char *digest, size_t limit,
                     struct sp_buf *ret, sigpolicy_error **err)
{
  char found[SP_DIGEST_TEXT_SIZE];
  int rc = sp_repository_blob (evidence->docker->repository, digest, limit, ret, err);
  if (rc == 0)
    rc = sp_digest_text_like (sp_buf_view (ret), sp_view_str (digest), found, err);
  if (rc < 0 || strcmp (digest, found) == 0)
    return rc;
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_DIGEST_MISMATCH,
                       "digest mismatch, expected \"%s\", got \"%s\"", digest, found);
}

int
sp_evidence_blob (struct sp_evidence *evidence, const char *digest, size_t limit,
                  struct sp_buf *ret, sigpolicy_error **err)
{
  if (evidence->docker && evidence->docker->repository)
    return sp_docker_read_blob (evidence, digest, limit, ret, err);
  return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                       "the blob %s is not on a registry", digest);
}

/* --- simple signatures ------------------------------------------------------------------------ */

int
sp_docker_read_lookaside (const struct sp_evidence *evidence, size_t n, const char *where,
                          struct sp_buf *bytes, sigpolicy_error **err)
{
  cleanup_http_response struct sp_http_response response = { 0 };
  cleanup_free char *url = sp_lookaside_url (evidence->lookaside, evidence->digest, n, err);

  if (!url)
    return sigpolicy_error_code (*err);
  int rc = sp_repository_fetch (evidence->docker->repository, url, SP_SIGNATURE_BYTES_MAX,
                                &response, err);
  explicit_bzero (url, strlen (url)); /* it may hold a password */
  if (rc < 0)
    return sp_error_prefix (err, "reading signature from %s", where);
  if (response.status == 404)
    return sp_error_errno (err, SIGPOLICY_E_NOT_FOUND, SIGPOLICY_REASON_NOT_FOUND, ENOENT,
                           "reading signature from %s", where);
  if (response.status != 200)
    return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                         "reading signature from %s: received unexpected HTTP status: %s", where,
                         response.status_line);
  sp_buf_clear (bytes);
  *bytes = response.body;
  response.body = (struct sp_buf)SP_BUF (0);
  return sp_buf_check (bytes, err);
}

/* The list that the registry serves takes the lookaside's place. */
static int
gather_list (struct sp_evidence *evidence, struct sp_looked_at *looked_at, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  struct sp_signature_blob **blobs = NULL;
  size_t len = 0;

  char *where = sp_repository_url (evidence->docker->repository, "signatures", err);
  if (!where)
    return SIGPOLICY_E_NO_MEMORY;
  free (looked_at->where);
  looked_at->where = where;
  int rc = sp_repository_signatures (evidence->docker->repository, evidence->digest, &text, err);
  if (rc == 0)
    rc = sp_signature_list_parse (sp_buf_view (&text), where, &blobs, &len, err);
  for (size_t i = 0; i < len; i++)
    {
      if (rc == 0)
        rc = sp_evidence_keep (evidence, &blobs[i], err);
      sp_signature_blob_free (blobs[i]);
    }
  free (blobs);
  return rc;
}

/* Said once, of however many images of a list. */
static int
warn_of_http (struct sp_evidence *evidence, sigpolicy_error **err)
{
  cleanup_free char *text = sp_asprintf (
      err,
      "signatures are read without TLS: anyone who controls the network path to %s can hide them",
      evidence->lookaside->base);

  for (size_t i = 0; text && i < evidence->warnings.len; i++)
    if (strcmp (evidence->warnings.items[i], text) == 0)
      return 0;
  return text ? sp_strv_add (&evidence->warnings, sp_view_str (text), err) : SIGPOLICY_E_NO_MEMORY;
}

static int
gather (struct sp_evidence *evidence, struct sp_looked_at *looked_at, sigpolicy_error **err)
{
  int rc = sp_evidence_know_digest (evidence, err);
  if (rc < 0)
    return rc;
  if (sp_repository_has_signatures (evidence->docker->repository))
    return gather_list (evidence, looked_at, err);
  if (sp_view_is (sp_view_str (evidence->lookaside->scheme), "http"))
    rc = warn_of_http (evidence, err);
  return rc < 0 ? rc : sp_evidence_read_series (evidence, &sp_location_lookaside, looked_at, err);
}

const struct sp_location sp_location_docker = { .gather = gather };
