/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/evidence_int.h"

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>

int
sp_evidence_too_many_bytes (sigpolicy_error **err)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                       "the signatures of one image have more than %lu bytes",
                       SP_SIGNATURES_BYTES_MAX);
}

int
sp_evidence_keep (struct sp_evidence *evidence, struct sp_signature_blob **blob,
                  sigpolicy_error **err)
{
  evidence->signature_bytes += (*blob)->bytes.len + (*blob)->payload.len;
  if (evidence->signature_bytes > SP_SIGNATURES_BYTES_MAX)
    return sp_evidence_too_many_bytes (err);
  int rc = sp_grow (&evidence->signatures, &evidence->signatures_capacity, evidence->n_signatures,
                    sizeof (struct sp_signature_blob *), err);
  if (rc == 0)
    evidence->signatures[evidence->n_signatures++] = steal (blob);
  return rc;
}

void
sp_evidence_set_bundles (struct sp_evidence *evidence, enum sp_bundle_mode mode)
{
  evidence->bundles = mode;
}

enum sp_bundle_mode
sp_evidence_bundles (const struct sp_evidence *evidence)
{
  return evidence->bundles;
}

bool
sp_evidence_is_given_bundle (const struct sp_evidence *evidence)
{
  for (size_t i = 0; i < evidence->n_given; i++)
    if (sp_signature_bytes_are_bundle (sp_buf_view (&evidence->given[i].bytes)))
      return true;
  return false;
}

/* Recognises one signature, whose bytes are taken over, and keeps it. */
static int
recognize (struct sp_evidence *evidence, struct sp_buf *bytes, const char *source,
           sigpolicy_error **err)
{
  cleanup_signature_blob struct sp_signature_blob *blob = NULL;
  bool bundle
      = evidence->bundles != SP_BUNDLES_OFF && sp_signature_bytes_are_bundle (sp_buf_view (bytes));
  int rc = bundle ? sp_signature_blob_of_bundle (bytes, source, &blob, err)
                  : sp_signature_blob_parse (bytes, source, &blob, err);
  if (rc < 0)
    {
      cleanup_error sigpolicy_error *no_memory = NULL;
      cleanup_free char *shown = sp_quote_dup (sp_view_str (source), &no_memory);
      return shown ? sp_error_prefix (err, "parsing signature %s", shown)
                   : sp_error_no_memory (err);
    }
  return sp_evidence_keep (evidence, &blob, err);
}

/* Signature n of a location; *ret_found is false when there is none. */
static int
read_one (struct sp_evidence *evidence, const struct sp_location *location, size_t n,
          bool *ret_found, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf bytes = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  cleanup_free char *name = location->name (evidence, n, err);

  if (!name)
    return sigpolicy_error_code (*err);
  int rc = location->read (evidence, n, name, &bytes, err);
  if (rc < 0 && sp_error_errnum (*err) == ENOENT)
    {
      sp_error_clear (err);
      *ret_found = false;
      return 0;
    }
  if (rc == 0 && n > SP_SIGNATURES_MAX)
    rc = sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT, "%s", location->too_many);
  if (rc == 0)
    rc = recognize (evidence, &bytes, name, err);
  *ret_found = rc == 0;
  return rc;
}

int
sp_evidence_read_series (struct sp_evidence *evidence, const struct sp_location *location,
                         struct sp_looked_at *looked_at, sigpolicy_error **err)
{
  bool found = true;
  char *where = NULL;

  int rc = location->prepare (evidence, err);
  if (rc == 0)
    {
      where = location->name (evidence, 1, err);
      rc = where ? 0 : sigpolicy_error_code (*err);
    }
  if (rc < 0)
    return rc;
  free (looked_at->where);
  looked_at->where = where;
  for (size_t n = 1; rc == 0 && found; n++)
    rc = read_one (evidence, location, n, &found, err);
  return rc;
}

static int
ask (struct sp_evidence *evidence, size_t index, sigpolicy_error **err)
{
  const struct sp_location *location = evidence->locations[index];
  struct sp_looked_at *looked_at = &evidence->looked_at[index];
  size_t before = evidence->n_signatures;

  looked_at->result = NULL;
  int rc = location->gather ? location->gather (evidence, looked_at, err)
                            : sp_evidence_read_series (evidence, location, looked_at, err);
  if (rc < 0)
    looked_at->result = "error";
  else if (!looked_at->result)
    looked_at->result = evidence->n_signatures > before ? "found" : "none";
  return rc;
}

int
sp_evidence_gather_signatures (struct sp_evidence *evidence, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < evidence->n_given; i++)
    rc = recognize (evidence, &evidence->given[i].bytes, evidence->given[i].label, err);
  for (size_t i = 0; rc == 0 && i < evidence->n_locations; i++)
    if (!evidence->is_closed || evidence->locations[i] == &sp_location_signature_dir)
      rc = ask (evidence, i, err);
  return rc;
}

void
sp_evidence_close (struct sp_evidence *evidence)
{
  evidence->is_closed = true;
}

/* --- a directory of signatures ---------------------------------------------------------------- */

/* A directory that is not there is somebody's mistake, and not an image without signatures. */
static int
signature_dir_prepare (struct sp_evidence *evidence, sigpolicy_error **err)
{
  cleanup_close int fd = -1;
  return sp_fs_open_dir (evidence->signature_dir, &fd, err);
}

static char *
signature_dir_name (const struct sp_evidence *evidence, size_t n, sigpolicy_error **err)
{
  return sp_asprintf (err, "%s/signature-%zu", evidence->signature_dir, n);
}

/* The directory is the user's own: links are followed. */
static int
signature_dir_read (const struct sp_evidence *evidence, size_t n, const char *name,
                    struct sp_buf *bytes, sigpolicy_error **err)
{
  (void)evidence;
  (void)n;
  return sp_fs_read (name, bytes, err);
}

const struct sp_location sp_location_signature_dir = {
  .prepare = signature_dir_prepare,
  .name = signature_dir_name,
  .read = signature_dir_read,
  .too_many = "the directory has more than 127 signatures",
};
