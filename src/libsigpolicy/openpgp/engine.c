/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"

int
sp_openpgp_init (bool light, sigpolicy_error **err)
{
  /* Without gpgconf, GPGME does not ask it three times where everything is: we say where gpg is. */
  if (light)
    (void)gpgme_set_global_flag ("disable-gpgconf", "1");
  if (!gpgme_check_version ("1.18.0"))
    return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_ENGINE_MISSING,
                         "the GPGME library is too old: 1.18 is needed");
  return 0;
}

int
sp_openpgp_failed (sigpolicy_error **err, gpgme_error_t error, const char *doing)
{
  char words[128];

  if (gpgme_err_code (error) == GPG_ERR_ENOMEM)
    return sp_error_no_memory (err);
  (void)gpgme_strerror_r (error, words, sizeof words);
  return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_ENGINE_MISSING,
                       "gpg failed while %s: %s", doing, words);
}

int
sp_openpgp_new (sp_time now, bool faked, struct sp_openpgp **ret, sigpolicy_error **err)
{
  struct sp_openpgp *engine = sp_calloc (1, sizeof *engine, err);
  if (!engine)
    return SIGPOLICY_E_NO_MEMORY;
  engine->now = now;
  engine->faked = faked;
  *ret = engine;
  return 0;
}

void
sp_openpgp_free (struct sp_openpgp *engine)
{
  if (!engine)
    return;
  while (engine->keyrings)
    {
      struct sp_keyring *keyring = engine->keyrings;
      engine->keyrings = keyring->next;
      sp_keyring_free (keyring);
    }
  sp_keyring_free (engine->user);
  free (engine);
}
