/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_SIGNATURE_DIGEST_H
#define SP_CRYPTO_SIGNATURE_DIGEST_H

#include "crypto/hash.h"
#include "crypto/public_key.h"

/*
 * Signatures as Sigstore bundles have them: over the digest that goes with the key, and Ed25519ph
 * where only a digest is known. ECDSA signatures are DER.
 */

/* What Sigstore calls the key ("PKIX_ECDSA_P256_SHA_256"), and the digest that goes with it; NULL
 * for a key that signs no bundles: P-224, RSA of other sizes than 2048, 3072 and 4096. */
const char *sp_public_key_details (const struct sp_public_key *key, enum sp_hash *ret_hash);

/* Does the signature hold for a message of that digest? With Ed25519: Ed25519ph, over SHA-512. */
bool sp_public_key_verify_digest (const struct sp_public_key *key, enum sp_hash hash,
                                  struct sp_view digest, struct sp_view signature);

/* The same for pure Ed25519 and the message itself; false for other keys. */
bool sp_public_key_verify_pure (const struct sp_public_key *key, struct sp_view message,
                                struct sp_view signature);

#endif
