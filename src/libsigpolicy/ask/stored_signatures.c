/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/stored_signatures.h"

#include "ask/gather.h"
#include "model/attachment.h"
#include "openpgp/openpgp.h"
#include "util/alloc.h"
#include "util/limits.h"

static void
signature_clear (struct sp_stored_signature *signature)
{
  sp_payload_clear (&signature->payload);
  sp_untrusted_bundle_clear (&signature->bundle);
  free (signature->key_id);
  free (signature->problem);
}

/* A blob that cannot be taken apart is listed all the same, with the problem; not one that could
 * not be looked at, for want of gpg, memory or a place to work in. */
static int
take_apart (const struct sp_signature_blob *blob, struct sp_stored_signature *ret,
            sigpolicy_error **err)
{
  cleanup_buf struct sp_buf content = SP_BUF (SP_SIGNED_TEXT_BYTES_MAX);
  int rc;

  ret->blob = blob;
  if (blob->format == SP_SIGNATURE_SIMPLE_SIGNING)
    {
      rc = sp_openpgp_untrusted_content (blob->message, &content, &ret->key_id, err);
      if (rc == 0)
        rc = sp_untrusted_payload_parse (sp_buf_view (&content), SP_PAYLOAD_SIMPLE_SIGNING,
                                         &ret->payload, err);
    }
  else if (blob->format == SP_SIGNATURE_BUNDLE)
    rc = sp_bundle_read_untrusted (sp_buf_view (&blob->bytes), &ret->bundle, err);
  else if (sp_view_is (sp_buf_view (&blob->mime_type), SP_MIME_SIMPLE_SIGNING))
    rc = sp_untrusted_payload_parse (sp_buf_view (&blob->payload), SP_PAYLOAD_SIGSTORE,
                                     &ret->payload, err);
  else
    {
      ret->problem = sp_attachment_describe (sp_buf_view (&blob->mime_type), err);
      return ret->problem ? 0 : SIGPOLICY_E_NO_MEMORY;
    }
  if (rc != SIGPOLICY_E_REJECTED)
    return rc;
  ret->problem = strdup (sigpolicy_error_message (*err));
  sp_error_clear (err);
  return ret->problem ? 0 : sp_error_no_memory (err);
}

/* What else refers to the image, and is read by nobody here. */
static int
find_unsupported (struct sp_stored_signatures *it, sigpolicy_error **err)
{
  cleanup_referrers struct sp_referrers referrers = { 0 };

  int rc = sp_evidence_referrers (it->evidence, &referrers, err);
  if (rc < 0)
    return rc;
  it->unsupported = sp_calloc (referrers.len, sizeof *it->unsupported, err);
  if (!it->unsupported)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; i < referrers.len; i++)
    {
      const struct sp_referrer *referrer = &referrers.items[i];
      struct sp_unsupported_referrer *here = &it->unsupported[it->n_unsupported++];
      here->problem
          = sp_attachment_describe_as (sp_view_str (referrer->type), referrer->known, err);
      here->source = here->problem ? sp_asprintf (
                         err, "%s@%s", sp_evidence_repository (it->evidence), referrer->digest)
                                   : NULL;
      if (!here->source)
        return SIGPOLICY_E_NO_MEMORY;
    }
  return 0;
}

int
sp_stored_signatures_gather (struct sp_context *context, const struct sp_request *request,
                             struct sp_stored_signatures *ret, sigpolicy_error **err)
{
  cleanup_strv struct sp_strv warnings = { 0 };
  struct sp_signature_blob *const *blobs = NULL;
  struct sp_view manifest;
  size_t n_blobs = 0;

  int rc = sp_image_gather (context, request, &ret->image, &ret->evidence, &warnings, err);
  if (rc == 0)
    rc = sp_evidence_signatures (ret->evidence, &blobs, &n_blobs, err);
  /* An image that is not there has no signatures, and is not said to have none. */
  if (rc == 0 && !n_blobs && request->image)
    rc = sp_evidence_top_manifest (ret->evidence, &manifest, err);
  if (rc == 0 && !(ret->items = sp_calloc (n_blobs, sizeof *ret->items, err)))
    rc = SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; rc == 0 && i < n_blobs; i++)
    rc = take_apart (blobs[i], &ret->items[ret->len++], err);
  if (rc == 0)
    rc = find_unsupported (ret, err);
  if (rc == 0)
    ret->looked_at = sp_evidence_looked_at (ret->evidence, &ret->n_looked_at);
  return rc;
}

void
sp_stored_signatures_clear (struct sp_stored_signatures *it)
{
  for (size_t i = 0; i < it->len; i++)
    signature_clear (&it->items[i]);
  free (it->items);
  for (size_t i = 0; i < it->n_unsupported; i++)
    {
      free (it->unsupported[i].source);
      free (it->unsupported[i].problem);
    }
  free (it->unsupported);
  sp_evidence_free (it->evidence);
  sp_image_name_free (it->image);
  *it = (struct sp_stored_signatures){ 0 };
}
