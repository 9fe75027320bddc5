/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/trust.h"

#include "ask/key_files.h"

static struct sp_view
first (const struct sp_key_files *files)
{
  return files->len ? files->views[0] : sp_view_n ("", 0);
}

/* To free(); the paths themselves are borrowed. */
static const char **
paths_of (const struct sp_key_sources *keys, sigpolicy_error **err)
{
  const char **paths = sp_calloc (keys->len, sizeof *paths, err);
  for (size_t i = 0; paths && i < keys->len; i++)
    paths[i] = keys->items[i].path;
  return paths;
}

static int
load_sigstore (struct sp_trust_cache *cache, const struct sp_requirement *requirement,
               const struct sp_trust **ret, sigpolicy_error **err)
{
  static const struct sp_key_sources none = { 0 };
  cleanup_key_files struct sp_key_files keys = { 0 };
  cleanup_key_files struct sp_key_files roots = { 0 };
  cleanup_key_files struct sp_key_files rekor_keys = { 0 };
  cleanup_key_files struct sp_key_files intermediates = { 0 };
  const struct sp_fulcio *fulcio = requirement->fulcio;
  const struct sp_pki *pki = requirement->pki;

  int rc = sp_key_files_read (&requirement->keys, &keys, err);
  if (rc == 0)
    rc = sp_key_files_read (fulcio ? &fulcio->ca : pki ? &pki->roots : &none, &roots, err);
  if (rc == 0)
    rc = sp_key_files_read (&requirement->rekor_keys, &rekor_keys, err);
  if (rc == 0)
    rc = sp_key_files_read (pki ? &pki->intermediates : &none, &intermediates, err);
  cleanup_free const char **paths = rc == 0 ? paths_of (&requirement->keys, err) : NULL;
  if (!paths)
    return sigpolicy_error_code (*err);
  const struct sp_trust_material material = { .kind = fulcio ? SP_TRUST_FULCIO
                                                      : pki  ? SP_TRUST_PKI
                                                             : SP_TRUST_KEYS,
                                              .keys = keys.views,
                                              .paths = paths,
                                              .n_keys = keys.len,
                                              .rekor_keys = rekor_keys.views,
                                              .n_rekor_keys = rekor_keys.len,
                                              .roots = first (&roots),
                                              .intermediates = first (&intermediates) };
  return sp_trust_get (cache, &material, ret, err);
}

static int
load_openpgp (struct sp_trust_cache *cache, const struct sp_requirement *requirement,
              const struct sp_trust **ret, sigpolicy_error **err)
{
  cleanup_key_files struct sp_key_files files = { 0 };

  if (requirement->key_type != SP_KEY_TYPE_GPG)
    return sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                         "Unimplemented \"keyType\" value \"%s\"",
                         sp_key_type_name (requirement->key_type));
  int rc = sp_key_files_read (&requirement->keys, &files, err);
  cleanup_free const char **paths = rc == 0 ? paths_of (&requirement->keys, err) : NULL;
  if (!paths)
    return sigpolicy_error_code (*err);
  const struct sp_trust_material material
      = { .kind = SP_TRUST_OPENPGP, .paths = paths, .keys = files.views, .n_keys = files.len };
  return sp_trust_get (cache, &material, ret, err);
}

int
sp_trust_load (struct sp_trust_cache *cache, const struct sp_requirement *requirement,
               const struct sp_trust **ret, sigpolicy_error **err)
{
  return requirement->type == SP_REQUIREMENT_SIGNED_BY
             ? load_openpgp (cache, requirement, ret, err)
             : load_sigstore (cache, requirement, ret, err);
}
