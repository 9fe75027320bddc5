/* SPDX-License-Identifier: Apache-2.0 */
#include "edit/edit_int.h"

#include "ask/key_files.h"
#include "ask/trust.h"
#include "crypto/public_key.h"
#include "openpgp/key_facts.h"
#include "util/fs.h"
#include "util/limits.h"

/* Whether keys that a rule names can be used: what cannot accepts nothing. */

static const char *
name_of (const struct sp_key_source *source)
{
  return source->path ? source->path : "the key in the policy";
}

static int
unusable (const struct sp_key_source *source, const char *why, sigpolicy_error **err)
{
  return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE, "%s: %s",
                       name_of (source), why);
}

static int
check_gpg_file (const struct sp_key_source *source, struct sp_view bytes, sigpolicy_error **err)
{
  cleanup_key_facts struct sp_key_facts_list facts = { 0 };
  int rc = sp_openpgp_key_facts (bytes, &facts, err);

  if (rc < 0)
    return sp_error_while (err, "reading %s", name_of (source));
  if (facts.kind == SP_KEY_FILE_KEYBOX)
    {
      (void)unusable (source, "this is a GnuPG keybox, not a key file", err);
      return sp_error_hint (err, "export the public keys with 'gpg --export KEY > FILE'");
    }
  if (facts.has_secret)
    {
      (void)unusable (source, "it has a secret key", err);
      return sp_error_hint (err, "export only the public keys with 'gpg --export KEY'");
    }
  if (!facts.len)
    return unusable (source, "it has no GPG key", err);
  return 0;
}

static int
check_gpg (const struct sp_requirement *requirement, sigpolicy_error **err)
{
  cleanup_key_files struct sp_key_files files = { 0 };
  int rc = sp_key_files_read (&requirement->keys, &files, err);
  for (size_t i = 0; rc == 0 && i < files.len; i++)
    rc = check_gpg_file (&requirement->keys.items[i], files.views[i], err);
  return rc;
}

static int
check_sigstore (const struct sp_requirement *requirement, sigpolicy_error **err)
{
  cleanup_trust_cache struct sp_trust_cache *cache = NULL;
  const struct sp_trust *trust = NULL;
  int rc = sp_trust_cache_new (&cache, err);
  return rc < 0 ? rc : sp_trust_load (cache, requirement, &trust, err);
}

int
sp_edit_check_keys (const struct sp_requirements *requirements, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < requirements->len; i++)
    if (requirements->items[i].type == SP_REQUIREMENT_SIGNED_BY)
      rc = check_gpg (&requirements->items[i], err);
    else if (requirements->items[i].type == SP_REQUIREMENT_SIGSTORE_SIGNED)
      rc = check_sigstore (&requirements->items[i], err);
  return rc;
}

int
sp_edit_type_of_key (const char *path, enum sp_requirement_type *ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf bytes = SP_BUF (SP_KEY_BYTES_MAX);
  cleanup_key_facts struct sp_key_facts_list facts = { 0 };
  cleanup_public_key struct sp_public_key *key = NULL;

  if (sp_fs_read (path, &bytes, err) < 0)
    return sp_error_class (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE);
  int rc = sp_openpgp_key_facts (sp_buf_view (&bytes), &facts, err);
  if (rc < 0)
    return rc;
  *ret = SP_REQUIREMENT_SIGNED_BY;
  if (facts.len)
    return 0;
  *ret = SP_REQUIREMENT_SIGSTORE_SIGNED;
  if (sp_public_key_from_pem (sp_buf_view (&bytes), &key, err) == 0)
    return 0;
  if (sigpolicy_error_code (*err) == SIGPOLICY_E_NO_MEMORY)
    return SIGPOLICY_E_NO_MEMORY;
  sp_error_clear (err);
  return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                       "%s: neither a GPG key nor a public key in PEM", path);
}
