/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"

#include "util/module.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#define GPGME_VERSION_MIN "1.18.0"

static bool own_process; /* written before threads start */

const struct sp_openpgp_module *sp_gpgme;
static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;
static struct sp_module module = {
  .path = sp_openpgp_module_path,
  .symbol = SP_OPENPGP_MODULE_SYMBOL,
  .what = "OpenPGP",
  .version = SP_OPENPGP_MODULE_VERSION,
  .lock = PTHREAD_MUTEX_INITIALIZER,
};

/* GPGME refuses to work before it was asked for its version. */
static int
prepare (const struct sp_openpgp_module *gpgme, sigpolicy_error **err)
{
  /* Without gpgconf, GPGME does not ask it three times where everything is: we say where gpg is. */
  if (own_process)
    (void)gpgme->set_global_flag ("disable-gpgconf", "1");
  return gpgme->check_version (GPGME_VERSION_MIN)
             ? 0
             : sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_ENGINE_MISSING,
                             "the GPGME library is too old: 1.18 is needed");
}

int
sp_openpgp_load (sigpolicy_error **err)
{
  const void *table = sp_openpgp_linked;
  int rc = 0;

  (void)pthread_mutex_lock (&loading);
  if (!sp_gpgme)
    {
      rc = table ? 0 : sp_module_load (&module, &table, err);
      if (rc == 0)
        rc = prepare (table, err);
      if (rc == 0)
        sp_gpgme = table;
    }
  (void)pthread_mutex_unlock (&loading);
  return rc;
}

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
  char *path = secure_getenv ("PATH");
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
  (void)sp_gpgme->get_engine_info (&info);
  (void)putenv (path - strlen (name));
}

int
sp_openpgp_lead_to_wrapper (sigpolicy_error **err)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  int rc = sp_openpgp_load (err);
  if (rc == 0)
    (void)pthread_once (&once, lead_to_wrapper);
  return rc;
}

int
sp_openpgp_init (bool light, sigpolicy_error **err)
{
  own_process = own_process || light;
  return light ? sp_home_own_process (err) : sp_openpgp_load (err);
}

#define NEEDED 8

bool
sp_openpgp_lacks_descriptors (void)
{
  int taken[NEEDED], number = 0;
  size_t n = 0;

  while (!number && n < NEEDED)
    {
      taken[n] = open ("/dev/null", O_RDONLY | O_CLOEXEC);
      number = taken[n] < 0 ? errno : 0;
      n += taken[n] >= 0;
    }
  while (n > 0)
    (void)close (taken[--n]);
  return number == EMFILE || number == ENFILE;
}

int
sp_openpgp_failed (sigpolicy_error **err, gpgme_error_t error, const char *doing)
{
  char words[128];

  if (gpgme_err_code (error) == GPG_ERR_ENOMEM)
    return sp_error_no_memory (err);
  /* For want of a descriptor, gpg was not asked. */
  int number = sp_gpgme->err_code_to_errno (gpgme_err_code (error));
  if (number == EMFILE || number == ENFILE)
    return sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, number,
                           "gpg was not started while %s", doing);
  (void)sp_gpgme->strerror_r (error, words, sizeof words);
  return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_ENGINE_MISSING,
                       "gpg failed while %s: %s", doing, words);
}

int
sp_openpgp_new (struct sp_openpgp **ret, sigpolicy_error **err)
{
  const char *choice = secure_getenv ("SIGPOLICY_OPENPGP");

  *ret = sp_calloc (1, sizeof **ret, err);
  if (!*ret)
    return SIGPOLICY_E_NO_MEMORY;
  (*ret)->must_use_gpg = (*ret)->gpg_alone = choice && *choice;
  return 0;
}

void
sp_openpgp_use_gpg_alone (struct sp_openpgp *engine, bool on)
{
  engine->gpg_alone = on || engine->must_use_gpg;
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
