/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/credentials.h"

#include <pthread.h>

/*
 * Credentials that are given by hand are for one registry, that of the first image which is asked
 * for: a list of images from somewhere must not collect them for its own servers. All who share the
 * credentials share the answer.
 */
struct sp_creds_owner
{
  pthread_mutex_t mutex;
  unsigned refs;
  char *host;
};

int
sp_creds_owner_new (struct sp_creds_owner **ret, sigpolicy_error **err)
{
  struct sp_creds_owner *owner = sp_calloc (1, sizeof *owner, err);
  if (!owner)
    return SIGPOLICY_E_NO_MEMORY;
  owner->mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
  owner->refs = 1;
  *ret = owner;
  return 0;
}

struct sp_creds_owner *
sp_creds_owner_ref (struct sp_creds_owner *owner)
{
  if (owner)
    (void)__atomic_add_fetch (&owner->refs, 1, __ATOMIC_RELAXED);
  return owner;
}

void
sp_creds_owner_free (struct sp_creds_owner *owner)
{
  if (!owner || __atomic_sub_fetch (&owner->refs, 1, __ATOMIC_ACQ_REL) > 0)
    return;
  free (owner->host);
  free (owner);
}

int
sp_creds_owner_claim (struct sp_creds_owner *owner, const char *host, sigpolicy_error **err)
{
  int rc = 0;

  (void)pthread_mutex_lock (&owner->mutex);
  if (!owner->host)
    {
      owner->host = sp_strdup (host, err);
      rc = owner->host ? 0 : SIGPOLICY_E_NO_MEMORY;
    }
  else if (strcmp (owner->host, host) != 0)
    {
      (void)sp_error_set (
          err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
          "the given credentials are for %s, the registry of the first image, not for %s",
          owner->host, host);
      rc = sp_error_hint (err, "verify the images of each registry in a command of its own, or put "
                               "the credentials for all registries in a file (--authfile)");
    }
  (void)pthread_mutex_unlock (&owner->mutex);
  return rc;
}
