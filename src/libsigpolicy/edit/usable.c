/* SPDX-License-Identifier: Apache-2.0 */
#include "edit/edit_int.h"

#include "evaluate/key_files.h"
#include "evaluate/requirement.h"
#include "openpgp/key_facts.h"

/* Whether keys that a rule names can be used: what cannot accepts nothing. */

static int
unusable (const struct sp_key_source *source, const char *why, sigpolicy_error **err)
{
  return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE, "%s: %s", source->path,
                       why);
}

static int
check_gpg_file (const struct sp_key_source *source, struct sp_view bytes, sigpolicy_error **err)
{
  cleanup_key_facts struct sp_key_facts_list facts = { 0 };
  int rc = sp_openpgp_key_facts (bytes, &facts, err);

  if (rc < 0)
    return sp_error_while (err, "reading '%s'", source->path);
  if (facts.kind == SP_KEY_FILE_KEYBOX)
    {
      (void)unusable (source, "a keybox of GnuPG, which is no key file", err);
      return sp_error_hint (err, "export the keys: gpg --export KEY > %s", source->path);
    }
  if (facts.has_secret)
    {
      (void)unusable (source, "there is a secret key in it", err);
      return sp_error_hint (err, "export the public keys alone: gpg --export KEY");
    }
  if (!facts.len)
    return unusable (source, "there is no GPG key in it", err);
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
  return rc < 0 ? rc : sp_sigstore_signed_trust (requirement, cache, &trust, err);
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
