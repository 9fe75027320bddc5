/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"

#include <pthread.h>

static bool own_process; /* written before threads start */

/*
 * The first that GPGME does is to look for a gpg in PATH and to ask it for its version, whatever
 * program it is told to use later. While it does, PATH has our wrapper alone, which answers at
 * once. putenv() exchanges one pointer, so that another thread that reads the environment finds one
 * value or the other.
 */
static void
lead_to_wrapper (void)
{
  static const char name[] = "PATH=";
  static const char program[] = "/gpg";
  char *path = getenv ("PATH");
  size_t length = strlen (sp_openpgp_wrapper), tail = sizeof program - 1;
  gpgme_engine_info_t info;

  if (!own_process || !path || length <= tail
      || strcmp (sp_openpgp_wrapper + length - tail, program) != 0)
    return;
  cleanup_error sigpolicy_error *ignored = NULL;
  cleanup_free char *ours
      = sp_asprintf (&ignored, "%s%.*s", name, (int)(length - tail), sp_openpgp_wrapper);
  if (!ours || putenv (ours) != 0)
    return;
  (void)gpgme_get_engine_info (&info);
  (void)putenv (path - strlen (name));
}

void
sp_openpgp_lead_to_wrapper (void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  (void)pthread_once (&once, lead_to_wrapper);
}

int
sp_openpgp_init (bool light, sigpolicy_error **err)
{
  own_process = own_process || light;
  /* Without gpgconf, GPGME does not ask it three times where everything is: we say where gpg is. */
  if (light)
    (void)gpgme_set_global_flag ("disable-gpgconf", "1");
  if (!gpgme_check_version ("1.18.0"))
    return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_ENGINE_MISSING,
                         "the GPGME library is too old: 1.18 is needed");
  return light ? sp_home_own_process (err) : 0;
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
