/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_TRUST_H
#define SP_VERIFY_TRUST_H

#include "crypto/chain.h"
#include "crypto/public_key.h"
#include "openpgp/openpgp.h"
#include "verify/signers.h"

/*
 * What a requirement trusts, parsed: the keys of a signedBy one; keys, the keys of logs and
 * certificates of a sigstoreSigned one. It is made once for the same bytes and kept for as long as
 * the cache, to which it belongs. It depends on no time.
 */
struct sp_trust
{
  struct sp_keyring *keyring; /* of signedBy; else NULL */
  /* Whose signatures count, by the fingerprint of a key or of its primary key: NULL, all of the
   * keyring's; else this list, which a NULL ends. */
  const char *const *fingerprints;
  struct sp_public_key **keys;
  size_t n_keys;
  struct sp_public_key **rekor_keys;
  size_t n_rekor_keys;
  struct sp_certificate_pool *roots; /* of Fulcio, or of a private PKI; else NULL */
  struct sp_certificates intermediates;
  struct sp_signers *signers; /* whose keys they are; NULL without keys */
};

/* The contents of a requirement's key sources as they are now, in the order of the requirement. */
struct sp_trust_material
{
  enum
  {
    SP_TRUST_OPENPGP,
    SP_TRUST_KEYS,
    SP_TRUST_FULCIO,
    SP_TRUST_PKI,
  } kind;
  const char *const *paths; /* of the keys' files; NULL for one that is in the policy itself */
  const struct sp_view *keys, *rekor_keys;
  size_t n_keys, n_rekor_keys;
  struct sp_view roots, intermediates; /* certificates in PEM */
};

struct sp_trust_cache;
int sp_trust_cache_new (struct sp_trust_cache **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_trust_cache_free (struct sp_trust_cache *cache);

SP_DEFINE_CLEANUP (struct sp_trust_cache *, sp_trust_cache_free);
#define cleanup_trust_cache SP_CLEANUP (sp_trust_cache_free_p)

/* The engine of its keyrings, borrowed. */
struct sp_openpgp *sp_trust_cache_openpgp (struct sp_trust_cache *cache);

/*
 * Parse the material, unless that was done before; a refusal is kept, too. Keys first, then
 * certificate authorities, then the keys of logs, the roots and the intermediates; the first fault
 * is the one reported, with the established text. Failure: KEY/key-unusable, or KEY/limit for too
 * many; of OpenPGP keys as sp_openpgp_keyring(), and where there is none.
 */
int sp_trust_get (struct sp_trust_cache *cache, const struct sp_trust_material *material,
                  const struct sp_trust **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
