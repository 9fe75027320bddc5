/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/context.h"

#include "util/fs.h"

#include <time.h>

int
sp_context_home (struct sp_context *context, const char **ret, sigpolicy_error **err)
{
  if (!context->knows_home)
    {
      context->home = sp_fs_home (err);
      if (!context->home && *err)
        return sigpolicy_error_code (*err);
      context->knows_home = true;
    }
  *ret = context->home;
  return 0;
}

int
sp_context_reader (struct sp_context *context, const struct sp_reader **ret,
                   const struct sp_reader_setting **ret_setting, sigpolicy_error **err)
{
  const char *root = context->root ? context->root : "", *home = NULL;

  if (!context->knows_reader)
    {
      int rc = sp_reader_settle (root, context->reader_name, &context->reader_setting, err);
      if (rc == 0)
        rc = sp_context_home (context, &home, err);
      if (rc < 0)
        return rc;
      context->reader = (struct sp_reader){ .generation = context->reader_setting.generation,
                                            .root = root,
                                            .home = home,
                                            .uid = sp_lookaside_euid (),
                                            .knows_environment = true };
      context->knows_reader = true;
    }
  *ret = &context->reader;
  if (ret_setting)
    *ret_setting = &context->reader_setting;
  return 0;
}

static int
load_policy (struct sp_context *context, sigpolicy_error **err)
{
  const struct sp_reader *reader = NULL;

  int rc = sp_context_reader (context, &reader, NULL, err);
  if (rc < 0)
    return rc;
  cleanup_free char *path = sp_policy_choose (reader, context->policy_path, err);
  cleanup_free char *full = path ? sp_reader_path (reader, path, err) : NULL;
  return full ? sp_policy_load (full, &context->policy, err) : sigpolicy_error_code (*err);
}

int
sp_context_policy (struct sp_context *context, struct sp_policy **ret, sigpolicy_error **err)
{
  int rc = 0;

  if (context->insecure_policy)
    rc = context->insecure ? 0 : sp_policy_insecure (&context->insecure, err);
  else if (!context->given && !context->policy)
    rc = load_policy (context, err);
  if (rc < 0)
    return rc;
  *ret = context->insecure_policy ? context->insecure
         : context->given         ? context->given
                                  : context->policy;
  return 0;
}

void
sp_context_set_policy (struct sp_context *context, struct sp_policy *policy)
{
  struct sp_policy *old = context->given;
  context->given = sp_policy_ref (policy);
  sp_policy_free (old);
  free (context->key_path);
  context->key_path = NULL;
}

void
sp_context_set_key (struct sp_context *context, struct sp_policy *policy, char *path)
{
  sp_context_set_policy (context, policy);
  context->key_path = path;
}

void
sp_context_drop_policy (struct sp_context *context)
{
  sp_policy_free (context->given);
  sp_policy_free (context->policy);
  context->given = context->policy = NULL;
  free (context->key_path);
  context->key_path = NULL;
}

void
sp_context_drop_reader (struct sp_context *context)
{
  context->knows_reader = false;
  sp_context_drop_policy (context);
  sp_context_drop_registries_d (context);
  sp_context_drop_registries_conf (context);
}

void
sp_context_drop_trusted_root (struct sp_context *context)
{
  sp_trusted_root_free (context->trusted_root);
  context->trusted_root = NULL;
}

void
sp_context_drop_registries_d (struct sp_context *context)
{
  sp_registries_d_free (context->registries_d);
  context->registries_d = NULL;
}

void
sp_context_drop_registries (struct sp_context *context)
{
  sp_registries_free (context->registries);
  context->registries = NULL;
  sp_http_hung_free (context->hung);
  context->hung = NULL;
}

void
sp_context_drop_registries_conf (struct sp_context *context)
{
  sp_context_drop_registries (context);
  sp_registries_conf_free (context->registries_conf);
  context->registries_conf = NULL;
}

void
sp_context_take_platform (struct sp_context *context, char *architecture, char *os, char *variant)
{
  free (context->architecture);
  free (context->os);
  free (context->variant);
  context->architecture = architecture;
  context->os = os;
  context->variant = variant;
}

int
sp_context_registries_d (struct sp_context *context, const struct sp_registries_d **ret,
                         sigpolicy_error **err)
{
  const struct sp_reader *reader = NULL;
  int rc = 0;

  if (!context->registries_d)
    {
      rc = sp_context_reader (context, &reader, NULL, err);
      if (rc == 0)
        rc = sp_registries_d_load (reader, context->registries_d_dir, &context->registries_d, err);
    }
  if (rc < 0)
    return rc;
  *ret = context->registries_d;
  return 0;
}

int
sp_context_trust (struct sp_context *context, struct sp_trust_cache **ret, sigpolicy_error **err)
{
  int rc = context->trust ? 0 : sp_trust_cache_new (&context->trust, err);
  if (rc < 0)
    return rc;
  sp_openpgp_use_gpg_alone (sp_trust_cache_openpgp (context->trust), context->gpg_alone);
  *ret = context->trust;
  return 0;
}

int
sp_context_lookaside (struct sp_context *context, const struct sp_reference *reference,
                      struct sp_lookaside **ret, struct sp_registries_d_answer *ret_answer,
                      sigpolicy_error **err)
{
  const struct sp_registries_d *configuration = NULL;
  const char *home = NULL;

  int rc = sp_context_registries_d (context, &configuration, err);
  if (rc == 0)
    rc = sp_context_home (context, &home, err);
  if (rc < 0)
    return rc;
  return sp_lookaside_find (configuration, reference, SP_LOOKASIDE_READ, sp_lookaside_euid (), home,
                            ret, ret_answer, err);
}

static int
load_registries_conf (struct sp_context *context, sigpolicy_error **err)
{
  cleanup_reader_choice struct sp_reader_choice choice = { 0 };
  const struct sp_reader *reader = NULL;

  int rc = sp_context_reader (context, &reader, NULL, err);
  if (rc == 0)
    rc = sp_reader_choose (reader, SP_CONFIG_REGISTRIES_CONF, context->registries_conf_path,
                           &choice, err);
  if (rc == 0)
    rc = sp_registries_conf_load (reader, &choice, &context->registries_conf, err);
  return rc < 0 ? sp_error_prefix (err, "loading registries configuration") : 0;
}

int
sp_context_registries_conf (struct sp_context *context, const struct sp_registries_conf **ret,
                            sigpolicy_error **err)
{
  int rc = context->registries_conf ? 0 : load_registries_conf (context, err);
  if (rc == 0)
    *ret = context->registries_conf;
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

/* Who may have the credentials, with them. */
static int
need_creds_owner (struct sp_context *context, sigpolicy_error **err)
{
  return context->credentials && !context->creds_owner
             ? sp_creds_owner_new (&context->creds_owner, err)
             : 0;
}

static int
need_hung (struct sp_context *context, sigpolicy_error **err)
{
  return context->hung ? 0 : sp_http_hung_new (&context->hung, err);
}

static int
open_registries (struct sp_context *context, sigpolicy_error **err)
{
  struct sp_registry_options options
      = { .cert_dir = context->cert_dir, .tls_verify = context->tls_verify };
  cleanup_reader_choice struct sp_reader_choice choice = { 0 };
  const struct sp_reader *reader = NULL;

  int rc = need_creds_owner (context, err);
  options.creds_owner = context->creds_owner;
  if (rc == 0)
    rc = need_hung (context, err);
  options.hung = context->hung;
  if (rc == 0)
    rc = sp_context_reader (context, &reader, NULL, err);
  if (rc == 0)
    options.reader = *reader;
  if (rc == 0)
    rc = sp_reader_choose (reader, SP_CONFIG_REGISTRIES_CONF, context->registries_conf_path,
                           &choice, err);
  if (rc == 0)
    options.conf_file = choice.file           ? choice.file
                        : choice.searched.len ? choice.searched.items[choice.searched.len - 1]
                                              : NULL;
  options.cancelled = &context->cancelled;
  if (rc == 0)
    rc = sp_auth_options_from_environment (&options.auth, err);
  if (rc == 0)
    rc = replace (&options.auth.authfile, context->authfile, err);
  if (rc == 0)
    rc = replace (&options.auth.creds, context->credentials, err);
  options.auth.helper = context->helper;
  options.auth.helper_data = context->helper_data;
  if (rc == 0)
    return sp_registries_new (&options, &context->registries, err);
  sp_auth_options_clear (&options.auth);
  return rc;
}

int
sp_context_registries (struct sp_context *context, struct sp_registries **ret,
                       sigpolicy_error **err)
{
  int rc = context->registries ? 0 : open_registries (context, err);
  if (rc == 0)
    *ret = context->registries;
  return rc;
}

int
sp_context_store (struct sp_context *context, const struct sp_store_name *said,
                  struct sp_store **ret, sigpolicy_error **err)
{
  cleanup_store struct sp_store *store = NULL;
  struct sp_store_setup setup = { .euid = sp_lookaside_euid () };

  if (!context->store || !sp_store_is (context->store, said))
    {
      int rc = sp_context_home (context, &setup.home, err);
      if (rc == 0)
        rc = sp_store_open (said, &setup, &store, err);
      if (rc < 0)
        return rc;
      sp_store_free (context->store);
      context->store = steal (&store);
    }
  *ret = context->store;
  return 0;
}

/* Loads what is shared; only memory is worth a failure here. */
static int
load_shared (struct sp_context *context, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *ignored = NULL;
  struct sp_policy *policy = NULL;
  const struct sp_registries_d *registries_d = NULL;

  int rc = sp_context_policy (context, &policy, &ignored);
  if (rc != SIGPOLICY_E_NO_MEMORY)
    {
      sp_error_clear (&ignored);
      rc = sp_context_registries_d (context, &registries_d, &ignored);
    }
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

int
sp_context_share (struct sp_context *from, struct sp_context *to, sigpolicy_error **err)
{
  const struct
  {
    const char *text;
    char **copy;
  } texts[] = {
    { from->policy_path, &to->policy_path },
    { from->key_path, &to->key_path },
    { from->reader_name, &to->reader_name },
    { from->root, &to->root },
    { from->registries_d_dir, &to->registries_d_dir },
    { from->architecture, &to->architecture },
    { from->os, &to->os },
    { from->variant, &to->variant },
    { from->registries_conf_path, &to->registries_conf_path },
    { from->authfile, &to->authfile },
    { from->credentials, &to->credentials },
    { from->cert_dir, &to->cert_dir },
    { from->trusted_root_path, &to->trusted_root_path },
    { from->sandbox, &to->sandbox },
  };

  int rc = load_shared (from, err);
  if (rc == 0)
    rc = need_creds_owner (from, err);
  if (rc == 0)
    rc = need_hung (from, err);
  for (size_t i = 0; rc == 0 && i < sizeof texts / sizeof *texts; i++)
    if (texts[i].text && !(*texts[i].copy = sp_strdup (texts[i].text, err)))
      rc = SIGPOLICY_E_NO_MEMORY;
  if (rc == 0 && from->store)
    rc = sp_store_share (from->store, &to->store, err);
  if (rc < 0)
    return rc;
  to->creds_owner = sp_creds_owner_ref (from->creds_owner);
  to->hung = sp_http_hung_ref (from->hung);
  to->insecure_policy = from->insecure_policy;
  to->require_signed = from->require_signed;
  to->bundles_are_set = from->bundles_are_set;
  to->bundles = from->bundles;
  to->referrers_are_set = from->referrers_are_set;
  to->referrers = from->referrers;
  to->offline = from->offline;
  to->gpg_alone = from->gpg_alone;
  to->helper = from->helper;
  to->helper_data = from->helper_data;
  to->has_clock = from->has_clock;
  to->clock = from->clock;
  to->given = sp_policy_ref (from->given);
  to->policy = sp_policy_ref (from->policy);
  to->registries_d = sp_registries_d_ref (from->registries_d);
  to->registries_conf = sp_registries_conf_ref (from->registries_conf);
  to->tls_verify = from->tls_verify;
  to->image_ms = from->image_ms;
  return 0;
}

int
sp_context_bundles (struct sp_context *context, const struct sp_reference *reference,
                    enum sp_bundle_mode *ret, sigpolicy_error **err)
{
  const struct sp_registries_d *configuration = NULL;
  struct sp_registries_d_answer ignored;

  *ret = context->bundles;
  if (context->bundles_are_set || !reference || sp_reference_is_name_only (reference))
    return 0;
  int rc = sp_context_registries_d (context, &configuration, err);
  return rc < 0 ? rc : sp_registries_d_bundles (configuration, reference, ret, &ignored, err);
}

int
sp_context_referrers (struct sp_context *context, const struct sp_reference *reference, bool *ret,
                      sigpolicy_error **err)
{
  const struct sp_registries_d *configuration = NULL;
  struct sp_registries_d_answer ignored;

  *ret = context->referrers;
  if (context->referrers_are_set || !reference || sp_reference_is_name_only (reference))
    return 0;
  int rc = sp_context_registries_d (context, &configuration, err);
  return rc < 0 ? rc : sp_registries_d_referrers (configuration, reference, ret, &ignored, err);
}

int
sp_context_trusted_root (struct sp_context *context, const struct sp_trusted_root **ret,
                         sigpolicy_error **err)
{
  const char *named = context->trusted_root_path;
  bool exists = named != NULL;
  int rc = 0;

  if (!context->trusted_root && !named)
    rc = sp_fs_exists (SP_TRUSTED_ROOT_PATH, &exists, err);
  if (rc == 0 && !context->trusted_root && exists)
    rc = sp_trusted_root_load (named ? named : SP_TRUSTED_ROOT_PATH, &context->trusted_root, err);
  *ret = context->trusted_root;
  return rc;
}

int
sp_context_check_cancelled (const struct sp_context *context, sigpolicy_error **err)
{
  return context->cancelled
             ? sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                             "cancelled: the image was not verified")
             : 0;
}

sp_time
sp_context_now (const struct sp_context *context)
{
  return context->has_clock ? context->clock : (sp_time)time (NULL);
}

struct sp_platform
sp_context_platform (const struct sp_context *context)
{
  return (struct sp_platform){ context->architecture, context->os, context->variant };
}

void
sp_context_clear (struct sp_context *context)
{
  free (context->home);
  free (context->policy_path);
  free (context->reader_name);
  free (context->root);
  free (context->trusted_root_path);
  free (context->sandbox);
  sp_context_drop_trusted_root (context);
  free (context->registries_d_dir);
  free (context->architecture);
  free (context->os);
  free (context->variant);
  sp_context_drop_policy (context);
  sp_policy_free (context->insecure);
  sp_registries_d_free (context->registries_d);
  sp_registries_free (context->registries);
  sp_store_free (context->store);
  sp_registries_conf_free (context->registries_conf);
  free (context->registries_conf_path);
  free (context->authfile);
  if (context->credentials)
    explicit_bzero (context->credentials, strlen (context->credentials));
  free (context->credentials);
  sp_creds_owner_free (context->creds_owner);
  sp_http_hung_free (context->hung);
  free (context->cert_dir);
  sp_trust_cache_free (context->trust);
  memset (context, 0, sizeof *context);
}
