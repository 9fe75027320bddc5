/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/host.h"

#include "util/fs.h"

#include <time.h>

int
sp_host_home (struct sp_host *host, const char **ret, sigpolicy_error **err)
{
  if (!host->knows_home)
    {
      host->home = sp_fs_home (err);
      if (!host->home && *err)
        return sigpolicy_error_code (*err);
      host->knows_home = true;
    }
  *ret = host->home;
  return 0;
}

int
sp_host_policy (struct sp_host *host, struct sp_policy **ret, sigpolicy_error **err)
{
  cleanup_free char *path = NULL;
  const char *home = NULL;
  int rc = 0;

  if (!host->policy && host->insecure_policy)
    rc = sp_policy_insecure (&host->policy, err);
  else if (!host->policy)
    {
      rc = sp_host_home (host, &home, err);
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
  const char *home = NULL;

  *ret = NULL;
  if (host->policy_path || !host->policy || !sp_policy_path (host->policy))
    return 0;
  int rc = sp_host_home (host, &home, err);
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
  cleanup_free char *directory = NULL;
  const char *home = NULL;
  int rc = 0;

  if (!host->registries_d)
    {
      rc = sp_host_home (host, &home, err);
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
  const char *home = NULL;

  int rc = sp_host_registries_d (host, &configuration, err);
  if (rc == 0)
    rc = sp_host_home (host, &home, err);
  if (rc < 0)
    return rc;
  return sp_lookaside_find (configuration, reference, SP_LOOKASIDE_READ, sp_lookaside_euid (), home,
                            ret, ret_answer, err);
}

/* The option, or what podman's users set. */
static const char *
name_registries_conf (const struct sp_host *host)
{
  const char *newer = getenv ("CONTAINERS_REGISTRIES_CONF"), *older = NULL;
  if (host->registries_conf_path)
    return host->registries_conf_path;
  if (newer && *newer)
    return newer;
  older = getenv ("REGISTRIES_CONFIG_PATH");
  return older && *older ? older : NULL;
}

static int
load_registries_conf (struct sp_host *host, sigpolicy_error **err)
{
  cleanup_registries_conf_paths struct sp_registries_conf_paths paths = { 0 };
  const char *home = NULL;

  int rc = sp_host_home (host, &home, err);
  if (rc == 0)
    rc = sp_registries_conf_choose (name_registries_conf (host), home, &paths, err);
  if (rc == 0)
    rc = sp_registries_conf_load (&paths, &host->registries_conf, err);
  return rc < 0 ? sp_error_prefix (err, "loading registries configuration") : 0;
}

int
sp_host_registries_conf (struct sp_host *host, const struct sp_registries_conf **ret,
                         sigpolicy_error **err)
{
  int rc = host->registries_conf ? 0 : load_registries_conf (host, err);
  if (rc == 0)
    *ret = host->registries_conf;
  return rc;
}

/* In place of what is there; NULL leaves that. */
static int
replace (char **slot, const char *text, sigpolicy_error **err)
{
  char *copy = text ? sp_strdup (text, err) : NULL;
  if (text && !copy)
    return SIGPOLICY_E_NO_MEMORY;
  if (copy)
    {
      free (*slot);
      *slot = copy;
    }
  return 0;
}

static int
open_registries (struct sp_host *host, sigpolicy_error **err)
{
  struct sp_registry_options options
      = { .cert_dir = host->cert_dir, .tls_verify = host->tls_verify };

  int rc = sp_host_home (host, &options.home, err);
  if (rc == 0)
    rc = sp_auth_options_from_environment (&options.auth, err);
  if (rc == 0)
    rc = replace (&options.auth.authfile, host->authfile, err);
  if (rc == 0)
    rc = replace (&options.auth.creds, host->credentials, err);
  if (rc == 0)
    return sp_registries_new (&options, &host->registries, err);
  sp_auth_options_clear (&options.auth);
  return rc;
}

int
sp_host_registries (struct sp_host *host, struct sp_registries **ret, sigpolicy_error **err)
{
  int rc = host->registries ? 0 : open_registries (host, err);
  if (rc == 0)
    *ret = host->registries;
  return rc;
}

int
sp_host_store (struct sp_host *host, const struct sp_store_name *said, struct sp_store **ret,
               sigpolicy_error **err)
{
  cleanup_store struct sp_store *store = NULL;
  struct sp_store_setup setup = { .euid = sp_lookaside_euid () };

  if (!host->store || !sp_store_is (host->store, said))
    {
      int rc = sp_host_home (host, &setup.home, err);
      if (rc == 0)
        rc = sp_store_open (said, &setup, &store, err);
      if (rc < 0)
        return rc;
      sp_store_free (host->store);
      host->store = steal (&store);
    }
  *ret = host->store;
  return 0;
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
    { from->policy_path, &to->policy_path },
    { from->registries_d_dir, &to->registries_d_dir },
    { from->architecture, &to->architecture },
    { from->os, &to->os },
    { from->variant, &to->variant },
    { from->registries_conf_path, &to->registries_conf_path },
    { from->authfile, &to->authfile },
    { from->credentials, &to->credentials },
    { from->cert_dir, &to->cert_dir },
  };

  int rc = load_shared (from, err);
  for (size_t i = 0; rc == 0 && i < sizeof texts / sizeof *texts; i++)
    if (texts[i].text && !(*texts[i].copy = sp_strdup (texts[i].text, err)))
      rc = SIGPOLICY_E_NO_MEMORY;
  if (rc == 0 && from->store)
    rc = sp_store_share (from->store, &to->store, err);
  if (rc < 0)
    return rc;
  to->insecure_policy = from->insecure_policy;
  to->require_signed = from->require_signed;
  to->offline = from->offline;
  to->has_clock = from->has_clock;
  to->clock = from->clock;
  to->policy = sp_policy_ref (from->policy);
  to->registries_d = sp_registries_d_ref (from->registries_d);
  to->registries_conf = sp_registries_conf_ref (from->registries_conf);
  to->tls_verify = from->tls_verify;
  to->image_ms = from->image_ms;
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
  free (host->home);
  free (host->policy_path);
  free (host->registries_d_dir);
  free (host->architecture);
  free (host->os);
  free (host->variant);
  sp_policy_free (host->policy);
  sp_registries_d_free (host->registries_d);
  sp_openpgp_free (host->openpgp);
  sp_registries_free (host->registries);
  sp_store_free (host->store);
  sp_registries_conf_free (host->registries_conf);
  free (host->registries_conf_path);
  free (host->authfile);
  if (host->credentials)
    explicit_bzero (host->credentials, strlen (host->credentials));
  free (host->credentials);
  free (host->cert_dir);
  sp_trust_cache_free (host->trust);
  memset (host, 0, sizeof *host);
}
