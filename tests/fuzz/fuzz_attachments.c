/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as the manifest of attached signatures, and as the list that a registry serves itself.
 * Every blob that would be asked for has a digest; a signature holds what it was given, and its
 * parts lie within its own bytes. White space behind a document changes nothing.
 */
#include "fuzz.h"

#include "model/attachment_manifest.h"
#include "model/manifest.h"
#include "reference/digest.h"
#include "util/cleanup.h"
#include "util/limits.h"

#include <stdint.h>

static struct sp_buf
copy (struct sp_view bytes)
{
  struct sp_buf ret = SP_BUF (64 * SP_MIB);
  sp_buf_add (&ret, bytes);
  require (!ret.failed);
  return ret;
}

static bool
lies_within (struct sp_view part, const char *bytes, size_t len)
{
  return !part.len
         || ((uintptr_t)part.data >= (uintptr_t)bytes
             && (uintptr_t)part.data + part.len <= (uintptr_t)bytes + len);
}

static void
check_signature (const struct sp_attachments *attachments, size_t index)
{
  static const struct sp_view payload = SP_VIEW ("{\"p\":\0}");
  cleanup_signature_blob struct sp_signature_blob *blob = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_buf given = copy (payload);

  require (sp_digest_check (sp_view_str (sp_attachments_digest (attachments, index)), &err) == 0);
  if (sp_attachments_signature (attachments, index, &given, "fuzz", &blob, &err) < 0)
    {
      require (err && !blob);
      return;
    }
  require (given.len == 0 && sp_view_equal (sp_buf_view (&blob->payload), payload));
  require (blob->format == SP_SIGNATURE_SIGSTORE_JSON);
  for (size_t i = 1; i < blob->n_annotations; i++)
    require (!sp_view_equal (blob->annotations[i - 1].key, blob->annotations[i].key));
}

static size_t
count_attachments (struct sp_view text, bool *ret_ok)
{
  cleanup_attachments struct sp_attachments *attachments = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_buf manifest = copy (text);

  int rc = sp_attachments_parse (&manifest, SP_MIME_OCI_MANIFEST, "fuzz", &attachments, &err);
  require ((rc == 0) == (attachments != NULL) && (rc == 0) == !err && !manifest.len);
  *ret_ok = rc == 0;
  for (size_t i = 0; rc == 0 && i < sp_attachments_count (attachments); i++)
    check_signature (attachments, i);
  return rc == 0 ? sp_attachments_count (attachments) : 0;
}

static size_t
count_list (struct sp_view text, bool *ret_ok)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_signature_blob **blobs = NULL;
  size_t len = 0;

  int rc = sp_signature_list_parse (text, "fuzz", &blobs, &len, &err);
  require ((rc == 0) == !err);
  *ret_ok = rc == 0;
  for (size_t i = 0; i < len; i++)
    {
      require (blobs[i]->format == SP_SIGNATURE_SIMPLE_SIGNING);
      require (lies_within (blobs[i]->message, blobs[i]->bytes.data, blobs[i]->bytes.len));
      sp_signature_blob_free (blobs[i]);
    }
  free (blobs);
  return rc == 0 ? len : 0;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_buf longer = copy (sp_view_n ((const char *)data, size));
  bool ok, spaced_ok;

  sp_buf_byte (&longer, ' ');
  struct sp_view spaced = sp_buf_view (&longer), text = sp_view_head (spaced, size);
  require (count_attachments (text, &ok) == count_attachments (spaced, &spaced_ok)
           && ok == spaced_ok);
  require (count_list (text, &ok) == count_list (spaced, &spaced_ok) && ok == spaced_ok);
  sp_buf_clear (&longer);
  return 0;
}
