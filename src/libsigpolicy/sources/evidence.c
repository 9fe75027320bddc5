/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/docker.h"

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

/* Does a step the first time, and remembers how it failed: what is asked twice is answered alike,
 * whatever happens to the files in between. */
static int
once (struct sp_once *memory, int (*step) (struct sp_evidence *evidence, sigpolicy_error **err),
      struct sp_evidence *evidence, sigpolicy_error **err)
{
  if (!memory->done)
    {
      memory->done = true;
      (void)step (evidence, &memory->error);
    }
  return memory->error ? sp_error_copy (memory->error, err) : 0;
}

int
sp_evidence_new (struct sp_evidence **ret, sigpolicy_error **err)
{
  static const struct sp_buf empty = SP_BUF (SP_MANIFEST_BYTES_MAX);
  struct sp_evidence *evidence = sp_calloc (1, sizeof *evidence, err);
  if (!evidence)
    return SIGPOLICY_E_NO_MEMORY;
  evidence->top_bytes = evidence->instance_bytes = empty;
  evidence->dir_fd = -1;
  *ret = evidence;
  return 0;
}

static void
forget_once (struct sp_once *memory)
{
  sigpolicy_error_free (memory->error);
  *memory = (struct sp_once){ 0 };
}

/* All that is of the judged manifest alone. */
static void
forget_judged (struct sp_evidence *evidence)
{
  if (evidence->docker)
    {
      forget_once (&evidence->docker->index_once);
      sp_referrers_clear (&evidence->docker->index);
      free (evidence->docker->index_tag);
      evidence->docker->index_tag = NULL;
    }
  forget_once (&evidence->judged_once);
  forget_once (&evidence->digest_once);
  forget_once (&evidence->signatures_once);
  sp_buf_clear (&evidence->instance_bytes);
  free (evidence->instance);
  evidence->instance = NULL;
  free (evidence->instance_mime);
  evidence->instance_mime = NULL;
  evidence->digest[0] = '\0';
  for (size_t i = 0; i < evidence->n_signatures; i++)
    sp_signature_blob_free (evidence->signatures[i]);
  evidence->n_signatures = 0;
  evidence->signature_bytes = 0;
}

void
sp_evidence_free (struct sp_evidence *evidence)
{
  if (!evidence)
    return;
  if (evidence->origin && evidence->origin->release)
    evidence->origin->release (evidence);
  free (evidence->label);
  free (evidence->dir);
  free (evidence->signature_dir);
  sp_lookaside_free (evidence->lookaside);
  sp_strv_clear (&evidence->expected);
  for (size_t i = 0; i < evidence->n_given; i++)
    {
      sp_buf_clear (&evidence->given[i].bytes);
      free (evidence->given[i].label);
    }
  free (evidence->given);

  forget_once (&evidence->top_once);
  forget_once (&evidence->top_digest_once);
  forget_judged (evidence);
  sp_close_p (&evidence->dir_fd);
  sp_buf_clear (&evidence->top_bytes);
  free (evidence->top_mime);
  free (evidence->signatures);
  for (size_t i = 0; i < evidence->n_looked_at; i++)
    free (evidence->looked_at[i].where);
  sp_strv_clear (&evidence->warnings);
  free (evidence);
}

/* --- what it is given ------------------------------------------------------------------------- */

static int
replace (char **slot, const char *text, sigpolicy_error **err)
{
  char *copy = sp_strdup (text, err);
  if (!copy)
    return SIGPOLICY_E_NO_MEMORY;
  free (*slot);
  *slot = copy;
  return 0;
}

int
sp_evidence_note (struct sp_evidence *evidence, const char *where, const char *result,
                  sigpolicy_error **err)
{
  for (size_t i = evidence->n_locations; i < evidence->n_looked_at; i++)
    if (strcmp (evidence->looked_at[i].where, where) == 0)
      return 0;
  if (evidence->n_looked_at == sizeof evidence->looked_at / sizeof *evidence->looked_at)
    return 0;
  char *text = sp_strdup (where, err);
  if (!text)
    return SIGPOLICY_E_NO_MEMORY;
  evidence->looked_at[evidence->n_looked_at].where = text;
  evidence->looked_at[evidence->n_looked_at].result = result;
  evidence->n_looked_at++;
  return 0;
}

int
sp_evidence_add_location (struct sp_evidence *evidence, const struct sp_location *location,
                          const char *where, sigpolicy_error **err)
{
  int rc = sp_evidence_note (evidence, where, "not asked", err);
  if (rc == 0)
    evidence->locations[evidence->n_locations++] = location;
  return rc;
}

/* A directory and, when it is the first of its kind, the location that it is. */
static int
set_directory (struct sp_evidence *evidence, char **slot, const char *path,
               const struct sp_location *location, sigpolicy_error **err)
{
  bool first = !*slot;
  int rc = replace (slot, path, err);
  return rc == 0 && first ? sp_evidence_add_location (evidence, location, path, err) : rc;
}

int
sp_evidence_set_manifest (struct sp_evidence *evidence, struct sp_view manifest, const char *label,
                          sigpolicy_error **err)
{
  evidence->top = manifest;
  evidence->is_given = true;
  return replace (&evidence->label, label ? label : "manifest", err);
}

int
sp_evidence_read_manifest (struct sp_evidence *evidence, const char *path, sigpolicy_error **err)
{
  bool given = strcmp (path, "-") != 0;
  int rc = sp_fs_read_input (path, &evidence->top_bytes, err);
  if (rc == 0 && !evidence->top_bytes.len)
    rc = sp_error_set (err, SIGPOLICY_E_NOT_FOUND, SIGPOLICY_REASON_NOT_FOUND,
                       "there is no manifest: %s is empty", given ? path : "standard input");
  return rc < 0
             ? rc
             : sp_evidence_set_manifest (evidence, sp_buf_view (&evidence->top_bytes), path, err);
}

/* Keeps a signature, whose bytes are taken over. */
static int
give (struct sp_evidence *evidence, struct sp_buf *bytes, const char *label, sigpolicy_error **err)
{
  if (evidence->n_given >= SP_SIGNATURES_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "more than %lu signatures were given", SP_SIGNATURES_MAX);
  int rc = sp_grow (&evidence->given, &evidence->given_capacity, evidence->n_given,
                    sizeof *evidence->given, err);
  cleanup_free char *name = rc == 0 ? sp_strdup (label ? label : "signature", err) : NULL;
  if (!name)
    return SIGPOLICY_E_NO_MEMORY;
  evidence->given[evidence->n_given].bytes = *bytes;
  evidence->given[evidence->n_given].label = steal (&name);
  evidence->n_given++;
  *bytes = (struct sp_buf)SP_BUF (0);
  return 0;
}

int
sp_evidence_add_signature (struct sp_evidence *evidence, struct sp_view bytes, const char *label,
                           sigpolicy_error **err)
{
  cleanup_buf struct sp_buf copy = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  sp_buf_add (&copy, bytes);
  int rc = sp_buf_check (&copy, err);
  if (rc < 0)
    return rc == SIGPOLICY_E_NO_MEMORY ? rc : sp_error_while (err, "reading '%s'", label);
  return give (evidence, &copy, label, err);
}

int
sp_evidence_read_signature (struct sp_evidence *evidence, const char *path, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf bytes = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  int rc = sp_fs_read_input (path, &bytes, err);
  return rc < 0 ? rc : give (evidence, &bytes, path, err);
}

int
sp_evidence_set_signature_dir (struct sp_evidence *evidence, const char *path,
                               sigpolicy_error **err)
{
  return set_directory (evidence, &evidence->signature_dir, path, &sp_location_signature_dir, err);
}

int
sp_evidence_set_origin (struct sp_evidence *evidence, const struct sp_origin *origin,
                        const char *label, const struct sp_platform *platform,
                        sigpolicy_error **err)
{
  if (platform)
    evidence->platform = *platform;
  evidence->origin = origin;
  return replace (&evidence->label, label, err);
}

int
sp_evidence_set_dir (struct sp_evidence *evidence, const char *path,
                     const struct sp_platform *platform, enum sp_generation generation,
                     sigpolicy_error **err)
{
  evidence->generation = generation;
  int rc = sp_evidence_set_origin (evidence, &sp_origin_dir, path, platform, err);
  return rc < 0 ? rc : set_directory (evidence, &evidence->dir, path, &sp_location_dir, err);
}

void
sp_evidence_set_lookaside (struct sp_evidence *evidence, struct sp_lookaside *lookaside)
{
  struct sp_once *signatures = &evidence->signatures_once;

  if (!evidence->lookaside && lookaside && !signatures->error)
    {
      /* There is nobody to tell yet: it is told when the signatures are asked for. */
      if (sp_evidence_add_location (evidence, &sp_location_lookaside, lookaside->base,
                                    &signatures->error)
          < 0)
        signatures->done = true;
    }
  sp_lookaside_free (evidence->lookaside);
  evidence->lookaside = lookaside;
}

int
sp_evidence_expect_digest (struct sp_evidence *evidence, const char *digest, sigpolicy_error **err)
{
  return sp_strv_add (&evidence->expected, sp_view_str (digest), err);
}

/* --- manifests -------------------------------------------------------------------------------- */

static int
check_digest (struct sp_view manifest, const char *digest, sigpolicy_error **err)
{
  bool matches = false;
  int rc = sp_manifest_matches (manifest, sp_view_str (digest), &matches, err);
  if (rc < 0)
    return sp_error_prefix (err, "computing manifest digest");
  if (matches)
    return 0;
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_DIGEST_MISMATCH,
                       "Manifest does not match provided manifest digest %s", digest);
}

/*
 * What is judged is what would run. Bytes that say they are a list are one, whatever they are
 * called where they come from: as an image nobody can run them, and the signature of the list would
 * count for an image. A descriptor that names its manifest says what that is (S10).
 */
static int
hold_type (const struct sp_evidence *evidence, const char *said, const char *guess,
           sigpolicy_error **err)
{
  bool hidden = sp_manifest_is_list (guess) && !sp_manifest_is_list (said);
  if (!hidden && (!evidence->origin->is_described || strcmp (said, guess) == 0))
    return 0;
  cleanup_free char *shown = sp_quote_dup (sp_view_str (said), err);
  cleanup_free char *found = shown ? sp_quote_dup (sp_view_str (guess), err) : NULL;
  if (!found)
    return SIGPOLICY_E_NO_MEMORY;
  (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                      "the manifest is said to be of the type %s, and its bytes say %s", shown,
                      found);
  return sp_error_stricter (err, "S10");
}

/* The type of a manifest: *mime where the origin says it, else what the bytes say. */
static int
know_type (const struct sp_evidence *evidence, struct sp_view manifest, char **mime,
           sigpolicy_error **err)
{
  cleanup_free char *guess = NULL;
  int rc = sp_manifest_guess (manifest, &guess, err);
  if (rc == 0 && *mime)
    return hold_type (evidence, *mime, guess, err);
  if (rc == 0)
    *mime = steal (&guess);
  return rc;
}

static int
read_top (struct sp_evidence *evidence, sigpolicy_error **err)
{
  int rc = 0;

  if (!evidence->is_given && !evidence->origin)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "no manifest was given");
  if (!evidence->is_given)
    {
      rc = evidence->origin->read_top (evidence, &evidence->top_mime, err);
      evidence->top = sp_buf_view (&evidence->top_bytes);
    }
  if (rc < 0)
    return rc;
  for (size_t i = 0; rc == 0 && i < evidence->expected.len; i++)
    rc = check_digest (evidence->top, evidence->expected.items[i], err);
  if (rc == 0 && evidence->expected.len)
    rc = sp_manifest_refuse_schema1 (evidence->top, err);
  if (rc == 0 && !evidence->is_given)
    rc = know_type (evidence, evidence->top, &evidence->top_mime, err);
  return rc < 0 ? sp_error_while (err, "checking the manifest of '%s'", evidence->label) : 0;
}

static int
read_instance (struct sp_evidence *evidence, sigpolicy_error **err)
{
  int rc = evidence->selected ? 0
                              : sp_manifest_choose (evidence->top, evidence->top_mime,
                                                    &evidence->platform, &evidence->instance, err);
  if (rc < 0)
    return sp_error_while (err, "choosing an image from the list in '%s'", evidence->label);
  rc = evidence->origin->read_instance (evidence, &evidence->instance_mime, err);
  if (rc < 0)
    return rc;
  evidence->judged = sp_buf_view (&evidence->instance_bytes);
  rc = check_digest (evidence->judged, evidence->instance, err);
  if (rc == 0)
    rc = sp_manifest_refuse_schema1 (evidence->judged, err);
  if (rc == 0)
    rc = know_type (evidence, evidence->judged, &evidence->instance_mime, err);
  if (rc == 0 && sp_manifest_is_list (evidence->instance_mime))
    rc = sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                       "Unexpectedly received a manifest list instead of a manifest for a single "
                       "image");
  return rc < 0 ? sp_error_while (err, "checking the instance %s", evidence->instance) : 0;
}

/* A list that an image is stands for one of its images; a list that is given is judged as it is. */
static int
read_judged (struct sp_evidence *evidence, sigpolicy_error **err)
{
  int rc = once (&evidence->top_once, read_top, evidence, err);
  if (rc < 0)
    return rc;
  evidence->judged = evidence->top;
  if (evidence->is_given || (evidence->selected && !evidence->instance))
    return 0;
  return sp_manifest_is_list (evidence->top_mime) ? read_instance (evidence, err) : 0;
}

int
sp_evidence_instances (struct sp_evidence *evidence, struct sp_instances *ret,
                       sigpolicy_error **err)
{
  int rc = once (&evidence->top_once, read_top, evidence, err);
  if (rc < 0 || evidence->is_given || !sp_manifest_is_list (evidence->top_mime))
    return rc;
  return sp_manifest_instances (evidence->top, evidence->top_mime, ret, err);
}

/* What else was asked about one manifest; that a token was asked for stays true. */
static void
forget_notes (struct sp_evidence *evidence)
{
  size_t n = evidence->n_locations;
  for (size_t i = n; i < evidence->n_looked_at; i++)
    if (strcmp (evidence->looked_at[i].result, "token") == 0)
      evidence->looked_at[n++] = evidence->looked_at[i];
    else
      free (evidence->looked_at[i].where);
  evidence->n_looked_at = n;
}

int
sp_evidence_select (struct sp_evidence *evidence, const char *digest, sigpolicy_error **err)
{
  char *copy = digest ? sp_strdup (digest, err) : NULL;
  if (digest && !copy)
    return SIGPOLICY_E_NO_MEMORY;
  forget_judged (evidence);
  evidence->selected = true;
  evidence->instance = copy;
  for (size_t i = 0; i < evidence->n_locations; i++)
    evidence->looked_at[i].result = "not asked";
  forget_notes (evidence);
  if (evidence->origin && evidence->origin->renew)
    evidence->origin->renew (evidence);
  return 0;
}

static int
compute_digest (struct sp_evidence *evidence, sigpolicy_error **err)
{
  int rc = once (&evidence->judged_once, read_judged, evidence, err);
  if (rc < 0)
    return rc;
  rc = sp_manifest_digest (evidence->judged, evidence->digest, err);
  if (rc == 0)
    return 0;
  evidence->digest[0] = '\0';
  return sp_error_prefix (err, "computing manifest digest");
}

int
sp_evidence_know_digest (struct sp_evidence *evidence, sigpolicy_error **err)
{
  return once (&evidence->digest_once, compute_digest, evidence, err);
}

int
sp_evidence_manifest (struct sp_evidence *evidence, struct sp_view *ret, sigpolicy_error **err)
{
  int rc = once (&evidence->judged_once, read_judged, evidence, err);
  if (rc < 0)
    return rc;
  rc = sp_evidence_know_digest (evidence, err);
  if (rc < 0 && rc != SIGPOLICY_E_REJECTED)
    return rc;
  /* A manifest without a digest, which broken signed schema 1 is, is a manifest still. */
  sp_error_clear (err);
  *ret = evidence->judged;
  return 0;
}

int
sp_evidence_top_manifest (struct sp_evidence *evidence, struct sp_view *ret, sigpolicy_error **err)
{
  int rc = once (&evidence->top_once, read_top, evidence, err);
  if (rc == 0)
    *ret = evidence->top;
  return rc;
}

static int
compute_top_digest (struct sp_evidence *evidence, sigpolicy_error **err)
{
  int rc = once (&evidence->top_once, read_top, evidence, err);
  return rc < 0 ? rc : sp_manifest_digest (evidence->top, evidence->top_digest, err);
}

int
sp_evidence_top_digest (struct sp_evidence *evidence, const char **ret, sigpolicy_error **err)
{
  int rc = once (&evidence->top_digest_once, compute_top_digest, evidence, err);
  if (rc == 0)
    *ret = evidence->top_digest;
  return rc;
}

int
sp_evidence_list_signatures (struct sp_evidence *evidence, size_t *ret, sigpolicy_error **err)
{
  *ret = 0;
  if (!evidence->instance || evidence->selected)
    return 0;
  forget_judged (evidence);
  evidence->selected = true;
  int rc = once (&evidence->signatures_once, sp_evidence_gather_signatures, evidence, err);
  *ret = evidence->n_signatures;
  return rc;
}

const struct sp_lookaside *
sp_evidence_lookaside (const struct sp_evidence *evidence)
{
  return evidence->lookaside;
}

/* --- the rest --------------------------------------------------------------------------------- */

int
sp_evidence_signatures (struct sp_evidence *evidence, struct sp_signature_blob *const **ret,
                        size_t *ret_len, sigpolicy_error **err)
{
  int rc = once (&evidence->signatures_once, sp_evidence_gather_signatures, evidence, err);
  if (rc < 0)
    return rc;
  *ret = evidence->signatures;
  *ret_len = evidence->n_signatures;
  return 0;
}

const char *
sp_evidence_instance (const struct sp_evidence *evidence)
{
  return evidence->instance;
}

const char *
sp_evidence_type (const struct sp_evidence *evidence)
{
  return evidence->instance ? evidence->instance_mime : evidence->top_mime;
}

const char *
sp_evidence_digest (const struct sp_evidence *evidence)
{
  return evidence->digest[0] ? evidence->digest : NULL;
}

const struct sp_reference *
sp_evidence_left_out (const struct sp_evidence *evidence)
{
  return evidence->docker && !evidence->docker->attachments ? evidence->docker->physical : NULL;
}

const struct sp_looked_at *
sp_evidence_looked_at (const struct sp_evidence *evidence, size_t *ret_len)
{
  *ret_len = evidence->n_looked_at;
  return evidence->looked_at;
}

const struct sp_strv *
sp_evidence_certs (const struct sp_evidence *evidence)
{
  return evidence->docker && evidence->docker->repository
             ? sp_repository_certs (evidence->docker->repository)
             : NULL;
}

const struct sp_strv *
sp_evidence_warnings (const struct sp_evidence *evidence)
{
  return &evidence->warnings;
}
