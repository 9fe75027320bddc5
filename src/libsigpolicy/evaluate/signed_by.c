/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/requirement.h"

#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>

/* signedBy of containers-policy.json(5): any one simple signature by any of the keys. */

/* The contents of a requirement's key sources, as they are now. */
struct key_files
{
  struct sp_buf *contents;
  struct sp_key_material *material;
  size_t len;
};

static void
key_files_clear (struct key_files *files)
{
  for (size_t i = 0; i < files->len; i++)
    sp_buf_clear (&files->contents[i]);
  free (files->contents);
  free (files->material);
}

static int
read_key_file (const struct sp_key_source *source, struct sp_buf *contents, sigpolicy_error **err)
{
  int rc;
  if (strlen (source->path) != source->path_len)
    {
      cleanup_free char *shown = sp_escape_dup (sp_view_n (source->path, source->path_len), err);
      if (!shown)
        return SIGPOLICY_E_NO_MEMORY;
      rc = sp_error_errno (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE, EINVAL, "open %s",
                           shown);
    }
  else
    rc = sp_fs_read (source->path, contents, err);
  return rc < 0 ? sp_error_class (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE) : 0;
}

/* All sources are read, in order; one that cannot be read fails the requirement even if another
 * holds the right key. */
static int
read_keys (const struct sp_key_sources *sources, struct key_files *files, sigpolicy_error **err)
{
  files->contents = sp_calloc (sources->len, sizeof *files->contents, err);
  if (!files->contents)
    return SIGPOLICY_E_NO_MEMORY;
  files->material = sp_calloc (sources->len, sizeof *files->material, err);
  if (!files->material)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; i < sources->len; i++)
    {
      const struct sp_key_source *source = &sources->items[i];
      files->contents[i] = (struct sp_buf)SP_BUF (SP_KEY_BYTES_MAX);
      files->len = i + 1;
      if (!source->path)
        {
          files->material[i] = (struct sp_key_material){ "keyData", sp_buf_view (&source->data) };
          continue;
        }
      int rc = read_key_file (source, &files->contents[i], err);
      if (rc < 0)
        return rc;
      files->material[i]
          = (struct sp_key_material){ source->path, sp_buf_view (&files->contents[i]) };
    }
  return 0;
}

static int
open_keyring (const struct sp_question *question, const struct sp_requirement *requirement,
              struct sp_keyring **ret, sigpolicy_error **err)
{
  SP_CLEANUP (key_files_clear) struct key_files files = { 0 };
  struct sp_keyring *keyring = NULL;

  if (requirement->key_type != SP_KEY_TYPE_GPG)
    return sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                         "Unimplemented \"keyType\" value \"%s\"",
                         sp_key_type_name (requirement->key_type));
  int rc = read_keys (&requirement->keys, &files, err);
  if (rc == 0)
    rc = sp_openpgp_keyring (question->openpgp, files.material, files.len, &keyring, err);
  if (rc < 0)
    return rc;
  if (sp_keyring_fingerprints (keyring)->len == 0)
    return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                         "No public keys imported");
  *ret = keyring;
  return 0;
}

static int
try_signature (const struct sp_question *question, const struct sp_requirement *requirement,
               const struct sp_signature_blob *blob, struct sp_trace_signature *trace,
               sigpolicy_error **err)
{
  cleanup_claim struct sp_claim claim = { 0 };
  enum sp_verify_stage stage = SP_STAGE_KEYS;
  struct sp_keyring *keyring = NULL;

  int rc = open_keyring (question, requirement, &keyring, err);
  if (rc == 0)
    rc = sp_simple_signing_verify (blob, keyring, &claim, &stage, &trace->key, err);
  if (rc == 0)
    return sp_requirement_hold_claim (question, requirement, &claim, trace, err);

  trace->stage = (int)stage;
  return sp_outcome_fail (&trace->outcome, err);
}

int
sp_signed_by_evaluate (const struct sp_question *question, struct sp_trace_requirement *trace,
                       sigpolicy_error **err)
{
  struct sp_signature_blob *const *blobs;
  size_t n_blobs;

  if (sp_evidence_signatures (question->evidence, &blobs, &n_blobs, err) < 0)
    return sp_outcome_fail (&trace->outcome, err);
  for (size_t i = 0; i < n_blobs; i++)
    {
      struct sp_trace_signature *signature = NULL;
      if (sp_requirement_add_signature (trace, blobs[i], &signature, err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
      signature->skipped = blobs[i]->format != SP_SIGNATURE_SIMPLE_SIGNING;
      if (signature->skipped)
        continue;
      if (try_signature (question, trace->requirement, blobs[i], signature, err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
      if (signature->outcome.answer == SP_ANSWER_ACCEPTED)
        break;
    }
  return sp_requirement_sum_up (trace, "A signature was required, but no signature exists", err);
}
