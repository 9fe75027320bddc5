/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/trial_int.h"

#include "crypto/certificate.h"
#include "crypto/digest.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>
#include <search.h>

/* Key files of cases and policies, each read once. */

void
sp_material_clear (struct sp_material *material)
{
  free (material->path_memory);
  sp_key_facts_clear (&material->openpgp);
  sp_strv_clear (&material->certificates);
  free (material->expiries);
  *material = (struct sp_material){ 0 };
}

void
sp_material_free (void *pointer)
{
  sp_material_clear (pointer);
  free (pointer);
}

SP_DEFINE_CLEANUP (struct sp_material *, sp_material_free);
#define cleanup_material SP_CLEANUP (sp_material_free_p)

/* As whatever the bytes can be read; what they are not is no failure. */
static int
understand (struct sp_view bytes, struct sp_material *material, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *no_gpg = NULL, *no_key = NULL, *no_certificates = NULL;
  cleanup_public_key struct sp_public_key *key = NULL;
  cleanup_certificates struct sp_certificates certificates = { 0 };

  int rc = sp_openpgp_key_facts (bytes, &material->openpgp, &no_gpg);
  if (rc != SIGPOLICY_E_NO_MEMORY && (rc = sp_public_key_from_pem (bytes, &key, &no_key)) == 0)
    (void)snprintf (material->public_key, sizeof material->public_key, "%s",
                    sp_public_key_fingerprint (key));
  if (rc != SIGPOLICY_E_NO_MEMORY)
    rc = sp_certificates_scan (bytes, &certificates, &no_certificates);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  material->expiries = sp_calloc (certificates.len + 1, sizeof *material->expiries, err);
  if (!material->expiries)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; i < certificates.len; i++)
    {
      char digest[72];
      rc = sp_sha256_text (sp_buf_view (&certificates.items[i]->der), digest, err);
      if (rc == 0)
        rc = sp_strv_add (&material->certificates, sp_view_str (digest), err);
      if (rc < 0)
        return rc;
      material->expiries[i] = certificates.items[i]->not_after;
    }
  return 0;
}

static int
by_path (const void *one, const void *other)
{
  const struct sp_material *a = one, *b = other;
  return strcmp (a->path, b->path);
}

int
sp_trial_material (struct sp_trial *trial, const char *path, const struct sp_material **ret,
                   sigpolicy_error **err)
{
  cleanup_buf struct sp_buf bytes = SP_BUF (SP_KEY_BYTES_MAX);
  cleanup_error sigpolicy_error *missing = NULL;
  struct sp_material sought = { .path = path };
  struct sp_material *const *found = tfind (&sought, &trial->materials, by_path);

  if (found)
    {
      *ret = *found;
      return 0;
    }
  cleanup_material struct sp_material *material = sp_calloc (1, sizeof *material, err);
  if (!material || !(material->path_memory = sp_strdup (path, err)))
    return SIGPOLICY_E_NO_MEMORY;
  material->path = material->path_memory;
  int rc = sp_fs_read (path, &bytes, &missing);
  if (rc < 0 && sp_error_errnum (missing) != ENOENT)
    {
      (void)sp_error_copy (missing, err);
      return sp_error_class (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE);
    }
  material->is_here = rc == 0;
  trial->n_unread += rc < 0;
  rc = material->is_here ? understand (sp_buf_view (&bytes), material, err) : 0;
  if (rc < 0)
    return rc;
  if (!tsearch (material, &trial->materials, by_path))
    return sp_error_no_memory (err);
  *ret = steal (&material);
  return 0;
}

int
sp_trial_material_of (struct sp_trial *trial, const struct sp_key_source *source,
                      struct sp_material *scratch, const struct sp_material **ret,
                      sigpolicy_error **err)
{
  if (source->path && strlen (source->path) == source->path_len)
    return sp_trial_material (trial, source->path, ret, err);
  sp_material_clear (scratch);
  scratch->is_here = true;
  *ret = scratch;
  /* A path with a NUL opens nothing: it is a file without a key. */
  return source->path ? 0 : understand (sp_buf_view (&source->data), scratch, err);
}
