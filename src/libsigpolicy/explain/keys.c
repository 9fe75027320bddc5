/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/name_int.h"

#include "crypto/public_key.h"
#include "evaluate/key_files.h"
#include "openpgp/key_facts.h"
#include "util/codec.h"

#include <errno.h>

/* What the key files of a policy say of their keys. Nothing here decides about an image. */

void
sp_explained_keys_clear (struct sp_explained_keys *keys)
{
  for (size_t i = 0; i < keys->len; i++)
    {
      free (keys->items[i].fingerprint);
      free (keys->items[i].owner);
    }
  free (keys->items);
  sp_strv_clear (&keys->problems);
  *keys = (struct sp_explained_keys){ 0 };
}

/* One more key, unless another file has it too; *ret is NULL then. */
static int
add (struct sp_explained_keys *keys, struct sp_view path, const char *fingerprint,
     struct sp_explained_key **ret, sigpolicy_error **err)
{
  *ret = NULL;
  for (size_t i = 0; i < keys->len; i++)
    if (strcmp (keys->items[i].fingerprint, fingerprint) == 0)
      return 0;
  if (sp_grow (&keys->items, &keys->capacity, keys->len, sizeof *keys->items, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  struct sp_explained_key *key = &keys->items[keys->len];
  key->path = path;
  key->fingerprint = sp_strdup (fingerprint, err);
  if (!key->fingerprint)
    return SIGPOLICY_E_NO_MEMORY;
  keys->len++;
  *ret = key;
  return 0;
}

static int
read_openpgp (struct sp_view file, struct sp_view path, struct sp_explained_keys *keys,
              sigpolicy_error **err)
{
  cleanup_key_facts struct sp_key_facts_list facts = { 0 };

  int rc = sp_openpgp_key_facts (file, &facts, err);
  if (rc == 0 && !facts.len)
    rc = sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                       "there is no key in it");
  for (size_t i = 0; rc == 0 && i < facts.len; i++)
    {
      const struct sp_primary_key *fact = &facts.items[i];
      struct sp_explained_key *key = NULL;
      rc = add (keys, path, fact->key.fingerprint, &key, err);
      if (rc < 0 || !key)
        continue;
      key->expires = fact->key.expires;
      key->revoked = fact->key.revoked;
      if (fact->user_ids.len && !(key->owner = sp_strdup (fact->user_ids.items[0], err)))
        return SIGPOLICY_E_NO_MEMORY;
    }
  return rc;
}

static int
read_pem (struct sp_view file, struct sp_view path, struct sp_explained_keys *keys,
          sigpolicy_error **err)
{
  cleanup_public_key struct sp_public_key *public_key = NULL;
  struct sp_explained_key *key = NULL;

  int rc = sp_public_key_from_pem (file, &public_key, err);
  return rc < 0 ? rc : add (keys, path, sp_public_key_fingerprint (public_key), &key, err);
}

/* A fault of a file, in words. */
static int
note_problem (struct sp_explained_keys *keys, struct sp_view path, const sigpolicy_error *fault,
              sigpolicy_error **err)
{
  const char *message = sigpolicy_error_message (fault);
  cleanup_free char *shown = path.data ? sp_escape_dup (path, err) : sp_strdup ("keyData", err);

  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  /* What cannot be opened says so itself. */
  return sp_strv_take (&keys->problems,
                       strstr (message, shown) ? sp_strdup (message, err)
                                               : sp_asprintf (err, "%s: %s", shown, message),
                       err);
}

int
sp_explain_keys (const struct sp_key_sources *sources, enum sp_key_use use,
                 struct sp_explained_keys *ret, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < sources->len; i++)
    {
      const struct sp_key_source *source = &sources->items[i];
      const struct sp_key_sources one = { .items = &sources->items[i], .len = 1 };
      struct sp_view path = sp_view_n (source->path, source->path ? source->path_len : 0);
      cleanup_key_files struct sp_key_files files = { 0 };
      cleanup_error sigpolicy_error *fault = NULL;

      rc = sp_key_files_read (&one, &files, &fault);
      if (rc == 0 && use == SP_KEY_USE_OPENPGP)
        rc = read_openpgp (files.views[0], path, ret, &fault);
      else if (rc == 0 && use == SP_KEY_USE_SIGSTORE)
        rc = read_pem (files.views[0], path, ret, &fault);
      /* A file that is not there, or holds no keys, is so for every verification; what keeps us
       * from reading it may not be. */
      int errnum = rc < 0 ? sp_error_errnum (fault) : 0;
      if (rc < 0 && (rc != SIGPOLICY_E_KEY || (errnum && errnum != ENOENT)))
        {
          *err = steal (&fault);
          return rc;
        }
      if (rc < 0)
        rc = note_problem (ret, path, fault, err);
    }
  return rc;
}
