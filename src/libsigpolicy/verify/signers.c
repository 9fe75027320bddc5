/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/signers.h"

#include "crypto/public_key.h"
#include "openpgp/key_facts.h"

#include <pthread.h>
#include <stdatomic.h>

/* --- what a key file says of a key --------------------------------------------------------------
 */

void
sp_signer_list_clear (struct sp_signer_list *list)
{
  for (size_t i = 0; i < list->len; i++)
    {
      free (list->items[i].fingerprint);
      free (list->items[i].owner);
      sp_strv_clear (&list->items[i].subkeys);
    }
  free (list->items);
  *list = (struct sp_signer_list){ 0 };
}

/* One more key, unless another file has it too; *ret is NULL then. */
static int
add (struct sp_signer_list *list, struct sp_view path, const char *fingerprint,
     struct sp_signer **ret, sigpolicy_error **err)
{
  *ret = NULL;
  for (size_t i = 0; i < list->len; i++)
    if (strcmp (list->items[i].fingerprint, fingerprint) == 0)
      return 0;
  if (sp_grow (&list->items, &list->capacity, list->len, sizeof *list->items, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  struct sp_signer *signer = &list->items[list->len];
  *signer = (struct sp_signer){ .path = path };
  signer->fingerprint = sp_strdup (fingerprint, err);
  if (!signer->fingerprint)
    return SIGPOLICY_E_NO_MEMORY;
  list->len++;
  *ret = signer;
  return 0;
}

int
sp_signer_list_add_openpgp (struct sp_signer_list *list, struct sp_view file, struct sp_view path,
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
      struct sp_signer *signer = NULL;
      rc = add (list, path, fact->key.fingerprint, &signer, err);
      if (rc < 0 || !signer)
        continue;
      signer->expires = fact->key.expires;
      signer->revoked = fact->key.revoked;
      if (fact->user_ids.len && !(signer->owner = sp_strdup (fact->user_ids.items[0], err)))
        return SIGPOLICY_E_NO_MEMORY;
      for (size_t j = 0; rc == 0 && j < fact->n_subkeys; j++)
        rc = sp_strv_add (&signer->subkeys, sp_view_str (fact->subkeys[j].fingerprint), err);
    }
  return rc;
}

int
sp_signer_list_add_pem (struct sp_signer_list *list, struct sp_view file, struct sp_view path,
                        sigpolicy_error **err)
{
  cleanup_public_key struct sp_public_key *key = NULL;
  struct sp_signer *signer = NULL;

  int rc = sp_public_key_from_pem (file, &key, err);
  return rc < 0 ? rc : add (list, path, sp_public_key_fingerprint (key), &signer, err);
}

static bool
is_key (const struct sp_signer *signer, const char *fingerprint)
{
  bool is = strcmp (signer->fingerprint, fingerprint) == 0;
  for (size_t i = 0; !is && i < signer->subkeys.len; i++)
    is = strcmp (signer->subkeys.items[i], fingerprint) == 0;
  return is;
}

/* The key of that fingerprint, or whose subkey has it; NULL: there is none. */
static const struct sp_signer *
find_signer (const struct sp_signer_list *list, const char *fingerprint)
{
  for (size_t i = 0; i < list->len; i++)
    if (is_key (&list->items[i], fingerprint))
      return &list->items[i];
  return NULL;
}

/* --- of the keys of a requirement ---------------------------------------------------------------
 */

struct source
{
  char *path; /* NULL: the policy itself */
  char *bytes;
  size_t size;
};

struct sp_signers
{
  atomic_size_t owners;
  bool openpgp;
  struct source *sources;
  size_t n_sources;
  pthread_mutex_t lock; /* held while they are parsed; from then on nothing changes */
  bool is_parsed;
  struct sp_signer_list list;
};

SP_DEFINE_CLEANUP (struct sp_signers *, sp_signers_free);

int
sp_signers_new (bool openpgp, const struct sp_view *keys, const char *const *paths, size_t n_keys,
                struct sp_signers **ret, sigpolicy_error **err)
{
  SP_CLEANUP (sp_signers_free_p) struct sp_signers *signers = sp_calloc (1, sizeof *signers, err);

  if (!signers)
    return SIGPOLICY_E_NO_MEMORY;
  signers->owners = 1;
  signers->openpgp = openpgp;
  (void)pthread_mutex_init (&signers->lock, NULL);
  signers->sources = sp_calloc (n_keys, sizeof *signers->sources, err);
  if (!signers->sources)
    return SIGPOLICY_E_NO_MEMORY;
  for (; signers->n_sources < n_keys; signers->n_sources++)
    {
      size_t i = signers->n_sources;
      const char *path = paths ? paths[i] : NULL;
      cleanup_free char *own = path ? sp_strdup (path, err) : NULL;
      cleanup_free char *bytes = !*err ? sp_view_dup (keys[i], err) : NULL;
      if (!bytes)
        return SIGPOLICY_E_NO_MEMORY;
      signers->sources[i] = (struct source){ steal (&own), steal (&bytes), keys[i].len };
    }
  *ret = steal (&signers);
  return 0;
}

struct sp_signers *
sp_signers_ref (struct sp_signers *signers)
{
  if (signers)
    signers->owners++;
  return signers;
}

void
sp_signers_free (struct sp_signers *signers)
{
  if (!signers || --signers->owners)
    return;
  for (size_t i = 0; i < signers->n_sources; i++)
    {
      free (signers->sources[i].path);
      free (signers->sources[i].bytes);
    }
  free (signers->sources);
  sp_signer_list_clear (&signers->list);
  (void)pthread_mutex_destroy (&signers->lock);
  free (signers);
}

bool
sp_signers_are_of (const struct sp_signers *signers, const char *const *paths)
{
  for (size_t i = 0; i < signers->n_sources; i++)
    {
      const char *one = signers->sources[i].path, *other = paths ? paths[i] : NULL;
      if (!one != !other || (one && strcmp (one, other) != 0))
        return false;
    }
  return true;
}

/* A source in which nothing can be found names nobody. */
static int
parse (const struct sp_signers *signers, struct sp_signer_list *list, sigpolicy_error **err)
{
  for (size_t i = 0; i < signers->n_sources; i++)
    {
      const struct source *source = &signers->sources[i];
      cleanup_error sigpolicy_error *fault = NULL;
      struct sp_view path = source->path ? sp_view_str (source->path) : sp_view_n (NULL, 0);
      struct sp_view bytes = sp_view_n (source->bytes, source->size);
      int rc = signers->openpgp ? sp_signer_list_add_openpgp (list, bytes, path, &fault)
                                : sp_signer_list_add_pem (list, bytes, path, &fault);
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
    }
  return 0;
}

int
sp_signers_find (struct sp_signers *signers, const char *fingerprint, const struct sp_signer **ret,
                 sigpolicy_error **err)
{
  int rc = 0;

  (void)pthread_mutex_lock (&signers->lock);
  if (!signers->is_parsed)
    {
      rc = parse (signers, &signers->list, err);
      signers->is_parsed = rc == 0;
      if (rc < 0)
        sp_signer_list_clear (&signers->list);
    }
  (void)pthread_mutex_unlock (&signers->lock);
  if (rc == 0)
    *ret = find_signer (&signers->list, fingerprint);
  return rc;
}
