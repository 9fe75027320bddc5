/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/host.h"

#include "util/fs.h"

#include <time.h>

/* The user's home; none is an ordinary answer, and then there is no user configuration. */
static int
find_home (char **ret, sigpolicy_error **err)
{
  *ret = sp_fs_home (err);
  return *ret || !*err ? 0 : sigpolicy_error_code (*err);
}

int
sp_host_policy (struct sp_host *host, struct sp_policy **ret, sigpolicy_error **err)
{
  cleanup_free char *home = NULL, *path = NULL;
  int rc = 0;

  if (!host->policy && host->insecure_policy)
    rc = sp_policy_insecure (&host->policy, err);
  else if (!host->policy)
    {
      rc = find_home (&home, err);
      if (rc < 0)
        return rc;
      path = sp_policy_choose (host->policy_path, home, err);
      if (!path)
        return sigpolicy_error_code (*err);
      rc = sp_policy_load (path, &host->policy, err);
    }
  if (rc < 0)
    return rc;
  *ret = host->policy;
  return 0;
}

int
sp_host_newer_policy (struct sp_host *host, char **ret, sigpolicy_error **err)
{
  cleanup_free char *home = NULL;

  *ret = NULL;
  if (host->policy_path || !host->policy || !sp_policy_path (host->policy))
    return 0;
  int rc = find_home (&home, err);
  if (rc < 0)
    return rc;
  *ret = sp_policy_newer_choice (sp_policy_path (host->policy), home, err);
  return *ret || !*err ? 0 : sigpolicy_error_code (*err);
}

void
sp_host_set_policy (struct sp_host *host, struct sp_policy *policy)
{
  struct sp_policy *old = host->policy;
  host->policy = sp_policy_ref (policy);
  sp_policy_free (old);
}

int
sp_host_registries_d (struct sp_host *host, const struct sp_registries_d **ret,
                      sigpolicy_error **err)
{
  cleanup_free char *home = NULL, *directory = NULL;
  int rc = 0;

  if (!host->registries_d)
    {
      rc = find_home (&home, err);
      if (rc < 0)
        return rc;
      directory = sp_registries_d_choose (host->registries_d_dir, home, err);
      if (!directory)
        return sigpolicy_error_code (*err);
      rc = sp_registries_d_load (directory, &host->registries_d, err);
    }
  if (rc < 0)
    return rc;
  *ret = host->registries_d;
  return 0;
}

int
sp_host_openpgp (struct sp_host *host, struct sp_openpgp **ret, sigpolicy_error **err)
{
  int rc = 0;
  if (!host->openpgp)
    rc = sp_openpgp_new (sp_host_now (host), host->has_clock, &host->openpgp, err);
  if (rc < 0)
    return rc;
  *ret = host->openpgp;
  return 0;
}

int
sp_host_trust (struct sp_host *host, struct sp_trust_cache **ret, sigpolicy_error **err)
{
  int rc = host->trust ? 0 : sp_trust_cache_new (&host->trust, err);
  if (rc < 0)
    return rc;
  *ret = host->trust;
  return 0;
}

int
sp_host_lookaside (struct sp_host *host, const struct sp_reference *reference,
                   struct sp_lookaside **ret, struct sp_registries_d_answer *ret_answer,
                   sigpolicy_error **err)
{
  const struct sp_registries_d *configuration = NULL;
  cleanup_free char *home = NULL;

  int rc = sp_host_registries_d (host, &configuration, err);
  if (rc == 0)
    rc = find_home (&home, err);
  if (rc < 0)
    return rc;
  return sp_lookaside_find (configuration, reference, SP_LOOKASIDE_READ, sp_lookaside_euid (), home,
                            ret, ret_answer, err);
}

/* Loads what is shared; only memory is worth a failure here. */
static int
load_shared (struct sp_host *host, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *ignored = NULL;
  struct sp_policy *policy = NULL;
  const struct sp_registries_d *registries_d = NULL;

  int rc = sp_host_policy (host, &policy, &ignored);
  if (rc != SIGPOLICY_E_NO_MEMORY)
    {
      sp_error_clear (&ignored);
      rc = sp_host_registries_d (host, &registries_d, &ignored);
    }
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

int
sp_host_share (struct sp_host *from, struct sp_host *to, sigpolicy_error **err)
{
  const struct
  {
    const char *text;
    char **copy;
  } texts[] = {
    { from->policy_path, &to->policy_path },   { from->registries_d_dir, &to->registries_d_dir },
    { from->architecture, &to->architecture }, { from->os, &to->os },
    { from->variant, &to->variant },
  };

  int rc = load_shared (from, err);
  for (size_t i = 0; rc == 0 && i < sizeof texts / sizeof *texts; i++)
    if (texts[i].text && !(*texts[i].copy = sp_strdup (texts[i].text, err)))
      rc = SIGPOLICY_E_NO_MEMORY;
  if (rc < 0)
    return rc;
  to->insecure_policy = from->insecure_policy;
  to->require_signed = from->require_signed;
  to->offline = from->offline;
  to->has_clock = from->has_clock;
  to->clock = from->clock;
  to->policy = sp_policy_ref (from->policy);
  to->registries_d = sp_registries_d_ref (from->registries_d);
  return 0;
}

sp_time
sp_host_now (const struct sp_host *host)
{
  return host->has_clock ? host->clock : (sp_time)time (NULL);
}

struct sp_platform
sp_host_platform (const struct sp_host *host)
{
  return (struct sp_platform){ host->architecture, host->os, host->variant };
}

void
sp_host_clear (struct sp_host *host)
{
  free (host->policy_path);
  free (host->registries_d_dir);
  free (host->architecture);
  free (host->os);
  free (host->variant);
  sp_policy_free (host->policy);
  sp_registries_d_free (host->registries_d);
  sp_openpgp_free (host->openpgp);
  sp_trust_cache_free (host->trust);
  memset (host, 0, sizeof *host);
}
