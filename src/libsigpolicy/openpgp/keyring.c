/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"
#include "openpgp/plain.h"

#include "openpgp/key_facts.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <time.h>

static gpgme_engine_info_t
engine_of (gpgme_ctx_t context)
{
  gpgme_engine_info_t info = sp_gpgme->ctx_get_engine_info (context);
  while (info && info->protocol != GPGME_PROTOCOL_OpenPGP)
    info = info->next;
  return info;
}

/* A context that runs a program as gpg, in a home or in the user's own; it told its version when
 * GPGME asked. GPGME makes up a version 1.0.0 for what it cannot start, and then finds no keys. */
int
sp_openpgp_open_context (const char *program, const char *home, gpgme_ctx_t *ret,
                         sigpolicy_error **err)
{
  cleanup_gpgme_context gpgme_ctx_t context = NULL;
  gpgme_engine_info_t info = NULL;

  int rc = sp_openpgp_load (err);
  if (rc < 0)
    return rc;
  gpgme_error_t error = sp_gpgme->new (&context);

  if (!error)
    info = engine_of (context);
  /* Each setting asks for the version again. */
  if (!error && (home || !info || !info->file_name || strcmp (info->file_name, program) != 0))
    {
      error = sp_gpgme->ctx_set_engine_info (context, GPGME_PROTOCOL_OpenPGP, program, home);
      info = error ? NULL : engine_of (context);
    }
  if (!error)
    error = sp_gpgme->set_protocol (context, GPGME_PROTOCOL_OpenPGP);
  if (error)
    return sp_openpgp_failed (err, error, "it was started");
  if (info && info->version && strverscmp (info->version, GPG_VERSION_MIN) >= 0)
    {
      sp_gpgme->set_offline (context, 1);
      *ret = steal (&context);
      return 0;
    }
  /* GPGME does not tell why it learned no version. */
  if (sp_openpgp_lacks_descriptors ())
    return sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, EMFILE,
                           "gpg was not started");
  return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_ENGINE_MISSING,
                       "gpg cannot be started, or is older than 2.2");
}

/*
 * GPGME hands on no options of ours but the trust model, which is text. The wrapper takes this one
 * for its cue: "sigpolicy" stands for all the options of a private home, "sigpolicy-user" for those
 * of the user's own, and a time may follow.
 */
int
sp_keyring_set_time (struct sp_keyring *keyring, const sp_time *now, sigpolicy_error **err)
{
  const char *model = keyring->is_user ? "sigpolicy-user" : "sigpolicy";
  char text[64], stamp[SP_TIME_TEXT_SIZE];
  struct tm tm;

  if (now && (*now < 0 || *now >= SP_GPG_TIME_END))
    {
      sp_time_format (*now, stamp);
      return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                           "gpg counts time in 32 bits: it cannot verify a signature as of %s",
                           stamp);
    }
  time_t seconds = now ? (time_t)*now : 0;
  if (now && gmtime_r (&seconds, &tm) && strftime (stamp, sizeof stamp, "%Y%m%dT%H%M%S", &tm))
    (void)snprintf (text, sizeof text, "%s@%s!", model, stamp);
  else
    (void)snprintf (text, sizeof text, "%s", model);
  gpgme_error_t error = sp_gpgme->set_ctx_flag (keyring->context, "trust-model", text);
  return error ? sp_openpgp_failed (err, error, "it was told the time") : 0;
}

int
sp_openpgp_need_gpg (struct sp_keyring *keyring, sigpolicy_error **err)
{
  cleanup_gpgme_context gpgme_ctx_t context = NULL;

  if (keyring->gpg_is_there)
    return 0;
  int rc = sp_openpgp_open_context (sp_openpgp_gpg, NULL, &context, err);
  keyring->gpg_is_there = rc == 0;
  return rc;
}

static int
refuse_keybox (const char *label, sigpolicy_error **err)
{
  (void)sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                      "'%s' is a GnuPG keybox and not a keyring", label);
  return sp_error_hint (err, "export its keys with 'gpg --export'");
}

static int
refuse_secret (const char *label, sigpolicy_error **err)
{
  (void)sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE, "'%s' has a secret key",
                      label);
  (void)sp_error_stricter (err, "S3");
  return sp_error_hint (err, "a policy needs only public keys: export them with 'gpg --export', "
                             "and keep the secret key elsewhere");
}

/* What our own reading of a key file tells of it. */
struct reading
{
  struct sp_strv *primaries, *subkeys, *short_rsa;
  sp_time newest;
  bool is_complete; /* nothing in it that gpg may take for a key and we do not see */
};

static int
note_key (struct reading *reading, const struct sp_key_fact *key, sigpolicy_error **err)
{
  bool is_rsa = key->algorithm >= SP_PGP_RSA && key->algorithm <= SP_PGP_RSA + 2;

  reading->is_complete = reading->is_complete && key->version && !key->is_truncated;
  if (key->created > reading->newest)
    reading->newest = key->created;
  return is_rsa && key->bits < SP_RSA_BITS_MIN
             ? sp_strv_add (reading->short_rsa, sp_view_str (key->fingerprint), err)
             : 0;
}

/* Reads a source, and refuses what cannot be used, before gpg is started for it. */
static int
read_source (const struct sp_key_material *source, struct reading *reading, sigpolicy_error **err)
{
  cleanup_key_facts struct sp_key_facts_list facts = { 0 };

  if (source->bytes.len > SP_KEY_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_LIMIT,
                         "the keys of '%s' are larger than %lu bytes", source->label,
                         SP_KEY_BYTES_MAX);
  struct sp_packets packets = sp_packets_scan (source->bytes);
  if (packets.count > SP_KEY_PACKETS_MAX)
    return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_LIMIT,
                         "'%s' holds more than %lu packets", source->label, SP_KEY_PACKETS_MAX);
  int rc = sp_openpgp_key_facts (source->bytes, &facts, err);
  if (rc < 0)
    return sp_error_while (err, "reading '%s'", source->label);
  if (facts.kind == SP_KEY_FILE_KEYBOX)
    return refuse_keybox (source->label, err);
  if (packets.secret_key || facts.has_secret)
    return refuse_secret (source->label, err);
  if (reading->primaries->len + facts.len > SP_KEYS_MAX)
    return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_LIMIT, "more than %lu keys",
                         SP_KEYS_MAX);
  /* Binary data without a key may still be one, compressed; and gpg reads armor that we do not. */
  cleanup_buf struct sp_buf dearmored = SP_BUF (SP_KEY_BYTES_MAX);
  bool is_text = !source->bytes.len || !((unsigned char)source->bytes.data[0] & 0x80);
  reading->is_complete
      = reading->is_complete && !facts.is_malformed && (is_text || facts.len)
        && (facts.kind != SP_KEY_FILE_ARMORED || sp_armor_is_plain (source->bytes, &dearmored));
  for (size_t i = 0; i < facts.len; i++)
    {
      const struct sp_primary_key *primary = &facts.items[i];
      rc = sp_strv_add (reading->primaries, sp_view_str (primary->key.fingerprint), err);
      if (rc == 0)
        rc = note_key (reading, &primary->key, err);
      for (size_t j = 0; rc == 0 && j < primary->n_subkeys; j++)
        {
          rc = note_key (reading, &primary->subkeys[j], err);
          if (rc == 0)
            rc = sp_strv_add (reading->subkeys, sp_view_str (primary->subkeys[j].fingerprint), err);
        }
      if (rc < 0)
        return rc;
    }
  return 0;
}

/* A home without room, where gpg imports nothing and does not say why. */
static bool
is_full (const struct sp_home *home)
{
  struct statvfs fs;
  return statvfs (home->path, &fs) != 0 || fs.f_bavail == 0 || (fs.f_files && fs.f_favail == 0);
}

/* gpg's last status line of an import: see DETAILS in its documentation. */
static gpgme_error_t
note_end (void *handle, const char *keyword, const char *arguments)
{
  bool *is_done = handle;

  (void)arguments;
  *is_done |= strcmp (keyword, "IMPORT_RES") == 0;
  return 0;
}

/* GPGME does not tell a gpg that was killed from one that found no key. */
static gpgme_error_t
import_data (gpgme_ctx_t context, gpgme_data_t data, bool *ret_is_done)
{
  *ret_is_done = false;
  sp_gpgme->set_status_cb (context, note_end, ret_is_done);
  gpgme_error_t error = sp_gpgme->set_ctx_flag (context, "full-status", "1");
  if (!error)
    error = sp_gpgme->op_import (context, data);
  sp_gpgme->set_status_cb (context, NULL, NULL);
  return error;
}

/* Import one source and note the fingerprints of its primary keys. */
static int
import_source (struct sp_keyring *keyring, const struct sp_key_material *source,
               sigpolicy_error **err)
{
  cleanup_gpgme_data gpgme_data_t data = NULL;
  bool is_done = false;

  if (!source->bytes.len)
    return 0;
  int rc = sp_home_check (keyring->home, err);
  if (rc < 0)
    return rc;
  gpgme_error_t error
      = sp_gpgme->data_new_from_mem (&data, source->bytes.data, source->bytes.len, 0);
  if (!error)
    error = import_data (keyring->context, data, &is_done);
  /* What is no key imports nothing, and is no failure by itself. */
  if (error && gpgme_err_code (error) != GPG_ERR_NO_DATA
      && gpgme_err_code (error) != GPG_ERR_BAD_DATA)
    return sp_openpgp_failed (err, error, "keys were imported");
  gpgme_import_result_t result = sp_gpgme->op_import_result (keyring->context);
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
      return sp_error_hint (
          err, "check that the temporary directory has free space; set TMPDIR to use another one");
    }
  if (!is_done)
    return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                         "gpg ended before it had imported the keys of '%s'", source->label);
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
  return sp_home_check (keyring->home, err);
}

void
sp_keyring_forget (struct sp_keyring *keyring)
{
  if (keyring->context)
    sp_gpgme->release (keyring->context);
  keyring->context = NULL;
  sp_home_free (keyring->home);
  keyring->home = NULL;
  sp_strv_clear (&keyring->fingerprints);
  sp_error_clear (&keyring->refusal);
  keyring->is_imported = false;
}

static int
import_all (struct sp_keyring *keyring, sp_time now, sigpolicy_error **err)
{
  int rc = sp_openpgp_lead_to_wrapper (err);
  if (rc == 0)
    rc = sp_home_new (&keyring->home, err);
  if (rc == 0)
    rc = sp_openpgp_open_context (sp_openpgp_wrapper, keyring->home->name, &keyring->context, err);
  if (rc == 0)
    rc = sp_keyring_set_time (keyring, &now, err);
  for (size_t i = 0; rc == 0 && i < keyring->n_sources; i++)
    rc = import_source (keyring, &keyring->sources[i], err);
  if (rc == 0)
    sp_home_seal (keyring->home);
  return rc;
}

static bool
holds_for (const struct sp_keyring *keyring, sp_time now)
{
  return keyring->is_imported
         && (keyring->imported == now
             || (keyring->imported >= keyring->newest && now >= keyring->newest));
}

int
sp_keyring_import (struct sp_keyring *keyring, sp_time now, sigpolicy_error **err)
{
  if (keyring->is_user)
    return 0;
  if (!holds_for (keyring, now))
    {
      sp_keyring_forget (keyring);
      int rc = import_all (keyring, now, err);
      /* A refusal is one for the same bytes again; what fails otherwise may not next time. */
      if (rc == SIGPOLICY_E_KEY)
        rc = sp_error_copy (*err, &keyring->refusal) == SIGPOLICY_E_NO_MEMORY
                 ? SIGPOLICY_E_NO_MEMORY
                 : rc;
      if (rc < 0 && !keyring->refusal)
        {
          sp_keyring_forget (keyring);
          return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : rc;
        }
      keyring->is_imported = true;
      keyring->imported = now;
      return rc;
    }
  return keyring->refusal ? sp_error_copy (keyring->refusal, err) : 0;
}

void
sp_keyring_free (struct sp_keyring *keyring)
{
  if (!keyring)
    return;
  sp_keyring_forget (keyring);
  sigpolicy_error_free (keyring->unusable);
  sp_strv_clear (&keyring->primaries);
  sp_strv_clear (&keyring->subkeys);
  sp_strv_clear (&keyring->short_rsa);
  sp_plain_keys_free (keyring->plain);
  sp_strv_clear (&keyring->labels);
  free (keyring->sources);
  sp_buf_clear (&keyring->material);
  free (keyring);
}

SP_DEFINE_CLEANUP (struct sp_keyring *, sp_keyring_free);
/* The user's own home, through the wrapper: gpg gets its limits and its time there, and all else as
 * the user has it. */
static int
open_user (gpgme_ctx_t *ret, sigpolicy_error **err)
{
  const char *said = secure_getenv ("GNUPGHOME");
  cleanup_free char *home = said && *said ? NULL : sp_fs_home (err);
  cleanup_free char *path = NULL;

  if (said && *said)
    path = sp_strdup (said, err);
  else if (home)
    path = sp_asprintf (err, "%s/.gnupg", home);
  if (!path && *err)
    return sigpolicy_error_code (*err);
  int rc = sp_openpgp_lead_to_wrapper (err);
  return rc < 0 ? rc : sp_openpgp_open_context (sp_openpgp_wrapper, path, ret, err);
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

/* The sources again, with labels of the keyring's own, as views of its material. */
static int
keep_sources (struct sp_keyring *keyring, const struct sp_key_material *sources, size_t n_sources,
              sigpolicy_error **err)
{
  struct sp_view left = sp_buf_view (&keyring->material);

  keyring->sources = sp_calloc (n_sources, sizeof *keyring->sources, err);
  if (!keyring->sources)
    return SIGPOLICY_E_NO_MEMORY;
  for (; keyring->n_sources < n_sources; keyring->n_sources++)
    {
      struct sp_key_material *own = &keyring->sources[keyring->n_sources];
      left = sp_view_from (left, sp_view_find (left, ':') + 1);
      own->bytes = sp_view_head (left, sources[keyring->n_sources].bytes.len);
      left = sp_view_from (left, own->bytes.len);
      int rc = sp_strv_add (&keyring->labels, sp_view_str (sources[keyring->n_sources].label), err);
      if (rc < 0)
        return rc;
      own->label = keyring->labels.items[keyring->n_sources];
    }
  return 0;
}

/* A refusal names the file: it is not the same for another. */
static bool
is_labelled (const struct sp_keyring *keyring, const struct sp_key_material *sources)
{
  for (size_t i = 0; i < keyring->n_sources; i++)
    if (strcmp (keyring->sources[i].label, sources[i].label) != 0)
      return false;
  return true;
}

static struct sp_keyring *
find (struct sp_openpgp *engine, struct sp_view material, const struct sp_key_material *sources)
{
  for (struct sp_keyring *known = engine->keyrings; known; known = known->next)
    if (sp_view_equal (sp_buf_view (&known->material), material)
        && ((!known->unusable && !known->refusal) || is_labelled (known, sources)))
      return known;
  return NULL;
}

/* Read all before gpg is asked. What is refused stays so for the same bytes. */
static int
read_sources (struct sp_keyring *keyring, sigpolicy_error **err)
{
  struct reading reading = { .primaries = &keyring->primaries,
                             .subkeys = &keyring->subkeys,
                             .short_rsa = &keyring->short_rsa,
                             .is_complete = true };
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < keyring->n_sources; i++)
    rc = read_source (&keyring->sources[i], &reading, &keyring->unusable);
  if (rc < 0 && rc != SIGPOLICY_E_KEY)
    {
      *err = steal (&keyring->unusable);
      return rc;
    }
  keyring->is_empty = rc == 0 && reading.is_complete && !keyring->primaries.len;
  keyring->newest = reading.is_complete ? reading.newest : INT64_MAX;
  return 0;
}

int
sp_openpgp_keyring (struct sp_openpgp *engine, const struct sp_key_material *sources,
                    size_t n_sources, struct sp_keyring **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf material = SP_BUF (SP_POLICY_KEY_SOURCES_MAX * (SP_KEY_BYTES_MAX + 32));

  int rc = describe (sources, n_sources, &material, err);
  if (rc < 0)
    return rc;
  struct sp_keyring *known = find (engine, sp_buf_view (&material), sources);
  if (!known)
    {
      SP_CLEANUP (sp_keyring_free_p)
      struct sp_keyring *keyring = sp_calloc (1, sizeof *keyring, err);
      if (!keyring)
        return SIGPOLICY_E_NO_MEMORY;
      keyring->engine = engine;
      keyring->material = material;
      material = (struct sp_buf)SP_BUF (0);
      rc = keep_sources (keyring, sources, n_sources, err);
      if (rc == 0)
        rc = read_sources (keyring, err);
      if (rc < 0)
        return rc;
      keyring->next = engine->keyrings;
      engine->keyrings = known = steal (&keyring);
    }
  if (known->unusable)
    return sp_error_copy (known->unusable, err);
  *ret = known;
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
      keyring->is_user = true;
      keyring->material = (struct sp_buf)SP_BUF (0);
      int rc = open_user (&keyring->context, err);
      if (rc < 0)
        return rc;
      engine->user = steal (&keyring);
    }
  *ret = engine->user;
  return 0;
}

bool
sp_keyring_is_empty (const struct sp_keyring *keyring)
{
  return keyring->is_empty;
}

int
sp_keyring_fingerprints (struct sp_keyring *keyring, sp_time now, const struct sp_strv **ret,
                         sigpolicy_error **err)
{
  int rc = sp_keyring_import (keyring, now, err);
  if (rc == 0)
    *ret = &keyring->fingerprints;
  return rc;
}
