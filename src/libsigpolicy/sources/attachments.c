/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/docker.h"

#include "util/cleanup.h"
#include "util/codec.h"
#include "util/limits.h"

/*
 * Signatures that are attached to an image of a registry, under a tag of its repository, where
 * registries.d says that they are to be looked for. They are read for every kind of requirement, so
 * that one that cannot be read is never one that is not there.
 */

int
sp_docker_read_attachment (struct sp_evidence *evidence, const struct sp_attachments *attachments,
                           size_t index, bool is_bundle, sigpolicy_error **err)
{
  const char *digest = sp_attachments_digest (attachments, index);
  cleanup_buf struct sp_buf payload = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  cleanup_signature_blob struct sp_signature_blob *blob = NULL;
  cleanup_free char *rest = sp_asprintf (err, "blobs/%s", digest);
  cleanup_free char *source
      = rest ? sp_repository_url (evidence->docker->repository, rest, err) : NULL;

  if (!source)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_docker_read_blob (evidence, digest, SP_SIGNATURE_BYTES_MAX, &payload, err);
  if (rc == 0 && is_bundle)
    rc = sp_signature_blob_of_bundle (&payload, source, &blob, err);
  else if (rc == 0)
    rc = sp_attachments_signature (attachments, index, &payload, source, &blob, err);
  return rc < 0 ? rc : sp_evidence_keep (evidence, &blob, err);
}

/* The manifest under the tag; *ret stays NULL when there is none. */
static int
read_manifest (struct sp_evidence *evidence, const char *tag, const char *where,
               struct sp_attachments **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf manifest = SP_BUF (SP_MANIFEST_BYTES_MAX);
  cleanup_free char *mime = NULL;
  bool absent = false;

  int rc
      = sp_repository_manifest (evidence->docker->repository, tag, &manifest, &mime, &absent, err);
  if (rc < 0 && absent)
    {
      sp_error_clear (err);
      return 0;
    }
  /* Something that is not there in another way than an attachment is not there leaves it open. */
  if (rc == SIGPOLICY_E_NOT_FOUND)
    rc = sp_error_class (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK);
  return rc < 0 ? rc : sp_attachments_parse (&manifest, mime, where, ret, err);
}

static int
gather (struct sp_evidence *evidence, struct sp_looked_at *looked_at, sigpolicy_error **err)
{
  const struct sp_docker *docker = evidence->docker;
  cleanup_attachments struct sp_attachments *attachments = NULL;

  int rc = sp_evidence_know_digest (evidence, err);
  if (rc < 0)
    return rc;
  cleanup_free char *tag = sp_attachments_tag (evidence->digest, err);
  char *where = tag ? sp_asprintf (err, "%s:%s", docker->physical->name, tag) : NULL;
  if (!where)
    return SIGPOLICY_E_NO_MEMORY;
  free (looked_at->where);
  looked_at->where = where;
  if (!docker->attachments)
    {
      looked_at->result = "not asked";
      return 0;
    }
  rc = read_manifest (evidence, tag, where, &attachments, err);
  for (size_t i = 0; rc == 0 && attachments && i < sp_attachments_count (attachments); i++)
    rc = sp_docker_read_attachment (evidence, attachments, i, false, err);
  return rc;
}

const struct sp_location sp_location_attachments = { .gather = gather };
