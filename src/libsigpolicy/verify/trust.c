/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/trust.h"

#include "util/alloc.h"
#include "util/limits.h"

struct entry
{
  struct entry *next;
  struct sp_buf material; /* what it was made from */
  struct sp_trust trust;
  sigpolicy_error *refusal; /* instead */
};

struct sp_trust_cache
{
  struct sp_openpgp *openpgp;
  struct entry *entries;
};

static void
keys_free (struct sp_public_key **keys, size_t n_keys)
{
  for (size_t i = 0; i < n_keys; i++)
    sp_public_key_free (keys[i]);
  free (keys);
}

static void
entry_free (struct entry *entry)
{
  sp_buf_clear (&entry->material);
  keys_free (entry->trust.keys, entry->trust.n_keys);
  keys_free (entry->trust.rekor_keys, entry->trust.n_rekor_keys);
  sp_certificate_pool_free (entry->trust.roots);
  sp_certificates_clear (&entry->trust.intermediates);
  sp_signers_free (entry->trust.signers);
  sigpolicy_error_free (entry->refusal);
  free (entry);
}

SP_DEFINE_CLEANUP (struct entry *, entry_free);

int
sp_trust_cache_new (struct sp_trust_cache **ret, sigpolicy_error **err)
{
  cleanup_trust_cache struct sp_trust_cache *cache = sp_calloc (1, sizeof *cache, err);
  if (!cache || sp_openpgp_new (&cache->openpgp, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  *ret = steal (&cache);
  return 0;
}

struct sp_openpgp *
sp_trust_cache_openpgp (struct sp_trust_cache *cache)
{
  return cache->openpgp;
}

void
sp_trust_cache_free (struct sp_trust_cache *cache)
{
  if (!cache)
    return;
  while (cache->entries)
    {
      struct entry *entry = cache->entries;
      cache->entries = entry->next;
      entry_free (entry);
    }
  sp_openpgp_free (cache->openpgp);
  free (cache);
}

/* Unambiguous: each part with its length in front. */
static void
describe_part (struct sp_buf *out, char kind, struct sp_view part)
{
  sp_buf_printf (out, "%c%zu:", kind, part.len);
  sp_buf_add (out, part);
}

static int
describe (const struct sp_trust_material *material, struct sp_buf *out, sigpolicy_error **err)
{
  sp_buf_printf (out, "%d", (int)material->kind);
  for (size_t i = 0; i < material->n_keys; i++)
    {
      describe_part (out, 'k', material->keys[i]);
      if (material->paths && material->paths[i])
        describe_part (out, 'p', sp_view_str (material->paths[i]));
    }
  for (size_t i = 0; i < material->n_rekor_keys; i++)
    describe_part (out, 'l', material->rekor_keys[i]);
  describe_part (out, 'r', material->roots);
  describe_part (out, 'i', material->intermediates);
  return sp_buf_check (out, err);
}

static int
parse_keys (const struct sp_view *texts, size_t n_texts, const char *what,
            struct sp_public_key ***ret, size_t *ret_n, sigpolicy_error **err)
{
  *ret = sp_calloc (n_texts, sizeof **ret, err);
  if (!*ret)
    return SIGPOLICY_E_NO_MEMORY;
  for (; *ret_n < n_texts; (*ret_n)++)
    if (sp_public_key_from_pem (texts[*ret_n], &(*ret)[*ret_n], err) < 0)
      return sp_error_prefix (err, "parsing %s %zu", what, *ret_n + 1);
  return 0;
}

static int
parse_rekor_keys (const struct sp_trust_material *material, struct sp_trust *trust,
                  sigpolicy_error **err)
{
  int rc = parse_keys (material->rekor_keys, material->n_rekor_keys, "Rekor public key",
                       &trust->rekor_keys, &trust->n_rekor_keys, err);
  for (size_t i = 0; rc == 0 && i < trust->n_rekor_keys; i++)
    if (sp_public_key_kind (trust->rekor_keys[i]) != SP_KEY_ECDSA)
      rc = sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                         "Rekor public key %zu is not using ECDSA", i + 1);
  return rc;
}

/* Certificates for the middle of a path; unlike roots, each must be one. */
static int
parse_intermediates (struct sp_view text, struct sp_certificates *ret, sigpolicy_error **err)
{
  if (sp_certificates_parse (text, SP_KEYS_MAX, ret, err) == 0)
    return 0;
  (void)sp_error_class (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE);
  return sp_error_prefix (err, "loading trusted intermediate certificates");
}

static int
parse (const struct sp_trust_material *material, struct sp_trust *trust, sigpolicy_error **err)
{
  int rc = parse_keys (material->keys, material->n_keys, "public key", &trust->keys, &trust->n_keys,
                       err);
  if (rc == 0 && material->kind == SP_TRUST_FULCIO)
    rc = sp_certificate_pool_new (material->roots, "error loading Fulcio CA certificates",
                                  &trust->roots, err);
  if (rc == 0)
    rc = parse_rekor_keys (material, trust, err);
  if (rc == 0 && material->kind == SP_TRUST_PKI)
    {
      rc = sp_certificate_pool_new (material->roots, "error loading PKI CA Roots certificates",
                                    &trust->roots, err);
      if (rc == 0)
        rc = parse_intermediates (material->intermediates, &trust->intermediates, err);
    }
  if (rc == 0 && material->n_keys)
    rc = sp_signers_new (false, material->keys, material->paths, material->n_keys, &trust->signers,
                         err);
  return rc;
}

/* A keyring with the names of the files that it is of this time. */
static struct entry *
add_entry (struct sp_trust_cache *cache, const struct sp_trust_material *material,
           struct sp_keyring *keyring, sigpolicy_error **err)
{
  SP_CLEANUP (entry_free_p) struct entry *entry = sp_calloc (1, sizeof *entry, err);
  if (!entry)
    return NULL;
  entry->material = (struct sp_buf)SP_BUF (0);
  entry->trust.keyring = keyring;
  if (sp_signers_new (true, material->keys, material->paths, material->n_keys,
                      &entry->trust.signers, err)
      < 0)
    return NULL;
  entry->next = cache->entries;
  return cache->entries = steal (&entry);
}

/* Keyrings have a cache of their own; a value for each is all that is needed. */
static int
get_keyring (struct sp_trust_cache *cache, const struct sp_trust_material *material,
             const struct sp_trust **ret, sigpolicy_error **err)
{
  cleanup_free struct sp_key_material *sources = sp_calloc (material->n_keys, sizeof *sources, err);
  struct sp_keyring *keyring = NULL;
  struct entry *entry = cache->entries;

  if (!sources)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; i < material->n_keys; i++)
    {
      const char *path = material->paths ? material->paths[i] : NULL;
      sources[i] = (struct sp_key_material){ path ? path : "keyData", material->keys[i] };
    }
  int rc = sp_openpgp_keyring (cache->openpgp, sources, material->n_keys, &keyring, err);
  if (rc < 0)
    return rc;
  if (sp_keyring_is_empty (keyring))
    return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                         "No public keys imported");
  while (entry
         && (entry->trust.keyring != keyring
             || !sp_signers_are_of (entry->trust.signers, material->paths)))
    entry = entry->next;
  if (!entry && !(entry = add_entry (cache, material, keyring, err)))
    return SIGPOLICY_E_NO_MEMORY;
  *ret = &entry->trust;
  return 0;
}

int
sp_trust_get (struct sp_trust_cache *cache, const struct sp_trust_material *material,
              const struct sp_trust **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text
      = SP_BUF (2 * (SP_POLICY_KEY_SOURCES_MAX + 1) * (SP_KEY_BYTES_MAX + 32));
  struct entry *entry = cache->entries;

  if (material->kind == SP_TRUST_OPENPGP)
    return get_keyring (cache, material, ret, err);
  int rc = describe (material, &text, err);
  if (rc < 0)
    return rc;
  while (entry
         && (entry->trust.keyring
             || !sp_view_equal (sp_buf_view (&entry->material), sp_buf_view (&text))))
    entry = entry->next;
  if (!entry)
    {
      SP_CLEANUP (entry_free_p) struct entry *new = sp_calloc (1, sizeof *new, err);
      if (!new)
        return SIGPOLICY_E_NO_MEMORY;
      new->material = text;
      text = (struct sp_buf)SP_BUF (0);
      /* The same bytes are refused again; what fails for another reason may not be. */
      if (parse (material, &new->trust, &new->refusal) < 0
          && sigpolicy_error_code (new->refusal) != SIGPOLICY_E_KEY)
        {
          *err = steal (&new->refusal);
          return sigpolicy_error_code (*err);
        }
      new->next = cache->entries;
      cache->entries = entry = steal (&new);
    }
  if (entry->refusal)
    return sp_error_copy (entry->refusal, err);
  *ret = &entry->trust;
  return 0;
}
