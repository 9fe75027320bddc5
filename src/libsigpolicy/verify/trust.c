/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/trust.h"

#include "util/alloc.h"
#include "util/limits.h"

struct entry
{
  struct entry *next;
  struct sp_buf material; /* what it was made from */
  struct sp_trust trust;
};

struct sp_trust_cache
{
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
  free (entry);
}

SP_DEFINE_CLEANUP (struct entry *, entry_free);

int
sp_trust_cache_new (struct sp_trust_cache **ret, sigpolicy_error **err)
{
  *ret = sp_calloc (1, sizeof **ret, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
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
    describe_part (out, 'k', material->keys[i]);
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
  return rc;
}

int
sp_trust_get (struct sp_trust_cache *cache, const struct sp_trust_material *material,
              const struct sp_trust **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text
      = SP_BUF (2 * (SP_POLICY_KEY_SOURCES_MAX + 1) * (SP_KEY_BYTES_MAX + 32));

  int rc = describe (material, &text, err);
  if (rc < 0)
    return rc;
  for (struct entry *known = cache->entries; known; known = known->next)
    if (sp_view_equal (sp_buf_view (&known->material), sp_buf_view (&text)))
      {
        *ret = &known->trust;
        return 0;
      }
  SP_CLEANUP (entry_free_p) struct entry *entry = sp_calloc (1, sizeof *entry, err);
  if (!entry)
    return SIGPOLICY_E_NO_MEMORY;
  entry->material = text;
  text = (struct sp_buf)SP_BUF (0);
  rc = parse (material, &entry->trust, err);
  if (rc < 0)
    return rc;
  entry->next = cache->entries;
  cache->entries = entry;
  *ret = &entry->trust;
  entry = NULL;
  return 0;
}
