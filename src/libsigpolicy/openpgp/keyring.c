/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"

#include "util/limits.h"

#include <stdint.h>
#include <sys/statvfs.h>

static gpgme_engine_info_t
engine_of (gpgme_ctx_t context)
{
  gpgme_engine_info_t info = gpgme_ctx_get_engine_info (context);
  while (info && info->protocol != GPGME_PROTOCOL_OpenPGP)
    info = info->next;
  return info;
}

/* A context that runs a program as gpg, in a home or in the user's own; it told its version when
 * GPGME asked. GPGME makes up a version 1.0.0 for what it cannot start, and then finds no keys. */
static int
open_context (const char *program, const struct sp_home *home, gpgme_ctx_t *ret,
              sigpolicy_error **err)
{
  cleanup_gpgme_context gpgme_ctx_t context = NULL;
  gpgme_engine_info_t info = NULL;
  gpgme_error_t error = gpgme_new (&context);

  if (!error)
    info = engine_of (context);
  /* Each setting asks for the version again. */
  if (!error && (home || !info || !info->file_name || strcmp (info->file_name, program) != 0))
    {
      error = gpgme_ctx_set_engine_info (context, GPGME_PROTOCOL_OpenPGP, program,
                                         home ? home->path : NULL);
      info = error ? NULL : engine_of (context);
    }
  if (!error)
    error = gpgme_set_protocol (context, GPGME_PROTOCOL_OpenPGP);
  if (error)
    return sp_openpgp_failed (err, error, "it was started");
  if (!info || !info->version || strverscmp (info->version, GPG_VERSION_MIN) < 0)
    return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_ENGINE_MISSING,
                         "gpg cannot be started, or is older than 2.2");
  gpgme_set_offline (context, 1);
  *ret = steal (&context);
  return 0;
}

int
sp_openpgp_need_gpg (struct sp_keyring *keyring, sigpolicy_error **err)
{
  cleanup_gpgme_context gpgme_ctx_t context = NULL;

  if (keyring->gpg_is_there)
    return 0;
  int rc = open_context (sp_openpgp_gpg, NULL, &context, err);
  keyring->gpg_is_there = rc == 0;
  return rc;
}

/* What is no key material, but easily taken for it. */
static int
check_material (const struct sp_key_material *source, sigpolicy_error **err)
{
  static const struct sp_view keybox = SP_VIEW ("KBXf");

  if (source->bytes.len > SP_KEY_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_LIMIT,
                         "the keys of '%s' are larger than %lu bytes", source->label,
                         SP_KEY_BYTES_MAX);
  if (sp_view_starts (sp_view_from (source->bytes, 8), keybox))
    {
      (void)sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                          "'%s' is a GnuPG keybox and not a keyring", source->label);
      return sp_error_hint (err, "export its keys with gpg --export");
    }
  struct sp_packets packets = sp_packets_scan (source->bytes);
  if (packets.count > SP_KEY_PACKETS_MAX)
    return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_LIMIT,
                         "'%s' holds more than %lu packets", source->label, SP_KEY_PACKETS_MAX);
  return 0;
}

static int
refuse_secret (const char *label, sigpolicy_error **err)
{
  (void)sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                      "'%s' holds a secret key", label);
  (void)sp_error_stricter (err, "S3");
  return sp_error_hint (err, "a policy names public keys: export them with gpg --export, and keep "
                             "the secret one elsewhere");
}

/* A home without room, where gpg imports nothing and does not say why. */
static bool
is_full (const struct sp_home *home)
{
  struct statvfs fs;
  return statvfs (home->path, &fs) != 0 || fs.f_bavail == 0 || (fs.f_files && fs.f_favail == 0);
}

/* Import one source and note the fingerprints of its primary keys. */
static int
import (struct sp_keyring *keyring, const struct sp_key_material *source, sigpolicy_error **err)
{
  cleanup_gpgme_data gpgme_data_t data = NULL;

  int rc = check_material (source, err);
  if (rc < 0 || !source->bytes.len)
    return rc;
  if (sp_packets_scan (source->bytes).secret_key)
    return refuse_secret (source->label, err);
  gpgme_error_t error = gpgme_data_new_from_mem (&data, source->bytes.data, source->bytes.len, 0);
  if (!error)
    error = gpgme_op_import (keyring->context, data);
  /* What is no key imports nothing, and is no failure by itself. */
  if (error && gpgme_err_code (error) != GPG_ERR_NO_DATA
      && gpgme_err_code (error) != GPG_ERR_BAD_DATA)
    return sp_openpgp_failed (err, error, "keys were imported");
  gpgme_import_result_t result = gpgme_op_import_result (keyring->context);
  if (!result)
    return sp_openpgp_failed (err, gpgme_error (GPG_ERR_INTERNAL), "keys were imported");
  if (result->considered > 0)
    keyring->gpg_is_there = true;
  rc = sp_openpgp_need_gpg (keyring, err);
  if (rc < 0)
    return rc;
  if (result->secret_read > 0)
    return refuse_secret (source->label, err);
  if (!result->imports && is_full (keyring->home))
    {
      (void)sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                          "gpg could not store the keys of '%s'", source->label);
      return sp_error_hint (err, "there must be room in the temporary directory: see TMPDIR");
    }
  for (gpgme_import_status_t one = result->imports; one; one = one->next)
    {
      if (one->result || !one->fpr)
        continue;
      if (keyring->fingerprints.len >= SP_KEYS_MAX)
        return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_LIMIT, "more than %lu keys",
                             SP_KEYS_MAX);
      if (sp_strv_add (&keyring->fingerprints, sp_view_str (one->fpr), err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
    }
  return 0;
}

/* The list of sources as one string of bytes, with their lengths, so that equal lists and no others
 * are equal. */
static int
describe (const struct sp_key_material *sources, size_t n_sources, struct sp_buf *ret,
          sigpolicy_error **err)
{
  for (size_t i = 0; i < n_sources; i++)
    {
      sp_buf_printf (ret, "%zu:", sources[i].bytes.len);
      sp_buf_add (ret, sources[i].bytes);
    }
  return sp_buf_check (ret, err);
}

void
sp_keyring_free (struct sp_keyring *keyring)
{
  if (!keyring)
    return;
  if (keyring->context)
    gpgme_release (keyring->context);
  sp_home_free (keyring->home);
  sp_strv_clear (&keyring->fingerprints);
  sp_buf_clear (&keyring->material);
  free (keyring);
}

SP_DEFINE_CLEANUP (struct sp_keyring *, sp_keyring_free);

int
sp_openpgp_keyring (struct sp_openpgp *engine, const struct sp_key_material *sources,
                    size_t n_sources, struct sp_keyring **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf material = SP_BUF (SP_POLICY_KEY_SOURCES_MAX * (SP_KEY_BYTES_MAX + 32));

  int rc = describe (sources, n_sources, &material, err);
  if (rc < 0)
    return rc;
  for (struct sp_keyring *known = engine->keyrings; known; known = known->next)
    if (sp_view_equal (sp_buf_view (&known->material), sp_buf_view (&material)))
      {
        *ret = known;
        return 0;
      }

  SP_CLEANUP (sp_keyring_free_p) struct sp_keyring *keyring = sp_calloc (1, sizeof *keyring, err);
  if (!keyring)
    return SIGPOLICY_E_NO_MEMORY;
  keyring->material = (struct sp_buf)SP_BUF (0);
  sp_openpgp_lead_to_wrapper ();
  rc = sp_home_new (engine->now, engine->faked, &keyring->home, err);
  if (rc == 0)
    rc = open_context (sp_openpgp_wrapper, keyring->home, &keyring->context, err);
  for (size_t i = 0; rc == 0 && i < n_sources; i++)
    rc = import (keyring, &sources[i], err);
  if (rc < 0)
    return rc;
  keyring->material = material;
  material = (struct sp_buf)SP_BUF (0);
  keyring->next = engine->keyrings;
  engine->keyrings = keyring;
  *ret = steal (&keyring);
  return 0;
}

int
sp_openpgp_user_keyring (struct sp_openpgp *engine, struct sp_keyring **ret, sigpolicy_error **err)
{
  if (!engine->user)
    {
      SP_CLEANUP (sp_keyring_free_p)
      struct sp_keyring *keyring = sp_calloc (1, sizeof *keyring, err);
      if (!keyring)
        return SIGPOLICY_E_NO_MEMORY;
      keyring->material = (struct sp_buf)SP_BUF (0);
      int rc = open_context (sp_openpgp_gpg, NULL, &keyring->context, err);
      if (rc < 0)
        return rc;
      keyring->gpg_is_there = true;
      engine->user = steal (&keyring);
    }
  *ret = engine->user;
  return 0;
}

const struct sp_strv *
sp_keyring_fingerprints (const struct sp_keyring *keyring)
{
  return &keyring->fingerprints;
}
