/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/oci.h"

#include "crypto/digest.h"
#include "model/attachment_manifest.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/codec.h"
#include "util/limits.h"

/*
 * Signatures in an OCI layout: as manifests that refer to the image, among all other blobs and not
 * in index.json, as 'cosign save' leaves bundles. So every blob that is small enough is looked
 * into. What such a manifest names is read as all of the layout is: nothing outside it. Both must
 * have the digest by which they are named.
 */

static void
signature_clear (struct sp_oci_signature *signature)
{
  free (signature->referrer);
  free (signature->digest);
  free (signature->name);
  sp_buf_clear (&signature->bytes);
  sp_signature_blob_free (signature->blob);
}

void
sp_oci_signatures_clear (struct sp_oci_signatures *signatures)
{
  for (size_t i = 0; i < signatures->len; i++)
    signature_clear (&signatures->items[i]);
  free (signatures->items);
}

/* --- which there are -------------------------------------------------------------------------- */

bool
sp_oci_is_blob_name (const char *name)
{
  return strlen (name) == 2 * SP_SHA256_BYTES && strspn (name, "0123456789abcdef") == strlen (name);
}

static bool
is_wanted (const struct sp_oci *oci, const struct sp_attachment *known)
{
  return known
         && ((known->kind == SP_ATTACHMENT_BUNDLE && oci->bundles)
             || (known->kind == SP_ATTACHMENT_SIGNATURE && oci->referrers));
}

static int
compare_digest (struct sp_view bytes, const char *digest, bool *ret_fits, sigpolicy_error **err)
{
  char found[SP_DIGEST_TEXT_SIZE];
  int rc = sp_digest_text_like (bytes, sp_view_str (digest), found, err);
  *ret_fits = rc == 0 && strcmp (found, digest) == 0;
  return rc;
}

/* Where a file of the layout is, for people. To free(). */
static char *
location_of (const struct sp_oci *oci, const char *name, sigpolicy_error **err)
{
  return sp_asprintf (err, "%s%c%s", oci->path, oci->access->divider, name);
}

static int
add (const struct sp_oci *oci, const char *referrer, const struct sp_attachments *layers,
     size_t layer, bool is_bundle, struct sp_oci_signatures *signatures, sigpolicy_error **err)
{
  static const struct sp_buf empty = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  struct sp_buf no_payload = empty;

  if (signatures->len == SP_REFERRERS_TAKEN_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "more than %lu objects that refer to the image may be signatures",
                         SP_REFERRERS_TAKEN_MAX);
  int rc = sp_grow (&signatures->items, &signatures->capacity, signatures->len,
                    sizeof *signatures->items, err);
  if (rc < 0)
    return rc;
  struct sp_oci_signature *it = &signatures->items[signatures->len++];
  *it = (struct sp_oci_signature){ .layer = layer, .bytes = empty };
  it->referrer = sp_strdup (referrer, err);
  it->digest = it->referrer ? sp_strdup (sp_attachments_digest (layers, layer), err) : NULL;
  it->name = it->digest ? sp_oci_layout_blob (it->digest, err) : NULL;
  cleanup_free char *source = it->name ? location_of (oci, it->name, err) : NULL;
  if (!source)
    return SIGPOLICY_E_NO_MEMORY;
  return is_bundle ? 0
                   : sp_attachments_signature (layers, layer, &no_payload, source, &it->blob, err);
}

/* All layers that are what the manifest says it is. */
static int
add_layers (const struct sp_oci *oci, const char *referrer, struct sp_buf *manifest, bool is_bundle,
            struct sp_oci_signatures *signatures, sigpolicy_error **err)
{
  cleanup_attachments struct sp_attachments *layers = NULL;

  int rc = sp_attachments_parse (manifest, SP_MIME_OCI_MANIFEST, referrer, &layers, err);
  for (size_t i = 0; rc == 0 && i < sp_attachments_count (layers); i++)
    if (sp_bundle_is_media_type (sp_attachments_mime (layers, i)) == is_bundle)
      rc = add (oci, referrer, layers, i, is_bundle, signatures, err);
  return rc;
}

static void
forget (struct sp_oci_signatures *signatures, const char *referrer)
{
  size_t kept = 0;

  for (size_t i = 0; i < signatures->len; i++)
    if (strcmp (signatures->items[i].referrer, referrer) == 0)
      signature_clear (&signatures->items[i]);
    else
      signatures->items[kept++] = signatures->items[i];
  signatures->len = kept;
}

int
sp_oci_look_into (struct sp_evidence *evidence, const char *name, struct sp_view bytes,
                  struct sp_oci_signatures *signatures, sigpolicy_error **err)
{
  cleanup_referrers struct sp_referrers referrers = { 0 };
  cleanup_buf struct sp_buf manifest = SP_BUF (SP_REFERRER_BYTES_MAX);
  cleanup_free char *digest = NULL;
  bool fits = false;

  forget (signatures, name);
  if (!bytes.len || bytes.data[0] != '{')
    return 0;
  digest = sp_asprintf (err, "sha256:%s", name);
  if (!digest)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = compare_digest (bytes, digest, &fits, err);
  if (rc < 0 || !fits)
    return rc;
  rc = sp_referrers_add (&referrers, sp_view_str (digest), sp_view_str (""), sp_view_str (""), err);
  if (rc == 0)
    rc = sp_referrer_read_manifest (&referrers.items[0], bytes, evidence->digest, err);
  const struct sp_attachment *known = rc == 0 ? referrers.items[0].known : NULL;
  if (rc < 0 || !is_wanted (evidence->oci, known))
    return rc;
  sp_buf_add (&manifest, bytes);
  rc = sp_buf_check (&manifest, err);
  return rc < 0 ? rc
                : add_layers (evidence->oci, name, &manifest, known->kind == SP_ATTACHMENT_BUNDLE,
                              signatures, err);
}

/* --- what they hold --------------------------------------------------------------------------- */

int
sp_oci_check_bytes (const struct sp_oci_file *files, size_t n, sigpolicy_error **err)
{
  size_t bytes = 0;

  for (size_t i = 0; i < n; i++)
    bytes += files[i].bytes->len;
  return bytes > SP_SIGNATURES_BYTES_MAX ? sp_evidence_too_many_bytes (err) : 0;
}

static int
read_all (struct sp_evidence *evidence, struct sp_oci_signatures *signatures, sigpolicy_error **err)
{
  if (!signatures->len)
    return 0;
  cleanup_free struct sp_oci_file *files = sp_calloc (signatures->len, sizeof *files, err);
  if (!files)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; i < signatures->len; i++)
    files[i]
        = (struct sp_oci_file){ signatures->items[i].name, &signatures->items[i].bytes, false };
  return evidence->oci->access->read (evidence, files, signatures->len, err);
}

static int
keep (struct sp_evidence *evidence, struct sp_oci_signature *signature, sigpolicy_error **err)
{
  cleanup_signature_blob struct sp_signature_blob *blob = steal (&signature->blob);
  cleanup_free char *source = location_of (evidence->oci, signature->name, err);
  bool fits = false;

  if (!source)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = compare_digest (sp_buf_view (&signature->bytes), signature->digest, &fits, err);
  if (rc == 0 && !fits)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_DIGEST_MISMATCH,
                         "the blob %s has another digest", source);
  if (rc == 0 && blob)
    {
      blob->payload = signature->bytes;
      signature->bytes = (struct sp_buf)SP_BUF (0);
    }
  else if (rc == 0)
    rc = sp_signature_blob_of_bundle (&signature->bytes, source, &blob, err);
  return rc < 0 ? rc : sp_evidence_keep (evidence, &blob, err);
}

/* By the digest of the manifest, however the layout is stored. */
static int
compare_signatures (const void *a, const void *b)
{
  const struct sp_oci_signature *one = a, *other = b;
  int order = strcmp (one->referrer, other->referrer);
  return order ? order : (one->layer > other->layer) - (one->layer < other->layer);
}

static int
gather (struct sp_evidence *evidence, struct sp_looked_at *looked_at, sigpolicy_error **err)
{
  cleanup_oci_signatures struct sp_oci_signatures signatures = { 0 };

  (void)looked_at;
  int rc = sp_evidence_know_digest (evidence, err);
  if (rc == 0)
    rc = evidence->oci->access->scan (evidence, &signatures, err);
  if (rc == 0 && signatures.len)
    qsort (signatures.items, signatures.len, sizeof *signatures.items, compare_signatures);
  if (rc == 0)
    rc = read_all (evidence, &signatures, err);
  for (size_t i = 0; rc == 0 && i < signatures.len; i++)
    rc = keep (evidence, &signatures.items[i], err);
  return rc;
}

static const struct sp_location location_oci = { .gather = gather };

int
sp_evidence_search_oci (struct sp_evidence *evidence, bool bundles, bool referrers,
                        sigpolicy_error **err)
{
  cleanup_free char *where = location_of (evidence->oci, SP_OCI_BLOBS, err);

  evidence->oci->bundles = bundles;
  evidence->oci->referrers = referrers;
  return where ? sp_evidence_add_location (evidence, &location_oci, where, err)
               : SIGPOLICY_E_NO_MEMORY;
}
