/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/docker.h"

#include "crypto/digest.h"
#include "util/cleanup.h"
#include "util/codec.h"
#include "util/limits.h"

/*
 * Signatures of an image of a registry that are stored as objects of their own which refer to it
 * (the OCI distribution specification, "Listing Referrers"): Sigstore bundles, and signatures of
 * the older form. No other reader of the policy looks here, so they are searched only where
 * somebody said so; then whatever leaves it open whether there is one is a failure, as elsewhere.
 *
 * What an index says of an entry is a hint: one that it calls an attestation is not fetched, since
 * an attestation is never a signature. Who writes the index can hide a signature, and make none.
 */

static bool
is_wanted (const struct sp_docker *docker, const struct sp_attachment *known)
{
  return known
         && ((known->kind == SP_ATTACHMENT_BUNDLE && docker->setup.bundles)
             || (known->kind == SP_ATTACHMENT_SIGNATURE && docker->setup.referrers));
}

/* The manifest of one, of the digest that it is named by; *ret_mime stays NULL when it is gone, as
 * an index under a tag may name what was deleted. */
static int
read_manifest (struct sp_evidence *evidence, const char *digest, struct sp_buf *ret,
               char **ret_mime, sigpolicy_error **err)
{
  char found[SP_DIGEST_TEXT_SIZE];
  bool absent = false;

  int rc
      = sp_repository_manifest (evidence->docker->repository, digest, ret, ret_mime, &absent, err);
  if (rc < 0 && absent)
    {
      sp_error_clear (err);
      return 0;
    }
  if (rc == 0 && ret->len > SP_REFERRER_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "the manifest %s has more than %lu bytes", digest, SP_REFERRER_BYTES_MAX);
  if (rc == 0)
    rc = sp_digest_text_like (sp_buf_view (ret), sp_view_str (digest), found, err);
  if (rc < 0 || strcmp (found, digest) == 0)
    return rc;
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_DIGEST_MISMATCH,
                       "digest mismatch, expected \"%s\", got \"%s\"", digest, found);
}

/* The layers of a manifest that are what it is said to be. */
static int
keep_layers (struct sp_evidence *evidence, enum sp_attachment_kind kind,
             const struct sp_attachments *layers, sigpolicy_error **err)
{
  bool is_bundle = kind == SP_ATTACHMENT_BUNDLE;
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < sp_attachments_count (layers); i++)
    if (sp_bundle_is_media_type (sp_attachments_mime (layers, i)) == is_bundle)
      rc = sp_docker_read_attachment (evidence, layers, i, is_bundle, err);
  return rc;
}

static int
take (struct sp_evidence *evidence, struct sp_referrer *referrer, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf manifest = SP_BUF (SP_MANIFEST_BYTES_MAX);
  cleanup_attachments struct sp_attachments *layers = NULL;
  cleanup_free char *mime = NULL;

  int rc = read_manifest (evidence, referrer->digest, &manifest, &mime, err);
  if (rc == 0 && mime)
    rc = sp_referrer_read_manifest (referrer, sp_buf_view (&manifest), evidence->digest, err);
  if (rc < 0 || !mime || !is_wanted (evidence->docker, referrer->known))
    return rc;
  rc = sp_attachments_parse (&manifest, mime, referrer->digest, &layers, err);
  return rc < 0 ? rc : keep_layers (evidence, referrer->known->kind, layers, err);
}

static int
take_all (struct sp_evidence *evidence, struct sp_referrers *index, sigpolicy_error **err)
{
  size_t taken = 0;
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < index->len; i++)
    {
      struct sp_referrer *referrer = &index->items[i];
      if (!sp_referrer_is_silent (referrer) && !is_wanted (evidence->docker, referrer->known))
        continue;
      if (taken++ == SP_REFERRERS_TAKEN_MAX)
        return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                             "more than %lu objects that refer to the image may be signatures",
                             SP_REFERRERS_TAKEN_MAX);
      rc = take (evidence, referrer, err);
      /* A part that is missing leaves it open what the whole was. */
      if (rc == SIGPOLICY_E_NOT_FOUND)
        rc = sp_error_class (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK);
      if (rc < 0)
        return sp_error_while (err, "reading what refers to the image, %s", referrer->digest);
    }
  return rc;
}

static int
gather (struct sp_evidence *evidence, struct sp_looked_at *looked_at, sigpolicy_error **err)
{
  struct sp_referrers *index = NULL;
  cleanup_error sigpolicy_error *fault = NULL;

  int rc = sp_evidence_know_digest (evidence, err);
  if (rc < 0)
    return rc;
  char *where = sp_docker_index_url (evidence, err);
  if (!where)
    return SIGPOLICY_E_NO_MEMORY;
  free (looked_at->where);
  looked_at->where = where;
  rc = sp_docker_index (evidence, &index, &fault);
  if (sp_docker_note_index_tag (evidence, rc < 0, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  if (rc < 0)
    {
      *err = steal (&fault);
      return rc;
    }
  return take_all (evidence, index, err);
}

const struct sp_location sp_location_referrers = { .gather = gather };
