/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "openpgp/openpgp_int.h"
#include "openpgp/plain.h"
#include "util/limits.h"

#include <stdint.h>

#define NOW 1780272000 /* 2026-06-01 */

/* gpg must say the same. */
static void
ask_gpg (const struct sp_key_material *keys, struct sp_view message,
         const struct sp_openpgp_signature *plain)
{
  SP_CLEANUP (sp_openpgp_signature_clear) struct sp_openpgp_signature signature = { 0 };
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_openpgp struct sp_openpgp *engine = NULL;
  cleanup_free char *signer = NULL;
  struct sp_keyring *keyring = NULL;

  if (sp_openpgp_init (true, &err) < 0 || sp_openpgp_new (&engine, &err) < 0)
    __builtin_trap ();
  sp_openpgp_use_gpg_alone (engine, true);
  if (sp_openpgp_keyring (engine, keys, 1, &keyring, &err) < 0
      || sp_keyring_verify (keyring, message, NOW, &signature, &signer, &err) < 0
      || strcmp (signature.fingerprint, plain->fingerprint) != 0
      || strcmp (signature.primary, plain->primary) != 0 || signature.weak != plain->weak
      || !sp_view_equal (sp_buf_view (&signature.content.bytes),
                         sp_buf_view (&plain->content.bytes)))
    __builtin_trap ();
}

/* The length of the keys in two bytes, the keys and a message: what is accepted without gpg, gpg
 * accepts. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SP_CLEANUP (sp_openpgp_signature_clear) struct sp_openpgp_signature signature = { 0 };
  struct sp_view all = sp_view_n ((const char *)data, size);

  if (size < 2)
    return 0;
  size_t length = (size_t)data[0] << 8 | data[1];
  struct sp_key_material keys = { "keys", sp_view_head (sp_view_from (all, 2), length) };
  struct sp_view message = sp_view_from (all, 2 + length);
  SP_CLEANUP (sp_plain_keys_free_p) struct sp_plain_keys *plain = sp_plain_keys_new (&keys, 1);
  if (plain && sp_plain_verify (plain, message, NOW, &signature))
    ask_gpg (&keys, message, &signature);
  else if (signature.fingerprint || signature.content.bytes.len)
    __builtin_trap ();
  return 0;
}
